//! The chat and its composer.

use super::{demo, done, open};
use breeze_desktop::model::chat::{BubbleKey, Waiting};
use breeze_desktop::model::{Action, Model};
use breeze_protocol::Mid;
use egui::{Event, ImeEvent, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

fn drafted(text: &str) -> Model {
    let mut model = demo::model();
    if let Some(chat) = model.chats.get_mut(&demo::conv(demo::LIN)) {
        chat.draft = text.to_owned();
    }
    model
}

fn preedit(text: &str) -> Event {
    Event::Ime(ImeEvent::Preedit {
        text: text.to_owned(),
        active_range_chars: None,
    })
}

fn enter() -> Event {
    Event::Key {
        key: Key::Enter,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    }
}

#[test]
fn bubbles_days_and_the_new_line_have_names() {
    let harness = open(demo::model());
    harness.get_by_label("Today");
    harness.get_by_label("New messages");
    harness.get_by_label("Lin Mei, 14:32: See you at 6 then 🍜");
    harness.get_by_label("You, 14:31, delivered: Ramen place near the station?");
    let told = harness.get_all_by_label("Lin Mei, online").count();
    assert_eq!(told, 2, "the row and the header");
}

#[test]
fn what_is_on_screen_is_reported_as_seen() {
    let shown = demo::Shown::new(demo::model(), Box::new(|_| None));
    let mut harness = demo::harness(
        shown,
        [1120.0, 720.0],
        breeze_desktop::model::ThemeChoice::Light,
        |_| {},
    );
    harness.run_ok();
    let seen = Action::Seen(demo::conv(demo::LIN), 7);
    let count = harness
        .state()
        .actions
        .iter()
        .filter(|action| **action == seen)
        .count();
    assert_eq!(count, 1, "{:?}", harness.state().actions);
}

#[test]
fn typing_goes_to_the_draft() {
    let mut harness = open(demo::model());
    harness.event(Event::Text("hi".into()));
    assert_eq!(
        done(&mut harness),
        [Action::Compose(demo::conv(demo::LIN), "hi".into())]
    );
}

#[test]
fn enter_sends_and_shift_enter_does_not() {
    let mut harness = open(drafted("hello"));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    let actions = done(&mut harness);
    assert!(
        !actions.contains(&Action::Send(demo::conv(demo::LIN))),
        "{actions:?}"
    );
    assert!(
        matches!(actions.first(), Some(Action::Compose(_, text)) if text.contains('\n')),
        "{actions:?}"
    );
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), [Action::Send(demo::conv(demo::LIN))]);
    harness.get_by_label("Send").click();
    assert_eq!(done(&mut harness), [Action::Send(demo::conv(demo::LIN))]);
}

/// The only message of the chat with Lin.
fn alone(text: &str) -> Model {
    let mut model = demo::model();
    let chat = demo::chat(demo::LIN, &[(demo::LIN, demo::WALL_MS - 60_000, text)], 0);
    model.chats.insert(chat.conv, chat);
    model
}

#[test]
fn a_link_is_shown_in_full_and_opens() {
    let url = "https://example.org/a/page?with=much&behind=it";
    let mut harness = open(alone(url));
    let at = harness.get_by_label(&format!("Lin Mei, 14:32: {url}")).rect().min + egui::vec2(60.0, 18.0);
    harness.event(Event::PointerMoved(at));
    harness.run_ok();
    harness.get_by_label(url);
    let button = |pressed| Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.input_mut().events.push(button(true));
    harness.step();
    harness.input_mut().events.push(button(false));
    harness.step();
    let opened = harness
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, egui::OutputCommand::OpenUrl(open) if open.url == url));
    assert!(opened, "{:?}", harness.output().platform_output.commands);
}

#[test]
fn the_composer_grows_to_eight_rows_and_then_scrolls() {
    // The newest message stands on the composer.
    let below = |rows: usize| {
        let harness = open(drafted(&vec!["row"; rows].join("\n")));
        let newest = harness.get_by_label("Lin Mei, 14:32: See you at 6 then 🍜");
        720.0 - newest.rect().bottom()
    };
    let [one, three, eight, twenty] = [1, 3, 8, 20].map(below);
    assert!(one < three && three < eight, "{one} {three} {eight}");
    assert!((eight - twenty).abs() < 1.0, "{eight} {twenty}");
}

#[test]
fn what_is_typed_within_one_slow_frame_is_sent_whole_and_each_message_by_itself() {
    let conv = demo::conv(demo::LIN);
    let mut harness = open(demo::model());
    let typed = [
        Event::Text("hi".into()),
        enter(),
        Event::Text("there".into()),
        enter(),
    ];
    harness.input_mut().events.extend(typed);
    harness.step();
    let both = ["hi", "there"].map(|text| [Action::Compose(conv, text.into()), Action::Send(conv)]);
    assert_eq!(done(&mut harness), both.as_flattened());
}

#[test]
fn an_empty_draft_is_not_sent() {
    let mut harness = open(drafted("  \n"));
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), []);
}

#[test]
fn enter_of_an_input_method_never_sends() {
    let sent = Action::Send(demo::conv(demo::LIN));
    let mut harness = open(drafted("晚上"));
    harness.event(preedit("mian"));
    harness.run_ok();
    harness.key_press(Key::Enter);
    assert!(!done(&mut harness).contains(&sent), "while letters are undecided");
    // Straight into the input, so that both are in one frame.
    harness
        .input_mut()
        .events
        .extend([Event::Ime(ImeEvent::Commit("面".into())), enter()]);
    harness.step();
    assert!(!done(&mut harness).contains(&sent), "in the frame that commits");
    harness.key_press(Key::Enter);
    assert!(done(&mut harness).contains(&sent), "afterwards Enter sends again");
    harness.event(preedit("x"));
    harness.event(preedit(""));
    harness.run_ok();
    harness.key_press(Key::Enter);
    assert!(done(&mut harness).contains(&sent), "an emptied preedit is over");
}

#[test]
fn a_setting_swaps_enter_and_ctrl_enter() {
    let mut model = drafted("hello");
    model.settings.ctrl_enter_sends = true;
    let mut harness = open(model);
    harness.key_press(Key::Enter);
    assert!(!done(&mut harness).contains(&Action::Send(demo::conv(demo::LIN))));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    assert!(done(&mut harness).contains(&Action::Send(demo::conv(demo::LIN))));
}

#[test]
fn too_long_a_text_is_counted_and_kept() {
    let limit = demo::model().body_limit();
    let mut harness = open(drafted(&"a".repeat(limit + 7)));
    harness.get_by_label("7 letters too long. Shorten it to send.");
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), []);
}

#[test]
fn a_refused_message_says_why_and_can_be_tried_again() {
    let mut model = demo::model();
    let mid = Mid::default();
    if let Some(chat) = model.chats.get_mut(&demo::conv(demo::LIN)) {
        let refused = Some("The server is full.".to_owned());
        chat.waiting.push(Waiting {
            mid,
            body: "late".into(),
            ts: demo::WALL_MS,
            refused,
            ..Waiting::default()
        });
    }
    let mut harness = open(model);
    harness.get_by_label("You, 14:33, refused: late");
    harness.get_by_label("Try again").click();
    let key = BubbleKey::Waiting(mid);
    assert_eq!(
        done(&mut harness),
        [Action::RetryMessage(demo::conv(demo::LIN), key)]
    );
    harness.get_by_label("Edit again").click();
    assert_eq!(done(&mut harness), [Action::TakeBack(demo::conv(demo::LIN), key)]);
}

#[test]
fn a_message_from_long_ago_asks_before_it_is_sent() {
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    let mut model = demo::model();
    let mid = Mid::default();
    if let Some(chat) = model.chats.get_mut(&demo::conv(demo::LIN)) {
        chat.waiting.push(Waiting {
            mid,
            body: "see you tomorrow".into(),
            ts: demo::WALL_MS - 74 * DAY_MS,
            ..Waiting::default()
        });
    }
    let mut harness = open(model);
    harness.get_by_label("You, 14:33, not sent for a long time: see you tomorrow");
    harness.get_by_label("Send now").click();
    let key = BubbleKey::Waiting(mid);
    let conv = demo::conv(demo::LIN);
    assert_eq!(done(&mut harness), [Action::SendOld(conv, key)]);
    harness.get_by_label("Discard").click();
    assert_eq!(done(&mut harness), [Action::Discard(conv, key)]);
}

#[test]
fn reading_history_stays_put_when_newer_and_older_messages_come() {
    let mut model = demo::model();
    let texts: Vec<String> = (0..300).map(|n| format!("message number {n}")).collect();
    let lines: Vec<_> = texts
        .iter()
        .map(|text| (demo::LIN, demo::WALL_MS - 600_000, text.as_str()))
        .collect();
    let mut chat = demo::chat(demo::LIN, &lines, 0);
    let older = chat.messages.split_off(&100);
    let older = std::mem::replace(&mut chat.messages, older);
    chat.more = true;
    model.chats.insert(chat.conv, chat);
    let mut harness = open(model);
    assert!(harness.query_by_label("Jump to the newest message").is_none());
    for _ in 0..3 {
        harness.key_press(Key::PageUp);
        harness.run_ok();
    }
    let spot = |harness: &egui_kittest::Harness<'static, demo::Shown>| {
        let node = harness
            .query_all_by_label_contains("message number")
            .nth(3)
            .unwrap();
        (node.accesskit_node().label().unwrap_or_default(), node.rect())
    };
    let before = spot(&harness);
    let conv = demo::conv(demo::LIN);
    harness
        .state_mut()
        .model
        .chats
        .get_mut(&conv)
        .unwrap()
        .messages
        .extend(older);
    harness.run_ok();
    assert_eq!(spot(&harness), before);
    harness.get_by_label("Jump to the newest message").click();
    harness.run_ok();
    harness.get_by_label_contains("message number 299");
}

#[test]
fn the_top_of_what_is_known_asks_for_older() {
    let mut model = demo::model();
    model.chats.get_mut(&demo::conv(demo::LIN)).unwrap().more = true;
    let shown = demo::Shown::new(model, Box::new(|_| None));
    let mut harness = demo::harness(
        shown,
        [1120.0, 720.0],
        breeze_desktop::model::ThemeChoice::Light,
        |_| {},
    );
    harness.run_ok();
    let older = Action::Older(demo::conv(demo::LIN));
    assert_eq!(
        harness
            .state()
            .actions
            .iter()
            .filter(|action| **action == older)
            .count(),
        1
    );
}
