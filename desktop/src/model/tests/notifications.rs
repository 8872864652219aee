//! Notifications: when one is raised, what it says, and when it is taken back.

use super::*;
use crate::model::NotifyOf;
use crate::model::command::{Commands, PlatformCommand};
use crate::model::notification::{Notification, NotificationCommand, NotificationEvent, Subject, clean};
use breeze_protocol::StatusKind;
use breeze_protocol::message::item::{Direction, Request};

/// A second chat, with Jon.
const OTHER: ConvId = ConvId(32);

fn shown(commands: &Commands) -> Vec<Notification> {
    let shown = |command: &Command| match command {
        Command::Notification(NotificationCommand::Show(it)) => Some((**it).clone()),
        _ => None,
    };
    commands.iter().filter_map(shown).collect()
}

fn closed(commands: &Commands) -> Vec<Subject> {
    let closed = |command: &Command| match command {
        Command::Notification(NotificationCommand::Close(subject)) => Some(*subject),
        _ => None,
    };
    commands.iter().filter_map(closed).collect()
}

fn elsewhere(seq: u64, body: &str) -> Entry {
    Entry {
        conv: OTHER,
        ..entry(seq, JON, body)
    }
}

/// The model with a second chat, and the person away from the window.
fn unfocused() -> Model {
    let mut model = model();
    let conv = Conv {
        conv: OTHER,
        members: vec![ME, JON],
        head: 0,
        n: 0,
        base_seq: 0,
        group: None,
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    model.act(at(0), Action::Focus(false), &mut Count(0));
    model
}

fn asks(account: AccountId) -> ItemState {
    ItemState::Request(Request {
        account,
        direction: Direction::In,
        username: "kim".into(),
        display_name: "Kim Ono".into(),
        ts: 5,
    })
}

#[test]
fn a_message_is_told_with_name_username_and_text() {
    let mut model = unfocused();
    let told = shown(&server(&mut model, at(1), entry(1, ROSA, "hello")));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject, Subject::Chat(CONV));
    assert_eq!(
        (told[0].title.as_str(), told[0].text.as_str()),
        ("Rosa @rosa", "hello")
    );
    let again = shown(&server(&mut model, at(2), entry(1, ROSA, "hello")));
    assert_eq!(again, [], "the same message again is no news");
    let second = shown(&server(&mut model, at(3), entry(2, ROSA, "are you there?")));
    assert_eq!(
        second[0].subject,
        Subject::Chat(CONV),
        "the same notification, replaced"
    );
    assert_eq!(second[0].title, "Rosa @rosa (2)");
    assert_eq!(second[0].text, "are you there?");
}

#[test]
fn nothing_is_told_of_the_chat_being_read_of_ones_own_messages_or_of_what_was_read() {
    let mut model = model();
    model.act(at(0), Action::OpenPerson(ROSA), &mut Count(0));
    assert_eq!(
        shown(&server(&mut model, at(1), entry(1, ROSA, "seen at once"))),
        []
    );
    let beside = shown(&server(&mut model, at(2), elsewhere(1, "another chat")));
    assert_eq!(beside.len(), 1, "the window is focused, and another chat is open");
    model.act(at(3), Action::Focus(false), &mut Count(0));
    assert_eq!(
        shown(&server(&mut model, at(4), entry(2, ME, "from my other device"))),
        []
    );
    let unseen = shown(&server(
        &mut model,
        at(5),
        entry(3, ROSA, "open, but nobody looks"),
    ));
    assert_eq!(unseen.len(), 1);
    let read = Mark {
        account: ME,
        delivered: 4,
        read: 4,
    };
    server(
        &mut model,
        at(6),
        Receipts {
            conv: CONV,
            marks: vec![read],
        },
    );
    let stale = shown(&server(
        &mut model,
        at(7),
        entry(4, ROSA, "read elsewhere before it came"),
    ));
    assert_eq!(stale, []);
}

#[test]
fn reading_takes_it_back_here_and_on_another_device() {
    let mut model = unfocused();
    server(&mut model, at(1), entry(1, ROSA, "hello"));
    server(&mut model, at(1), elsewhere(1, "hi"));
    let mut mint = Count(0);
    assert_eq!(closed(&model.act(at(2), Action::OpenPerson(ROSA), &mut mint)), []);
    model.act(at(2), Action::Focus(true), &mut mint);
    let read = model.act(at(3), Action::Seen(CONV, 1), &mut mint);
    assert_eq!(closed(&read), [Subject::Chat(CONV)]);
    let mark = Mark {
        account: ME,
        delivered: 1,
        read: 1,
    };
    let read = server(
        &mut model,
        at(4),
        Receipts {
            conv: OTHER,
            marks: vec![mark],
        },
    );
    assert_eq!(closed(&read), [Subject::Chat(OTHER)]);
}

#[test]
fn signing_out_takes_everything_back() {
    let mut model = unfocused();
    server(&mut model, at(1), entry(1, ROSA, "hello"));
    let left = model.act(at(2), Action::SignOut, &mut Count(0));
    assert_eq!(closed(&left), [Subject::Chat(CONV)]);
}

#[test]
fn do_not_disturb_and_the_setting_are_obeyed_and_the_text_can_be_hidden() {
    let mut model = unfocused();
    let mut mint = Count(0);
    model.act(at(0), Action::SetStatus(StatusKind::Busy), &mut mint);
    assert_eq!(shown(&server(&mut model, at(1), entry(1, ROSA, "a"))), []);
    model.act(at(2), Action::SetStatus(StatusKind::Online), &mut mint);
    model.act(at(2), Action::NotifyOf(NotifyOf::Nothing), &mut mint);
    assert_eq!(shown(&server(&mut model, at(3), entry(2, ROSA, "b"))), []);
    model.act(at(4), Action::NotifyOf(NotifyOf::Everything), &mut mint);
    model.act(at(4), Action::HideMessageText(true), &mut mint);
    let told = shown(&server(&mut model, at(5), entry(3, ROSA, "the secret")));
    assert_eq!(
        (told[0].title.as_str(), told[0].text.as_str()),
        ("Rosa @rosa", "3 new messages")
    );
}

#[test]
fn what_comes_while_catching_up_is_one_notification() {
    let mut model = unfocused();
    down(&mut model, at(1000));
    resumed(&mut model, at(2000), ResumeMode::Delta);
    for seq in 1..=3 {
        assert_eq!(
            shown(&server(&mut model, at(2001), entry(seq, ROSA, "missed"))),
            []
        );
    }
    server(&mut model, at(2001), elsewhere(1, "missed too"));
    server(&mut model, at(2001), asks(AccountId(9)).into_item(6));
    let told = shown(&server(&mut model, at(2002), Synced { cursor: 200 }));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject, Subject::Missed);
    assert_eq!(told[0].text, "4 new messages, one friend request");
    let back = model.act(at(3000), Action::Focus(true), &mut Count(0));
    assert_eq!(closed(&back), [Subject::Missed]);
    down(&mut model, at(4000));
    model.act(at(4000), Action::Focus(false), &mut Count(0));
    resumed(&mut model, at(5000), ResumeMode::Delta);
    server(&mut model, at(5001), entry(4, ROSA, "only one chat"));
    let told = shown(&server(&mut model, at(5002), Synced { cursor: 201 }));
    assert_eq!(told[0].subject, Subject::Chat(CONV));
    assert_eq!(told[0].text, "only one chat");
}

#[test]
fn a_friend_request_is_told_once_and_taken_back_when_answered() {
    let mut model = unfocused();
    let kim = AccountId(9);
    let told = shown(&server(&mut model, at(1), asks(kim).into_item(6)));
    assert_eq!(told[0].subject, Subject::Request(kim));
    assert_eq!(
        (told[0].title.as_str(), told[0].text.as_str()),
        ("Kim Ono @kim", "Wants to be your friend")
    );
    assert_eq!(shown(&server(&mut model, at(2), asks(kim).into_item(7))), []);
    let gone = server(&mut model, at(3), ItemState::RequestGone(kim).into_item(8));
    assert_eq!(closed(&gone), [Subject::Request(kim)]);
}

#[test]
fn a_click_shows_the_window_and_opens_the_chat() {
    let mut model = unfocused();
    server(&mut model, at(1), entry(1, ROSA, "hello"));
    let clicked = Event::Notification(NotificationEvent::Opened(Subject::Chat(CONV)));
    let commands = model.apply(at(2), clicked.clone());
    assert!(commands.contains(&PlatformCommand::ShowWindow.into()));
    assert_eq!(model.open, Some(CONV));
    model.act(at(3), Action::SignOut, &mut Count(0));
    let commands = model.apply(at(4), clicked);
    assert_eq!(
        commands,
        [PlatformCommand::ShowWindow.into()],
        "a click that comes too late opens nothing"
    );
}

#[test]
fn what_people_write_cannot_steer_the_notification() {
    assert_eq!(
        clean("<b>&amp;</b>", 50),
        "<b>&amp;</b>",
        "markup is escaped where it would be read"
    );
    assert_eq!(
        clean("pay\u{202E}gnp.exe\u{2066}\u{200F}\u{FEFF}", 50),
        "paygnp.exe"
    );
    assert_eq!(clean("a\u{7}\r\n\n\tb\u{1b}[31m\u{2028}c", 50), "a b [31m c");
    assert_eq!(clean(" \u{202E} ", 50), "");
    assert_eq!(
        clean("👩\u{200D}🚀 hi", 50),
        "👩\u{200D}🚀 hi",
        "joined emoji stay whole"
    );
    let long = clean(&"x".repeat(10_000), 240);
    assert_eq!((long.chars().count(), long.ends_with('…')), (240, true));
    let pile = format!("a{}", "\u{301}".repeat(10_000));
    assert!(
        clean(&pile, 240).chars().count() <= 240,
        "one letter with ten thousand accents"
    );
    let mut model = unfocused();
    befriend(&mut model, ROSA, "Rosa\u{202E}@admin\n");
    let told = shown(&server(&mut model, at(1), entry(1, ROSA, "hi")));
    assert!(told[0].title.starts_with("Rosa@admin @rosa"), "{}", told[0].title);
}
