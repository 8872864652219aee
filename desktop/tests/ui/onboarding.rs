//! The ways in.

use super::{demo, done, open};
use breeze_desktop::model::near::Near;
use breeze_desktop::model::onboarding::{NameState, Page};
use breeze_desktop::model::{Action, Model, Screen, Trouble};
use egui::Event;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn type_into(harness: &mut Harness<'static, demo::Shown>, field: &str, text: &str) -> Vec<Action> {
    let secret = if field == "Password" {
        Role::PasswordInput
    } else {
        Role::TextInput
    };
    harness.get_by_role_and_label(secret, field).focus();
    harness.run_ok();
    harness.event(Event::Text(text.into()));
    done(harness)
}

#[test]
fn three_ways_in_and_another_for_those_who_have_an_account() {
    let mut harness = open(demo::fresh());
    let actions = type_into(&mut harness, "Invite link or server address", "breeze://x");
    assert_eq!(actions, [Action::TypeLink("breeze://x".into())]);
    harness.state_mut().model.onboarding.link = "breeze://x".into();
    harness.run_ok();
    harness.get_by_label("Join").click();
    assert_eq!(done(&mut harness), [Action::Join]);
    harness.get_by_label("Start hosting").click();
    assert_eq!(done(&mut harness), [Action::StartHosting]);
    harness.get_by_label("I have an account already").click();
    assert_eq!(done(&mut harness), [Action::ShowPage(Page::Login)]);
}

#[test]
fn an_unreachable_server_says_so_and_offers_two_ways_on() {
    let mut model = demo::fresh();
    model.onboarding.error = Some("No server answers there.".into());
    model.onboarding.unreachable = true;
    let mut harness = open(model);
    harness.get_by_label("No server answers there.");
    harness.get_by_label("Try again").click();
    assert_eq!(done(&mut harness), [Action::Retry]);
    harness.get_by_label("Host a server here").click();
    assert_eq!(done(&mut harness), [Action::StartHosting]);
}

#[test]
fn three_fields_make_an_account() {
    let mut model = demo::fresh();
    model.onboarding.page = Page::Register;
    let mut harness = open(model);
    let actions = type_into(&mut harness, "Your name", "Mira");
    assert_eq!(actions, [Action::TypeName("Mira".into())]);
    assert_eq!(
        type_into(&mut harness, "Password", "secret words"),
        [Action::TypePassword("secret words".into())]
    );
    harness.get_by_label("Show the password").click();
    assert_eq!(done(&mut harness), [Action::ShowPassword(true)]);
    let state = &mut harness.state_mut().model.onboarding;
    state.name = "Mira".into();
    state.username = "mira".into();
    state.password = "secret words".into();
    state.name_state = NameState::Taken {
        offer: "mira2".into(),
    };
    harness.run_ok();
    harness.get_by_label("Use mira2").click();
    assert_eq!(done(&mut harness), [Action::TakeOffer]);
    harness.get_by_label("Start chatting").click();
    assert_eq!(done(&mut harness), [Action::Register]);
}

#[test]
fn signing_in_and_trusting() {
    let mut model = demo::fresh();
    model.onboarding.page = Page::Login;
    model.onboarding.link = "127.0.0.1".into();
    model.onboarding.username = "mira".into();
    model.onboarding.password = "secret words".into();
    let mut harness = open(model);
    harness.get_by_role_and_label(Role::Button, "Sign in").click();
    assert_eq!(done(&mut harness), [Action::Login]);
    harness.state_mut().model.onboarding.page = Page::Trust;
    harness.state_mut().model.onboarding.fingerprint = "9f86 d081".into();
    harness.run_ok();
    harness.get_by_label("Fingerprint: 9f86 d081");
    harness.get_by_label("They are the same: trust it").click();
    assert_eq!(done(&mut harness), [Action::Trust]);
}

#[test]
fn a_server_nearby_is_joined_by_its_address() {
    let mut model = demo::fresh();
    model.onboarding.near = (1..=3)
        .map(|number| Near {
            name: format!("Home {number}"),
            address: format!("192.168.1.{number}:7463"),
        })
        .collect();
    let mut harness = open(model);
    harness.get_by_label("Found 3 servers near you.");
    harness.get_by_label("Join Home 1 at 192.168.1.1:7463").click();
    assert_eq!(done(&mut harness), [Action::JoinNear("192.168.1.1:7463".into())]);
}

#[test]
fn trouble_has_a_next_step() {
    let trouble = Trouble::FolderInUse("/data".into());
    let mut harness = open(Model {
        screen: Screen::Trouble(trouble),
        ..demo::fresh()
    });
    harness.get_by_label("Breeze is already open");
    harness.get_by_label("Try again").click();
    assert_eq!(done(&mut harness), [Action::Retry]);
}
