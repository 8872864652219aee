//! Backups: a folder with everything that is kept, as it was at one moment, and a list of what must be in it.

use super::data_dir::{self, make_dir_private};
use super::files;
use super::manifest::{MANIFEST_FILE, Manifest, hash_file};
use super::sqlite::check::{Checked, check};
use super::sqlite::copy::copy;
use super::sqlite::open::DATABASE_FILE;
use crate::config::CONFIG_FILE;
use crate::identity::{CERT_FILE, KEY_FILE};
use crate::stamp;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder of backups in a data directory.
const FOLDER: &str = "backups";
/// What the name of a daily backup begins with; only these are ever taken away by themselves.
pub const DAILY: &str = "daily-";
/// What the name of a backup ends with until it is whole.
const INCOMPLETE: &str = ".incomplete";
/// Bytes that must stay free beside the copy, so that messages can still be stored while it is made: 64 MiB.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;

/// What to back up, and where to.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The data directory.
    pub data: PathBuf,
    /// The configuration, when it is not in the data directory.
    pub config: Option<PathBuf>,
    /// The backup's own folder, which must not exist yet.
    pub to: PathBuf,
    /// The server's wall clock, milliseconds.
    pub now_ms: u64,
}

/// A backup that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its folder.
    pub dir: PathBuf,
    /// Bytes of all its files.
    pub bytes: u64,
}

/// Why there is no backup; the sentence says what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    /// One is being made.
    #[error("a backup is being made already: wait until it is there")]
    Busy,
    /// The folder is taken.
    #[error("{0} exists already: name a folder that does not exist yet")]
    Exists(String),
    /// It would fill the disk.
    #[error(
        "the disk has too little room for a backup ({free} MiB free, {needed} MiB needed): make room, or name a folder on another disk"
    )]
    Room {
        /// MiB free now.
        free: u64,
        /// MiB needed.
        needed: u64,
    },
    /// The copy is damaged, so the data is.
    #[error(
        "the data is damaged, and its copy was not kept as a backup: {0} `breeze-server verify` says more"
    )]
    Damaged(String),
    /// The system could not.
    #[error("the backup could not be made ({0})")]
    Failed(String),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The folder of backups in a data directory.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// Makes a backup. It appears under its name only when it is whole, checked and on the disk.
///
/// # Errors
/// [`BackupError`]. Nothing is left behind then.
pub fn make(ask: &Ask) -> Result<Made, BackupError> {
    if ask.to.exists() {
        return Err(BackupError::Exists(ask.to.display().to_string()));
    }
    let (Some(parent), Some(name)) = (ask.to.parent(), ask.to.file_name()) else {
        return Err(BackupError::Exists(ask.to.display().to_string()));
    };
    make_dir_private(parent)?;
    room_for(ask, parent)?;
    let partial = parent.join(format!("{}{INCOMPLETE}", name.to_string_lossy()));
    // Left by a program that was killed; it was never a backup.
    take_away(&partial)?;
    make_dir_private(&partial)?;
    let made = fill(ask, &partial).and_then(|bytes| {
        fs::rename(&partial, &ask.to)?;
        File::open(parent)?.sync_all()?;
        Ok(bytes)
    });
    match made {
        Ok(bytes) => Ok(Made {
            dir: ask.to.clone(),
            bytes,
        }),
        Err(error) => {
            // What cannot be taken away is not mistaken for a backup either.
            let _ = take_away(&partial);
            Err(error)
        }
    }
}

fn room_for(ask: &Ask, parent: &Path) -> Result<(), BackupError> {
    let database = data_dir::file_bytes(&ask.data.join(DATABASE_FILE));
    let bytes = |hash| data_dir::file_bytes(&files::blob_path(&ask.data, hash));
    // On the same disk a file is not copied, only named once more.
    let copied: u64 = match data_dir::same_disk(&ask.data, parent)? {
        true => 0,
        false => files::list(&ask.data).into_iter().map(bytes).sum(),
    };
    let needed = database + copied + SPARE_BYTES;
    let free = data_dir::free_bytes(parent)?;
    if free < needed {
        let mib = |bytes: u64| bytes / (1024 * 1024);
        return Err(BackupError::Room {
            free: mib(free),
            needed: mib(needed),
        });
    }
    Ok(())
}

fn fill(ask: &Ask, partial: &Path) -> Result<u64, BackupError> {
    let database = partial.join(DATABASE_FILE);
    copy(&ask.data.join(DATABASE_FILE), &database).map_err(BackupError::Failed)?;
    let checked = check(&database);
    if let Some(finding) = checked.findings.first() {
        return Err(BackupError::Damaged(finding.clone()));
    }
    let config = ask.config.clone().unwrap_or_else(|| ask.data.join(CONFIG_FILE));
    for (from, name) in [
        (ask.data.join(KEY_FILE), KEY_FILE),
        (ask.data.join(CERT_FILE), CERT_FILE),
        (config, CONFIG_FILE),
    ] {
        if from.is_file() {
            fs::copy(from, partial.join(name))?;
        }
    }
    let mut manifest = Manifest::default();
    let mut bytes = share_files(ask, partial, &checked)?;
    for name in KEPT {
        let path = partial.join(name);
        if path.is_file() {
            File::open(&path)?.sync_all()?;
            bytes += data_dir::file_bytes(&path);
            manifest.files.push((name.to_owned(), hash_file(&path)?));
        }
    }
    data_dir::write_private(
        &partial.join(MANIFEST_FILE),
        &manifest.text(ask.now_ms, &notes(&checked)),
    )?;
    File::open(partial)?.sync_all()?;
    Ok(bytes)
}

/// Names every file once more in the backup. One that is lost already is no reason to have no backup of the rest:
/// `verify` tells of it.
fn share_files(ask: &Ask, partial: &Path, checked: &Checked) -> io::Result<u64> {
    let (mut bytes, mut lost) = (0, 0_usize);
    for (hash, size) in &checked.files {
        match files::share(&ask.data, partial, *hash) {
            Ok(()) => bytes += size,
            Err(error) if error.kind() == io::ErrorKind::NotFound => lost += 1,
            Err(error) => return Err(error),
        }
    }
    if lost > 0 {
        tracing::error!(
            lost,
            "files of messages are missing and could not be backed up: `breeze-server verify` names them"
        );
    }
    files::sync_folders(partial)?;
    Ok(bytes)
}

/// Everything a backup may hold beside its manifest and its files.
pub(super) const KEPT: [&str; 4] = [DATABASE_FILE, KEY_FILE, CERT_FILE, CONFIG_FILE];

fn notes(checked: &Checked) -> Vec<String> {
    let (rows, end) = &checked.audit;
    vec![
        format!("schema {}", checked.schema),
        format!(
            "{} accounts, {} messages, {} pictures, {} files",
            checked.accounts,
            checked.messages,
            checked.pictures,
            checked.files.len()
        ),
        format!("audit {rows} {end}"),
    ]
}

/// Takes a folder of ours away: the files a backup may hold, then the folder, if nothing else is in it.
fn take_away(dir: &Path) -> io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    let beside = [MANIFEST_FILE, "MANIFEST.new", "breeze.db-journal"];
    for name in KEPT.into_iter().chain(beside) {
        data_dir::remove_if_there(&dir.join(name))?;
    }
    files::take_away(dir)?;
    fs::remove_dir(dir)
}

/// The whole backups of a data directory, oldest first, as their names sort.
#[must_use]
pub fn list(data: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder(data)) else {
        return Vec::new();
    };
    let whole =
        |path: &PathBuf| !path.to_string_lossy().ends_with(INCOMPLETE) && path.join(MANIFEST_FILE).is_file();
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|it| it.path())
        .filter(whole)
        .collect();
    found.sort();
    found
}

/// The name of a daily backup made then (wall ms). It sorts by time.
#[must_use]
pub fn daily_name(made_ms: u64) -> String {
    format!("{DAILY}{}", stamp::name(made_ms))
}

/// The daily ones among them in the order they were made. What is dated later than now was made by a clock that was ahead,
/// before it was set right: it counts as the oldest, or it would be kept for years in place of what is newer.
fn daily(data: &Path, now_ms: u64) -> Vec<PathBuf> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_daily = |path: &PathBuf| name(path).is_some_and(|name| name.starts_with(DAILY));
    let now = daily_name(now_ms);
    let (mut made, past): (Vec<_>, Vec<_>) = list(data)
        .into_iter()
        .filter(is_daily)
        .partition(|path| name(path).is_some_and(|name| name > now));
    made.extend(past);
    made
}

/// Whether no daily backup is dated within the time between two. Those dated later than now are no reason to make none,
/// nor to make one each time it is asked.
#[must_use]
pub fn is_due(data: &Path, now_ms: u64, every: Duration) -> bool {
    let every_ms = u64::try_from(every.as_millis()).unwrap_or(u64::MAX);
    let recent = daily_name(now_ms.saturating_sub(every_ms))..=daily_name(now_ms);
    let is_recent = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name != *recent.start() && recent.contains(&name))
    };
    !list(data).iter().any(is_recent)
}

/// Keeps the newest `keep` daily backups and takes the older ones away. Others are never touched.
///
/// # Errors
/// What the system says.
pub fn thin(data: &Path, now_ms: u64, keep: usize) -> io::Result<()> {
    let daily = daily(data, now_ms);
    for dir in &daily[..daily.len().saturating_sub(keep.max(1))] {
        // First the name, so that a half removed backup is none.
        let gone = dir.with_extension("incomplete");
        fs::rename(dir, &gone)?;
        take_away(&gone)?;
    }
    Ok(())
}
