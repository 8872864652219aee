//! The bytes of files in the data directory: `incoming/` while they come, `blobs/ab/cdef..` under their hash once whole.
//!
//! A file appears under its hash by one rename, after its bytes are on the disk: killed at any moment, there is all of it
//! or none. Who may have it stands in the database alone.

use super::data_dir::{file_bytes, make_dir_private, remove_if_there};
use breeze_protocol::{AccountId, BlobHash, TransferId};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder of whole files in a data directory or a backup.
pub const BLOBS: &str = "blobs";
/// The folder of files on their way up.
const INCOMING: &str = "incoming";
/// What the name of a file begins with there that is only still to be removed.
const ASIDE: &str = "gone-";
/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The files of one data directory.
#[derive(Debug, Clone)]
pub struct Files {
    data: PathBuf,
}

/// A file on its way up: what has come is on the disk and already hashed.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    path: PathBuf,
    hasher: Sha256,
    held: u64,
}

impl Files {
    /// Those of this data directory.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
        }
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where a whole file is or would be.
    #[must_use]
    pub fn path(&self, hash: BlobHash) -> PathBuf {
        blob_path(&self.data, hash)
    }

    fn incoming_path(&self, account: AccountId, transfer: TransferId) -> PathBuf {
        self.data.join(INCOMING).join(incoming_name(account, transfer))
    }

    /// How many bytes of an upload are held.
    #[must_use]
    pub fn held(&self, account: AccountId, transfer: TransferId) -> u64 {
        file_bytes(&self.incoming_path(account, transfer))
    }

    /// Begins an upload, or takes it up where it was: what is held is read and hashed once.
    ///
    /// # Errors
    /// What the system says.
    pub fn receive(&self, account: AccountId, transfer: TransferId) -> io::Result<Incoming> {
        make_dir_private(&self.data.join(INCOMING))?;
        let path = self.incoming_path(account, transfer);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        let (hasher, held) = hash_open(&mut file)?;
        Ok(Incoming {
            file,
            path,
            hasher,
            held,
        })
    }

    /// Forgets an upload's bytes.
    ///
    /// # Errors
    /// What the system says.
    pub fn forget(&self, account: AccountId, transfer: TransferId) -> io::Result<()> {
        remove_if_there(&self.incoming_path(account, transfer))
    }

    /// Every upload of which bytes are held.
    #[must_use]
    pub fn incoming(&self) -> Vec<(AccountId, TransferId)> {
        let names = fs::read_dir(self.data.join(INCOMING)).into_iter().flatten();
        names
            .filter_map(|entry| parse_incoming(entry.ok()?.file_name().to_str()?))
            .collect()
    }

    /// Puts whole, checked bytes under their hash, on the disk for good. Their transaction comes after.
    ///
    /// # Errors
    /// What the system says; nothing is visible then.
    pub fn keep(&self, incoming: &Incoming, hash: BlobHash) -> io::Result<()> {
        incoming.file.sync_all()?;
        let path = self.path(hash);
        let folder = path.parent().expect("a blob lies in a folder of its own");
        make_dir_private(folder)?;
        fs::rename(&incoming.path, &path)?;
        for folder in [folder, &self.data.join(BLOBS), &self.data] {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Opens a whole file.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self, hash: BlobHash) -> io::Result<Outgoing> {
        let file = File::open(self.path(hash))?;
        Ok(Outgoing { file })
    }

    /// Every whole file.
    #[must_use]
    pub fn list(&self) -> Vec<BlobHash> {
        list(&self.data)
    }

    /// Puts a whole file aside that nothing names: one rename, so that it can be done between two commits.
    ///
    /// # Errors
    /// What the system says.
    pub fn put_aside(&self, hash: BlobHash) -> io::Result<()> {
        make_dir_private(&self.data.join(INCOMING))?;
        fs::rename(
            self.path(hash),
            self.data.join(INCOMING).join(format!("{ASIDE}{hash}")),
        )
    }

    /// Takes away what was put aside, now or before a kill.
    ///
    /// # Errors
    /// What the system says.
    pub fn bury(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.data.join(INCOMING))
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(ASIDE) {
                remove_if_there(&entry.path())?;
            }
        }
        Ok(())
    }
}

impl Incoming {
    /// Bytes held.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held
    }

    /// SHA-256 of the bytes held.
    #[must_use]
    pub fn hash(&self) -> BlobHash {
        BlobHash(self.hasher.clone().finalize().into())
    }

    /// Takes bytes that follow what is held.
    ///
    /// # Errors
    /// What the system says: a full disk, for example. What was held stays held.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Where it belongs, whatever a failed write before it left behind.
        self.file.write_all_at(bytes, self.held)?;
        self.hasher.update(bytes);
        self.held += bytes.len() as u64;
        Ok(())
    }
}

/// A whole file being sent.
#[derive(Debug)]
pub struct Outgoing {
    file: File,
}

impl Outgoing {
    /// Bytes of it.
    ///
    /// # Errors
    /// What the system says.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// So many bytes from this place.
    ///
    /// # Errors
    /// What the system says; the end of the file too.
    pub fn read(&self, offset: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}

/// Where a whole file is in a data directory or a backup.
#[must_use]
pub fn blob_path(dir: &Path, hash: BlobHash) -> PathBuf {
    let name = hash.to_string();
    let (folder, rest) = name.split_at(2);
    dir.join(BLOBS).join(folder).join(rest)
}

/// Every whole file in a data directory or a backup.
#[must_use]
pub fn list(dir: &Path) -> Vec<BlobHash> {
    let mut found = Vec::new();
    for folder in fs::read_dir(dir.join(BLOBS)).into_iter().flatten().flatten() {
        let first = folder.file_name();
        for rest in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let rest = rest.file_name();
            let name = first.to_str().zip(rest.to_str());
            found.extend(name.and_then(|(first, rest)| format!("{first}{rest}").parse::<BlobHash>().ok()));
        }
    }
    found
}

/// Puts a whole file of one directory into another, under the same hash: the same bytes on the same disk, else a copy,
/// whole or not at all.
///
/// # Errors
/// What the system says.
pub fn share(from: &Path, to: &Path, hash: BlobHash) -> io::Result<()> {
    let (source, path) = (blob_path(from, hash), blob_path(to, hash));
    if path.is_file() && file_bytes(&path) == file_bytes(&source) {
        return Ok(());
    }
    make_dir_private(path.parent().expect("a blob lies in a folder of its own"))?;
    remove_if_there(&path)?;
    if fs::hard_link(&source, &path).is_ok() {
        return Ok(());
    }
    let beside = path.with_extension("new");
    fs::copy(&source, &beside)?;
    File::open(&beside)?.sync_all()?;
    fs::rename(&beside, &path)
}

/// Syncs the folders below `blobs`, so that what was put into them is there after a power cut.
///
/// # Errors
/// What the system says.
pub fn sync_folders(dir: &Path) -> io::Result<()> {
    let blobs = dir.join(BLOBS);
    for folder in fs::read_dir(&blobs).into_iter().flatten().flatten() {
        File::open(folder.path())?.sync_all()?;
    }
    if blobs.is_dir() {
        File::open(&blobs)?.sync_all()?;
    }
    Ok(())
}

/// Takes the files of a backup away.
///
/// # Errors
/// What the system says.
pub fn take_away(dir: &Path) -> io::Result<()> {
    let blobs = dir.join(BLOBS);
    if blobs.is_dir() {
        fs::remove_dir_all(blobs)
    } else {
        Ok(())
    }
}

/// Whether a whole file is there, of this size, and hashes to its name; what is wrong with it, as the end of a sentence.
#[must_use]
pub fn look(dir: &Path, hash: BlobHash, size: u64) -> Option<String> {
    let found = File::open(blob_path(dir, hash)).and_then(|mut file| hash_open(&mut file));
    match found {
        Ok((hasher, held)) => {
            let same = held == size && hasher.finalize()[..] == hash.0;
            (!same).then(|| "is not what was sent".to_owned())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is missing".to_owned()),
        Err(error) => Some(format!("cannot be read ({error})")),
    }
}

/// Whether the system refused a write for want of room.
#[must_use]
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// Copies a whole file to where somebody can open it.
///
/// # Errors
/// What the system says.
pub fn copy_out(from: &Path, hash: BlobHash, to: &Path) -> io::Result<()> {
    let mut source = File::open(blob_path(from, hash))?;
    let mut file = File::create_new(to)?;
    io::copy(&mut source, &mut file)?;
    file.flush()
}

/// Hashes a file from its beginning; how many bytes it has.
fn hash_open(file: &mut File) -> io::Result<(Sha256, u64)> {
    let (mut hasher, mut held) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hasher, held)),
            count => {
                hasher.update(&chunk[..count]);
                held += count as u64;
            }
        }
    }
}

fn incoming_name(account: AccountId, transfer: TransferId) -> String {
    format!("{account}-{transfer}")
}

fn parse_incoming(name: &str) -> Option<(AccountId, TransferId)> {
    let (account, transfer) = name.split_once('-')?;
    Some((AccountId(account.parse().ok()?), transfer.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: AccountId = AccountId(7);

    fn named(bytes: &[u8]) -> BlobHash {
        BlobHash(Sha256::digest(bytes).into())
    }

    #[test]
    fn bytes_come_in_pieces_and_appear_whole() {
        let data = tempfile::tempdir().unwrap();
        let (files, transfer) = (Files::of(data.path()), TransferId([1; 16]));
        let mut incoming = files.receive(ME, transfer).unwrap();
        incoming.append(b"half ").unwrap();
        drop(incoming);
        assert_eq!(files.incoming(), [(ME, transfer)]);
        let mut incoming = files.receive(ME, transfer).unwrap();
        assert_eq!(incoming.held(), 5, "it goes on where it was");
        incoming.append(b"and half").unwrap();
        let hash = named(b"half and half");
        assert_eq!(incoming.hash(), hash);
        assert!(files.list().is_empty(), "nothing is visible before");
        files.keep(&incoming, hash).unwrap();
        assert_eq!((files.list(), files.incoming()), (vec![hash], vec![]));
        assert_eq!(files.open(hash).unwrap().read(5, 3).unwrap(), b"and");
        assert_eq!(look(data.path(), hash, 13), None);
        fs::write(files.path(hash), b"half and helf").unwrap();
        assert_eq!(
            look(data.path(), hash, 13).as_deref(),
            Some("is not what was sent")
        );
    }

    #[test]
    fn a_file_is_shared_with_a_backup_and_taken_away_alone() {
        let (data, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = Files::of(data.path());
        let mut incoming = files.receive(ME, TransferId([2; 16])).unwrap();
        incoming.append(b"kept").unwrap();
        let hash = named(b"kept");
        files.keep(&incoming, hash).unwrap();
        share(data.path(), backup.path(), hash).unwrap();
        share(data.path(), backup.path(), hash).unwrap();
        files.put_aside(hash).unwrap();
        files.bury().unwrap();
        assert_eq!(look(data.path(), hash, 4).as_deref(), Some("is missing"));
        assert_eq!(look(backup.path(), hash, 4), None);
        take_away(backup.path()).unwrap();
        assert!(list(backup.path()).is_empty());
    }
}
