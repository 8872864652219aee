//! Items: which account sees what, and since which commit. The row is a pointer; the value is read where it lives.

use super::super::Change;
use super::contacts::GHOST_BASE;
use super::drafts;
use super::membership;
use super::pins;
use super::prefs;
use super::tx::{Done, Tx, accounts, exists, put, take, take_account};
use breeze_protocol::message::item::{Contact, Direction, ItemState, Profile, Relation, Request};
use breeze_protocol::{AccountId, BlobHash, ConvId};
use rusqlite::{Connection, OptionalExtension, params};

/// Kinds of items with rows of their own; marks carry their numbers themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Key: the person.
    Profile = 0,
    /// Key: the other.
    Contact = 1,
    /// Key: the asker when incoming, the request's number when outgoing.
    Request = 2,
    /// Key: the conversation.
    Conv = 3,
    /// Key: the conversation.
    Prefs = 4,
    /// Key: the conversation.
    Draft = 5,
    /// Key: the conversation.
    Pins = 6,
}

impl Kind {
    /// Reads a kind as kept.
    pub(super) fn from_kept(kind: i64) -> Option<Self> {
        [
            Self::Profile,
            Self::Contact,
            Self::Request,
            Self::Conv,
            Self::Prefs,
            Self::Draft,
            Self::Pins,
        ]
        .into_iter()
        .find(|it| *it as i64 == kind)
    }

    /// The item's absence.
    pub(super) fn gone(self, key: u64) -> ItemState {
        match self {
            Self::Profile => ItemState::ProfileGone(AccountId(key)),
            Self::Contact => ItemState::ContactGone(AccountId(key)),
            Self::Request => ItemState::RequestGone(AccountId(key)),
            Self::Conv => ItemState::ConvGone(ConvId(key)),
            Self::Prefs => ItemState::PrefsGone(ConvId(key)),
            Self::Draft => ItemState::DraftGone(ConvId(key)),
            Self::Pins => ItemState::PinsGone(ConvId(key)),
        }
    }
}

/// Notes that these accounts see something new about one item, which is the same for all of them, and tells them.
pub(super) fn tell(tx: &mut Tx<'_>, to: Vec<AccountId>, kind: Kind, key: u64) -> Done {
    let Some(&first) = to.first() else { return Ok(()) };
    let num = tx.next();
    set(tx, &to, kind, key, num, false)?;
    let state = state(tx.conn, first, kind, key)?;
    tx.changes.push(Change::Item { num, to, state });
    Ok(())
}

/// Notes and tells that an item is gone for one account; nothing when it was not there.
pub(super) fn tell_gone(tx: &mut Tx<'_>, viewer: AccountId, kind: Kind, key: u64) -> Done {
    if !is_live(tx.conn, viewer, kind, key)? {
        return Ok(());
    }
    let num = tx.next();
    set(tx, &[viewer], kind, key, num, true)?;
    tx.changes.push(Change::Item {
        num,
        to: vec![viewer],
        state: kind.gone(key),
    });
    Ok(())
}

/// Notes an item for these accounts under one number.
pub(super) fn set(tx: &Tx<'_>, to: &[AccountId], kind: Kind, key: u64, num: u64, gone: bool) -> Done {
    let mut statement = tx.conn.prepare_cached(
        "INSERT INTO items (account, kind, key, num, gone) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (account, kind, key) DO UPDATE SET num = excluded.num, gone = excluded.gone,
         frozen = CASE excluded.gone WHEN 1 THEN NULL ELSE frozen END",
    )?;
    for viewer in to {
        statement.execute(params![put(viewer.0), kind as i64, put(key), put(num), gone])?;
    }
    Ok(())
}

/// Whether an account sees an item now.
pub(super) fn is_live(conn: &Connection, viewer: AccountId, kind: Kind, key: u64) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM items WHERE account = ?1 AND kind = ?2 AND key = ?3 AND gone = 0";
    exists(conn, sql, params![put(viewer.0), kind as i64, put(key)])
}

/// An item as an account sees it now.
pub(super) fn state(
    conn: &Connection,
    viewer: AccountId,
    kind: Kind,
    key: u64,
) -> rusqlite::Result<ItemState> {
    let state = match kind {
        Kind::Profile => profile(conn, viewer, AccountId(key))?.map(ItemState::Profile),
        Kind::Contact => contact(conn, viewer, AccountId(key))?.map(ItemState::Contact),
        Kind::Request => request(conn, viewer, key)?.map(ItemState::Request),
        Kind::Conv => membership::conv(conn, viewer, ConvId(key))?.map(ItemState::Conv),
        Kind::Prefs => prefs::prefs(conn, viewer, ConvId(key))?.map(ItemState::Prefs),
        Kind::Draft => drafts::draft(conn, viewer, ConvId(key))?.map(ItemState::Draft),
        Kind::Pins => pins::pins(conn, viewer, ConvId(key))?.map(ItemState::Pins),
    };
    Ok(state.unwrap_or_else(|| kind.gone(key)))
}

/// A person as another sees them: frozen when one blocked the other, with what is kept back only for oneself.
pub(super) fn profile(
    conn: &Connection,
    viewer: AccountId,
    subject: AccountId,
) -> rusqlite::Result<Option<Profile>> {
    let frozen: Option<String> = conn
        .prepare_cached("SELECT frozen FROM items WHERE account = ?1 AND kind = 0 AND key = ?2")?
        .query_row(params![put(viewer.0), put(subject.0)], |row| row.get(0))
        .optional()?
        .flatten();
    if let Some(profile) = frozen.and_then(|json| serde_json::from_str(&json).ok()) {
        return Ok(Some(profile));
    }
    let own = viewer == subject;
    conn.prepare_cached(
        "SELECT username, iif(?2 AND pending, pending_display_name, display_name),
         iif(?2 AND pending, pending_avatar, avatar), iif(?2 AND pending, pending_status_text, status_text)
         FROM users WHERE id = ?1",
    )?
    .query_row(params![put(subject.0), own], |row| {
        Ok(Profile {
            account: subject,
            username: row.get(0)?,
            display_name: row.get(1)?,
            avatar: row.get::<_, Option<[u8; 32]>>(2)?.map(BlobHash),
            status_text: row.get(3)?,
        })
    })
    .optional()
}

fn contact(conn: &Connection, owner: AccountId, other: AccountId) -> rusqlite::Result<Option<Contact>> {
    let sql = "SELECT blocked, iif(blocked, blocked_since, friend_since) FROM contacts
               WHERE owner = ?1 AND other = ?2 AND (friend OR blocked)";
    conn.prepare_cached(sql)?
        .query_row(params![put(owner.0), put(other.0)], |row| {
            let relation = if row.get(0)? {
                Relation::Blocked
            } else {
                Relation::Friend
            };
            Ok(Contact {
                account: other,
                relation,
                since: take(row, 1)?,
            })
        })
        .optional()
}

fn request(conn: &Connection, viewer: AccountId, key: u64) -> rusqlite::Result<Option<Request>> {
    let outgoing = key >= GHOST_BASE;
    let (direction, sql) = if outgoing {
        let sql = "SELECT typed, '', ts FROM requests WHERE number = ?2 AND sender = ?1 AND out_live";
        (Direction::Out, sql)
    } else {
        let sql = "SELECT u.username, r.shown, r.ts FROM requests r JOIN users u ON u.id = r.sender
                   WHERE r.target = ?1 AND r.sender = ?2 AND r.in_live";
        (Direction::In, sql)
    };
    conn.prepare_cached(sql)?
        .query_row(params![put(viewer.0), put(key)], |row| {
            let (username, display_name) = (row.get(0)?, row.get(1)?);
            Ok(Request {
                account: AccountId(key),
                direction,
                username,
                display_name,
                ts: take(row, 2)?,
            })
        })
        .optional()
}

/// Members of a conversation.
pub(super) fn members(conn: &Connection, conv: ConvId) -> rusqlite::Result<Vec<AccountId>> {
    accounts(
        conn,
        "SELECT account FROM members WHERE conv = ?1 ORDER BY account",
        [put(conv.0)],
    )
}

/// Shows or hides a profile after what ties two people together has changed.
pub(super) fn refresh_profile(tx: &mut Tx<'_>, viewer: AccountId, subject: AccountId) -> Done {
    let known = is_live(tx.conn, viewer, Kind::Profile, subject.0)?;
    match (sees(tx.conn, viewer, subject)?, known) {
        (true, false) => tell(tx, vec![viewer], Kind::Profile, subject.0),
        (false, true) => tell_gone(tx, viewer, Kind::Profile, subject.0),
        _ => Ok(()),
    }
}

/// Whether somebody may see a person's profile: a friend, somebody one blocked, whoever asks to be a friend,
/// whoever shares a conversation.
fn sees(conn: &Connection, viewer: AccountId, subject: AccountId) -> rusqlite::Result<bool> {
    if viewer == subject {
        return Ok(true);
    }
    let sql = "SELECT 1 WHERE
        EXISTS (SELECT 1 FROM contacts WHERE owner = ?1 AND other = ?2 AND (friend OR blocked))
        OR EXISTS (SELECT 1 FROM requests WHERE target = ?1 AND sender = ?2 AND in_live)
        OR EXISTS (SELECT 1 FROM members a JOIN members b ON b.conv = a.conv WHERE a.account = ?1 AND b.account = ?2)";
    exists(conn, sql, params![put(viewer.0), put(subject.0)])
}

/// Everybody who sees a person's profile as it changes, the person not among them.
pub(super) fn profile_viewers(conn: &Connection, subject: AccountId) -> rusqlite::Result<Vec<AccountId>> {
    let sql = "SELECT account FROM items WHERE kind = 0 AND key = ?1 AND gone = 0 AND frozen IS NULL
               AND account <> ?1 ORDER BY account";
    conn.prepare_cached(sql)?
        .query_map([put(subject.0)], |row| take_account(row, 0))?
        .collect()
}

/// Keeps a profile as it is now for one viewer, whatever changes from here on.
pub(super) fn freeze_profile(tx: &Tx<'_>, viewer: AccountId, subject: AccountId) -> Done {
    let told = is_live(tx.conn, viewer, Kind::Profile, subject.0)?;
    // In a large group the pages of members name people whose profile is no item; those must not change either.
    if !told && !membership::share_group(tx.conn, viewer, subject)? {
        return Ok(());
    }
    let Some(now) = profile(tx.conn, viewer, subject)? else {
        return Ok(());
    };
    let json = serde_json::to_string(&now).expect("a profile is plain data with string keys");
    tx.conn
        .prepare_cached(
            "INSERT INTO items (account, kind, key, num, gone, frozen) VALUES (?1, 0, ?2, 0, 1, ?3)
             ON CONFLICT (account, kind, key) DO UPDATE SET frozen = excluded.frozen",
        )?
        .execute(params![put(viewer.0), put(subject.0), json])?;
    Ok(())
}

/// Lets a kept profile go and tells the viewer how the person looks by now.
pub(super) fn thaw_profile(tx: &mut Tx<'_>, viewer: AccountId, subject: AccountId) -> Done {
    let thawed = tx
        .conn
        .prepare_cached(
            "UPDATE items SET frozen = NULL WHERE account = ?1 AND kind = 0 AND key = ?2 AND frozen IS NOT NULL",
        )?
        .execute(params![put(viewer.0), put(subject.0)])?;
    if thawed > 0 && sees(tx.conn, viewer, subject)? {
        return tell(tx, vec![viewer], Kind::Profile, subject.0);
    }
    refresh_profile(tx, viewer, subject)
}
