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

/// How many files are harmed: `cargo xtask campaign f15 --count N` says more.
fn cases() -> u64 {
    std::env::var("BREEZE_CAMPAIGN_COUNT").map_or(1000, |count| count.parse().unwrap())
}

/// A bit is flipped, a page zeroed, or the end cut off.
fn harm(bytes: &mut Vec<u8>, case: u64, at: usize, dice: &mut Dice) {
    match case % 8 {
        6 => {
            let page = at / 4096 * 4096;
            let end = bytes.len().min(page + 4096);
            bytes[page..end].fill(0);
        }
        7 => bytes.truncate(at),
        _ => bytes[at] ^= 1 << dice.below(8),
    }
}

/// What a store with these files tells of the history; `None` when it is not opened, or cannot read it. And its head.
async fn told(files: &[(String, &[u8])], ann: AccountId, conv: ConvId) -> Option<(Vec<Event>, u64)> {
    let harmed = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(harmed.path().join(name), bytes).unwrap();
    }
    let options = bench::options(harmed.path(), Roster::Friends);
    let (store, commits) = breeze_server::store::sqlite::SqliteStore::open(options).ok()?;
    let bench = Bench {
        store,
        commits,
        ahead_ms: Default::default(),
        dir: Some(harmed),
    };
    let page = bench.store.history(ann, conv, 0, 0, PAGE_ROWS_MAX).await;
    let rows = page.ok()??.rows;
    Some((rows, bench.store.identity().head))
}

/// F15: a bit is flipped, a page zeroed, the end cut off, anywhere in the database's file. Whatever is told of the history
/// afterwards is what was written.
#[tokio::test]
async fn f15_no_wrong_entry_is_told_whatever_becomes_of_the_file() {
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
    for case in 0..cases() {
        let mut bytes = whole.clone();
        let near = text / 4096 * 4096;
        let at = if case % 2 == 0 {
            near + dice.below(4096)
        } else {
            dice.below(bytes.len())
        };
        harm(&mut bytes, case, at, &mut dice);
        let files = [(DATABASE_FILE.to_owned(), bytes.as_slice())];
        let Some((rows, _)) = told(&files, ann, conv).await else {
            noticed += 1;
            continue;
        };
        for event in &rows {
            assert_eq!(Some(event), written.get(&event.seq), "case {case}, byte {at}");
        }
        noticed += u64::from(rows.len() < written.len());
    }
    assert!(
        noticed > cases() / 10,
        "{noticed} of {}: the harm did not reach anything",
        cases()
    );
}

/// F15 for the log of a server that died: what lies behind the harm is gone, and a device that had it is above the head, so
/// that it is told `rolled_back` and nobody goes on from there unnoticed.
#[tokio::test]
async fn f15_no_wrong_entry_is_told_whatever_becomes_of_the_log() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, conv, all) = talk(&mut bench).await;
    let path = bench.dir.as_ref().unwrap().path().join(DATABASE_FILE);
    let log = format!("{DATABASE_FILE}-wal");
    let database = std::fs::read(&path).unwrap();
    let whole = std::fs::read(path.with_file_name(&log)).unwrap();
    let files = [
        (DATABASE_FILE.to_owned(), database.as_slice()),
        (log.clone(), whole.as_slice()),
    ];
    let (rows, cursor) = told(&files, ann, conv).await.unwrap();
    assert_eq!(rows, all, "the log is whole");
    let written: BTreeMap<u64, Event> = all.into_iter().map(|event| (event.seq, event)).collect();
    let (mut dice, mut lost, mut refused) = (Dice(16), 0, 0);
    // Each takes as long as those of the file, and a log has fewer parts that differ.
    let cases = cases() / 2;
    for case in 0..cases {
        let mut bytes = whole.clone();
        let at = dice.below(bytes.len());
        harm(&mut bytes, case, at, &mut dice);
        let files = [
            (DATABASE_FILE.to_owned(), database.as_slice()),
            (log.clone(), bytes.as_slice()),
        ];
        let Some((rows, head)) = told(&files, ann, conv).await else {
            refused += 1;
            continue;
        };
        for event in &rows {
            // An edit or a deletion may be among what is gone; the text before it was written too.
            let now = written.get(&event.seq).unwrap();
            let erased = now.body.is_empty();
            assert!(
                event == now || erased && event.seq == 3,
                "case {case}, byte {at}: {event:?}"
            );
        }
        if rows.len() < written.len() {
            lost += 1;
            assert!(
                head < cursor,
                "case {case}, byte {at}: a device above the head is noticed"
            );
        }
    }
    println!("{lost} logs lost their end, {refused} were refused");
    assert!(lost + refused > cases / 10, "the harm did not reach anything");
}
