//! Several messages are chosen, by mouse and by keyboard, and copied with who wrote them and when.

use super::{demo, done, open, press};
use breeze_desktop::model::Action;
use breeze_desktop::model::entry_acts::About;
use egui::{Event, Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

const OWN: &str = "You, 14:31, delivered: Ramen place near the station?";
const OTHER: &str = "Lin Mei, 14:32: See you at 6 then 🍜";
const FIRST: &str = "Lin Mei, 14:02: Did the new server come up?";

/// The chat of the pictures, choosing messages from this one on.
fn choosing(label: &str) -> Harness<'static, demo::Shown> {
    let mut harness = open(demo::model());
    let at = harness.get_by_label(label).rect().center();
    press(&mut harness, at, PointerButton::Secondary);
    harness.get_by_label("Select messages").click();
    assert_eq!(done(&mut harness), []);
    harness.check_accessibility();
    harness
}

fn tick(label: &str) -> String {
    format!("Select {label}")
}

fn click(harness: &mut Harness<'static, demo::Shown>, label: &str) {
    harness.get_by_label(&tick(label)).click();
    harness.run_ok();
}

#[test]
fn what_is_chosen_is_copied_in_the_order_of_the_chat_with_names_and_times() {
    let mut harness = choosing(OTHER);
    harness.get_by_label("One message selected");
    click(&mut harness, OWN);
    click(&mut harness, FIRST);
    harness.get_by_label("3 messages selected");
    click(&mut harness, FIRST);
    harness.get_by_label("2 messages selected");
    harness.get_by_label("Copy").click();
    let copied = "Mira Ek, Tuesday, 18 November 2025, 14:31\nRamen place near the station?\n\n\
                  Lin Mei, Tuesday, 18 November 2025, 14:32\nSee you at 6 then 🍜";
    assert_eq!(done(&mut harness), [Action::Copy(copied.into())]);
    assert!(harness.query_by_label("Copy").is_none(), "it is over");
    assert!(harness.get_by_label("Message Lin Mei").is_focused());
}

#[test]
fn a_click_with_shift_takes_all_between() {
    let mut harness = choosing(FIRST);
    harness
        .get_by_label(&tick(OTHER))
        .click_modifiers(Modifiers::SHIFT);
    harness.run_ok();
    harness.get_by_label("7 messages selected");
}

#[test]
fn the_keyboard_alone_is_enough() {
    let mut harness = open(demo::model());
    harness.get_by_label(OTHER).focus();
    harness.run_ok();
    harness.key_press(Key::Menu);
    harness.run_ok();
    harness.get_by_label("Select messages").focus();
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_ok();
    assert!(harness.get_by_label(&tick(OTHER)).is_focused());
    harness.key_press(Key::Space);
    harness.run_ok();
    harness.get_by_label("No message selected");
    harness.event(Event::Copy);
    assert_eq!(done(&mut harness), [], "there is nothing to copy");
    harness.key_press(Key::Space);
    harness.run_ok();
    harness.event(Event::Copy);
    let actions = done(&mut harness);
    assert!(
        matches!(actions.as_slice(), [Action::Copy(text)] if text.ends_with("See you at 6 then 🍜")),
        "{actions:?}"
    );
}

#[test]
fn escape_and_cancel_give_it_up_and_nothing_else() {
    let mut harness = choosing(OTHER);
    let chat = harness.state_mut().model.chats.get_mut(&demo::conv(demo::LIN));
    chat.expect("it is there").about = Some(About::Reply(5));
    harness.key_press(Key::Escape);
    assert_eq!(done(&mut harness), []);
    assert!(harness.query_by_label_contains("selected").is_none());
    let mut harness = choosing(OTHER);
    harness.get_by_label("Cancel").click();
    assert_eq!(done(&mut harness), []);
    assert!(harness.query_by_label_contains("selected").is_none());
}
