//! What is due when, in order. A timer that outlives its subject fires into nothing.

use crate::store::ConnId;
use breeze_protocol::ConvId;
use std::collections::BTreeSet;

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// Has this session been heard lately?
    Lease(ConnId),
    /// Has this dropped session come back?
    Grace(ConnId),
    /// Tell who did not come back after the restart.
    Settle,
    /// Receipts of a conversation may go again.
    Receipts(ConvId),
    /// Note when everybody was last seen.
    LastSeen,
}

/// All timers. At most two per session, one per conversation with recent receipts, and two more.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(u64, Timer)>,
}

impl Timers {
    pub(super) fn arm(&mut self, at_ms: u64, timer: Timer) {
        self.due.insert((at_ms, timer));
    }

    pub(super) fn next_ms(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(super) fn pop(&mut self, now_ms: u64) -> Option<(u64, Timer)> {
        if self.next_ms()? > now_ms {
            return None;
        }
        self.due.pop_first()
    }
}
