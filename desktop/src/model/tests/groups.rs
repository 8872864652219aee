//! Groups and notes to oneself: names, ticks, typing, the lines that tell of members, the list, leaving.

use super::*;
use crate::model::Dialog;
use crate::model::group_acts::{GroupAct, GroupDialog};
use crate::model::list::{RowKey, Second};
use breeze_protocol::message::chat::ConvOpened;
use breeze_protocol::message::group::{Group, MemberAct, MemberChange, MemberRow, MembersPage, Role};

const TEA: ConvId = ConvId(40);
const LI: AccountId = AccountId(4);

fn group(role: Role, members: &[AccountId], count: u64, from: u64) -> ItemState {
    ItemState::Conv(Conv {
        conv: TEA,
        members: members.to_vec(),
        head: 0,
        n: 0,
        base_seq: 0,
        group: Some(Group {
            title: "Tea House".into(),
            avatar: None,
            role,
            count,
            owner: ROSA,
            admins: vec![],
            from,
        }),
        ..Conv::default()
    })
}

/// Rosa's group with oneself and Jon in it; Rosa is online.
fn tea() -> Model {
    let mut model = model();
    item(&mut model, group(Role::Member, &[ME, ROSA, JON], 3, 1));
    model
}

fn said(model: &mut Model, seq: u64, sender: AccountId, kind: EntryKind, body: &str) {
    let event = Entry {
        conv: TEA,
        kind,
        n: 0,
        ..entry(seq, sender, body)
    };
    server(model, at(seq), event);
}

fn changed(model: &mut Model, seq: u64, sender: AccountId, change: &MemberChange) {
    said(model, seq, sender, EntryKind::Member, &change.to_body());
}

fn told(model: &Model) -> Vec<String> {
    let lines = model.lines(TEA, at(99), &|_| 0);
    let words = lines.into_iter().filter_map(|line| match line {
        Line::Told(_, words) => Some(words),
        _ => None,
    });
    words.collect()
}

#[test]
fn a_change_of_the_group_is_a_line_in_its_history() {
    let mut model = tea();
    let created = MemberChange {
        title: Some("Tea House".into()),
        ..MemberChange::new(MemberAct::Created, vec![ME, JON])
    };
    changed(&mut model, 1, ROSA, &created);
    changed(
        &mut model,
        2,
        ROSA,
        &MemberChange::new(MemberAct::Added, vec![ME]),
    );
    changed(
        &mut model,
        3,
        ME,
        &MemberChange::new(MemberAct::Added, vec![JON, LI]),
    );
    let left = MemberChange {
        owner: Some(ME),
        ..MemberChange::new(MemberAct::Left, vec![])
    };
    changed(&mut model, 4, ROSA, &left);
    said(&mut model, 5, ROSA, EntryKind::Member, "no JSON at all");
    said(&mut model, 6, ROSA, EntryKind::Member, r#"{"did":"painted"}"#);
    let wanted = [
        "Rosa made the group “Tea House”",
        "Rosa added you",
        "You added Jon and Somebody",
        "Rosa left the group, which now belongs to you",
        "The group has changed",
        "The group has changed",
    ];
    assert_eq!(told(&model), wanted);
    assert_eq!(model.chats[&TEA].unread, 0, "told, not counted");
}

#[test]
fn others_in_a_group_have_their_name_at_what_they_write() {
    let mut model = tea();
    said(&mut model, 1, ROSA, EntryKind::Text, "hello");
    said(&mut model, 2, ME, EntryKind::Text, "hi");
    let senders: Vec<(AccountId, bool)> = model
        .lines(TEA, at(9), &|_| 0)
        .into_iter()
        .filter_map(|line| match line {
            Line::Bubble { sender, named, .. } => Some((sender, named)),
            _ => None,
        })
        .collect();
    assert_eq!(senders, [(ROSA, true), (ME, false)]);
    let row = model.sections(at(9)).into_iter().flat_map(|it| it.rows);
    let row = row.into_iter().find(|row| row.key == RowKey::Chat(TEA)).unwrap();
    assert!(matches!(row.second, Second::Preview { own: true, .. }));
}

#[test]
fn two_ticks_when_every_member_has_it_and_coloured_when_all_have_read() {
    let mut model = tea();
    said(&mut model, 1, ME, EntryKind::Text, "to all");
    let tick = |model: &Model| model.chats[&TEA].tick(ME, 1);
    let mark = |model: &mut Model, account, delivered, read| {
        let marks = vec![Mark {
            account,
            delivered,
            read,
        }];
        server(model, at(5), Receipts { conv: TEA, marks });
    };
    mark(&mut model, ROSA, 1, 1);
    assert_eq!(tick(&model), Tick::Stored, "jon has not got it");
    mark(&mut model, JON, 1, 0);
    assert_eq!(tick(&model), Tick::Delivered);
    mark(&mut model, JON, 1, 1);
    assert_eq!(tick(&model), Tick::Read);
    item(&mut model, group(Role::Member, &[ME], 60, 1));
    model.chats.get_mut(&TEA).unwrap().group.as_mut().unwrap().members = vec![ME];
    assert_eq!(
        tick(&model),
        Tick::Stored,
        "a tick never claims what is not known"
    );
}

#[test]
fn what_somebody_one_has_blocked_writes_in_a_group_is_folded() {
    let mut model = tea();
    said(&mut model, 1, ROSA, EntryKind::Text, "rosebud");
    let contact = Contact {
        account: ROSA,
        relation: Relation::Blocked,
        since: 2,
    };
    item(&mut model, ItemState::Contact(contact));
    assert_eq!(told(&model), ["A message from Rosa, whom you have blocked"]);
    let shown = format!("{:?}{:?}", model.lines(TEA, at(9), &|_| 0), model.sections(at(9)));
    assert!(!shown.contains("rosebud"), "{shown}");
}

#[test]
fn a_picture_goes_up_before_the_group_shows_it() {
    let mut model = tea();
    let mut mint = Count(0);
    model.act(at(1), Action::Group(GroupAct::Rename(TEA)), &mut mint);
    model.act(at(1), Action::Group(GroupAct::ChoosePicture), &mut mint);
    let (hash, bytes) = (
        breeze_protocol::BlobHash([9; 32]),
        std::sync::Arc::new(vec![1, 2]),
    );
    let packed = super::super::event::PictureEvent::Packed(hash, bytes.clone());
    model.apply(at(2), Event::Picture(packed));
    let commands = model.act(at(3), Action::Group(GroupAct::Confirm), &mut mint);
    let [Command::Link(LinkCommand::SetGroup(wish, upload))] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_eq!(
        (wish.avatar, wish.title.as_str(), upload),
        (Some(hash), "Tea House", &(hash, bytes))
    );
    let done = Box::new(breeze_protocol::message::control::Done {}.into());
    model.apply(at(4), Event::Answer(Ask::Group, Reply::Message(done)));
    assert_eq!(model.dialog, Some(Dialog::Group(GroupDialog::About(TEA))));
}

#[test]
fn who_types_is_named_until_they_write_or_stop() {
    let mut model = tea();
    for account in [ROSA, JON] {
        server(&mut model, at(100), TypingNotice { conv: TEA, account });
    }
    let names = |model: &Model, now| model.typing_names(&model.chats[&TEA], at(now));
    assert_eq!(names(&model, 200), ["Rosa", "Jon"]);
    said(&mut model, 1, ROSA, EntryKind::Text, "done");
    assert_eq!(names(&model, 300), ["Jon"]);
    assert_eq!(names(&model, 7000), Vec::<String>::new());
}

#[test]
fn a_group_stands_online_while_a_friend_in_it_is() {
    let mut model = tea();
    let here = |model: &Model| model.is_group_here(model.group(TEA).unwrap());
    assert!(here(&model));
    assert_eq!(
        model.group_headline(model.group(TEA).unwrap()),
        "3 members, 2 online"
    );
    change(&mut model, at(1), ROSA, 2, PresenceState::Offline);
    assert!(!here(&model));
    let sections = model.sections(at(2));
    let last = sections.last().unwrap();
    assert_eq!(last.heading, Heading::Offline);
    let row = last.rows.iter().find(|row| row.key == RowKey::Chat(TEA)).unwrap();
    assert_eq!((row.dim, row.portrait.paint), (false, Paint::Colour), "in colour");
}

#[test]
fn what_was_before_ones_own_joining_is_forgotten() {
    let mut model = tea();
    for seq in 1..4 {
        said(&mut model, seq, ROSA, EntryKind::Text, "old");
    }
    let commands = {
        let state = group(Role::Member, &[ME, ROSA, JON], 3, 3);
        server(&mut model, at(9), state.into_item(200))
    };
    assert!(changes(&commands).contains(&&Change::ForgetBefore(TEA, 3)));
    assert_eq!(
        model.chats[&TEA].messages.keys().copied().collect::<Vec<_>>(),
        [3]
    );
    let commands = server(&mut model, at(10), ItemState::ConvGone(TEA).into_item(201));
    assert!(changes(&commands).contains(&&Change::ConvGone(TEA)));
    assert!(!model.chats.contains_key(&TEA));
}

#[test]
fn a_group_that_was_made_opens_when_it_comes() {
    let mut model = model();
    let mut mint = Count(0);
    model.act(at(1), Action::Group(GroupAct::New), &mut mint);
    model.act(at(1), Action::Group(GroupAct::Confirm), &mut mint);
    let Some(Dialog::Group(GroupDialog::New(draft))) = &model.dialog else {
        panic!("{:?}", model.dialog)
    };
    assert!(draft.error.is_some(), "a group has a name");
    model.act(
        at(2),
        Action::Group(GroupAct::TypeTitle(" Tea House ".into())),
        &mut mint,
    );
    model.act(at(2), Action::Group(GroupAct::Choose(ROSA)), &mut mint);
    let commands = model.act(at(2), Action::Group(GroupAct::Confirm), &mut mint);
    let [Command::Link(LinkCommand::Request(Ask::Group, wish))] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert!(
        format!("{wish:?}").contains("\"Tea House\", members: [AccountId(2)]"),
        "{wish:?}"
    );
    let opened = Box::new(ConvOpened { conv: TEA }.into());
    model.apply(at(3), Event::Answer(Ask::Group, Reply::Message(opened)));
    assert_eq!((model.dialog.is_none(), model.open), (true, None));
    item(&mut model, group(Role::Owner, &[ME, ROSA], 2, 1));
    assert_eq!(model.open, Some(TEA));
}

#[test]
fn the_members_of_a_large_group_are_asked_for_page_by_page() {
    let mut model = model();
    item(&mut model, group(Role::Member, &[ME], 60, 1));
    let asked = |commands: &[Command]| {
        commands
            .iter()
            .any(|it| matches!(it, Command::Link(LinkCommand::Request(Ask::Members(TEA), _))))
    };
    assert!(asked(&model.act(at(1), Action::OpenChat(TEA), &mut Count(0))));
    let row = MemberRow {
        account: LI,
        role: Role::Admin,
        username: "li".into(),
        display_name: "Li".into(),
        avatar: None,
    };
    let page = MembersPage {
        conv: TEA,
        page: 0,
        rows: vec![row],
        more: true,
    };
    let reply = Reply::Message(Box::new(page.into()));
    assert!(asked(
        &model.apply(at(2), Event::Answer(Ask::Members(TEA), reply))
    ));
    assert_eq!(model.name_of(LI), "Li");
    assert_eq!(model.group(TEA).unwrap().role_of(LI), Role::Admin);
    let listed = model.sections(at(3)).into_iter().flat_map(|it| it.rows);
    assert!(
        !listed.into_iter().any(|row| row.key == RowKey::Person(LI)),
        "no friend, no row"
    );
}

#[test]
fn notes_to_oneself_have_a_row_when_there_are_some() {
    let mut model = model();
    let conv = Conv {
        conv: TEA,
        members: vec![ME],
        head: 0,
        n: 0,
        base_seq: 0,
        group: None,
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    let shown = |model: &Model| {
        let rows = model.sections(at(1)).into_iter().flat_map(|it| it.rows);
        rows.into_iter()
            .find(|row| row.key == RowKey::Chat(TEA))
            .map(|row| row.name)
    };
    assert_eq!(shown(&model), None);
    model.act(at(1), Action::Filter("saved".into()), &mut Count(0));
    assert_eq!(shown(&model).as_deref(), Some("Saved messages"));
    model.act(at(1), Action::Filter(String::new()), &mut Count(0));
    model.act(at(1), Action::OpenPerson(ME), &mut Count(0));
    assert_eq!(model.open, Some(TEA));
    said(&mut model, 1, ME, EntryKind::Text, "milk");
    assert_eq!(model.chats[&TEA].tick(ME, 1), Tick::Stored);
    model.act(at(2), Action::OpenPerson(ROSA), &mut Count(0));
    assert!(shown(&model).is_some());
}
