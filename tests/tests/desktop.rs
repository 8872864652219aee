//! The real app in real windows on a private screen.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "desktop/away.rs"]
mod away;
#[path = "desktop/entries.rs"]
mod entries;
#[path = "desktop/grey.rs"]
mod grey;
#[path = "desktop/half_open.rs"]
mod half_open;
#[path = "desktop/hosting.rs"]
mod hosting;
#[path = "desktop/network_change.rs"]
mod network_change;
#[path = "desktop/notifications.rs"]
mod notifications;
#[path = "desktop/secrets.rs"]
mod secrets;
#[path = "desktop/tray.rs"]
mod tray;
#[path = "desktop/wayland.rs"]
mod wayland;
