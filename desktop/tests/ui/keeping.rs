//! How long messages are kept: from the menu of a chat to the wish, and what whoever may not say so sees.

use super::{demo, done, open};
use breeze_desktop::model::keeping::{Keeping, KeepingAct};
use breeze_desktop::model::{Action, Dialog, Model};
use breeze_protocol::ConvId;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn lins() -> ConvId {
    demo::conv(demo::LIN)
}

fn showing(days: u64, kept: u64) -> Model {
    let mut model = demo::model();
    model.chats.get_mut(&lins()).expect("it is there").keep_days = kept;
    model.dialog = Some(Dialog::Keeping(Keeping {
        conv: lins(),
        days,
        busy: false,
        error: None,
    }));
    model
}

fn acts(harness: &mut Harness<'static, demo::Shown>) -> Vec<KeepingAct> {
    let of = |action| match action {
        Action::Keeping(act) => Some(act),
        _ => None,
    };
    done(harness).into_iter().filter_map(of).collect()
}

#[test]
fn the_menu_of_a_chat_leads_there() {
    let mut harness = open(demo::model());
    harness.get_by_label("More about this chat").click();
    harness.run();
    harness.get_by_label("Keep messages…").click();
    harness.run();
    assert_eq!(acts(&mut harness), [KeepingAct::Show(lins())]);
}

#[test]
fn fewer_days_warn_before_they_erase() {
    let mut harness = open(showing(30, 0));
    harness.get_by_label("Messages older than 30 days are erased at once.");
    harness.get_by_label("7 days").click();
    harness.run();
    harness.get_by_label("Erase older messages").click();
    harness.run();
    assert_eq!(acts(&mut harness), [KeepingAct::Choose(7), KeepingAct::Confirm]);
}

#[test]
fn more_days_erase_nothing() {
    let mut model = showing(0, 30);
    model.keep_days_max = 365;
    let mut harness = open(model);
    assert!(harness.query_by_label("Erase older messages").is_none());
    harness.get_by_label("This server keeps messages for 1 year at most.");
    harness.get_by_label("Save").click();
    harness.run();
    assert_eq!(acts(&mut harness), [KeepingAct::Confirm]);
}
