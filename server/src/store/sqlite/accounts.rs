//! Accounts and devices: registering, what a sign-in is checked against, and the operator's list.

use super::super::{BootRow, Change, Credentials, Device, NewAccount, Registered, SecretHash};
use super::items;
use super::tx::{Done, MidKind, Tx, exists, put, take, take_account};
use super::{audit, chat, contacts, invites, recovery};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::session::SessionRow;
use breeze_protocol::{AccountId, DeviceId, Mid};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

/// Makes an account with everything that follows from it.
pub(super) fn register(tx: &mut Tx<'_>, new: &NewAccount) -> Done<Registered> {
    if let Some(repeat) = repeat(tx.conn, new)? {
        return Ok(Registered::Repeat(repeat));
    }
    let invite = match new.invite {
        Some(code) => match invites::valid(tx.conn, code, new.now_ms)? {
            Some(invite) => Some(invite),
            None => return Ok(Registered::InviteInvalid),
        },
        None => None,
    };
    if !name_free(tx.conn, &new.skeleton)? || username_taken(tx.conn, &new.username)? {
        return Ok(Registered::NameTaken);
    }
    let owner = invite.as_ref().is_some_and(|it| it.maker.is_none()) && owner(tx.conn)?.is_none();
    if let Some(invite) = &invite {
        invites::use_up(tx.conn, invite.id)?;
    }
    let account = insert(tx, new, owner)?;
    tx.changes.push(Change::Account(account));
    items::refresh_profile(tx, account, account)?;
    if tx.roster == Roster::Everyone {
        contacts::befriend_everyone(tx, account, new.now_ms)?;
    }
    if let Some(maker) = invite.and_then(|it| it.maker) {
        contacts::befriend(tx, maker, account, new.now_ms)?;
        chat::open_direct(tx, maker, account)?;
    }
    audit::note(tx.conn, tx.now_ms, "account made", &new.username)?;
    let device = match &new.device {
        Some((name, token)) => insert_device(tx.conn, account, name, *token, new.now_ms)?,
        None => DeviceId::default(),
    };
    let username = new.username.clone();
    Ok(Registered::Made(Device {
        account,
        device,
        username,
        owner,
        disabled: false,
        ahead: false,
    }))
}

fn repeat(conn: &Connection, new: &NewAccount) -> rusqlite::Result<Option<Credentials>> {
    let sql =
        "SELECT id, username, password_hash, disabled FROM users WHERE skeleton = ?1 AND register_mid = ?2";
    conn.prepare_cached(sql)?
        .query_row(params![new.skeleton, new.mid.0], read_credentials)
        .optional()
}

fn insert(tx: &Tx<'_>, new: &NewAccount, owner: bool) -> rusqlite::Result<AccountId> {
    let display_name = if new.display_name.is_empty() {
        &new.username
    } else {
        &new.display_name
    };
    tx.conn
        .prepare_cached(
            "INSERT INTO users (username, skeleton, password_hash, display_name, owner, register_mid, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
        )?
        .query_row(
            params![
                new.username,
                new.skeleton,
                new.password_hash,
                display_name,
                owner,
                new.mid.0,
                put(new.now_ms)
            ],
            |row| take_account(row, 0),
        )
}

/// Keeps a device.
pub(super) fn insert_device(
    conn: &Connection,
    account: AccountId,
    name: &str,
    token: SecretHash,
    now_ms: u64,
) -> rusqlite::Result<DeviceId> {
    conn.prepare_cached(
        "INSERT INTO devices (account, name, token, created_ms) VALUES (?1, ?2, ?3, ?4) RETURNING id",
    )?
    .query_row(params![put(account.0), name, token, put(now_ms)], |row| {
        take(row, 0).map(DeviceId)
    })
}

/// A new device of an account whose password fitted `known`. Checking a password takes long: it counts only if it is still
/// the account's, or a changed one would let in whoever began before.
pub(super) fn add_device(
    tx: &mut Tx<'_>,
    known: &Credentials,
    name: &str,
    token: SecretHash,
    now_ms: u64,
) -> Done<Option<Device>> {
    let now = credentials_of(tx.conn, known.account)?;
    if now.is_none_or(|now| now.disabled || now.password_hash != known.password_hash) {
        return Ok(None);
    }
    insert_device(tx.conn, known.account, name, token, now_ms)?;
    Ok(device_by_token(tx.conn, token)?)
}

/// The device a token belongs to.
pub(super) fn device_by_token(conn: &Connection, token: SecretHash) -> rusqlite::Result<Option<Device>> {
    let sql = "SELECT d.account, d.id, u.username, u.owner, u.disabled, d.ahead FROM devices d
               JOIN users u ON u.id = d.account WHERE d.token = ?1";
    conn.prepare_cached(sql)?
        .query_row([token], |row| {
            Ok(Device {
                account: take_account(row, 0)?,
                device: DeviceId(take(row, 1)?),
                username: row.get(2)?,
                owner: row.get(3)?,
                disabled: row.get(4)?,
                ahead: row.get(5)?,
            })
        })
        .optional()
}

/// Notes that a device has seen a newer server than this data.
pub(super) fn set_ahead(conn: &Connection, device: DeviceId) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE devices SET ahead = 1 WHERE id = ?1")?
        .execute([put(device.0)])
        .map(drop)
}

/// Every device of an account, oldest first.
pub(super) fn devices(conn: &Connection, account: AccountId) -> rusqlite::Result<Vec<SessionRow>> {
    conn.prepare_cached("SELECT id, name, created_ms FROM devices WHERE account = ?1 ORDER BY id")?
        .query_map([put(account.0)], |row| {
            Ok(SessionRow {
                device: DeviceId(take(row, 0)?),
                name: row.get(1)?,
                this: false,
                address: None,
                heard_ms: None,
                since_ms: take(row, 2)?,
            })
        })?
        .collect()
}

/// Signs a device out. Whether it was one of the account's.
pub(super) fn revoke_device(tx: &mut Tx<'_>, account: AccountId, mid: Mid, device: DeviceId) -> Done<bool> {
    let gone = tx.once(account, mid, MidKind::Device, &device.to_string(), |tx| {
        let gone = tx
            .conn
            .prepare_cached("DELETE FROM devices WHERE account = ?1 AND id = ?2")?
            .execute(params![put(account.0), put(device.0)])?;
        if gone > 0 {
            audit::note(
                tx.conn,
                tx.now_ms,
                "device signed out",
                &username(tx.conn, account)?,
            )?;
        }
        Ok(gone as u64)
    })?;
    Ok(gone > 0)
}

/// Sets a password; every device but `keep` is signed out and named.
pub(super) fn set_password(
    tx: &Tx<'_>,
    account: AccountId,
    password_hash: &str,
    keep: Option<DeviceId>,
) -> rusqlite::Result<Vec<DeviceId>> {
    let what = if keep.is_some() {
        "password changed"
    } else {
        "password reset by the operator"
    };
    recovery::forget(tx.conn, account)?;
    change_password(tx, account, password_hash, keep, what)
}

/// The same for any reason, which the audit keeps.
pub(super) fn change_password(
    tx: &Tx<'_>,
    account: AccountId,
    password_hash: &str,
    keep: Option<DeviceId>,
    what: &str,
) -> rusqlite::Result<Vec<DeviceId>> {
    let conn = tx.conn;
    conn.prepare_cached("UPDATE users SET password_hash = ?2 WHERE id = ?1")?
        .execute(params![put(account.0), password_hash])?;
    audit::note(conn, tx.now_ms, what, &username(conn, account)?)?;
    conn.prepare_cached("DELETE FROM devices WHERE account = ?1 AND id <> ?2 RETURNING id")?
        .query_map(params![put(account.0), keep.map_or(0, |it| put(it.0))], |row| {
            take(row, 0).map(DeviceId)
        })?
        .collect()
}

fn read_credentials(row: &Row<'_>) -> rusqlite::Result<Credentials> {
    Ok(Credentials {
        account: take_account(row, 0)?,
        username: row.get(1)?,
        password_hash: row.get(2)?,
        disabled: row.get(3)?,
    })
}

/// What a password is checked against, by name.
pub(super) fn credentials(conn: &Connection, skeleton: &str) -> rusqlite::Result<Option<Credentials>> {
    conn.prepare_cached("SELECT id, username, password_hash, disabled FROM users WHERE skeleton = ?1")?
        .query_row([skeleton], read_credentials)
        .optional()
}

/// What a password is checked against, by number.
pub(super) fn credentials_of(conn: &Connection, account: AccountId) -> rusqlite::Result<Option<Credentials>> {
    conn.prepare_cached("SELECT id, username, password_hash, disabled FROM users WHERE id = ?1")?
        .query_row([put(account.0)], read_credentials)
        .optional()
}

/// Whether no account has this skeleton.
pub(super) fn name_free(conn: &Connection, skeleton: &str) -> rusqlite::Result<bool> {
    exists(conn, "SELECT 1 FROM users WHERE skeleton = ?1", [skeleton]).map(|taken| !taken)
}

fn username_taken(conn: &Connection, username: &str) -> rusqlite::Result<bool> {
    exists(conn, "SELECT 1 FROM users WHERE username = ?1", [username])
}

/// The owner, once there is one.
pub(super) fn owner(conn: &Connection) -> rusqlite::Result<Option<AccountId>> {
    conn.prepare_cached("SELECT id FROM users WHERE owner ORDER BY id LIMIT 1")?
        .query_row([], |row| take_account(row, 0))
        .optional()
}

/// Shuts or opens an account.
pub(super) fn set_disabled(
    tx: &Tx<'_>,
    skeleton: &str,
    disabled: bool,
) -> rusqlite::Result<Option<AccountId>> {
    let found = tx
        .conn
        .prepare_cached("UPDATE users SET disabled = ?2 WHERE skeleton = ?1 RETURNING id")?
        .query_row(params![skeleton, disabled], |row| take_account(row, 0))
        .optional()?;
    if let Some(account) = found {
        let what = if disabled {
            "account shut"
        } else {
            "account opened"
        };
        audit::note(tx.conn, tx.now_ms, what, &username(tx.conn, account)?)?;
    }
    Ok(found)
}

/// The username of an account, for the audit.
pub(super) fn username(conn: &Connection, account: AccountId) -> rusqlite::Result<String> {
    conn.prepare_cached("SELECT username FROM users WHERE id = ?1")?
        .query_row([put(account.0)], |row| row.get(0))
        .optional()
        .map(|name| name.unwrap_or_else(|| "nobody".to_owned()))
}

/// Everybody, for the hub.
pub(super) fn boot_rows(conn: &Connection) -> rusqlite::Result<Vec<BootRow>> {
    let mut rows: BTreeMap<u64, BootRow> = BTreeMap::new();
    let mut statement = conn.prepare("SELECT id, last_seen_ms FROM users")?;
    let mut users = statement.query([])?;
    while let Some(row) = users.next()? {
        let account = take_account(row, 0)?;
        let last_seen_ms = take(row, 1)?;
        rows.insert(
            account.0,
            BootRow {
                account,
                last_seen_ms,
                friends: Vec::new(),
            },
        );
    }
    let mut statement = conn.prepare(
        "SELECT c.owner, c.other FROM contacts c JOIN contacts r ON r.owner = c.other AND r.other = c.owner
         WHERE c.friend AND NOT c.blocked AND NOT r.blocked ORDER BY c.owner, c.other",
    )?;
    let mut edges = statement.query([])?;
    while let Some(row) = edges.next()? {
        if let Some(found) = rows.get_mut(&take(row, 0)?) {
            found.friends.push(take_account(row, 1)?);
        }
    }
    Ok(rows.into_values().collect())
}

/// Notes when people were last seen, over what was noted before: rows come in the order of time, and a clock that was
/// ahead once must not stand in the way of the right one.
pub(super) fn last_seen(conn: &Connection, rows: &[(AccountId, u64)]) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached("UPDATE users SET last_seen_ms = ?2 WHERE id = ?1")?;
    for (account, at_ms) in rows {
        statement.execute(params![put(account.0), put(*at_ms)])?;
    }
    Ok(())
}
