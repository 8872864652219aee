//! The one task that owns the live state. Everybody may wait for it; it waits for nobody and never calls the store.

mod chores;
pub mod counters;
pub mod pipe;
mod task;

use crate::clock::wall_ms;
use crate::core::Timing;
use crate::core::end::ConnectionEnd;
use crate::core::outbox::Setting;
use crate::core::state::{Input, Open, Start, State, Transition};
use crate::fault::Fault;
use crate::store::{BootRow, Committed, ConnId, Identity, Store};
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, DeviceId};
use counters::Counters;
use pipe::Pipe;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Inputs that may wait for the hub; past it connections stop reading, which is nobody's silence.
const INPUTS_MAX: usize = 4096;
/// How long an orderly stop may take.
const DRAIN_MS_MAX: Duration = Duration::from_secs(2);

/// Monotonic milliseconds since the server started. The only clock of the live half.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    base: Instant,
    /// The wall clock at the start, under [`Fault::WallLeases`].
    wall_ms: Option<u64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            base: Instant::now(),
            wall_ms: None,
        }
    }
}

impl Clock {
    fn with(fault: Fault) -> Self {
        Self {
            wall_ms: (fault == Fault::WallLeases).then(wall_ms),
            ..Self::default()
        }
    }

    /// Now.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        if let Some(start_ms) = self.wall_ms {
            return wall_ms().saturating_sub(start_ms);
        }
        u64::try_from(self.base.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// When it will be `at_ms`.
    #[must_use]
    pub fn instant(&self, at_ms: u64) -> Instant {
        self.base + Duration::from_millis(at_ms)
    }
}

/// What a hub begins with.
pub struct HubStart {
    /// Everybody.
    pub rows: Vec<BootRow>,
    /// Identity of the data.
    pub identity: Identity,
    /// What the store commits, in commit order.
    pub committed: mpsc::Receiver<Committed>,
    /// Intervals.
    pub timing: Timing,
    /// Negative control.
    pub fault: Fault,
}

/// One connection that is signed in now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Whose.
    pub account: AccountId,
    /// Which device.
    pub device: DeviceId,
    /// Which connection.
    pub conn: ConnId,
    /// Where from.
    pub address: String,
    /// Milliseconds since its last byte.
    pub heard_ms: u64,
    /// Milliseconds since it signed in.
    pub age_ms: u64,
}

/// What the hub's queue holds.
enum Message {
    Input(Input),
    Open(Open, Arc<Pipe>, IpAddr),
    /// Begin the live feed, then say so.
    Resume(Input, oneshot::Sender<()>),
    Closed(Input, ConnId),
    Sessions(Option<AccountId>, oneshot::Sender<Vec<LiveSession>>),
    Transitions(oneshot::Sender<Vec<Transition>>),
    Drain(oneshot::Sender<()>),
}

/// The way to the hub. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    inputs: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    setting: Setting,
    head: AtomicU64,
    conns: AtomicU64,
    process_bytes: Arc<AtomicUsize>,
    counters: Counters,
    chores: chores::Chores,
}

/// Starts the hub's task, and the one that carries to the store what the hub wants kept.
pub fn spawn<S: Store>(start: HubStart, store: S) -> Handle {
    let clock = Clock::with(start.fault);
    let source = PresenceSource {
        node: 0,
        boot: start.identity.boot,
    };
    let state = State::new(Start {
        rows: start.rows,
        source,
        head: start.identity.head,
        outage_ms: start.identity.outage_ms,
        now_ms: clock.now_ms(),
        wall_ms: wall_ms(),
        timing: start.timing,
        fault: start.fault,
    });
    let shared = Arc::new(Shared {
        clock,
        setting: Setting {
            source,
            coalesce_ms: start.timing.coalesce_ms,
            fault: start.fault,
        },
        head: AtomicU64::new(start.identity.head),
        conns: AtomicU64::new(0),
        process_bytes: Arc::default(),
        counters: Counters::default(),
        chores: chores::Chores::default(),
    });
    let (inputs, queue) = mpsc::channel(INPUTS_MAX);
    tokio::spawn(shared.chores.clone().run(store));
    tokio::spawn(task::Task::new(state, Arc::clone(&shared)).run(queue, start.committed));
    Handle { inputs, shared }
}

impl Handle {
    /// The clock of the live half.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }

    /// Negative control, [`Fault::None`] in the shipped program.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.shared.setting.fault
    }

    /// How connections ended.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// How often a connection's queue was full and it had to read the store again.
    #[must_use]
    pub fn lagged(&self) -> u64 {
        self.shared.counters.lagged()
    }

    /// Bytes that wait in all outboxes.
    #[cfg(test)]
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.shared.process_bytes.load(Ordering::Relaxed)
    }

    /// Highest commit number that has gone out.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.shared.head.load(Ordering::Acquire)
    }

    /// A pipe for a new connection, with a number of its own.
    #[must_use]
    pub fn pipe(&self) -> Arc<Pipe> {
        let conn = ConnId(self.shared.conns.fetch_add(1, Ordering::Relaxed) + 1);
        let now_ms = self.shared.clock.now_ms();
        Arc::new(Pipe::new(
            conn,
            self.shared.setting,
            now_ms,
            Arc::clone(&self.shared.process_bytes),
        ))
    }

    /// Whether the hub still takes its turn; it waits as long as the hub does.
    pub(crate) async fn answers(&self) -> bool {
        let nobody = Some(AccountId(0));
        self.ask(|reply| Message::Sessions(nobody, reply)).await.is_some()
    }

    /// Every signed-in connection.
    pub async fn sessions(&self) -> Vec<LiveSession> {
        self.ask(|reply| Message::Sessions(None, reply))
            .await
            .unwrap_or_default()
    }

    /// The signed-in connections of one account.
    pub async fn sessions_of(&self, account: AccountId) -> Vec<LiveSession> {
        self.ask(|reply| Message::Sessions(Some(account), reply))
            .await
            .unwrap_or_default()
    }

    /// The last changes of presence, oldest first.
    pub async fn transitions(&self) -> Vec<Transition> {
        self.ask(Message::Transitions).await.unwrap_or_default()
    }

    /// Ends every session of an account, also one whose sign-in is under way.
    pub async fn end_account(&self, account: AccountId, code: GoodbyeCode) {
        self.input(Input::EndSessions {
            account,
            device: None,
            end: ConnectionEnd::from_goodbye(code),
        })
        .await;
    }

    /// Ends the session of one device, also one whose sign-in is under way.
    pub async fn end_device(&self, account: AccountId, device: DeviceId, code: GoodbyeCode) {
        let end = ConnectionEnd::from_goodbye(code);
        self.input(Input::EndSessions {
            account,
            device: Some(device),
            end,
        })
        .await;
    }

    /// Says goodbye to everybody and waits until it is written and what was to be kept is kept, at most 2 s.
    pub async fn drain(&self) {
        let drained = async {
            let _ = self.ask(Message::Drain).await;
            self.shared.chores.done().await;
        };
        if tokio::time::timeout(DRAIN_MS_MAX, drained).await.is_err() {
            tracing::warn!("some connections did not take their goodbye in time");
        }
    }

    /// Hands the hub an input; waits while its queue is full.
    pub(crate) async fn input(&self, input: Input) {
        // A hub that is gone means the server stops: there is nobody left to tell.
        let _ = self.inputs.send(Message::Input(input)).await;
    }

    /// Hands over without waiting; the input comes back when the queue is full.
    pub(crate) fn try_input(&self, input: Input) -> Result<(), Input> {
        match self.inputs.try_send(Message::Input(input)) {
            Err(mpsc::error::TrySendError::Full(Message::Input(input))) => Err(input),
            _ => Ok(()),
        }
    }

    /// A device signed in on this pipe.
    pub(crate) async fn open(&self, open: Open, pipe: Arc<Pipe>, address: IpAddr) {
        let _ = self.inputs.send(Message::Open(open, pipe, address)).await;
    }

    /// Begins a connection's live feed; returns when it has begun.
    pub(crate) async fn resume(&self, input: Input) {
        let _ = self.ask(|reply| Message::Resume(input, reply)).await;
    }

    /// A connection is over. Never waits: it is also called where a task is dropped.
    pub(crate) fn closed(&self, conn: ConnId, input: Input) {
        if let Err(mpsc::error::TrySendError::Full(message)) =
            self.inputs.try_send(Message::Closed(input, conn))
        {
            let inputs = self.inputs.clone();
            // At most one per connection, so the caps bound these too.
            tokio::spawn(async move { inputs.send(message).await.is_ok() });
        }
    }

    async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.inputs.send(message(reply)).await.ok()?;
        answer.await.ok()
    }
}
