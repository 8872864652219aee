//! The search: its panel, the bar in a chat, the switcher; by name, pointer and keyboard.

use super::{demo, done, open, sized};
use breeze_desktop::model::past::Spot;
use breeze_desktop::model::search::{Find, Hit, Search, SearchAct};
use breeze_desktop::model::{Action, Dialog, Model};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

/// Every message of the pictures that holds this word.
pub(crate) fn hits(model: &Model, word: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for chat in model.chats.values() {
        let fitting = chat
            .messages
            .values()
            .filter(|message| message.body.contains(word));
        hits.extend(fitting.map(|message| Hit {
            conv: chat.conv,
            message: message.clone(),
        }));
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.message.ts));
    hits
}

fn searching(query: &str, word: &str) -> Model {
    let model = demo::model();
    let found = if word.is_empty() {
        Vec::new()
    } else {
        hits(&model, word)
    };
    Model {
        search: Some(Search::done(query, found)),
        ..model
    }
}

#[test]
fn the_rail_opens_the_panel_and_its_field_has_the_keyboard() {
    let mut harness = open(demo::model());
    harness.get_by_label("Search everything").click();
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::Panel(true))]);
    harness.state_mut().model.search = Some(Search::default());
    harness.run_ok();
    harness.get_by_label_contains("Two letters of a word are enough");
    harness.event(egui::Event::Text("the".into()));
    assert_eq!(
        done(&mut harness),
        [Action::Search(SearchAct::Type("the".into()))]
    );
    harness.key_press(Key::Escape);
    assert!(done(&mut harness).contains(&Action::Search(SearchAct::Panel(false))));
}

#[test]
fn hits_speak_whole_sentences_and_a_click_goes_there() {
    let mut harness = open(searching("the", "the"));
    harness.get_by_label_contains("Messages, ");
    harness
        .get_by_label_contains("18 November 2025, 14:02, Lin Mei: Did the new server come up?")
        .click();
    let conv = demo::conv(demo::LIN);
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::Go(conv, 1))]);
}

#[test]
fn people_stand_above_messages_and_enter_takes_the_first() {
    let mut harness = open(demo::model());
    harness.state_mut().model.search = searching("jon", "").search;
    harness.run_ok();
    harness.get_by_label("People, 1");
    harness.key_press(Key::Enter);
    assert!(done(&mut harness).contains(&Action::OpenPerson(demo::JONAS)));
    harness.state_mut().model.search.as_mut().unwrap().query = "zzz".into();
    harness.run_ok();
    harness.get_by_label_contains("Nothing found");
}

#[test]
fn only_visible_hits_of_a_thousand_are_laid_out() {
    let mut model = searching("the", "the");
    let search = model.search.as_mut().unwrap();
    let first = search.hits[0].clone();
    search.hits = (0..1000)
        .map(|seq| {
            let mut hit = first.clone();
            hit.message.seq = 10_000 + seq;
            hit.message.body = format!("the hit {seq}");
            hit
        })
        .collect();
    let harness = open(model);
    let rows = harness.query_all_by_label_contains("the hit ").count();
    assert!((5..20).contains(&rows), "{rows} rows were laid out");
}

#[test]
fn ctrl_f_searches_the_chat_and_steps_through_it() {
    let mut harness = open(demo::model());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::Find)]);
    let conv = demo::conv(demo::LIN);
    let mut find = Find {
        conv,
        ..Find::default()
    };
    harness.state_mut().model.find = Some(find.clone());
    harness.run_ok();
    harness.event(egui::Event::Text("you".into()));
    assert_eq!(
        done(&mut harness),
        [Action::Search(SearchAct::FindType("you".into()))]
    );
    find.search.query = "you".into();
    find.search.hits = hits(&harness.state().model, "ou");
    find.at = Some(0);
    let count = find.search.hits.len();
    harness.state_mut().model.find = Some(find);
    harness.run_ok();
    harness.get_by_label(&format!("1 of {count}"));
    harness.key_press(Key::Enter);
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::FindStep(true))]);
    harness.get_by_label("Newer hit").click();
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::FindStep(false))]);
    harness.key_press(Key::Escape);
    assert!(done(&mut harness).contains(&Action::Search(SearchAct::FindClose)));
}

#[test]
fn the_button_of_the_header_opens_the_bar_and_closes_it() {
    let mut harness = open(demo::model());
    harness.get_by_label("Find in this chat").click();
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::Find)]);
    let conv = harness.state().model.open.unwrap();
    harness.state_mut().model.find = Some(Find {
        conv,
        search: Search::default(),
        at: None,
    });
    harness.run_ok();
    harness.event(egui::Event::Text("y".into()));
    assert_eq!(
        done(&mut harness),
        [Action::Search(SearchAct::FindType("y".into()))]
    );
    harness.get_by_label("Find in this chat").click();
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::FindClose)]);
}

#[test]
fn a_jump_brings_an_old_message_into_view() {
    let mut model = demo::model();
    let texts: Vec<String> = (0..300).map(|n| format!("message number {n}.")).collect();
    let lines: Vec<_> = texts
        .iter()
        .map(|text| (demo::LIN, demo::WALL_MS - 600_000, text.as_str()))
        .collect();
    let chat = demo::chat(demo::LIN, &lines, 0);
    let conv = chat.conv;
    model.chats.insert(conv, chat);
    let mut harness = open(model);
    assert!(harness.query_by_label_contains("message number 50.").is_none());
    harness.state_mut().model.chats.get_mut(&conv).unwrap().spot = Some(Spot {
        seq: 51,
        since: demo::MONO_MS,
        jump: 1,
    });
    harness.run_ok();
    let there = harness.get_by_label_contains("message number 50.").rect();
    assert!((150.0..450.0).contains(&there.top()), "{there:?}");
    // Once: scrolling away is not undone.
    harness.key_press(Key::PageDown);
    harness.run_ok();
    harness.key_press(Key::PageDown);
    harness.run_ok();
    assert!(harness.query_by_label_contains("message number 50.").is_none());
}

#[test]
fn ctrl_k_switches_by_name_with_the_keyboard_alone() {
    let mut harness = open(demo::model());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    let (query, at) = (String::new(), 0);
    assert_eq!(done(&mut harness), [Action::Show(Dialog::Switch { query, at })]);
    harness.state_mut().model.dialog = Some(Dialog::Switch {
        query: String::new(),
        at: 0,
    });
    harness.run_ok();
    harness.run_ok();
    harness.event(egui::Event::Text("ro".into()));
    assert_eq!(
        done(&mut harness),
        [Action::Search(SearchAct::Switch("ro".into()))]
    );
    harness.key_press(Key::ArrowDown);
    assert_eq!(done(&mut harness), [Action::Search(SearchAct::SwitchTo(1))]);
    harness.state_mut().model.dialog = Some(Dialog::Switch {
        query: "ros".into(),
        at: 0,
    });
    harness.run_ok();
    harness.key_press(Key::Enter);
    assert_eq!(
        done(&mut harness),
        [Action::CloseDialog, Action::OpenPerson(demo::ROSA)]
    );
}

#[test]
fn the_panel_fits_a_narrow_window() {
    let mut model = searching("the", "the");
    model.open = None;
    let harness = sized(model, [420.0, 640.0]);
    harness.get_by_label_contains("Did the new server come up?");
    harness.get_by_label("Close the search");
}
