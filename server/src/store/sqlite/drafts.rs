//! What people have begun to write. Told to their own devices only.

use super::items::{self, Kind};
use super::membership;
use super::tx::{Done, Fail, Tx, put};
use breeze_protocol::limit::DRAFT_BYTES_MAX;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OptionalExtension, params};

/// What an account has begun to write in a conversation; `None`: nothing.
pub(super) fn draft(conn: &Connection, account: AccountId, conv: ConvId) -> rusqlite::Result<Option<Draft>> {
    let text = conn
        .prepare_cached("SELECT text FROM drafts WHERE conv = ?1 AND account = ?2")?
        .query_row(params![put(conv.0), put(account.0)], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| Draft { conv, text }))
}

pub(super) fn set(tx: &mut Tx<'_>, me: AccountId, wish: &Draft) -> Done {
    if membership::member(tx.conn, wish.conv, me)?.is_none() {
        return Err(Fail::Nack(NackCode::NotMember));
    }
    if wish.text.len() > DRAFT_BYTES_MAX {
        return Err(Fail::Nack(NackCode::TooLong));
    }
    if wish.text.is_empty() {
        return forget(tx, me, wish.conv);
    }
    if draft(tx.conn, me, wish.conv)?.as_ref() == Some(wish) {
        return Ok(());
    }
    tx.conn
        .prepare_cached(
            "INSERT INTO drafts (conv, account, text) VALUES (?1, ?2, ?3)
             ON CONFLICT (conv, account) DO UPDATE SET text = excluded.text",
        )?
        .execute(params![put(wish.conv.0), put(me.0), wish.text])?;
    items::tell(tx, vec![me], Kind::Draft, wish.conv.0)
}

/// Nothing is begun any more.
pub(super) fn forget(tx: &mut Tx<'_>, account: AccountId, conv: ConvId) -> Done {
    tx.conn
        .prepare_cached("DELETE FROM drafts WHERE conv = ?1 AND account = ?2")?
        .execute(params![put(conv.0), put(account.0)])?;
    items::tell_gone(tx, account, Kind::Draft, conv.0)
}
