//! One direction of a pretend TCP connection: nothing is lost for good, loss becomes delay, order is kept.
//!
//! As on Linux: a time-out that doubles, cut short when a later segment is acknowledged first (RACK), and for thin
//! streams, if asked for, the first six time-outs alike. Probes of a tail (TLP) are left out, so the delays are rather
//! longer than real ones.

use std::collections::BTreeSet;

/// First time-out of a running connection, milliseconds: the least Linux uses, and a round trip.
const RTO_MS: u64 = 250;
/// First time-out of a connection's first segment (SYN, SYN-ACK), milliseconds.
const RTO_FIRST_MS: u64 = 1000;
/// Time-outs of a thin stream that are alike before they double (`TCP_THIN_LINEAR_TIMEOUTS`).
const LINEAR: u32 = 6;
/// Fewer segments on the way make a stream thin.
const THIN: usize = 4;
/// Longest time-out, milliseconds.
const RTO_MS_MAX: u64 = 120_000;
/// What was sent so much before an acknowledged segment counts as lost, milliseconds.
const REORDER_MS: u64 = 20;

#[derive(Debug)]
struct Segment<M> {
    message: M,
    sent_ms: u64,
    acked: bool,
}

/// Sender and receiver of one direction.
#[derive(Debug)]
pub(super) struct Stream<M> {
    segments: Vec<Segment<M>>,
    /// First segment not yet acknowledged.
    una: usize,
    /// First segment not yet read.
    next: usize,
    got: BTreeSet<usize>,
    backoff: u32,
    /// The time-out that counts; older ones fire into nothing.
    timer: u64,
    linear: bool,
}

/// Segments to be put on the way, and when to come back for a time-out.
#[derive(Debug, Default)]
pub(super) struct Doing {
    pub(super) transmit: Vec<usize>,
    pub(super) timeout: Option<(u64, u64)>,
}

impl<M> Stream<M> {
    /// A stream whose socket asks for linear time-outs, or does not.
    pub(super) fn new(linear: bool) -> Self {
        Self {
            segments: Vec::new(),
            una: 0,
            next: 0,
            got: BTreeSet::new(),
            backoff: 0,
            timer: 0,
            linear,
        }
    }
}

impl<M: Copy> Stream<M> {
    fn arm(&mut self, now_ms: u64, doing: &mut Doing) {
        self.timer += 1;
        if self.una < self.segments.len() {
            let first = if self.una == 0 { RTO_FIRST_MS } else { RTO_MS };
            // Linear ones only once the connection runs: the handshake's own double always.
            let thin = self.linear && self.una > 0 && self.segments.len() - self.una < THIN;
            let doubled = self.backoff.saturating_sub(if thin { LINEAR } else { 0 });
            let wait_ms = (first << doubled.min(16)).min(RTO_MS_MAX);
            doing.timeout = Some((now_ms + wait_ms, self.timer));
        }
    }

    fn transmit(&mut self, now_ms: u64, at: usize, doing: &mut Doing) {
        self.segments[at].sent_ms = now_ms;
        doing.transmit.push(at);
    }

    /// Something is said.
    pub(super) fn push(&mut self, now_ms: u64, message: M) -> Doing {
        let mut doing = Doing::default();
        let idle = self.una == self.segments.len();
        self.segments.push(Segment {
            message,
            sent_ms: now_ms,
            acked: false,
        });
        self.transmit(now_ms, self.segments.len() - 1, &mut doing);
        if idle {
            self.arm(now_ms, &mut doing);
        }
        doing
    }

    /// A segment arrived: what can be read now, in order.
    pub(super) fn arrived(&mut self, at: usize) -> Vec<M> {
        if at >= self.next {
            self.got.insert(at);
        }
        let mut read = Vec::new();
        while self.got.remove(&self.next) {
            read.push(self.segments[self.next].message);
            self.next += 1;
        }
        read
    }

    /// Up to where the receiver has everything.
    pub(super) fn has(&self) -> usize {
        self.next
    }

    /// An acknowledgement arrived: of everything below `upto`, and of `one`.
    pub(super) fn acked(&mut self, now_ms: u64, upto: usize, one: usize) -> Doing {
        let mut doing = Doing::default();
        let progress = upto > self.una || !self.segments[one].acked;
        for segment in &mut self.segments[self.una..upto.max(self.una)] {
            segment.acked = true;
        }
        self.segments[one].acked = true;
        while self.segments.get(self.una).is_some_and(|segment| segment.acked) {
            self.una += 1;
        }
        if !progress {
            return doing;
        }
        self.backoff = 0;
        let newest_ms = self.segments[one].sent_ms;
        for at in self.una..self.segments.len() {
            let segment = &self.segments[at];
            if !segment.acked && segment.sent_ms + REORDER_MS < newest_ms {
                self.transmit(now_ms, at, &mut doing);
            }
        }
        self.arm(now_ms, &mut doing);
        doing
    }

    /// A time-out is due.
    pub(super) fn timed_out(&mut self, now_ms: u64, timer: u64) -> Doing {
        let mut doing = Doing::default();
        if timer == self.timer && self.una < self.segments.len() {
            self.transmit(now_ms, self.una, &mut doing);
            self.backoff += 1;
            self.arm(now_ms, &mut doing);
        }
        doing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_segment_holds_back_the_next_and_is_sent_again_when_that_is_acknowledged() {
        let mut stream = Stream::new(false);
        let first = stream.push(0, 'a');
        assert_eq!((first.transmit, first.timeout), (vec![0], Some((1000, 1))));
        assert_eq!(stream.arrived(0), ['a']);
        assert!(stream.acked(50, 1, 0).transmit.is_empty());
        assert_eq!(stream.push(100, 'b').timeout, Some((350, 3)));
        assert_eq!(stream.timed_out(350, 3).timeout, Some((850, 4)));
        assert_eq!(stream.push(600, 'c').transmit, [2]);
        assert!(stream.arrived(2).is_empty(), "b is missing");
        assert_eq!(stream.acked(650, 1, 2).transmit, [1], "not at 850 only");
        assert_eq!(stream.arrived(1), ['b', 'c']);
        assert!(
            stream.timed_out(850, 4).transmit.is_empty(),
            "that time-out is stale"
        );
    }
}
