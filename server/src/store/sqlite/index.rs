//! The index of messages: a file of its own beside the database, filled by a thread of its own, so that no message waits
//! for it. It holds terms and places, never a text. Missing, damaged or of another life of the data, it is made anew.

use super::super::{Identity, StoreError};
use super::filler::Filler;
use super::readers::{in_one_moment, open as open_main};
use super::tx::{put, take};
use super::writer::store_error;
use breeze_protocol::terms;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Name of the index in the data directory.
pub const INDEX_FILE: &str = "search.db";
/// At most one round in this time, so that rounds are few while much is written. What came since is looked through.
const ROUND_GAP: Duration = Duration::from_secs(1);
/// After a failure (a full disk), the next try comes no sooner.
const AGAIN_GAP: Duration = Duration::from_secs(10);
/// Searches that may wait; past it the asker is told that the store is busy.
const WAITING_MAX: usize = 256;
/// Page cache of each side, KiB.
const CACHE_KIB: i64 = 4096;
/// How much the thread that fills stands behind whoever serves people (0: not at all, 19: most).
const NICE: i32 = 19;
/// Shape of the file; another one is made anew.
const SHAPE: u32 = 2;

/// What fits a question before a place, newest first.
pub(super) const HITS: &str =
    "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC";
/// Where an entry of the index is.
pub(super) const PLACE: &str = "SELECT conv, seq FROM places WHERE num = ?1";

/// Cut at nothing but spaces: the terms come cut. `places` leads from a commit number to the message, `done` says up to
/// which place a conversation is taken over and up to which it is taken out again (`over`), `through` up to which commit number
/// all of them are. What is deleted is taken out at once and found no more; its terms are overwritten when the parts of the index that held them are merged, which `erased`,
/// how many wait for that, brings about.
const SCHEMA: &str = "
    CREATE VIRTUAL TABLE words USING fts5(terms, content='', contentless_delete=1, detail='none', tokenize='ascii');
    CREATE TABLE places (num INTEGER PRIMARY KEY, conv INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;
    CREATE TABLE done (conv INTEGER PRIMARY KEY, seq INTEGER NOT NULL, over INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE meta (epoch BLOB NOT NULL, through INTEGER NOT NULL, erased INTEGER NOT NULL) STRICT;";

/// The term that stands for a conversation: a character no text's term begins with, and its number.
pub(super) fn conv_term(conv: u64) -> String {
    format!("\u{e000}{conv}")
}

/// Up to which place a conversation is in the index.
pub(super) fn done(index: &Connection, conv: u64) -> rusqlite::Result<u64> {
    let found = index
        .prepare_cached("SELECT seq FROM done WHERE conv = ?1")?
        .query_row([put(conv)], |row| take(row, 0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// How many entries have been taken over.
pub(super) fn entries(index: &Connection) -> rusqlite::Result<u64> {
    index.query_row("SELECT coalesce(sum(seq), 0) FROM done", [], |row| take(row, 0))
}

type Look = Box<dyn FnOnce(&Connection, Option<&Connection>) + Send>;

/// The queue before the thread that searches. It ends with it.
pub(super) struct Index {
    queue: SyncSender<Look>,
}

/// The thread that fills the index, and how it is told that there is something new.
pub(super) struct Filling {
    pub(super) wake: SyncSender<()>,
    pub(super) thread: JoinHandle<()>,
}

impl Index {
    /// Opens the index beside a database that has its schema, and starts the threads. Without an index (no room, no
    /// right) the search looks through everything, page by page.
    ///
    /// # Errors
    /// When the database cannot be read or a thread cannot be had.
    pub(super) fn start(database: &Path, identity: &Identity) -> Result<(Self, Filling), String> {
        let text = |error: rusqlite::Error| error.to_string();
        let path = database.with_file_name(INDEX_FILE);
        let filler = match open(&path, identity) {
            Ok(index) => {
                let main = open_main(database).map_err(text)?;
                Some(Filler::new(main, index, path.clone()))
            }
            Err(error) => {
                tracing::warn!("no index for the search, which will be slow: {error}");
                None
            }
        };
        let main = open_main(database).map_err(text)?;
        let index = filler
            .is_some()
            .then(|| read_only(&path))
            .transpose()
            .map_err(text)?;
        let (queue, looks) = sync_channel::<Look>(WAITING_MAX);
        let (wake, woken) = sync_channel(1);
        // Whatever is not taken over yet is at the first wake.
        let _ = wake.try_send(());
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(work).map_err(|error| error.to_string())
        };
        let search = move || {
            while let Ok(look) = looks.recv() {
                look(&main, index.as_ref());
            }
        };
        spawn("store-search", Box::new(search))?;
        let fill = move || fill(filler, &woken);
        let thread = spawn("store-index", Box::new(fill))?;
        Ok((Self { queue }, Filling { wake, thread }))
    }

    /// Looks into the database and the index, each as it is at one moment; the index first, so that it is never ahead.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl Fn(&Connection, Option<&Connection>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Look = Box::new(move |main, index| {
            let without = || in_one_moment(main, |main| look(main, None));
            let with = |index| {
                in_one_moment(index, |index| {
                    begin(index)?;
                    in_one_moment(main, |main| look(main, Some(index)))
                })
            };
            let found = match index.map(with) {
                Some(Err(error)) if is_damaged(&error) => without(),
                Some(found) => found,
                None => without(),
            };
            // Whoever asked may be gone.
            let _ = reply.send(found);
        });
        self.queue.try_send(job).map_err(|_| StoreError::Busy)?;
        let found = answer
            .await
            .map_err(|_| StoreError::Down("the store is closed".to_owned()))?;
        found.map_err(|error| store_error(&error))
    }
}

/// A transaction begins at its first look.
fn begin(index: &Connection) -> rusqlite::Result<()> {
    index.query_row("SELECT through FROM meta", [], |_| Ok(()))
}

fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(conn)
}

/// Opens the index of this data, or makes it anew.
fn open(path: &Path, identity: &Identity) -> rusqlite::Result<Connection> {
    if let Ok(Some(conn)) = known(path, identity) {
        return Ok(conn);
    }
    remove(path);
    let mut conn = connect(path)?;
    let tx = conn.transaction()?;
    tx.execute_batch(SCHEMA)?;
    tx.execute(
        "INSERT INTO meta (epoch, through, erased) VALUES (?1, 0, 0)",
        [identity.epoch.0],
    )?;
    tx.pragma_update(None, "user_version", version())?;
    tx.commit()?;
    Ok(conn)
}

fn version() -> u32 {
    SHAPE * 1000 + terms::VERSION
}

/// The index as it is, if it belongs to this data and this program.
fn known(path: &Path, identity: &Identity) -> rusqlite::Result<Option<Connection>> {
    if !path.is_file() {
        return Ok(None);
    }
    let conn = connect(path)?;
    let found: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != version() {
        return Ok(None);
    }
    let (epoch, through): ([u8; 16], u64) = conn.query_row("SELECT epoch, through FROM meta", [], |row| {
        Ok((row.get(0)?, take(row, 1)?))
    })?;
    let ours = epoch == identity.epoch.0 && through <= identity.head;
    Ok(ours.then_some(conn))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // What a power cut takes is taken over again: the file stays whole, and nobody is promised anything by it.
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(conn)
}

/// Works until nobody can wake it any more.
fn fill(filler: Option<Filler>, woken: &Receiver<()>) {
    let Some(mut filler) = filler else { return };
    stand_back();
    if let Err(error) = filler.merge(1) {
        tracing::warn!("terms of deleted messages stay in the index for now: {error}");
    }
    let mut said = false;
    let mut due = woken.recv().is_ok();
    while due {
        let gap = match filler.round(woken) {
            Ok(()) => ROUND_GAP,
            Err(error) if is_damaged(&error) => {
                tracing::warn!("the index for the search is damaged, the next start makes it anew: {error}");
                return remove(&filler.path);
            }
            Err(error) => {
                if !std::mem::replace(&mut said, true) {
                    tracing::warn!("the index for the search is behind, trying again later: {error}");
                }
                AGAIN_GAP
            }
        };
        due = match rest(woken, gap) {
            Some(again) => again || woken.recv().is_ok(),
            None => false,
        };
    }
}

/// Waits a gap out. Whether somebody woke meanwhile; `None` when nobody can any more.
fn rest(woken: &Receiver<()>, gap: Duration) -> Option<bool> {
    let until = Instant::now() + gap;
    let mut again = false;
    loop {
        match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => again = true,
            Err(RecvTimeoutError::Timeout) => return Some(again),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// Takes the file away, whoever has it open: it holds nothing that is not elsewhere.
fn remove(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        // What cannot be taken away is found when it is opened.
        let _ = std::fs::remove_file(PathBuf::from(format!("{}{end}", path.display())));
    }
}

/// Whoever serves people goes first. Only where a thread can be asked to stand back, and not the whole program.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "the index is filled at the same priority as everything");
    }
}
