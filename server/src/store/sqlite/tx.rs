//! What one change sees while it is made: the open transaction, the commit counter, and the list of what to tell.

use super::super::Change;
use super::super::uploads::FileLimits;
use super::open::MIDS_KEPT_MS;
use crate::fault::Fault;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, Mid};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

/// Why a change was not made. Its savepoint is rolled back.
#[derive(Debug)]
pub(super) enum Fail {
    /// Refused for good.
    Nack(NackCode),
    /// The database could not.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// What a change or a look-up in a change comes to.
pub(super) type Done<T = ()> = Result<T, Fail>;

/// One group's transaction.
pub(super) struct Tx<'c> {
    /// The writer's connection, inside `BEGIN IMMEDIATE`.
    pub(super) conn: &'c Connection,
    /// Highest commit number given.
    pub(super) head: u64,
    /// What to tell once the commit is on disk.
    pub(super) changes: Vec<Change>,
    /// Who is on whose list.
    pub(super) roster: Roster,
    /// The promise to break, in the sabotage binary only.
    pub(super) fault: Fault,
    /// What the operator allows of files.
    pub(super) limits: FileLimits,
    /// The server's wall clock when the group began, milliseconds: for what people read.
    pub(super) now_ms: u64,
    /// The store's own time then, milliseconds: for what ages.
    pub(super) lived_ms: u64,
}

impl Tx<'_> {
    /// The next commit number: one per change.
    pub(super) fn next(&mut self) -> u64 {
        self.head += 1;
        self.head
    }

    /// Runs a request once per mid; a repeat gets the first answer, another request under the same mid a refusal.
    /// Refusals are not remembered: nothing was changed.
    pub(super) fn once(
        &mut self,
        account: AccountId,
        mid: Mid,
        kind: MidKind,
        request: &str,
        work: impl FnOnce(&mut Self) -> Done<u64>,
    ) -> Done<u64> {
        let digest = &Sha256::digest(request.as_bytes())[..16];
        let known = self
            .conn
            .prepare_cached("SELECT kind, request, answer FROM mids WHERE account = ?1 AND mid = ?2")?
            .query_row(params![put(account.0), mid.0], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, take(row, 2)?))
            })
            .optional()?;
        match known {
            Some((was, first, answer)) if was == kind as i64 && first == digest => return Ok(answer),
            Some(_) => return Err(Fail::Nack(NackCode::MidReused)),
            None => {}
        }
        let answer = work(self)?;
        self.conn
            .prepare_cached(
                "INSERT INTO mids (account, mid, kind, request, answer, ts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                put(account.0),
                mid.0,
                kind as i64,
                digest,
                put(answer),
                put(self.lived_ms)
            ])?;
        Ok(answer)
    }
}

/// First answers forgotten in one turn of the writer, which others wait for.
const TURN_MIDS: i64 = 500;

/// Forgets some first answers that are older than wishes may be repeated. Whether there were any.
pub(super) fn forget_some(tx: &Tx<'_>) -> Done<bool> {
    let before_ms = tx.lived_ms.saturating_sub(MIDS_KEPT_MS);
    let gone = tx
        .conn
        .prepare_cached(
            "DELETE FROM mids WHERE (account, mid) IN (SELECT account, mid FROM mids WHERE ts < ?1 LIMIT ?2)",
        )?
        .execute(params![put(before_ms), TURN_MIDS])?;
    Ok(gone > 0)
}

/// Which request a remembered mid belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum MidKind {
    /// `conv_open`.
    ConvOpen = 1,
    /// `friend_request`: counted, at most so many a day.
    FriendRequest = 2,
    /// Another change of friends.
    Contact = 3,
    /// `profile_set`.
    Profile = 4,
    /// A change of a group.
    Group = 5,
    /// `item_set`.
    Prefs = 6,
    /// `message_pin`.
    Pin = 7,
    /// `conv_keep`.
    Keep = 8,
    /// `session_revoke`.
    Device = 9,
    /// `invite_revoke`.
    Invite = 10,
}

/// A number on its way into the database. All stay below 2^53.
pub(super) fn put(number: u64) -> i64 {
    number.cast_signed()
}

/// A number on its way out.
pub(super) fn take(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// An account's number on its way out.
pub(super) fn take_account(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountId> {
    take(row, column).map(AccountId)
}

/// Bytes of fixed length on their way out.
pub(super) fn take_bytes<const N: usize>(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    row.get(column)
}

/// Whether a query finds anything.
pub(super) fn exists(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<bool> {
    conn.prepare_cached(sql)?.exists(params)
}

/// Accounts a query finds in its first column.
pub(super) fn accounts(
    conn: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<AccountId>> {
    conn.prepare_cached(sql)?
        .query_map(params, |row| take_account(row, 0))?
        .collect()
}
