//! Entries that name another one: who may answer, edit, delete or mark what, and what a deletion erases.

use super::sums;
use super::tx::{Done, Fail, put, take, take_account};
use breeze_protocol::message::chat::{EntryKind, Send as SendMessage};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// Edits of one message that are kept: more than anybody makes, and few enough that a deletion, which erases them all,
/// never holds the writer up. Past it the author is told `quota`, and writes a new message.
const EDITS_MAX: u64 = 200;

/// What stands in for an erased body, so that its mid still tells a repeat from another content.
pub(super) fn body_hash(body: &str) -> [u8; 32] {
    Sha256::digest(body.as_bytes()).into()
}

/// Whether this sender, who may write in the conversation, may name what the message names: what lies before the joining
/// does not exist for a member. An answer may name what is deleted or over by now, so that nobody's words are refused for what
/// another, or time, did meanwhile; nothing else may.
pub(super) fn may_name(conn: &Connection, sender: AccountId, send: &SendMessage) -> Done {
    let Some(target) = send.target else { return Ok(()) };
    let place = params![put(send.conv.0), put(target), put(sender.0)];
    let found = conn
        .prepare_cached(
            "SELECT kind, sender, body IS NULL FROM messages WHERE conv = ?1 AND seq = ?2
             AND seq >= (SELECT joined_seq FROM members WHERE conv = ?1 AND account = ?3)",
        )?
        .query_row(place, |row| {
            Ok((
                EntryKind::from_number(row.get(0)?),
                take_account(row, 1)?,
                row.get::<_, bool>(2)?,
            ))
        })
        .optional()?;
    let Some((kind, author, erased)) = found.filter(|(kind, ..)| kind.counts()) else {
        return Err(Fail::Nack(NackCode::BadReference));
    };
    if send.kind.counts() {
        return Ok(());
    }
    if erased {
        return Err(Fail::Nack(NackCode::BadReference));
    }
    let allowed = match send.kind {
        EntryKind::Edit => author == sender && kind == EntryKind::Text,
        EntryKind::Delete => author == sender,
        EntryKind::Reaction => true,
        EntryKind::Text | EntryKind::File | EntryKind::Member | EntryKind::Other => false,
    };
    if !allowed {
        return Err(Fail::Nack(NackCode::NoRight));
    }
    if send.kind == EntryKind::Edit && edits(conn, send.conv, target)?.len() as u64 >= EDITS_MAX {
        return Err(Fail::Nack(NackCode::Quota));
    }
    Ok(())
}

/// Whether this place holds a message that is not erased and not from before `from`.
pub(super) fn is_message(conn: &Connection, conv: ConvId, seq: u64, from: u64) -> rusqlite::Result<bool> {
    let kind: Option<i64> = conn
        .prepare_cached(
            "SELECT kind FROM messages WHERE conv = ?1 AND seq = ?2 AND seq >= ?3 AND body IS NOT NULL",
        )?
        .query_row(params![put(conv.0), put(seq), put(from)], |row| row.get(0))
        .optional()?;
    Ok(kind.is_some_and(|kind| EntryKind::from_number(kind).counts()))
}

/// Places of a message's edits that are not erased.
fn edits(conn: &Connection, conv: ConvId, target: u64) -> rusqlite::Result<Vec<u64>> {
    conn.prepare_cached(
        "SELECT seq FROM messages WHERE conv = ?1 AND target = ?2 AND kind = ?3 AND body IS NOT NULL",
    )?
    .query_map(
        params![put(conv.0), put(target), EntryKind::Edit.number()],
        |row| take(row, 0),
    )?
    .collect()
}

/// Erases a message and all its edits. What they were is gone from here on, for everybody and for good; that they were,
/// and when, stays.
pub(super) fn erase(conn: &Connection, conv: ConvId, target: u64) -> rusqlite::Result<()> {
    for seq in edits(conn, conv, target)?.into_iter().chain([target]) {
        erase_one(conn, conv, seq)?;
    }
    Ok(())
}

/// Erases one entry that is not erased.
pub(super) fn erase_one(conn: &Connection, conv: ConvId, seq: u64) -> rusqlite::Result<()> {
    let text: String = conn
        .prepare_cached("SELECT body FROM messages WHERE conv = ?1 AND seq = ?2")?
        .query_row(params![put(conv.0), put(seq)], |row| row.get(0))?;
    conn.prepare_cached("UPDATE messages SET body = NULL, body_hash = ?3 WHERE conv = ?1 AND seq = ?2")?
        .execute(params![put(conv.0), put(seq), body_hash(&text)])?;
    sums::renew(conn, conv.0, seq)
}
