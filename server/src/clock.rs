//! The wall clock: what the system says it is, right or wrong. Nobody else asks the system.
//!
//! It may be set at any moment, by years. So it stamps what people read and ends what people gave an end; it orders
//! nothing, times nobody out ([`crate::hub::Clock`] does), and takes nothing away (the store counts its own time for that).

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 UTC.
#[must_use]
pub fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
