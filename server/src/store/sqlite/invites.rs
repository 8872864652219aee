//! Invites: only the hash of a code is kept, with how often and how long it may still be used.

use super::super::SecretHash;
use super::tx::{Done, Fail, MidKind, Tx, put, take};
use super::{accounts, audit};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::session::InviteRow;
use breeze_protocol::{AccountId, Mid};
use rusqlite::{Connection, OptionalExtension, params};

/// Invites of one maker that may be valid at once: more cannot be kept in view.
const LIVE_MAX: u64 = 100;

/// An invite that may be used now.
pub(super) struct Invite {
    /// Its number.
    pub(super) id: u64,
    /// Who made it; nobody made the start-up invite.
    pub(super) maker: Option<AccountId>,
}

/// The invite of a code, if it may be used now. One whose maker is shut may not.
pub(super) fn valid(conn: &Connection, code: SecretHash, now_ms: u64) -> rusqlite::Result<Option<Invite>> {
    let sql = "SELECT i.id, i.maker FROM invites i LEFT JOIN users u ON u.id = i.maker
               WHERE i.hash = ?1 AND i.uses_left > 0 AND i.expires_ms > ?2 AND NOT coalesce(u.disabled, 0)";
    conn.prepare_cached(sql)?
        .query_row(params![code, put(now_ms)], |row| {
            let maker = row
                .get::<_, Option<i64>>(1)?
                .map(|maker| AccountId(maker.cast_unsigned()));
            Ok(Invite {
                id: take(row, 0)?,
                maker,
            })
        })
        .optional()
}

/// Takes one use away.
pub(super) fn use_up(conn: &Connection, invite: u64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE invites SET uses_left = uses_left - 1 WHERE id = ?1")?
        .execute([put(invite)])
        .map(drop)
}

/// Makes an invite. A repeated mid gets the fresh code in place of the old one. There is one start-up invite at most.
pub(super) fn create(
    tx: &mut Tx<'_>,
    maker: Option<AccountId>,
    mid: Mid,
    code: SecretHash,
    uses: u32,
    expires_ms: u64,
) -> Done<u64> {
    match maker {
        None => tx.conn.execute("DELETE FROM invites WHERE maker IS NULL", [])?,
        Some(maker) => {
            let repeat = "UPDATE invites SET hash = ?3 WHERE maker = ?1 AND mid = ?2 RETURNING id";
            let repeat = tx
                .conn
                .prepare_cached(repeat)?
                .query_row(params![put(maker.0), mid.0, code], |row| take(row, 0))
                .optional()?;
            if let Some(id) = repeat {
                return Ok(id);
            }
            clear(tx, maker)?
        }
    };
    if let Some(maker) = maker {
        let sql = "SELECT count(*) FROM invites WHERE maker = ?1 AND expires_ms > ?2";
        let live: u64 = tx
            .conn
            .prepare_cached(sql)?
            .query_row(params![put(maker.0), put(tx.now_ms)], |row| take(row, 0))?;
        if live >= LIVE_MAX {
            return Err(Fail::Nack(NackCode::Quota));
        }
    }
    let sql = "INSERT INTO invites (hash, maker, mid, uses_left, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id";
    if let Some(maker) = maker {
        let subject = format!("by {} for {uses}", accounts::username(tx.conn, maker)?);
        audit::note(tx.conn, tx.now_ms, "invite made", &subject)?;
    }
    let maker = maker.map(|it| put(it.0));
    Ok(tx
        .conn
        .prepare_cached(sql)?
        .query_row(params![code, maker, mid.0, uses, put(expires_ms)], |row| {
            take(row, 0)
        })?)
}

/// Takes away what is used up, and of the maker's what is over, but for the newest: those are over by a clock that may be
/// ahead, and are good again when it is set right.
fn clear(tx: &Tx<'_>, maker: AccountId) -> rusqlite::Result<usize> {
    tx.conn
        .prepare_cached(
            "DELETE FROM invites WHERE uses_left = 0 OR (maker = ?1 AND expires_ms <= ?2
             AND id NOT IN (SELECT id FROM invites WHERE maker = ?1 ORDER BY id DESC LIMIT ?3))",
        )?
        .execute(params![put(maker.0), put(tx.now_ms), put(LIVE_MAX)])
}

/// The valid invites of one maker, newest first.
pub(super) fn list(conn: &Connection, maker: AccountId, now_ms: u64) -> rusqlite::Result<Vec<InviteRow>> {
    let sql = "SELECT id, uses_left, expires_ms FROM invites
               WHERE maker = ?1 AND uses_left > 0 AND expires_ms > ?2 ORDER BY id DESC";
    conn.prepare_cached(sql)?
        .query_map(params![put(maker.0), put(now_ms)], |row| {
            Ok(InviteRow {
                invite: take(row, 0)?,
                uses_left: row.get(1)?,
                expires_ms: take(row, 2)?,
            })
        })?
        .collect()
}

/// Takes an invite back. Whether it was this maker's.
pub(super) fn revoke(tx: &mut Tx<'_>, maker: AccountId, mid: Mid, invite: u64) -> Done<bool> {
    let gone = tx.once(maker, mid, MidKind::Invite, &invite.to_string(), |tx| {
        let gone = tx
            .conn
            .prepare_cached("DELETE FROM invites WHERE maker = ?1 AND id = ?2")?
            .execute(params![put(maker.0), put(invite)])?;
        Ok(gone as u64)
    })?;
    Ok(gone > 0)
}
