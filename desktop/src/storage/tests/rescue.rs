//! Damaged data: noticed, put aside, made anew, and what is nowhere else saved where it can be read.

use super::{CONV, account, begun, load, message, row, write};
use crate::model::command::{Change, StoreCommand};
use breeze_protocol::Mid;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

const PAGE: u64 = 4096;

fn full(path: &Path) {
    begun(path);
    let rows = (1..=2000_u64).map(|seq| {
        let mut mid = [0; 16];
        mid[8..].copy_from_slice(&seq.to_be_bytes());
        message(seq, Mid(mid))
    });
    let apply = StoreCommand::Apply {
        changes: rows.collect(),
        stamp: None,
        place: None,
    };
    let draft = StoreCommand::Draft(CONV, "half a thought".into());
    write(
        path,
        vec![
            apply,
            StoreCommand::Outbox(row(1)),
            StoreCommand::Outbox(row(2)),
            draft,
        ],
    );
}

/// Overwrites the pages a table of this name lives on.
fn damage(path: &Path, of: &str) {
    let database = path.join("breeze.db");
    let pages: Vec<u64> = {
        let db = rusqlite::Connection::open(&database).expect("the database");
        let sql = "SELECT pageno FROM dbstat WHERE name = ?1";
        let mut statement = db.prepare(sql).expect("statistics");
        let pages = statement
            .query_map([of], |row| row.get::<_, i64>(0))
            .expect("pages");
        pages
            .map(|page| u64::try_from(page.expect("a number")).expect("positive"))
            .collect()
    };
    assert!(!pages.is_empty(), "{of} has pages");
    let mut file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(database)
        .expect("the file");
    for page in pages {
        file.seek(SeekFrom::Start((page - 1) * PAGE)).expect("a place");
        let mut before = [0; 16];
        file.read_exact(&mut before).expect("a page");
        file.seek(SeekFrom::Start((page - 1) * PAGE)).expect("a place");
        file.write_all(&[0x5a; 4096]).expect("written");
    }
}

#[test]
fn damaged_messages_cost_no_draft_and_nothing_unsent() {
    let dir = tempfile::tempdir().expect("a folder");
    full(dir.path());
    damage(dir.path(), "messages");
    let loaded = load(dir.path());
    let rescued = loaded.rescued.expect("it was noticed");
    assert_eq!((rescued.account, rescued.messages, rescued.drafts), (true, 2, 1));
    let kept = loaded.account.expect("still signed in");
    assert_eq!((kept.token, kept.place.cursor), (account().token, 0));
    assert!(Path::new(&rescued.aside).is_file(), "what was damaged is kept");
    let waiting: Vec<_> = loaded.chats[&CONV].waiting.iter().map(|it| it.mid).collect();
    assert_eq!(waiting, [row(1).mid, row(2).mid]);
    assert!(load(dir.path()).rescued.is_none(), "said once");
}

#[test]
fn a_file_that_is_no_database_is_put_aside_and_one_signs_in_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    for round in 1..=2 {
        std::fs::write(
            dir.path().join("breeze.db"),
            "no database at all, but long enough to be one".repeat(200),
        )
        .expect("written");
        let loaded = load(dir.path());
        let rescued = loaded.rescued.expect("it was noticed");
        assert!(!rescued.account && loaded.account.is_none());
        assert!(
            rescued.aside.ends_with(&format!("damaged-{round}.db")),
            "{}",
            rescued.aside
        );
    }
}

#[test]
fn damage_found_while_running_is_looked_after_at_the_next_start() {
    let dir = tempfile::tempdir().expect("a folder");
    full(dir.path());
    // The newest messages can be read, the older ones cannot: nothing is noticed until one scrolls.
    let database = dir.path().join("breeze.db");
    let db = rusqlite::Connection::open(&database).expect("the database");
    let sql = "SELECT pageno FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 1";
    let page: i64 = db.query_row(sql, [], |row| row.get(0)).expect("a leaf");
    drop(db);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(&database)
        .expect("the file");
    let place = (u64::try_from(page).expect("positive") - 1) * PAGE;
    file.seek(SeekFrom::Start(place)).expect("a place");
    file.write_all(&[0x5a; 4096]).expect("written");
    drop(file);
    assert!(load(dir.path()).rescued.is_none());
    let older = StoreCommand::Older {
        conv: CONV,
        before: 150,
    };
    write(dir.path(), vec![older]);
    let rescued = load(dir.path()).rescued.expect("it was noted");
    assert_eq!((rescued.messages, rescued.drafts), (2, 1));
    assert!(load(dir.path()).rescued.is_none());
    let more = StoreCommand::Apply {
        changes: vec![Change::Conv(CONV, breeze_protocol::AccountId(2), 0, 0)],
        stamp: None,
        place: None,
    };
    write(dir.path(), vec![more]);
}
