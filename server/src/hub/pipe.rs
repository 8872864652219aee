//! What one connection's task and the hub share: the outbox, when the last byte came, and a few facts.
//!
//! The outbox is behind a lock that two tasks take for nanoseconds and nobody holds while waiting.

use crate::core::end::ConnectionEnd;
use crate::core::outbox::{Feed, Note, Outbox, Queued, Setting};
use crate::store::{Audience, ConnId};
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::limit::REQUESTS_IN_FLIGHT_MAX;
use breeze_protocol::message::control::Goodbye;
use breeze_protocol::{Instance, ServerMessage};
use bytes::Bytes;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Most bytes that wait in all outboxes together before those with more than one write in theirs lag.
pub const PROCESS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Below this many waiting bytes a reader of the store may push its next page: half of an outbox.
const ROOM_BYTES: usize = 128 * 1024;

/// The shared end of one connection.
#[derive(Debug)]
pub struct Pipe {
    /// Its number.
    pub conn: ConnId,
    outbox: Mutex<Outbox>,
    wake: Notify,
    room: Notify,
    heard_ms: AtomicU64,
    /// Since when the server does not read the socket, plus one; 0 = it reads.
    paused: AtomicU64,
    doubtful: AtomicBool,
    invisible: AtomicBool,
    /// The socket takes no more.
    blocked: AtomicBool,
    closed: AtomicBool,
    /// Somebody reads the store for this connection.
    feeding: AtomicBool,
    /// The client has seen a newer server than this one: its sends are refused.
    rolled_back: AtomicBool,
    requests: AtomicUsize,
    process_bytes: Arc<AtomicUsize>,
}

/// One request on its way; dropping it makes room for another.
#[derive(Debug)]
pub struct Request {
    pipe: Arc<Pipe>,
}

impl Request {
    /// The pipe it answers through.
    #[must_use]
    pub fn pipe(&self) -> &Arc<Pipe> {
        &self.pipe
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.pipe.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a pipe stands, for its connection's task.
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    /// Why the connection is to end once what waits is written.
    pub ending: Option<ConnectionEnd>,
    /// When something may be written; 0 means now.
    pub next_ms: Option<u64>,
    /// Whether rows have to be read from the store.
    pub behind: bool,
}

impl Pipe {
    /// A pipe for one connection.
    #[must_use]
    pub fn new(conn: ConnId, setting: Setting, now_ms: u64, process_bytes: Arc<AtomicUsize>) -> Self {
        Self {
            conn,
            outbox: Mutex::new(Outbox::new(setting)),
            wake: Notify::new(),
            room: Notify::new(),
            heard_ms: AtomicU64::new(now_ms),
            paused: AtomicU64::new(0),
            doubtful: AtomicBool::new(false),
            invisible: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            feeding: AtomicBool::new(false),
            rolled_back: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            process_bytes,
        }
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Outbox) -> T) -> T {
        let mut outbox = self.outbox();
        let before = outbox.bytes();
        let answer = act(&mut outbox);
        let after = outbox.bytes();
        drop(outbox);
        if after > before {
            self.process_bytes.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.process_bytes.fetch_sub(before - after, Ordering::Relaxed);
        }
        answer
    }

    fn push(&self, act: impl FnOnce(&mut Outbox)) {
        self.with(act);
        self.wake.notify_one();
    }

    /// Queues an answer to the request numbered `re`.
    pub fn answer(&self, re: Option<u64>, message: impl Into<ServerMessage>) {
        self.frame(encode_server(&Envelope::answer(re, message)), Note::Plain);
    }

    /// Queues one frame that is never dropped.
    pub fn frame(&self, bytes: Bytes, note: Note) {
        self.push(|outbox| outbox.answer(bytes, note));
    }

    /// Queues several frames that are never dropped, in order.
    pub fn frames(&self, frames: Vec<Queued>) {
        self.push(|outbox| frames.into_iter().for_each(|it| outbox.answer(it.bytes, it.note)));
    }

    /// Queues a pong, before everything else.
    pub fn pong(&self, bytes: Bytes) {
        self.push(|outbox| outbox.pong(bytes));
    }

    /// Pushes a live row.
    pub(super) fn row(&self, num: u64, bytes: &Bytes, note: Note) {
        let tight = self.process_bytes.load(Ordering::Relaxed) > PROCESS_BYTES_MAX;
        self.push(|outbox| outbox.row(num, bytes, note, tight));
    }

    /// Tells a change of presence.
    pub(super) fn presence(&self, now_ms: u64, entry: breeze_protocol::PresenceEntry, single: &Bytes) {
        self.push(|outbox| outbox.presence(now_ms, entry, single));
    }

    /// Tells that somebody types.
    pub(super) fn typing(&self, notice: &breeze_protocol::message::chat::TypingNotice, bytes: &Bytes) {
        self.push(|outbox| outbox.typing(notice, bytes));
    }

    /// A snapshot of presence, with which the live feed may begin.
    pub(super) fn snapshot(&self, chunks: Vec<Bytes>, begin_at: Option<u64>) {
        self.push(|outbox| match begin_at {
            Some(head) => outbox.begin(chunks, head),
            None => outbox.snapshot(chunks),
        });
    }

    /// Everything up to `told` has been read from the store; see [`Outbox::caught_up`].
    pub fn caught_up(&self, told: u64, synced: Option<Bytes>) -> Option<u64> {
        let more = self.with(|outbox| outbox.caught_up(told, synced));
        self.wake.notify_one();
        more
    }

    /// From where and up to where rows have to be read from the store, if the feed is behind.
    #[must_use]
    pub fn behind(&self) -> Option<(u64, u64)> {
        let outbox = self.outbox();
        match outbox.feed() {
            Feed::Behind { upto } => Some((outbox.told(), upto)),
            Feed::Off | Feed::Live => None,
        }
    }

    /// Ends the connection once what waits is written; the first end counts.
    pub fn end(&self, end: ConnectionEnd, instance: Option<Instance>, retry: (u64, u64)) {
        let goodbye = end.goodbye().map(|reason| {
            let goodbye = Goodbye {
                reason,
                retry_after_ms: retry.0,
                jitter_ms: retry.1,
                instance,
            };
            encode_server(&Envelope::plain(goodbye))
        });
        self.push(|outbox| outbox.end(end, goodbye));
        self.room.notify_waiters();
    }

    /// Takes what may be written now, if the socket takes it, and says what there is to do besides.
    pub fn turn(&self, now_ms: u64, writable: bool, out: &mut Vec<Queued>) -> Outlook {
        let outlook = self.with(|outbox| {
            if writable {
                outbox.drain(now_ms, out);
            }
            outlook(outbox)
        });
        if !out.is_empty() {
            self.room.notify_waiters();
        }
        outlook
    }

    /// What there is to do.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        outlook(&self.outbox())
    }

    /// Bytes that wait in the outbox.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outbox().bytes()
    }

    /// Begins reading the store for this connection; `false` when somebody does already.
    #[must_use]
    pub fn begin_feeding(&self) -> bool {
        !self.feeding.swap(true, Ordering::SeqCst)
    }

    /// Nobody reads the store any more; if the feed is behind again, the connection's task sees to it.
    pub fn end_feeding(&self) {
        self.feeding.store(false, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Takes a place for one request; `None` when too many wait for their answer.
    #[must_use]
    pub fn request(self: &Arc<Self>) -> Option<Request> {
        if self.requests.fetch_add(1, Ordering::Relaxed) >= REQUESTS_IN_FLIGHT_MAX {
            self.requests.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Request {
            pipe: Arc::clone(self),
        })
    }

    /// The client has seen a newer server than this one.
    pub fn set_rolled_back(&self) {
        self.rolled_back.store(true, Ordering::SeqCst);
    }

    /// Whether the client has seen a newer server than this one.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        self.rolled_back.load(Ordering::SeqCst)
    }

    /// Waits until something was queued. One task may wait.
    pub fn woken(&self) -> Notified<'_> {
        self.wake.notified()
    }

    /// Waits until a page fits; `false` when the connection is over.
    pub async fn has_room(&self) -> bool {
        loop {
            let notified = self.room.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.is_closed() || self.outbox().ending().is_some() {
                return false;
            }
            if self.outbox().bytes() < ROOM_BYTES {
                return true;
            }
            notified.await;
        }
    }

    /// Waits until the socket takes bytes again, or is over: only a sabotaged hub does this.
    pub(super) async fn unblocked(&self) {
        loop {
            let notified = self.room.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.is_closed() || !self.blocked.load(Ordering::SeqCst) {
                return;
            }
            notified.await;
        }
    }

    /// Notes whether the socket takes no more bytes.
    pub fn set_blocked(&self, blocked: bool) {
        if self.blocked.swap(blocked, Ordering::SeqCst) && !blocked {
            self.room.notify_waiters();
        }
    }

    /// Notes that bytes came. Whether the hub wants to hear of it.
    pub fn heard(&self, now_ms: u64) -> bool {
        self.heard_ms.store(now_ms, Ordering::SeqCst);
        self.doubtful.load(Ordering::SeqCst)
    }

    /// Notes that the server stops, or goes on, reading the socket; that time does not count as silence.
    pub fn set_paused(&self, now_ms: u64, paused: bool) {
        if paused {
            self.paused.store(now_ms + 1, Ordering::SeqCst);
        } else {
            let since = self.paused.swap(0, Ordering::SeqCst);
            if since > 0 {
                self.heard_ms
                    .fetch_add((now_ms + 1).saturating_sub(since), Ordering::SeqCst);
            }
        }
    }

    /// When the last byte came, time without reading taken off.
    #[must_use]
    pub fn heard_ms(&self, now_ms: u64) -> u64 {
        let heard = self.heard_ms.load(Ordering::SeqCst);
        let since = self.paused.load(Ordering::SeqCst);
        let paused = if since > 0 {
            (now_ms + 1).saturating_sub(since)
        } else {
            0
        };
        heard + paused
    }

    pub(super) fn set_doubtful(&self, doubtful: bool) {
        self.doubtful.store(doubtful, Ordering::SeqCst);
    }

    pub(super) fn set_invisible(&self, invisible: bool) {
        self.invisible.store(invisible, Ordering::SeqCst);
    }

    /// Who may learn of what this person does now.
    #[must_use]
    pub fn audience(&self) -> Audience {
        if self.invisible.load(Ordering::SeqCst) {
            Audience::OwnDevices
        } else {
            Audience::All
        }
    }

    /// The connection's task is over: whoever works for it may stop.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.with(|outbox| outbox.end(ConnectionEnd::Left, None));
        self.room.notify_waiters();
    }

    /// Whether the connection's task is over.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

fn outlook(outbox: &Outbox) -> Outlook {
    let next_ms = if outbox.has_frames() {
        Some(0)
    } else {
        outbox.next_ms()
    };
    let behind = matches!(outbox.feed(), Feed::Behind { .. });
    Outlook {
        ending: outbox.ending(),
        next_ms,
        behind,
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let left = self.outbox().bytes();
        self.process_bytes.fetch_sub(left, Ordering::Relaxed);
    }
}
