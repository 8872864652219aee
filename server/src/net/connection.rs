//! A signed-in connection: one task that reads, writes and waits. Slow requests run beside it, so reading never stops for them.

use super::marking::{Counted, Marking};
use super::wire::{Turn, Wire};
use super::{Me, Net, requests};
use crate::core::end::ConnectionEnd;
use crate::core::outbox::{ANSWERED_BYTES_MAX, Note, Queued, READ_AGAIN_BYTES};
use crate::core::rate::{Bucket, Rate};
use crate::core::session::{FrameClock, Heartbeat, Law, Phase, law};
use crate::core::state::Input;
use crate::hub::pipe::{Outlook, Pipe};
use crate::store::Store;
use breeze_protocol::ClientMessage;
use breeze_protocol::codec::{Decoded, Envelope, decode_client};
use breeze_protocol::frame::{Frame, FrameError};
use breeze_protocol::message::code::ErrorCode;
use bytes::{Bytes, BytesMut};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Frames a client may send: a burst, then a rate no person reaches. Over it the server reads more slowly.
const FRAMES: Rate = Rate {
    burst: 4000,
    milli_per_s: 2_000_000,
};
/// How long the last frames before a close may take, milliseconds.
const LAST_WORDS_MS: u64 = 1500;
/// How long the peer may take to close after us.
const LINGER: Duration = Duration::from_millis(300);
/// Writes of one connection before others have their turn.
const WRITES_AT_ONCE: usize = 4;

thread_local! {
    /// Frames between an outbox and its socket: no connection keeps a list of its own.
    static OUTGOING: RefCell<Vec<Queued>> = const { RefCell::new(Vec::new()) };
}

/// A connection on which somebody has signed in.
pub(super) struct Admitted {
    pub(super) wire: Wire,
    pub(super) pipe: Arc<Pipe>,
    pub(super) me: Arc<Me>,
}

/// The connection, for those who carry out its messages.
pub(super) struct Connection<S: Store> {
    pub(super) net: Arc<Net<S>>,
    pub(super) pipe: Arc<Pipe>,
    pub(super) me: Arc<Me>,
    pub(super) phase: Phase,
    /// Places in the store's writer; made with the first send.
    pub(super) sends: Option<Arc<Semaphore>>,
    pub(super) marking: Option<Box<Marking>>,
    /// What was sent and acknowledged, while there is no marking.
    counted: Counted,
    /// Inputs that found the hub's queue full: a frame's worth at most.
    unsent: Vec<Input>,
    /// When the person last typed.
    pub(super) typed_ms: Option<u64>,
    /// When presence may be asked for again, and whether somebody waits for that.
    pub(super) query_gate_ms: u64,
    pub(super) query_waits: bool,
    heartbeat: Heartbeat,
    clock: FrameClock,
    bucket: Bucket,
    /// Until when nothing is read, because the client is too fast.
    paused_until_ms: Option<u64>,
    /// Nothing is read, because the client leaves too much of what it asked for in its queue.
    full: bool,
    /// Since when the socket takes nothing.
    stuck_since_ms: Option<u64>,
    ending_since_ms: Option<u64>,
    closed: bool,
}

/// What the connection's task wakes up for.
enum Wake {
    Socket(io::Result<Turn>),
    Queued,
    Time,
    /// What the client left lying has been taken.
    Drained,
}

/// Serves a connection to its end. Its state is made before its future, so that the future holds it once.
pub(super) fn run<S: Store>(net: Arc<Net<S>>, admitted: Admitted) -> impl Future<Output = ()> + Send {
    let Admitted { mut wire, pipe, me } = admitted;
    let now_ms = net.hub.clock().now_ms();
    let mut connection = Connection {
        net,
        pipe,
        me,
        phase: Phase::Resume,
        sends: None,
        unsent: Vec::new(),
        marking: None,
        counted: Counted::default(),
        typed_ms: None,
        query_gate_ms: 0,
        query_waits: false,
        heartbeat: Heartbeat::default(),
        clock: FrameClock::default(),
        bucket: Bucket::full(FRAMES, now_ms),
        paused_until_ms: None,
        full: false,
        stuck_since_ms: None,
        ending_since_ms: None,
        closed: false,
    };
    async move {
        let end = connection.serve(&mut wire).await;
        connection.finish(end);
        let said = end.goodbye().is_some() && wire.is_flushed();
        if said {
            Box::pin(tokio::time::timeout(LINGER, wire.shut()))
                .await
                .unwrap_or_default();
        }
    }
}

impl<S: Store> Connection<S> {
    pub(super) fn now_ms(&self) -> u64 {
        self.net.hub.clock().now_ms()
    }

    async fn serve(&mut self, wire: &mut Wire) -> ConnectionEnd {
        // Frames may have come behind the sign-in.
        if let Err(end) = self.take_frames(wire) {
            self.pipe.end(end, None, (0, 0));
        }
        loop {
            let (ending, deadline_ms) = self.prepare(wire);
            if let Some(end) = ending {
                let since_ms = *self.ending_since_ms.get_or_insert(self.now_ms());
                let told = wire.is_flushed() && !self.has_frames();
                if told || self.now_ms() >= since_ms + LAST_WORDS_MS {
                    return end;
                }
            }
            let reading = ending.is_none() && self.paused_until_ms.is_none() && !self.is_full();
            let drained = self.full && self.pipe.waiting() <= READ_AGAIN_BYTES;
            let wake = if drained {
                Wake::Drained
            } else {
                self.wake(wire, reading, deadline_ms).await
            };
            let end = match wake {
                Wake::Drained => self.read_again(wire),
                Wake::Socket(Ok(Turn::Read(0))) => Err(ConnectionEnd::PeerClosed),
                Wake::Socket(Ok(Turn::Read(count))) => self.took(wire, count),
                Wake::Socket(Ok(Turn::Wrote)) => {
                    self.stuck_since_ms = None;
                    self.pipe.set_blocked(false);
                    self.taken();
                    Ok(())
                }
                Wake::Socket(Err(error)) => Err(broken(&error)),
                Wake::Queued => Ok(()),
                Wake::Time => self.time(wire),
            };
            let end = match end {
                // Boxed: seldom needed, and idle connections should not hold room for it.
                Ok(()) if !self.unsent.is_empty() => Box::pin(self.deliver(wire)).await,
                end => end,
            };
            match end {
                Ok(()) => {}
                Err(end) if end.goodbye().is_some() => self.pipe.end(end, None, (0, 0)),
                // What the hub decided before the socket's end counts.
                Err(end) => return self.pipe.outlook().ending.unwrap_or(end),
            }
        }
    }

    fn has_frames(&self) -> bool {
        self.pipe.outlook().next_ms == Some(0)
    }

    async fn wake(&self, wire: &mut Wire, reading: bool, deadline_ms: Option<u64>) -> Wake {
        // Boxed: an idle connection waits for nothing but bytes, and holds no room for a timer.
        let mut timer = deadline_ms.map(|at_ms| {
            let at = self.net.hub.clock().instant(at_ms);
            Box::pin(tokio::time::sleep_until(at))
        });
        let mut woken = pin!(self.pipe.woken());
        poll_fn(|cx| {
            if let Poll::Ready(turn) = wire.poll_turn(cx, reading) {
                return Poll::Ready(Wake::Socket(turn));
            }
            if woken.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Wake::Queued);
            }
            match &mut timer {
                Some(timer) => timer.as_mut().poll(cx).map(|()| Wake::Time),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Fills the wire from the outbox. Why the connection is to end, if it is, and when to look again.
    fn prepare(&mut self, wire: &mut Wire) -> (Option<ConnectionEnd>, Option<u64>) {
        let now_ms = self.now_ms();
        let outlook = self.fill(wire, now_ms);
        if !wire.is_flushed() {
            self.stuck_since_ms.get_or_insert(now_ms);
            self.pipe.set_blocked(true);
        }
        if outlook.behind && outlook.ending.is_none() && self.pipe.begin_feeding() {
            let (net, me, pipe) = (
                Arc::clone(&self.net),
                Arc::clone(&self.me),
                Arc::clone(&self.pipe),
            );
            net.hub.counters().lag();
            tokio::spawn(super::feed::lagging(net, me, pipe));
        }
        if let Some(counted) = self.marking.as_ref().and_then(|marking| marking.at_rest()) {
            self.counted = counted;
            self.marking = None;
        }
        let gate_ms = outlook.next_ms.filter(|_| wire.is_flushed());
        let stuck_ms = self
            .stuck_since_ms
            .map(|since_ms| since_ms + self.net.timing.slow_ms);
        let marks_ms = self.marking.as_ref().and_then(|marking| marking.due_ms());
        let last_ms = outlook
            .ending
            .map(|_| self.ending_since_ms.unwrap_or(now_ms) + LAST_WORDS_MS);
        let query_ms = self.query_waits.then_some(self.query_gate_ms);
        let all = [
            gate_ms,
            stuck_ms,
            marks_ms,
            last_ms,
            query_ms,
            self.paused_until_ms,
        ];
        (outlook.ending, all.into_iter().flatten().min())
    }

    /// Moves what may go now from the outbox to the kernel, as far as it takes it at once.
    fn fill(&mut self, wire: &mut Wire, now_ms: u64) -> Outlook {
        OUTGOING.with_borrow_mut(|frames| {
            for _ in 0..WRITES_AT_ONCE {
                frames.clear();
                let outlook = self.pipe.turn(now_ms, wire.is_flushed(), frames);
                if frames.is_empty() {
                    return outlook;
                }
                self.wrote(frames, now_ms);
                wire.write(gather(frames));
                wire.write_at_once();
            }
            self.pipe.turn(now_ms, false, frames)
        })
    }

    pub(super) fn marking(&mut self) -> &mut Marking {
        self.marking
            .get_or_insert_with(|| Box::new(Marking::from(self.counted)))
    }

    fn wrote(&mut self, frames: &[Queued], now_ms: u64) {
        if frames
            .iter()
            .any(|frame| matches!(frame.note, Note::Entry { .. } | Note::Item))
        {
            let (me, fault) = (Arc::clone(&self.me), self.net.hub.fault());
            self.marking().wrote(frames, &me, fault, now_ms);
        }
    }

    fn time(&mut self, wire: &mut Wire) -> Result<(), ConnectionEnd> {
        let now_ms = self.now_ms();
        if self
            .stuck_since_ms
            .is_some_and(|since_ms| now_ms >= since_ms + self.net.timing.slow_ms)
        {
            self.stuck_since_ms = Some(now_ms);
            return Err(ConnectionEnd::Slow);
        }
        if let Some(marking) = &mut self.marking {
            marking.flush(&self.net, &self.me, &self.pipe, now_ms, false);
        }
        self.query_when_due();
        if self.paused_until_ms.is_some_and(|until_ms| now_ms >= until_ms) {
            self.paused_until_ms = None;
            self.pipe.set_paused(now_ms, false);
            self.take_frames(wire)?;
        }
        Ok(())
    }

    /// Bytes came: the session lives, and perhaps frames are whole.
    fn took(&mut self, wire: &mut Wire, count: usize) -> Result<(), ConnectionEnd> {
        let whole = self.take_frames(wire)?;
        let now_ms = self.now_ms();
        if self.clock.bytes(now_ms, count, whole, wire.is_mid_frame()) {
            self.lives(now_ms);
        }
        Ok(())
    }

    fn lives(&mut self, now_ms: u64) {
        if self.pipe.heard(now_ms) {
            let conn = self.pipe.conn;
            self.tell(Input::Heard {
                conn,
                heard_ms: now_ms,
            });
        }
    }

    /// Whether the client has to take what it asked for before it is read again.
    fn is_full(&mut self) -> bool {
        self.full = self.full || self.pipe.waiting() > ANSWERED_BYTES_MAX;
        self.full
    }

    /// The peer took bytes. While it is not read for what it leaves lying, that is its sign of life.
    fn taken(&mut self) {
        if self.full && self.paused_until_ms.is_none() {
            self.lives(self.now_ms());
        }
    }

    /// What waited has been taken: goes on with the frames that came meanwhile, whose age says nothing.
    fn read_again(&mut self, wire: &mut Wire) -> Result<(), ConnectionEnd> {
        self.full = false;
        self.heartbeat.forgive();
        self.clock = FrameClock::default();
        self.take_frames(wire).map(drop)
    }

    /// Handles every whole frame, until the client is too fast. Whether there was one.
    fn take_frames(&mut self, wire: &mut Wire) -> Result<bool, ConnectionEnd> {
        let mut whole = false;
        while self.paused_until_ms.is_none() && self.unsent.is_empty() && !self.is_full() {
            let frame = match wire.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(FrameError::TooLarge { .. }) => return Err(ConnectionEnd::FrameTooLarge),
                Err(_) => return Err(ConnectionEnd::BadFrame),
            };
            whole = true;
            let now_ms = self.now_ms();
            if let Err(wait_ms) = self.bucket.take(FRAMES, now_ms) {
                self.paused_until_ms = Some(now_ms + wait_ms);
                self.pipe.set_paused(now_ms, true);
            }
            self.frame(frame)?;
        }
        Ok(whole)
    }

    fn frame(&mut self, frame: Frame) -> Result<(), ConnectionEnd> {
        let payload = match frame {
            Frame::Message(payload) => payload,
            Frame::Chunk {
                transfer,
                offset,
                bytes,
            } => {
                self.net
                    .uploads()
                    .chunk(self.me.account, transfer, offset, &bytes);
                return Ok(());
            }
        };
        match decode_client(&payload) {
            Ok(Decoded::Known(Envelope { id, message, .. })) => self.message(id, message),
            Ok(Decoded::Unknown { kind, id }) => {
                if id.is_some() {
                    self.pipe.answer(
                        id,
                        super::error(ErrorCode::Unsupported, &format!("unknown request {kind}")),
                    );
                }
                Ok(())
            }
            Err(_) => Err(ConnectionEnd::BadMessage),
        }
    }

    fn message(&mut self, id: Option<u64>, message: ClientMessage) -> Result<(), ConnectionEnd> {
        if law(self.phase, &message) != Law::Lawful {
            self.pipe.answer(
                id,
                super::error(ErrorCode::OutOfOrder, ConnectionEnd::OutOfOrder.sentence()),
            );
            return Err(ConnectionEnd::OutOfOrder);
        }
        requests::take(self, id, message)
    }

    /// What a ping tells of the way to the client.
    pub(super) fn ping(&mut self, n: u64, got: u64) {
        let now_ms = self.now_ms();
        if let Some(missing) = self.heartbeat.ping(now_ms, n, got) {
            let conn = self.pipe.conn;
            self.tell(Input::Pongs { conn, missing });
        }
    }

    /// Hands the hub an input. While its queue is full the input waits here and nothing is read.
    pub(super) fn tell(&mut self, input: Input) {
        if self.unsent.is_empty() {
            if let Err(input) = self.net.hub.try_input(input) {
                self.unsent.push(input);
            }
        } else {
            self.unsent.push(input);
        }
    }

    /// Waits for the hub's queue; that time is nobody's silence. Then goes on with the frames that came.
    async fn deliver(&mut self, wire: &mut Wire) -> Result<(), ConnectionEnd> {
        while !self.unsent.is_empty() {
            self.pipe.set_paused(self.now_ms(), true);
            for input in std::mem::take(&mut self.unsent) {
                self.net.hub.input(input).await;
            }
            self.pipe.set_paused(self.now_ms(), false);
            self.take_frames(wire)?;
        }
        Ok(())
    }

    /// The end, in one place, reached from everywhere (S5, S6): also when the task is dropped.
    fn finish(&mut self, end: ConnectionEnd) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        let (conn, device) = (self.pipe.conn, (self.me.account, self.me.device));
        let now_ms = self.now_ms();
        let running = tokio::runtime::Handle::try_current().is_ok();
        if let Some(marking) = self.marking.as_mut().filter(|_| running) {
            marking.flush(&self.net, &self.me, &self.pipe, now_ms, true);
        }
        self.pipe.close();
        self.net.hub.counters().ended(end);
        tracing::info!(
            conn = conn.0,
            account = device.0.0,
            end = end.name(),
            "connection ended: {}",
            end.sentence()
        );
        self.net.hub.closed(conn, Input::Closed { conn, device, end });
    }
}

impl<S: Store> Drop for Connection<S> {
    fn drop(&mut self) {
        self.finish(ConnectionEnd::Fault);
    }
}

/// Bytes of a wire, and of the future that serves a connection.
#[cfg(test)]
pub(super) fn future_bytes<S: Store>() -> (usize, usize) {
    fn of<A, B, F>(_: impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }
    (size_of::<Wire>(), of(run::<S>))
}

/// Frames as one piece of bytes; nothing of them stays behind.
fn gather(frames: &mut Vec<Queued>) -> Bytes {
    if frames.len() == 1
        && let Some(only) = frames.pop()
    {
        return only.bytes;
    }
    let mut out = BytesMut::with_capacity(frames.iter().map(|frame| frame.bytes.len()).sum());
    for frame in frames.drain(..) {
        out.extend_from_slice(&frame.bytes);
    }
    out.freeze()
}

/// What a socket's error means for presence: a time-out of the kernel is silence, anything else a lost link.
fn broken(error: &io::Error) -> ConnectionEnd {
    match error.kind() {
        io::ErrorKind::TimedOut => ConnectionEnd::KernelTimeout,
        io::ErrorKind::UnexpectedEof => ConnectionEnd::PeerClosed,
        _ => ConnectionEnd::Reset,
    }
}
