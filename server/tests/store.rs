//! The store's conformance suite: what every store must do, run on SQLite in a file and in memory.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

#[path = "store/accounts.rs"]
mod accounts;
#[path = "store/authorisation.rs"]
mod authorisation;
#[path = "store/authorisation_of_entries.rs"]
mod authorisation_of_entries;
#[path = "store/backup.rs"]
mod backup;
#[path = "store/bench.rs"]
mod bench;
#[path = "store/chat.rs"]
mod chat;
#[path = "store/clocks.rs"]
mod clocks;
#[path = "store/contacts.rs"]
mod contacts;
#[path = "store/deeds.rs"]
mod deeds;
#[path = "store/device.rs"]
mod device;
#[path = "store/entries.rs"]
mod entries;
#[path = "store/failures.rs"]
mod failures;
#[path = "store/files.rs"]
mod files;
#[path = "store/groups.rs"]
mod groups;
#[path = "store/keep.rs"]
mod keep;
#[path = "store/migrations.rs"]
mod migrations;
#[path = "store/pins.rs"]
mod pins;
#[path = "store/prefs.rs"]
mod prefs;
#[path = "store/recovery.rs"]
mod recovery;
#[path = "store/restore.rs"]
mod restore;
#[path = "store/resume.rs"]
mod resume;
#[path = "store/search.rs"]
mod search;
#[path = "store/sums.rs"]
mod sums;
