//! A file that holds a little of the disk, so that on a full one the operator can still act and marks are still kept.
//!
//! When the disk is full the file is let go and messages are refused; what else there is to write is small and goes on.
//! Once there is room again, the file is made anew and messages are taken.

use super::data_dir::{free_bytes, remove_if_there};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Name of the file in the data directory.
pub const RESERVE_FILE: &str = "reserve";
/// Its size, bytes: 16 MiB are thousands of marks, sign-outs and rows of audit.
pub const RESERVE_BYTES: u64 = 16 * 1024 * 1024;
/// Room there must be, bytes, before messages are taken again: the reserve itself and as much beside it, so that the
/// next message does not fill the disk at once.
const ROOM_BYTES: u64 = 2 * RESERVE_BYTES;
/// A disk with less room than this, bytes, is too small to hold any of it back.
const SMALL_BYTES: u64 = 4 * RESERVE_BYTES;

/// The reserve of one data directory.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    dir: PathBuf,
    /// Whether this disk is large enough to have one.
    wanted: bool,
}

impl Reserve {
    /// Makes the file if it is not there.
    pub(super) fn new(data: &Path) -> Self {
        let path = data.join(RESERVE_FILE);
        let there = path.is_file();
        let wanted = there || free_bytes(data).is_ok_and(|free| free >= SMALL_BYTES);
        let reserve = Self {
            path,
            dir: data.to_owned(),
            wanted,
        };
        if wanted && !there {
            reserve.make();
        }
        reserve
    }

    /// Lets the file go: the disk is full.
    pub(super) fn release(&self) {
        if let Err(error) = remove_if_there(&self.path) {
            tracing::warn!("the reserve on the full disk could not be let go: {error}");
        }
    }

    /// Whether messages can be taken again; makes the file anew if so.
    pub(super) fn regain(&self) -> bool {
        if !self.wanted {
            return true;
        }
        let room = free_bytes(&self.dir).is_ok_and(|free| free >= ROOM_BYTES);
        if room {
            self.make();
        }
        room
    }

    fn make(&self) {
        if let Err(error) = allocate(&self.path) {
            tracing::warn!("no room could be reserved for a full disk: {error}");
            self.release();
        }
    }
}

fn allocate(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, RESERVE_BYTES)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn it_takes_real_room_and_gives_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(dir.path());
        let path = dir.path().join(RESERVE_FILE);
        let taken = std::fs::metadata(&path).unwrap().blocks() * 512;
        assert!(taken >= RESERVE_BYTES, "{taken}");
        reserve.release();
        reserve.release();
        assert!(!path.exists());
        assert!(reserve.regain());
        assert!(path.exists());
    }
}
