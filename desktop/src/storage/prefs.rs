//! How conversations are kept: what the server said, and wishes it has not confirmed.

use super::load::{int, number};
use crate::model::chat::Chat;
use breeze_protocol::ConvId;
use breeze_protocol::message::prefs::{ItemSet, Prefs};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Keeps what the server said.
pub(super) fn write_kept(db: &Connection, acc: i64, prefs: &Prefs) -> rusqlite::Result<()> {
    let kept = serde_json::to_string(prefs).expect("plain data with string keys");
    let sql = "INSERT INTO prefs (acc, conv, kept) VALUES (?1, ?2, ?3) \
               ON CONFLICT (acc, conv) DO UPDATE SET kept = excluded.kept";
    db.prepare_cached(sql)?
        .execute(params![acc, int(prefs.conv.0), kept])
        .map(drop)
}

/// Keeps a wish, or forgets it.
pub(super) fn write_wish(
    db: &Connection,
    acc: i64,
    conv: ConvId,
    wish: Option<&ItemSet>,
) -> rusqlite::Result<()> {
    let wish = wish.map(|wish| serde_json::to_string(wish).expect("plain data with string keys"));
    let sql = "INSERT INTO prefs (acc, conv, wish) VALUES (?1, ?2, ?3) \
               ON CONFLICT (acc, conv) DO UPDATE SET wish = excluded.wish";
    db.prepare_cached(sql)?
        .execute(params![acc, int(conv.0), wish.unwrap_or_default()])
        .map(drop)
}

/// A snapshot follows.
pub(super) fn forget_kept(db: &Connection, acc: i64) -> rusqlite::Result<()> {
    db.execute("UPDATE prefs SET kept = '' WHERE acc = ?1", [acc])
        .map(drop)
}

/// Puts them into their chats. What cannot be read any more comes with the next change.
pub(super) fn load(db: &Connection, acc: i64, chats: &mut BTreeMap<ConvId, Chat>) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT conv, kept, wish FROM prefs WHERE acc = ?1")?;
    let rows = query.query_map([acc], |row| {
        let conv = ConvId(number(row, 0)?);
        Ok((conv, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    for row in rows {
        let (conv, kept, wish) = row?;
        if let Some(chat) = chats.get_mut(&conv) {
            chat.prefs = serde_json::from_str(&kept).unwrap_or(Prefs {
                conv,
                ..Prefs::default()
            });
            chat.wish = serde_json::from_str(&wish).ok();
        }
    }
    Ok(())
}
