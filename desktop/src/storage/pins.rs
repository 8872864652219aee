//! Pinned messages, as the server said.

use super::load::{int, number};
use crate::model::chat::Chat;
use breeze_protocol::ConvId;
use breeze_protocol::message::pin::Pins;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Keeps what is pinned in a conversation.
pub(super) fn write(db: &Connection, acc: i64, pins: &Pins) -> rusqlite::Result<()> {
    let kept = serde_json::to_string(pins).expect("plain data with string keys");
    let sql = "INSERT OR REPLACE INTO pins (acc, conv, kept) VALUES (?1, ?2, ?3)";
    db.prepare_cached(sql)?
        .execute(params![acc, int(pins.conv.0), kept])
        .map(drop)
}

/// Puts them into their chats. What cannot be read any more comes with the next change.
pub(super) fn load(db: &Connection, acc: i64, chats: &mut BTreeMap<ConvId, Chat>) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT conv, kept FROM pins WHERE acc = ?1")?;
    let rows = query.query_map([acc], |row| {
        Ok((ConvId(number(row, 0)?), row.get::<_, String>(1)?))
    })?;
    for row in rows {
        let (conv, kept) = row?;
        if let Some(chat) = chats.get_mut(&conv) {
            let pins: Pins = serde_json::from_str(&kept).unwrap_or_default();
            chat.pins = pins.pins;
        }
    }
    Ok(())
}
