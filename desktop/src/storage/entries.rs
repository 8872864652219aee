//! Entries that name another one: how their kinds are kept, and that a deleted text is erased, whichever comes first.

use super::attachments::unpack;
use super::load::{int, number};
use crate::model::changes::said;
use crate::model::chat::Message;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OptionalExtension, params};

/// Whether the message, or the one it edits, is known to be deleted by its author.
pub(super) fn is_deleted(
    db: &Connection,
    acc: i64,
    conv: ConvId,
    message: &Message,
) -> rusqlite::Result<bool> {
    let place = match message.kind {
        EntryKind::Text | EntryKind::File => Some(message.seq),
        EntryKind::Edit => message.target,
        _ => None,
    };
    let Some(place) = place else { return Ok(false) };
    let sql =
        "SELECT 1 FROM messages WHERE acc = ?1 AND conv = ?2 AND target = ?3 AND kind = ?4 AND sender = ?5";
    db.prepare_cached(sql)?.exists(params![
        acc,
        int(conv.0),
        int(place),
        EntryKind::Delete.number(),
        int(message.sender.0)
    ])
}

/// Erases what a deletion names, as far as it is here: the text and its edits.
pub(super) fn erase(db: &Connection, acc: i64, conv: ConvId, deletion: &Message) -> rusqlite::Result<()> {
    let (EntryKind::Delete, Some(target)) = (deletion.kind, deletion.target) else {
        return Ok(());
    };
    let place = (acc, int(conv.0), int(target), int(deletion.sender.0));
    let sql = "UPDATE messages SET body = '', attachments = NULL \
               WHERE acc = ?1 AND conv = ?2 AND seq = ?3 AND sender = ?4 AND kind IN (?5, ?6)";
    let kinds = (EntryKind::Text.number(), EntryKind::File.number());
    let values = params![place.0, place.1, place.2, place.3, kinds.0, kinds.1];
    db.prepare_cached(sql)?.execute(values)?;
    let sql = "UPDATE messages SET body = '' WHERE acc = ?1 AND conv = ?2 AND target = ?3 AND sender = ?4 AND kind = ?5";
    let values = params![place.0, place.1, place.2, place.3, EntryKind::Edit.number()];
    db.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Who wrote a message, and what it says now (`None`: deleted); nothing when it is not here.
pub(super) fn quoted(
    db: &Connection,
    acc: i64,
    conv: ConvId,
    seq: u64,
) -> rusqlite::Result<Option<(AccountId, Option<String>)>> {
    let sql = "SELECT sender, body, attachments FROM messages \
               WHERE acc = ?1 AND conv = ?2 AND seq = ?3 AND kind IN (?4, ?5)";
    let kinds = (EntryKind::Text.number(), EntryKind::File.number());
    let place = params![acc, int(conv.0), int(seq), kinds.0, kinds.1];
    let found = db
        .prepare_cached(sql)?
        .query_row(place, |row| {
            Ok((
                number(row, 0)?,
                said(&row.get::<_, String>(1)?, &unpack(row.get(2)?)),
            ))
        })
        .optional()?;
    let Some((sender, body)) = found else {
        return Ok(None);
    };
    let author = AccountId(sender);
    if body.is_empty() {
        return Ok(Some((author, None)));
    }
    let sql = "SELECT body FROM messages WHERE acc = ?1 AND conv = ?2 AND target = ?3 AND kind = ?4 AND sender = ?5 \
               AND body <> '' ORDER BY seq DESC LIMIT 1";
    let place = params![acc, int(conv.0), int(seq), EntryKind::Edit.number(), int(sender)];
    let edit = db
        .prepare_cached(sql)?
        .query_row(place, |row| row.get(0))
        .optional()?;
    Ok(Some((author, Some(edit.unwrap_or(body)))))
}

/// How many entries there are from the newest message on: it, and what became of it and of others since.
pub(super) fn since_newest(db: &Connection, acc: i64, conv: ConvId) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM messages WHERE acc = ?1 AND conv = ?2 AND seq >= \
               (SELECT max(seq) FROM messages WHERE acc = ?1 AND conv = ?2 AND kind IN (?3, ?4))";
    let kinds = (EntryKind::Text.number(), EntryKind::File.number());
    db.prepare_cached(sql)?
        .query_row(params![acc, int(conv.0), kinds.0, kinds.1], |row| row.get(0))
}
