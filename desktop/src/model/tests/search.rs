//! Searching: what is asked, what is shown, where a jump leads.

use super::super::Dialog;
use super::super::chat::Message;
use super::super::command::Ask;
use super::super::event::StoreEvent;
use super::super::past::SPOT_MS;
use super::super::search::{Found, Hit, Look, SearchAct};
use super::*;
use breeze_protocol::ClientMessage;
use breeze_protocol::message::search::SearchPage;

fn act(model: &mut Model, now: Now, act: SearchAct) -> Vec<Command> {
    model.act(now, Action::Search(act), &mut Count(0))
}

fn typed(model: &mut Model, now: Now, query: &str) -> Look {
    let commands = act(model, now, SearchAct::Type(query.into()));
    let [Command::Search(look)] = &commands[..] else {
        panic!("{commands:?}")
    };
    look.clone()
}

fn hit(seq: u64, body: &str) -> Hit {
    let body = body.to_owned();
    let message = Message::new(Entry {
        body,
        ..entry_of(seq)
    });
    Hit { conv: CONV, message }
}

fn found(model: &mut Model, no: u64, rows: Vec<Hit>, more: bool) -> Vec<Command> {
    let found = Found {
        no,
        rows,
        more,
        before: 5,
        failed: false,
    };
    model.apply(at(0), Event::Found(Box::new(found)))
}

fn asked(commands: &[Command]) -> Vec<(&Ask, &ClientMessage)> {
    let of = |command| match command {
        &Command::Link(LinkCommand::Request(ref ask, ref message)) => Some((ask, &**message)),
        _ => None,
    };
    commands.iter().filter_map(of).collect()
}

fn seqs(model: &Model) -> Vec<u64> {
    let search = model.search.as_ref().expect("the panel is open");
    search.hits.iter().map(|hit| hit.message.seq).collect()
}

#[test]
fn this_computer_answers_at_once_and_the_server_after_a_pause() {
    let mut model = model();
    act(&mut model, at(0), SearchAct::Panel(true));
    let first = typed(&mut model, at(0), "di");
    assert_eq!((first.query.as_str(), first.conv, first.before), ("di", None, 0));
    let second = typed(&mut model, at(100), "din");
    assert!(
        asked(&model.apply(at(350), Event::Tick)).is_empty(),
        "still typing"
    );
    let commands = model.apply(at(400), Event::Tick);
    let [(Ask::Search(no), ClientMessage::Search(wire))] = asked(&commands)[..] else {
        panic!("{commands:?}")
    };
    assert_eq!((*no, wire.query.as_str(), wire.before), (second.no, "din", 0));
    assert!(asked(&model.apply(at(500), Event::Tick)).is_empty(), "once");
    found(&mut model, first.no, vec![hit(3, "disc")], false);
    assert!(seqs(&model).is_empty(), "an answer to what was typed before");
    found(
        &mut model,
        second.no,
        vec![hit(7, "dinner"), hit(4, "dine")],
        false,
    );
    assert_eq!(seqs(&model), [7, 4]);
    let page = SearchPage {
        rows: vec![entry(7, ROSA, "dinner"), entry(5, ROSA, "dingo")],
        more: false,
        before: 9,
    };
    model.apply(
        at(600),
        Event::Answer(Ask::Search(second.no), Reply::Message(Box::new(page.into()))),
    );
    assert_eq!(seqs(&model), [7, 5, 4], "each once, newest first");
    assert!(!model.search.as_ref().is_some_and(|search| search.is_busy()));
}

#[test]
fn without_a_link_only_this_computer_is_asked() {
    let mut model = model();
    down(&mut model, at(0));
    let look = typed(&mut model, at(0), "din");
    assert!(asked(&model.apply(at(5000), Event::Tick)).is_empty());
    found(&mut model, look.no, Vec::new(), false);
    assert!(!model.search.as_ref().is_some_and(|search| search.is_busy()));
}

#[test]
fn a_server_that_says_the_same_page_for_ever_is_not_asked_for_ever() {
    let mut model = model();
    let look = typed(&mut model, at(0), "din");
    found(&mut model, look.no, Vec::new(), false);
    model.apply(at(400), Event::Tick);
    for _ in 0..2 {
        let page = SearchPage {
            rows: Vec::new(),
            more: true,
            before: 9,
        };
        model.apply(
            at(500),
            Event::Answer(Ask::Search(look.no), Reply::Message(Box::new(page.into()))),
        );
        act(&mut model, at(600), SearchAct::More);
    }
    assert!(!model.search.as_ref().is_some_and(|search| search.has_more()));
}

/// A chat of 500 messages of which the newest ten are in memory.
fn long_chat() -> Model {
    let mut model = model();
    for seq in 491..=500 {
        server(&mut model, at(0), entry_of(seq));
    }
    model.chats.get_mut(&CONV).expect("the chat").more = true;
    act(&mut model, at(0), SearchAct::ToNewest(CONV));
    model.act(at(0), Action::OpenPerson(ROSA), &mut Count(0));
    model
}

fn entry_of(seq: u64) -> Entry {
    let mid = Mid([u8::try_from(seq % 251).expect("small"); 16]);
    Entry {
        mid,
        seq,
        prev_seq: seq - 1,
        n: seq,
        cursor: 100 + seq,
        ts: 1_700_000_000_000 + seq,
        ..entry(1, ROSA, "text")
    }
}

fn rows(seqs: impl Iterator<Item = u64>) -> Vec<Message> {
    seqs.map(|seq| Message::new(entry_of(seq))).collect()
}

fn shown(model: &Model) -> (u64, u64) {
    let shown = model.chats[&CONV].shown();
    let ends = (shown.keys().next(), shown.keys().next_back());
    (*ends.0.expect("some"), *ends.1.expect("some"))
}

#[test]
fn a_jump_shows_the_message_among_its_neighbours_and_the_way_back_joins() {
    let mut model = long_chat();
    let commands = act(&mut model, at(0), SearchAct::Go(CONV, 200));
    assert_eq!(commands, [StoreCommand::Around { conv: CONV, seq: 200 }.into()]);
    let around = StoreEvent::Around(CONV, 200, rows(151..=250));
    model.apply(at(10), Event::Store(around));
    assert_eq!(shown(&model), (151, 250));
    assert!(model.chats[&CONV].spot.is_some_and(|spot| spot.seq == 200));
    // A message that comes meanwhile changes nothing of what is shown.
    server(&mut model, at(20), entry_of(501));
    assert_eq!(shown(&model), (151, 250));
    let commands = model.act(at(20), Action::Older(CONV), &mut Count(0));
    assert_eq!(
        commands,
        [StoreCommand::Older {
            conv: CONV,
            before: 151
        }
        .into()]
    );
    model.apply(
        at(30),
        Event::Store(StoreEvent::Older(CONV, rows(51..=150), true)),
    );
    assert_eq!(shown(&model), (51, 250));
    let mut end = 250;
    while model.chats[&CONV].past.is_some() {
        let commands = act(&mut model, at(40), SearchAct::Newer(CONV));
        assert_eq!(
            commands,
            [StoreCommand::Newer {
                conv: CONV,
                after: end
            }
            .into()]
        );
        let next = StoreEvent::Newer(CONV, rows(end + 1..=(end + 100).min(501)));
        model.apply(at(50), Event::Store(next));
        end += 100;
        assert!(end < 600, "it joins");
    }
    assert_eq!(shown(&model).1, 501);
    assert!(
        model.chats[&CONV]
            .messages
            .keys()
            .zip(model.chats[&CONV].messages.keys().skip(1))
            .all(|(a, b)| a + 1 == *b)
    );
    assert!(model.next_change_ms(at(60)).is_some_and(|ms| ms <= SPOT_MS));
}

#[test]
fn what_is_not_here_comes_from_the_server_and_is_kept() {
    let mut model = long_chat();
    act(&mut model, at(0), SearchAct::Go(CONV, 200));
    // An island with a gap around it says nothing of its neighbours; without the message itself it says nothing at all.
    let commands = model.apply(
        at(0),
        Event::Store(StoreEvent::Around(CONV, 200, rows(100..=150))),
    );
    let [(ask, ClientMessage::History(history))] = asked(&commands)[..] else {
        panic!("{commands:?}")
    };
    assert_eq!((ask, history.before > 200), (&Ask::Around(CONV, 200), true));
    let page = HistoryPage {
        conv: CONV,
        rows: (150..250).map(entry_of).collect(),
        more: true,
        gone: Vec::new(),
    };
    let reply = Reply::Message(Box::new(page.into()));
    let commands = model.apply(at(10), Event::Answer(Ask::Around(CONV, 200), reply));
    assert_eq!(changes(&commands).len(), 100);
    assert_eq!(shown(&model), (150, 249));
    act(&mut model, at(20), SearchAct::ToNewest(CONV));
    assert_eq!(shown(&model), (491, 500));
    act(&mut model, at(30), SearchAct::Go(CONV, 20));
    model.apply(at(30), Event::Store(StoreEvent::Around(CONV, 20, Vec::new())));
    model.apply(at(40), Event::Answer(Ask::Around(CONV, 20), Reply::Lost));
    assert_eq!(model.toasts.len(), 1, "it says why");
    assert_eq!(shown(&model), (491, 500));
}

#[test]
fn a_message_in_memory_needs_nobody() {
    let mut model = long_chat();
    assert!(act(&mut model, at(0), SearchAct::Go(CONV, 495)).is_empty());
    assert!(model.chats[&CONV].past.is_none());
    model.act(at(0), Action::CloseChat, &mut Count(0));
    assert!(model.chats[&CONV].spot.is_none());
}

#[test]
fn the_bar_steps_through_the_hits_of_its_chat() {
    let mut model = long_chat();
    act(&mut model, at(0), SearchAct::Find);
    let commands = act(&mut model, at(0), SearchAct::FindType("text".into()));
    let [Command::Search(look)] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_eq!(look.conv, Some(CONV));
    let hits = vec![hit(498, "text"), hit(300, "text")];
    found(&mut model, look.no, hits, false);
    let at_of = |model: &Model| model.find.as_ref().and_then(|find| find.at);
    assert_eq!(at_of(&model), Some(0), "the newest by itself");
    let commands = act(&mut model, at(0), SearchAct::FindStep(true));
    assert_eq!(commands, [StoreCommand::Around { conv: CONV, seq: 300 }.into()]);
    assert_eq!(at_of(&model), Some(1));
    act(&mut model, at(0), SearchAct::FindStep(true));
    assert_eq!(at_of(&model), Some(1), "the last stays");
    act(&mut model, at(0), SearchAct::FindStep(false));
    assert_eq!(at_of(&model), Some(0));
    model.act(at(0), Action::CloseChat, &mut Count(0));
    assert!(model.find.is_none());
}

#[test]
fn the_switcher_offers_whose_name_fits_and_with_nothing_typed_the_latest() {
    let mut model = model();
    server(&mut model, at(0), entry(1, ROSA, "hi"));
    let names = |model: &Model, query: &str| -> Vec<String> {
        model
            .switch_rows(at(0), query)
            .into_iter()
            .map(|row| row.name)
            .collect()
    };
    assert_eq!(names(&model, ""), ["Rosa", "Jon"]);
    assert_eq!(names(&model, "j"), ["Jon"]);
    assert_eq!(names(&model, "RÖS"), ["Rosa"]);
    assert!(names(&model, "os").is_empty());
    assert!(names(&model, "?").is_empty());
    let (query, chosen) = (String::new(), 0);
    model.act(
        at(0),
        Action::Show(Dialog::Switch { query, at: chosen }),
        &mut Count(0),
    );
    act(&mut model, at(0), SearchAct::Switch("jo".into()));
    assert!(matches!(&model.dialog, Some(Dialog::Switch { query, .. }) if query == "jo"));
}

#[test]
fn what_became_of_the_past_further_on_is_shown_with_it() {
    let mut model = long_chat();
    act(&mut model, at(0), SearchAct::Go(CONV, 200));
    let commands = model.apply(
        at(10),
        Event::Store(StoreEvent::Around(CONV, 200, rows(151..=250))),
    );
    let (from, to) = (151, 250);
    assert_eq!(commands, [StoreCommand::Changed { conv: CONV, from, to }.into()]);
    let edit = Entry {
        kind: EntryKind::Edit,
        target: Some(200),
        body: "edited".into(),
        ..entry_of(400)
    };
    model.apply(
        at(10),
        Event::Store(StoreEvent::Changed(CONV, vec![Message::new(edit)])),
    );
    let chat = &model.chats[&CONV];
    assert_eq!(chat.text_now(ME, 200).as_deref(), Some("edited"));
    assert_eq!(chat.shown().len(), 100);
    let now = Entry {
        kind: EntryKind::Edit,
        target: Some(200),
        body: "edited again".into(),
        ..entry_of(501)
    };
    server(&mut model, at(20), now);
    assert_eq!(
        model.chats[&CONV].text_now(ME, 200).as_deref(),
        Some("edited again")
    );
}
