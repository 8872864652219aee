//! Gaps of the history on disk, and what of it a snapshot leaves.

use super::super::gaps::next;
use super::{CONV, apply, begun, load, message, write};
use crate::model::command::Change;
use breeze_protocol::{AccountId, ConvId, Mid};
use rusqlite::Connection;
use std::path::Path;

fn hold(path: &Path, seqs: impl Iterator<Item = u64>) {
    let rows = seqs.map(|seq| {
        let mut mid = [0; 16];
        mid[8..].copy_from_slice(&seq.to_be_bytes());
        message(seq, Mid(mid))
    });
    write(path, vec![apply(rows.collect())]);
}

fn gap(path: &Path, below: u64) -> Option<u64> {
    let db = Connection::open(path.join("breeze.db")).expect("the database");
    next(&db, 1, CONV, below).expect("a look")
}

#[test]
fn gaps_are_found_from_the_newest_down() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    assert_eq!(gap(dir.path(), 100), Some(101), "nothing is here");
    assert_eq!(gap(dir.path(), 0), None, "and there is nothing");
    hold(dir.path(), (90..=100).chain(40..=60).chain(1..=10));
    assert_eq!(gap(dir.path(), 100), Some(90));
    assert_eq!(gap(dir.path(), 89), Some(40));
    assert_eq!(gap(dir.path(), 39), None);
    hold(dir.path(), 61..90);
    hold(dir.path(), 11..40);
    assert_eq!(gap(dir.path(), 100), None);
}

#[test]
fn the_first_frame_shows_what_follows_the_newest_gap() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    hold(dir.path(), (1..=10).chain(90..=95));
    let loaded = load(dir.path());
    let chat = &loaded.chats[&CONV];
    assert_eq!(
        chat.messages.keys().copied().collect::<Vec<_>>(),
        (90..=95).collect::<Vec<_>>()
    );
    assert!(chat.more);
}

#[test]
fn a_snapshot_leaves_the_history_of_what_it_names_and_going_back_leaves_none() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    hold(dir.path(), 1..=5);
    let conv = || Change::Conv(CONV, AccountId(2), 5, 5);
    let count = || {
        load(dir.path())
            .chats
            .get(&CONV)
            .map_or(0, |chat| chat.messages.len())
    };
    write(
        dir.path(),
        vec![apply(vec![Change::Forget, conv(), Change::Named(vec![CONV])])],
    );
    assert_eq!(count(), 5);
    write(
        dir.path(),
        vec![apply(vec![
            Change::Forget,
            conv(),
            Change::Named(vec![ConvId(99)]),
        ])],
    );
    assert_eq!(count(), 0, "not named");
    hold(dir.path(), 1..=5);
    write(
        dir.path(),
        vec![apply(vec![Change::GoBack, conv(), Change::Named(vec![CONV])])],
    );
    assert_eq!(count(), 0, "another life of the server's data");
}
