//! After the server's data was replaced by older data: one's own messages that it lost go back to the outbox.

use super::load::{int, number};
use crate::model::command::OutRow;
use breeze_protocol::{ConvId, Mid};
use rusqlite::{Connection, params};

/// Puts one's own messages aside before a snapshot takes everything. What was put aside before stays: a snapshot cut short
/// brings another, and by then the messages held are the server's.
pub(super) fn put_aside(db: &Connection, acc: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO displaced (acc, conv, seq, mid, body, ts) \
               SELECT m.acc, m.conv, m.seq, m.mid, m.body, m.ts FROM messages m JOIN accounts a ON a.id = m.acc \
               WHERE m.acc = ?1 AND m.sender = a.account AND NOT m.unsupported";
    db.execute(sql, [acc]).map(drop)
}

/// Moves what lies above `base` to the outbox, before everything that waits there, and forgets the rest. Returns the
/// moved messages, oldest first.
pub(super) fn bring_back(
    db: &Connection,
    acc: i64,
    conv: ConvId,
    base: u64,
) -> rusqlite::Result<Vec<OutRow>> {
    let place = params![acc, int(conv.0), int(base)];
    let sql = "SELECT mid, body, ts FROM displaced WHERE acc = ?1 AND conv = ?2 AND seq > ?3 ORDER BY seq";
    let rows: Vec<OutRow> = db
        .prepare_cached(sql)?
        .query_map(place, |row| {
            Ok(OutRow {
                mid: Mid(row.get(0)?),
                conv,
                body: row.get(1)?,
                ts: number(row, 2)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let first: i64 = db.query_row("SELECT coalesce(min(pos), 1) FROM outbox", [], |row| row.get(0))?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let sql = "INSERT OR IGNORE INTO outbox (pos, acc, mid, conv, body, ts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = db.prepare_cached(sql)?;
    for (pos, row) in (first - count..).zip(&rows) {
        let values = params![pos, acc, row.mid.0.as_slice(), int(conv.0), row.body, int(row.ts)];
        insert.execute(values)?;
    }
    db.execute(
        "DELETE FROM displaced WHERE acc = ?1 AND conv = ?2",
        params![acc, int(conv.0)],
    )?;
    Ok(rows)
}
