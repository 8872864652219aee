//! The index of this computer: whole whatever was written, never needed for the answer, and gone with what is gone.

use super::super::search::page;
use super::super::{open, words};
use super::{CONV, account, apply, begun, load, write};
use crate::model::chat::Message;
use crate::model::command::{Change, StoreCommand};
use crate::model::search::{Hit, Look};
use crate::storage::folder::Folder;
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{AccountId, BlobHash, ConvId, Mid};
use rusqlite::Connection;
use std::path::Path;

fn text(conv: ConvId, seq: u64, ts: u64, body: &str) -> Change {
    let mut mid = [0; 16];
    mid[..8].copy_from_slice(&conv.0.to_be_bytes());
    mid[8..].copy_from_slice(&seq.to_be_bytes());
    let message = Message {
        seq,
        prev_seq: seq - 1,
        n: seq,
        sender: AccountId(2),
        mid: Mid(mid),
        ts,
        body: body.to_owned(),
        ..Message::default()
    };
    Change::Message(conv, Box::new(message))
}

fn look(query: &str) -> Look {
    Look {
        no: 1,
        query: query.to_owned(),
        conv: None,
        before: 0,
        limit: 50,
    }
}

fn database(path: &Path) -> Connection {
    Connection::open(path.join("breeze.db")).expect("the database")
}

fn found(path: &Path, look: &Look) -> Vec<Hit> {
    page(&database(path), look).expect("a page").rows
}

fn bodies(path: &Path, query: &str) -> Vec<String> {
    let hits = found(path, &look(query));
    hits.into_iter().map(|hit| hit.message.body).collect()
}

fn count(path: &Path, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    database(path)
        .query_row(&sql, [], |row| row.get(0))
        .expect("a count")
}

#[test]
fn what_is_written_is_found_newest_first() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let other = ConvId(40);
    let changes = vec![
        text(CONV, 1, 100, "Dinner at the Café"),
        text(CONV, 2, 300, "明天去北京"),
        text(other, 1, 200, "cafe closed, 北京 too"),
    ];
    write(dir.path(), vec![apply(changes)]);
    assert_eq!(count(dir.path(), "unfound"), 0, "taken over with the messages");
    assert_eq!(
        bodies(dir.path(), "cafe"),
        ["cafe closed, 北京 too", "Dinner at the Café"]
    );
    assert_eq!(
        bodies(dir.path(), "北京"),
        ["明天去北京", "cafe closed, 北京 too"]
    );
    assert_eq!(bodies(dir.path(), "din caf"), [""; 0]);
    assert_eq!(bodies(dir.path(), "dinner caf"), ["Dinner at the Café"]);
    let here = Look {
        conv: Some(other),
        ..look("cafe")
    };
    let hits = found(dir.path(), &here);
    assert_eq!((hits.len(), hits[0].conv, hits[0].message.seq), (1, other, 1));
    assert!(bodies(dir.path(), "?!").is_empty());
}

#[test]
fn pages_join_also_within_one_millisecond() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let changes = (1..=300)
        .map(|seq| text(CONV, seq, 1000 + seq / 100, "plum"))
        .collect();
    write(dir.path(), vec![apply(changes)]);
    let db = database(dir.path());
    for indexed in [true, false] {
        if !indexed {
            // As after a migration: nothing is taken over yet.
            db.execute_batch(
                "INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM places; \
                 INSERT OR IGNORE INTO unfound (acc, conv, seq) SELECT acc, conv, seq FROM messages;",
            )
            .expect("a forgotten index");
        }
        let (mut seqs, mut asked) = (Vec::new(), look("plum"));
        loop {
            asked.limit = 7;
            let found = page(&db, &asked).expect("a page");
            seqs.extend(found.rows.iter().map(|hit| hit.message.seq));
            if !found.more {
                break;
            }
            asked.before = found.before;
        }
        assert_eq!(seqs, (1..=300).rev().collect::<Vec<u64>>(), "{indexed}");
    }
    // Little by little, as the writer does it.
    let mut rounds = 0;
    while words::keep_up(&db, 32).expect("an index") {
        rounds += 1;
    }
    assert!(rounds > 7, "{rounds}");
    assert_eq!(found(dir.path(), &look("plum")).len(), 50);
    assert_eq!(
        (count(dir.path(), "unfound"), count(dir.path(), "places")),
        (0, 300)
    );
}

#[test]
fn what_is_replaced_or_gone_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    write(
        dir.path(),
        vec![apply(vec![
            text(CONV, 1, 10, "apricot secret"),
            text(CONV, 2, 20, "stays"),
        ])],
    );
    write(dir.path(), vec![apply(vec![text(CONV, 1, 10, "something else")])]);
    assert!(bodies(dir.path(), "apricot").is_empty());
    assert_eq!(bodies(dir.path(), "something"), ["something else"]);
    let db = database(dir.path());
    let sql = "SELECT count(*) FROM words WHERE words MATCH ?1";
    let terms = |term: &str| -> i64 { db.query_row(sql, [term], |row| row.get(0)).expect("a count") };
    assert_eq!((terms("apricot"), terms("secret"), terms("stays")), (0, 0, 1));
    write(dir.path(), vec![apply(vec![Change::ConvGone(CONV)])]);
    assert_eq!(
        (terms("stays"), terms("something"), count(dir.path(), "places")),
        (0, 0, 0)
    );
    assert!(bodies(dir.path(), "stays").is_empty());
    write(
        dir.path(),
        vec![
            apply(vec![text(CONV, 1, 10, "mine")]),
            StoreCommand::ForgetAccount,
        ],
    );
    for table in ["places", "unfound", "stale"] {
        assert_eq!(count(dir.path(), table), 0, "{table}");
    }
}

#[test]
fn an_index_cut_by_another_version_is_made_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    write(dir.path(), vec![apply(vec![text(CONV, 1, 10, "apricot")])]);
    database(dir.path())
        .execute("UPDATE meta SET value = x'00' WHERE key = 'terms'", [])
        .expect("an older version");
    load(dir.path());
    assert_eq!(
        (count(dir.path(), "places"), count(dir.path(), "unfound")),
        (0, 1)
    );
    assert_eq!(bodies(dir.path(), "apricot"), ["apricot"], "found all the same");
    write(dir.path(), vec![StoreCommand::Open(None)]);
    assert_eq!(
        (count(dir.path(), "places"), count(dir.path(), "unfound")),
        (1, 0)
    );
    assert_eq!(bodies(dir.path(), "apricot"), ["apricot"]);
}

#[test]
fn another_account_on_this_computer_is_not_searched() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    write(dir.path(), vec![apply(vec![text(CONV, 1, 10, "apricot")])]);
    let mut second = account();
    second.account = AccountId(9);
    write(
        dir.path(),
        vec![
            StoreCommand::SaveAccount(Box::new(second)),
            apply(vec![text(CONV, 5, 10, "plum")]),
        ],
    );
    assert!(bodies(dir.path(), "apricot").is_empty());
    assert_eq!(bodies(dir.path(), "plum"), ["plum"]);
}

#[test]
fn an_older_database_is_taken_over_after_it_is_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    write(
        dir.path(),
        vec![apply((1..=500).map(|seq| text(CONV, seq, seq, "pear")).collect())],
    );
    database(dir.path())
        .execute_batch(
            "DROP TRIGGER message_new; DROP TRIGGER message_gone; DROP TRIGGER message_changed; DROP TABLE words; \
             DROP TABLE places; DROP TABLE unfound; DROP TABLE stale; DROP TABLE prefs; DROP TABLE pins; \
             ALTER TABLE drafts DROP COLUMN known; ALTER TABLE drafts DROP COLUMN answers; \
             ALTER TABLE convs DROP COLUMN keep_days; DROP INDEX messages_files; ALTER TABLE messages DROP COLUMN attachments; ALTER TABLE outbox DROP COLUMN attachments; \
             ALTER TABLE displaced DROP COLUMN attachments; DELETE FROM meta WHERE key = 'terms'; \
             DELETE FROM refinery_schema_history WHERE version >= 6;",
        )
        .expect("the schema before the search");
    let folder = Folder::take(dir.path()).expect("the folder is free");
    let (db, loaded) = open(&folder).expect("it is brought up to date");
    assert_eq!(loaded.chats.len(), 1);
    assert_eq!(count(dir.path(), "unfound"), 500, "not while it is opened");
    assert_eq!(page(&db, &look("pear")).expect("a page").rows.len(), 50);
}

#[test]
fn an_edited_message_is_found_by_what_it_says_now_and_a_deleted_one_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let about = |seq: u64, kind, body: &str, sender: u64| {
        let Change::Message(conv, mut message) = text(CONV, seq, seq, body) else {
            unreachable!("it is a message")
        };
        (message.kind, message.target, message.sender) = (kind, Some(1), AccountId(sender));
        Change::Message(conv, message)
    };
    let first = vec![
        text(CONV, 1, 1, "tea at four"),
        about(2, EntryKind::Edit, "tea at six", 2),
        about(3, EntryKind::Edit, "coffee at six", 2),
        about(4, EntryKind::Edit, "somebody else's words", 7),
        about(5, EntryKind::Reaction, "👍", 2),
    ];
    write(dir.path(), vec![apply(first)]);
    for gone in ["four", "tea", "somebody", "👍"] {
        assert!(bodies(dir.path(), gone).is_empty(), "{gone}");
    }
    let hits = found(dir.path(), &look("coffee"));
    assert_eq!((hits.len(), hits[0].message.seq), (1, 1));
    assert_eq!(hits[0].message.body, "coffee at six");
    write(dir.path(), vec![apply(vec![about(6, EntryKind::Delete, "", 2)])]);
    assert!(bodies(dir.path(), "coffee").is_empty());
    let db = database(dir.path());
    let sql = "SELECT count(*) FROM words WHERE words MATCH 'coffee OR tea OR four'";
    let left: i64 = db.query_row(sql, [], |row| row.get(0)).expect("a count");
    assert_eq!(left, 0, "no term stays behind");
}

#[test]
fn files_are_found_by_caption_and_name_until_their_message_is_deleted() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let with_files = |seq: u64, caption: &str, names: &[&str]| {
        let Change::Message(conv, mut message) = text(CONV, seq, seq, caption) else {
            unreachable!("it is a message")
        };
        message.kind = EntryKind::File;
        message.attachments = names.iter().map(|name| attachment(name)).collect();
        Change::Message(conv, message)
    };
    let files = vec![
        with_files(
            1,
            "for the move",
            &["floorplan v3.pdf", "\u{5E73}\u{9762}\u{56FE}.png"],
        ),
        with_files(2, "", &["floorplan v4.pdf"]),
    ];
    write(dir.path(), vec![apply(files)]);
    // Once from what is in no index yet, once from the index.
    for _ in 0..2 {
        for (query, seqs) in [
            ("floorplan", vec![2, 1]),
            ("move", vec![1]),
            ("\u{9762}\u{56FE}", vec![1]),
            ("move v3", vec![1]),
            ("v4.pdf", vec![2]),
        ] {
            let hits = found(dir.path(), &look(query));
            let at: Vec<u64> = hits.iter().map(|hit| hit.message.seq).collect();
            assert_eq!(at, seqs, "{query}");
            assert!(hits.iter().all(|hit| !hit.message.attachments.is_empty()));
        }
        while words::keep_up(&database(dir.path()), 100).expect("taken over") {}
    }
    assert_eq!(count(dir.path(), "unfound"), 0);
    for (seq, target) in [(3, 1), (4, 2)] {
        let Change::Message(conv, mut message) = text(CONV, seq, seq, "") else {
            unreachable!("it is a message")
        };
        (message.kind, message.target) = (EntryKind::Delete, Some(target));
        write(dir.path(), vec![apply(vec![Change::Message(conv, message)])]);
    }
    assert!(found(dir.path(), &look("floorplan")).is_empty());
    while words::keep_up(&database(dir.path()), 100).expect("taken over") {}
    let sql = "SELECT count(*) FROM words WHERE words MATCH 'floorplan OR move OR v4 OR pdf OR v3'";
    let left: i64 = database(dir.path())
        .query_row(sql, [], |row| row.get(0))
        .expect("a count");
    assert_eq!(left, 0, "no term stays behind");
}

fn attachment(name: &str) -> Attachment {
    Attachment {
        hash: BlobHash([7; 32]),
        size: 3,
        name: name.to_owned(),
        media: String::new(),
        width: None,
        height: None,
    }
}
