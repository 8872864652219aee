//! What is asked of the store about files: uploads, places, and bytes nobody names any more.

use super::StoreError;
use super::files::Files;
use breeze_protocol::limit::{FILE_BYTES_DEFAULT, FILE_QUOTA_BYTES_DEFAULT};
use breeze_protocol::message::attachment::FilePlace;
use breeze_protocol::{AccountId, BlobHash, DeviceId, TransferId};
use std::future::Future;

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    /// Bytes of one file; 0 = no files at all.
    pub file_bytes: u64,
    /// Bytes of all files of one account.
    pub quota_bytes: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            file_bytes: FILE_BYTES_DEFAULT,
            quota_bytes: FILE_QUOTA_BYTES_DEFAULT,
        }
    }
}

/// An upload as its client announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Whose.
    pub account: AccountId,
    /// The client's number for it.
    pub transfer: TransferId,
    /// Bytes in all.
    pub size: u64,
    /// SHA-256 of all of them.
    pub hash: BlobHash,
}

/// An upload that may come, or go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Its bytes are here: they were brought before, or the account may read them anyway.
    pub whole: bool,
}

/// Why an upload may not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoUpload {
    /// Known under the same number with another size or hash.
    Malformed,
    /// Too many of this account are unfinished.
    Busy,
    /// It would take more than the account's quota.
    Quota,
}

/// What is noted of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// SHA-256 of its bytes.
    pub hash: BlobHash,
    /// Bytes in all.
    pub size: u64,
    /// Whether all of them are here and checked.
    pub whole: bool,
}

/// The part of a store that knows of files. Their bytes are in [`Files`].
pub trait FileStore {
    /// What the operator allows.
    fn file_limits(&self) -> FileLimits;
    /// The bytes; `None` for a store without a directory, which takes no files.
    fn files(&self) -> Option<&Files>;
    /// Notes an upload and reserves its room, or finds it noted.
    fn upload_begin(
        &self,
        wish: Wish,
    ) -> impl Future<Output = Result<Result<Begun, NoUpload>, StoreError>> + Send;
    /// What is noted of an upload.
    fn upload_known(
        &self,
        account: AccountId,
        transfer: TransferId,
    ) -> impl Future<Output = Result<Option<Known>, StoreError>> + Send;
    /// Its bytes are under their hash now. `false` when it was given up meanwhile.
    fn upload_whole(
        &self,
        account: AccountId,
        transfer: TransferId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Gives it up.
    fn upload_cancel(
        &self,
        account: AccountId,
        transfer: TransferId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The size of the file at this place, if the account may see it and it has this hash.
    fn file_size(
        &self,
        account: AccountId,
        place: FilePlace,
        hash: BlobHash,
    ) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;
    /// Whether this device is signed in and its account open.
    fn device_open(&self, device: DeviceId) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Forgets uploads unused for so long by the store's own time, milliseconds, and takes away bytes that nothing names.
    /// How many files went.
    fn sweep_files(&self, kept_ms: u64) -> impl Future<Output = Result<usize, StoreError>> + Send;
}
