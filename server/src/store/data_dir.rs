//! The data directory: made private, held by one server at a time, and the small private files in it.

use super::restore;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Held while a server or a subcommand uses the directory.
const LOCK_FILE: &str = "breeze.lock";
/// Largest small file read, bytes: a key, a certificate or a configuration is far below.
const SMALL_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes that are written anew at once: the log, of some 64 MiB, is never in memory as a whole.
const ANEW_BYTES: usize = 64 * 1024;

/// Why the directory cannot be used; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DirError {
    /// Somebody holds the lock.
    #[error("another breeze-server uses {0}: stop that one, or give this one another directory with --data")]
    InUse(PathBuf),
    /// It cannot be made or written.
    #[error(
        "{path} cannot be used as data directory ({source}): make it writable for this user, or choose another with --data"
    )]
    Unusable {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A data directory this process holds. Let go when dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if need be (mode 0700) and takes its lock.
    ///
    /// # Errors
    /// [`DirError`].
    pub fn open(path: &Path) -> Result<Self, DirError> {
        let unusable = |source| DirError::Unusable {
            path: path.to_owned(),
            source,
        };
        make_dir_private(path).map_err(unusable)?;
        tighten(path).map_err(unusable)?;
        let path = fs::canonicalize(path).map_err(unusable)?;
        let options = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .clone();
        let unusable = |source| DirError::Unusable {
            path: path.clone(),
            source,
        };
        let lock = options.open(path.join(LOCK_FILE)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {
                restore::finish(&path).map_err(unusable)?;
                Ok(Self { path, _lock: lock })
            }
            Err(fs::TryLockError::WouldBlock) => Err(DirError::InUse(path)),
            Err(fs::TryLockError::Error(source)) => Err(DirError::Unusable { path, source }),
        }
    }

    /// Where it is, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Takes the rights of group and others from a directory that is ours; another's is left alone.
fn tighten(path: &Path) -> io::Result<()> {
    let meta = fs::metadata(path)?;
    let mode = meta.permissions().mode();
    if mode & 0o077 != 0 && meta.uid() == rustix::process::geteuid().as_raw() {
        fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o077))?;
    }
    Ok(())
}

/// From here on, files this process makes are its user's alone.
pub fn make_files_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Reads a small text file; `None` when there is none.
///
/// # Errors
/// What the system says, or a file too large to be one of ours.
pub fn read_small(path: &Path) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(SMALL_FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > SMALL_FILE_BYTES_MAX {
        return Err(io::Error::other("larger than 1 MiB"));
    }
    Ok(Some(text))
}

/// Writes a small private file (mode 0600) whole or not at all: beside it, synced, then renamed over it.
///
/// # Errors
/// What the system says.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    remove_if_there(&beside)?;
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent()
        .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Writes a file's bytes over themselves and syncs them, so that the system must bring each of them to the disk. Without a
/// file there is nothing to do.
///
/// # Errors
/// What the system says.
pub fn write_anew(path: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut buffer = vec![0; ANEW_BYTES];
    let mut at = 0;
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return file.sync_all(),
            read => {
                file.write_all_at(&buffer[..read], at)?;
                at += read as u64;
            }
        }
    }
}

/// Removes a file, or finds that there is none.
///
/// # Errors
/// What the system says.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a file usable by its owner only.
///
/// # Errors
/// What the system says.
pub fn make_private(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Makes a directory and those above it, if need be, for its owner only.
///
/// # Errors
/// What the system says.
pub fn make_dir_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Bytes free on the disk of a directory, for this user.
///
/// # Errors
/// What the system says.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether two directories are on one disk, so that a file of the one can be named in the other without a copy.
///
/// # Errors
/// What the system says.
pub fn same_disk(one: &Path, other: &Path) -> io::Result<bool> {
    Ok(fs::metadata(one)?.dev() == fs::metadata(other)?.dev())
}

/// Who may use a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// It belongs to this user, or this user may do everything.
    pub own: bool,
    /// Group or others have rights to it.
    pub open: bool,
}

/// Looks who may use a file or directory.
///
/// # Errors
/// What the system says.
pub fn rights(path: &Path) -> io::Result<Rights> {
    let meta = fs::metadata(path)?;
    let user = rustix::process::geteuid();
    Ok(Rights {
        own: meta.uid() == user.as_raw() || user.is_root(),
        open: meta.permissions().mode() & 0o077 != 0,
    })
}

/// When a file was last written, milliseconds since 1970 UTC; `None` when there is none.
#[must_use]
pub fn modified_ms(path: &Path) -> Option<u64> {
    let modified = fs::metadata(path).and_then(|meta| meta.modified()).ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

/// Bytes of a file; 0 when there is none.
#[must_use]
pub fn file_bytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_and_nobody_else_may_look() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let held = DataDir::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let refused = DataDir::open(&path).unwrap_err().to_string();
        assert!(refused.starts_with("another breeze-server uses "), "{refused}");
        assert!(refused.contains("a/b"), "{refused}");
        drop(held);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_file_in_the_way_is_named_in_the_sentence() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        fs::write(&path, "x").unwrap();
        let refused = DataDir::open(&path).unwrap_err().to_string();
        assert!(
            refused.contains("file cannot be used as data directory"),
            "{refused}"
        );
    }

    #[test]
    fn what_is_written_anew_stays_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("log");
        write_anew(&path).unwrap();
        assert!(!path.exists());
        let bytes: Vec<u8> = (0..2 * ANEW_BYTES + 7).map(|n| (n % 251) as u8).collect();
        fs::write(&path, &bytes).unwrap();
        write_anew(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn small_files_are_private_and_replaced_whole() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("key.pem");
        assert_eq!(read_small(&path).unwrap(), None);
        write_private(&path, "one").unwrap();
        write_private(&path, "two").unwrap();
        assert_eq!(read_small(&path).unwrap().as_deref(), Some("two"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
