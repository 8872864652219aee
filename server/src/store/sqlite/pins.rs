//! Pinned messages: who may pin, how many, and who is told of which.

use super::super::Refusal;
use super::super::pins::PinStore;
use super::SqliteStore;
use super::chat;
use super::items::{self, Kind};
use super::membership;
use super::targets;
use super::tx::{Done, Fail, MidKind, Tx, put, take, take_account};
use breeze_protocol::limit::PINS_MAX;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::Role;
use breeze_protocol::message::pin::{MessagePin, Pin, Pins};
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

impl PinStore for SqliteStore {
    async fn pin_message(&self, account: AccountId, wish: MessagePin, now_ms: u64) -> Result<(), Refusal> {
        self.write(move |tx| set(tx, account, wish, now_ms)).await
    }
}

/// What a member sees pinned; `None` when that is nothing.
pub(super) fn pins(conn: &Connection, viewer: AccountId, conv: ConvId) -> rusqlite::Result<Option<Pins>> {
    let Some(member) = membership::member(conn, conv, viewer)? else {
        return Ok(None);
    };
    let pins: Vec<Pin> = all(conn, conv)?
        .into_iter()
        .filter(|pin| pin.seq >= member.from)
        .collect();
    Ok((!pins.is_empty()).then_some(Pins { conv, pins }))
}

fn all(conn: &Connection, conv: ConvId) -> rusqlite::Result<Vec<Pin>> {
    conn.prepare_cached("SELECT seq, account, ts FROM pins WHERE conv = ?1 ORDER BY seq")?
        .query_map([put(conv.0)], |row| {
            Ok(Pin {
                seq: take(row, 0)?,
                by: take_account(row, 1)?,
                ts: take(row, 2)?,
            })
        })?
        .collect()
}

fn set(tx: &mut Tx<'_>, me: AccountId, wish: MessagePin, now_ms: u64) -> Done {
    let member = membership::require(tx.conn, wish.conv, me)?;
    let request = serde_json::to_string(&wish).expect("a wish is plain data with string keys");
    tx.once(me, wish.mid, MidKind::Pin, &request, |tx| {
        chat::may_send(tx.conn, wish.conv, me)?;
        if member.role == Role::Member && membership::is_group(tx.conn, wish.conv)? {
            return Err(Fail::Nack(NackCode::NoRight));
        }
        if !targets::is_message(tx.conn, wish.conv, wish.seq, member.from)? {
            return Err(Fail::Nack(NackCode::BadReference));
        }
        let before = all(tx.conn, wish.conv)?;
        let is = before.iter().any(|pin| pin.seq == wish.seq);
        if is == wish.pinned {
            return Ok(0);
        }
        if wish.pinned {
            if before.len() >= PINS_MAX {
                return Err(Fail::Nack(NackCode::Quota));
            }
            tx.conn
                .prepare_cached("INSERT INTO pins (conv, seq, account, ts) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![put(wish.conv.0), put(wish.seq), put(me.0), put(now_ms)])?;
        } else {
            take_off(tx.conn, wish.conv, wish.seq)?;
        }
        tell(tx, wish.conv)?;
        Ok(0)
    })
    .map(drop)
}

fn take_off(conn: &Connection, conv: ConvId, seq: u64) -> rusqlite::Result<bool> {
    conn.prepare_cached("DELETE FROM pins WHERE conv = ?1 AND seq = ?2")?
        .execute(params![put(conv.0), put(seq)])
        .map(|rows| rows > 0)
}

/// A message is erased: it is pinned no longer.
pub(super) fn erased(tx: &mut Tx<'_>, conv: ConvId, seq: u64) -> Done {
    if take_off(tx.conn, conv, seq)? {
        tell(tx, conv)?;
    }
    Ok(())
}

/// Everything up to this place is over: none of it is pinned any longer.
pub(super) fn over(tx: &mut Tx<'_>, conv: ConvId, seq: u64) -> Done {
    let gone = tx
        .conn
        .prepare_cached("DELETE FROM pins WHERE conv = ?1 AND seq <= ?2")?
        .execute(params![put(conv.0), put(seq)])?;
    if gone > 0 {
        tell(tx, conv)?;
    }
    Ok(())
}

/// Tells every member what is pinned now, as far as each may see it: nothing from before the joining.
fn tell(tx: &mut Tx<'_>, conv: ConvId) -> Done {
    let pins = all(tx.conn, conv)?;
    let mut alike: BTreeMap<usize, Vec<AccountId>> = BTreeMap::new();
    for member in membership::members(tx.conn, conv)? {
        let hidden = pins.partition_point(|pin| pin.seq < member.from);
        alike.entry(hidden).or_default().push(member.account);
    }
    for (hidden, members) in alike {
        if hidden < pins.len() {
            items::tell(tx, members, Kind::Pins, conv.0)?;
            continue;
        }
        for member in members {
            items::tell_gone(tx, member, Kind::Pins, conv.0)?;
        }
    }
    Ok(())
}

/// Nothing of it is shown to whoever has left.
pub(super) fn forget(tx: &mut Tx<'_>, account: AccountId, conv: ConvId) -> Done {
    items::tell_gone(tx, account, Kind::Pins, conv.0)
}
