//! The one thread that writes. It takes whatever waits, makes one transaction of it, syncs it, and only then tells anybody.

use super::super::held::{Held, Ticket};
use super::super::reserve::Reserve;
use super::super::uploads::FileLimits;
use super::super::{Change, Committed, Refusal, SendJob, StoreError};
use super::chat;
use super::lived::Lived;
use super::tx::{Done, Fail, Tx, put};
use crate::clock;
use crate::fault::{DISK_STALL, DISK_STALL_TEXT, Fault};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Jobs in one transaction: one sync for all of them, and none waits long behind the others.
const GROUP_MAX: usize = 512;
/// The write-ahead log is emptied by the writer itself past this many bytes: under saturation checkpoints from
/// outside never reach its end, and it grew to 0.8 GB in four seconds.
pub(super) const WAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long a change waits for whoever else writes to the file: nobody does, but for a checkpoint.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// How long the sabotaged server keeps a told message from the disk, so that a kill can fall in between.
const SABOTAGE_GAP: Duration = Duration::from_millis(20);

/// What waits for the writer.
pub(super) enum Job {
    /// A message, and when it was handed over.
    Send(Box<SendJob>, Ticket),
    /// Any other change.
    Task(Box<dyn Task>),
    /// Finish what waits, and end.
    Close(oneshot::Sender<()>),
}

/// A change that answers whoever asked.
pub(super) trait Task: Send {
    /// Makes the change. `Undo` takes it back and keeps its own answer; `Sql` is the database's fault.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Undo>;
    /// Answers, once the commit is on disk or has failed.
    fn finish(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// Why a job is taken back.
pub(super) enum Undo {
    /// Refused; the job knows why.
    Refused,
    /// The database could not.
    Sql(rusqlite::Error),
}

/// A change made by a closure.
pub(super) struct Once<T, F> {
    work: Option<F>,
    result: Result<T, Refusal>,
    reply: oneshot::Sender<Result<T, Refusal>>,
}

impl<T, F> Once<T, F> {
    /// A change, and where its answer goes.
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, Refusal>>) -> Self {
        let unmade = Refusal::Store(StoreError::Down("the change was not made".to_owned()));
        Self {
            work: Some(work),
            result: Err(unmade),
            reply,
        }
    }
}

impl<T: Send, F: FnOnce(&mut Tx<'_>) -> Done<T> + Send> Task for Once<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Undo> {
        let work = self.work.take().expect("the writer runs a task once");
        match work(tx) {
            Ok(value) => {
                self.result = Ok(value);
                Ok(())
            }
            Err(Fail::Nack(code)) => {
                self.result = Err(Refusal::Nack(code));
                Err(Undo::Refused)
            }
            Err(Fail::Sql(error)) => {
                self.result = Err(Refusal::Store(store_error(&error)));
                Err(Undo::Sql(error))
            }
        }
    }

    fn finish(self: Box<Self>, outcome: Result<(), StoreError>) {
        let answer = match outcome {
            Ok(()) => self.result,
            Err(error) => Err(Refusal::Store(error)),
        };
        // Whoever asked may be gone; the change stays all the same.
        let _ = self.reply.send(answer);
    }
}

/// Everything the thread owns.
pub(super) struct Writer {
    /// The only connection that writes.
    pub(super) conn: Connection,
    /// What waits.
    pub(super) jobs: Receiver<Job>,
    /// Where commits are told.
    pub(super) committed: mpsc::Sender<Committed>,
    /// Asks for a checkpoint; full means one is under way.
    pub(super) checkpoint: Option<SyncSender<()>>,
    /// Tells whoever fills the search's index that there is something new; full means it knows. `None` in memory.
    pub(super) wake_index: Option<SyncSender<()>>,
    /// The write-ahead log, to see how long it is; `None` in memory.
    pub(super) wal: Option<PathBuf>,
    /// How long it may get before it is emptied here, bytes; more while somebody reads one moment of it for long.
    pub(super) wal_bytes_max: u64,
    /// What is let go when the disk is full; `None` in memory.
    pub(super) reserve: Option<Reserve>,
    /// Whether it has been let go: messages and pictures are refused until there is room again.
    pub(super) tight: Arc<AtomicBool>,
    /// Who must wait behind a refused message.
    pub(super) held: Arc<Held>,
    /// Bytes of bodies that wait.
    pub(super) waiting_bytes: Arc<AtomicUsize>,
    /// Highest commit number on disk.
    pub(super) head: u64,
    /// Who is on whose list.
    pub(super) roster: Roster,
    /// What is allowed of files.
    pub(super) limits: FileLimits,
    /// By which things age.
    pub(super) lived: Lived,
    /// See [`super::open::OpenStore::ahead_ms`].
    pub(super) ahead_ms: Arc<AtomicU64>,
    /// The promise to break, in the sabotage binary only.
    pub(super) fault: Fault,
}

impl Writer {
    /// Works until closed, or until nobody is left who could ask. Returns who waits for the end, to be told once
    /// everything is let go.
    pub(super) fn run(mut self) -> Option<oneshot::Sender<()>> {
        let _abort = AbortOnPanic;
        while let Ok(first) = self.jobs.recv() {
            let mut group = Vec::new();
            let mut closing = None;
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Close(reply) => {
                        closing = Some(reply);
                        break;
                    }
                    job => group.push(job),
                }
                next = if group.len() < GROUP_MAX {
                    self.jobs.try_recv().ok()
                } else {
                    None
                };
            }
            if !group.is_empty() {
                self.group(group);
            }
            if closing.is_some() {
                self.close();
                return closing;
            }
        }
        self.close();
        None
    }

    fn group(&mut self, mut jobs: Vec<Job>) {
        let before = self.head;
        self.look_for_room();
        let outcome = self.commit(&mut jobs);
        let (changes, outcome) = match outcome {
            Ok(changes) => (changes, Ok(())),
            Err(error) => {
                self.head = before;
                abort_after_failed_sync(&error);
                // The transaction may have been rolled back by the failure already.
                let _ = self.conn.execute_batch("ROLLBACK");
                let error = store_error(&error);
                self.make_room(&error);
                tracing::error!(
                    jobs = jobs.len(),
                    "a commit failed, nothing of it is kept: {error}"
                );
                (self.refuse_all(&jobs, &error), Err(error))
            }
        };
        self.tell(changes);
        for job in jobs {
            match job {
                Job::Send(job, _) => drop(
                    self.waiting_bytes
                        .fetch_sub(job.send.body.len(), Ordering::Relaxed),
                ),
                Job::Task(task) => task.finish(outcome.clone()),
                Job::Close(_) => {}
            }
        }
        self.keep_wal_short();
    }

    fn commit(&mut self, jobs: &mut [Job]) -> Result<Vec<Change>, rusqlite::Error> {
        let tight = self.tight.load(Ordering::Relaxed);
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let mut tx = Tx {
            conn: &self.conn,
            head: self.head,
            changes: Vec::new(),
            roster: self.roster,
            fault: self.fault,
            limits: self.limits,
            now_ms: clock::wall_ms(),
            lived_ms: self.lived.now_ms() + self.ahead_ms.load(Ordering::Relaxed),
        };
        for job in jobs.iter_mut() {
            run_job(&mut tx, job, &self.held, tight)?;
        }
        let (head, mut changes) = (tx.head, tx.changes);
        if head != self.head {
            self.conn
                .prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'counter'")?
                .execute([put(head)])?;
        }
        self.head = head;
        if self.fault == Fault::AckBeforeCommit {
            self.tell(std::mem::take(&mut changes));
            std::thread::sleep(SABOTAGE_GAP);
        }
        if self.fault == Fault::DiskStalls && jobs.iter().any(asks_to_stall) {
            std::thread::sleep(DISK_STALL);
        }
        if let Err(error) = self.conn.execute_batch("COMMIT") {
            if self.fault != Fault::SyncErrorsPass {
                return Err(error);
            }
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        Ok(changes)
    }

    /// Every message of a failed group is refused for now, and holds back what follows it.
    fn refuse_all(&self, jobs: &[Job], error: &StoreError) -> Vec<Change> {
        let code = if matches!(error, StoreError::Full) {
            NackCode::StorageFull
        } else {
            NackCode::StoreDown
        };
        let sends = jobs.iter().filter_map(|job| match job {
            Job::Send(job, ticket) => Some((job, *ticket)),
            _ => None,
        });
        sends
            .map(|(job, ticket)| {
                self.held
                    .hold(job.conn, job.send.conv, job.send.mid, ticket, code);
                Change::Answer {
                    conn: job.conn,
                    answer: Box::new(chat::nack(job.send.mid, code)),
                }
            })
            .collect()
    }

    fn tell(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let committed = Committed {
            head: self.head,
            changes,
        };
        if self.committed.blocking_send(committed).is_err() {
            tracing::debug!("nobody listens to commits any more");
        }
    }

    /// The disk is full: what is held back is let go, for what matters more than the next message.
    fn make_room(&self, error: &StoreError) {
        if let (StoreError::Full, Some(reserve)) = (error, &self.reserve)
            && !self.tight.swap(true, Ordering::Relaxed)
        {
            reserve.release();
            tracing::error!(
                "the disk is full: messages are refused until there is room; nothing stored is lost"
            );
        }
    }

    fn look_for_room(&self) {
        if self.tight.load(Ordering::Relaxed) && self.reserve.as_ref().is_none_or(Reserve::regain) {
            self.tight.store(false, Ordering::Relaxed);
            tracing::info!("there is room on the disk again: messages are taken");
        }
    }

    fn keep_wal_short(&mut self) {
        if let Some(checkpoint) = &self.checkpoint {
            // Full: a checkpoint is under way and will see these pages too, or the next one will.
            let _ = checkpoint.try_send(());
        }
        if let Some(index) = &self.wake_index {
            let _ = index.try_send(());
        }
        let bytes = self.wal.as_deref().map_or(0, super::super::data_dir::file_bytes);
        if bytes <= self.wal_bytes_max {
            return;
        }
        match empty_wal(&self.conn) {
            Ok(true) => self.wal_bytes_max = WAL_BYTES_MAX,
            // Somebody reads one moment for long, as a backup does: the log grows by as much again before the next try.
            Ok(false) => self.wal_bytes_max = bytes + WAL_BYTES_MAX,
            Err(error) => {
                abort_after_failed_sync(&error);
                tracing::warn!(
                    "the write-ahead log could not be shortened, trying again with the next commit: {error}"
                );
            }
        }
    }

    fn close(&self) {
        if self.wal.is_some()
            && let Err(error) = self
                .conn
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        {
            abort_after_failed_sync(&error);
            tracing::warn!("the write-ahead log stays for the next start: {error}");
        }
    }
}

fn asks_to_stall(job: &Job) -> bool {
    matches!(job, Job::Send(job, _) if job.send.body == DISK_STALL_TEXT)
}

/// Empties the log without waiting for readers; `false` when one is in the way.
fn empty_wal(conn: &Connection) -> rusqlite::Result<bool> {
    conn.busy_timeout(Duration::ZERO)?;
    let emptied = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    conn.busy_timeout(BUSY_MAX)?;
    match emptied {
        Ok(busy) => Ok(busy == 0),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Runs one job in a savepoint, so that one that fails does not take the others with it. A disk that fails takes all.
fn run_job(tx: &mut Tx<'_>, job: &mut Job, held: &Held, tight: bool) -> Result<(), rusqlite::Error> {
    if let Job::Send(send, ticket) = job
        && tight
    {
        let code = NackCode::StorageFull;
        let (conn, conv, mid) = (send.conn, send.send.conv, send.send.mid);
        held.hold(conn, conv, mid, *ticket, code);
        let answer = Box::new(chat::nack(mid, code));
        tx.changes.push(Change::Answer { conn, answer });
        return Ok(());
    }
    if let Job::Send(send, ticket) = job
        && let Some(code) = held.check(send.conn, send.send.conv, send.send.mid, *ticket)
    {
        let answer = Box::new(chat::nack(send.send.mid, code));
        tx.changes.push(Change::Answer {
            conn: send.conn,
            answer,
        });
        return Ok(());
    }
    let (head, told) = (tx.head, tx.changes.len());
    tx.conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    let done = match job {
        Job::Send(send, _) => chat::send(tx, send).map_err(|fail| match fail {
            Fail::Nack(_) => Undo::Refused,
            Fail::Sql(error) => Undo::Sql(error),
        }),
        Job::Task(task) => task.run(tx),
        Job::Close(_) => Ok(()),
    };
    if let Err(undo) = done {
        if let Undo::Sql(error) = undo {
            if concerns_all(&error) {
                return Err(error);
            }
            tracing::error!("a change could not be made and was taken back; please report this: {error}");
            tx.changes.truncate(told);
            if let Job::Send(send, ticket) = job {
                held.hold(
                    send.conn,
                    send.send.conv,
                    send.send.mid,
                    *ticket,
                    NackCode::StoreDown,
                );
                let answer = Box::new(chat::nack(send.send.mid, NackCode::StoreDown));
                tx.changes.push(Change::Answer {
                    conn: send.conn,
                    answer,
                });
            }
        } else {
            tx.changes.truncate(told);
        }
        tx.head = head;
        tx.conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    tx.conn.prepare_cached("RELEASE job")?.execute([])?;
    Ok(())
}

/// Whether an error is the disk's or the memory's and not this job's alone.
fn concerns_all(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(
            Code::DiskFull
                | Code::SystemIoFailure
                | Code::OutOfMemory
                | Code::DatabaseCorrupt
                | Code::NotADatabase
                | Code::ReadOnly
                | Code::CannotOpen
                | Code::DatabaseBusy
        )
    )
}

/// What an error of the database means to whoever asked. A write that the system refuses (a quota, a limit on file
/// size) is a full disk to them.
pub(super) fn store_error(error: &rusqlite::Error) -> StoreError {
    let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
    if full || extended(error) == Some(rusqlite::ffi::SQLITE_IOERR_WRITE) {
        return StoreError::Full;
    }
    StoreError::Down(error.to_string())
}

/// What is answered once the writer has ended.
pub(super) fn closed() -> StoreError {
    StoreError::Down("it is closed".to_owned())
}

/// After a failed sync nobody knows what is on disk, and a second try would report success without it: the process
/// ends, and its next start writes anew what the log holds.
pub(super) fn abort_after_failed_sync(error: &rusqlite::Error) {
    use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC};
    if matches!(extended(error), Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC)) {
        tracing::error!(
            "the disk did not take a sync ({error}): ending at once; check the disk, then start again"
        );
        std::process::abort();
    }
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

/// A server whose writer is gone would look alive and keep nothing.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the store's writer has failed: ending at once; please report the lines above");
            std::process::abort();
        }
    }
}
