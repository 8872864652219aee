//! The contact list by name, pointer and keyboard.

use super::{demo, done, open, sized};
use breeze_desktop::model::{Action, Dialog, Model};
use breeze_protocol::{AccountId, PresenceState};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

#[test]
fn rows_speak_whole_sentences() {
    let harness = open(demo::model());
    harness.get_by_label("Rosa Silva, offline, last seen 12 minutes ago");
    harness.get_by_label("Jonas Ortega, online, 2 unread messages");
    harness.get_by_label("Aiko Kimura, away");
    harness.get_by_label("Online, 4");
    harness.get_by_label("Offline, 4");
}

#[test]
fn a_click_opens_the_chat() {
    let mut harness = open(demo::model());
    harness
        .get_by_label("Jonas Ortega, online, 2 unread messages")
        .click();
    assert_eq!(done(&mut harness), [Action::OpenPerson(demo::JONAS)]);
}

#[test]
fn a_click_on_the_chat_that_is_open_leaves_the_cursor_where_one_writes() {
    let mut harness = open(demo::model());
    let row = harness.get_all_by_label("Lin Mei, online").next();
    row.expect("the row, and then the header").click();
    assert_eq!(done(&mut harness), [Action::OpenPerson(demo::LIN)]);
    harness.run_ok();
    assert!(harness.get_by_label("Message Lin Mei").is_focused());
}

#[test]
fn the_keyboard_steps_filters_and_clears() {
    let mut harness = open(demo::model());
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(done(&mut harness), [Action::Step(1)]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_ok();
    harness.event(egui::Event::Text("ro".into()));
    assert_eq!(done(&mut harness), [Action::Filter("ro".into())]);
    harness.state_mut().model.filter = "ro".into();
    harness.run_ok();
    harness.key_press(Key::Escape);
    assert!(done(&mut harness).contains(&Action::Filter(String::new())));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    assert_eq!(done(&mut harness), [Action::Show(Dialog::Settings)]);
}

#[test]
fn numbers_open_a_place_and_ctrl_tab_the_next_unread_chat() {
    let mut harness = open(demo::model());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    let fourth = done(&mut harness);
    let [Action::OpenPerson(account)] = fourth[..] else {
        panic!("{fourth:?}");
    };
    assert_ne!(account, demo::JONAS);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Tab);
    assert_eq!(done(&mut harness), [Action::OpenPerson(demo::JONAS)]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num9);
    assert_eq!(done(&mut harness), [], "the list is shorter");
}

#[test]
fn nobody_yet_offers_one_thing_to_do() {
    let whole = demo::model();
    let mut harness = open(Model {
        people: Default::default(),
        chats: Default::default(),
        open: None,
        ..whole
    });
    harness.get_by_label("Invite a friend").click();
    assert_eq!(
        done(&mut harness),
        [Action::Show(Dialog::Invite {
            link: None,
            expires_ms: 0
        })]
    );
}

#[test]
fn only_visible_rows_of_five_thousand_are_laid_out() {
    let mut model = demo::model();
    for account in 1000..6000 {
        let name = format!("Friend {account}");
        model.people.insert(
            AccountId(account),
            demo::person(account, &name, PresenceState::Online, 1),
        );
    }
    let harness = open(model);
    let rows = harness.query_all_by_label_contains("Friend ").count();
    assert!((5..20).contains(&rows), "{rows} rows were laid out");
}

#[test]
fn list_and_chat_take_turns_in_a_narrow_window() {
    let mut harness = sized(demo::model(), [420.0, 640.0]);
    assert!(harness.query_by_label("Filter").is_none());
    harness.get_by_label("Back to the list").click();
    assert_eq!(done(&mut harness), [Action::CloseChat]);
    harness.state_mut().model.open = None;
    harness.run_ok();
    harness.get_by_label("Filter");
}

#[test]
fn last_known_shows_no_confident_green() {
    let mut model = demo::model();
    model.link = breeze_desktop::model::Link::Down {
        since: demo::MONO_MS - 3000,
        next_try: Some(demo::MONO_MS + 3000),
        restarting: false,
    };
    model.unsure_since = Some(demo::MONO_MS - 2000);
    let mut harness = open(model);
    harness.get_by_label("Last known online, 4");
    harness.get_by_label("Aiko Kimura, last known: away");
    harness.get_by_label("Reconnecting… Next try in 3 s. Messages you send now wait in the outbox.");
    harness.get_by_label("Try now").click();
    assert_eq!(done(&mut harness), [Action::TryNow]);
}
