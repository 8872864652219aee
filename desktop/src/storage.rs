//! What this computer keeps: a SQLite file in the data folder, written by one thread, so that the window never waits.

mod attachments;
pub mod change;
mod displaced;
mod entries;
pub mod folder;
mod gaps;
mod groups;
pub mod load;
mod pins;
mod prefs;
mod rescue;
pub mod search;
pub mod settings;
pub mod shelf;
#[cfg(test)]
mod tests;
mod token;
mod words;
pub mod writer;

use crate::model::Trouble;
use crate::model::event::Loaded;
use crate::words::tr;
use breeze_protocol::BlobHash;
use folder::Folder;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// How long one connection waits for another's lock: only a reader of pictures can hold one, and only for a moment.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Opens the data in a folder and reads what the first frame shows.
///
/// # Errors
/// The trouble the window shows in place of itself.
pub fn open(folder: &Folder) -> Result<(Connection, Loaded), Trouble> {
    if !rescue::is_noted(folder) {
        match open_as_it_is(folder) {
            Err(Fault::Damaged) => {}
            Err(Fault::Trouble(trouble)) => return Err(trouble),
            Ok(opened) => return Ok(opened),
        }
    }
    tracing::error!("the data on this computer is damaged: it is put aside and made anew");
    let aside = rescue::put_aside(folder);
    let aside = aside.map_err(|_| Trouble::FolderUnwritable(folder.path().display().to_string()))?;
    let broken = |_| Trouble::Other(tr("store-broken"));
    let (connection, _) = open_as_it_is(folder).map_err(broken)?;
    let other = |error: rusqlite::Error| trouble(folder, &error);
    let rescued = rescue::carry_over(&aside, &connection).map_err(other)?;
    drop(connection);
    let (connection, loaded) = open_as_it_is(folder).map_err(broken)?;
    let rescued = Some(rescued);
    Ok((connection, Loaded { rescued, ..loaded }))
}

/// Why the data cannot be used as it is.
enum Fault {
    Damaged,
    Trouble(Trouble),
}

fn open_as_it_is(folder: &Folder) -> Result<(Connection, Loaded), Fault> {
    let path = folder.database();
    let other = |error: rusqlite::Error| {
        if rescue::is_damage(&error) {
            Fault::Damaged
        } else {
            Fault::Trouble(trouble(folder, &error))
        }
    };
    let mut connection = Connection::open(&path).map_err(other)?;
    connection.busy_timeout(BUSY_WAIT).map_err(other)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; \
             PRAGMA secure_delete = ON; PRAGMA recursive_triggers = ON;",
        )
        .map_err(other)?;
    migrate(&mut connection, folder, other)?;
    folder::forget_copied_tokens(&connection, folder).map_err(other)?;
    words::check_version(&connection).map_err(other)?;
    let loaded = load::load(&connection).map_err(other)?;
    Ok((connection, loaded))
}

fn migrate(
    connection: &mut Connection,
    folder: &Folder,
    other: impl Fn(rusqlite::Error) -> Fault,
) -> Result<(), Fault> {
    let known = "SELECT 1 FROM sqlite_master WHERE name = 'refinery_schema_history'";
    let begun = connection
        .query_row(known, [], |_| Ok(()))
        .optional()
        .map_err(&other)?
        .is_some();
    let newest = "SELECT max(version) FROM refinery_schema_history";
    let at: i64 = if begun {
        let version: Option<i64> = connection
            .query_row(newest, [], |row| row.get(0))
            .map_err(other)?;
        version.unwrap_or(0)
    } else {
        0
    };
    let newest = newest_schema();
    if at > newest {
        return Err(Fault::Trouble(Trouble::NewerData));
    }
    if at < newest {
        let run = migrations::migrations::runner().run(connection);
        let place = || folder.path().display().to_string();
        run.map_err(|_| Fault::Trouble(Trouble::FolderUnwritable(place())))?;
    }
    Ok(())
}

/// Newest schema this program knows.
fn newest_schema() -> i64 {
    let runner = migrations::migrations::runner();
    let versions = runner
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()));
    versions.max().unwrap_or(0)
}

fn trouble(folder: &Folder, error: &rusqlite::Error) -> Trouble {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(CannotOpen | PermissionDenied | ReadOnly | SystemIoFailure) => {
            Trouble::FolderUnwritable(folder.path().display().to_string())
        }
        Some(DiskFull) => Trouble::Other(tr("store-disk-full")),
        _ => Trouble::Other(tr("store-broken")),
    }
}

/// Reads pictures by their hash, on whatever thread asks.
pub struct Pictures {
    path: PathBuf,
    connection: std::sync::Mutex<Option<Connection>>,
}

impl Pictures {
    /// A reader of the pictures kept in the database at `path`. Opened when first used.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            connection: std::sync::Mutex::new(None),
        }
    }

    /// The bytes of a picture, if it is here.
    #[must_use]
    pub fn read(&self, hash: BlobHash) -> Option<Vec<u8>> {
        let mut slot = self.connection.lock().ok()?;
        if slot.is_none() {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&self.path, flags).ok()?;
            connection.busy_timeout(BUSY_WAIT).ok()?;
            *slot = Some(connection);
        }
        let query = "SELECT bytes FROM blobs WHERE hash = ?1";
        slot.as_ref()?
            .query_row(query, [hash.0.as_slice()], |row| row.get(0))
            .ok()
    }
}
