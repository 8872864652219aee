//! Pictures on the main connection. Uploads are numbered by the client; bytes travel in chunk frames.

use crate::id::{AccountId, BlobHash, ConvId, TransferId};
use serde::{Deserialize, Serialize};

/// `blob_begin`: announces an upload; answered by `blob_offset`. Beginning the same transfer again resumes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobBegin {
    /// The client's number for it, random.
    pub transfer: TransferId,
    /// Bytes in all.
    pub size: u64,
    /// SHA-256 of all of them.
    pub hash: BlobHash,
}

/// `blob_state`: answered by `blob_offset` or `error{not_found}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobState {
    /// Which upload.
    pub transfer: TransferId,
}

/// `blob_offset`: this many bytes have come; go on from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobOffset {
    /// Which upload.
    pub transfer: TransferId,
    /// Bytes held.
    pub offset: u64,
}

/// `blob_commit`: answered by `done`, `error{hash_mismatch}` or `error{malformed}` (not a picture we take).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobCommit {
    /// Which upload.
    pub transfer: TransferId,
}

/// `blob_cancel`: answered by `done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobCancel {
    /// Which upload.
    pub transfer: TransferId,
}

/// `blob_get`: the picture of somebody whose profile one may see, or of a group one is in. Answered by `blob_info` and chunks, or `error{not_found}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobGet {
    /// Whose picture.
    pub account: AccountId,
    /// Its hash, from the profile.
    pub hash: BlobHash,
    /// The group whose picture it is; `account` is passed over then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conv: Option<ConvId>,
}

/// `blob_info`: chunks of `transfer` follow, from offset 0 to `size`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobInfo {
    /// The server's number for this download.
    pub transfer: TransferId,
    /// Bytes in all.
    pub size: u64,
    /// SHA-256 of all of them; check it.
    pub hash: BlobHash,
}
