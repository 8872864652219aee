//! The device's token in the database, and the note that the system's secret store has it instead.

use rusqlite::{Connection, OptionalExtension, params};

/// The note's name for an account. Its value is the name of the server in the secret store.
fn note(acc: i64) -> String {
    format!("token_kept.{acc}")
}

/// Under which name of the server the secret store has the token; `None`: it does not have it.
pub(super) fn kept_as(db: &Connection, acc: i64) -> rusqlite::Result<Option<String>> {
    let query = "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1";
    db.query_row(query, [note(acc)], |row| row.get(0)).optional()
}

/// The secret store has the token: it leaves the database.
pub(super) fn leave(db: &Connection, acc: i64, server: &str) -> rusqlite::Result<()> {
    db.execute("UPDATE accounts SET token = NULL WHERE id = ?1", [acc])?;
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)";
    db.execute(sql, params![note(acc), server])?;
    Ok(())
}

/// The token is in the database, or nowhere any more: the secret store is not to be asked.
pub(super) fn stays(db: &Connection, acc: i64) -> rusqlite::Result<()> {
    db.execute("DELETE FROM meta WHERE key = ?1", [note(acc)])?;
    Ok(())
}

/// The token is worth nothing any more.
pub(super) fn drop(db: &Connection, acc: i64) -> rusqlite::Result<()> {
    db.execute("UPDATE accounts SET token = NULL WHERE id = ?1", [acc])?;
    stays(db, acc)
}

/// In a copied folder: the secret store has the token of the folder it was copied from.
pub(super) fn forget_all(db: &Connection) -> rusqlite::Result<()> {
    db.execute("DELETE FROM meta WHERE key LIKE 'token_kept.%'", [])?;
    Ok(())
}

/// Nothing of a token that has left stays in the log of changes either.
pub(super) fn wipe(db: &Connection) {
    // A reader of pictures may hold the log for a moment; then the next checkpoint takes care of it.
    if let Err(error) = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::debug!(%error, "the log of changes was not emptied");
    }
}
