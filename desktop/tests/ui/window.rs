//! Closing into the tray, its setting with a reason where there is no tray, and links that were opened.

use super::{demo, done, open};
use breeze_desktop::model::window::{Closing, LinkHandler, NoTray, OpenedLink, Tray};
use breeze_desktop::model::{Action, Dialog, Model};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};

fn settings(tray: Tray) -> Model {
    Model {
        dialog: Some(Dialog::Settings),
        tray,
        ..demo::model()
    }
}

/// Scrolls a part of a long dialog into sight, as one must before clicking it.
fn reach<'h>(harness: &'h mut Harness<'static, demo::Shown>, label: &'h str) -> Node<'h> {
    harness.get_by_label(label).scroll_to_me();
    harness.run_ok();
    harness.get_by_label(label)
}

#[test]
fn closing_for_the_first_time_asks_in_words() {
    let model = Model {
        dialog: Some(Dialog::Closing),
        ..demo::model()
    };
    let mut harness = open(model);
    harness.get_by_label("Keep running in the tray").click();
    assert_eq!(done(&mut harness), [Action::ChooseClosing(Closing::Tray)]);
    harness.get_by_label("Quit").click();
    assert_eq!(done(&mut harness), [Action::ChooseClosing(Closing::Quit)]);
}

#[test]
fn close_to_tray_is_a_setting_and_says_why_when_it_cannot_be() {
    let mut harness = open(settings(Tray::Here));
    harness.get_by_label("Keep running in the tray").click();
    assert_eq!(done(&mut harness), [Action::CloseToTray(true)]);
    for (why, words) in [
        (NoTray::NoBus, "no message bus"),
        (NoTray::NoWatcher, "shows no tray"),
        (NoTray::Silent, "does not answer"),
        (NoTray::Refused, "has refused"),
    ] {
        let mut harness = open(settings(Tray::Missing(why)));
        harness.get_by_label_contains(words);
        let node = harness.get_by_label("Keep running in the tray");
        assert!(node.accesskit_node().is_disabled());
        node.click();
        assert_eq!(done(&mut harness), []);
    }
}

#[test]
fn links_are_taken_and_given_back_in_settings() {
    let mut harness = open(Model {
        link_handler: LinkHandler::No,
        ..settings(Tray::Here)
    });
    reach(&mut harness, "Open invite links with this Breeze").click();
    assert_eq!(done(&mut harness), [Action::HandleLinks(true)]);
    let file = "/home/mira/.local/share/applications/breeze.desktop";
    let mut harness = open(Model {
        link_handler: LinkHandler::Here(file.into()),
        ..settings(Tray::Here)
    });
    harness.get_by_label_contains(file);
    reach(&mut harness, "No longer open invite links").click();
    assert_eq!(done(&mut harness), [Action::HandleLinks(false)]);
}

#[test]
fn an_opened_link_says_where_it_leads_and_follows_nothing() {
    let link = OpenedLink {
        text: "breeze://home.example:7463/?i=a".into(),
        address: "home.example:7463".into(),
        fingerprint: "0123 4567".into(),
        same: false,
    };
    let mut harness = open(Model {
        dialog: Some(Dialog::OpenedLink(link)),
        ..demo::model()
    });
    harness.get_by_label_contains("home.example:7463");
    harness.get_by_label("0123 4567");
    harness.get_by_label_contains("one server for now");
    harness.get_by_label("Close").click();
    assert_eq!(done(&mut harness), [Action::CloseDialog]);
    let mut model = demo::fresh();
    let pin = "A".repeat(43);
    model.onboarding.link = format!("breeze://home.example:7463/?i=a&pin=sha256/{pin}");
    let harness = open(model);
    harness.get_by_label_contains("Leads to home.example:7463. Key: ");
}
