//! The operator's look into the database.

use super::super::backup::{self, BackupError};
use super::super::desk::Desk;
use super::super::{AccountRow, StoreError};
use super::tx::{Tx, put, take, take_account};
use super::{SqliteStore, audit};
use breeze_protocol::AccountId;
use breeze_protocol::admin::AdminInvite;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

impl Desk for SqliteStore {
    async fn accounts(&self, after: AccountId, limit: usize) -> Result<Vec<AccountRow>, StoreError> {
        self.read(move |conn| accounts(conn, after, limit)).await
    }

    async fn account_count(&self) -> Result<u64, StoreError> {
        self.read(|conn| number(conn, "SELECT count(*) FROM users")).await
    }

    async fn usernames(&self, accounts: Vec<AccountId>) -> Result<BTreeMap<AccountId, String>, StoreError> {
        self.read(move |conn| usernames(conn, &accounts)).await
    }

    async fn open_invites(
        &self,
        before: u64,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<AdminInvite>, StoreError> {
        self.read(move |conn| open_invites(conn, before, limit, now_ms))
            .await
    }

    async fn withdraw_invite(&self, invite: u64) -> Result<bool, StoreError> {
        self.change(move |tx| {
            let gone = tx
                .conn
                .prepare_cached("DELETE FROM invites WHERE id = ?1")?
                .execute([put(invite)])?;
            Ok(gone > 0)
        })
        .await
    }

    async fn backup(&self, ask: backup::Ask) -> Result<backup::Made, BackupError> {
        let _one = self.inner.backing_up.try_lock().map_err(|_| BackupError::Busy)?;
        let named = ask.to.file_name().map(|name| name.to_string_lossy().into_owned());
        let made = tokio::task::spawn_blocking(move || backup::make(&ask)).await;
        let made = made.map_err(|error| BackupError::Failed(error.to_string()))??;
        let note = move |tx: &mut Tx<'_>| {
            let named = named.as_deref().unwrap_or_default();
            Ok(audit::note(tx.conn, tx.now_ms, "backup made", named)?)
        };
        // The backup is whole whether or not the note could be kept.
        if let Err(error) = self.change(note).await {
            tracing::warn!("a backup was made and could not be noted in the audit: {error}");
        }
        Ok(made)
    }

    async fn picture_bytes(&self) -> Result<u64, StoreError> {
        // The length stands in the row's head: no picture is read for it.
        self.read(|conn| number(conn, "SELECT coalesce(sum(length(bytes)), 0) FROM blobs"))
            .await
    }
}

fn number(conn: &Connection, sql: &str) -> rusqlite::Result<u64> {
    conn.prepare_cached(sql)?.query_row([], |row| take(row, 0))
}

fn accounts(conn: &Connection, after: AccountId, limit: usize) -> rusqlite::Result<Vec<AccountRow>> {
    let sql = "SELECT id, username, display_name, owner, disabled,
               (SELECT coalesce(sum(size), 0) FROM attachments a WHERE a.account = users.id)
               FROM users WHERE id > ?1 ORDER BY id LIMIT ?2";
    conn.prepare_cached(sql)?
        .query_map(params![put(after.0), put(limit as u64)], |row| {
            Ok(AccountRow {
                account: take_account(row, 0)?,
                username: row.get(1)?,
                display_name: row.get(2)?,
                owner: row.get(3)?,
                disabled: row.get(4)?,
                files_bytes: take(row, 5)?,
            })
        })?
        .collect()
}

fn usernames(conn: &Connection, accounts: &[AccountId]) -> rusqlite::Result<BTreeMap<AccountId, String>> {
    let mut ask = conn.prepare_cached("SELECT username FROM users WHERE id = ?1")?;
    let mut names = BTreeMap::new();
    for account in accounts {
        let name = ask.query_row([put(account.0)], |row| row.get(0)).optional()?;
        names.extend(name.map(|name| (*account, name)));
    }
    Ok(names)
}

fn open_invites(
    conn: &Connection,
    before: u64,
    limit: usize,
    now_ms: u64,
) -> rusqlite::Result<Vec<AdminInvite>> {
    let sql = "SELECT i.id, coalesce(u.username, ''), i.uses_left, i.expires_ms
               FROM invites i LEFT JOIN users u ON u.id = i.maker
               WHERE i.id < ?1 AND i.uses_left > 0 AND i.expires_ms > ?2 AND NOT coalesce(u.disabled, 0)
               ORDER BY i.id DESC LIMIT ?3";
    conn.prepare_cached(sql)?
        .query_map(params![put(before), put(now_ms), put(limit as u64)], |row| {
            Ok(AdminInvite {
                invite: take(row, 0)?,
                maker: row.get(1)?,
                uses_left: row.get(2)?,
                expires_ms: take(row, 3)?,
            })
        })?
        .collect()
}
