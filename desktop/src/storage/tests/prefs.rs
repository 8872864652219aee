//! How conversations are kept, over a restart and a snapshot.

use super::{CONV, apply, begun, load, write};
use crate::model::command::{Change, StoreCommand};
use crate::model::entry_acts::About;
use breeze_protocol::Mid;
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};

#[test]
fn a_wish_outlives_the_program_and_a_snapshot() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let kept = Prefs {
        conv: CONV,
        pinned: true,
        muted_until: 7,
        ..Prefs::default()
    };
    let wish = ItemSet {
        mid: Mid([3; 16]),
        conv: CONV,
        change: PrefsChange {
            archived: Some(true),
            ..PrefsChange::default()
        },
    };
    let conv = || Change::Conv(CONV, breeze_protocol::AccountId(2), 0, 0);
    write(
        dir.path(),
        vec![apply(vec![
            conv(),
            Change::Prefs(kept),
            Change::PrefsWish(CONV, Some(Box::new(wish))),
        ])],
    );
    let chat = &load(dir.path()).chats[&CONV];
    assert_eq!((chat.prefs, chat.wish), (kept, Some(wish)));
    assert!(chat.kept().pinned && chat.kept().archived);
    write(dir.path(), vec![apply(vec![Change::Forget, conv()])]);
    let chat = &load(dir.path()).chats[&CONV];
    assert_eq!((chat.prefs.pinned, chat.wish), (false, Some(wish)));
    write(dir.path(), vec![apply(vec![Change::PrefsWish(CONV, None)])]);
    assert_eq!(load(dir.path()).chats[&CONV].wish, None);
    write(
        dir.path(),
        vec![apply(vec![Change::Prefs(kept), Change::ConvGone(CONV), conv()])],
    );
    assert!(!load(dir.path()).chats[&CONV].kept().pinned);
}

#[test]
fn a_draft_and_what_the_server_knows_of_it_outlive_the_program() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let conv = Change::Conv(CONV, breeze_protocol::AccountId(2), 0, 0);
    write(
        dir.path(),
        vec![
            apply(vec![conv, Change::DraftKnown(CONV, "half".into())]),
            StoreCommand::Draft(CONV, "half a thought".into()),
        ],
    );
    let chat = &load(dir.path()).chats[&CONV];
    assert_eq!(
        (chat.draft.as_str(), chat.draft_known.as_str()),
        ("half a thought", "half")
    );
    write(dir.path(), vec![StoreCommand::Draft(CONV, String::new())]);
    let chat = &load(dir.path()).chats[&CONV];
    assert_eq!(
        (chat.draft.as_str(), chat.draft_known.as_str()),
        ("", "half"),
        "to be said"
    );
}

#[test]
fn what_a_draft_answers_outlives_the_program() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let conv = Change::Conv(CONV, breeze_protocol::AccountId(2), 4, 4);
    write(
        dir.path(),
        vec![apply(vec![conv]), StoreCommand::Answers(CONV, Some(3))],
    );
    let chat = &load(dir.path()).chats[&CONV];
    assert_eq!(
        (chat.about.clone(), chat.draft.as_str()),
        (Some(About::Reply(3)), "")
    );
    write(
        dir.path(),
        vec![
            StoreCommand::Draft(CONV, "because".into()),
            StoreCommand::Answers(CONV, None),
        ],
    );
    let chat = &load(dir.path()).chats[&CONV];
    assert_eq!((chat.about.clone(), chat.draft.as_str()), (None, "because"));
}
