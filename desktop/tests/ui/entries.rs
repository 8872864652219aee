//! What can be done with a message, and what became of it, by name, by mouse and by keyboard.

use super::{demo, done, open, press};
use breeze_desktop::model::chat::{Message, Waiting};
use breeze_desktop::model::entry_acts::{About, EntryAct, EntryDialog};
use breeze_desktop::model::search::SearchAct;
use breeze_desktop::model::{Action, Dialog, Model};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{AccountId, Mid};
use egui::{Event, Key, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

const OWN: &str = "You, 14:31, delivered: Ramen place near the station?";
const OTHER: &str = "Lin Mei, 14:32: See you at 6 then 🍜";

fn with(change: impl FnOnce(&mut breeze_desktop::model::chat::Chat)) -> Model {
    let mut model = demo::model();
    if let Some(chat) = model.chats.get_mut(&demo::conv(demo::LIN)) {
        change(chat);
    }
    model
}

/// The chat of the pictures and what became of its messages.
fn told(rows: &[(EntryKind, AccountId, u64, &str)]) -> Model {
    with(|chat| {
        for (kind, sender, target, body) in rows {
            demo::entry(chat, *kind, *sender, *target, body);
        }
    })
}

fn act(act: EntryAct) -> Action {
    Action::Entry(demo::conv(demo::LIN), act)
}

/// Opens the menu of a message by a right click.
fn menu_of(model: Model, label: &str) -> Harness<'static, demo::Shown> {
    let mut harness = open(model);
    let at = harness.get_by_label(label).rect().center();
    press(&mut harness, at, PointerButton::Secondary);
    harness.state_mut().actions.clear();
    harness
}

#[test]
fn a_right_click_offers_what_can_be_done_with_ones_own_message() {
    let cases = [
        ("Reply", act(EntryAct::Reply(6))),
        (
            "Copy message",
            Action::Copy("Ramen place near the station?".into()),
        ),
        ("Forward…", act(EntryAct::Forward(6))),
        ("Edit", act(EntryAct::Edit(6))),
        ("Delete…", act(EntryAct::AskDelete(6))),
        ("😂", act(EntryAct::React(6, "😂".into()))),
        ("More emoji", act(EntryAct::PickEmoji(6))),
    ];
    for (label, wanted) in cases {
        let mut harness = menu_of(demo::model(), OWN);
        harness.get_by_label(label).click();
        assert_eq!(done(&mut harness), [wanted], "{label}");
        assert!(
            harness.query_by_label("Copy message").is_none(),
            "the menu is closed"
        );
    }
}

#[test]
fn the_message_of_another_can_be_answered_and_not_changed() {
    let harness = menu_of(demo::model(), OTHER);
    harness.get_by_label("Reply");
    assert!(harness.query_by_label("Edit").is_none());
    assert!(harness.query_by_label("Delete…").is_none());
}

#[test]
fn the_bar_beside_a_bubble_and_the_menu_key_do_the_same() {
    let mut harness = open(demo::model());
    let at = harness.get_by_label(OTHER).rect().center();
    harness.event(Event::PointerMoved(at));
    harness.run_ok();
    harness.get_by_label("Reply").click();
    assert_eq!(done(&mut harness), [act(EntryAct::Reply(7))]);
    let mut harness = open(demo::model());
    harness.get_by_label(OWN).focus();
    harness.run_ok();
    harness.key_press(Key::Menu);
    harness.run_ok();
    harness.get_by_label("Delete…").click();
    assert_eq!(done(&mut harness), [act(EntryAct::AskDelete(6))]);
}

#[test]
fn up_in_an_empty_composer_edits_and_esc_gives_it_up() {
    let mut harness = open(demo::model());
    harness.key_press(Key::ArrowUp);
    assert_eq!(done(&mut harness), [act(EntryAct::EditLast)]);
    let editing = with(|chat| {
        chat.draft = "Ramen place near the station?".into();
        chat.about = Some(About::Edit {
            seq: 6,
            before: String::new(),
        });
    });
    let mut harness = open(editing);
    harness.get_by_label("Edit message: Ramen place near the station?");
    harness.key_press(Key::ArrowUp);
    assert_eq!(done(&mut harness), []);
    harness.key_press(Key::Escape);
    assert_eq!(done(&mut harness), [act(EntryAct::Cancel)]);
    harness.get_by_label("Cancel").click();
    assert_eq!(done(&mut harness), [act(EntryAct::Cancel)]);
}

#[test]
fn an_answer_shows_what_it_answers_above_the_composer_and_in_its_bubble() {
    let replying = with(|chat| chat.about = Some(About::Reply(5)));
    let harness = open(replying);
    harness.get_by_label("Answer to Lin Mei: 晚上一起吃面?");
    let mut harness = open(told(&[(EntryKind::Text, demo::MIRA, 1, "It did.")]));
    harness.get_by_label("You, 14:33, sent: It did.");
    harness
        .get_by_label("Answers Lin Mei: Did the new server come up?")
        .click();
    assert_eq!(done(&mut harness), [], "it goes there and asks for nothing");
    let at = harness
        .get_by_label("Lin Mei, 14:02: Did the new server come up?")
        .rect();
    assert!(at.top() > 0.0 && at.bottom() < 720.0, "{at:?}");
}

#[test]
fn a_right_click_on_the_line_above_an_answer_opens_the_menu_as_well() {
    let model = told(&[(EntryKind::Text, demo::MIRA, 1, "It did.")]);
    let harness = menu_of(model, "Answers Lin Mei: Did the new server come up?");
    harness.get_by_label("Copy message");
}

#[test]
fn a_quote_that_is_not_in_memory_is_fetched_by_a_click() {
    let model = with(|chat| {
        let newest = chat.messages.split_off(&5);
        chat.messages = newest;
        chat.more = true;
        demo::entry(chat, EntryKind::Text, demo::MIRA, 1, "It did.");
    });
    let mut harness = open(model);
    harness.state_mut().actions.clear();
    harness
        .get_by_label("Answers Earlier message: Not loaded yet")
        .click();
    let actions = done(&mut harness);
    let go = SearchAct::Go(demo::conv(demo::LIN), 1);
    assert!(actions.contains(&Action::Search(go)), "{actions:?}");
}

#[test]
fn an_edited_message_says_so_and_shows_its_earlier_texts() {
    let edited = [(EntryKind::Edit, demo::LIN, 7, "See you at 7 then 🍜")];
    let harness = menu_of(told(&edited), "Lin Mei, edited 14:32: See you at 7 then 🍜");
    harness.get_by_label("Earlier texts");
    let model = Model {
        dialog: Some(Dialog::Entry(demo::conv(demo::LIN), 7, EntryDialog::Edits)),
        ..told(&edited)
    };
    let harness = open(model);
    harness.get_by_label("Earlier texts");
    harness.get_by_label("See you at 6 then 🍜");
    harness.get_by_label("See you at 7 then 🍜");
}

#[test]
fn a_deleted_message_is_a_quiet_line_and_nothing_can_be_done_with_it() {
    let model = told(&[
        (EntryKind::Reaction, demo::LIN, 6, "👍"),
        (EntryKind::Delete, demo::MIRA, 6, ""),
    ]);
    let mut harness = open(model);
    let at = harness
        .get_by_label("You, 14:31: Message deleted")
        .rect()
        .center();
    assert!(harness.query_by_label("👍 by Lin Mei").is_none());
    press(&mut harness, at, PointerButton::Secondary);
    assert!(harness.query_by_label("Copy message").is_none());
    assert!(harness.query_by_label("Reply").is_none());
}

#[test]
fn emoji_stand_under_the_bubble_with_names_and_go_on_and_off() {
    let model = told(&[
        (EntryKind::Reaction, demo::LIN, 6, "👍"),
        (EntryKind::Reaction, demo::MIRA, 6, "👍"),
        (EntryKind::Reaction, demo::LIN, 7, "🍜"),
    ]);
    let mut harness = open(model);
    harness.get_by_label("👍 by Lin Mei, You").click();
    assert_eq!(done(&mut harness), [act(EntryAct::React(6, "👍".into()))]);
    let (bubble, chip) = (
        harness.get_by_label(OTHER).rect(),
        harness.get_by_label("🍜 by Lin Mei").rect(),
    );
    assert!(chip.top() >= bubble.bottom(), "{chip:?} under {bubble:?}");
}

#[test]
fn deleting_asks_first() {
    let model = Model {
        dialog: Some(Dialog::Entry(demo::conv(demo::LIN), 6, EntryDialog::Delete)),
        ..demo::model()
    };
    let mut harness = open(model.clone());
    harness.get_by_label("Ramen place near the station?");
    harness.get_by_label("Delete").click();
    assert_eq!(done(&mut harness), [act(EntryAct::Delete(6))]);
    let mut harness = open(model);
    harness.get_by_label("Keep it").click();
    assert_eq!(done(&mut harness), [Action::CloseDialog]);
}

#[test]
fn a_text_is_forwarded_to_a_chat_that_is_picked() {
    let model = Model {
        dialog: Some(Dialog::Entry(demo::conv(demo::LIN), 6, EntryDialog::Forward)),
        ..demo::model()
    };
    let mut harness = open(model);
    harness.get_by_label("Find a chat").click();
    harness.run_ok();
    harness.event(Event::Text("jon".into()));
    harness.run_ok();
    assert!(
        harness.query_by_label("Aiko Kimura").is_none(),
        "only what fits is offered"
    );
    harness.state_mut().actions.clear();
    harness.get_by_label("Jonas Ortega").click();
    let wanted = act(EntryAct::ForwardTo(6, demo::conv(demo::JONAS)));
    assert_eq!(done(&mut harness), [wanted]);
}

#[test]
fn every_emoji_can_be_picked() {
    let model = Model {
        dialog: Some(Dialog::Entry(demo::conv(demo::LIN), 7, EntryDialog::Emoji)),
        ..demo::model()
    };
    let mut harness = open(model);
    harness.event(Event::Text("party pop".into()));
    harness.run_ok();
    harness.get_by_label("party popper").click();
    let picked = [
        Action::UsedEmoji("🎉".into()),
        act(EntryAct::React(7, "🎉".into())),
    ];
    assert_eq!(done(&mut harness), picked);
    for emoji in breeze_desktop::words::tr("reactions-quick").split_whitespace() {
        assert!(
            breeze_protocol::emoji::is_one(emoji),
            "the server would refuse {emoji}"
        );
    }
}

#[test]
fn a_change_that_waits_is_shown_with_a_clock() {
    let model = with(|chat| {
        chat.waiting.push(Waiting {
            mid: Mid([9; 16]),
            kind: EntryKind::Edit,
            target: Some(6),
            body: "Ramen at the station?".into(),
            ts: demo::WALL_MS,
            ..Waiting::default()
        });
    });
    let harness = open(model);
    harness.get_by_label("You, edited 14:31, waiting to be sent: Ramen at the station?");
}

#[test]
fn markdown_is_drawn_and_copied_as_it_was_written() {
    let text = "**Bold**, *soft*, `code`:\n```\nlet tea = 4;\n```\n> quoted\n- one\n- two";
    let model = with(|chat| {
        let mut message = Message {
            seq: 8,
            prev_seq: 7,
            n: 8,
            sender: demo::LIN,
            ts: demo::WALL_MS,
            ..Message::default()
        };
        text.clone_into(&mut message.body);
        chat.take(message);
    });
    let mut harness = menu_of(model, &format!("Lin Mei, 14:33: {text}"));
    harness.get_by_label("Copy message").click();
    assert_eq!(done(&mut harness), [Action::Copy(text.into())]);
}
