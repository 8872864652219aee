//! Golden databases of the app: one of each schema from 11 on, each opened by every later program with everything in it.

use super::{CONV, account, apply, load, message, newest_schema, row, write};
use crate::model::chat::Chat;
use crate::model::command::{Change, StoreCommand};
use crate::model::entry_acts::About;
use crate::model::person::Person;
use breeze_protocol::message::chat::Mark;
use breeze_protocol::message::pin::{Pin, Pins};
use breeze_protocol::message::prefs::Prefs;
use breeze_protocol::{AccountId, Mid};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const FILE: &str = "breeze.db";

fn golden(schema: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/v{schema}.db"))
}

fn pins() -> Vec<Pin> {
    vec![Pin {
        seq: 2,
        by: AccountId(2),
        ts: 7,
    }]
}

/// Everything a person would miss.
fn whole() -> Vec<StoreCommand> {
    let mut rosa = Person::unknown(AccountId(2));
    (rosa.username, rosa.display_name) = ("rosa".into(), "Rosa".into());
    let changes = vec![
        Change::Person(Box::new(rosa)),
        Change::Conv(CONV, AccountId(2), 3, 3),
        Change::KeepDays(CONV, 30),
        message(1, Mid([11; 16])),
        message(2, Mid([12; 16])),
        message(3, Mid([13; 16])),
        Change::Mark(
            CONV,
            Mark {
                account: AccountId(1),
                delivered: 3,
                read: 2,
            },
        ),
        Change::Prefs(Prefs {
            conv: CONV,
            pinned: true,
            ..Prefs::default()
        }),
        Change::Pins(Pins {
            conv: CONV,
            pins: pins(),
        }),
    ];
    vec![
        StoreCommand::SaveAccount(Box::new(account())),
        apply(changes),
        StoreCommand::Outbox(row(1)),
        StoreCommand::Draft(CONV, "half a thought".into()),
        StoreCommand::Answers(CONV, Some(3)),
    ]
}

fn check(chat: &Chat, schema: u32) {
    assert_eq!(chat.keep_days, if schema < 12 { 0 } else { 30 });
    let seqs: Vec<u64> = chat.messages.keys().copied().collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(chat.mark(AccountId(1)).read, 2);
    assert!(chat.prefs.pinned);
    assert_eq!(chat.pins, pins());
    assert_eq!(chat.waiting.len(), 1);
    assert_eq!(chat.draft, "half a thought");
    assert_eq!(chat.about, Some(About::Reply(3)));
}

#[test]
fn every_golden_database_still_opens_with_everything_in_it() {
    for schema in 11..=newest() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::copy(golden(schema), dir.path().join(FILE)).expect("it is there");
        let loaded = load(dir.path());
        check(&loaded.chats[&CONV], schema);
        assert_eq!(loaded.people[&AccountId(2)].display_name, "Rosa");
        assert!(loaded.account.is_some_and(|account| account.host == "h"));
    }
}

fn newest() -> u32 {
    u32::try_from(newest_schema()).expect("a small number")
}

/// Writes the golden database of the present schema. Only ever run once per schema: `cargo test -- --ignored make_golden`.
#[test]
#[ignore = "makes the golden database of the present schema"]
fn make_golden() {
    let path = golden(newest());
    assert!(!path.exists(), "golden databases are only ever added");
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), whole());
    check(&load(dir.path()).chats[&CONV], newest());
    let file = dir.path().join(FILE);
    let database = Connection::open(&file).expect("the database");
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("the log is emptied");
    drop(database);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    std::fs::copy(file, path).expect("it can be copied");
}
