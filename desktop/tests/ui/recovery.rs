//! A forgotten password.

use super::{demo, done, open};
use breeze_desktop::model::Action;
use breeze_desktop::model::onboarding::Page;
use egui::accesskit::Role;
use egui::{Event, Key};
use egui_kittest::kittest::Queryable;

#[test]
fn whoever_forgot_the_password_finds_the_way_and_back() {
    let mut model = demo::fresh();
    model.onboarding.page = Page::Login;
    let mut harness = open(model);
    harness.get_by_label("Forgot the password?").click();
    assert_eq!(done(&mut harness), [Action::ShowPage(Page::Recover)]);
    harness.state_mut().model.onboarding.page = Page::Recover;
    harness.run_ok();
    harness.get_by_label_contains("Ask whoever runs the server for a recovery code");
    harness.get_by_label("Back to signing in").click();
    assert_eq!(done(&mut harness), [Action::ShowPage(Page::Login)]);
}

#[test]
fn a_code_and_a_new_password_are_enough() {
    let mut model = demo::fresh();
    model.onboarding.page = Page::Recover;
    model.onboarding.link = "127.0.0.1".into();
    model.onboarding.username = "mira".into();
    model.onboarding.password = "wind and waves".into();
    let mut harness = open(model);
    let button = "Set password and sign in";
    harness.get_by_role_and_label(Role::Button, button).click();
    assert_eq!(done(&mut harness), [], "there is no code yet");
    let field = harness.get_by_role_and_label(Role::TextInput, "Recovery code");
    field.focus();
    harness.run_ok();
    harness.event(Event::Text("h4kq-w7md-2xvb-p9tn".into()));
    assert_eq!(
        done(&mut harness),
        [Action::TypeCode("h4kq-w7md-2xvb-p9tn".into())]
    );
    harness.state_mut().model.onboarding.code = "h4kq-w7md-2xvb-p9tn".into();
    harness.run_ok();
    harness.get_by_role_and_label(Role::Button, button).click();
    assert_eq!(done(&mut harness), [Action::Recover]);
    harness.state_mut().model.onboarding.error =
        Some("This code has expired. Ask whoever runs the server for a new one.".into());
    harness.run_ok();
    harness.get_by_label_contains("This code has expired.");
    assert!(
        harness.query_by_label("Try again").is_none(),
        "it would be refused again"
    );
    // Enter sends from whichever field was mended.
    for (role, name) in [
        (Role::TextInput, "Server address or invite link"),
        (Role::TextInput, "Username"),
        (Role::TextInput, "Recovery code"),
        (Role::PasswordInput, "New password"),
    ] {
        harness.get_by_role_and_label(role, name).focus();
        harness.run_ok();
        harness.key_press(Key::Enter);
        assert_eq!(done(&mut harness), [Action::Recover], "{name}");
    }
}
