//! What the system gives and takes: clocks, chance, folders, dialogs, tray, notifications, secrets, second starts.

pub mod autostart;
pub mod bus;
pub mod file_desk;
pub mod files;
pub mod graphics;
pub mod idle;
pub mod instance;
pub mod links;
pub mod locale;
pub mod notifications;
pub mod patience;
pub mod picture;
pub mod portal;
pub mod secrets;
pub mod tray;

use crate::model::Now;
use crate::model::command::Mint;
use breeze_protocol::{Instance, Mid};
use rustix::time::{ClockId, clock_gettime};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds of a clock that never jumps and stands still while the computer sleeps.
#[must_use]
pub fn mono_ms() -> u64 {
    clock_ms(ClockId::Monotonic)
}

/// Milliseconds since the computer started, sleep included.
#[must_use]
pub fn boot_ms() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return clock_ms(ClockId::Boottime);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return wall_ms();
}

fn clock_ms(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds * 1000 + nanos / 1_000_000
}

/// Milliseconds since 1970 UTC.
#[must_use]
pub fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Both clocks.
#[must_use]
pub fn now() -> Now {
    Now {
        mono_ms: mono_ms(),
        wall_ms: wall_ms(),
    }
}

/// Random bytes from the system.
#[must_use]
pub fn chance<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random bytes once it is up");
    bytes
}

/// A random number below `end` (0 when `end` is 0).
#[must_use]
pub fn chance_below(end: u64) -> u64 {
    u64::from_le_bytes(chance()).checked_rem(end).unwrap_or(0)
}

/// Identity of this process.
#[must_use]
pub fn instance() -> Instance {
    Instance(chance())
}

/// Mints identities from the system's clock and chance.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemMint;

impl Mint for SystemMint {
    fn mid(&mut self) -> Mid {
        Mid(*uuid::Uuid::now_v7().as_bytes())
    }
}

/// What to call this device in the list of devices, at most 64 characters.
#[must_use]
pub fn device_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// What tells this machine from another; empty when the system has no such thing.
#[must_use]
pub fn machine_id() -> String {
    files::first_line("/etc/machine-id").unwrap_or_default()
}
