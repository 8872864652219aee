//! A copy of the database as it is at one moment, made while others read and write.

use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Opens a database to look at it.
pub(super) fn look(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(Duration::from_secs(5))?;
    Ok(conn)
}

/// Copies the database into a new file, without its free pages. The writer goes on meanwhile.
///
/// # Errors
/// What SQLite says.
pub(in crate::store) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let conn = look(from).map_err(|error| error.to_string())?;
    conn.execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map(drop)
        .map_err(|error| error.to_string())
}
