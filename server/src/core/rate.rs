//! How fast somebody may do something: token buckets, one by one or by key. Over the rate means wait, never lockout.

use std::collections::HashMap;
use std::hash::Hash;

/// Most keys one set of buckets remembers; full buckets are forgotten first, since they say nothing.
const KEYS_MAX: usize = 8192;
const THOUSAND: u64 = 1000;

/// How much at once, and how much per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens in a full bucket.
    pub burst: u32,
    /// Thousandths of a token that come back per second.
    pub milli_per_s: u32,
}

/// One bucket.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    milli: u64,
    at_ms: u64,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn full(rate: Rate, now_ms: u64) -> Self {
        Self {
            milli: u64::from(rate.burst) * THOUSAND,
            at_ms: now_ms,
        }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// Milliseconds until there is one; none is taken.
    pub fn take(&mut self, rate: Rate, now_ms: u64) -> Result<(), u64> {
        self.refill(rate, now_ms);
        if self.milli >= THOUSAND {
            self.milli -= THOUSAND;
            return Ok(());
        }
        let missing = (THOUSAND - self.milli) * THOUSAND;
        Err(missing.div_ceil(u64::from(rate.milli_per_s).max(1)).max(1))
    }

    fn refill(&mut self, rate: Rate, now_ms: u64) {
        let passed = now_ms.saturating_sub(self.at_ms);
        let whole = u64::from(rate.burst) * THOUSAND;
        let come = passed.saturating_mul(u64::from(rate.milli_per_s)) / THOUSAND;
        if come > 0 || self.milli >= whole {
            self.milli = self.milli.saturating_add(come).min(whole);
            self.at_ms = now_ms;
        }
    }
}

/// A bucket per key.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// None yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    /// Takes one token of this key's bucket.
    ///
    /// # Errors
    /// Milliseconds until there is one.
    pub fn take(&mut self, key: K, now_ms: u64) -> Result<(), u64> {
        if self.buckets.len() >= KEYS_MAX && !self.buckets.contains_key(&key) {
            self.forget(now_ms);
        }
        let rate = self.rate;
        self.buckets
            .entry(key)
            .or_insert_with(|| Bucket::full(rate, now_ms))
            .take(rate, now_ms)
    }

    fn forget(&mut self, now_ms: u64) {
        let rate = self.rate;
        let whole = u64::from(rate.burst) * THOUSAND;
        self.buckets.retain(|_, bucket| {
            bucket.refill(rate, now_ms);
            bucket.milli < whole
        });
        if self.buckets.len() >= KEYS_MAX {
            // Somebody has used this many keys at once: forgetting the fuller half is fairer than growing.
            let mut levels: Vec<u64> = self.buckets.values().map(|bucket| bucket.milli).collect();
            levels.sort_unstable();
            let middle = levels[levels.len() / 2];
            self.buckets.retain(|_, bucket| bucket.milli < middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 2,
        milli_per_s: 500,
    };

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::full(RATE, 0);
        assert_eq!(bucket.take(RATE, 0), Ok(()));
        assert_eq!(bucket.take(RATE, 0), Ok(()));
        assert_eq!(bucket.take(RATE, 0), Err(2000));
        assert_eq!(bucket.take(RATE, 1500), Err(500));
        assert_eq!(bucket.take(RATE, 2000), Ok(()));
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let mut buckets = Buckets::new(RATE);
        for key in 0..3 * KEYS_MAX {
            let _ = buckets.take(key, 0);
        }
        assert!(buckets.buckets.len() <= KEYS_MAX);
    }
}
