//! Where messages are missing: a message whose predecessor is not here. Nothing else is kept of a gap.

use super::load::{int, number};
use breeze_protocol::ConvId;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// The next gap of a conversation from `below` downwards: what comes before the place returned is missing. A conversation
/// of which nothing is here is one gap up to its head, which is `below` then.
pub(super) fn next(db: &Connection, acc: i64, conv: ConvId, below: u64) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT m.seq FROM messages m WHERE m.acc = ?1 AND m.conv = ?2 AND m.seq <= ?3 AND m.prev_seq > 0 \
               AND NOT EXISTS (SELECT 1 FROM messages p WHERE p.acc = ?1 AND p.conv = ?2 AND p.seq = m.prev_seq) \
               ORDER BY m.seq DESC LIMIT 1";
    let place = params![acc, int(conv.0), int(below)];
    let gap = db
        .prepare_cached(sql)?
        .query_row(place, |row| number(row, 0))
        .optional()?;
    if gap.is_some() || below == 0 {
        return Ok(gap);
    }
    let any = "SELECT 1 FROM messages WHERE acc = ?1 AND conv = ?2 LIMIT 1";
    let empty = !db.prepare_cached(any)?.exists(params![acc, int(conv.0)])?;
    Ok(empty.then_some(below + 1))
}

/// Newest messages of a conversation among which a snapshot may have left a gap: many more than it brings.
const SNAPSHOT_ROWS_MAX: i64 = 1000;

/// After a snapshot: forgets messages of conversations that are not among these, and of each that is what lies below the
/// gap the snapshot has left. It may have been deleted meanwhile, and nobody knows before the gap is filled; the server
/// has the rest.
pub(super) fn keep_only(db: &Connection, acc: i64, convs: &[ConvId]) -> rusqlite::Result<()> {
    let named: BTreeSet<u64> = convs.iter().map(|conv| conv.0).collect();
    let held: Vec<u64> = db
        .prepare("SELECT DISTINCT conv FROM messages WHERE acc = ?1")?
        .query_map([acc], |row| number(row, 0))?
        .collect::<rusqlite::Result<_>>()?;
    for conv in held.into_iter().filter(|conv| !named.contains(conv)) {
        let sql = "DELETE FROM messages WHERE acc = ?1 AND conv = ?2";
        db.prepare_cached(sql)?.execute(params![acc, int(conv)])?;
    }
    for conv in convs {
        forget_below_gap(db, acc, *conv)?;
    }
    Ok(())
}

fn forget_below_gap(db: &Connection, acc: i64, conv: ConvId) -> rusqlite::Result<()> {
    let sql = "SELECT m.seq FROM (SELECT seq, prev_seq FROM messages WHERE acc = ?1 AND conv = ?2 \
               ORDER BY seq DESC LIMIT ?3) m WHERE m.prev_seq > 0 AND NOT EXISTS \
               (SELECT 1 FROM messages p WHERE p.acc = ?1 AND p.conv = ?2 AND p.seq = m.prev_seq) \
               ORDER BY m.seq DESC LIMIT 1";
    let place = params![acc, int(conv.0), SNAPSHOT_ROWS_MAX];
    let gap = db
        .prepare_cached(sql)?
        .query_row(place, |row| number(row, 0))
        .optional()?;
    if let Some(gap) = gap {
        let sql = "DELETE FROM messages WHERE acc = ?1 AND conv = ?2 AND seq < ?3";
        db.prepare_cached(sql)?
            .execute(params![acc, int(conv.0), int(gap)])?;
    }
    Ok(())
}
