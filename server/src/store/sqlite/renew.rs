//! A new life of the data, after a restore or a disk that was set back: devices that know more than it bring it back.

use super::audit;
use super::open::{OpenError, connect, explained, migrate};
use super::tx::put;
use crate::secret;
use rusqlite::params;
use std::path::Path;

/// Numbers left out after the highest known one. Accounts, devices, conversations and invites made after the backup are
/// gone, and their numbers must not be given to others: somebody's message would go to the wrong person.
const NUMBERS_LEFT_OUT: u64 = 1_000_000;

/// Gives the data a new epoch, and each conversation the place above which devices bring their entries back: its head, or
/// `below_head` entries below it. What the server has already is not doubled, so a lower place is always right.
///
/// # Errors
/// [`OpenError`].
pub(in crate::store) fn renew(
    path: &Path,
    now_ms: u64,
    below_head: u64,
    (what, subject): (&str, &str),
) -> Result<(), OpenError> {
    let name = path.display().to_string();
    let mut conn = connect(Some(path)).map_err(|error| explained(&name, &error))?;
    migrate(&mut conn, &name)?;
    let mut renew = || {
        let tx = conn.transaction()?;
        tx.execute(
            "UPDATE meta SET value = ?1 WHERE key = 'epoch'",
            [secret::random_id()],
        )?;
        tx.execute(
            "UPDATE conversations SET base_seq = max(0, iif(restored, min(base_seq, head - ?1), head - ?1)), restored = 1",
            [put(below_head)],
        )?;
        tx.execute("UPDATE devices SET ahead = 0 WHERE ahead", [])?;
        // A code that was used since is as good as new in older data.
        tx.execute("DELETE FROM recovery", [])?;
        // Their bytes are of another life of the data: whoever brought them begins again.
        tx.execute("DELETE FROM uploads", [])?;
        for table in ["users", "devices", "conversations", "invites"] {
            let sql = "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0
                       WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)";
            tx.execute(sql, [table])?;
            tx.execute(
                "UPDATE sqlite_sequence SET seq = seq + ?2 WHERE name = ?1",
                params![table, put(NUMBERS_LEFT_OUT)],
            )?;
        }
        tx.execute(
            "UPDATE meta SET value = value + ?1 WHERE key = 'ghost'",
            params![put(NUMBERS_LEFT_OUT)],
        )?;
        audit::note(&tx, now_ms, what, subject)?;
        tx.commit()
    };
    renew().map_err(|error: rusqlite::Error| explained(&name, &error))
}

/// Makes one file of a database that nobody else has open, so that it can be moved.
///
/// # Errors
/// [`OpenError`].
pub(in crate::store) fn settle(path: &Path) -> Result<(), OpenError> {
    let settle = || connect(Some(path))?.pragma_update(None, "journal_mode", "DELETE");
    settle().map_err(|error: rusqlite::Error| explained(&path.display().to_string(), &error))
}
