//! The store's own time: whatever is kept for so long ages by it, so that a wall clock that is set wrong ages nothing.
//!
//! It goes on while a server runs, by a clock that nobody can set. An outage counts as long as the wall clock says it was,
//! but half a day at most: a clock that is years ahead at a start is believed for that much of them. It never goes back. So
//! things are kept too long rather than too short: by a server that sleeps much, or is off for weeks.

use breeze_protocol::limit::UPLOAD_KEPT_MS;
use std::time::{Duration, Instant};

/// Most of one outage that counts, milliseconds: half a day, half of the shortest time anything is kept (an upload).
const OUTAGE_COUNTED_MS_MAX: u64 = UPLOAD_KEPT_MS / 2;

/// The store's own time, as it goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lived {
    base_ms: u64,
    since: Instant,
}

impl Lived {
    /// As a start finds it: what was noted of it last, and of the wall clock at that moment. A store of before this time
    /// was counted goes on from its last sign of life, a new one begins at the wall clock, so that it reads like a date.
    pub(super) fn at_start(noted_ms: Option<u64>, alive_ms: Option<u64>, wall_ms: u64) -> Self {
        let outage_ms = alive_ms.map_or(0, |alive| wall_ms.saturating_sub(alive));
        let before_ms = noted_ms.or(alive_ms).unwrap_or(wall_ms);
        Self {
            base_ms: before_ms.saturating_add(outage_ms.min(OUTAGE_COUNTED_MS_MAX)),
            since: Instant::now(),
        }
    }

    /// Now, in milliseconds.
    pub(super) fn now_ms(&self) -> u64 {
        self.after_ms(self.since.elapsed())
    }

    fn after_ms(&self, run: Duration) -> u64 {
        let run_ms = u64::try_from(run.as_millis()).unwrap_or(u64::MAX);
        self.base_ms.saturating_add(run_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    const HALF_MS: u64 = OUTAGE_COUNTED_MS_MAX;

    #[test]
    fn an_outage_counts_for_half_a_day_at_most_and_a_clock_set_back_for_nothing() {
        let alive_ms = 20_000 * DAY_MS;
        for (wall_ms, counted_ms) in [
            (alive_ms + 5000, 5000),
            (alive_ms + DAY_MS, HALF_MS),
            (alive_ms + 3650 * DAY_MS, HALF_MS),
            (alive_ms - 1, 0),
            (0, 0),
        ] {
            for noted_ms in [alive_ms, alive_ms - 100 * DAY_MS] {
                let lived = Lived::at_start(Some(noted_ms), Some(alive_ms), wall_ms);
                assert_eq!(lived.after_ms(Duration::ZERO), noted_ms + counted_ms, "{wall_ms}");
                assert_eq!(
                    lived.after_ms(Duration::from_secs(9)),
                    noted_ms + counted_ms + 9000
                );
            }
            let older = Lived::at_start(None, Some(alive_ms), wall_ms);
            assert_eq!(older.after_ms(Duration::ZERO), alive_ms + counted_ms, "of before");
        }
        let new = Lived::at_start(None, None, alive_ms);
        assert_eq!(new.after_ms(Duration::ZERO), alive_ms);
    }
}
