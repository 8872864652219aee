//! Numbers for the operator: how connections ended, and how many there are.

use crate::core::end::ConnectionEnd;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one server. They only rise, except where said.
#[derive(Debug)]
pub struct Counters {
    ends: Vec<AtomicU64>,
    lagged: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            ends: ConnectionEnd::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            lagged: AtomicU64::new(0),
        }
    }
}

impl Counters {
    /// Counts one end.
    pub fn ended(&self, end: ConnectionEnd) {
        self.ends[end.index()].fetch_add(1, Ordering::Relaxed);
    }

    /// How often connections ended like this.
    #[must_use]
    pub fn ends(&self, end: ConnectionEnd) -> u64 {
        self.ends[end.index()].load(Ordering::Relaxed)
    }

    /// Counts one connection that lagged.
    pub fn lag(&self) {
        self.lagged.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a connection lagged.
    #[must_use]
    pub fn lagged(&self) -> u64 {
        self.lagged.load(Ordering::Relaxed)
    }
}
