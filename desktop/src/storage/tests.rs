//! What must survive the end of the program at any point. A kill is a reopening: SQLite promises the rest.

use super::folder::Folder;
use super::writer::{Told, Writer};
use super::{newest_schema, open};
use crate::model::chat::Message;
use crate::model::command::{Account, Change, LinkCommand, OutRow, Place, StoreCommand};
use crate::model::event::{Event, Loaded, Stamp, StoreEvent};
use crate::model::group::PictureOf;
use crate::model::person::Person;
use crate::model::{ClockChoice, Settings, ThemeChoice, Trouble};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, BlobHash, ConvId, Mid, ServerId};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

mod entries;
mod gaps;
mod golden;
mod groups;
mod pins;
mod prefs;
mod rescue;
mod search;

const CONV: ConvId = ConvId(31);

fn account() -> Account {
    let (server, account, token) = (ServerId([7; 16]), AccountId(1), Some(Secret("token".into())));
    Account {
        server,
        account,
        token,
        host: "h".into(),
        port: 7463,
        ..Account::default()
    }
}

fn row(n: u8) -> OutRow {
    OutRow {
        mid: Mid([n; 16]),
        conv: CONV,
        body: format!("text {n}"),
        ts: u64::from(n),
        ..OutRow::default()
    }
}

fn message(seq: u64, mid: Mid) -> Change {
    let (sender, body) = (AccountId(1), "text".to_owned());
    let message = Message {
        seq,
        prev_seq: seq - 1,
        n: seq,
        sender,
        mid,
        ts: seq,
        body,
        ..Message::default()
    };
    Change::Message(CONV, Box::new(message))
}

/// Runs commands through the writer, waits until all are on the disk, and returns what the link was told.
fn write(path: &Path, commands: Vec<StoreCommand>) -> (Vec<LinkCommand>, Vec<StoreEvent>) {
    let folder = Folder::take(path).expect("the folder is free");
    let (connection, _) = open(&folder).expect("the data opens");
    let (link, told) = sync_channel(100);
    let (events, heard) = sync_channel(100);
    let told_link = Box::new(move |command| link.send(command).expect("the test listens"));
    let told_event = Box::new(move |event| events.send(event).expect("the test listens"));
    let writer = Writer::start(
        connection,
        Told {
            event: told_event,
            link: told_link,
        },
    )
    .expect("a thread");
    for command in commands {
        writer.hand(command).expect("the queue has room");
    }
    drop(writer);
    (told.iter().collect(), store_events(&heard))
}

fn store_events(heard: &Receiver<Event>) -> Vec<StoreEvent> {
    let inner = |event| {
        if let Event::Store(event) = event {
            Some(event)
        } else {
            None
        }
    };
    heard.iter().filter_map(inner).collect()
}

fn load(path: &Path) -> Loaded {
    let folder = Folder::take(path).expect("the folder is free");
    open(&folder).expect("the data opens").1
}

fn apply(changes: Vec<Change>) -> StoreCommand {
    StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    }
}

fn begun(path: &Path) {
    let changes = vec![
        Change::Conv(CONV, AccountId(2), 0, 0),
        Change::Person(Box::new(Person::unknown(AccountId(2)))),
    ];
    let save = StoreCommand::SaveAccount(Box::new(account()));
    write(path, vec![save, apply(changes)]);
}

#[test]
fn a_message_is_in_the_outbox_before_the_link_hears_of_it_and_survives() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let (told, _) = write(
        dir.path(),
        vec![StoreCommand::Outbox(row(1)), StoreCommand::Outbox(row(2))],
    );
    assert_eq!(told, [LinkCommand::Send(row(1)), LinkCommand::Send(row(2))]);
    let loaded = load(dir.path());
    let waiting: Vec<_> = loaded.chats[&CONV]
        .waiting
        .iter()
        .map(|waiting| waiting.mid)
        .collect();
    assert_eq!(waiting, [Mid([1; 16]), Mid([2; 16])]);
}

#[test]
fn a_stored_message_leaves_the_outbox_in_the_same_step() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let place = Some(Place {
        cursor: 90,
        ..Place::default()
    });
    let stamp = Some(Stamp { conn: 1, count: 4 });
    let changes = vec![message(1, Mid([1; 16]))];
    let apply = StoreCommand::Apply {
        changes,
        stamp,
        place,
    };
    let (told, _) = write(
        dir.path(),
        vec![StoreCommand::Outbox(row(1)), apply.clone(), apply],
    );
    assert!(told.contains(&LinkCommand::Stored(Stamp { conn: 1, count: 4 }, place)));
    let loaded = load(dir.path());
    let chat = &loaded.chats[&CONV];
    assert_eq!((chat.messages.len(), chat.waiting.len()), (1, 0));
    assert_eq!(loaded.account.map(|account| account.place.cursor), Some(90));
}

#[test]
fn forget_keeps_outbox_and_drafts() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let forget = StoreCommand::Apply {
        changes: vec![Change::Forget],
        stamp: None,
        place: None,
    };
    let conv = StoreCommand::Apply {
        changes: vec![Change::Conv(CONV, AccountId(2), 0, 0)],
        stamp: None,
        place: None,
    };
    let draft = StoreCommand::Draft(CONV, "half a thought".into());
    write(
        dir.path(),
        vec![StoreCommand::Outbox(row(1)), draft, forget, conv],
    );
    let loaded = load(dir.path());
    assert_eq!(loaded.chats[&CONV].waiting.len(), 1);
    assert_eq!(loaded.chats[&CONV].draft, "half a thought");
    assert!(loaded.people.is_empty());
}

fn reads(path: &Path, changes: Vec<Change>) -> Vec<(ConvId, u64)> {
    let apply = StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    };
    write(path, vec![apply]);
    load(path).reads.into_iter().collect()
}

#[test]
fn a_place_read_is_kept_until_the_server_knows_it_and_only_rises() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let unsaid = |seq| Change::ReadUnsaid(CONV, seq);
    assert_eq!(reads(dir.path(), vec![unsaid(5), unsaid(3)]), [(CONV, 5)]);
    let later = vec![Change::Forget, Change::ReadSaid(CONV, 4)];
    assert_eq!(reads(dir.path(), later), [(CONV, 5)], "not known up to there");
    assert_eq!(reads(dir.path(), vec![Change::ReadSaid(CONV, 5)]), []);
    assert_eq!(
        reads(dir.path(), vec![unsaid(6), Change::ConvGone(CONV)]),
        [],
        "a chat that is gone takes it along"
    );
}

#[test]
fn an_old_message_sent_after_all_is_young_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let again = OutRow { ts: 900, ..row(1) };
    write(
        dir.path(),
        vec![StoreCommand::Outbox(row(1)), StoreCommand::Outbox(again)],
    );
    let waiting = &load(dir.path()).chats[&CONV].waiting;
    let times: Vec<_> = waiting.iter().map(|waiting| waiting.ts).collect();
    assert_eq!(times, [900]);
}

#[test]
fn data_of_the_first_version_opens_with_everything_in_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::take(dir.path()).expect("the folder is free");
    let mut connection = rusqlite::Connection::open(folder.database()).expect("a database");
    super::migrations::migrations::runner()
        .set_target(refinery::Target::Version(1))
        .run(&mut connection)
        .expect("the first schema");
    let sql = "INSERT INTO accounts (server, account, device, username, owner, host, port, pin, server_name, epoch, \
               boot, cursor, shown) VALUES (?1, 1, 1, 'mira', 0, 'h', 1, 'sha256/x', 'home', ?1, 4, 9, 1)";
    connection.execute(sql, [[7_u8; 16].as_slice()]).expect("a row");
    drop(connection);
    let (_, loaded) = open(&folder).expect("the data opens");
    let account = loaded.account.expect("it is still there");
    assert_eq!(
        (account.pin.as_str(), account.next_pin.as_str()),
        ("sha256/x", "")
    );
    assert_eq!(account.place.cursor, 9);
}

#[test]
fn the_announced_key_is_kept_with_the_account() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let next_pin = "sha256/next".to_owned();
    let account = Account {
        next_pin: next_pin.clone(),
        ..account()
    };
    write(dir.path(), vec![StoreCommand::SaveAccount(Box::new(account))]);
    assert_eq!(load(dir.path()).account.map(|it| it.next_pin), Some(next_pin));
}

#[test]
fn settings_are_there_at_the_next_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let changed = |mut settings: Settings| {
        settings.theme = ThemeChoice::Dark;
        settings.reduce_motion = true;
        settings.by_recency = true;
        settings.list_width = 320;
        settings.ctrl_enter_sends = true;
        settings.clock = ClockChoice::Twelve;
        settings.recent_emoji = vec!["🍵".to_owned(), "❤️".to_owned()];
        settings
    };
    let settings = changed(Settings::default());
    write(dir.path(), vec![StoreCommand::Settings(settings.clone())]);
    assert_eq!(load(dir.path()).settings, settings);
}

#[test]
fn what_the_server_lost_goes_back_to_the_outbox_before_what_was_written_since() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let theirs = |change: Change| match change {
        Change::Message(conv, mut message) => {
            message.sender = AccountId(2);
            Change::Message(conv, message)
        }
        other => other,
    };
    let apply = |changes| StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    };
    let held = vec![
        message(1, Mid([11; 16])),
        message(2, Mid([12; 16])),
        theirs(message(3, Mid([13; 16]))),
        message(4, Mid([14; 16])),
    ];
    let conv = || Change::Conv(CONV, AccountId(2), 1, 1);
    write(dir.path(), vec![apply(held), StoreCommand::Outbox(row(1))]);
    // Cut short after the first step, by a kill: the next snapshot of the same life only forgets.
    write(dir.path(), vec![apply(vec![Change::GoBack])]);
    write(dir.path(), vec![apply(vec![Change::Forget])]);
    let again = vec![conv(), Change::Base(CONV, 1), Change::Base(CONV, 1)];
    let (link, events) = write(dir.path(), vec![apply(again)]);
    let mids = |rows: &[OutRow]| rows.iter().map(|row| row.mid.0[0]).collect::<Vec<u8>>();
    match (&link[..], &events[..]) {
        ([LinkCommand::Return(told)], [StoreEvent::Returned(CONV, heard)]) => {
            assert_eq!(mids(told), [12, 14], "one's own, above the place, in order");
            assert_eq!(told, heard);
        }
        other => panic!("{other:?}"),
    }
    let loaded = load(dir.path());
    let chat = &loaded.chats[&CONV];
    let waiting: Vec<u8> = chat.waiting.iter().map(|waiting| waiting.mid.0[0]).collect();
    assert_eq!(waiting, [12, 14, 1]);
    assert!(chat.messages.is_empty());
}

#[test]
fn a_second_app_on_the_folder_is_told_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = Folder::take(dir.path()).expect("the folder is free");
    assert!(matches!(Folder::take(dir.path()), Err(Trouble::FolderInUse(_))));
    drop(first);
    assert!(Folder::take(dir.path()).is_ok());
}

#[test]
fn a_folder_that_is_a_file_cannot_be_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, b"").expect("a file");
    assert!(matches!(
        Folder::take(&file.join("data")),
        Err(Trouble::FolderUnwritable(_))
    ));
}

#[test]
fn data_of_a_newer_program_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let folder = Folder::take(dir.path()).expect("the folder is free");
    let (connection, _) = open(&folder).expect("the data opens");
    let sql = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (?1, 'later', '', '')";
    connection.execute(sql, [newest_schema() + 1]).expect("a row");
    drop(connection);
    assert!(matches!(open(&folder), Err(Trouble::NewerData)));
}

#[test]
fn a_copied_folder_has_no_token() {
    let dir = tempfile::tempdir().expect("a folder");
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    begun(&one);
    assert!(load(&one).account.is_some_and(|account| account.token.is_some()));
    std::fs::create_dir(&two).expect("a folder");
    for file in std::fs::read_dir(&one).expect("files").flatten() {
        std::fs::copy(file.path(), two.join(file.file_name())).expect("a copy");
    }
    let copied = load(&two).account.expect("the account itself is copied");
    assert_eq!(copied.token, None);
}

#[test]
fn a_picture_that_is_missing_is_asked_for_once_stored_no_more() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let hash = BlobHash([9; 32]);
    let need = StoreCommand::NeedBlob(PictureOf::Person(AccountId(2)), hash);
    let put = StoreCommand::PutBlob(hash, Arc::new(vec![1, 2, 3]));
    let (_, events) = write(dir.path(), vec![need.clone(), put, need]);
    assert!(matches!(
        events.as_slice(),
        [StoreEvent::BlobMissing(..), StoreEvent::BlobStored(_)]
    ));
    let reader = super::Pictures::new(&dir.path().join("breeze.db"));
    assert_eq!(reader.read(hash), Some(vec![1, 2, 3]));
    assert_eq!(reader.read(BlobHash([8; 32])), None);
}

#[test]
fn many_chats_load_fast_enough_for_the_first_frame() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let mut changes = Vec::new();
    for conv in 0..24 {
        changes.push(Change::Conv(ConvId(conv), AccountId(100 + conv), 0, 0));
        for seq in 1..=100 {
            let Change::Message(_, message) = message(seq, Mid([1; 16])) else {
                continue;
            };
            changes.push(Change::Message(ConvId(conv), message));
        }
    }
    write(
        dir.path(),
        vec![StoreCommand::Apply {
            changes,
            stamp: None,
            place: None,
        }],
    );
    let loaded = load(dir.path());
    assert_eq!(loaded.chats[&ConvId(3)].messages.len(), 40);
    assert!(loaded.chats[&ConvId(3)].more);
}
