//! The data folder: one program at a time, closed to other people, and not to be copied with its tokens.

use crate::model::Trouble;
use crate::platform;
use rusqlite::{Connection, OptionalExtension};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The folder, locked for as long as this lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, and takes its lock.
    ///
    /// # Errors
    /// The trouble the window shows in place of itself.
    pub fn take(path: &Path) -> Result<Self, Trouble> {
        let name = || path.display().to_string();
        let unwritable = |_| Trouble::FolderUnwritable(name());
        std::fs::create_dir_all(path).map_err(unwritable)?;
        close_to_others(path, 0o700);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"));
        let lock = lock.map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Trouble::FolderInUse(name())),
            Err(TryLockError::Error(_)) => return Err(Trouble::FolderUnwritable(name())),
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        let database = folder.database();
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&database)
            .map_err(unwritable)?;
        close_to_others(&database, 0o600);
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database in it.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("breeze.db")
    }

    /// This folder on this machine: another text in a copy.
    fn identity(&self) -> String {
        format!("{} {}", platform::machine_id(), inode(&self.path))
    }
}

/// In a folder that was copied the tokens are dropped: one device is one folder, or two would replace each other for ever.
pub(super) fn forget_copied_tokens(connection: &Connection, folder: &Folder) -> rusqlite::Result<()> {
    let identity = folder.identity();
    let query = "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'folder'";
    let kept: Option<String> = connection.query_row(query, [], |row| row.get(0)).optional()?;
    if kept.as_deref() == Some(identity.as_str()) {
        return Ok(());
    }
    if kept.is_some() {
        connection.execute("UPDATE accounts SET token = NULL", [])?;
        super::token::forget_all(connection)?;
    }
    connection.execute(
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('folder', ?1)",
        [identity],
    )?;
    Ok(())
}

#[cfg(unix)]
fn close_to_others(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    // A folder on a file system without permissions works all the same.
    drop(std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(mode),
    ));
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path, _mode: u32) {}

#[cfg(unix)]
fn inode(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).map_or(0, |it| it.ino())
}

#[cfg(not(unix))]
fn inode(_path: &Path) -> u64 {
    0
}
