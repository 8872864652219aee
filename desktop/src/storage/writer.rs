//! The one thread that writes: takes whatever waits, commits it with one fsync, and only then says so.

use super::change::{forget_account, save_account, status_number, write, write_outbox, write_place};
use super::displaced::bring_back;
use super::load::{changed, int, newer, older, shown};
use super::{gaps, rescue, token, words};
use crate::model::command::{Change, LinkCommand, StoreCommand};
use crate::model::event::{Event, StoreEvent, StoreFailure};
use rusqlite::{Connection, TransactionBehavior, params};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Commands that may wait for the writer. The link keeps at most 512 entries on their way, the rest is the person's.
pub const QUEUE: usize = 4096;
/// Commands in one transaction: the fsync makes the groups, this bounds their memory.
const BATCH_MAX: usize = 256;
/// Rows of one page of older messages.
const PAGE_ROWS: i64 = 100;
/// Edits and reactions read for a part of the past: more than a screen of messages ever has.
const CHANGED_MAX: i64 = 2000;
/// Messages taken over into the index with each transaction: as many as a page of history brings...
const INDEXED_AT_ONCE: usize = 128;
/// ... and by itself, when nothing else waits, so long after the last, milliseconds.
const INDEX_PAUSE: Duration = Duration::from_millis(20);
/// Bytes of pictures kept: about a thousand at their largest.
const BLOB_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// Whom the writer tells.
pub struct Told {
    /// The model.
    pub event: Box<dyn Fn(Event) + Send>,
    /// The link.
    pub link: Box<dyn Fn(LinkCommand) + Send>,
}

/// The writer's thread. Dropping it waits until everything handed over is on the disk.
pub struct Writer {
    sender: Option<SyncSender<StoreCommand>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(connection: Connection, told: Told) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("breeze-storage".into())
            .spawn(move || {
                Work {
                    connection,
                    told,
                    acc: None,
                    broken: None,
                    index: Index::Behind,
                }
                .run(&receiver);
            })?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Hands a command over without waiting; gives it back when the queue is full.
    ///
    /// # Errors
    /// The command, to be handed over later.
    pub fn hand(&self, command: StoreCommand) -> Result<(), StoreCommand> {
        use std::sync::mpsc::TrySendError::{Disconnected, Full};
        let Some(sender) = &self.sender else { return Ok(()) };
        sender.try_send(command).map_err(|error| match error {
            Full(command) | Disconnected(command) => command,
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Work {
    connection: Connection,
    told: Told,
    acc: Option<i64>,
    /// A connection of which something could not be kept: nothing later of it may be, or there would be a gap.
    broken: Option<u64>,
    index: Index,
}

/// How the index of messages is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    /// It has everything.
    Whole,
    /// It may lack something.
    Behind,
    /// It cannot be kept up; the search looks through what it lacks.
    Broken,
}

/// What is said once a command is on the disk.
enum After {
    Link(LinkCommand),
    Event(StoreEvent),
}

impl Work {
    fn run(mut self, receiver: &Receiver<StoreCommand>) {
        self.acc = shown(&self.connection).ok().flatten();
        while let Some(first) = self.next(receiver) {
            let mut batch = vec![first];
            while batch.len() < BATCH_MAX
                && let Ok(next) = receiver.try_recv()
            {
                batch.push(next);
            }
            if let Err(error) = self.commit(&batch) {
                tracing::warn!(%error, "a group was not stored; trying its commands one by one");
                for command in &batch {
                    if let Err(error) = self.commit(std::slice::from_ref(command)) {
                        tracing::warn!(%error, "not stored");
                        self.failed(command, &error);
                    }
                }
            }
        }
    }

    /// The next command; while none waits, the index catches up.
    fn next(&mut self, receiver: &Receiver<StoreCommand>) -> Option<StoreCommand> {
        loop {
            if self.index != Index::Behind {
                return receiver.recv().ok();
            }
            match receiver.recv_timeout(INDEX_PAUSE) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = self.commit(&[]) {
                        tracing::warn!(%error, "the index of messages could not be kept up");
                        self.index = Index::Broken;
                    }
                }
            }
        }
    }

    fn commit(&mut self, batch: &[StoreCommand]) -> rusqlite::Result<()> {
        let mut acc = self.acc;
        let mut broken = self.broken;
        let mut after = Vec::new();
        let db = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for command in batch {
            carry_out(&db, &mut acc, &mut broken, command, &mut after)?;
        }
        let index = keep_index(&db, self.index)?;
        db.commit()?;
        self.index = index;
        if batch
            .iter()
            .any(|command| matches!(command, StoreCommand::TokenKept(_)))
        {
            token::wipe(&self.connection);
        }
        self.acc = acc;
        self.broken = broken;
        for after in after {
            match after {
                After::Link(command) => (self.told.link)(command),
                After::Event(event) => (self.told.event)(Event::Store(event)),
            }
        }
        Ok(())
    }

    fn failed(&mut self, command: &StoreCommand, error: &rusqlite::Error) {
        let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
        let why = if full {
            StoreFailure::Full
        } else if rescue::is_damage(error) {
            rescue::note(&self.connection);
            StoreFailure::Damaged
        } else {
            StoreFailure::Other
        };
        let event = match command {
            StoreCommand::Outbox(row) => StoreEvent::OutboxFailed(row.mid, why),
            StoreCommand::Older { conv, .. } => StoreEvent::Older(*conv, Vec::new(), false),
            StoreCommand::Newer { conv, .. } => StoreEvent::Newer(*conv, Vec::new()),
            StoreCommand::Around { conv, seq } => StoreEvent::Around(*conv, *seq, Vec::new()),
            StoreCommand::Apply {
                stamp: Some(stamp), ..
            } => {
                self.broken = Some(stamp.conn);
                (self.told.link)(LinkCommand::Reconnect);
                StoreEvent::Failed(why)
            }
            _ => StoreEvent::Failed(why),
        };
        (self.told.event)(Event::Store(event));
    }
}

/// Takes over into the index what is new. Whatever is wrong with it is not allowed to cost a message.
fn keep_index(db: &Connection, index: Index) -> rusqlite::Result<Index> {
    if index == Index::Broken {
        return Ok(index);
    }
    db.execute_batch("SAVEPOINT words")?;
    let kept = words::keep_up(db, INDEXED_AT_ONCE);
    if let Err(error) = &kept {
        tracing::warn!(%error, "the index of messages cannot be kept up");
        db.execute_batch("ROLLBACK TO words")?;
    }
    db.execute_batch("RELEASE words")?;
    Ok(match kept {
        Ok(true) => Index::Behind,
        Ok(false) => Index::Whole,
        Err(_) => Index::Broken,
    })
}

fn carry_out(
    db: &Connection,
    acc: &mut Option<i64>,
    broken: &mut Option<u64>,
    command: &StoreCommand,
    after: &mut Vec<After>,
) -> rusqlite::Result<()> {
    match command {
        StoreCommand::Settings(settings) => return super::settings::save(db, settings),
        StoreCommand::SaveAccount(account) => {
            *acc = Some(save_account(db, account)?);
            return Ok(());
        }
        StoreCommand::PutBlob(hash, bytes) => {
            let sql = "INSERT OR REPLACE INTO blobs (hash, bytes, used) VALUES (?1, ?2, ?3)";
            db.execute(sql, params![hash.0.as_slice(), bytes.as_slice(), now_ms()])?;
            trim_blobs(db)?;
            after.push(After::Event(StoreEvent::BlobStored(*hash)));
            return Ok(());
        }
        StoreCommand::NamedFiles => {
            let named = super::attachments::named(db)?;
            after.push(After::Event(StoreEvent::NamedFiles(named)));
            return Ok(());
        }
        StoreCommand::NeedBlob(of, hash) => {
            let touched = "UPDATE blobs SET used = ?2 WHERE hash = ?1";
            if db
                .prepare_cached(touched)?
                .execute(params![hash.0.as_slice(), now_ms()])?
                == 0
            {
                after.push(After::Event(StoreEvent::BlobMissing(*of, *hash)));
            }
            return Ok(());
        }
        _ => {}
    }
    let Some(id) = *acc else { return Ok(()) };
    carry_out_of_account(db, (id, acc), broken, command, after)
}

/// The same for what belongs to the account shown.
fn carry_out_of_account(
    db: &Connection,
    (id, acc): (i64, &mut Option<i64>),
    broken: &mut Option<u64>,
    command: &StoreCommand,
    after: &mut Vec<After>,
) -> rusqlite::Result<()> {
    match command {
        StoreCommand::Apply {
            changes,
            stamp,
            place,
        } => {
            if let Some(stamp) = stamp {
                if broken.is_some_and(|conn| stamp.conn <= conn) {
                    return Ok(());
                }
                *broken = None;
            }
            for change in changes {
                if let Change::Base(conv, base) = change {
                    let rows = bring_back(db, id, *conv, *base)?;
                    if !rows.is_empty() {
                        after.push(After::Link(LinkCommand::Return(rows.clone())));
                        after.push(After::Event(StoreEvent::Returned(*conv, rows)));
                    }
                }
                write(db, id, change)?;
            }
            if let Some(place) = place {
                write_place(db, id, place)?;
            }
            after.extend(stamp.map(|stamp| After::Link(LinkCommand::Stored(stamp, *place))));
        }
        StoreCommand::Outbox(row) => {
            write_outbox(db, id, row)?;
            after.push(After::Link(LinkCommand::Send(row.clone())));
        }
        StoreCommand::OutboxRefused(mid, why) => {
            let sql = "UPDATE outbox SET refused = ?3 WHERE acc = ?1 AND mid = ?2";
            db.execute(sql, params![id, mid.0.as_slice(), why])?;
        }
        StoreCommand::OutboxDrop(mid) => {
            db.execute(
                "DELETE FROM outbox WHERE acc = ?1 AND mid = ?2",
                params![id, mid.0.as_slice()],
            )?;
        }
        StoreCommand::Quote(conv, seq) => {
            let found = super::entries::quoted(db, id, *conv, *seq)?;
            after.extend(found.map(|(who, text)| After::Event(StoreEvent::Quoted(*conv, *seq, who, text))));
        }
        StoreCommand::Older { .. }
        | StoreCommand::Newer { .. }
        | StoreCommand::Gap { .. }
        | StoreCommand::Changed { .. }
        | StoreCommand::Around { .. } => after.push(After::Event(history(db, id, command)?)),
        StoreCommand::TokenKept(server) => token::leave(db, id, server)?,
        StoreCommand::DropToken => token::drop(db, id)?,
        StoreCommand::ForgetAccount => {
            forget_account(db, id)?;
            *acc = None;
        }
        command => note(db, id, command)?,
    }
    Ok(())
}

/// What is held of the history, read for the model.
fn history(db: &Connection, id: i64, command: &StoreCommand) -> rusqlite::Result<StoreEvent> {
    Ok(match command {
        StoreCommand::Older { conv, before } => {
            let (rows, more) = older(db, id, *conv, *before, PAGE_ROWS)?;
            StoreEvent::Older(*conv, rows, more)
        }
        StoreCommand::Newer { conv, after } => {
            StoreEvent::Newer(*conv, newer(db, id, *conv, *after, PAGE_ROWS)?)
        }
        StoreCommand::Changed { conv, from, to } => {
            StoreEvent::Changed(*conv, changed(db, id, *conv, (*from, *to), CHANGED_MAX)?)
        }
        StoreCommand::Gap { conv, below } => StoreEvent::Gap(*conv, gaps::next(db, id, *conv, *below)?),
        StoreCommand::Around { conv, seq } => {
            let (mut rows, _) = older(db, id, *conv, seq + 1, PAGE_ROWS / 2)?;
            rows.extend(newer(db, id, *conv, *seq, PAGE_ROWS / 2)?);
            StoreEvent::Around(*conv, *seq, rows)
        }
        _ => unreachable!("only these read the history"),
    })
}

/// Small things of the account: drafts, the chat shown, the status.
fn note(db: &Connection, id: i64, command: &StoreCommand) -> rusqlite::Result<()> {
    match command {
        StoreCommand::Draft(conv, text) => {
            let sql = "INSERT INTO drafts (acc, conv, text) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (acc, conv) DO UPDATE SET text = excluded.text";
            db.execute(sql, params![id, int(conv.0), text])?;
        }
        StoreCommand::Answers(conv, seq) => {
            let sql = "INSERT INTO drafts (acc, conv, text, answers) VALUES (?1, ?2, '', ?3) \
                       ON CONFLICT (acc, conv) DO UPDATE SET answers = excluded.answers";
            db.execute(sql, params![id, int(conv.0), seq.map(int)])?;
        }
        StoreCommand::Open(conv) => {
            let conv = conv.map(|conv| int(conv.0));
            db.execute(
                "UPDATE accounts SET open_conv = ?2 WHERE id = ?1",
                params![id, conv],
            )?;
        }
        StoreCommand::Status(status) => {
            let sql = "UPDATE accounts SET status = ?2 WHERE id = ?1";
            db.execute(sql, params![id, status_number(*status)])?;
        }
        _ => {}
    }
    Ok(())
}

/// Forgets the pictures not used for longest, until the rest fits.
fn trim_blobs(db: &Connection) -> rusqlite::Result<()> {
    let sum: i64 = db.query_row("SELECT coalesce(sum(length(bytes)), 0) FROM blobs", [], |row| {
        row.get(0)
    })?;
    if sum <= BLOB_BYTES_MAX {
        return Ok(());
    }
    let sql = "DELETE FROM blobs WHERE hash IN (SELECT hash FROM blobs ORDER BY used \
               LIMIT max(1, (SELECT count(*) / 8 FROM blobs)))";
    db.execute(sql, [])?;
    Ok(())
}

fn now_ms() -> i64 {
    i64::try_from(crate::platform::wall_ms()).unwrap_or(i64::MAX)
}
