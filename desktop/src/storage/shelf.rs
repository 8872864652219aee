//! The shelf: files of messages on this computer, each under its hash; parts of those that still come; copies to open.
//!
//! Everything is copied in pieces, never whole in memory, and appears under its name by one rename. Nothing is opened by
//! itself.

use crate::model::file_name;
use breeze_protocol::BlobHash;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The folder in the data folder.
const FOLDER: &str = "files";
/// Parts of files that come, by hash.
const PARTS: &str = "part";
/// Copies under their own names, for other programs.
const OPENED: &str = "opened";
/// Bytes read at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// Most bytes kept of files the server has as well: 4 GiB. The longest unused go first, and come again when wanted.
const KEPT_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// A file without a message is left alone so long after it came: reading and sending one takes its time.
const SETTLED_AFTER: Duration = Duration::from_secs(60 * 60);
/// Numbers tried behind a name that is taken.
const NUMBERS_MAX: u32 = 10_000;

/// Why a file was not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// Larger than the server takes.
    TooLarge,
    /// No plain file.
    NotAFile,
    /// What the system says.
    System(io::Error),
}

impl From<io::Error> for NotTaken {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// The files of one data folder.
#[derive(Debug, Clone)]
pub struct Shelf {
    root: PathBuf,
}

/// A file that comes: what is held is on the disk and hashed.
#[derive(Debug)]
pub struct Part {
    file: File,
    path: PathBuf,
    hasher: Sha256,
    held: u64,
}

impl Shelf {
    /// The shelf of this data folder. Nothing is made before the first file.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self {
            root: data.join(FOLDER),
        }
    }

    /// Where a file is or would be.
    #[must_use]
    pub fn path(&self, hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        let (folder, rest) = name.split_at(2);
        self.root.join(folder).join(rest)
    }

    /// Every file here.
    #[must_use]
    pub fn list(&self) -> Vec<BlobHash> {
        self.all().into_iter().map(|(hash, ..)| hash).collect()
    }

    fn all(&self) -> Vec<(BlobHash, u64, SystemTime)> {
        let mut found = Vec::new();
        for folder in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let first = folder.file_name();
            for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let rest = file.file_name();
                let name = first.to_str().zip(rest.to_str());
                let hash = name.and_then(|(first, rest)| format!("{first}{rest}").parse().ok());
                if let (Some(hash), Ok(meta)) = (hash, file.metadata()) {
                    let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    found.push((hash, meta.len(), used));
                }
            }
        }
        found
    }

    /// Copies a file of the person onto the shelf, hashing it on the way. Its hash and size.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn take(&self, path: &Path, bytes_max: u64) -> Result<(BlobHash, u64), NotTaken> {
        let meta = fs::metadata(path)?;
        if !meta.is_file() {
            return Err(NotTaken::NotAFile);
        }
        if meta.len() > bytes_max {
            return Err(NotTaken::TooLarge);
        }
        // One more than allowed: it may grow while it is read.
        self.take_bytes(
            &mut File::open(path)?.take(bytes_max.saturating_add(1)),
            bytes_max,
        )
    }

    /// The same for bytes that are read from anywhere.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn take_bytes(&self, source: &mut dyn Read, bytes_max: u64) -> Result<(BlobHash, u64), NotTaken> {
        let folder = self.root.join(PARTS);
        make_folder(&folder)?;
        let mut file = tempfile_in(&folder)?;
        let taken = copy_hashing(source, &mut file.1, bytes_max);
        let done = taken.and_then(|(hash, size)| {
            file.1.sync_all()?;
            self.put(&file.0, hash)?;
            Ok((hash, size))
        });
        if done.is_err() {
            // What stays is swept at the next start.
            let _ = fs::remove_file(&file.0);
        }
        done
    }

    fn put(&self, from: &Path, hash: BlobHash) -> io::Result<()> {
        let path = self.path(hash);
        make_folder(path.parent().unwrap_or(&self.root))?;
        fs::rename(from, path)
    }

    /// So many bytes of a file from this place, fewer only at its end.
    ///
    /// # Errors
    /// What the system says.
    pub fn read(&self, hash: BlobHash, offset: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(hash))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(count as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The whole of a small file; `None` when it is not here, or is larger.
    #[must_use]
    pub fn small(&self, hash: BlobHash, bytes_max: u64) -> Option<Vec<u8>> {
        let file = File::open(self.path(hash)).ok()?;
        if file.metadata().ok()?.len() > bytes_max {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(bytes_max).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Whether a file is here.
    #[must_use]
    pub fn has(&self, hash: BlobHash) -> bool {
        self.path(hash).is_file()
    }

    /// Begins to receive a file, or goes on with what came before; that is read and hashed once.
    ///
    /// # Errors
    /// What the system says.
    pub fn receive(&self, hash: BlobHash) -> io::Result<Part> {
        let folder = self.root.join(PARTS);
        make_folder(&folder)?;
        let path = folder.join(hash.to_string());
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)?;
        let (mut hasher, mut held) = (Sha256::new(), 0);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                count => {
                    hasher.update(&chunk[..count]);
                    held += count as u64;
                }
            }
        }
        Ok(Part {
            file,
            path,
            hasher,
            held,
        })
    }

    /// Puts a part that is whole onto the shelf. `false`: its bytes are others than its name says, and they are forgotten.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep(&self, part: Part, hash: BlobHash) -> io::Result<bool> {
        if part.hasher.finalize()[..] != hash.0 {
            fs::remove_file(&part.path)?;
            return Ok(false);
        }
        part.file.sync_all()?;
        self.put(&part.path, hash)?;
        Ok(true)
    }

    /// Forgets the part of a file.
    pub fn forget_part(&self, hash: BlobHash) {
        // Where there is none, nothing is to be done.
        let _ = fs::remove_file(self.root.join(PARTS).join(hash.to_string()));
    }

    /// Copies a file to where the person said. What is there already is written over only by the person's own word, which
    /// the system's dialog has asked for.
    ///
    /// # Errors
    /// What the system says; nothing is left there then.
    pub fn copy_to(&self, hash: BlobHash, path: &Path) -> io::Result<()> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let copied = fs::File::open(self.path(hash)).and_then(|mut source| {
            let mut file = File::create(&beside)?;
            io::copy(&mut source, &mut file)?;
            file.sync_all()?;
            fs::rename(&beside, path)
        });
        if copied.is_err() {
            // The copy is of no use to anybody.
            let _ = fs::remove_file(&beside);
        }
        copied
    }

    /// Copies a file into a folder under a safe name that is not taken yet. Where it is then.
    ///
    /// # Errors
    /// What the system says.
    pub fn save_in(&self, hash: BlobHash, folder: &Path, name: &str) -> io::Result<PathBuf> {
        let name = file_name::safe(name);
        for number in 1..NUMBERS_MAX {
            let tried = if number == 1 {
                name.clone()
            } else {
                file_name::numbered(&name, number)
            };
            let path = folder.join(tried);
            // Made anew or not at all, so that two programs never write into one file.
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let copied =
                        File::open(self.path(hash)).and_then(|mut source| io::copy(&mut source, &mut file));
                    if let Err(error) = copied {
                        // Half a file would be taken for a whole one.
                        let _ = fs::remove_file(&path);
                        return Err(error);
                    }
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// A copy under its own name, for another program to open.
    ///
    /// # Errors
    /// What the system says.
    pub fn opened(&self, hash: BlobHash, name: &str) -> io::Result<PathBuf> {
        let folder = self.root.join(OPENED).join(hash.to_string());
        make_folder(&folder)?;
        let path = folder.join(file_name::safe(name));
        if path.is_file() {
            return Ok(path);
        }
        self.save_in(hash, &folder, name)
    }

    /// Takes away copies that were opened, parts nobody needs, and the longest unused files until the rest fits.
    pub fn sweep(&self, needed: &BTreeSet<BlobHash>) {
        self.sweep_to(needed, KEPT_BYTES_MAX);
    }

    /// Takes away what no message names any more: it was deleted, or is over. What has come within the hour stays, since its
    /// message may be on its way to the disk. `now_ms` is the wall clock's, as that of the files.
    pub fn keep_only(&self, named: &BTreeSet<BlobHash>, now_ms: u64) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(now_ms);
        for (hash, _, used) in self.all() {
            let settled = now.duration_since(used).is_ok_and(|age| age >= SETTLED_AFTER);
            if settled && !named.contains(&hash) {
                // What cannot be taken away now is tried again at the next start.
                let _ = fs::remove_file(self.path(hash));
            }
        }
    }

    fn sweep_to(&self, needed: &BTreeSet<BlobHash>, bytes_max: u64) {
        // What cannot be taken away now is tried again at the next start.
        let _ = fs::remove_dir_all(self.root.join(OPENED));
        for entry in fs::read_dir(self.root.join(PARTS))
            .into_iter()
            .flatten()
            .flatten()
        {
            let named = entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.parse::<BlobHash>().is_ok());
            if !named {
                let _ = fs::remove_file(entry.path());
            }
        }
        let mut all = self.all();
        let mut bytes: u64 = all.iter().map(|(_, size, _)| size).sum();
        all.sort_by_key(|(_, _, used)| *used);
        for (hash, size, _) in all {
            if bytes <= bytes_max {
                return;
            }
            if !needed.contains(&hash) && fs::remove_file(self.path(hash)).is_ok() {
                bytes -= size;
            }
        }
    }
}

impl Part {
    /// Bytes held.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held
    }

    /// Takes bytes that follow what is held.
    ///
    /// # Errors
    /// What the system says.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.held))?;
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.held += bytes.len() as u64;
        Ok(())
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// A new file of this process alone, with its way.
fn tempfile_in(folder: &Path) -> io::Result<(PathBuf, File)> {
    for number in 0..NUMBERS_MAX {
        let path = folder.join(format!("new-{}-{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn copy_hashing(source: &mut dyn Read, to: &mut File, bytes_max: u64) -> Result<(BlobHash, u64), NotTaken> {
    let (mut hasher, mut size) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = source.read(&mut chunk)?;
        if count == 0 {
            return Ok((BlobHash(hasher.finalize().into()), size));
        }
        size += count as u64;
        if size > bytes_max {
            return Err(NotTaken::TooLarge);
        }
        hasher.update(&chunk[..count]);
        to.write_all(&chunk[..count])?;
    }
}

#[cfg(test)]
#[path = "tests/shelf.rs"]
mod tests;
