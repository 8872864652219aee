//! Profile pictures on the main connection: a few downloads at once, each checked by its hash; one upload at a time.

use super::conn::Conn;
use breeze_protocol::limit::{AVATAR_BYTES_MAX, BLOB_CHUNK_BYTES};
use breeze_protocol::message::blob::BlobInfo;
use breeze_protocol::message::contact::ProfileSet;
use breeze_protocol::{AccountId, BlobHash, TransferId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Downloads at once: text goes before pictures.
const DOWNLOADS_MAX: usize = 4;
/// Pictures that may wait to be downloaded.
const WANTED_MAX: usize = 10_000;

/// Downloads of one connection.
#[derive(Debug, Default)]
pub(super) struct Downloads {
    running: BTreeMap<TransferId, (BlobInfo, Vec<u8>)>,
    asked: usize,
}

/// Pictures wanted; outlives a connection.
#[derive(Debug, Default)]
pub(super) struct Wanted(VecDeque<(AccountId, BlobHash)>);

impl Wanted {
    /// One more.
    pub(super) fn add(&mut self, account: AccountId, hash: BlobHash) {
        if self.0.len() < WANTED_MAX && !self.0.iter().any(|(_, known)| *known == hash) {
            self.0.push_back((account, hash));
        }
    }

    /// Forget all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Downloads {
    /// The next picture to ask for.
    pub(super) fn next(&mut self, wanted: &mut Wanted) -> Option<(AccountId, BlobHash)> {
        if self.asked >= DOWNLOADS_MAX {
            return None;
        }
        let next = wanted.0.pop_front()?;
        self.asked += 1;
        Some(next)
    }

    /// The server announces one.
    pub(super) fn announced(&mut self, info: BlobInfo) {
        if info.size == 0 || info.size > AVATAR_BYTES_MAX as u64 {
            self.asked = self.asked.saturating_sub(1);
            return;
        }
        self.running.insert(info.transfer, (info, Vec::new()));
    }

    /// It will not come.
    pub(super) fn failed(&mut self) {
        self.asked = self.asked.saturating_sub(1);
    }

    /// A piece; the whole picture when this was its last and its hash is right.
    pub(super) fn piece(&mut self, transfer: TransferId, offset: u64, bytes: &[u8]) -> Option<(BlobHash, Arc<Vec<u8>>)> {
        let (info, got) = self.running.get_mut(&transfer)?;
        let fits = offset == got.len() as u64 && offset + bytes.len() as u64 <= info.size;
        if fits {
            got.extend_from_slice(bytes);
        }
        if fits && (got.len() as u64) < info.size {
            return None;
        }
        let (info, got) = self.running.remove(&transfer)?;
        self.asked = self.asked.saturating_sub(1);
        let right = fits && Sha256::digest(&got).as_slice() == info.hash.0;
        right.then(|| (info.hash, Arc::new(got)))
    }
}

/// An upload, and the profile to set when it is done.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    /// Its number.
    pub(super) transfer: TransferId,
    /// The picture.
    pub(super) bytes: Arc<Vec<u8>>,
    /// What follows.
    pub(super) then: ProfileSet,
}

impl Upload {
    /// Sends what the server does not have yet.
    pub(super) fn send_from(&self, conn: &mut Conn, offset: u64) {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.bytes.len());
        let mut at = start;
        for piece in self.bytes[start..].chunks(BLOB_CHUNK_BYTES) {
            conn.push_chunk(self.transfer, at as u64, piece);
            at += piece.len();
        }
    }
}
