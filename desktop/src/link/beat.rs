//! The heartbeat, seen from here: when to ping, when nothing is sure any more, when to give the connection up. Pure.

use breeze_protocol::limit::PING_EVERY_MS;
use breeze_protocol::message::control::Ping;
use std::collections::VecDeque;

/// Without a pong for so long nothing is sure, milliseconds.
const UNSURE_MS: u64 = 5_000;
/// A ping without its pong for so long, in milliseconds, ends the connection: two intervals, and a moment in which the
/// ping now due still goes out and tells the server of a cut in its own direction (`got` two behind).
const DEAD_MS: u64 = 10_100;
/// The computer slept if its clocks moved apart by more than this, milliseconds.
const SLEPT_MS: u64 = 3_000;
/// After sleep the pong must come within this, milliseconds.
const AWAKE_MS: u64 = 2_000;

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
    dead_at: Option<u64>,
    apart: u64,
}

impl Beat {
    /// A heart that begins now. `apart` is how far the clock that counts sleep is ahead of the one that does not.
    #[must_use]
    pub fn new(now: u64, apart: u64) -> Self {
        Self {
            n: 0,
            got: 0,
            sent: VecDeque::new(),
            next: now + PING_EVERY_MS,
            unsure: false,
            dead_at: None,
            apart,
        }
    }

    /// Time went on. Called until it is quiet.
    pub fn tick(&mut self, now: u64, apart: u64) -> Pulse {
        if apart > self.apart + SLEPT_MS {
            self.next = now;
            self.dead_at = Some(now + AWAKE_MS);
            self.apart = apart;
            self.unsure = true;
            return Pulse::Unsure;
        }
        self.apart = apart;
        let oldest = self.sent.front().copied();
        let dead = oldest.is_some_and(|at| now >= at + DEAD_MS) || self.dead_at.is_some_and(|at| now >= at);
        if dead {
            return Pulse::Dead;
        }
        if !self.unsure && oldest.is_some_and(|at| now >= at + UNSURE_MS) {
            self.unsure = true;
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
        [Some(self.next), oldest, self.dead_at]
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
        let mut beat = Beat::new(0, 0);
        assert_eq!(beat.tick(4_999, 0), Pulse::Quiet);
        assert_eq!(beat.tick(5_000, 0), Pulse::Ping(Ping { n: 1, got: 0 }));
        assert!(!beat.pong(1), "it was sure all the time");
        assert_eq!(beat.tick(10_000, 0), Pulse::Ping(Ping { n: 2, got: 1 }));
        assert_eq!(beat.tick(15_000, 0), Pulse::Unsure);
        assert_eq!(beat.tick(15_000, 0), Pulse::Ping(Ping { n: 3, got: 1 }));
        assert_eq!(beat.tick(19_999, 0), Pulse::Quiet);
        let last_word = Ping { n: 4, got: 1 };
        assert_eq!(
            beat.tick(20_000, 0),
            Pulse::Ping(last_word),
            "the server hears of the cut"
        );
        assert_eq!(beat.tick(20_099, 0), Pulse::Quiet);
        assert_eq!(beat.tick(20_100, 0), Pulse::Dead);
    }

    #[test]
    fn a_late_pong_makes_it_sure_again() {
        let mut beat = Beat::new(0, 0);
        beat.tick(5_000, 0);
        assert_eq!(beat.tick(10_000, 0), Pulse::Unsure);
        assert!(beat.pong(1));
        assert!(matches!(beat.tick(10_000, 0), Pulse::Ping(_)));
    }

    #[test]
    fn sleep_is_noticed_and_gets_two_seconds() {
        let mut beat = Beat::new(0, 100);
        assert_eq!(beat.tick(1_000, 3_100), Pulse::Quiet);
        assert_eq!(beat.tick(1_100, 60_000), Pulse::Unsure);
        assert!(matches!(beat.tick(1_100, 60_000), Pulse::Ping(_)));
        assert_eq!(beat.tick(3_100, 60_000), Pulse::Dead);
    }
}
