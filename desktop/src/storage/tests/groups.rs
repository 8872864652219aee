//! Groups outlive the program, and what lies before one's own joining does not.

use super::*;
use crate::model::group::Group;
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::{EntryKind, Mark};
use breeze_protocol::message::group::Role;

fn group(from: u64) -> Group {
    Group {
        title: "Tea House".into(),
        avatar: Some(BlobHash([7; 32])),
        role: Role::Admin,
        count: 2,
        owner: AccountId(2),
        admins: vec![AccountId(1)],
        from,
        members: vec![AccountId(1), AccountId(2)],
    }
}

fn entry(seq: u64, kind: EntryKind) -> Change {
    let message = Message {
        seq,
        prev_seq: seq - 1,
        sender: AccountId(2),
        mid: Mid([u8::try_from(seq).unwrap(); 16]),
        body: format!("entry {seq}"),
        kind,
        ..Message::default()
    };
    Change::Message(CONV, Box::new(message))
}

#[test]
fn a_group_comes_back_as_it_was_without_what_was_before_the_joining() {
    let dir = tempfile::tempdir().unwrap();
    let mark = |account, delivered| {
        let account = AccountId(account);
        Change::Mark(
            CONV,
            Mark {
                account,
                delivered,
                read: 0,
            },
        )
    };
    let changes = vec![
        Change::Conv(CONV, AccountId(0), 4, 3),
        Change::Group(CONV, Box::new(group(1))),
        entry(1, EntryKind::Text),
        entry(2, EntryKind::Member),
        entry(3, EntryKind::Text),
        mark(2, 1),
        mark(1, 3),
        Change::Conv(CONV, AccountId(0), 4, 3),
        Change::Group(CONV, Box::new(group(2))),
        Change::ForgetBefore(CONV, 2),
    ];
    begun(dir.path());
    let apply = StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    };
    write(dir.path(), vec![apply]);
    let loaded = load(dir.path());
    let chat = &loaded.chats[&CONV];
    assert_eq!(chat.group, Some(group(2)));
    let kinds: Vec<_> = chat.messages.values().map(|it| (it.seq, it.kind)).collect();
    assert_eq!(kinds, [(2, EntryKind::Member), (3, EntryKind::Text)]);
    assert_eq!(chat.marks.len(), 1);
}

#[test]
fn what_is_over_names_no_file_any_more() {
    let dir = tempfile::tempdir().unwrap();
    begun(dir.path());
    let file = |seq: u64| {
        let byte = u8::try_from(seq).unwrap();
        let attachment = Attachment {
            hash: BlobHash([byte; 32]),
            size: 1,
            name: "a file".into(),
            media: String::new(),
            width: None,
            height: None,
        };
        let message = Message {
            seq,
            prev_seq: seq - 1,
            mid: Mid([byte; 16]),
            kind: EntryKind::File,
            attachments: vec![attachment],
            ..Message::default()
        };
        Change::Message(CONV, Box::new(message))
    };
    let named = || {
        let db = rusqlite::Connection::open(dir.path().join("breeze.db")).unwrap();
        let named = super::super::attachments::named(&db).unwrap();
        named.into_iter().map(|hash| hash.0[0]).collect::<Vec<u8>>()
    };
    write(dir.path(), vec![apply(vec![file(1), file(2), file(3)])]);
    assert_eq!(named(), [1, 2, 3]);
    write(dir.path(), vec![apply(vec![Change::ForgetBefore(CONV, 3)])]);
    assert_eq!(named(), [3]);
}
