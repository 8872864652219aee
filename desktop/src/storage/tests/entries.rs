//! Edits, deletions, reactions and answers on the disk: in any order, and never a deleted word.

use super::*;
use breeze_protocol::message::chat::EntryKind;

fn entry(seq: u64, kind: EntryKind, target: Option<u64>, body: &str) -> Message {
    Message {
        seq,
        prev_seq: seq - 1,
        n: 1,
        sender: AccountId(2),
        mid: Mid([u8::try_from(seq).expect("few"); 16]),
        ts: seq,
        body: body.to_owned(),
        kind,
        target,
        attachments: Vec::new(),
    }
}

fn apply(messages: &[Message]) -> StoreCommand {
    let changes = messages
        .iter()
        .map(|message| Change::Message(CONV, Box::new(message.clone())));
    StoreCommand::Apply {
        changes: changes.collect(),
        stamp: None,
        place: None,
    }
}

fn held(path: &Path) -> Vec<Message> {
    load(path).chats[&CONV].messages.values().cloned().collect()
}

fn story() -> [Message; 5] {
    [
        entry(1, EntryKind::Text, None, "rosebud"),
        entry(2, EntryKind::Edit, Some(1), "rosebud again"),
        entry(3, EntryKind::Reaction, Some(1), "👍"),
        entry(4, EntryKind::Delete, Some(1), ""),
        entry(5, EntryKind::Text, Some(1), "an answer"),
    ]
}

#[test]
fn in_any_order_the_same_is_kept_and_nothing_deleted() {
    let story = story();
    let orders: [[usize; 5]; 4] = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 0, 4, 1, 2], [1, 3, 0, 2, 4]];
    for order in orders {
        let dir = tempfile::tempdir().expect("a folder");
        begun(dir.path());
        let rows = order.map(|at| story[at].clone());
        let (first, rest) = rows.split_at(2);
        write(dir.path(), vec![apply(first)]);
        write(dir.path(), vec![apply(rest), apply(rest)]);
        let held = held(dir.path());
        let bodies: Vec<_> = held.iter().map(|message| message.body.as_str()).collect();
        assert_eq!(bodies, ["", "", "👍", "", "an answer"], "{order:?}");
        let whats: Vec<_> = held
            .iter()
            .map(|message| (message.kind, message.target))
            .collect();
        assert_eq!(
            whats,
            story.each_ref().map(|message| (message.kind, message.target))
        );
    }
}

#[test]
fn a_deleted_word_is_not_in_the_file() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let long = |word: &str| format!("{word} {}", "padding ".repeat(1200));
    let mut story = story();
    story[0].body = long("rosebud");
    story[1].body = long("daffodil");
    write(dir.path(), vec![apply(&story[..3])]);
    write(dir.path(), vec![apply(&story[3..])]);
    let file = Folder::take(dir.path()).expect("the folder is free").database();
    let found = |word: &str| {
        let bytes = std::fs::read(&file).expect("the database");
        bytes.windows(word.len()).any(|part| part == word.as_bytes())
    };
    assert!(found("an answer"), "the file is the one that holds messages");
    assert!(!found("rosebud") && !found("daffodil"));
}

#[test]
fn a_deletion_by_another_erases_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let mut deletion = entry(2, EntryKind::Delete, Some(1), "");
    deletion.sender = AccountId(9);
    write(
        dir.path(),
        vec![apply(&[deletion, entry(1, EntryKind::Text, None, "kept")])],
    );
    assert_eq!(held(dir.path())[0].body, "kept");
}

#[test]
fn a_waiting_change_survives_and_leaves_the_outbox_when_it_is_stored() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let edit = OutRow {
        kind: EntryKind::Edit,
        target: Some(1),
        ..row(7)
    };
    let (told, _) = write(dir.path(), vec![StoreCommand::Outbox(edit.clone())]);
    assert_eq!(told, [LinkCommand::Send(edit.clone())]);
    let waiting = &load(dir.path()).chats[&CONV].waiting[0];
    assert_eq!(waiting.row(CONV), edit);
    let mut stored = entry(2, EntryKind::Edit, Some(1), "text 7");
    stored.mid = edit.mid;
    write(dir.path(), vec![apply(&[stored])]);
    assert!(load(dir.path()).chats[&CONV].waiting.is_empty());
}

#[test]
fn what_a_restored_server_lost_goes_back_without_naming_old_places() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let own = |seq, kind, target, body: &str| Message {
        sender: AccountId(1),
        ..entry(seq, kind, target, body)
    };
    let lost = [
        own(1, EntryKind::Text, None, "kept by the server"),
        own(2, EntryKind::Edit, Some(1), "edited since"),
        own(3, EntryKind::Text, None, "lost"),
        own(4, EntryKind::Edit, Some(3), "lost and edited"),
        own(5, EntryKind::Reaction, Some(3), "👍"),
        own(6, EntryKind::Text, Some(3), "an answer to the lost"),
        own(7, EntryKind::Text, Some(1), "an answer to the kept"),
        own(8, EntryKind::Text, None, "rosebud"),
        own(9, EntryKind::Delete, Some(8), ""),
        own(10, EntryKind::Delete, Some(1), ""),
    ];
    write(dir.path(), vec![apply(&lost)]);
    let back = |changes| StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    };
    let commands = vec![back(vec![Change::GoBack]), back(vec![Change::Base(CONV, 1)])];
    let (told, _) = write(dir.path(), commands);
    let rows = told.into_iter().find_map(|command| match command {
        LinkCommand::Return(rows) => Some(rows),
        _ => None,
    });
    let rows: Vec<_> = rows
        .expect("something comes back")
        .into_iter()
        .map(|row| (row.kind, row.target, row.body))
        .collect();
    let text = |target, body: &str| (EntryKind::Text, target, body.to_owned());
    let wanted = [
        text(None, "lost and edited"),
        text(None, "an answer to the lost"),
        text(Some(1), "an answer to the kept"),
        (EntryKind::Delete, Some(1), String::new()),
    ];
    assert_eq!(
        rows, wanted,
        "the edit of what is deleted has no words to bring back"
    );
    let waiting = load(dir.path()).chats[&CONV].waiting.clone();
    assert_eq!(waiting.len(), 4);
}

#[test]
fn what_is_answered_is_found_as_it_is_now() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let quoted = |path: &Path| {
        let (_, events) = write(
            path,
            vec![StoreCommand::Quote(CONV, 1), StoreCommand::Quote(CONV, 99)],
        );
        events
    };
    let found = |text: Option<&str>| vec![StoreEvent::Quoted(CONV, 1, AccountId(2), text.map(str::to_owned))];
    let story = story();
    assert_eq!(format!("{:?}", quoted(dir.path())), "[]");
    for (rows, text) in [
        (0..1, Some("rosebud")),
        (1..3, Some("rosebud again")),
        (3..5, None),
    ] {
        write(dir.path(), vec![apply(&story[rows])]);
        assert_eq!(format!("{:?}", quoted(dir.path())), format!("{:?}", found(text)));
    }
}

/// A device that was away for long gets a snapshot, and what lies below the gap it leaves may have been deleted
/// meanwhile: nothing of it stays, and it comes from the server again. Without a gap all of it stays.
#[test]
fn a_snapshot_leaves_nothing_readable_that_may_be_deleted() {
    for (newest, stays) in [(3, true), (60, false)] {
        let dir = tempfile::tempdir().expect("a folder");
        begun(dir.path());
        write(dir.path(), vec![apply(&story()[..2])]);
        let row = entry(newest, EntryKind::Text, None, "the newest");
        let snapshot = StoreCommand::Apply {
            changes: vec![
                Change::Forget,
                Change::Conv(CONV, AccountId(2), newest, 2),
                Change::Message(CONV, Box::new(row)),
                Change::Named(vec![CONV]),
            ],
            stamp: None,
            place: None,
        };
        write(dir.path(), vec![snapshot]);
        let file = Folder::take(dir.path()).expect("the folder is free").database();
        let db = rusqlite::Connection::open(file).expect("the database");
        let mut rows = db
            .prepare("SELECT body FROM messages ORDER BY seq")
            .expect("a look");
        let bodies: Vec<String> = rows
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .expect("texts");
        let held = bodies.iter().any(|body| body.contains("rosebud"));
        assert_eq!(
            (held, bodies.len()),
            (stays, if stays { 3 } else { 1 }),
            "{bodies:?}"
        );
    }
}

#[test]
fn the_files_of_a_message_are_kept_until_it_is_deleted_whichever_comes_first() {
    use breeze_protocol::message::attachment::Attachment;
    let file = Attachment {
        hash: breeze_protocol::BlobHash([3; 32]),
        size: 7,
        name: "plan.pdf".into(),
        media: "application/pdf".into(),
        width: None,
        height: Some(2),
    };
    let carried = Message {
        attachments: vec![file.clone()],
        ..entry(1, EntryKind::File, None, "")
    };
    let deletion = entry(2, EntryKind::Delete, Some(1), "");
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let waiting = OutRow {
        kind: EntryKind::File,
        attachments: vec![file.clone()],
        ..row(9)
    };
    write(
        dir.path(),
        vec![
            apply(std::slice::from_ref(&carried)),
            StoreCommand::Outbox(waiting.clone()),
        ],
    );
    assert_eq!(held(dir.path())[0].attachments, std::slice::from_ref(&file));
    let kept = &load(dir.path()).chats[&CONV].waiting[0];
    assert_eq!(
        (kept.kind, &kept.attachments),
        (EntryKind::File, &waiting.attachments)
    );
    write(dir.path(), vec![apply(std::slice::from_ref(&deletion))]);
    assert!(held(dir.path())[0].attachments.is_empty());
    let other = tempfile::tempdir().expect("a folder");
    begun(other.path());
    write(other.path(), vec![apply(&[deletion, carried])]);
    assert!(held(other.path())[0].attachments.is_empty());
}
