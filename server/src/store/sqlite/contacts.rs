//! Friends: asking, answering, ending, blocking; and with `roster = everyone`, that all are friends.

use super::super::{Change, ContactChange};
use super::items::{self, Kind};
use super::membership;
use super::tx::{Done, Fail, MidKind, Tx, accounts, exists, put, take};
use crate::name;
use breeze_protocol::limit::USERNAME_CHARS;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, Mid};
use rusqlite::{Connection, OptionalExtension, params};

/// Outgoing requests are numbered from here, far above every account, so that the number says nothing about the name.
pub(super) const GHOST_BASE: u64 = 1 << 52;
/// Friend requests of one account in a day: more looks like searching for names.
const REQUESTS_A_DAY: u64 = 20;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Makes a change once per mid.
pub(super) fn change(tx: &mut Tx<'_>, me: AccountId, mid: Mid, change: &ContactChange, now_ms: u64) -> Done {
    let kind = match change {
        ContactChange::Request { .. } => MidKind::FriendRequest,
        _ => MidKind::Contact,
    };
    tx.once(me, mid, kind, &format!("{change:?}"), |tx| {
        match change {
            ContactChange::Request { username } => request(tx, me, username, now_ms),
            ContactChange::Answer { account, accept } => answer(tx, me, *account, *accept, now_ms),
            ContactChange::Unfriend(other) => unfriend(tx, me, *other),
            ContactChange::Block(other) => block(tx, me, *other, now_ms),
            ContactChange::Unblock(other) => unblock(tx, me, *other),
        }
        .map(|()| 0)
    })?;
    Ok(())
}

/// Whether two people are friends, blocks aside.
pub(super) fn are_friends(conn: &Connection, a: AccountId, b: AccountId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM contacts WHERE owner = ?1 AND other = ?2 AND friend";
    exists(conn, sql, params![put(a.0), put(b.0)])
}

/// Whether either blocks the other.
pub(super) fn block_between(conn: &Connection, a: AccountId, b: AccountId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM contacts WHERE blocked
               AND ((owner = ?1 AND other = ?2) OR (owner = ?2 AND other = ?1))";
    exists(conn, sql, params![put(a.0), put(b.0)])
}

/// Runs a change and tells the hub when it lets two people see each other, or no longer.
fn with_edge(tx: &mut Tx<'_>, a: AccountId, b: AccountId, work: impl FnOnce(&mut Tx<'_>) -> Done) -> Done {
    let edge = |tx: &Tx<'_>| Ok::<_, Fail>(are_friends(tx.conn, a, b)? && !block_between(tx.conn, a, b)?);
    let before = edge(tx)?;
    work(tx)?;
    let friends = edge(tx)?;
    if friends != before {
        tx.changes.push(Change::Edge { a, b, friends });
    }
    Ok(())
}

/// Makes two people friends; nothing when they are.
pub(super) fn befriend(tx: &mut Tx<'_>, a: AccountId, b: AccountId, now_ms: u64) -> Done {
    if a == b || are_friends(tx.conn, a, b)? {
        return Ok(());
    }
    with_edge(tx, a, b, |tx| {
        set_friends(tx.conn, a, b, now_ms)?;
        close_request(tx, a, b)?;
        close_request(tx, b, a)?;
        for (viewer, other) in [(a, b), (b, a)] {
            items::refresh_profile(tx, viewer, other)?;
            items::tell(tx, vec![viewer], Kind::Contact, other.0)?;
        }
        Ok(())
    })
}

fn set_friends(conn: &Connection, a: AccountId, b: AccountId, now_ms: u64) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO contacts (owner, other, friend, friend_since) VALUES (?1, ?2, 1, ?3)
         ON CONFLICT (owner, other) DO UPDATE SET friend = 1, friend_since = excluded.friend_since",
    )?;
    statement.execute(params![put(a.0), put(b.0), put(now_ms)])?;
    statement.execute(params![put(b.0), put(a.0), put(now_ms)])?;
    Ok(())
}

/// Makes a newcomer everybody's friend. One number for what all others see alike.
pub(super) fn befriend_everyone(tx: &mut Tx<'_>, newcomer: AccountId, now_ms: u64) -> Done {
    let sql = "SELECT id FROM users WHERE id <> ?1
               AND id NOT IN (SELECT other FROM contacts WHERE owner = ?1 AND friend) ORDER BY id";
    let others = accounts(tx.conn, sql, [put(newcomer.0)])?;
    for &other in &others {
        set_friends(tx.conn, newcomer, other, now_ms)?;
        close_request(tx, newcomer, other)?;
        close_request(tx, other, newcomer)?;
        items::refresh_profile(tx, newcomer, other)?;
        items::tell(tx, vec![newcomer], Kind::Contact, other.0)?;
        if !block_between(tx.conn, newcomer, other)? {
            tx.changes.push(Change::Edge {
                a: newcomer,
                b: other,
                friends: true,
            });
        }
    }
    let mut strangers = Vec::new();
    for &other in &others {
        if !items::is_live(tx.conn, other, Kind::Profile, newcomer.0)? {
            strangers.push(other);
        }
    }
    items::tell(tx, strangers, Kind::Profile, newcomer.0)?;
    items::tell(tx, others, Kind::Contact, newcomer.0)
}

/// With `roster = everyone`, makes everybody friends who was not yet; for the start after the setting was changed.
pub(super) fn everyone_befriends(tx: &mut Tx<'_>) -> Done {
    let now_ms = tx.now_ms;
    for account in accounts(tx.conn, "SELECT id FROM users ORDER BY id", [])? {
        befriend_everyone(tx, account, now_ms)?;
    }
    Ok(())
}

fn request(tx: &mut Tx<'_>, me: AccountId, typed: &str, now_ms: u64) -> Done {
    if requests_since(tx.conn, me, tx.lived_ms.saturating_sub(DAY_MS))? >= REQUESTS_A_DAY {
        return Err(Fail::Nack(NackCode::SlowDown));
    }
    let typed: String = typed.trim().chars().take(*USERNAME_CHARS.end()).collect();
    let username = name::prepare(&typed).map_or_else(|| typed.to_lowercase(), |name| name.username);
    let target = account_named(tx.conn, &username)?;
    if let Some(target) = target {
        if target == me || are_friends(tx.conn, me, target)? {
            return Ok(());
        }
        if items::is_live(tx.conn, me, Kind::Request, target.0)? {
            return befriend(tx, me, target, now_ms);
        }
    }
    let number = match outgoing(tx.conn, me, &username)? {
        Some((_, true)) => return Ok(()),
        Some((number, false)) => number,
        None => next_ghost(tx.conn)?,
    };
    let reaches = match target {
        Some(target) => !block_between(tx.conn, me, target)?,
        None => false,
    };
    tx.conn
        .prepare_cached(
            "INSERT INTO requests (number, sender, target, username, typed, shown, out_live, in_live, ts)
             VALUES (?1, ?2, ?3, ?4, ?5, (SELECT display_name FROM users WHERE id = ?2), 1, ?6, ?7)
             ON CONFLICT (number) DO UPDATE SET target = excluded.target, typed = excluded.typed,
             shown = excluded.shown, out_live = 1, in_live = excluded.in_live, ts = excluded.ts",
        )?
        .execute(params![
            put(number),
            put(me.0),
            target.map(|it| put(it.0)),
            username,
            typed,
            reaches,
            put(now_ms)
        ])?;
    items::tell(tx, vec![me], Kind::Request, number)?;
    if let (Some(target), true) = (target, reaches) {
        items::refresh_profile(tx, target, me)?;
        items::tell(tx, vec![target], Kind::Request, me.0)?;
    }
    Ok(())
}

fn requests_since(conn: &Connection, me: AccountId, since_ms: u64) -> rusqlite::Result<u64> {
    conn.prepare_cached("SELECT count(*) FROM mids WHERE account = ?1 AND kind = ?2 AND ts > ?3")?
        .query_row(
            params![put(me.0), MidKind::FriendRequest as i64, put(since_ms)],
            |row| take(row, 0),
        )
}

fn account_named(conn: &Connection, username: &str) -> rusqlite::Result<Option<AccountId>> {
    conn.prepare_cached("SELECT id FROM users WHERE username = ?1")?
        .query_row([username], |row| take(row, 0).map(AccountId))
        .optional()
}

fn outgoing(conn: &Connection, me: AccountId, username: &str) -> rusqlite::Result<Option<(u64, bool)>> {
    conn.prepare_cached("SELECT number, out_live FROM requests WHERE sender = ?1 AND username = ?2")?
        .query_row(params![put(me.0), username], |row| {
            Ok((take(row, 0)?, row.get(1)?))
        })
        .optional()
}

fn next_ghost(conn: &Connection) -> rusqlite::Result<u64> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES ('ghost', ?1) ON CONFLICT (key) DO UPDATE SET value = value + 1
         RETURNING value",
    )?
    .query_row([put(GHOST_BASE)], |row| take(row, 0))
}

/// Ends a request of `sender` to `target` on both sides, when there is one.
fn close_request(tx: &mut Tx<'_>, sender: AccountId, target: AccountId) -> Done {
    let number = tx
        .conn
        .prepare_cached(
            "UPDATE requests SET out_live = 0, in_live = 0 WHERE sender = ?1 AND target = ?2
             AND (out_live OR in_live) RETURNING number",
        )?
        .query_row(params![put(sender.0), put(target.0)], |row| take(row, 0))
        .optional()?;
    if let Some(number) = number {
        items::tell_gone(tx, sender, Kind::Request, number)?;
        items::tell_gone(tx, target, Kind::Request, sender.0)?;
    }
    Ok(())
}

/// Ends an incoming request without a word to whoever asked: it stays shown as sent.
fn ignore_request(tx: &mut Tx<'_>, sender: AccountId, target: AccountId) -> Done {
    tx.conn
        .prepare_cached("UPDATE requests SET in_live = 0 WHERE sender = ?1 AND target = ?2")?
        .execute(params![put(sender.0), put(target.0)])?;
    items::tell_gone(tx, target, Kind::Request, sender.0)
}

fn answer(tx: &mut Tx<'_>, me: AccountId, other: AccountId, accept: bool, now_ms: u64) -> Done {
    if other.0 >= GHOST_BASE {
        return take_back(tx, me, other.0, accept);
    }
    if !items::is_live(tx.conn, me, Kind::Request, other.0)? {
        let settled = if accept {
            are_friends(tx.conn, me, other)?
        } else {
            true
        };
        return if settled {
            Ok(())
        } else {
            Err(Fail::Nack(NackCode::BadReference))
        };
    }
    if accept {
        return befriend(tx, me, other, now_ms);
    }
    ignore_request(tx, other, me)?;
    items::refresh_profile(tx, me, other)
}

fn take_back(tx: &mut Tx<'_>, me: AccountId, number: u64, accept: bool) -> Done {
    if accept {
        return Err(Fail::Nack(NackCode::BadReference));
    }
    let target = tx
        .conn
        .prepare_cached("SELECT target FROM requests WHERE number = ?1 AND sender = ?2")?
        .query_row(params![put(number), put(me.0)], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .optional()?
        .flatten()
        .map(|target| AccountId(target.cast_unsigned()));
    tx.conn
        .prepare_cached("UPDATE requests SET out_live = 0, in_live = 0 WHERE number = ?1 AND sender = ?2")?
        .execute(params![put(number), put(me.0)])?;
    items::tell_gone(tx, me, Kind::Request, number)?;
    if let Some(target) = target {
        items::tell_gone(tx, target, Kind::Request, me.0)?;
        items::refresh_profile(tx, target, me)?;
    }
    Ok(())
}

fn unfriend(tx: &mut Tx<'_>, me: AccountId, other: AccountId) -> Done {
    if tx.roster == Roster::Everyone {
        return Err(Fail::Nack(NackCode::NoRight));
    }
    if !are_friends(tx.conn, me, other)? {
        return Ok(());
    }
    with_edge(tx, me, other, |tx| {
        tx.conn
            .prepare_cached(
                "UPDATE contacts SET friend = 0 WHERE (owner = ?1 AND other = ?2) OR (owner = ?2 AND other = ?1)",
            )?
            .execute(params![put(me.0), put(other.0)])?;
        for (viewer, subject) in [(me, other), (other, me)] {
            if !blocks(tx.conn, viewer, subject)? {
                items::tell_gone(tx, viewer, Kind::Contact, subject.0)?;
            }
            items::refresh_profile(tx, viewer, subject)?;
        }
        Ok(())
    })
}

fn blocks(conn: &Connection, owner: AccountId, other: AccountId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM contacts WHERE owner = ?1 AND other = ?2 AND blocked";
    exists(conn, sql, params![put(owner.0), put(other.0)])
}

/// Only somebody one can see can be blocked; anybody else is answered as if there were no such person.
fn block(tx: &mut Tx<'_>, me: AccountId, other: AccountId, now_ms: u64) -> Done {
    let told = items::is_live(tx.conn, me, Kind::Profile, other.0)?;
    if me == other || !(told || membership::share_group(tx.conn, me, other)?) {
        return Err(Fail::Nack(NackCode::NotContact));
    }
    if blocks(tx.conn, me, other)? {
        return Ok(());
    }
    if !told {
        // Named by a page of a large group's members until now.
        items::tell(tx, vec![me], Kind::Profile, other.0)?;
    }
    with_edge(tx, me, other, |tx| {
        if !block_between(tx.conn, me, other)? {
            items::freeze_profile(tx, me, other)?;
            items::freeze_profile(tx, other, me)?;
        }
        tx.conn
            .prepare_cached(
                "INSERT INTO contacts (owner, other, blocked, blocked_since) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT (owner, other) DO UPDATE SET blocked = 1, blocked_since = excluded.blocked_since",
            )?
            .execute(params![put(me.0), put(other.0), put(now_ms)])?;
        close_request(tx, me, other)?;
        ignore_request(tx, other, me)?;
        items::tell(tx, vec![me], Kind::Contact, other.0)
    })
}

fn unblock(tx: &mut Tx<'_>, me: AccountId, other: AccountId) -> Done {
    if !blocks(tx.conn, me, other)? {
        return Ok(());
    }
    with_edge(tx, me, other, |tx| {
        tx.conn
            .prepare_cached("UPDATE contacts SET blocked = 0 WHERE owner = ?1 AND other = ?2")?
            .execute(params![put(me.0), put(other.0)])?;
        if are_friends(tx.conn, me, other)? {
            items::tell(tx, vec![me], Kind::Contact, other.0)?;
        } else {
            items::tell_gone(tx, me, Kind::Contact, other.0)?;
        }
        if !block_between(tx.conn, me, other)? {
            items::thaw_profile(tx, me, other)?;
            items::thaw_profile(tx, other, me)?;
            membership::show_marks_again(tx, me, other)?;
        }
        Ok(())
    })
}
