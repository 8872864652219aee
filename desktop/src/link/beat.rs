//! The heartbeat, seen from here: when to ping, when nothing is sure any more, when to give the connection up. Pure.

use breeze_protocol::limit::PING_EVERY_MS;
use breeze_protocol::message::control::Ping;
use std::collections::VecDeque;

/// Without a pong for so long nothing is sure, milliseconds.
const UNSURE_MS: u64 = 5_000;
/// A ping without its pong for so long, in milliseconds, ends the connection: two intervals, and a moment in which the
/// ping now due still goes out and tells the server of a cut in its own direction (`got` two behind).
const DEAD_MS: u64 = 10_100;
/// After sleep, or after a change of the network, the pong must come within this, milliseconds.
const AT_ONCE_MS: u64 = 2_000;
/// A change of the network that most likely has nothing to do with this connection is shown after this, milliseconds.
const CHANGED_MS: u64 = 1_000;

/// What the heart says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// Nothing new.
    Quiet,
    /// Send this ping.
    Ping(Ping),
    /// Nothing is sure.
    Unsure,
    /// Give the connection up.
    Dead,
}

/// State of the heartbeat of one connection.
#[derive(Debug)]
pub struct Beat {
    n: u64,
    got: u64,
    sent: VecDeque<u64>,
    next: u64,
    unsure: bool,
    unsure_at: Option<u64>,
    dead_at: Option<u64>,
}

impl Beat {
    /// A heart that begins now.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self {
            n: 0,
            got: 0,
            sent: VecDeque::new(),
            next: now + PING_EVERY_MS,
            unsure: false,
            unsure_at: None,
            dead_at: None,
        }
    }

    /// The computer slept: nothing is sure, and a ping finds out.
    pub fn woke(&mut self, now: u64) {
        self.next = now;
        self.unsure_at = Some(now);
        self.dead_at = Some(now + AT_ONCE_MS);
    }

    /// The network changed: perhaps this connection leads nowhere now; a ping finds out.
    pub fn network_changed(&mut self, now: u64) {
        self.next = now;
        self.unsure_at.get_or_insert(now + CHANGED_MS);
        self.dead_at.get_or_insert(now + AT_ONCE_MS);
    }

    /// Time went on. Called until it is quiet.
    pub fn tick(&mut self, now: u64) -> Pulse {
        let oldest = self.sent.front().copied();
        let dead = oldest.is_some_and(|at| now >= at + DEAD_MS) || self.dead_at.is_some_and(|at| now >= at);
        if dead {
            return Pulse::Dead;
        }
        let silent = oldest.is_some_and(|at| now >= at + UNSURE_MS);
        if !self.unsure && (silent || self.unsure_at.is_some_and(|at| now >= at)) {
            self.unsure = true;
            self.unsure_at = None;
            return Pulse::Unsure;
        }
        if now >= self.next {
            self.n += 1;
            self.sent.push_back(now);
            self.next = now + PING_EVERY_MS;
            return Pulse::Ping(Ping {
                n: self.n,
                got: self.got,
            });
        }
        Pulse::Quiet
    }

    /// A pong came. Returns whether what was unsure is sure again.
    pub fn pong(&mut self, n: u64) -> bool {
        while self.got < n.min(self.n) {
            self.got += 1;
            self.sent.pop_front();
        }
        if self.got == self.n {
            self.dead_at = None;
            self.unsure_at = None;
        }
        self.sent.is_empty() && std::mem::take(&mut self.unsure)
    }

    /// When it next has something to say (mono ms).
    #[must_use]
    pub fn due(&self) -> u64 {
        let oldest = self
            .sent
            .front()
            .map(|at| at + if self.unsure { DEAD_MS } else { UNSURE_MS });
        [Some(self.next), oldest, self.unsure_at, self.dead_at]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_doubted_at_five_seconds_and_given_up_at_ten() {
        let mut beat = Beat::new(0);
        assert_eq!(beat.tick(4_999), Pulse::Quiet);
        assert_eq!(beat.tick(5_000), Pulse::Ping(Ping { n: 1, got: 0 }));
        assert!(!beat.pong(1), "it was sure all the time");
        assert_eq!(beat.tick(10_000), Pulse::Ping(Ping { n: 2, got: 1 }));
        assert_eq!(beat.tick(15_000), Pulse::Unsure);
        assert_eq!(beat.tick(15_000), Pulse::Ping(Ping { n: 3, got: 1 }));
        assert_eq!(beat.tick(19_999), Pulse::Quiet);
        let last_word = Ping { n: 4, got: 1 };
        assert_eq!(
            beat.tick(20_000),
            Pulse::Ping(last_word),
            "the server hears of the cut"
        );
        assert_eq!(beat.tick(20_099), Pulse::Quiet);
        assert_eq!(beat.tick(20_100), Pulse::Dead);
    }

    #[test]
    fn a_late_pong_makes_it_sure_again() {
        let mut beat = Beat::new(0);
        beat.tick(5_000);
        assert_eq!(beat.tick(10_000), Pulse::Unsure);
        assert!(beat.pong(1));
        assert!(matches!(beat.tick(10_000), Pulse::Ping(_)));
    }

    #[test]
    fn after_sleep_nothing_is_sure_and_the_pong_has_two_seconds() {
        let mut beat = Beat::new(0);
        beat.woke(1_100);
        assert_eq!(beat.tick(1_100), Pulse::Unsure);
        assert!(matches!(beat.tick(1_100), Pulse::Ping(_)));
        assert_eq!(beat.tick(3_099), Pulse::Quiet);
        assert_eq!(beat.tick(3_100), Pulse::Dead);
    }

    #[test]
    fn a_change_of_the_network_is_shown_only_when_the_pong_does_not_come_at_once() {
        let mut beat = Beat::new(0);
        beat.network_changed(1_000);
        assert!(matches!(beat.tick(1_000), Pulse::Ping(_)));
        assert_eq!(beat.due(), 2_000);
        assert!(!beat.pong(1), "it was sure all the time");
        assert_eq!(beat.tick(5_999), Pulse::Quiet, "the next ping is an ordinary one");
        beat.network_changed(5_999);
        assert!(matches!(beat.tick(5_999), Pulse::Ping(_)));
        beat.network_changed(6_999);
        assert_eq!(
            beat.tick(6_999),
            Pulse::Unsure,
            "a second change does not put it off"
        );
        assert!(matches!(beat.tick(6_999), Pulse::Ping(_)));
        assert_eq!(beat.tick(7_999), Pulse::Dead);
    }
}
