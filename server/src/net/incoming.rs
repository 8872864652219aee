//! Files on their way up, in every transfer connection: each belongs to the connection that began it last.
//!
//! An older connection of the same device may still hold bytes that were on their way; they are not of this upload any more.

use crate::store::files::{Files, Incoming};
use breeze_protocol::{AccountId, BlobHash, TransferId};
use bytes::Bytes;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which upload.
pub(super) type Key = (AccountId, TransferId);

/// One upload whose file is open.
#[derive(Debug)]
struct Upload {
    /// The connection it belongs to. Set while its slot is held, read by whoever closes: who holds the list of uploads never
    /// waits for one of them, which may be busy with the disk.
    owner: AtomicU64,
    slot: Mutex<Slot>,
}

/// What is known and held of it.
#[derive(Debug)]
struct Slot {
    size: u64,
    hash: BlobHash,
    file: Incoming,
}

/// All of the process: four per transfer connection at most.
#[derive(Debug, Default, Clone)]
pub(super) struct Open {
    uploads: Arc<Mutex<HashMap<Key, Arc<Upload>>>>,
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

impl Upload {
    fn is_of(&self, owner: u64) -> bool {
        self.owner.load(Ordering::Acquire) == owner
    }
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
        let known = locked(&self.uploads).get(&key).cloned();
        let upload = match known {
            Some(upload) => upload,
            None => {
                let file = files.receive(key.0, key.1)?;
                let slot = Mutex::new(Slot { size, hash, file });
                let owner = AtomicU64::new(owner);
                let fresh = Arc::new(Upload { owner, slot });
                // Somebody else may have opened it meanwhile.
                Arc::clone(locked(&self.uploads).entry(key).or_insert(fresh))
            }
        };
        let slot = locked(&upload.slot);
        upload.owner.store(owner, Ordering::Release);
        Ok(slot.file.held())
    }

    /// Writes a chunk. What does not follow what is held, or is not this connection's, is passed over.
    pub(super) fn chunk(&self, key: Key, owner: u64, offset: u64, bytes: &Bytes) -> io::Result<()> {
        let Some(upload) = locked(&self.uploads).get(&key).cloned() else {
            return Ok(());
        };
        let mut slot = locked(&upload.slot);
        let held = slot.file.held();
        let fits =
            upload.is_of(owner) && offset == held && bytes.len() as u64 <= slot.size.saturating_sub(held);
        if fits { slot.file.append(bytes) } else { Ok(()) }
    }

    /// How many bytes are held of an upload that is open.
    pub(super) fn held(&self, key: Key) -> Option<u64> {
        let upload = locked(&self.uploads).get(&key).cloned()?;
        Some(locked(&upload.slot).file.held())
    }

    /// Ends an upload: its bytes go under their hash, or are forgotten.
    pub(super) fn end(&self, files: &Files, key: Key, owner: u64) -> io::Result<Ending> {
        let Some(upload) = locked(&self.uploads).get(&key).cloned() else {
            return Ok(Ending::NotOurs);
        };
        let slot = locked(&upload.slot);
        if !upload.is_of(owner) {
            return Ok(Ending::NotOurs);
        }
        if slot.file.held() < slot.size {
            return Ok(Ending::Short);
        }
        if slot.file.hash() != slot.hash {
            locked(&self.uploads).remove(&key);
            files.forget(key.0, key.1)?;
            return Ok(Ending::Other);
        }
        let kept = files.keep(&slot.file, slot.hash);
        locked(&self.uploads).remove(&key);
        if kept.is_err() {
            // After a failed sync a second one would pass without these bytes: they are brought anew.
            files.forget(key.0, key.1)?;
        }
        kept.map(|()| Ending::Kept)
    }

    /// Forgets an upload and its bytes.
    pub(super) fn forget(&self, files: &Files, key: Key) -> io::Result<()> {
        locked(&self.uploads).remove(&key);
        files.forget(key.0, key.1)
    }

    /// A connection is over: its files are closed, their bytes stay.
    pub(super) fn close(&self, owner: u64) {
        locked(&self.uploads).retain(|_, upload| !upload.is_of(owner));
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

    /// A connection that closes while another one's upload is on its way to the disk waits for nobody, and nobody for it.
    #[test]
    fn closing_waits_for_no_upload() {
        let data = tempfile::tempdir().expect("a folder");
        let (files, open) = (Files::of(data.path()), Open::default());
        open.begin(&files, KEY, 1, 2, BlobHash([0; 32]))
            .expect("it opens");
        let upload = locked(&open.uploads).get(&KEY).cloned().expect("it is open");
        let busy = locked(&upload.slot);
        let (told, closed) = std::sync::mpsc::sync_channel(1);
        let closing = open.clone();
        std::thread::spawn(move || {
            closing.close(2);
            told.send(()).expect("the test waits");
        });
        closed
            .recv_timeout(std::time::Duration::from_secs(10))
            .expect("it has closed");
        assert!(locked(&open.uploads).contains_key(&KEY), "the other's stays");
        drop(busy);
        open.close(1);
        assert_eq!(open.held(KEY), None);
    }
}
