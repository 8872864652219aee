//! A wall clock a test can set: `libfaketime` before one program, whose other clocks stay the system's.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// Debian's package `faketime`; the loader puts its own folder of libraries in place of `$LIB`.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";
/// A day, seconds.
pub const DAY_S: i64 = 86_400;
/// Ten years, seconds.
pub const YEARS_S: i64 = 3653 * DAY_S;
/// How far from the truth a clock is set in turn, seconds: a day and ten years both ways, an hour back, and right again.
pub const JUMPS_S: [i64; 6] = [DAY_S, -DAY_S, YEARS_S, -YEARS_S, -3600, 0];

/// The wall clock of the programs it is given to.
#[derive(Debug, Clone)]
pub struct WallClock {
    folder: Arc<TempDir>,
}

impl WallClock {
    /// One that is right, so far.
    ///
    /// # Panics
    /// When the temporary folder is not writable.
    #[must_use]
    pub fn right() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("breeze-clock-")
            .tempdir()
            .expect("the temporary folder is writable");
        let clock = Self {
            folder: Arc::new(folder),
        };
        clock.set(0);
        clock
    }

    /// Sets it: so many seconds ahead of the truth from now on.
    ///
    /// # Panics
    /// When the temporary folder is not writable.
    pub fn set(&self, ahead_s: i64) {
        // Renamed, so that nobody reads half of it.
        let new = self.folder.path().join("new");
        std::fs::write(&new, format!("{ahead_s:+}")).expect("the temporary folder is writable");
        std::fs::rename(new, self.file()).expect("the temporary folder is writable");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// Gives it to a program that is started by this command.
    pub fn dress(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", LIBRARY)
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_NO_CACHE", "1");
    }
}

/// Whether a stamp (wall ms) was made about now by a clock so many seconds ahead: not by one of the other jumps.
///
/// # Panics
/// When the system's own clock stands before 1970.
#[must_use]
pub fn is_of(ts_ms: u64, ahead_s: i64) -> bool {
    const NEAR_MS: u64 = 10 * 60 * 1000;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_ms = now.expect("the system's clock is right").as_millis();
    let told_ms = u64::try_from(now_ms)
        .expect("it is this century")
        .saturating_add_signed(ahead_s * 1000);
    ts_ms.abs_diff(told_ms) < NEAR_MS
}
