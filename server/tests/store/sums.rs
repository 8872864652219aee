//! Checksums beside the entries: what a disk has changed is noticed before it is sent.

use super::bench::{self, Bench, mid};
use breeze_protocol::limit::PAGE_ROWS_MAX;
use breeze_protocol::message::chat::{EntryKind, Event, Send};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::sqlite::open::DATABASE_FILE;
use breeze_server::store::{Missed, Store, verify};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// Two friends and what they said: texts, an answer, an edit, a reaction, a deletion.
async fn talk(bench: &mut Bench) -> (AccountId, ConvId, Vec<Event>) {
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    for text in [
        "tea at four?",
        "yes, and cake",
        "which cake?",
        "the one with plums",
    ] {
        bench.say(ann, conv, text).await;
    }
    let change = |kind, target, body: &str| Send {
        kind,
        target: Some(target),
        ..Send::text(mid(), conv, body)
    };
    bench
        .send_entry(bob, change(EntryKind::Text, 1, "four is good"))
        .await;
    bench
        .send_entry(ann, change(EntryKind::Edit, 2, "yes, with cake"))
        .await;
    bench
        .send_entry(bob, change(EntryKind::Reaction, 4, "\u{1f44d}"))
        .await;
    bench.send_entry(ann, change(EntryKind::Delete, 3, "")).await;
    let all = history(bench, ann, conv).await.0;
    assert_eq!(all.len(), 8);
    (ann, conv, all)
}

async fn history(bench: &Bench, me: AccountId, conv: ConvId) -> (Vec<Event>, Vec<(u64, u64)>) {
    let page = bench.store.history(me, conv, 0, 0, PAGE_ROWS_MAX).await;
    let page = page.unwrap().unwrap();
    (page.rows, page.gone)
}

/// The entries a device of this cursor is told, by place.
async fn missed(bench: &Bench, me: AccountId, conv: ConvId) -> BTreeMap<u64, Event> {
    let page = bench.store.missed(me, 0, u64::MAX >> 11).await.unwrap();
    let entries = page.rows.into_iter().filter_map(|row| match row {
        Missed::Entry(event) if event.conv == conv => Some((event.seq, Event { cursor: 0, ..event })),
        _ => None,
    });
    entries.collect()
}

/// Opens the database beside the store and changes it behind its back.
fn behind(dir: &Path, sql: &str) {
    let conn = Connection::open(dir.join(DATABASE_FILE)).unwrap();
    conn.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_changed_entry_is_told_to_nobody_and_named_by_verify() {
    for change in [
        "body = 'tea at five?'",
        "body = NULL",
        "body = body || ' '",
        "sender = 2",
        "ts = ts + 1",
        "n = n + 1",
        "kind = 3",
        "target = 1",
        "mid = zeroblob(16)",
        "num = num - 1",
        "sum = sum + 1",
        "sum = NULL",
    ] {
        let mut bench = bench::file(Roster::Friends);
        let (ann, conv, all) = talk(&mut bench).await;
        let dir = bench.dir.take().unwrap();
        behind(dir.path(), &format!("UPDATE messages SET {change} WHERE seq = 2"));
        let (rows, gone) = history(&bench, ann, conv).await;
        let wanted: Vec<Event> = all.iter().filter(|event| event.seq != 2).cloned().collect();
        assert_eq!((rows, gone), (wanted, vec![(2, 2)]), "{change}");
        let told = missed(&bench, ann, conv).await;
        assert!(!told.contains_key(&2) && told.len() == 7, "{change}: {told:?}");
        drop(bench);
        let report = verify::data(dir.path());
        let named = report
            .findings
            .iter()
            .any(|it| it.contains("Message 2 of conversation"));
        assert!(named, "{change}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn neighbours_that_are_damaged_are_named_as_one_range() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, conv, _) = talk(&mut bench).await;
    let dir = bench.dir.take().unwrap();
    behind(
        dir.path(),
        "UPDATE messages SET ts = ts + 1 WHERE seq IN (2, 4, 5, 6)",
    );
    let (rows, gone) = history(&bench, ann, conv).await;
    let places: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    assert_eq!((places, gone), (vec![1, 3, 7, 8], vec![(2, 2), (4, 6)]));
    let page = bench.store.history(ann, conv, 0, 3, PAGE_ROWS_MAX).await.unwrap();
    assert_eq!(page.unwrap().gone, [(4, 6)], "forwards as well");
}

#[tokio::test]
async fn entries_from_before_get_their_sums_at_the_first_start() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, conv, all) = talk(&mut bench).await;
    let dir = bench.dir.take().unwrap();
    bench.store.close().await;
    drop(bench);
    // As a crash in the middle of it leaves it, too.
    behind(
        dir.path(),
        "UPDATE messages SET sum = NULL WHERE seq <> 4; DELETE FROM meta WHERE key = 'sums'",
    );
    let bench = bench::open(bench::options(dir.path(), Roster::Friends));
    assert_eq!(history(&bench, ann, conv).await, (all, vec![]));
    drop(bench);
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

/// Numbers that look random, from a seed (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).unwrap()
    }
}

/// F15: a bit is flipped, a page zeroed, the end cut off, anywhere in the database's file. Whatever is told of the history
/// afterwards is what was written.
#[tokio::test]
async fn f15_no_wrong_entry_is_told_whatever_becomes_of_the_file() {
    let cases: u64 = std::env::var("BREEZE_F15_CASES").map_or(1000, |count| count.parse().unwrap());
    let mut bench = bench::file(Roster::Friends);
    let (ann, conv, all) = talk(&mut bench).await;
    let dir = bench.dir.take().unwrap();
    bench.store.close().await;
    drop(bench);
    behind(dir.path(), "PRAGMA wal_checkpoint(TRUNCATE)");
    let whole = std::fs::read(dir.path().join(DATABASE_FILE)).unwrap();
    let written: BTreeMap<u64, Event> = all.into_iter().map(|event| (event.seq, event)).collect();
    let (mut dice, mut noticed) = (Dice(15), 0);
    // Half of the harm is aimed at the pages that hold the texts.
    let text = whole
        .windows(13)
        .position(|part| part == b"yes, and cake")
        .unwrap();
    for case in 0..cases {
        let mut bytes = whole.clone();
        let near = text / 4096 * 4096;
        let at = if case % 2 == 0 {
            near + dice.below(4096)
        } else {
            dice.below(bytes.len())
        };
        match case % 8 {
            6 => bytes[at / 4096 * 4096..][..4096].fill(0),
            7 => bytes.truncate(at),
            _ => bytes[at] ^= 1 << dice.below(8),
        }
        let harmed = tempfile::tempdir().unwrap();
        std::fs::write(harmed.path().join(DATABASE_FILE), &bytes).unwrap();
        let options = bench::options(harmed.path(), Roster::Friends);
        let Ok((store, commits)) = breeze_server::store::sqlite::SqliteStore::open(options) else {
            noticed += 1;
            continue;
        };
        let bench = Bench {
            store,
            commits,
            dir: Some(harmed),
        };
        let Ok(Some(page)) = bench.store.history(ann, conv, 0, 0, PAGE_ROWS_MAX).await else {
            noticed += 1;
            continue;
        };
        for event in &page.rows {
            assert_eq!(Some(event), written.get(&event.seq), "case {case}, byte {at}");
        }
        noticed += u64::from(page.rows.len() < written.len());
    }
    assert!(
        noticed > cases / 10,
        "{noticed} of {cases}: the harm did not reach anything"
    );
}
