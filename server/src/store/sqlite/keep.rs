//! How long conversations keep their messages: who may say so, when messages are over, and how they are erased.
//!
//! What is over lies below the first entry each member may see, so nobody is told of it again, and clients forget it. Then
//! it is erased a little at a time, as a deletion does it: that something was there, whose, and under which mid stays.

use super::super::keep::KeepStore;
use super::super::{Audience, Refusal, StoreError};
use super::groups::{self, Act};
use super::tx::{Done, Fail, MidKind, Tx, forget_some, put, take};
use super::{SqliteStore, chat, membership, pins, resume, targets};
use breeze_protocol::limit::KEEP_DAYS_MAX;
use breeze_protocol::message::chat::Mark;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::{MemberAct, MemberChange, Role};
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OptionalExtension, params};

/// A day of the store's own time, milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Conversations looked at in one turn of the writer, which others wait for: some milliseconds.
const TURN_CONVS: i64 = 50;
/// Members told in one turn, after which no other conversation is begun.
const TURN_MEMBERS: usize = 500;
/// Entries erased in one turn.
const TURN_ENTRIES: u64 = 500;

impl KeepStore for SqliteStore {
    async fn keep(&self, account: AccountId, wish: ConvKeep) -> Result<(), Refusal> {
        self.write(move |tx| set(tx, account, wish)).await
    }

    async fn expire(&self, days_max: u64) -> Result<bool, StoreError> {
        self.change(move |tx| turn(tx, days_max)).await
    }
}

fn set(tx: &mut Tx<'_>, me: AccountId, wish: ConvKeep) -> Done {
    let ConvKeep { mid, conv, days } = wish;
    let member = membership::require(tx.conn, conv, me)?;
    tx.once(me, mid, MidKind::Keep, &format!("{wish:?}"), |tx| {
        groups::unused(tx, me, mid)?;
        chat::may_send(tx.conn, conv, me)?;
        if member.role == Role::Member && membership::is_group(tx.conn, conv)? {
            return Err(Fail::Nack(NackCode::NoRight));
        }
        if days > KEEP_DAYS_MAX {
            return Err(Fail::Nack(NackCode::TooLong));
        }
        let changed = tx
            .conn
            .prepare_cached(
                "UPDATE conversations SET keep_days = ?2, cut_day = 0 WHERE id = ?1 AND keep_days <> ?2",
            )?
            .execute(params![put(conv.0), put(days)])?;
        if changed == 0 {
            return Ok(0);
        }
        let change = MemberChange {
            days: Some(days),
            ..MemberChange::new(MemberAct::Kept, Vec::new())
        };
        groups::note(tx, Act { conv, mid, member }, &change)?;
        if days > 0 {
            end_older(tx, conv, days)?;
        }
        Ok(0)
    })
    .map(drop)
}

fn turn(tx: &mut Tx<'_>, days_max: u64) -> Done<bool> {
    begin_day(tx)?;
    Ok(look(tx, days_max)? || erase_some(tx)? || forget_some(tx)?)
}

fn today(tx: &Tx<'_>) -> u64 {
    tx.lived_ms / DAY_MS
}

/// Notes the commit number at which a day began, at the first look on it, and forgets days no conversation asks for.
fn begin_day(tx: &Tx<'_>) -> Done {
    let today = today(tx);
    let begun = tx
        .conn
        .prepare_cached("INSERT OR IGNORE INTO days (day, num) VALUES (?1, ?2)")?
        .execute(params![put(today), put(tx.head)])?;
    if begun > 0 {
        let last = today.saturating_sub(KEEP_DAYS_MAX + 1);
        tx.conn
            .prepare_cached("DELETE FROM days WHERE day < ?1")?
            .execute([put(last)])?;
    }
    Ok(())
}

/// Looks at conversations that were not looked at today. Whether there were any.
fn look(tx: &mut Tx<'_>, days_max: u64) -> Done<bool> {
    let today = today(tx);
    // With an end for all, conversations without one of their own have that one.
    let which = if days_max > 0 { "" } else { "keep_days > 0 AND" };
    let sql = format!("SELECT id, keep_days FROM conversations WHERE {which} cut_day < ?1 LIMIT ?2");
    let due: Vec<(ConvId, u64)> = tx
        .conn
        .prepare_cached(&sql)?
        .query_map(params![put(today), TURN_CONVS], |row| {
            Ok((ConvId(take(row, 0)?), take(row, 1)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut told = 0;
    for &(conv, days) in &due {
        let days = [days, days_max].into_iter().filter(|days| *days > 0).min();
        told += end_older(tx, conv, days.unwrap_or(KEEP_DAYS_MAX))?;
        tx.conn
            .prepare_cached("UPDATE conversations SET cut_day = ?2 WHERE id = ?1")?
            .execute(params![put(conv.0), put(today)])?;
        if told >= TURN_MEMBERS {
            break;
        }
    }
    Ok(!due.is_empty())
}

/// Ends what is older than so many days. How many members were told of it.
fn end_older(tx: &mut Tx<'_>, conv: ConvId, days: u64) -> Done<usize> {
    let Some(oldest_day) = today(tx).checked_sub(days) else {
        return Ok(0);
    };
    let num: Option<u64> = tx
        .conn
        .prepare_cached("SELECT num FROM days WHERE day <= ?1 ORDER BY day DESC LIMIT 1")?
        .query_row([put(oldest_day)], |row| take(row, 0))
        .optional()?;
    match num {
        Some(num) => end_upto(tx, conv, num),
        None => Ok(0),
    }
}

/// Ends what was committed up to this number.
fn end_upto(tx: &mut Tx<'_>, conv: ConvId, num: u64) -> Done<usize> {
    let (head, head_num, cut) = tx
        .conn
        .prepare_cached("SELECT head, head_num, cut_seq FROM conversations WHERE id = ?1")?
        .query_row([put(conv.0)], |row| {
            Ok((take(row, 0)?, take(row, 1)?, take(row, 2)?))
        })?;
    let seq = if head_num <= num {
        head
    } else {
        resume::first_above(tx.conn, conv, (cut + 1, head), num)? - 1
    };
    if seq <= cut {
        return Ok(0);
    }
    end(tx, conv, seq)?;
    let members = membership::members(tx.conn, conv)?;
    tx.conn
        .prepare_cached("UPDATE members SET from_seq = max(from_seq, ?2) WHERE conv = ?1")?
        .execute(params![put(conv.0), put(seq + 1)])?;
    membership::tell_group(tx, conv)?;
    pins::over(tx, conv, seq)?;
    // What is over is not unread. After the item, which makes clients forget marks below it.
    let mark = Mark {
        account: AccountId::default(),
        delivered: seq,
        read: seq,
    };
    for member in &members {
        chat::mark(tx, member.account, &[(conv, mark)], Audience::OwnDevices)?;
    }
    Ok(members.len())
}

/// Ends everything of a conversation up to this place: it is to be erased.
pub(super) fn end(tx: &Tx<'_>, conv: ConvId, seq: u64) -> Done {
    tx.conn
        .prepare_cached("UPDATE conversations SET cut_seq = max(cut_seq, ?2) WHERE id = ?1")?
        .execute(params![put(conv.0), put(seq)])?;
    Ok(())
}

/// Erases some of what is over. Whether there was anything.
fn erase_some(tx: &Tx<'_>) -> Done<bool> {
    let over: Option<(ConvId, u64, u64)> = tx
        .conn
        .prepare_cached(
            "SELECT id, erased_seq, cut_seq FROM conversations WHERE erased_seq < cut_seq LIMIT 1",
        )?
        .query_row([], |row| {
            Ok((ConvId(take(row, 0)?), take(row, 1)?, take(row, 2)?))
        })
        .optional()?;
    let Some((conv, erased, cut)) = over else {
        return Ok(false);
    };
    let upto = cut.min(erased + TURN_ENTRIES);
    for seq in whole(tx.conn, conv, (erased + 1, upto))? {
        targets::erase_one(tx.conn, conv, seq)?;
    }
    tx.conn
        .prepare_cached("UPDATE conversations SET erased_seq = ?2 WHERE id = ?1")?
        .execute(params![put(conv.0), put(upto)])?;
    Ok(true)
}

/// Places in this range, both ends included, that are not erased.
fn whole(conn: &Connection, conv: ConvId, (from, upto): (u64, u64)) -> rusqlite::Result<Vec<u64>> {
    conn.prepare_cached(
        "SELECT seq FROM messages WHERE conv = ?1 AND seq >= ?2 AND seq <= ?3 AND body IS NOT NULL",
    )?
    .query_map(params![put(conv.0), put(from), put(upto)], |row| take(row, 0))?
    .collect()
}
