//! Emoji are picked by a word, by the arrow keys and by a click, and completed after a colon.

use super::{demo, done, open};
use breeze_desktop::model::entry_acts::{About, EntryAct};
use breeze_desktop::model::{Action, Model};
use breeze_protocol::ConvId;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn conv() -> ConvId {
    demo::conv(demo::LIN)
}

/// The chat with this typed into its composer and the caret behind it, one letter after the other.
fn typed(text: &str) -> Harness<'static, demo::Shown> {
    let mut harness = open(demo::model());
    let mut draft = String::new();
    for letter in text.chars() {
        draft.push(letter);
        harness.event(Event::Text(letter.into()));
        harness.step();
        write(&mut harness, &draft);
    }
    harness.run_ok();
    harness.state_mut().actions.clear();
    harness
}

/// What the model does with what was composed.
fn write(harness: &mut Harness<'static, demo::Shown>, text: &str) {
    let chat = harness.state_mut().model.chats.get_mut(&conv());
    chat.expect("it is there").draft = text.into();
    harness.step();
}

fn picked(emoji: &str, text: &str) -> [Action; 2] {
    [
        Action::UsedEmoji(emoji.into()),
        Action::Compose(conv(), text.into()),
    ]
}

#[test]
fn a_word_and_enter_put_an_emoji_where_the_caret_was() {
    let mut harness = typed("ab");
    harness.key_press(Key::ArrowLeft);
    harness.run_ok();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    harness.run_ok();
    assert!(harness.get_by_label("Find an emoji").is_focused());
    harness.event(Event::Text("teacup".into()));
    harness.run_ok();
    harness.check_accessibility();
    harness.get_by_label("🍵 teacup without handle");
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), picked("🍵", "a🍵b"));
    assert!(harness.query_by_label("Find an emoji").is_none(), "it is closed");
    write(&mut harness, "a🍵b");
    harness.run_ok();
    harness.state_mut().actions.clear();
    harness.event(Event::Text("!".into()));
    let written = Action::Compose(conv(), "a🍵!b".into());
    assert_eq!(done(&mut harness), [written], "the next letter stands behind it");
}

#[test]
fn those_used_last_stand_first_and_the_arrow_keys_go_on_to_the_others() {
    let mut model: Model = demo::model();
    model.settings.recent_emoji = vec!["🍵".into(), "🎉".into()];
    let mut harness = open(model);
    harness.get_by_label("Insert an emoji").click();
    harness.run_ok();
    harness.get_by_label("Used last");
    harness.key_press(Key::ArrowRight);
    harness.run_ok();
    harness.get_by_label("🎉 party popper");
    harness.key_press(Key::ArrowDown);
    harness.run_ok();
    harness.get_by_label("😃 grinning face with big eyes");
    for _ in 0..30 {
        harness.key_press(Key::ArrowDown);
    }
    harness.run_ok();
    let spoken = harness.get_by_label_contains("People");
    assert!(spoken.rect().top() > 0.0, "the list scrolls along");
    harness.key_press(Key::Escape);
    assert_eq!(done(&mut harness), []);
    assert!(harness.query_by_label("Used last").is_none());
    assert!(harness.get_by_label("Message Lin Mei").is_focused());
}

#[test]
fn a_click_picks_and_a_word_nobody_knows_is_told() {
    let mut harness = open(demo::model());
    harness.get_by_label("Insert an emoji").click();
    harness.run_ok();
    harness.event(Event::Text("thumbs".into()));
    harness.run_ok();
    harness.get_by_label("thumbs down").click();
    assert_eq!(done(&mut harness), picked("👎", "👎"));
    harness.get_by_label("Insert an emoji").click();
    harness.run_ok();
    harness.event(Event::Text("qqq".into()));
    harness.run_ok();
    harness.get_by_label("No emoji is called so.");
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), []);
}

#[test]
fn a_short_name_is_completed_by_keys_and_by_its_second_colon() {
    let mut harness = typed("so :tea");
    harness.get_by_label("teacup without handle :tea:");
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), picked("🍵", "so 🍵"));
    let mut harness = typed("so :tea");
    harness.event(Event::Text(":".into()));
    harness.step();
    harness.state_mut().actions.clear();
    write(&mut harness, "so :tea:");
    harness.key_press(Key::End);
    assert_eq!(done(&mut harness), picked("🍵", "so 🍵"));
}

#[test]
fn a_time_and_a_face_of_letters_are_left_alone() {
    for text in ["at 10:30", ":D", "so: tea", "http://tea"] {
        let mut harness = typed(text);
        harness.key_press(Key::Enter);
        assert_eq!(done(&mut harness), [Action::Send(conv())], "{text}");
    }
}

#[test]
fn escape_puts_away_what_is_offered_and_leaves_the_answer_alone() {
    let mut harness = typed("so :tea");
    let chat = harness.state_mut().model.chats.get_mut(&conv());
    chat.expect("it is there").about = Some(About::Reply(5));
    harness.run_ok();
    harness.key_press(Key::Escape);
    assert_eq!(done(&mut harness), []);
    harness.key_press(Key::Escape);
    assert_eq!(done(&mut harness), [Action::Entry(conv(), EntryAct::Cancel)]);
}
