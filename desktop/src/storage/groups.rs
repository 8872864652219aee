//! Groups: what makes a conversation one, kept as the item that told of it; and that nothing from before one's own joining is kept.

use super::load::{int, number};
use crate::model::chat::Chat;
use crate::model::group::Group;
use breeze_protocol::ConvId;
use breeze_protocol::message::item::Conv;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Keeps what makes a conversation a group.
pub(super) fn write(db: &Connection, acc: i64, conv: ConvId, group: &Group) -> rusqlite::Result<()> {
    let detail = serde_json::to_string(&group.told(conv)).expect("an item is plain data with string keys");
    let sql = "UPDATE convs SET detail = ?3 WHERE acc = ?1 AND conv = ?2";
    db.prepare_cached(sql)?
        .execute(params![acc, int(conv.0), detail])
        .map(drop)
}

/// Forgets what lies before this place: it is over, or not one's own to see. Nothing is missing before the first that is left.
pub(super) fn forget_before(db: &Connection, acc: i64, conv: ConvId, from: u64) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM messages WHERE acc = ?1 AND conv = ?2 AND seq < ?3",
        "UPDATE messages SET prev_seq = 0 WHERE acc = ?1 AND conv = ?2 AND seq = (SELECT min(seq) FROM messages
         WHERE acc = ?1 AND conv = ?2) AND prev_seq < ?3",
        "DELETE FROM marks WHERE acc = ?1 AND conv = ?2 AND delivered < ?3
         AND account <> (SELECT account FROM accounts WHERE id = ?1)",
    ] {
        db.prepare_cached(sql)?
            .execute(params![acc, int(conv.0), int(from)])?;
    }
    Ok(())
}

/// Puts the groups into the chats they belong to. What cannot be read any more comes with the next snapshot.
pub(super) fn load(db: &Connection, acc: i64, chats: &mut BTreeMap<ConvId, Chat>) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT conv, detail FROM convs WHERE acc = ?1 AND detail IS NOT NULL")?;
    let rows = query.query_map([acc], |row| {
        Ok((ConvId(number(row, 0)?), row.get::<_, String>(1)?))
    })?;
    for row in rows {
        let (conv, detail) = row?;
        if let Some(chat) = chats.get_mut(&conv) {
            let told: Option<Conv> = serde_json::from_str(&detail).ok();
            chat.group = told.and_then(|told| Some(Group::new(&told, told.group.as_ref()?, None)));
        }
    }
    Ok(())
}
