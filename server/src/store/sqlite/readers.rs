//! The threads that read: each with a read-only connection, each look-up in one transaction, so it sees one moment.

use super::super::StoreError;
use super::writer::{abort_after_failed_sync, store_error};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Threads that read: a slow page does not hold up sign-ins.
const READERS: usize = 2;
/// Look-ups that may wait; past it the asker is told that the store is busy.
const WAITING_MAX: usize = 4096;
/// Page cache of one reader, KiB: the upper levels of every tree. The system's own cache has the rest.
const CACHE_KIB: i64 = 256;
/// At most one checkpoint in this time, so that the disk has room for commits.
const CHECKPOINT_GAP: Duration = Duration::from_millis(500);

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The queue before the reading threads. They end with it.
pub(super) struct Readers {
    queue: SyncSender<Read>,
}

impl Readers {
    /// Starts the threads on a database that has its schema.
    ///
    /// # Errors
    /// When a connection or a thread cannot be had.
    pub(super) fn start(path: &Path) -> Result<Self, String> {
        let (queue, reads) = sync_channel::<Read>(WAITING_MAX);
        let reads = Arc::new(Mutex::new(reads));
        for number in 0..READERS {
            let conn = open(path).map_err(|error| error.to_string())?;
            let reads = Arc::clone(&reads);
            std::thread::Builder::new()
                .name(format!("store-read-{number}"))
                .spawn(move || work(&conn, &reads))
                .map_err(|error| error.to_string())?;
        }
        Ok(Self { queue })
    }

    /// Looks something up.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |conn| {
            // Whoever asked may be gone.
            let _ = reply.send(in_one_moment(conn, look));
        });
        self.queue.try_send(job).map_err(|_| StoreError::Busy)?;
        let found = answer
            .await
            .map_err(|_| StoreError::Down("the store is closed".to_owned()))?;
        found.map_err(|error| store_error(&error))
    }
}

/// A look in one transaction.
pub(super) fn in_one_moment<T>(
    conn: &Connection,
    look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let tx = conn.unchecked_transaction()?;
    let found = look(&tx)?;
    tx.finish()?;
    Ok(found)
}

/// A connection that only reads.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

fn work(conn: &Connection, reads: &Mutex<Receiver<Read>>) {
    loop {
        let read = reads.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match read {
            Ok(read) => read(conn),
            Err(_) => return,
        }
    }
}

/// Starts the thread that moves committed pages from the log into the database, so that commits need not. It is asked
/// after each commit, and ends when nobody can ask any more.
///
/// # Errors
/// When a connection or a thread cannot be had.
pub(super) fn start_checkpoints(path: &Path) -> Result<SyncSender<()>, String> {
    let path: PathBuf = path.to_owned();
    let conn = Connection::open(&path).map_err(|error| error.to_string())?;
    conn.pragma_update(None, "cache_size", -64)
        .map_err(|error| error.to_string())?;
    let (ask, asked) = sync_channel::<()>(1);
    let checkpoint = move || {
        while asked.recv().is_ok() {
            if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
                // The next one would not write again what this one wrote, and the log would be let go all the same.
                abort_after_failed_sync(&error);
                tracing::warn!("a checkpoint failed, the next one tries again: {error}");
            }
            if asked.recv_timeout(CHECKPOINT_GAP) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("store-checkpoint".to_owned())
        .spawn(checkpoint)
        .map_err(|e| e.to_string())?;
    Ok(ask)
}
