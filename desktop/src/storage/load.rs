//! What the first frame shows: the account, its people, its chats with their newest messages, and what waits.

use super::attachments::unpack;
use super::{entries, settings};
use crate::model::Me;
use crate::model::chat::{Chat, Message, Waiting};
use crate::model::command::{Account, Place};
use crate::model::entry_acts::About;
use crate::model::event::Loaded;
use crate::model::person::{Paint, Person, Presence, Request};
use breeze_protocol::message::chat::{EntryKind, Mark};
use breeze_protocol::message::item::{Direction, Relation};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{
    AccountId, BlobHash, ConvId, DeviceId, Epoch, Mid, PresenceState, ServerId, StatusKind,
};
use rusqlite::types::{FromSqlError, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

/// Newest messages read of each chat for the first frame: one screen. More come when the chat is scrolled.
const ROWS_FIRST: i64 = 40;
/// Chats of which a screen is read; of older ones one message is enough for the list.
const CHATS_FULL: usize = 40;

/// An integer of the database as the wire's.
pub(super) fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(at)?;
    Ok(u64::try_from(value).unwrap_or(0))
}

/// An integer of the wire (below 2^53) as the database's.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The same when it may be absent.
pub(super) fn maybe_number(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<u64>> {
    let value: Option<i64> = row.get(at)?;
    Ok(value.and_then(|value| u64::try_from(value).ok()))
}

fn bytes<const N: usize>(row: &Row<'_>, at: usize) -> rusqlite::Result<[u8; N]> {
    Ok(maybe_bytes(row, at)?.unwrap_or([0; N]))
}

fn maybe_bytes<const N: usize>(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<[u8; N]>> {
    match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        value => Ok(Some(
            value
                .as_blob()?
                .try_into()
                .map_err(|_| FromSqlError::InvalidType)?,
        )),
    }
}

pub(super) fn status_from(value: i64) -> StatusKind {
    match value {
        1 => StatusKind::Away,
        2 => StatusKind::Busy,
        3 => StatusKind::Invisible,
        _ => StatusKind::Online,
    }
}

/// The local number of the account shown.
pub(super) fn shown(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let query = "SELECT id FROM accounts WHERE shown = 1 ORDER BY id LIMIT 1";
    connection.query_row(query, [], |row| row.get(0)).optional()
}

/// Reads everything the first frame shows.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Loaded> {
    let settings = settings::load(connection)?;
    let Some(acc) = shown(connection)? else {
        return Ok(Loaded {
            settings,
            ..Loaded::default()
        });
    };
    let (account, me, open) = account(connection, acc)?;
    Ok(Loaded {
        settings,
        account: Some(account),
        token_kept_as: super::token::kept_as(connection, acc)?,
        me,
        people: people(connection, acc)?,
        requests: requests(connection, acc)?,
        chats: chats(connection, acc)?,
        open,
        reads: reads(connection, acc)?,
        rescued: None,
    })
}

fn account(connection: &Connection, acc: i64) -> rusqlite::Result<(Account, Me, Option<ConvId>)> {
    let query = "SELECT server, account, device, username, owner, host, port, pin, server_name, token, status, \
                 epoch, boot, cursor, display_name, avatar, status_text, open_conv, next_pin FROM accounts WHERE id = ?1";
    connection.query_row(query, [acc], |row| {
        let status = status_from(row.get(10)?);
        let account = Account {
            server: ServerId(bytes(row, 0)?),
            account: AccountId(number(row, 1)?),
            device: DeviceId(number(row, 2)?),
            username: row.get(3)?,
            owner: row.get(4)?,
            host: row.get(5)?,
            port: u16::try_from(row.get::<_, i64>(6)?).unwrap_or(0),
            pin: row.get(7)?,
            next_pin: row.get(18)?,
            server_name: row.get(8)?,
            token: row.get::<_, Option<String>>(9)?.map(Secret),
            status,
            place: Place {
                epoch: Epoch(bytes(row, 11)?),
                boot: number(row, 12)?,
                cursor: number(row, 13)?,
            },
        };
        let me = Me {
            account: account.account,
            username: account.username.clone(),
            display_name: row.get(14)?,
            avatar: maybe_bytes(row, 15)?.map(BlobHash),
            status_text: row.get(16)?,
            status,
            owner: account.owner,
        };
        let open: Option<i64> = row.get(17)?;
        Ok((
            account,
            me,
            open.and_then(|conv| u64::try_from(conv).ok()).map(ConvId),
        ))
    })
}

fn people(connection: &Connection, acc: i64) -> rusqlite::Result<BTreeMap<AccountId, Person>> {
    let mut query = connection.prepare(
        "SELECT account, username, display_name, avatar, status_text, relation, state, since \
         FROM people WHERE acc = ?1",
    )?;
    let rows = query.query_map([acc], |row| {
        let state = match row.get::<_, i64>(6)? {
            0 => PresenceState::Online,
            1 => PresenceState::Away,
            2 => PresenceState::Busy,
            _ => PresenceState::Offline,
        };
        let account = AccountId(number(row, 0)?);
        let person = Person {
            account,
            username: row.get(1)?,
            display_name: row.get(2)?,
            avatar: maybe_bytes(row, 3)?.map(BlobHash),
            status_text: row.get(4)?,
            relation: match row.get::<_, i64>(5)? {
                1 => Some(Relation::Friend),
                2 => Some(Relation::Blocked),
                _ => None,
            },
            presence: Presence {
                state,
                since_wall_ms: number(row, 7)?,
                ..Presence::default()
            },
            painted_before: if state == PresenceState::Offline {
                Paint::Grey
            } else {
                Paint::Colour
            },
        };
        Ok((account, person))
    })?;
    rows.collect()
}

fn requests(connection: &Connection, acc: i64) -> rusqlite::Result<BTreeMap<AccountId, Request>> {
    let mut query = connection
        .prepare("SELECT account, direction, username, display_name, ts FROM requests WHERE acc = ?1")?;
    let rows = query.query_map([acc], |row| {
        let account = AccountId(number(row, 0)?);
        let request = Request {
            account,
            direction: if row.get::<_, i64>(1)? == 0 {
                Direction::In
            } else {
                Direction::Out
            },
            username: row.get(2)?,
            display_name: row.get(3)?,
            ts: number(row, 4)?,
        };
        Ok((account, request))
    })?;
    rows.collect()
}

fn chats(connection: &Connection, acc: i64) -> rusqlite::Result<BTreeMap<ConvId, Chat>> {
    let mut query = connection
        .prepare("SELECT conv, other, head, n, keep_days FROM convs WHERE acc = ?1 ORDER BY conv DESC")?;
    let rows = query.query_map([acc], |row| {
        let conv = ConvId(number(row, 0)?);
        let (other, head, n) = (AccountId(number(row, 1)?), number(row, 2)?, number(row, 3)?);
        Ok(Chat {
            conv,
            other,
            head,
            n,
            keep_days: number(row, 4)?,
            ..Chat::default()
        })
    })?;
    let mut chats: BTreeMap<ConvId, Chat> = BTreeMap::new();
    for chat in rows {
        let chat = chat?;
        chats.insert(chat.conv, chat);
    }
    let newest = newest_first(connection, acc)?;
    for (rank, conv) in newest.iter().enumerate() {
        let Some(chat) = chats.get_mut(conv) else { continue };
        let limit = if rank < CHATS_FULL {
            ROWS_FIRST
        } else {
            entries::since_newest(connection, acc, *conv)?.clamp(1, ROWS_FIRST)
        };
        let (rows, more) = older(connection, acc, *conv, 0, limit)?;
        chat.messages = newest_run(rows).map(|row| (row.seq, row)).collect();
        let first = chat.messages.values().next();
        chat.more = more || first.is_some_and(|first| first.prev_seq > 0);
        if let Some(last) = chat.messages.values().next_back() {
            chat.head = chat.head.max(last.seq);
            chat.n = chat.n.max(last.n);
        }
    }
    for chat in chats.values_mut().filter(|chat| chat.messages.is_empty()) {
        chat.more = chat.head > 0;
    }
    super::groups::load(connection, acc, &mut chats)?;
    super::prefs::load(connection, acc, &mut chats)?;
    super::pins::load(connection, acc, &mut chats)?;
    marks_and_drafts(connection, acc, &mut chats)?;
    waiting(connection, acc, &mut chats)?;
    Ok(chats)
}

/// The newest rows that follow one another without a gap: what lies below one is read when it is filled.
fn newest_run(mut rows: Vec<Message>) -> impl Iterator<Item = Message> {
    let gap = (1..rows.len())
        .rev()
        .find(|at| rows[*at].prev_seq > rows[at - 1].seq);
    rows.split_off(gap.unwrap_or(0)).into_iter()
}

fn newest_first(connection: &Connection, acc: i64) -> rusqlite::Result<Vec<ConvId>> {
    let mut query = connection.prepare(
        "SELECT c.conv, (SELECT m.ts FROM messages m WHERE m.acc = c.acc AND m.conv = c.conv \
         ORDER BY m.seq DESC LIMIT 1) AS newest FROM convs c WHERE c.acc = ?1 ORDER BY newest DESC",
    )?;
    query
        .query_map([acc], |row| number(row, 0).map(ConvId))?
        .collect()
}

/// The columns of a message, for [`read_message`].
pub(super) const MESSAGE_COLUMNS: &str = "seq, prev_seq, n, sender, mid, ts, body, kind, target, attachments";

/// Reads a message.
pub(super) fn read_message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        seq: number(row, 0)?,
        prev_seq: number(row, 1)?,
        n: number(row, 2)?,
        sender: AccountId(number(row, 3)?),
        mid: Mid(bytes(row, 4)?),
        ts: number(row, 5)?,
        body: row.get(6)?,
        kind: EntryKind::from_number(row.get(7)?),
        target: maybe_number(row, 8)?,
        attachments: unpack(row.get(9)?),
    })
}

/// A page of messages after a place, in rising order.
pub(super) fn newer(
    connection: &Connection,
    acc: i64,
    conv: ConvId,
    after: u64,
    limit: i64,
) -> rusqlite::Result<Vec<Message>> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {MESSAGE_COLUMNS} FROM messages WHERE acc = ?1 AND conv = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"
    ))?;
    query
        .query_map(params![acc, int(conv.0), int(after), limit], read_message)?
        .collect()
}

/// What became, further on, of messages between two places: entries that change them.
pub(super) fn changed(
    connection: &Connection,
    acc: i64,
    conv: ConvId,
    (from, to): (u64, u64),
    limit: i64,
) -> rusqlite::Result<Vec<Message>> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {MESSAGE_COLUMNS} FROM messages WHERE acc = ?1 AND conv = ?2 AND target BETWEEN ?3 AND ?4 AND seq > ?4 \
         ORDER BY seq LIMIT ?5"
    ))?;
    query
        .query_map(params![acc, int(conv.0), int(from), int(to), limit], read_message)?
        .collect()
}

/// A page of messages before a place (0 = the newest), in rising order, and whether there are more.
pub(super) fn older(
    connection: &Connection,
    acc: i64,
    conv: ConvId,
    before: u64,
    limit: i64,
) -> rusqlite::Result<(Vec<Message>, bool)> {
    let before = if before == 0 { i64::MAX } else { int(before) };
    let mut query = connection.prepare_cached(&format!(
        "SELECT {MESSAGE_COLUMNS} FROM messages WHERE acc = ?1 AND conv = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4"
    ))?;
    let rows = query.query_map(params![acc, int(conv.0), before, limit + 1], read_message)?;
    let mut rows: Vec<Message> = rows.collect::<rusqlite::Result<_>>()?;
    let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows.reverse();
    Ok((rows, more))
}

fn marks_and_drafts(
    connection: &Connection,
    acc: i64,
    chats: &mut BTreeMap<ConvId, Chat>,
) -> rusqlite::Result<()> {
    let mut query = connection.prepare("SELECT conv, account, delivered, read FROM marks WHERE acc = ?1")?;
    let rows = query.query_map([acc], |row| {
        let mark = Mark {
            account: AccountId(number(row, 1)?),
            delivered: number(row, 2)?,
            read: number(row, 3)?,
        };
        Ok((ConvId(number(row, 0)?), mark))
    })?;
    for row in rows {
        let (conv, mark) = row?;
        if let Some(chat) = chats.get_mut(&conv) {
            chat.raise(mark);
        }
    }
    let mut query = connection.prepare("SELECT conv, text, known, answers FROM drafts WHERE acc = ?1")?;
    let rows = query.query_map([acc], |row| {
        let (text, known): (String, String) = (row.get(1)?, row.get(2)?);
        Ok((ConvId(number(row, 0)?), text, known, maybe_number(row, 3)?))
    })?;
    for row in rows {
        let (conv, text, known, answers) = row?;
        if let Some(chat) = chats.get_mut(&conv) {
            (chat.draft, chat.draft_known) = (text, known);
            (chat.about, chat.answers_kept) = (answers.map(About::Reply), answers);
        }
    }
    Ok(())
}

fn reads(connection: &Connection, acc: i64) -> rusqlite::Result<BTreeMap<ConvId, u64>> {
    let mut query = connection.prepare("SELECT conv, seq FROM reads WHERE acc = ?1")?;
    query
        .query_map([acc], |row| Ok((ConvId(number(row, 0)?), number(row, 1)?)))?
        .collect()
}

fn waiting(connection: &Connection, acc: i64, chats: &mut BTreeMap<ConvId, Chat>) -> rusqlite::Result<()> {
    let mut query =
        connection.prepare("SELECT conv, mid, body, ts, refused, kind, target, attachments FROM outbox WHERE acc = ?1 ORDER BY pos")?;
    let rows = query.query_map([acc], |row| {
        let waiting = Waiting {
            mid: Mid(bytes(row, 1)?),
            kind: EntryKind::from_number(row.get(5)?),
            target: maybe_number(row, 6)?,
            body: row.get(2)?,
            attachments: unpack(row.get(7)?),
            ts: number(row, 3)?,
            tried: None,
            refused: row.get(4)?,
        };
        Ok((ConvId(number(row, 0)?), waiting))
    })?;
    for row in rows {
        let (conv, waiting) = row?;
        let chat = chats.entry(conv).or_insert_with(|| Chat {
            conv,
            ..Chat::default()
        });
        chat.waiting.push(waiting);
    }
    Ok(())
}
