//! Files on their way up, in every transfer connection: each belongs to the connection that began it last.
//!
//! An older connection of the same device may still hold bytes that were on their way; they are not of this upload any more.

use crate::store::files::{Files, Incoming};
use breeze_protocol::{AccountId, BlobHash, TransferId};
use bytes::Bytes;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which upload.
pub(super) type Key = (AccountId, TransferId);

/// One upload whose file is open.
#[derive(Debug)]
pub(super) struct Slot {
    owner: u64,
    size: u64,
    hash: BlobHash,
    file: Incoming,
}

/// All of the process: four per transfer connection at most.
#[derive(Debug, Default, Clone)]
pub(super) struct Open {
    slots: Arc<Mutex<HashMap<Key, Arc<Mutex<Slot>>>>>,
}

/// How an upload stands at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is on the disk under its hash.
    Kept,
    /// Bytes are missing.
    Short,
    /// The bytes are others than announced; they are forgotten.
    Other,
    /// It is not this connection's.
    NotOurs,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Open {
    /// Opens an upload's file for a connection, or takes it over. How many bytes are held. May read all of them: never on
    /// the runtime's threads.
    pub(super) fn begin(
        &self,
        files: &Files,
        key: Key,
        owner: u64,
        size: u64,
        hash: BlobHash,
    ) -> io::Result<u64> {
        let known = locked(&self.slots).get(&key).cloned();
        let slot = match known {
            Some(slot) => slot,
            None => {
                let file = files.receive(key.0, key.1)?;
                let fresh = Slot {
                    owner,
                    size,
                    hash,
                    file,
                };
                // Somebody else may have opened it meanwhile.
                let mut slots = locked(&self.slots);
                Arc::clone(slots.entry(key).or_insert_with(|| Arc::new(Mutex::new(fresh))))
            }
        };
        let mut slot = locked(&slot);
        slot.owner = owner;
        Ok(slot.file.held())
    }

    /// Writes a chunk. What does not follow what is held, or is not this connection's, is passed over.
    pub(super) fn chunk(&self, key: Key, owner: u64, offset: u64, bytes: &Bytes) -> io::Result<()> {
        let Some(slot) = locked(&self.slots).get(&key).cloned() else {
            return Ok(());
        };
        let mut slot = locked(&slot);
        let held = slot.file.held();
        let fits =
            slot.owner == owner && offset == held && bytes.len() as u64 <= slot.size.saturating_sub(held);
        if fits { slot.file.append(bytes) } else { Ok(()) }
    }

    /// How many bytes are held of an upload that is open.
    pub(super) fn held(&self, key: Key) -> Option<u64> {
        let slot = locked(&self.slots).get(&key).cloned()?;
        Some(locked(&slot).file.held())
    }

    /// Ends an upload: its bytes go under their hash, or are forgotten.
    pub(super) fn end(&self, files: &Files, key: Key, owner: u64) -> io::Result<Ending> {
        let Some(slot) = locked(&self.slots).get(&key).cloned() else {
            return Ok(Ending::NotOurs);
        };
        let slot = locked(&slot);
        if slot.owner != owner {
            return Ok(Ending::NotOurs);
        }
        if slot.file.held() < slot.size {
            return Ok(Ending::Short);
        }
        if slot.file.hash() != slot.hash {
            locked(&self.slots).remove(&key);
            files.forget(key.0, key.1)?;
            return Ok(Ending::Other);
        }
        let kept = files.keep(&slot.file, slot.hash);
        locked(&self.slots).remove(&key);
        if kept.is_err() {
            // After a failed sync a second one would pass without these bytes: they are brought anew.
            files.forget(key.0, key.1)?;
        }
        kept.map(|()| Ending::Kept)
    }

    /// Forgets an upload and its bytes.
    pub(super) fn forget(&self, files: &Files, key: Key) -> io::Result<()> {
        locked(&self.slots).remove(&key);
        files.forget(key.0, key.1)
    }

    /// A connection is over: its files are closed, their bytes stay.
    pub(super) fn close(&self, owner: u64) {
        locked(&self.slots).retain(|_, slot| locked(slot).owner != owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    const KEY: Key = (AccountId(1), TransferId([1; 16]));

    #[test]
    fn r23_an_upload_belongs_to_the_connection_that_began_it_last() {
        let data = tempfile::tempdir().expect("a folder");
        let (files, open) = (Files::of(data.path()), Open::default());
        let hash = BlobHash(Sha256::digest(b"abcd").into());
        let begin = |owner| open.begin(&files, KEY, owner, 4, hash).expect("it opens");
        let chunk = |owner, offset, bytes: &'static [u8]| {
            open.chunk(KEY, owner, offset, &Bytes::from_static(bytes))
                .expect("the disk takes it");
        };
        assert_eq!(begin(1), 0);
        chunk(1, 0, b"ab");
        chunk(1, 0, b"ab");
        assert_eq!(begin(2), 2, "taken over");
        chunk(1, 2, b"cd");
        assert_eq!(
            open.held(KEY),
            Some(2),
            "what was on its way from before is passed over"
        );
        open.close(1);
        chunk(2, 2, b"cde");
        assert_eq!(open.end(&files, KEY, 2).expect("no fault"), Ending::Short);
        chunk(2, 2, b"cd");
        assert_eq!(open.end(&files, KEY, 1).expect("no fault"), Ending::NotOurs);
        assert_eq!(open.end(&files, KEY, 2).expect("no fault"), Ending::Kept);
        assert_eq!(files.list(), [hash]);
        assert_eq!(open.held(KEY), None);
    }

    #[test]
    fn other_bytes_than_announced_are_forgotten() {
        let data = tempfile::tempdir().expect("a folder");
        let (files, open) = (Files::of(data.path()), Open::default());
        open.begin(&files, KEY, 1, 2, BlobHash([0; 32]))
            .expect("it opens");
        open.chunk(KEY, 1, 0, &Bytes::from_static(b"ab")).expect("taken");
        assert_eq!(open.end(&files, KEY, 1).expect("no fault"), Ending::Other);
        assert!(files.list().is_empty() && files.incoming().is_empty());
    }

    #[test]
    fn bytes_that_could_not_be_kept_are_brought_anew() {
        let data = tempfile::tempdir().expect("a folder");
        let (files, open) = (Files::of(data.path()), Open::default());
        let hash = BlobHash(Sha256::digest(b"ab").into());
        let bring = |owner| {
            assert_eq!(open.begin(&files, KEY, owner, 2, hash).expect("it opens"), 0);
            open.chunk(KEY, owner, 0, &Bytes::from_static(b"ab"))
                .expect("taken");
            open.end(&files, KEY, owner)
        };
        let in_the_way = data.path().join("blobs");
        std::fs::write(&in_the_way, "a file").expect("the folder is writable");
        assert!(bring(1).is_err());
        std::fs::remove_file(&in_the_way).expect("it was there");
        assert_eq!(bring(1).expect("no fault"), Ending::Kept);
    }
}
