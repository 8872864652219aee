//! After the server's data was replaced by older data: one's own messages that it lost go back to the outbox.

use super::attachments::{pack, unpack};
use super::load::{int, maybe_number, number};
use crate::model::command::OutRow;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{ConvId, Mid};
use rusqlite::{Connection, params};

/// Puts one's own entries aside before a snapshot takes everything. What was put aside before stays: a snapshot cut short
/// brings another, and by then the messages held are the server's. What is erased has nothing to bring back.
pub(super) fn put_aside(db: &Connection, acc: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO displaced (acc, conv, seq, mid, body, ts, kind, target, attachments) \
               SELECT m.acc, m.conv, m.seq, m.mid, m.body, m.ts, m.kind, m.target, m.attachments \
               FROM messages m JOIN accounts a ON a.id = m.acc \
               WHERE m.acc = ?1 AND m.sender = a.account AND m.kind >= 0 AND m.kind <> ?5 \
               AND NOT (m.body = '' AND m.kind IN (?2, ?3)) AND NOT (m.attachments IS NULL AND m.kind = ?4)";
    let [text, edit, file] = [EntryKind::Text, EntryKind::Edit, EntryKind::File].map(EntryKind::number);
    // Changes of a group were made by the server; they cannot be sent.
    let member = EntryKind::Member.number();
    db.execute(sql, params![acc, text, edit, file, member]).map(drop)
}

/// Moves what lies above `base` to the outbox, before everything that waits there, and forgets the rest. Returns the
/// moved entries, oldest first.
pub(super) fn bring_back(
    db: &Connection,
    acc: i64,
    conv: ConvId,
    base: u64,
) -> rusqlite::Result<Vec<OutRow>> {
    let place = params![acc, int(conv.0), int(base)];
    let sql = "SELECT mid, body, ts, kind, target, seq, attachments FROM displaced \
               WHERE acc = ?1 AND conv = ?2 AND seq > ?3 ORDER BY seq";
    let lost: Vec<(u64, OutRow)> = db
        .prepare_cached(sql)?
        .query_map(place, |row| {
            let out = OutRow {
                mid: Mid(row.get(0)?),
                conv,
                kind: EntryKind::from_number(row.get(3)?),
                target: maybe_number(row, 4)?,
                body: row.get(1)?,
                attachments: unpack(row.get(6)?),
                ts: number(row, 2)?,
            };
            Ok((number(row, 5)?, out))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let rows = with_new_places(lost, base);
    let first: i64 = db.query_row("SELECT coalesce(min(pos), 1) FROM outbox", [], |row| row.get(0))?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let sql = "INSERT OR IGNORE INTO outbox (pos, acc, mid, conv, body, ts, kind, target, attachments) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut insert = db.prepare_cached(sql)?;
    for (pos, row) in (first - count..).zip(&rows) {
        let (kind, target) = (row.kind.number(), row.target.map(int));
        let mid = row.mid.0.as_slice();
        let files = pack(&row.attachments);
        insert.execute(params![
            pos,
            acc,
            mid,
            int(conv.0),
            row.body,
            int(row.ts),
            kind,
            target,
            files
        ])?;
    }
    db.execute(
        "DELETE FROM displaced WHERE acc = ?1 AND conv = ?2",
        params![acc, int(conv.0)],
    )?;
    Ok(rows)
}

/// What is lost gets new places, so whatever names one of the old would name a stranger: an edit goes into its message,
/// an answer goes alone, and the rest has nothing to stand at.
fn with_new_places(lost: Vec<(u64, OutRow)>, base: u64) -> Vec<OutRow> {
    let mut rows: Vec<(u64, OutRow)> = Vec::with_capacity(lost.len());
    for (seq, mut row) in lost {
        match row.target.filter(|target| *target > base) {
            None => rows.push((seq, row)),
            Some(_) if row.kind.counts() => {
                row.target = None;
                rows.push((seq, row));
            }
            Some(target) if row.kind == EntryKind::Edit => {
                if let Some((_, message)) = rows.iter_mut().find(|(seq, _)| *seq == target) {
                    message.body = row.body;
                }
            }
            Some(_) => {}
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}
