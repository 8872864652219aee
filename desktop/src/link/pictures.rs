//! Profile pictures on the main connection: a few downloads at once, each checked by its hash; one upload at a time.

use super::conn::Conn;
use crate::model::command::Ask;
use crate::model::group::PictureOf;
use breeze_protocol::limit::{AVATAR_BYTES_MAX, BLOB_CHUNK_BYTES};
use breeze_protocol::message::blob::{BlobBegin, BlobInfo};
use breeze_protocol::message::contact::ProfileSet;
use breeze_protocol::message::group::GroupRename;
use breeze_protocol::{BlobHash, ClientMessage, TransferId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Downloads at once: text goes before pictures.
const DOWNLOADS_MAX: usize = 4;
/// An upload is begun so often on one connection: bytes of the one before may still come in and get in the way.
const BEGINS_MAX: u32 = 3;
/// Pictures that may wait to be downloaded.
const WANTED_MAX: usize = 10_000;

/// Downloads of one connection.
#[derive(Debug, Default)]
pub(super) struct Downloads {
    running: BTreeMap<TransferId, (BlobInfo, Vec<u8>)>,
    /// Asked for and not here yet.
    open: Vec<(PictureOf, BlobHash)>,
}

/// Pictures wanted; outlives a connection.
#[derive(Debug, Default)]
pub(super) struct Wanted(VecDeque<(PictureOf, BlobHash)>);

impl Wanted {
    /// One more.
    pub(super) fn add(&mut self, of: PictureOf, hash: BlobHash) {
        if self.0.len() < WANTED_MAX && !self.0.iter().any(|(_, known)| *known == hash) {
            self.0.push_back((of, hash));
        }
    }

    /// Forget all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Downloads {
    /// The next picture to ask for.
    pub(super) fn next(&mut self, wanted: &mut Wanted) -> Option<(PictureOf, BlobHash)> {
        if self.open.len() >= DOWNLOADS_MAX {
            return None;
        }
        let next = wanted.0.pop_front()?;
        self.open.push(next);
        Some(next)
    }

    /// The server announces one.
    pub(super) fn announced(&mut self, info: BlobInfo) {
        if info.size == 0 || info.size > AVATAR_BYTES_MAX as u64 {
            return self.failed(info.hash);
        }
        self.running.insert(info.transfer, (info, Vec::new()));
    }

    /// It will not come.
    pub(super) fn failed(&mut self, hash: BlobHash) {
        self.open.retain(|(_, open)| *open != hash);
    }

    /// The connection is gone: what was on its way is wanted again, from its first byte.
    pub(super) fn lost(self, wanted: &mut Wanted) {
        for (of, hash) in self.open {
            wanted.add(of, hash);
        }
    }

    /// A piece; the whole picture when this was its last and its hash is right.
    pub(super) fn piece(
        &mut self,
        transfer: TransferId,
        offset: u64,
        bytes: &[u8],
    ) -> Option<(BlobHash, Arc<Vec<u8>>)> {
        let (info, got) = self.running.get_mut(&transfer)?;
        let fits = offset == got.len() as u64 && offset + bytes.len() as u64 <= info.size;
        if fits {
            got.extend_from_slice(bytes);
        }
        if fits && (got.len() as u64) < info.size {
            return None;
        }
        let (info, got) = self.running.remove(&transfer)?;
        self.failed(info.hash);
        let right = fits && Sha256::digest(&got).as_slice() == info.hash.0;
        right.then(|| (info.hash, Arc::new(got)))
    }
}

/// A change of one's profile, or of a group, under way: first the picture, if there is a new one, then the rest. It outlives a
/// connection: the same upload goes on where the server has it, and the same wish is carried out once.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// The upload, if there is one.
    pub(super) upload: Option<Upload>,
    /// What follows.
    pub(super) then: Then,
}

/// What a picture was uploaded for.
#[derive(Debug, Clone)]
pub(super) enum Then {
    /// One's own profile.
    Profile(ProfileSet),
    /// A group.
    Group(GroupRename),
}

impl Then {
    /// What is said once the picture is there.
    pub(super) fn message(&self) -> ClientMessage {
        match self {
            Self::Profile(set) => set.clone().into(),
            Self::Group(rename) => rename.clone().into(),
        }
    }

    /// Whose answer it is.
    pub(super) fn ask(&self) -> Ask {
        match self {
            Self::Profile(_) => Ask::Profile,
            Self::Group(_) => Ask::Group,
        }
    }
}

impl Wish {
    /// The connection is gone: what went wrong on it does not count on the next.
    pub(super) fn lost(mut self) -> Self {
        if let Some(upload) = &mut self.upload {
            upload.begun = 0;
        }
        self
    }
}

/// A picture on its way to the server.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    /// Its number: the same on the next connection.
    pub(super) transfer: TransferId,
    hash: BlobHash,
    bytes: Arc<Vec<u8>>,
    begun: u32,
}

impl Upload {
    pub(super) fn new(transfer: TransferId, hash: BlobHash, bytes: Arc<Vec<u8>>) -> Self {
        Self {
            transfer,
            hash,
            bytes,
            begun: 0,
        }
    }

    /// Announces it, for the first time or again.
    pub(super) fn begin(&mut self) -> BlobBegin {
        self.begun += 1;
        BlobBegin {
            transfer: self.transfer,
            size: self.bytes.len() as u64,
            hash: self.hash,
        }
    }

    /// Whether it is worth beginning again after bytes were found missing at its end.
    pub(super) fn may_begin_again(&self) -> bool {
        self.begun < BEGINS_MAX
    }

    /// Sends what the server does not have yet.
    pub(super) fn send_from(&self, conn: &mut Conn, offset: u64) {
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let mut at = start;
        for piece in self.bytes[start..].chunks(BLOB_CHUNK_BYTES) {
            conn.push_chunk(self.transfer, at as u64, piece);
            at += piece.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use breeze_protocol::AccountId;

    fn named(bytes: &[u8]) -> BlobHash {
        BlobHash(Sha256::digest(bytes).into())
    }

    fn begun(bytes: &[u8], size: u64) -> (Downloads, Wanted) {
        let (mut downloads, mut wanted) = (Downloads::default(), Wanted::default());
        wanted.add(PictureOf::Person(AccountId(1)), named(bytes));
        assert!(downloads.next(&mut wanted).is_some());
        downloads.announced(BlobInfo {
            transfer: TransferId([1; 16]),
            size,
            hash: named(bytes),
        });
        (downloads, wanted)
    }

    #[test]
    fn a_whole_picture_with_its_true_name_comes_out() {
        let (mut downloads, _) = begun(b"picture", 7);
        assert_eq!(downloads.piece(TransferId([2; 16]), 0, b"stray"), None);
        assert_eq!(downloads.piece(TransferId([1; 16]), 0, b"pic"), None);
        let whole = downloads.piece(TransferId([1; 16]), 3, b"ture");
        assert_eq!(whole, Some((named(b"picture"), Arc::new(b"picture".to_vec()))));
    }

    #[test]
    fn a_false_name_a_hole_and_a_longer_one_are_thrown_away() {
        for (offset, bytes) in [(0, &b"forgery"[..]), (1, b"icture"), (0, b"picture and more")] {
            let (mut downloads, _) = begun(b"picture", 7);
            assert_eq!(downloads.piece(TransferId([1; 16]), offset, bytes), None);
            assert!(downloads.open.is_empty() && downloads.running.is_empty());
        }
        let (downloads, _) = begun(b"picture", AVATAR_BYTES_MAX as u64 + 1);
        assert!(
            downloads.running.is_empty(),
            "too large is refused before it comes"
        );
    }

    #[test]
    fn what_was_on_its_way_is_wanted_again() {
        let (mut downloads, mut wanted) = begun(b"picture", 7);
        assert_eq!(downloads.piece(TransferId([1; 16]), 0, b"pic"), None);
        downloads.lost(&mut wanted);
        assert_eq!(
            Downloads::default().next(&mut wanted),
            Some((PictureOf::Person(AccountId(1)), named(b"picture")))
        );
    }
}
