//! Restoring: a backup takes the place of the data, which is kept aside and never deleted.
//!
//! Everything is made ready in a folder of its own, then told to be so by one file, then moved into place. A program
//! that is killed in between either left the data as it was, or the next start ends what it began.

use super::backup::KEPT;
use super::data_dir::{DataDir, make_dir_private, read_small, remove_if_there, write_private};
use super::files;
use super::sqlite::open::{DATABASE_FILE, OpenError};
use super::sqlite::renew::{renew, settle};
use super::verify;
use crate::stamp;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Where a restore is made ready.
const STAGE: &str = "restoring";
/// Says that the stage is complete, and where the old data goes.
const READY_FILE: &str = "ready";
/// The folder in which replaced data is kept.
const ASIDE: &str = "replaced";
/// Entries of each conversation that may have been written between the moment the data was set back and the moment it was
/// noticed: nobody knows where the lost ones began, so devices bring this many more.
const ACCEPTED_BELOW: u64 = 1000;
/// What belongs to the old database and to nothing else.
const LOGS: [&str; 2] = ["breeze.db-wal", "breeze.db-shm"];

/// Why nothing was restored; the sentence says what to do. The data is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is not whole.
    #[error("nothing was changed, because this backup is not whole: {0}")]
    NotWhole(String),
    /// The database of the backup cannot be used.
    #[error("nothing was changed: {0}")]
    Database(#[from] OpenError),
    /// There is no data.
    #[error("{0} holds no data: check --data")]
    NoData(PathBuf),
    /// The system could not.
    #[error("the backup could not be put into place ({0}): make room or mend the rights, then try again")]
    System(#[from] io::Error),
}

/// Puts a backup in the place of the data. Returns where the old data is now; `None` when there was none.
///
/// # Errors
/// [`RestoreError`].
pub fn restore(dir: &DataDir, from: &Path, now_ms: u64) -> Result<Option<PathBuf>, RestoreError> {
    let report = verify::backup(from);
    if let Some(finding) = report.findings.first() {
        return Err(RestoreError::NotWhole(finding.clone()));
    }
    let stage = dir.path().join(STAGE);
    clear(&stage)?;
    make_dir_private(&stage)?;
    for name in KEPT {
        let file = from.join(name);
        if file.is_file() {
            fs::copy(&file, stage.join(name))?;
        }
    }
    let subject = from.file_name().unwrap_or_default().to_string_lossy();
    let database = stage.join(DATABASE_FILE);
    renew(&database, now_ms, 0, ("backup restored", &subject))?;
    settle(&database)?;
    for name in KEPT {
        if stage.join(name).is_file() {
            File::open(stage.join(name))?.sync_all()?;
        }
    }
    let had_data = dir.path().join(DATABASE_FILE).is_file();
    let aside = unused(&dir.path().join(ASIDE), &stamp::name(now_ms));
    bring_files(dir.path(), from, &aside)?;
    write_private(&stage.join(READY_FILE), &aside.to_string_lossy())?;
    finish(dir.path())?;
    Ok(had_data.then_some(aside))
}

/// Files have their hash for a name, so those of the backup go in beside those there are, before anything else changes:
/// killed here, nothing names them. The old data keeps its own, since what nothing names any more is taken away one day.
fn bring_files(data: &Path, from: &Path, aside: &Path) -> io::Result<()> {
    for hash in files::list(data) {
        files::share(data, aside, hash)?;
    }
    files::sync_folders(aside)?;
    for hash in files::list(from) {
        files::share(from, data, hash)?;
    }
    files::sync_folders(data)
}

/// Goes on from data that was set back without a restore: what devices know more is brought back by them.
///
/// # Errors
/// [`RestoreError`].
pub fn accept(dir: &DataDir, now_ms: u64) -> Result<(), RestoreError> {
    let database = dir.path().join(DATABASE_FILE);
    if !database.is_file() {
        return Err(RestoreError::NoData(dir.path().to_owned()));
    }
    Ok(renew(
        &database,
        now_ms,
        ACCEPTED_BELOW,
        ("older data accepted", ""),
    )?)
}

/// Ends a restore that was made ready. Each step may have been done before.
///
/// # Errors
/// What the system says; the next start tries again.
pub(super) fn finish(data: &Path) -> io::Result<()> {
    let stage = data.join(STAGE);
    let Some(aside) = read_small(&stage.join(READY_FILE))? else {
        return Ok(());
    };
    let aside = PathBuf::from(aside);
    make_dir_private(&aside)?;
    for name in LOGS {
        set_aside(data, &aside, name)?;
    }
    for name in KEPT {
        if stage.join(name).is_file() {
            set_aside(data, &aside, name)?;
            fs::rename(stage.join(name), data.join(name))?;
        }
    }
    for dir in [&aside, data] {
        File::open(dir)?.sync_all()?;
    }
    clear(&stage)
}

/// Moves a file of the old data aside; once only, so that a repeated step does not move what has taken its place.
fn set_aside(data: &Path, aside: &Path, name: &str) -> io::Result<()> {
    if data.join(name).exists() && !aside.join(name).exists() {
        fs::rename(data.join(name), aside.join(name))?;
    }
    Ok(())
}

/// Takes the stage away. It holds copies only.
fn clear(stage: &Path) -> io::Result<()> {
    if !stage.is_dir() {
        return Ok(());
    }
    // First the word that it is ready, so that a half cleared stage is not taken for one.
    remove_if_there(&stage.join(READY_FILE))?;
    let others = ["ready.new", "breeze.db-journal"];
    for name in KEPT.into_iter().chain(LOGS).chain(others) {
        remove_if_there(&stage.join(name))?;
    }
    fs::remove_dir(stage)
}

fn unused(parent: &Path, name: &str) -> PathBuf {
    let mut path = parent.join(name);
    let mut more = 2;
    while path.exists() {
        path = parent.join(format!("{name}-{more}"));
        more += 1;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Data with a log, and a stage that is ready.
    fn staged(root: &Path) -> PathBuf {
        let data = root.join("data");
        fs::create_dir_all(data.join(STAGE)).unwrap();
        for name in ["breeze.db", "breeze.db-wal", "key.pem", "cert.pem"] {
            fs::write(data.join(name), format!("old {name}")).unwrap();
        }
        for name in ["breeze.db", "key.pem", "breeze-server.toml"] {
            fs::write(data.join(STAGE).join(name), format!("new {name}")).unwrap();
        }
        let aside = data.join(ASIDE).join("then");
        write_private(&data.join(STAGE).join(READY_FILE), &aside.to_string_lossy()).unwrap();
        data
    }

    #[test]
    fn a_restore_killed_between_any_two_moves_is_ended_by_the_next_start() {
        let moves = |data: &Path| {
            let (stage, aside) = (data.join(STAGE), data.join(ASIDE).join("then"));
            let mut moves = vec![(data.join("breeze.db-wal"), aside.join("breeze.db-wal"))];
            for name in ["breeze.db", "key.pem"] {
                moves.push((data.join(name), aside.join(name)));
                moves.push((stage.join(name), data.join(name)));
            }
            moves.push((stage.join("breeze-server.toml"), data.join("breeze-server.toml")));
            moves
        };
        for done in 0..=6 {
            let root = tempfile::tempdir().unwrap();
            let data = staged(root.path());
            fs::create_dir_all(data.join(ASIDE).join("then")).unwrap();
            for (from, to) in &moves(&data)[..done] {
                fs::rename(from, to).unwrap();
            }
            drop(DataDir::open(&data).unwrap());
            let text = |path: &str| fs::read_to_string(data.join(path)).unwrap_or_default();
            for (path, wanted) in [
                ("breeze.db", "new breeze.db"),
                ("key.pem", "new key.pem"),
                ("breeze-server.toml", "new breeze-server.toml"),
                ("cert.pem", "old cert.pem"),
                ("replaced/then/breeze.db", "old breeze.db"),
                ("replaced/then/breeze.db-wal", "old breeze.db-wal"),
                ("replaced/then/key.pem", "old key.pem"),
            ] {
                assert_eq!(text(path), wanted, "{path} after {done} moves");
            }
            assert!(
                !data.join("breeze.db-wal").exists() && !data.join(STAGE).exists(),
                "{done}"
            );
        }
    }

    #[test]
    fn a_stage_that_was_not_ready_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let data = staged(root.path());
        fs::remove_file(data.join(STAGE).join(READY_FILE)).unwrap();
        drop(DataDir::open(&data).unwrap());
        assert_eq!(
            fs::read_to_string(data.join("breeze.db")).unwrap(),
            "old breeze.db"
        );
    }
}
