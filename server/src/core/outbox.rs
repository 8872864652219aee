//! One connection's queue to its socket: bounded, never waited for. Replace what can be replaced, else lag.
//!
//! Answers are never dropped; what bounds them is that a connection in whose queue too much waits is not read, and so
//! asks for no more ([`ANSWERED_BYTES_MAX`]). Presence and typing are latest-wins and never queue twice. Rows of the live feed are dropped when the queue is full; the connection then reads them
//! again from the store, up to the highest number dropped.

use super::end::ConnectionEnd;
use crate::fault::Fault;
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::limit::PRESENCE_CHUNK_MAX;
use breeze_protocol::message::chat::TypingNotice;
use breeze_protocol::message::presence::Presence;
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, ConvId, PresenceEntry};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};

/// Most frames that wait for one connection before rows are dropped: some seconds of a lively chat.
pub const FRAMES_MAX: usize = 256;
/// Most bytes that wait for one connection before rows are dropped: one largest frame.
pub const BYTES_MAX: usize = 256 * 1024;
/// While more bytes than these wait, nothing is read from the connection: eight pages of history that nobody takes. Above
/// it come at most the answers to requests in flight.
pub const ANSWERED_BYTES_MAX: usize = 1024 * 1024;
/// It is read again once no more than these wait: what rows may fill, so that reading does not stop and go by frames.
pub const READ_AGAIN_BYTES: usize = BYTES_MAX;
/// Most bytes handed to the socket at once, so that a pong never waits behind more.
pub const WRITE_BYTES: usize = 32 * 1024;
/// A change that waited no longer than this goes out as the one frame made for all: its age is that much too young, a
/// fraction of what the way to the client adds unseen, and nobody's frame is encoded anew, milliseconds.
const AGE_ERROR_MS: u64 = 20;
/// Most people whose typing waits for one connection.
const TYPING_MAX: usize = 64;
/// Most pongs that wait: a client that sends more pings than it reads pongs gets the newest.
const PONGS_MAX: usize = 8;

/// What a frame is, for counting acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// Not counted.
    Plain,
    /// An entry: counted, and its acknowledgement raises the delivered mark unless it is one's own.
    Entry {
        /// Conversation.
        conv: ConvId,
        /// Place.
        seq: u64,
        /// Author.
        sender: AccountId,
    },
    /// An item: counted.
    Item,
    /// A chunk of a presence snapshot: changes wait behind it.
    Snapshot,
}

/// One frame on its way.
#[derive(Debug, Clone)]
pub struct Queued {
    /// The bytes.
    pub bytes: Bytes,
    /// What they are.
    pub note: Note,
}

/// How the live feed of a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// Not begun.
    Off,
    /// Rows up to this number were not pushed: read them from the store.
    Behind {
        /// Highest number not pushed.
        upto: u64,
    },
    /// Rows are pushed as they come.
    Live,
}

#[derive(Debug, Clone)]
struct Waiting {
    entry: PresenceEntry,
    at_ms: u64,
    single: Bytes,
}

/// What every outbox of one server shares.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Who tells presence.
    pub source: PresenceSource,
    /// Least time between presence frames.
    pub coalesce_ms: u64,
    /// Negative control.
    pub fault: Fault,
}

/// The queue.
#[derive(Debug)]
pub struct Outbox {
    setting: Setting,
    pongs: Vec<Bytes>,
    queue: VecDeque<Queued>,
    bytes: usize,
    snapshots: usize,
    feed: Feed,
    told: u64,
    /// The first change that waits, inline: most often the only one.
    first: Option<Waiting>,
    more: BTreeMap<AccountId, (PresenceEntry, u64)>,
    gate_ms: u64,
    typing: Vec<(TypingNotice, Bytes)>,
    typing_gate_ms: u64,
    ending: Option<ConnectionEnd>,
    /// Only under [`Fault::StaleVersionsWin`]: who was in the last presence frame.
    stale: Vec<AccountId>,
}

impl Outbox {
    /// An empty one; its feed is off.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        Self {
            setting,
            pongs: Vec::new(),
            queue: VecDeque::new(),
            bytes: 0,
            snapshots: 0,
            feed: Feed::Off,
            told: 0,
            first: None,
            more: BTreeMap::new(),
            gate_ms: 0,
            typing: Vec::new(),
            typing_gate_ms: 0,
            ending: None,
            stale: Vec::new(),
        }
    }

    /// Bytes that wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Why the connection is to end, once what waits is written.
    #[must_use]
    pub fn ending(&self) -> Option<ConnectionEnd> {
        self.ending
    }

    /// How the live feed stands.
    #[must_use]
    pub fn feed(&self) -> Feed {
        self.feed
    }

    /// Commit number up to which rows have been pushed without a hole.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Puts an answer in the queue. Never dropped.
    pub fn answer(&mut self, bytes: Bytes, note: Note) {
        if self.ending.is_none() {
            self.push(bytes, note);
        }
    }

    /// Puts a pong before everything else.
    pub fn pong(&mut self, bytes: Bytes) {
        if self.ending.is_some() {
            return;
        }
        if self.pongs.len() >= PONGS_MAX {
            self.pongs.remove(0);
        }
        self.pongs.push(bytes);
    }

    /// Begins the live feed with a snapshot of presence. Rows from now on count as not pushed until caught up.
    pub fn begin(&mut self, chunks: Vec<Bytes>, upto: u64) {
        self.feed = Feed::Behind { upto };
        self.snapshot(chunks);
    }

    /// A fresh snapshot, in place of one that still waits.
    pub fn snapshot(&mut self, chunks: Vec<Bytes>) {
        if self.ending.is_some() {
            return;
        }
        self.first = None;
        self.more.clear();
        if self.snapshots > 0 {
            self.queue.retain(|queued| queued.note != Note::Snapshot);
            self.bytes = self.queue.iter().map(|queued| queued.bytes.len()).sum();
            self.snapshots = 0;
        }
        for chunk in chunks {
            self.push(chunk, Note::Snapshot);
            self.snapshots += 1;
        }
    }

    /// Pushes a live row, or notes that it has to be read again. `tight`: the process is short of memory.
    pub fn row(&mut self, num: u64, bytes: &Bytes, note: Note, tight: bool) {
        if self.ending.is_some() {
            return;
        }
        match &mut self.feed {
            Feed::Off => {}
            Feed::Behind { upto } => *upto = num.max(*upto),
            Feed::Live => {
                let full = self.queue.len() >= FRAMES_MAX || self.bytes + bytes.len() > BYTES_MAX;
                if full || (tight && self.bytes > WRITE_BYTES) {
                    self.feed = Feed::Behind { upto: num };
                } else {
                    self.told = self.told.max(num);
                    self.push(bytes.clone(), note);
                }
            }
        }
    }

    /// A change of presence, latest wins. `single` is the frame that tells it alone, made at `now_ms`.
    pub fn presence(&mut self, now_ms: u64, entry: PresenceEntry, single: &Bytes) {
        let deaf = match self.feed {
            Feed::Off => true,
            Feed::Behind { .. } => self.setting.fault == Fault::SubscribeLate,
            Feed::Live => false,
        };
        if deaf || self.ending.is_some() {
            return;
        }
        if self.setting.fault == Fault::StaleVersionsWin
            && now_ms < self.gate_ms
            && self.stale.contains(&entry.0)
        {
            return;
        }
        match &mut self.first {
            Some(first) if first.entry.0 == entry.0 => {
                if entry.1 > first.entry.1 {
                    *first = Waiting {
                        entry,
                        at_ms: now_ms,
                        single: single.clone(),
                    };
                }
            }
            None if self.more.is_empty() => {
                self.first = Some(Waiting {
                    entry,
                    at_ms: now_ms,
                    single: single.clone(),
                });
            }
            _ => {
                let waiting = self.more.entry(entry.0).or_insert((entry, now_ms));
                if entry.1 > waiting.0.1 {
                    *waiting = (entry, now_ms);
                }
            }
        }
    }

    /// Somebody types, latest wins.
    pub fn typing(&mut self, notice: &TypingNotice, bytes: &Bytes) {
        let known = self.typing.iter().any(|(waiting, _)| waiting == notice);
        if self.feed != Feed::Off && self.ending.is_none() && !known && self.typing.len() < TYPING_MAX {
            self.typing.push((notice.clone(), bytes.clone()));
        }
    }

    /// The connection has read everything up to `told` from the store. `Some`: read on, up to this number.
    /// `None`: live from now on, with `synced` in its place if given.
    pub fn caught_up(&mut self, told: u64, synced: Option<Bytes>) -> Option<u64> {
        self.told = self.told.max(told);
        if let Feed::Behind { upto } = self.feed
            && upto > told
            && self.setting.fault != Fault::SubscribeLate
        {
            return Some(upto);
        }
        self.feed = Feed::Live;
        if let Some(synced) = synced {
            self.answer(synced, Note::Plain);
        }
        None
    }

    /// Ends the connection once what waits is written; `goodbye` is the last frame. The first end counts.
    pub fn end(&mut self, end: ConnectionEnd, goodbye: Option<Bytes>) {
        if self.ending.is_some() {
            return;
        }
        if end == ConnectionEnd::Slow {
            self.queue.clear();
            self.bytes = 0;
        }
        if let Some(goodbye) = goodbye {
            self.push(goodbye, Note::Plain);
        }
        self.ending = Some(end);
    }

    /// Moves what may go now into `out`, at most [`WRITE_BYTES`] and one frame more.
    pub fn drain(&mut self, now_ms: u64, out: &mut Vec<Queued>) {
        out.extend(std::mem::take(&mut self.pongs).into_iter().map(|bytes| Queued {
            bytes,
            note: Note::Plain,
        }));
        let mut bytes = 0;
        while bytes < WRITE_BYTES
            && let Some(queued) = self.queue.pop_front()
        {
            bytes += queued.bytes.len();
            self.bytes -= queued.bytes.len();
            self.snapshots -= usize::from(queued.note == Note::Snapshot);
            out.push(queued);
        }
        if self.queue.is_empty() && self.queue.capacity() > 0 {
            self.queue = VecDeque::new();
        }
        if self.snapshots == 0 && self.ending.is_none() {
            self.drain_presence(now_ms, out);
            self.drain_typing(now_ms, out);
        }
    }

    /// When something that waits for its time may go.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        if self.ending.is_some() {
            return None;
        }
        let presence = (self.first.is_some() || !self.more.is_empty()).then_some(self.gate_ms);
        let typing = (!self.typing.is_empty()).then_some(self.typing_gate_ms);
        presence.into_iter().chain(typing).min()
    }

    /// Whether something waits that may go without waiting for its time.
    #[must_use]
    pub fn has_frames(&self) -> bool {
        !self.queue.is_empty() || !self.pongs.is_empty()
    }

    fn push(&mut self, bytes: Bytes, note: Note) {
        self.bytes += bytes.len();
        self.queue.push_back(Queued { bytes, note });
    }

    fn drain_presence(&mut self, now_ms: u64, out: &mut Vec<Queued>) {
        if self.gate_ms > now_ms || (self.first.is_none() && self.more.is_empty()) {
            return;
        }
        self.gate_ms = now_ms + self.setting.coalesce_ms;
        let first = self.first.take();
        if let Some(first) = &first
            && self.more.is_empty()
            && now_ms.saturating_sub(first.at_ms) <= AGE_ERROR_MS
        {
            self.note_stale(&[first.entry]);
            out.push(Queued {
                bytes: first.single.clone(),
                note: Note::Plain,
            });
            return;
        }
        let more = std::mem::take(&mut self.more).into_values();
        let waiting = first
            .map(|first| (first.entry, first.at_ms))
            .into_iter()
            .chain(more);
        let aged = |(entry, at_ms): (PresenceEntry, u64)| {
            let PresenceEntry(account, version, state, reason, age_ms) = entry;
            PresenceEntry(
                account,
                version,
                state,
                reason,
                age_ms + now_ms.saturating_sub(at_ms),
            )
        };
        let entries: Vec<PresenceEntry> = waiting.map(aged).collect();
        self.note_stale(&entries);
        for chunk in entries.chunks(PRESENCE_CHUNK_MAX) {
            let presence = Presence {
                source: self.setting.source,
                entries: chunk.to_vec(),
            };
            out.push(Queued {
                bytes: encode_server(&Envelope::plain(presence)),
                note: Note::Plain,
            });
        }
    }

    fn note_stale(&mut self, entries: &[PresenceEntry]) {
        if self.setting.fault == Fault::StaleVersionsWin {
            self.stale = entries.iter().map(|entry| entry.0).collect();
        }
    }

    fn drain_typing(&mut self, now_ms: u64, out: &mut Vec<Queued>) {
        if self.typing_gate_ms > now_ms || self.typing.is_empty() {
            return;
        }
        self.typing_gate_ms = now_ms + self.setting.coalesce_ms;
        out.extend(
            std::mem::take(&mut self.typing)
                .into_iter()
                .map(|(_, bytes)| Queued {
                    bytes,
                    note: Note::Plain,
                }),
        );
    }
}

#[cfg(test)]
mod tests;
