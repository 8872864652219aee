//! One connection's lawful states: hello, sign-in, resume, live. Which message is lawful when, and what a ping tells.

use breeze_protocol::ClientMessage;

/// A pong younger than this when the next ping comes may still be on its way: half a ping interval.
const PONG_FAIR_MS: u64 = 2500;
/// A frame may take this long whatever its length.
const FRAME_FREE_MS: u64 = 15_000;
/// After that it must have come at this rate, bytes per second, or its bytes no longer count as life.
const FRAME_RATE: u64 = 1024;

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing said.
    Hello,
    /// Said hello.
    SignIn,
    /// Signed in, not yet present.
    Resume,
    /// Present.
    Live,
}

/// Whether a message is lawful now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// It is.
    Lawful,
    /// Only after sign-in.
    NotSignedIn,
    /// Not at this point.
    OutOfOrder,
}

/// Whether `message` is lawful in `phase`.
#[must_use]
pub fn law(phase: Phase, message: &ClientMessage) -> Law {
    use ClientMessage as M;
    let lawful = match message {
        M::Hello(_) => phase == Phase::Hello,
        M::Register(_) | M::Login(_) | M::Recover(_) | M::Token(_) | M::NameCheck(_) => {
            phase == Phase::SignIn
        }
        M::Resume(_) => phase == Phase::Resume,
        M::Ping(_) | M::Bye(_) => phase != Phase::Hello,
        M::Send(_) | M::Ack(_) | M::Read(_) | M::Typing(_) | M::Status(_) | M::PresenceQuery(_) => {
            phase == Phase::Live
        }
        _ => matches!(phase, Phase::Resume | Phase::Live),
    };
    match (lawful, phase) {
        (true, _) => Law::Lawful,
        (false, Phase::SignIn) => Law::NotSignedIn,
        (false, _) => Law::OutOfOrder,
    }
}

/// What the client's pings tell of the way from server to client.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heartbeat {
    /// The last pongs sent, newest last: number and time.
    pongs: [(u64, u64); 3],
    missing: u64,
}

impl Heartbeat {
    /// A ping came. `Some` when the number of pongs missing has changed.
    ///
    /// A pong counts as missing when it was sent long enough before this ping and the client had not got it:
    /// pings that waited in the server's own socket while it stood still accuse nobody.
    pub fn ping(&mut self, now_ms: u64, n: u64, got: u64) -> Option<u64> {
        let due = |(number, sent_ms): &&(u64, u64)| {
            *number > got && now_ms.saturating_sub(*sent_ms) >= PONG_FAIR_MS
        };
        let sent = self.pongs.iter().filter(|(number, _)| *number > 0);
        let missing = sent.filter(due).count() as u64;
        self.pongs = [self.pongs[1], self.pongs[2], (n, now_ms)];
        let changed = missing != self.missing;
        self.missing = missing;
        changed.then_some(missing)
    }

    /// The server did not read for a while: pings that waited meanwhile cannot tell which pongs were late.
    pub fn forgive(&mut self) {
        self.pongs = Default::default();
    }
}

/// How fast a frame comes: bytes that dribble are no sign of life.
#[derive(Debug, Clone, Copy, Default)]
pub struct FrameClock {
    since_ms: u64,
    bytes: u64,
    running: bool,
}

impl FrameClock {
    /// Bytes came; `mid_frame` is whether a frame is still incomplete after them. Whether they renew the lease.
    pub fn bytes(&mut self, now_ms: u64, count: usize, whole: bool, mid_frame: bool) -> bool {
        if whole || !self.running {
            *self = Self {
                since_ms: now_ms,
                bytes: 0,
                running: mid_frame,
            };
            return true;
        }
        self.bytes += count as u64;
        self.running = mid_frame;
        let taken_ms = now_ms.saturating_sub(self.since_ms).saturating_sub(FRAME_FREE_MS);
        self.bytes.saturating_mul(1000) >= taken_ms.saturating_mul(FRAME_RATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use breeze_protocol::message::control::{Bye, Ping};
    use breeze_protocol::message::presence::PresenceQuery;

    #[test]
    fn messages_are_lawful_in_their_phase_only() {
        let ping = ClientMessage::from(Ping { n: 1, got: 0 });
        let query = ClientMessage::from(PresenceQuery {});
        let bye = ClientMessage::from(Bye {});
        assert_eq!(law(Phase::Hello, &ping), Law::OutOfOrder);
        assert_eq!(law(Phase::SignIn, &query), Law::NotSignedIn);
        assert_eq!(law(Phase::Resume, &query), Law::OutOfOrder);
        assert_eq!(law(Phase::Live, &query), Law::Lawful);
        assert_eq!(law(Phase::SignIn, &bye), Law::Lawful);
    }

    #[test]
    fn r13_a_cut_towards_the_client_is_heard_in_its_pings() {
        let mut heartbeat = Heartbeat::default();
        assert_eq!(heartbeat.ping(0, 1, 0), None);
        assert_eq!(heartbeat.ping(5000, 2, 1), None);
        assert_eq!(heartbeat.ping(10_000, 3, 1), Some(1), "doubtful at 10 s");
        assert_eq!(heartbeat.ping(15_000, 4, 1), Some(2), "over at 15 s");
        assert_eq!(heartbeat.ping(20_000, 5, 4), Some(0), "healed");
    }

    #[test]
    fn r13_pings_that_waited_while_the_server_stood_still_accuse_nobody() {
        let mut heartbeat = Heartbeat::default();
        assert_eq!(heartbeat.ping(0, 1, 0), None);
        assert_eq!(heartbeat.ping(30_000, 2, 1), None);
        for n in 3..=7 {
            assert_eq!(heartbeat.ping(30_001, n, 1), None);
        }
        assert_eq!(heartbeat.ping(32_000, 8, 7), None);
    }

    #[test]
    fn r13_pings_that_waited_unread_accuse_nobody_and_later_ones_do() {
        let mut heartbeat = Heartbeat::default();
        assert_eq!(heartbeat.ping(0, 1, 0), None);
        assert_eq!(
            heartbeat.ping(5000, 2, 0),
            Some(1),
            "the answers before the pong are long"
        );
        heartbeat.forgive();
        assert_eq!(heartbeat.ping(30_000, 3, 0), Some(0));
        assert_eq!(heartbeat.ping(30_000, 4, 0), None);
        assert_eq!(heartbeat.ping(35_000, 5, 2), Some(2), "cut for real");
    }

    #[test]
    fn r13_a_dribbling_frame_is_no_life_after_fifteen_seconds() {
        let mut clock = FrameClock::default();
        assert!(clock.bytes(0, 10, false, true));
        assert!(clock.bytes(14_000, 1, false, true));
        assert!(!clock.bytes(16_000, 1, false, true));
        assert!(clock.bytes(16_500, 4096, false, true), "it hurries again");
        assert!(clock.bytes(40_000, 9, true, false), "whole at last");
    }
}
