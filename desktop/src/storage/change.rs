//! How each change is written. Called inside a transaction.

use super::attachments;
use super::displaced;
use super::entries;
use super::gaps;
use super::groups;
use super::load::int;
use super::pins;
use super::prefs;
use super::token;
use crate::model::chat::Message;
use crate::model::command::{Account, Change, OutRow, Place};
use crate::model::person::{Person, Presence};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::item::{Direction, Relation};
use breeze_protocol::{ConvId, PresenceState, StatusKind};
use rusqlite::{Connection, params};

/// The number a status is kept as.
pub(super) fn status_number(status: StatusKind) -> i64 {
    match status {
        StatusKind::Online => 0,
        StatusKind::Away => 1,
        StatusKind::Busy => 2,
        StatusKind::Invisible => 3,
    }
}

/// Writes one change of the account `acc`.
pub(super) fn write(db: &Connection, acc: i64, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::GoBack => {
            displaced::put_aside(db, acc)?;
            db.execute("DELETE FROM messages WHERE acc = ?1", [acc])?;
            write(db, acc, &Change::Forget)?;
        }
        Change::Forget => {
            for table in ["people", "requests", "convs", "marks", "pins"] {
                db.execute(&format!("DELETE FROM {table} WHERE acc = ?1"), [acc])?;
            }
            prefs::forget_kept(db, acc)?;
        }
        Change::Named(convs) => gaps::keep_only(db, acc, convs)?,
        Change::Person(person) => write_person(db, acc, person)?,
        Change::PersonGone(account) => {
            db.execute(
                "DELETE FROM people WHERE acc = ?1 AND account = ?2",
                params![acc, int(account.0)],
            )?;
        }
        Change::Presence(account, presence) => {
            let sql = "UPDATE people SET state = ?3, since = ?4 WHERE acc = ?1 AND account = ?2";
            db.prepare_cached(sql)?.execute(params![
                acc,
                int(account.0),
                state_number(presence),
                int(presence.since_wall_ms)
            ])?;
        }
        Change::Own {
            display_name,
            avatar,
            status_text,
        } => {
            let avatar = avatar.map(|hash| hash.0.to_vec());
            let sql = "UPDATE accounts SET display_name = ?2, avatar = ?3, status_text = ?4 WHERE id = ?1";
            db.execute(sql, params![acc, display_name, avatar, status_text])?;
        }
        Change::Request(it) => {
            let direction = i64::from(it.direction == Direction::Out);
            let sql = "INSERT OR REPLACE INTO requests (acc, account, direction, username, display_name, ts) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            db.execute(
                sql,
                params![
                    acc,
                    int(it.account.0),
                    direction,
                    it.username,
                    it.display_name,
                    int(it.ts)
                ],
            )?;
        }
        Change::RequestGone(account) => {
            db.execute(
                "DELETE FROM requests WHERE acc = ?1 AND account = ?2",
                params![acc, int(account.0)],
            )?;
        }
        change => write_in_chat(db, acc, change)?,
    }
    Ok(())
}

/// A change inside one chat.
fn write_in_chat(db: &Connection, acc: i64, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Conv(conv, other, head, n) => {
            let sql = "INSERT OR REPLACE INTO convs (acc, conv, other, head, n) VALUES (?1, ?2, ?3, ?4, ?5)";
            db.execute(sql, params![acc, int(conv.0), int(other.0), int(*head), int(*n)])?;
        }
        Change::DraftKnown(conv, text) => {
            let sql = "INSERT INTO drafts (acc, conv, text, known) VALUES (?1, ?2, '', ?3) \
                       ON CONFLICT (acc, conv) DO UPDATE SET known = excluded.known";
            db.prepare_cached(sql)?.execute(params![acc, int(conv.0), text])?;
        }
        Change::Prefs(prefs) => prefs::write_kept(db, acc, prefs)?,
        Change::PrefsWish(conv, wish) => prefs::write_wish(db, acc, *conv, wish.as_deref())?,
        Change::Pins(pins) => pins::write(db, acc, pins)?,
        Change::Group(conv, group) => groups::write(db, acc, *conv, group)?,
        Change::KeepDays(conv, days) => {
            let sql = "UPDATE convs SET keep_days = ?3 WHERE acc = ?1 AND conv = ?2";
            db.prepare_cached(sql)?
                .execute(params![acc, int(conv.0), int(*days)])?;
        }
        Change::ForgetBefore(conv, from) => groups::forget_before(db, acc, *conv, *from)?,
        Change::ConvGone(conv) => {
            for table in ["convs", "marks", "messages", "drafts", "reads", "prefs", "pins"] {
                db.execute(
                    &format!("DELETE FROM {table} WHERE acc = ?1 AND conv = ?2"),
                    params![acc, int(conv.0)],
                )?;
            }
        }
        Change::Mark(conv, mark) => {
            let sql = "INSERT INTO marks (acc, conv, account, delivered, read) VALUES (?1, ?2, ?3, ?4, ?5) \
                       ON CONFLICT (acc, conv, account) DO UPDATE SET \
                       delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)";
            db.prepare_cached(sql)?.execute(params![
                acc,
                int(conv.0),
                int(mark.account.0),
                int(mark.delivered),
                int(mark.read)
            ])?;
        }
        Change::ReadUnsaid(conv, seq) => {
            let sql = "INSERT INTO reads (acc, conv, seq) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (acc, conv) DO UPDATE SET seq = max(seq, excluded.seq)";
            db.prepare_cached(sql)?
                .execute(params![acc, int(conv.0), int(*seq)])?;
        }
        Change::ReadSaid(conv, seq) => {
            let sql = "DELETE FROM reads WHERE acc = ?1 AND conv = ?2 AND seq <= ?3";
            db.prepare_cached(sql)?
                .execute(params![acc, int(conv.0), int(*seq)])?;
        }
        Change::Message(conv, message) => write_message(db, acc, *conv, message)?,
        _ => {}
    }
    Ok(())
}

fn write_person(db: &Connection, acc: i64, person: &Person) -> rusqlite::Result<()> {
    let relation = match person.relation {
        None => 0,
        Some(Relation::Friend) => 1,
        Some(Relation::Blocked) => 2,
    };
    let avatar = person.avatar.map(|hash| hash.0.to_vec());
    let sql = "INSERT INTO people (acc, account, username, display_name, avatar, status_text, relation) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (acc, account) DO UPDATE SET \
               username = excluded.username, display_name = excluded.display_name, avatar = excluded.avatar, \
               status_text = excluded.status_text, relation = excluded.relation";
    let row = params![
        acc,
        int(person.account.0),
        person.username,
        person.display_name,
        avatar,
        person.status_text,
        relation
    ];
    db.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// A message takes its mid out of the outbox in the same transaction: it is in one of the two, never in both or none.
fn write_message(db: &Connection, acc: i64, conv: ConvId, message: &Message) -> rusqlite::Result<()> {
    let (body, files) = if entries::is_deleted(db, acc, conv, message)? {
        ("", None)
    } else {
        (message.body.as_str(), attachments::pack(&message.attachments))
    };
    let sql = "INSERT OR REPLACE INTO messages \
               (acc, conv, seq, prev_seq, n, sender, mid, ts, body, unsupported, kind, target, attachments) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    db.prepare_cached(sql)?.execute(params![
        acc,
        int(conv.0),
        int(message.seq),
        int(message.prev_seq),
        int(message.n),
        int(message.sender.0),
        message.mid.0.as_slice(),
        int(message.ts),
        body,
        message.kind == EntryKind::Other,
        message.kind.number(),
        message.target.map(int),
        files
    ])?;
    entries::erase(db, acc, conv, message)?;
    let sql = "DELETE FROM outbox WHERE acc = ?1 AND mid = ?2";
    db.prepare_cached(sql)?
        .execute(params![acc, message.mid.0.as_slice()])?;
    Ok(())
}

fn state_number(presence: &Presence) -> i64 {
    match presence.state {
        PresenceState::Online => 0,
        PresenceState::Away => 1,
        PresenceState::Busy => 2,
        PresenceState::Offline | PresenceState::Doubtful | PresenceState::Unknown => 3,
    }
}

/// How far the device is.
pub(super) fn write_place(db: &Connection, acc: i64, place: &Place) -> rusqlite::Result<()> {
    let sql = "UPDATE accounts SET epoch = ?2, boot = ?3, cursor = ?4 WHERE id = ?1";
    let row = params![acc, place.epoch.0.as_slice(), int(place.boot), int(place.cursor)];
    db.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// A message into the outbox; a refused one that is tried again keeps its place.
pub(super) fn write_outbox(db: &Connection, acc: i64, row: &OutRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO outbox (acc, mid, conv, body, ts, kind, target, attachments) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
               ON CONFLICT (mid) DO UPDATE SET refused = NULL, ts = excluded.ts";
    let (kind, target) = (row.kind.number(), row.target.map(int));
    let (mid, files) = (row.mid.0.as_slice(), attachments::pack(&row.attachments));
    let values = params![
        acc,
        mid,
        int(row.conv.0),
        row.body,
        int(row.ts),
        kind,
        target,
        files
    ];
    db.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Keeps an account and shows it. Returns its local number.
pub(super) fn save_account(db: &Connection, it: &Account) -> rusqlite::Result<i64> {
    let secret = it.token.as_ref().map(|token| token.0.clone());
    db.execute("UPDATE accounts SET shown = 0", [])?;
    let sql = "INSERT INTO accounts (server, account, device, username, owner, host, port, pin, server_name, token, \
               status, epoch, next_pin, boot, cursor, shown) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, 0, 1) \
               ON CONFLICT (server, account) DO UPDATE SET device = excluded.device, username = excluded.username, \
               owner = excluded.owner, host = excluded.host, port = excluded.port, pin = excluded.pin, \
               next_pin = excluded.next_pin, server_name = excluded.server_name, token = coalesce(excluded.token, token), shown = 1";
    db.execute(
        sql,
        params![
            it.server.0.as_slice(),
            int(it.account.0),
            int(it.device.0),
            it.username,
            it.owner,
            it.host,
            i64::from(it.port),
            it.pin,
            it.server_name,
            secret,
            status_number(it.status),
            it.place.epoch.0.as_slice(),
            it.next_pin,
        ],
    )?;
    let id = "SELECT id FROM accounts WHERE server = ?1 AND account = ?2";
    let id = db.query_row(id, params![it.server.0.as_slice(), int(it.account.0)], |row| {
        row.get(0)
    })?;
    if it.token.is_some() {
        token::stays(db, id)?;
    }
    Ok(id)
}

/// Forgets an account and everything of it.
pub(super) fn forget_account(db: &Connection, acc: i64) -> rusqlite::Result<()> {
    for table in [
        "people",
        "requests",
        "convs",
        "marks",
        "messages",
        "outbox",
        "drafts",
        "pins",
        "prefs",
        "reads",
        "displaced",
    ] {
        db.execute(&format!("DELETE FROM {table} WHERE acc = ?1"), [acc])?;
    }
    token::stays(db, acc)?;
    db.execute("DELETE FROM accounts WHERE id = ?1", [acc])?;
    Ok(())
}
