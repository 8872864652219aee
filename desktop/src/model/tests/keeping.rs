//! How long messages are kept: the dialog, what is forgotten, and that nothing is missing then.

use super::*;
use crate::model::Dialog;
use crate::model::chat::Waiting;
use crate::model::event::StoreEvent;
use crate::model::files::FileCommand;
use crate::model::keeping::KeepingAct;
use breeze_protocol::BlobHash;
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::Nack;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::control::Done;
use breeze_protocol::message::item::Conv;
use breeze_protocol::message::keep::ConvKeep;
use std::collections::BTreeSet;

/// A model that is up, with three messages of Rosa's.
fn talk() -> Model {
    let mut model = model();
    for seq in 1..=3 {
        server(&mut model, at(0), entry(seq, ROSA, "hello"));
    }
    model
}

fn told(from: u64, keep_days: u64) -> ItemState {
    ItemState::Conv(Conv {
        conv: CONV,
        members: vec![ME, ROSA],
        head: 3,
        n: 3,
        keep_days,
        from,
        ..Conv::default()
    })
}

fn wished(commands: &[Command]) -> Vec<ConvKeep> {
    let of = |command: &Command| match command {
        Command::Link(LinkCommand::Request(Ask::Keeping, message)) => match &**message {
            breeze_protocol::ClientMessage::ConvKeep(wish) => Some(*wish),
            _ => None,
        },
        _ => None,
    };
    commands.iter().filter_map(of).collect()
}

fn shown(model: &Model) -> Option<(u64, bool, Option<String>)> {
    match &model.dialog {
        Some(Dialog::Keeping(it)) => Some((it.days, it.busy, it.error.clone())),
        _ => None,
    }
}

#[test]
fn what_is_over_is_forgotten_and_nothing_is_missing_or_unread() {
    let mut model = talk();
    assert_eq!(model.chats[&CONV].unread, 3);
    let commands = server(&mut model, at(9), told(3, 7).into_item(300));
    let chat = &model.chats[&CONV];
    assert_eq!((chat.keep_days, chat.more), (7, false));
    let left: Vec<_> = chat.messages.values().map(|it| (it.seq, it.prev_seq)).collect();
    assert_eq!(left, [(3, 0)]);
    let changes = changes(&commands);
    assert!(changes.contains(&&Change::KeepDays(CONV, 7)), "{changes:?}");
    assert!(changes.contains(&&Change::ForgetBefore(CONV, 3)), "{changes:?}");
    let mark = ItemState::Mark(breeze_protocol::message::item::ConvMark {
        conv: CONV,
        mark: Mark {
            account: ME,
            delivered: 2,
            read: 2,
        },
    });
    server(&mut model, at(10), mark.into_item(301));
    assert_eq!(model.chats[&CONV].unread, 1, "the one that is left");
    server(&mut model, at(11), told(3, 7).into_item(302));
    assert_eq!(
        model.chats[&CONV].unread, 1,
        "one's own mark stays, though it lies below"
    );
}

#[test]
fn it_is_asked_of_the_server_and_the_dialog_goes_when_it_is_done() {
    let (mut model, mut mint) = (talk(), Count(0));
    let mut act = |model: &mut Model, act| model.act(at(1), Action::Keeping(act), &mut mint);
    act(&mut model, KeepingAct::Show(CONV));
    assert_eq!(shown(&model), Some((0, false, None)));
    assert_eq!(model.keep_choices(CONV), [0, 365, 90, 30, 7, 1]);
    act(&mut model, KeepingAct::Choose(30));
    let commands = act(&mut model, KeepingAct::Confirm);
    let [wish] = wished(&commands)[..] else {
        panic!("{commands:?}")
    };
    assert_eq!((wish.conv, wish.days), (CONV, 30));
    assert_eq!(shown(&model), Some((30, true, None)));
    assert!(wished(&act(&mut model, KeepingAct::Confirm)).is_empty(), "once");
    let nack = Nack {
        mid: wish.mid,
        code: NackCode::NoRight,
        transient: false,
        retry_ms: 0,
    };
    let refused = Reply::Message(Box::new(nack.into()));
    model.apply(at(2), Event::Answer(Ask::Keeping, refused));
    let (days, busy, error) = shown(&model).expect("it stays");
    assert_eq!((days, busy, error.is_some()), (30, false, true));
    act(&mut model, KeepingAct::Confirm);
    model.apply(at(3), Event::Answer(Ask::Keeping, Reply::Lost));
    assert!(shown(&model).expect("it stays").2.is_some(), "no connection");
    act(&mut model, KeepingAct::Confirm);
    let done = Reply::Message(Box::new(Done {}.into()));
    model.apply(at(4), Event::Answer(Ask::Keeping, done));
    assert_eq!(shown(&model), None);
}

#[test]
fn a_number_of_days_set_elsewhere_is_among_the_choices() {
    let mut model = talk();
    server(&mut model, at(9), told(1, 14).into_item(300));
    assert_eq!(model.keep_choices(CONV), [0, 365, 90, 30, 14, 7, 1]);
}

#[test]
fn files_that_were_forgotten_go_from_this_computer_and_those_that_wait_stay() {
    let mut model = talk();
    let commands = server(&mut model, at(9), told(3, 7).into_item(300));
    assert!(
        commands.contains(&StoreCommand::NamedFiles.into()),
        "{commands:?}"
    );
    let again = server(&mut model, at(10), told(3, 7).into_item(301));
    assert!(
        !again.contains(&StoreCommand::NamedFiles.into()),
        "nothing more went"
    );
    let waiting = BlobHash([9; 32]);
    let chat = model.chats.get_mut(&CONV).expect("the chat");
    chat.waiting.push(Waiting {
        attachments: vec![Attachment {
            hash: waiting,
            size: 1,
            name: "mine".into(),
            media: String::new(),
            width: None,
            height: None,
        }],
        ..Waiting::default()
    });
    let named = BTreeSet::from([BlobHash([1; 32])]);
    let commands = model.apply(at(11), Event::Store(StoreEvent::NamedFiles(named.clone())));
    let kept = named.into_iter().chain([waiting]).collect();
    assert_eq!(commands, [FileCommand::KeepOnly(kept).into()]);
}
