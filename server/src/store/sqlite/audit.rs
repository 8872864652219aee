//! The audit: what was done to accounts, devices, invites and the data, as a chain in which each row covers the one before.

use super::super::audit::AuditRow;
use super::tx::{put, take};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// What the first row covers.
const START: [u8; 32] = [0; 32];

/// Adds a row, in the transaction of what it tells of.
pub(super) fn note(conn: &Connection, now_ms: u64, what: &str, subject: &str) -> rusqlite::Result<()> {
    let last = conn
        .prepare_cached("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((take(row, 0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    let (id, before) = last.map_or((1, START), |(id, hash)| (id + 1, hash));
    let hash = link(&before, id, now_ms, what, subject);
    conn.prepare_cached("INSERT INTO audit (id, ts, what, subject, hash) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![put(id), put(now_ms), what, subject, hash])?;
    // The end of the chain stands in a second place, so that rows taken off its end are missed.
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES ('audit', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([hash])
    .map(drop)
}

/// Every row, oldest first.
pub(super) fn rows(conn: &Connection) -> rusqlite::Result<Vec<AuditRow>> {
    conn.prepare("SELECT id, ts, what, subject, hash FROM audit ORDER BY id")?
        .query_map([], |row| {
            Ok(AuditRow {
                id: take(row, 0)?,
                ts: take(row, 1)?,
                what: row.get(2)?,
                subject: row.get(3)?,
                hash: row.get(4)?,
            })
        })?
        .collect()
}

/// What is wrong with the chain, a sentence for each break; nothing when it is whole.
pub(super) fn breaks(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    let (mut before, mut next) = (START, 1);
    for row in rows(conn)? {
        if row.id != next {
            found.push(format!("The audit has no row {next}: rows were taken out of it."));
        } else if row.hash != link(&before, row.id, row.ts, &row.what, &row.subject) {
            found.push(format!(
                "Row {} of the audit was changed after it was written.",
                row.id
            ));
        }
        (before, next) = (row.hash, row.id + 1);
    }
    let kept = conn
        .query_row("SELECT value FROM meta WHERE key = 'audit'", [], |row| {
            row.get::<_, [u8; 32]>(0)
        })
        .optional()?;
    if kept.unwrap_or(START) != before {
        found.push(
            "The end of the audit is not the one that was written last: rows were taken off it.".to_owned(),
        );
    }
    Ok(found)
}

fn link(before: &[u8; 32], id: u64, ts: u64, what: &str, subject: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    for number in [id, ts, what.len() as u64] {
        hash.update(number.to_be_bytes());
    }
    hash.update(what.as_bytes());
    hash.update(subject.as_bytes());
    hash.finalize().into()
}
