//! Pinned messages: asked of the server, shown when it has said so, gone through one by one.

use super::*;
use crate::model::entry_acts::EntryAct;
use breeze_protocol::message::group::{Group, Role};
use breeze_protocol::message::pin::{MessagePin, Pin, Pins};

fn pin(seq: u64) -> Pin {
    Pin { seq, by: ROSA, ts: 1 }
}

fn talk(pinned: &[u64]) -> Model {
    let mut model = model();
    for seq in 1..=4 {
        server(&mut model, at(0), entry(seq, ROSA, "of note"));
    }
    let pins = pinned.iter().map(|seq| pin(*seq)).collect();
    item(&mut model, ItemState::Pins(Pins { conv: CONV, pins }));
    model
}

fn act(model: &mut Model, seq: u64, pinned: bool) -> Vec<MessagePin> {
    let act = Action::Entry(CONV, EntryAct::Pin(seq, pinned));
    let of = |command: Command| match command {
        Command::Link(LinkCommand::Request(Ask::Pin, message)) => match *message {
            breeze_protocol::ClientMessage::MessagePin(wish) => Some(wish),
            _ => None,
        },
        _ => None,
    };
    let commands = model.act(at(10), act, &mut Count(0));
    commands.into_iter().filter_map(of).collect()
}

#[test]
fn a_pin_is_asked_for_and_shows_when_the_server_says_so() {
    let mut model = talk(&[]);
    let asked = act(&mut model, 2, true);
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].conv, asked[0].seq, asked[0].pinned), (CONV, 2, true));
    assert!(!model.chats[&CONV].is_pinned(2), "nothing shows before");
    let pins = Pins {
        conv: CONV,
        pins: vec![pin(2)],
    };
    let told = ItemState::Pins(pins.clone()).into_item(6);
    let commands = server(&mut model, at(20), told);
    assert!(changes(&commands).contains(&&Change::Pins(pins)));
    assert!(act(&mut model, 2, true).is_empty(), "it is pinned already");
    assert!(!act(&mut model, 2, false)[0].pinned);
    item(&mut model, ItemState::PinsGone(CONV));
    assert!(model.chats[&CONV].pins.is_empty());
}

#[test]
fn without_a_connection_nothing_is_asked_and_one_is_told() {
    let mut model = talk(&[]);
    model.link = Link::Syncing { since: 0 };
    assert!(act(&mut model, 2, true).is_empty());
    assert!(model.toasts[0].text.contains("no connection"));
}

#[test]
fn a_full_bar_and_a_missing_right_are_told_in_words_of_their_own() {
    for (code, part) in [
        (NackCode::Quota, "Take one off first"),
        (NackCode::NoRight, "owner and admins"),
        (NackCode::BadReference, "does not exist"),
    ] {
        let mut model = talk(&[]);
        let nack = Nack {
            mid: Mid([1; 16]),
            code,
            transient: false,
            retry_ms: 0,
        };
        let reply = Reply::Message(Box::new(nack.into()));
        model.apply(at(20), Event::Answer(Ask::Pin, reply));
        assert!(model.toasts[0].text.contains(part), "{code:?}");
    }
}

#[test]
fn in_a_group_only_its_owner_and_admins_may_pin() {
    for (role, may) in [(Role::Member, false), (Role::Admin, true), (Role::Owner, true)] {
        let mut model = talk(&[]);
        let group = Group {
            title: "Tea".into(),
            avatar: None,
            role,
            count: 2,
            owner: ROSA,
            admins: Vec::new(),
            from: 1,
        };
        let conv = Conv {
            conv: CONV,
            members: vec![ME, ROSA],
            head: 4,
            n: 4,
            base_seq: 0,
            group: Some(group),
            ..Conv::default()
        };
        item(&mut model, ItemState::Conv(conv));
        assert_eq!(model.may_pin(CONV), may, "{role:?}");
        assert_eq!(act(&mut model, 2, true).len(), usize::from(may), "{role:?}");
    }
}

#[test]
fn the_bar_goes_from_the_newest_up_and_begins_anew() {
    let model = talk(&[1, 3, 4]);
    let chat = &model.chats[&CONV];
    let mut shown = None;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (_, pin) = chat.pin_after(shown).expect("there are some");
        seen.push(pin.seq);
        shown = Some(pin.seq);
    }
    assert_eq!(seen, [4, 3, 1, 4]);
    // What was shown last is pinned no longer.
    assert_eq!(
        chat.pin_after(Some(2)).map(|(at, pin)| (at, pin.seq)),
        Some((0, 1))
    );
    assert_eq!(talk(&[]).chats[&CONV].pin_after(None), None);
}

#[test]
fn a_snapshot_begins_without_pins() {
    let mut model = talk(&[1]);
    resumed(&mut model, at(50), ResumeMode::Snapshot);
    assert!(model.chats[&CONV].pins.is_empty());
}
