//! What only the operator asks of the store: pages of accounts and invites, and what the data takes on the disk.

use super::backup;
use super::{AccountRow, Store, StoreError};
use crate::store::data_dir::file_bytes;
use crate::store::sqlite::open::DATABASE_FILE;
use breeze_protocol::AccountId;
use breeze_protocol::admin::AdminInvite;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

/// A store an operator can look into. Every list is asked for in pages.
pub trait Desk: Store {
    /// At most `limit` accounts after this one, in order.
    fn accounts(
        &self,
        after: AccountId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<AccountRow>, StoreError>> + Send;
    /// How many accounts there are.
    fn account_count(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;
    /// Usernames of these accounts.
    fn usernames(
        &self,
        accounts: Vec<AccountId>,
    ) -> impl Future<Output = Result<BTreeMap<AccountId, String>, StoreError>> + Send;
    /// At most `limit` invites that may still be used, made before this one, newest first.
    fn open_invites(
        &self,
        before: u64,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<AdminInvite>, StoreError>> + Send;
    /// Takes an invite back, whoever made it. `false` when there is none of this number.
    fn withdraw_invite(&self, invite: u64) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Makes a backup of everything kept, as it is at one moment. The writer goes on meanwhile.
    fn backup(
        &self,
        ask: backup::Ask,
    ) -> impl Future<Output = Result<backup::Made, backup::BackupError>> + Send;
    /// Bytes of all pictures.
    fn picture_bytes(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// What a data directory takes, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskUse {
    /// The database file.
    pub database: u64,
    /// What was committed lately and is not yet in it.
    pub wal: u64,
    /// Free for this user.
    pub free: u64,
}

/// Looks at the files of a data directory.
///
/// # Errors
/// What the system says.
pub fn disk_use(data: &Path) -> std::io::Result<DiskUse> {
    let database = data.join(DATABASE_FILE);
    let wal = data.join(format!("{DATABASE_FILE}-wal"));
    let place = rustix::fs::statvfs(data)?;
    Ok(DiskUse {
        database: file_bytes(&database),
        wal: file_bytes(&wal),
        free: place.f_bavail.saturating_mul(place.f_frsize),
    })
}
