//! The hub's loop: inputs in, the pure state applied, outputs carried to the pipes. Encodes what many get, once.

use super::pipe::Pipe;
use super::{LiveSession, Message, Shared};
use crate::clock::wall_ms;
use crate::core::end::ConnectionEnd;
use crate::core::outbox::Note;
use crate::core::state::{Input, Output, Outputs, Row, State};
use crate::fault::Fault;
use crate::store::{Committed, ConnId};
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::limit::PRESENCE_CHUNK_MAX;
use breeze_protocol::message::presence::{Presence, PresenceSnapshot};
use breeze_protocol::{AccountId, PresenceEntry};
use bytes::Bytes;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How often the wall clock is compared anew, in milliseconds.
const WALL_EVERY_MS: u64 = 5000;
/// Longest sleep without anything due.
const IDLE: Duration = Duration::from_secs(3600);
/// Clients come back no sooner than this after an orderly stop: a restart takes about so long.
const RETRY_AFTER_MS: u64 = 500;
/// Each session that has to come back spreads the return by this much.
const JITTER_US_PER_SESSION: u64 = 1500;
/// Bounds of that spread, milliseconds: the upper one leaves half of the settling time.
const JITTER_MS: std::ops::RangeInclusive<u64> = 500..=15_000;

struct Peer {
    pipe: Arc<Pipe>,
    address: IpAddr,
}

/// The hub.
pub(super) struct Task {
    state: State,
    shared: Arc<Shared>,
    peers: HashMap<ConnId, Peer>,
    outputs: Outputs,
    drained: Vec<oneshot::Sender<()>>,
    retry: (u64, u64),
    wall_due_ms: u64,
}

impl Task {
    pub(super) fn new(state: State, shared: Arc<Shared>) -> Self {
        Self {
            state,
            shared,
            peers: HashMap::new(),
            outputs: Vec::new(),
            drained: Vec::new(),
            retry: (0, 0),
            wall_due_ms: 0,
        }
    }

    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Message>,
        mut committed: mpsc::Receiver<Committed>,
    ) {
        let mut store_open = true;
        loop {
            let due = self.state.next_ms().map(|at_ms| self.shared.clock.instant(at_ms));
            let due = due.unwrap_or_else(|| tokio::time::Instant::now() + IDLE);
            tokio::select! {
                message = queue.recv() => match message {
                    Some(message) => self.take(message).await,
                    None => break,
                },
                change = committed.recv(), if store_open => match change {
                    Some(change) => self.apply(Input::Committed(change)).await,
                    None => store_open = false,
                },
                () = tokio::time::sleep_until(due) => self.apply(Input::Tick).await,
            }
        }
    }

    async fn take(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.apply(input).await,
            Message::Open(open, pipe, address) => {
                self.peers.insert(open.conn, Peer { pipe, address });
                self.apply(Input::Open(open)).await;
            }
            Message::Resume(input, reply) => {
                self.apply(input).await;
                let _ = reply.send(());
            }
            Message::Closed(input, conn) => self.closed(input, conn).await,
            Message::Sessions(account, reply) => {
                let _ = reply.send(self.sessions(account));
            }
            Message::Transitions(reply) => {
                let _ = reply.send(self.state.transitions().collect());
            }
            Message::Drain(reply) => {
                let spread = self.peers.len() as u64 * JITTER_US_PER_SESSION / 1000;
                self.retry = (RETRY_AFTER_MS, spread.clamp(*JITTER_MS.start(), *JITTER_MS.end()));
                self.apply(Input::Drain).await;
                self.drained.push(reply);
                self.note_drained();
            }
        }
    }

    async fn closed(&mut self, input: Input, conn: ConnId) {
        if let Some(peer) = self.peers.remove(&conn) {
            // The last byte first: a link the kernel gave up is judged from there.
            let heard_ms = peer.pipe.heard_ms(self.shared.clock.now_ms());
            self.apply(Input::Heard { conn, heard_ms }).await;
        }
        self.apply(input).await;
        self.note_drained();
    }

    fn note_drained(&mut self) {
        if self.peers.is_empty() {
            for reply in self.drained.drain(..) {
                let _ = reply.send(());
            }
        }
    }

    /// Applies one input and carries out what follows. Waits for nobody, unless sabotaged.
    async fn apply(&mut self, input: Input) {
        let now_ms = self.shared.clock.now_ms();
        if now_ms >= self.wall_due_ms {
            self.wall_due_ms = now_ms + WALL_EVERY_MS;
            self.state.set_wall(now_ms, wall_ms());
        }
        let mut next = Some(input);
        let mut answers = Vec::new();
        while let Some(input) = next {
            self.state.apply(now_ms, input, &mut self.outputs);
            for output in std::mem::take(&mut self.outputs) {
                if self.shared.setting.fault == Fault::HubWaits {
                    self.wait_like_a_fool(&output).await;
                }
                answers.extend(self.carry(now_ms, output));
            }
            next = answers.pop();
        }
        self.shared.head.store(self.state.head(), Ordering::Release);
    }

    /// The broken promise of [`Fault::HubWaits`].
    async fn wait_like_a_fool(&self, output: &Output) {
        let to: &[ConnId] = match output {
            Output::Presence { to, .. } | Output::Row { to, .. } | Output::Typing { to, .. } => to,
            _ => &[],
        };
        for peer in to.iter().filter_map(|conn| self.peers.get(conn)) {
            peer.pipe.unblocked().await;
        }
    }

    fn carry(&mut self, now_ms: u64, output: Output) -> Option<Input> {
        match output {
            Output::Presence { to, entry } => self.presence(now_ms, &to, entry),
            Output::Snapshot { conn, entries, begin } => self.snapshot(conn, &entries, begin),
            Output::Row { to, num, row } => self.row(&to, num, row),
            Output::Tell { conn, message } => {
                if let Some(peer) = self.peers.get(&conn) {
                    peer.pipe.answer(None, *message);
                }
            }
            Output::Typing { to, notice } => {
                let bytes = encode_server(&Envelope::plain(notice.clone()));
                for peer in to.iter().filter_map(|conn| self.peers.get(conn)) {
                    peer.pipe.typing(&notice, &bytes);
                }
            }
            Output::End { conn, end, instance } => {
                let retry = if end == ConnectionEnd::Restarting {
                    self.retry
                } else {
                    (0, 0)
                };
                if let Some(peer) = self.peers.get(&conn) {
                    peer.pipe.end(end, instance, retry);
                }
            }
            Output::Check(conn) => return self.heard(now_ms, conn),
            Output::Doubt { conn, doubtful } => {
                let peer = self.peers.get(&conn)?;
                let before = peer.pipe.heard_ms(now_ms);
                peer.pipe.set_doubtful(doubtful);
                // A byte that came between the judgement and the flag would go unheard: look once more.
                if doubtful && peer.pipe.heard_ms(now_ms) > before {
                    return self.heard(now_ms, conn);
                }
            }
            Output::Invisible { conns, invisible } => {
                for peer in conns.iter().filter_map(|conn| self.peers.get(conn)) {
                    peer.pipe.set_invisible(invisible);
                }
            }
            Output::LastSeen { account, wall_ms } => self.shared.chores.last_seen(account, wall_ms),
            Output::Publish { account } => self.shared.chores.publish(account),
        }
        None
    }

    fn heard(&self, now_ms: u64, conn: ConnId) -> Option<Input> {
        let heard_ms = self.peers.get(&conn)?.pipe.heard_ms(now_ms);
        Some(Input::Heard { conn, heard_ms })
    }

    fn presence(&self, now_ms: u64, to: &[ConnId], entry: PresenceEntry) {
        let source = self.state.source();
        let single = encode_server(&Envelope::plain(Presence {
            source,
            entries: vec![entry],
        }));
        for peer in to.iter().filter_map(|conn| self.peers.get(conn)) {
            peer.pipe.presence(now_ms, entry, &single);
        }
    }

    fn snapshot(&self, conn: ConnId, entries: &[PresenceEntry], begin: bool) {
        let Some(peer) = self.peers.get(&conn) else { return };
        let source = self.state.source();
        let count = entries.len().div_ceil(PRESENCE_CHUNK_MAX).max(1);
        let frame = |chunk: usize| {
            let from = chunk * PRESENCE_CHUNK_MAX;
            let to = entries.len().min(from + PRESENCE_CHUNK_MAX);
            let entries = entries[from..to].to_vec();
            let number = u32::try_from(chunk).unwrap_or(u32::MAX);
            let snapshot = PresenceSnapshot {
                source,
                chunk: number,
                last: chunk + 1 == count,
                entries,
            };
            encode_server(&Envelope::plain(snapshot))
        };
        peer.pipe.snapshot(
            (0..count).map(frame).collect(),
            begin.then_some(self.state.head()),
        );
    }

    fn row(&self, to: &[ConnId], num: u64, row: Row) {
        let (bytes, note): (Bytes, Note) = match row {
            Row::Event(event) => {
                let note = Note::Entry {
                    conv: event.conv,
                    seq: event.seq,
                    sender: event.sender,
                };
                (encode_server(&Envelope::plain(event)), note)
            }
            Row::Item(state) => (encode_server(&Envelope::plain(state.into_item(num))), Note::Item),
            Row::Receipts(receipts) => (encode_server(&Envelope::plain(receipts)), Note::Plain),
        };
        for peer in to.iter().filter_map(|conn| self.peers.get(conn)) {
            peer.pipe.row(num, &bytes, note);
        }
    }

    fn sessions(&self, only: Option<AccountId>) -> Vec<LiveSession> {
        let now_ms = self.shared.clock.now_ms();
        let wanted = self
            .state
            .sessions()
            .filter(|(_, account, ..)| only.is_none_or(|only| only == *account));
        let row =
            |(conn, account, device, opened_ms): (ConnId, AccountId, breeze_protocol::DeviceId, u64)| {
                let peer = self.peers.get(&conn)?;
                let heard_ms = now_ms.saturating_sub(peer.pipe.heard_ms(now_ms));
                let age_ms = now_ms.saturating_sub(opened_ms);
                Some(LiveSession {
                    account,
                    device,
                    conn,
                    address: peer.address.to_string(),
                    heard_ms,
                    age_ms,
                })
            };
        wanted.filter_map(row).collect()
    }
}
