//! Filling the gaps of what this computer holds: politely, newest conversations first, and never for ever.

use super::super::event::{StoreEvent, StoreFailure};
use super::*;
use breeze_protocol::ClientMessage;

fn step(model: &mut Model, now: Now) -> Vec<Command> {
    model.apply(now, Event::Tick)
}

fn gap(model: &mut Model, now: Now, conv: ConvId, before: Option<u64>) -> Vec<Command> {
    model.apply(now, Event::Store(StoreEvent::Gap(conv, before)))
}

fn asked(conv: ConvId, below: u64) -> Vec<Command> {
    vec![StoreCommand::Gap { conv, below }.into()]
}

fn page(rows: std::ops::Range<u64>) -> Reply {
    let page = HistoryPage {
        conv: CONV,
        rows: rows.map(|seq| entry(seq, ROSA, "old")).collect(),
        more: true,
        gone: Vec::new(),
    };
    Reply::Message(Box::new(page.into()))
}

#[test]
fn gaps_are_filled_a_page_at_a_time_from_the_newest_down() {
    let mut model = model();
    server(&mut model, at(0), entry(90, ROSA, "new"));
    assert!(step(&mut model, at(500)).is_empty(), "first what is live");
    assert_eq!(step(&mut model, at(1000)), asked(CONV, 90));
    assert!(step(&mut model, at(5000)).is_empty(), "one question at a time");
    let commands = gap(&mut model, at(5000), CONV, Some(90));
    let [Command::Link(LinkCommand::Request(Ask::Fill(CONV), request))] = &commands[..] else {
        panic!("{commands:?}")
    };
    let ClientMessage::History(history) = &**request else {
        panic!("{request:?}")
    };
    assert_eq!((history.before, history.after, history.limit), (90, 0, 200));
    let commands = model.apply(at(5010), Event::Answer(Ask::Fill(CONV), page(40..90)));
    assert_eq!(changes(&commands).len(), 50);
    assert_eq!(
        model.chats[&CONV].messages.len(),
        1,
        "it goes to the disk, not into memory"
    );
    assert!(step(&mut model, at(5500)).is_empty(), "a pause between pages");
    assert_eq!(step(&mut model, at(6010)), asked(CONV, 40));
    gap(&mut model, at(6020), CONV, None);
    assert!(step(&mut model, at(60_000)).is_empty(), "whole");
    assert_eq!(model.fill_due(), None, "and nobody is woken for it any more");
}

#[test]
fn what_the_server_does_not_give_is_not_asked_for_again() {
    let mut model = model();
    server(&mut model, at(0), entry(90, ROSA, "new"));
    step(&mut model, at(1000));
    gap(&mut model, at(1000), CONV, Some(90));
    model.apply(at(1100), Event::Answer(Ask::Fill(CONV), page(0..0)));
    assert!(step(&mut model, at(9000)).is_empty());
    // It is tried once more when the link comes back.
    down(&mut model, at(10_000));
    resumed(&mut model, at(20_000), ResumeMode::Delta);
    server(&mut model, at(20_000), Synced { cursor: 300 });
    assert_eq!(step(&mut model, at(21_000)), asked(CONV, 90));
}

#[test]
fn without_a_link_nothing_is_filled_and_a_full_disk_ends_it() {
    let mut model = model();
    server(&mut model, at(0), entry(90, ROSA, "new"));
    step(&mut model, at(1000));
    down(&mut model, at(1100));
    assert!(gap(&mut model, at(1200), CONV, Some(90)).is_empty());
    assert!(step(&mut model, at(9000)).is_empty());
    resumed(&mut model, at(20_000), ResumeMode::Delta);
    server(&mut model, at(20_000), Synced { cursor: 300 });
    step(&mut model, at(21_000));
    model.apply(at(21_000), Event::Store(StoreEvent::Failed(StoreFailure::Full)));
    assert!(gap(&mut model, at(21_000), CONV, Some(90)).is_empty());
    assert!(step(&mut model, at(90_000)).is_empty());
}

#[test]
fn a_snapshot_keeps_history_of_what_it_names() {
    let mut model = model();
    resumed(&mut model, at(2), ResumeMode::Snapshot);
    let conv = Conv {
        conv: CONV,
        members: vec![ME, ROSA],
        head: 0,
        n: 0,
        base_seq: 0,
        group: None,
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    let commands = server(&mut model, at(4), Synced { cursor: 300 });
    assert!(changes(&commands).contains(&&Change::Named(vec![CONV])));
}
