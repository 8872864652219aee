//! Pictures on their way up: in memory only, bounded, kept over a reconnect. Nothing is visible before its commit (R23).

use breeze_protocol::limit::AVATAR_BYTES_MAX;
use breeze_protocol::{AccountId, BlobHash, TransferId};
use std::collections::HashMap;

/// Most uploads held at once in the process: 16 MiB. The longest unused goes first.
const UPLOADS_MAX: usize = 256;
/// Most uploads of one account at once.
const PER_ACCOUNT_MAX: usize = 4;
/// How long an unused upload is kept, milliseconds: a day.
const KEPT_MS: u64 = 24 * 60 * 60 * 1000;

/// Why an upload cannot begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadUpload {
    /// Over the limit of a picture.
    TooLarge,
    /// No bytes at all, or other numbers than at its first beginning.
    Malformed,
}

#[derive(Debug)]
struct Upload {
    size: usize,
    hash: BlobHash,
    bytes: Vec<u8>,
    used_ms: u64,
    used_order: u64,
}

/// What a finished upload holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) hash: BlobHash,
    pub(super) bytes: Vec<u8>,
}

/// All uploads of the process.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    uploads: HashMap<(AccountId, TransferId), Upload>,
    order: u64,
}

impl Uploads {
    /// Begins an upload, or goes on with it. How many bytes are held.
    pub(super) fn begin(
        &mut self,
        account: AccountId,
        transfer: TransferId,
        size: u64,
        hash: BlobHash,
        now_ms: u64,
    ) -> Result<u64, BadUpload> {
        let size = usize::try_from(size).map_err(|_| BadUpload::TooLarge)?;
        if size > AVATAR_BYTES_MAX {
            return Err(BadUpload::TooLarge);
        }
        if size == 0 {
            return Err(BadUpload::Malformed);
        }
        self.uploads
            .retain(|_, upload| now_ms.saturating_sub(upload.used_ms) < KEPT_MS);
        self.order += 1;
        let order = self.order;
        if let Some(known) = self.uploads.get_mut(&(account, transfer)) {
            if known.size != size || known.hash != hash {
                return Err(BadUpload::Malformed);
            }
            (known.used_ms, known.used_order) = (now_ms, order);
            return Ok(known.bytes.len() as u64);
        }
        self.make_room(|key| key.0 == account, PER_ACCOUNT_MAX);
        self.make_room(|_| true, UPLOADS_MAX);
        let fresh = Upload {
            size,
            hash,
            bytes: Vec::new(),
            used_ms: now_ms,
            used_order: order,
        };
        self.uploads.insert((account, transfer), fresh);
        Ok(0)
    }

    /// Takes a chunk. What does not follow what is held is passed over: the commit will say so.
    pub(super) fn chunk(&mut self, account: AccountId, transfer: TransferId, offset: u64, bytes: &[u8]) {
        self.order += 1;
        let Some(upload) = self.uploads.get_mut(&(account, transfer)) else {
            return;
        };
        if offset == upload.bytes.len() as u64 && upload.bytes.len() + bytes.len() <= upload.size {
            upload.bytes.extend_from_slice(bytes);
            upload.used_order = self.order;
        }
    }

    /// How many bytes are held.
    pub(super) fn state(&self, account: AccountId, transfer: TransferId) -> Option<u64> {
        self.uploads
            .get(&(account, transfer))
            .map(|upload| upload.bytes.len() as u64)
    }

    pub(super) fn cancel(&mut self, account: AccountId, transfer: TransferId) {
        self.uploads.remove(&(account, transfer));
    }

    /// Takes a whole upload out; `Err` with what is held when bytes are missing, `Ok(None)` when it is unknown.
    pub(super) fn take(&mut self, account: AccountId, transfer: TransferId) -> Result<Option<Whole>, u64> {
        match self.uploads.get(&(account, transfer)) {
            Some(upload) if upload.bytes.len() < upload.size => Err(upload.bytes.len() as u64),
            _ => {
                let taken = self.uploads.remove(&(account, transfer));
                Ok(taken.map(|upload| Whole {
                    hash: upload.hash,
                    bytes: upload.bytes,
                }))
            }
        }
    }

    /// Puts back what was taken: the store could not keep it now.
    pub(super) fn put_back(&mut self, account: AccountId, transfer: TransferId, whole: Whole, now_ms: u64) {
        self.make_room(|_| true, UPLOADS_MAX);
        self.order += 1;
        let (size, used_order) = (whole.bytes.len(), self.order);
        let upload = Upload {
            size,
            hash: whole.hash,
            bytes: whole.bytes,
            used_ms: now_ms,
            used_order,
        };
        self.uploads.insert((account, transfer), upload);
    }

    fn make_room(&mut self, of: impl Fn(&(AccountId, TransferId)) -> bool, most: usize) {
        while self.uploads.keys().filter(|key| of(key)).count() >= most {
            let known = self.uploads.iter().filter(|(key, _)| of(key));
            let Some(oldest) = known
                .min_by_key(|(_, upload)| upload.used_order)
                .map(|(key, _)| *key)
            else {
                return;
            };
            self.uploads.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: AccountId = AccountId(1);
    const HASH: BlobHash = BlobHash([3; 32]);

    #[test]
    fn r23_an_upload_survives_a_reconnect_and_shows_nothing_before_its_commit() {
        let (mut uploads, transfer) = (Uploads::default(), TransferId([1; 16]));
        assert_eq!(uploads.begin(ME, transfer, 4, HASH, 0), Ok(0));
        uploads.chunk(ME, transfer, 0, b"ab");
        uploads.chunk(ME, transfer, 0, b"ab");
        assert_eq!(uploads.take(ME, transfer), Err(2), "half is not whole");
        assert_eq!(uploads.begin(ME, transfer, 4, HASH, 9), Ok(2), "goes on");
        assert_eq!(uploads.begin(ME, transfer, 5, HASH, 9), Err(BadUpload::Malformed));
        assert_eq!(
            uploads.state(AccountId(2), transfer),
            None,
            "of this account only"
        );
        uploads.chunk(ME, transfer, 2, b"cd");
        uploads.chunk(ME, transfer, 4, b"e");
        let whole = uploads.take(ME, transfer);
        assert_eq!(
            whole,
            Ok(Some(Whole {
                hash: HASH,
                bytes: b"abcd".to_vec()
            }))
        );
    }

    #[test]
    fn uploads_are_bounded() {
        let mut uploads = Uploads::default();
        assert_eq!(
            uploads.begin(ME, TransferId([0; 16]), 65 * 1024, HASH, 0),
            Err(BadUpload::TooLarge)
        );
        for number in 0..9 {
            assert_eq!(uploads.begin(ME, TransferId([number; 16]), 1, HASH, 0), Ok(0));
        }
        assert_eq!(uploads.uploads.len(), PER_ACCOUNT_MAX);
        assert_eq!(
            uploads.begin(AccountId(2), TransferId([9; 16]), 1, HASH, KEPT_MS),
            Ok(0)
        );
        assert_eq!(uploads.uploads.len(), 1, "the rest is too old");
    }
}
