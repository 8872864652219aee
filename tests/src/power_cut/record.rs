//! What a traced server has done to the files below its data folder: each write, each sync, each change of a name.

use super::calls::{Call, Heard, Lines, Span, bytes};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A change of a file's bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// These bytes, from there on.
    Write(u64, Vec<u8>),
    /// Now so long.
    Length(u64),
}

/// A change of a name, below the data folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NameChange {
    /// It means this file now.
    Create(PathBuf, usize),
    /// It is gone.
    Remove(PathBuf),
    /// The first becomes the second.
    Rename(PathBuf, PathBuf),
}

/// Things in the order in which they began, and the syncs that make them last.
#[derive(Debug)]
pub(super) struct Journal<T> {
    pub(super) changes: Vec<(Span, T)>,
    /// Each with whether it succeeded.
    pub(super) syncs: Vec<(Span, bool)>,
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self {
            changes: Vec::new(),
            syncs: Vec::new(),
        }
    }
}

/// All that a server did to its data, over any number of starts.
#[derive(Debug, Default)]
pub struct Record {
    /// When each line of the record was written, microseconds since 1970 UTC.
    pub(super) times: Vec<u64>,
    /// Each file that ever had a name.
    pub(super) files: Vec<Journal<Change>>,
    pub(super) names: Journal<NameChange>,
}

/// What a number of the process means.
#[derive(Debug, Clone, Copy)]
enum Handle {
    /// A file, and where the next `write` goes.
    File(usize, u64),
    Folder,
}

/// Reads a record while it follows names and numbers.
struct Reader {
    data: PathBuf,
    /// The first thread of the process that lives.
    process: Option<u32>,
    handles: HashMap<i64, Handle>,
    current: HashMap<PathBuf, usize>,
    record: Record,
}

impl Record {
    /// Reads the record of a server with this data folder.
    ///
    /// # Errors
    /// What cannot be read, or is not understood: then nothing is proved.
    pub fn read(path: &Path, data: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let mut reader = Reader {
            data: std::fs::canonicalize(data).map_err(|error| error.to_string())?,
            process: None,
            handles: HashMap::new(),
            current: HashMap::new(),
            record: Self::default(),
        };
        let lines = Lines::read(BufReader::new(file), |number, heard| reader.take(number, heard))?;
        let mut record = reader.record;
        record.times = lines.times;
        record.names.changes.sort_by_key(|(span, _)| span.begun);
        for file in &mut record.files {
            file.changes.sort_by_key(|(span, _)| span.begun);
        }
        Ok(record)
    }

    /// How many lines it has: a power cut may come before each of them.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.times.len()
    }

    /// The lines right behind each change of a file of this name that `wanted` picks: where a power cut hurts most.
    pub(super) fn behind(&self, name: &str, wanted: impl Fn(&Change) -> bool) -> Vec<usize> {
        let files = self.names.changes.iter().filter_map(|(_, change)| match change {
            NameChange::Create(path, file) if path == Path::new(name) => Some(*file),
            _ => None,
        });
        let changes = files.flat_map(|file| &self.files[file].changes);
        changes
            .filter(|(_, change)| wanted(change))
            .map(|(span, _)| span.begun + 1)
            .collect()
    }

    /// When a line was written.
    #[must_use]
    pub fn time(&self, line: usize) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.times[line])
    }
}

impl Reader {
    fn take(&mut self, number: u32, heard: Heard) -> Result<(), String> {
        match heard {
            Heard::End => {
                if self.process == Some(number) {
                    self.process = None;
                    self.handles.clear();
                }
                Ok(())
            }
            Heard::Call(call) => {
                self.process.get_or_insert(number);
                if call.result.is_some_and(|result| result < 0) && !call.name.ends_with("sync") {
                    return Ok(());
                }
                self.call(&call)
            }
        }
    }

    fn call(&mut self, call: &Call) -> Result<(), String> {
        match call.name.as_str() {
            "open" | "openat" | "creat" => self.open(call),
            "close" => {
                self.handles.remove(&number(call, 0)?);
                Ok(())
            }
            "write" | "pwrite64" => self.write(call),
            "ftruncate" => {
                let length = number(call, 1)?.unsigned_abs();
                self.change(call, Change::Length(length))
            }
            "fallocate" => {
                // The reserve alone is made so, and nothing depends on its length.
                Ok(())
            }
            "fsync" | "fdatasync" => self.sync(call),
            "rename" => {
                let (from, to) = (self.path(call, 0)?, self.path(call, 1)?);
                let (Some(from), Some(to)) = (from, to) else {
                    return Ok(());
                };
                if let Some(file) = self.current.remove(&from) {
                    self.current.insert(to.clone(), file);
                }
                self.name(call, NameChange::Rename(from, to))
            }
            "unlink" => match self.path(call, 0)? {
                Some(path) => {
                    self.current.remove(&path);
                    self.name(call, NameChange::Remove(path))
                }
                None => Ok(()),
            },
            "mkdir" => Ok(()),
            _ => self.strange(call),
        }
    }

    /// A call this reader does not follow must not be about a file that is kept.
    fn strange(&self, call: &Call) -> Result<(), String> {
        let touches = |arg: &String| {
            let file = arg
                .parse()
                .is_ok_and(|number: i64| self.handles.contains_key(&number));
            file || bytes(arg).is_ok_and(|path| path.starts_with(self.data.as_os_str().as_encoded_bytes()))
        };
        if call.args.iter().any(touches) {
            return Err(format!("a call that is not followed: {}", call.name));
        }
        Ok(())
    }

    /// A path below the data folder, from there on.
    fn path(&self, call: &Call, at: usize) -> Result<Option<PathBuf>, String> {
        let text = bytes(call.args.get(at).ok_or("a path is missing")?)?;
        let path = PathBuf::from(String::from_utf8(text).map_err(|error| error.to_string())?);
        Ok(path.strip_prefix(&self.data).ok().map(Path::to_owned))
    }

    fn open(&mut self, call: &Call) -> Result<(), String> {
        let at = usize::from(call.name == "openat");
        let (path, Some(handle)) = (self.path(call, at)?, call.result) else {
            return Ok(());
        };
        self.handles.remove(&handle);
        let Some(path) = path else { return Ok(()) };
        if path.as_os_str().is_empty() || call.args[at + 1].contains("O_DIRECTORY") {
            self.handles.insert(handle, Handle::Folder);
            return Ok(());
        }
        if !keeps(&path) {
            return Ok(());
        }
        let creates = call.name == "creat" || call.args[at + 1].contains("O_CREAT");
        let file = match self.current.get(&path) {
            Some(file) => *file,
            None if creates => {
                self.record.files.push(Journal::default());
                let file = self.record.files.len() - 1;
                self.current.insert(path.clone(), file);
                self.name(call, NameChange::Create(path, file))?;
                file
            }
            // A folder opened as a file, to sync it.
            None => {
                self.handles.insert(handle, Handle::Folder);
                return Ok(());
            }
        };
        self.handles.insert(handle, Handle::File(file, 0));
        if call.name == "creat" || call.args[at + 1].contains("O_TRUNC") {
            let change = (call.span, Change::Length(0));
            self.record.files[file].changes.push(change);
        }
        Ok(())
    }

    fn write(&mut self, call: &Call) -> Result<(), String> {
        let Some(Handle::File(_, next)) = self.handles.get_mut(&number(call, 0)?) else {
            return Ok(());
        };
        let mut written = bytes(call.args.get(1).ok_or("a write without bytes")?)?;
        if let Some(taken) = call.result.and_then(|it| usize::try_from(it).ok()) {
            written.truncate(taken);
        }
        let at = if call.name == "pwrite64" {
            number(call, 3)?.unsigned_abs()
        } else {
            *next += written.len() as u64;
            *next - written.len() as u64
        };
        self.change(call, Change::Write(at, written))
    }

    fn change(&mut self, call: &Call, change: Change) -> Result<(), String> {
        if let Some(Handle::File(file, _)) = self.handles.get(&number(call, 0)?) {
            self.record.files[*file].changes.push((call.span, change));
        }
        Ok(())
    }

    fn sync(&mut self, call: &Call) -> Result<(), String> {
        let done = (call.span, call.result == Some(0));
        match self.handles.get(&number(call, 0)?) {
            Some(Handle::File(file, _)) => self.record.files[*file].syncs.push(done),
            Some(Handle::Folder) => self.record.names.syncs.push(done),
            None => {}
        }
        Ok(())
    }

    fn name(&mut self, call: &Call, change: NameChange) -> Result<(), String> {
        self.record.names.changes.push((call.span, change));
        Ok(())
    }
}

/// The index of shared memory is made anew by whoever opens the database, and nothing depends on what holds its place.
fn keeps(path: &Path) -> bool {
    let name = path.to_string_lossy();
    !name.ends_with("-shm") && name != "reserve" && name != "breeze.lock"
}

fn number(call: &Call, at: usize) -> Result<i64, String> {
    let arg = call.args.get(at).ok_or("a number is missing")?;
    arg.parse()
        .map_err(|_| format!("{} of {} is no number: {arg}", at, call.name))
}
