//! End to end: the real server as a process, real sockets, scripted clients. One test per tag of PRESENCE.md, by name.
//!
//! S2 (grey on the screen), R17, R21's picture and R22 need a window: see `desktop.rs` and the desktop crate's own tests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "it/admin.rs"]
mod admin;
#[path = "it/app_files.rs"]
mod app_files;
#[path = "it/app_link.rs"]
mod app_link;
#[path = "it/avatars.rs"]
mod avatars;
#[path = "it/backup.rs"]
mod backup;
#[path = "it/bad_input.rs"]
mod bad_input;
#[path = "it/crowd.rs"]
mod crowd;
#[path = "it/entries.rs"]
mod entries;
#[path = "it/false_offline.rs"]
mod false_offline;
#[path = "it/files.rs"]
mod files;
#[path = "it/frames.rs"]
mod frames;
#[path = "it/golden_client.rs"]
mod golden_client;
#[path = "it/groups.rs"]
mod groups;
#[path = "it/half_open.rs"]
mod half_open;
#[path = "it/keep.rs"]
mod keep;
#[path = "it/messages.rs"]
mod messages;
#[path = "it/pins.rs"]
mod pins;
#[path = "it/prefs.rs"]
mod prefs;
#[path = "it/presence_basics.rs"]
mod presence_basics;
#[path = "it/privacy.rs"]
mod privacy;
#[path = "it/recovery.rs"]
mod recovery;
#[path = "it/restart.rs"]
mod restart;
#[path = "it/resume.rs"]
mod resume;
#[path = "it/search.rs"]
mod search;
#[path = "it/sessions.rs"]
mod sessions;
#[path = "it/starting.rs"]
mod starting;
#[path = "it/systemd.rs"]
mod systemd;
