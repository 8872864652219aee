//! The bar of pinned messages, and the menu that pins.

use super::{demo, done, open, press};
use breeze_desktop::model::entry_acts::EntryAct;
use breeze_desktop::model::search::SearchAct;
use breeze_desktop::model::{Action, Model};
use breeze_protocol::AccountId;
use breeze_protocol::message::pin::Pin;
use egui::PointerButton;
use egui_kittest::kittest::Queryable;

/// The demo's open chat with these messages pinned, counted from its end.
fn pinned(from_the_end: &[usize]) -> (Model, Vec<u64>) {
    let mut model = demo::model();
    let chat = model.chats.get_mut(&demo::conv(demo::LIN)).expect("it is there");
    let seqs: Vec<u64> = chat.messages.keys().rev().copied().collect();
    let mut places: Vec<u64> = from_the_end.iter().map(|at| seqs[*at]).collect();
    places.sort_unstable();
    let pin = |seq: &u64| Pin {
        seq: *seq,
        by: demo::LIN,
        ts: demo::WALL_MS,
    };
    chat.pins = places.iter().map(pin).collect();
    (model, places)
}

#[test]
fn a_click_goes_to_the_message_and_the_next_one_up_comes() {
    let (model, places) = pinned(&[1, 3]);
    let mut harness = open(model);
    harness.get_by_label_contains("Pinned message 2 of 2").click();
    harness.run();
    harness.get_by_label_contains("Pinned message 1 of 2").click();
    harness.run();
    let _ = harness.get_by_label_contains("Pinned message 2 of 2");
    let gone: Vec<u64> = done(&mut harness)
        .into_iter()
        .filter_map(|action| match action {
            Action::Search(SearchAct::Go(_, seq)) => Some(seq),
            _ => None,
        })
        .collect();
    assert_eq!(gone, [places[1], places[0]]);
}

#[test]
fn the_bar_takes_a_message_off() {
    let (model, places) = pinned(&[1]);
    let mut harness = open(model);
    harness.get_by_label("Unpin").click();
    harness.run();
    let wish = Action::Entry(demo::conv(demo::LIN), EntryAct::Pin(places[0], false));
    assert!(done(&mut harness).contains(&wish));
    assert_eq!(harness.state().model.pinned_by(demo::MIRA), "Pinned by you");
}

#[test]
fn a_right_click_on_a_message_pins_it() {
    let mut harness = open(demo::model());
    let at = harness.get_by_label_contains("14:31").rect().center();
    press(&mut harness, at, PointerButton::Secondary);
    harness.get_by_label("Pin").click();
    harness.run();
    let wishes = done(&mut harness);
    let pins = |action: &Action| matches!(action, Action::Entry(_, EntryAct::Pin(_, true)));
    assert!(wishes.iter().any(pins), "{wishes:?}");
}

#[test]
fn what_is_not_known_here_is_looked_up_and_named_as_such() {
    let (mut model, _) = pinned(&[]);
    let chat = model.chats.get_mut(&demo::conv(demo::LIN)).expect("it is there");
    chat.pins = vec![Pin {
        seq: 1 << 40,
        by: AccountId(77),
        ts: 1,
    }];
    let chats = std::mem::take(&mut model.chats);
    let mut harness = open(model);
    harness.state_mut().model.chats = chats;
    harness.run();
    let _ = harness.get_by_label_contains("Click to go there");
    let asked = |action: &Action| matches!(action, Action::Entry(_, EntryAct::Quote(_)));
    assert_eq!(done(&mut harness).iter().filter(|it| asked(it)).count(), 1);
}
