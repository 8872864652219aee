//! Bytes named by their hash: pictures on the main connection, files on a transfer connection. The client numbers its
//! uploads, the server its downloads; bytes travel in chunk frames.

use super::attachment::FilePlace;
use super::sign_in::Secret;
use crate::id::{AccountId, BlobHash, ConvId, TransferId};
use serde::{Deserialize, Serialize};

/// `transfer_ticket`: answered by `ticket`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferTicket {}

/// `ticket`: for one `hello{role:transfer}`, once and soon. A newer one of the same device takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket.
    pub ticket: Secret,
    /// For how many milliseconds it is good.
    pub ttl_ms: u64,
}

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

/// `blob_commit`: answered by `done`, `error{hash_mismatch}` or, of a picture, `error{malformed}` (not one we take).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobCommit {
    /// Which upload.
    pub transfer: TransferId,
}

/// `blob_cancel`: gives an upload up, or stops a download. Answered by `done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobCancel {
    /// Which.
    pub transfer: TransferId,
}

/// `blob_get`: answered by `blob_info` and chunks, or `error{not_found}`. It names a picture by `account` or `conv` (on the
/// main connection) or a file by `place` (on a transfer connection), never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobGet {
    /// Whose picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Its hash, from the profile or from the message.
    pub hash: BlobHash,
    /// The group whose picture it is; `account` is passed over then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conv: Option<ConvId>,
    /// Where the file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<FilePlace>,
    /// The first byte wanted of a file; absent = 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: u64,
}

impl BlobGet {
    /// Asks for the picture of somebody whose profile one may see.
    #[must_use]
    pub fn picture(account: AccountId, hash: BlobHash) -> Self {
        Self {
            account: Some(account),
            hash,
            conv: None,
            place: None,
            offset: 0,
        }
    }

    /// Asks for the picture of a group one is in.
    #[must_use]
    pub fn group(conv: ConvId, hash: BlobHash) -> Self {
        Self {
            account: None,
            hash,
            conv: Some(conv),
            place: None,
            offset: 0,
        }
    }

    /// Asks for a file of a message, from this byte on.
    #[must_use]
    pub fn file(place: FilePlace, hash: BlobHash, offset: u64) -> Self {
        Self {
            account: None,
            hash,
            conv: None,
            place: Some(place),
            offset,
        }
    }
}

/// Whether a number is 0 and need not be written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// `blob_info`: chunks of `transfer` follow, from the offset asked for to `size`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobInfo {
    /// The server's number for this download.
    pub transfer: TransferId,
    /// Bytes in all.
    pub size: u64,
    /// SHA-256 of all of them; check it.
    pub hash: BlobHash,
}
