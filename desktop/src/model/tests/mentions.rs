//! People named in messages: heard in a muted group, seen in the list, offered while a name is typed.

use super::*;
use crate::model::NotifyOf;
use crate::model::command::Commands;
use crate::model::notification::NotificationCommand;
use breeze_protocol::message::group::{Group, Role};
use breeze_protocol::message::prefs::Prefs;

const TEA: ConvId = ConvId(40);

/// A group of three, the person away from the window.
fn tea() -> Model {
    let mut model = model();
    model.me.username = "mira".into();
    let group = Group {
        title: "Tea House".into(),
        avatar: None,
        role: Role::Member,
        count: 3,
        owner: ROSA,
        admins: vec![],
        from: 1,
    };
    let conv = Conv {
        conv: TEA,
        members: vec![ME, ROSA, JON],
        head: 0,
        n: 0,
        base_seq: 0,
        group: Some(group),
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    model.act(at(0), Action::Focus(false), &mut Count(0));
    model
}

fn says(model: &mut Model, seq: u64, body: &str) -> usize {
    let event = Entry {
        conv: TEA,
        ..entry(seq, ROSA, body)
    };
    let commands: Commands = server(model, at(seq), event);
    let shown = |it: &&Command| matches!(it, Command::Notification(NotificationCommand::Show(_)));
    commands.iter().filter(shown).count()
}

fn mute(model: &mut Model) {
    let prefs = Prefs {
        conv: TEA,
        muted_until: u64::MAX >> 11,
        ..Prefs::default()
    };
    item(model, ItemState::Prefs(prefs));
}

#[test]
fn a_muted_group_is_heard_when_it_names_oneself() {
    let mut model = tea();
    mute(&mut model);
    assert_eq!(says(&mut model, 1, "anybody there?"), 0);
    assert_eq!(says(&mut model, 2, "@jon?"), 0);
    assert_eq!(says(&mut model, 3, "@Mira, are you?"), 1);
}

#[test]
fn with_mentions_only_a_group_is_silent_and_a_friend_is_not() {
    let mut model = tea();
    model.act(at(0), Action::NotifyOf(NotifyOf::Mentions), &mut Count(0));
    assert_eq!(says(&mut model, 1, "anybody there?"), 0);
    assert_eq!(says(&mut model, 2, "@mira?"), 1);
    let commands = server(&mut model, at(3), entry(1, ROSA, "hello"));
    let shown = |it: &Command| matches!(it, Command::Notification(NotificationCommand::Show(_)));
    assert!(commands.iter().any(shown), "a friend speaks to nobody else");
}

#[test]
fn the_list_shows_it_until_it_is_read_or_deleted() {
    let mut model = tea();
    let named = |model: &Model| {
        let rows = model.sections(at(50)).into_iter().flat_map(|it| it.rows);
        rows.into_iter().any(|row| row.conv == Some(TEA) && row.named)
    };
    says(&mut model, 1, "tea is ready");
    assert!(!named(&model));
    says(&mut model, 2, "tea, @mira");
    assert!(named(&model));
    let gone = Entry {
        conv: TEA,
        kind: EntryKind::Delete,
        target: Some(2),
        n: 2,
        ..entry(3, ROSA, "")
    };
    server(&mut model, at(3), gone);
    assert!(!named(&model), "it is deleted");
    says(&mut model, 4, "@mira");
    assert!(named(&model));
    let read = Receipts {
        conv: TEA,
        marks: vec![Mark {
            account: ME,
            delivered: 4,
            read: 4,
        }],
    };
    server(&mut model, at(5), read);
    assert!(!named(&model), "it is read on another device");
}

#[test]
fn only_whoever_is_in_the_chat_is_named() {
    let model = tea();
    let chat = &model.chats[&CONV];
    let named = |chat, text| {
        let found = model.mentions(chat, text);
        found
            .into_iter()
            .map(|it| (it.account, it.me))
            .collect::<Vec<_>>()
    };
    assert_eq!(named(chat, "@rosa @jon @mira"), [(ROSA, false), (ME, true)]);
    let group = &model.chats[&TEA];
    assert_eq!(named(group, "@jon and @nobody"), [(JON, false)]);
}

#[test]
fn members_are_offered_by_the_beginning_of_their_names() {
    let mut model = tea();
    assert_eq!(model.offered(TEA, ""), [JON, ROSA], "not oneself");
    assert_eq!(model.offered(TEA, "RO"), [ROSA]);
    assert!(model.offered(TEA, "osa").is_empty());
    assert!(
        model.offered(CONV, "ro").is_empty(),
        "of two there is nobody to choose"
    );
    assert_eq!(model.complete("hi @ro!", (3, 6), ROSA), ("hi @rosa !".into(), 9));
    assert_eq!(model.complete("@ro now", (0, 3), ROSA), ("@rosa now".into(), 6));
    let person = model.people.get_mut(&ROSA).expect("she is known");
    person.relation = Some(Relation::Blocked);
    assert_eq!(model.offered(TEA, ""), [JON], "nobody blocked");
}
