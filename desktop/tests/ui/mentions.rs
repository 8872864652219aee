//! A name is completed by keys and by a click, and stands out in the message.

use super::demo::{self, JONAS};
use super::tea::{TEA, tea};
use super::{done, open, press};
use breeze_desktop::model::{Action, Dialog, Model};
use breeze_protocol::message::group::Role;
use egui::{Event, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

/// The group with this typed into its composer.
fn typed(text: &str) -> Harness<'static, demo::Shown> {
    let mut harness = open(tea(Role::Member));
    harness.event(Event::Text(text.into()));
    harness.run();
    let chat = harness.state_mut().model.chats.get_mut(&TEA);
    chat.expect("it is there").draft = text.into();
    harness.key_press(Key::End);
    harness.run();
    harness.state_mut().actions.clear();
    harness
}

fn composed(harness: &mut Harness<'static, demo::Shown>) -> Vec<String> {
    let of = |action| match action {
        Action::Compose(TEA, text) => Some(text),
        _ => None,
    };
    done(harness).into_iter().filter_map(of).collect()
}

#[test]
fn enter_takes_the_first_name_and_does_not_send() {
    let mut harness = typed("hi @j");
    harness.get_by_label("Jonas Ortega @jonas.ortega");
    harness.key_press(Key::Enter);
    harness.run();
    let actions = done(&mut harness);
    assert!(!actions.contains(&Action::Send(TEA)), "{actions:?}");
    assert!(actions.contains(&Action::Compose(TEA, "hi @jonas.ortega ".into())));
}

#[test]
fn the_arrow_keys_choose_and_escape_puts_the_names_away() {
    let mut harness = typed("@");
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Tab);
    assert_eq!(composed(&mut harness), ["@lin.mei "]);
    let writes = harness.get_by_label("Message Tea House").is_focused();
    assert!(writes, "the next letter belongs to the message");
    let chat = harness.state_mut().model.chats.get_mut(&TEA);
    chat.expect("it is there").draft = "@lin.mei ".into();
    harness.run_ok();
    harness.event(Event::Text("yes?".into()));
    assert_eq!(composed(&mut harness), ["@lin.mei yes?"]);
    let mut harness = typed("@");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label_contains("@lin.mei").is_none());
    harness.key_press(Key::Enter);
    assert!(done(&mut harness).contains(&Action::Send(TEA)));
}

#[test]
fn a_click_chooses_too() {
    let mut harness = typed("@");
    harness.get_by_label("Rosa Silva @rosa.silva").click();
    assert_eq!(composed(&mut harness), ["@rosa.silva "]);
}

#[test]
fn a_click_on_a_name_in_a_message_shows_the_person() {
    let mut model: Model = tea(Role::Member);
    let chat = model.chats.get_mut(&TEA).expect("it is there");
    let last = chat.messages.values_mut().next_back().expect("there are some");
    last.body = "@jonas.ortega".into();
    let mut harness = open(model);
    let bubble = harness.get_by_label_contains(": @jonas.ortega").rect();
    let at = bubble.left_center() + egui::Vec2::new(40.0, 0.0);
    press(&mut harness, at, egui::PointerButton::Primary);
    assert!(done(&mut harness).contains(&Action::Show(Dialog::Person(JONAS))));
}
