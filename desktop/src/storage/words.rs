//! The index of messages: what triggers have noted as new or gone is taken over here, a little at a time, by the one thread
//! that writes. The search looks through what is not taken over yet, so nobody waits for it.

use super::attachments::unpack;
use super::load::{int, number};
use breeze_protocol::ConvId;
use breeze_protocol::message::attachment::sought;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::terms::{self, terms};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Bits of an entry's number that tell messages of one millisecond apart.
const SAME_MS_BITS: u32 = 20;
/// Latest time an entry's number can say (2109), milliseconds: what a server claims beyond it is kept, as of then.
const TS_MAX: u64 = (1 << 42) - 1;
/// Under which name the version of the terms is kept.
const VERSION_KEY: &str = "terms";

/// The first number an entry of this time may have.
pub(super) fn first_id(ts: u64) -> u64 {
    ts.min(TS_MAX) << SAME_MS_BITS
}

/// The term that stands for an account: begins with a character that no text's term begins with.
pub(super) fn account_term(acc: i64) -> String {
    format!("\u{e000}{acc}")
}

/// The term that stands for a conversation of an account.
pub(super) fn conv_term(acc: i64, conv: ConvId) -> String {
    format!("\u{e001}{acc}\u{e002}{}", conv.0)
}

fn entry(acc: i64, conv: ConvId, terms: &str) -> String {
    format!("{} {} {terms}", account_term(acc), conv_term(acc, conv))
}

/// An index whose terms were cut by another version is made anew, little by little.
pub(super) fn check_version(db: &Connection) -> rusqlite::Result<()> {
    let known: Option<Vec<u8>> = db
        .query_row("SELECT value FROM meta WHERE key = ?1", [VERSION_KEY], |row| {
            row.get(0)
        })
        .optional()?;
    let version = terms::VERSION.to_be_bytes();
    if known.as_deref() == Some(version.as_slice()) {
        return Ok(());
    }
    let db = db.unchecked_transaction()?;
    let has_any: bool = db.query_row("SELECT EXISTS (SELECT 1 FROM places)", [], |row| row.get(0))?;
    if has_any {
        db.execute_batch(
            "INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM places; DELETE FROM stale; \
             INSERT OR IGNORE INTO unfound (acc, conv, seq) SELECT acc, conv, seq FROM messages;",
        )?;
    }
    db.execute(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
        params![VERSION_KEY, version.as_slice()],
    )?;
    db.commit()
}

/// Takes at most so many messages out of the index and into it. Whether there may be more to do.
pub(super) fn keep_up(db: &Connection, most: usize) -> rusqlite::Result<bool> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let gone = take_out(db, limit)?;
    let new = take_in(db, limit)?;
    Ok(gone == most || new == most)
}

fn take_out(db: &Connection, limit: i64) -> rusqlite::Result<usize> {
    let rows: Vec<(i64, i64, u64, String)> = db
        .prepare_cached("SELECT id, acc, conv, body, attachments FROM stale ORDER BY id LIMIT ?1")?
        .query_map([limit], |row| {
            Ok((row.get(0)?, row.get(1)?, number(row, 2)?, words_at(row, 3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (id, acc, conv, body) in &rows {
        let entry = entry(*acc, ConvId(*conv), &terms(body));
        db.prepare_cached("INSERT INTO words (words, rowid, terms) VALUES ('delete', ?1, ?2)")?
            .execute(params![id, entry])?;
        db.prepare_cached("DELETE FROM stale WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(rows.len())
}

/// What a message is found by: its text at this column of a row, its files at the next.
fn words_at(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    let body: String = row.get(column)?;
    Ok(sought(&body, &unpack(row.get(column + 1)?)).into_owned())
}

/// A message to be taken in: account, conversation, place, time, text.
type Fresh = (i64, u64, u64, u64, String);

fn take_in(db: &Connection, limit: i64) -> rusqlite::Result<usize> {
    let [text, edit, file] = [EntryKind::Text, EntryKind::Edit, EntryKind::File].map(EntryKind::number);
    let mut rows: Vec<Fresh> = db
        .prepare_cached(
            "SELECT u.acc, u.conv, u.seq, coalesce(m.ts, 0), iif(m.kind IN (?2, ?3, ?4), m.body, ''), \
             m.attachments \
             FROM unfound u LEFT JOIN messages m ON m.acc = u.acc AND m.conv = u.conv AND m.seq = u.seq LIMIT ?1",
        )?
        .query_map(params![limit, text, edit, file], |row| {
            Ok((row.get(0)?, number(row, 1)?, number(row, 2)?, number(row, 3)?, words_at(row, 4)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    // The index wants its entries rising within one transaction.
    rows.sort_by_key(|(_, conv, seq, ts, _)| (*ts, *conv, *seq));
    for (acc, conv, seq, ts, body) in &rows {
        let terms = terms(body);
        if !terms.is_empty()
            && let Some(id) = free_id(db, *ts)?
        {
            db.prepare_cached("INSERT INTO places (id, acc, conv, seq) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id, acc, int(*conv), int(*seq)])?;
            db.prepare_cached("INSERT INTO words (rowid, terms) VALUES (?1, ?2)")?
                .execute(params![id, entry(*acc, ConvId(*conv), &terms)])?;
        }
        db.prepare_cached("DELETE FROM unfound WHERE acc = ?1 AND conv = ?2 AND seq = ?3")?
            .execute(params![acc, int(*conv), int(*seq)])?;
    }
    Ok(rows.len())
}

/// A number for an entry of this time; `None` when a million messages claim the same millisecond. A number that is still to
/// be taken out is not given anew before.
fn free_id(db: &Connection, ts: u64) -> rusqlite::Result<Option<i64>> {
    let first = first_id(ts);
    let end = first + (1 << SAME_MS_BITS);
    let highest = |table: &str| -> rusqlite::Result<Option<u64>> {
        let sql = format!("SELECT max(id) FROM {table} WHERE id >= ?1 AND id < ?2");
        let highest: Option<i64> = db
            .prepare_cached(&sql)?
            .query_row([int(first), int(end)], |row| row.get(0))?;
        Ok(highest.and_then(|id| u64::try_from(id).ok()))
    };
    let taken = highest("places")?.max(highest("stale")?);
    let next = taken.map_or(first, |id| id + 1);
    Ok((next < end).then_some(int(next)))
}
