//! Faults: processes killed at random moments under load, one test after the other.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "faults/clock_jumps.rs"]
mod clock_jumps;
#[path = "faults/desktop_kills.rs"]
mod desktop_kills;
#[path = "faults/disk_full.rs"]
mod disk_full;
#[path = "faults/disk_stall.rs"]
mod disk_stall;
#[path = "faults/entitled.rs"]
mod entitled;
#[path = "faults/failing_sync.rs"]
mod failing_sync;
#[path = "faults/five_devices.rs"]
mod five_devices;
#[path = "faults/flaps.rs"]
mod flaps;
#[path = "faults/frozen_client.rs"]
mod frozen_client;
#[path = "faults/old_backup.rs"]
mod old_backup;
#[path = "faults/power_cut.rs"]
mod power_cut;
#[path = "faults/server_kills.rs"]
mod server_kills;
#[path = "faults/server_stops.rs"]
mod server_stops;
#[path = "faults/simulated_worlds.rs"]
mod simulated_worlds;
