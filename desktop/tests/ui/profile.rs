//! The profile dialog and the other dialogs.

use super::{demo, done, open};
use breeze_desktop::model::onboarding::{Picture, ProfileDraft};
use breeze_desktop::model::person::Request;
use breeze_desktop::model::{Action, ClockChoice, Dialog, Hosting, Model, ThemeChoice};
use breeze_protocol::message::item::Direction;
use breeze_protocol::{AccountId, StatusKind};
use egui::{Event, MouseWheelUnit, Vec2};
use egui_kittest::kittest::Queryable;
use std::sync::Arc;

fn with(dialog: Dialog) -> Model {
    Model {
        dialog: Some(dialog),
        ..demo::model()
    }
}

fn draft() -> ProfileDraft {
    let picture = Picture {
        width: 64,
        height: 64,
        rgba: Arc::new(vec![200; 64 * 64 * 4]),
    };
    ProfileDraft {
        display_name: "Mira Ek".into(),
        picture: Some(picture),
        zoom: 200,
        centre: (500, 500),
        ..ProfileDraft::default()
    }
}

#[test]
fn the_profile_can_be_edited_saved_and_left() {
    let mut harness = open(with(Dialog::Profile(draft())));
    harness.get_by_label("Choose picture…").click();
    assert_eq!(done(&mut harness), [Action::ChoosePicture]);
    harness.get_by_label("Use initials").click();
    assert_eq!(done(&mut harness), [Action::UseInitials]);
    harness.get_by_label("State: Online").click();
    harness.run_ok();
    harness
        .get_by_role_and_label(egui::accesskit::Role::MenuItem, "Busy")
        .click();
    assert_eq!(done(&mut harness), [Action::DraftStatus(StatusKind::Busy)]);
    harness.get_by_label("Save").click();
    assert_eq!(done(&mut harness), [Action::SaveProfile]);
    harness.get_by_label("Cancel").click();
    assert_eq!(done(&mut harness), [Action::CloseDialog]);
}

#[test]
fn the_picture_is_dragged_and_zoomed() {
    let mut harness = open(with(Dialog::Profile(draft())));
    let middle = harness
        .get_by_label("Your picture: drag to place it, scroll to zoom")
        .rect()
        .center();
    harness.drag_at(middle);
    harness.run_ok();
    harness.hover_at(middle + Vec2::new(30.0, 0.0));
    let actions = done(&mut harness);
    let moved = |action: &Action| matches!(action, Action::Crop { zoom: 200, centre: (x, 500) } if *x < 500);
    assert!(actions.iter().any(moved), "{actions:?}");
    harness.drop_at(middle);
    harness.hover_at(middle);
    harness.run_ok();
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, 60.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    });
    let actions = done(&mut harness);
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::Crop { zoom: 201.., .. })),
        "{actions:?}"
    );
}

#[test]
fn a_picture_copied_in_a_file_manager_can_be_pasted() {
    let mut harness = open(with(Dialog::Profile(draft())));
    for (text, path) in [
        ("file:///home/mira/My%20face.PNG\r\n", "/home/mira/My face.PNG"),
        ("/home/mira/脸.webp", "/home/mira/脸.webp"),
    ] {
        harness.event(Event::Paste(text.into()));
        assert_eq!(done(&mut harness), [Action::PictureFile(path.into())]);
    }
    for text in ["face.png", "/home/mira/notes.txt", "file:///broken%2", "Mira/png"] {
        harness.event(Event::Paste(text.into()));
        assert!(
            !done(&mut harness)
                .iter()
                .any(|it| matches!(it, Action::PictureFile(_))),
            "{text}"
        );
    }
}

#[test]
fn people_answers_requests_and_asks_by_name() {
    let mut model = with(Dialog::People {
        add: "jo".into(),
        said: Some("Asked.".into()),
    });
    let rosa = AccountId(77);
    let request = Request {
        account: rosa,
        direction: Direction::In,
        username: "rosa2".into(),
        display_name: "Rosa Two".into(),
        ts: 0,
    };
    model.requests.insert(rosa, request);
    let mut harness = open(model);
    harness.get_by_label("Asked.");
    harness.get_by_label("Rosa Two, @rosa2");
    harness.get_by_label("Accept").click();
    assert_eq!(done(&mut harness), [Action::AnswerFriend(rosa, true)]);
    harness.get_by_label("Decline").click();
    assert_eq!(done(&mut harness), [Action::AnswerFriend(rosa, false)]);
    harness.get_by_label("Ask").click();
    assert_eq!(done(&mut harness), [Action::AskFriend]);
}

#[test]
fn invite_and_hosting_copy_their_links() {
    let link = "breeze://home/abc".to_owned();
    let mut harness = open(with(Dialog::Invite {
        link: Some(link.clone()),
        expires_ms: 0,
    }));
    harness.get_by_label("Copy link").click();
    assert_eq!(done(&mut harness), [Action::Copy(link.clone())]);
    let hosting = Hosting {
        address: "10.0.0.2:7420".into(),
        running: true,
        ..Hosting::default()
    };
    let mut harness = open(Model {
        hosting: Some(hosting),
        ..with(Dialog::Host)
    });
    harness.get_by_label("10.0.0.2:7420");
    harness.get_by_label("Stop hosting").click();
    assert!(done(&mut harness).contains(&Action::StopHosting));
}

#[test]
fn settings_change_at_once() {
    let mut harness = open(with(Dialog::Settings));
    harness.get_by_label("Dark").click();
    assert_eq!(done(&mut harness), [Action::SetTheme(ThemeChoice::Dark)]);
    harness.get_by_label("Reduce motion").click();
    assert_eq!(done(&mut harness), [Action::ReduceMotion(true)]);
    harness.get_by_label("Newest chats first").click();
    assert_eq!(done(&mut harness), [Action::ByRecency(true)]);
    harness.get_by_label("12 hours").click();
    assert_eq!(done(&mut harness), [Action::SetClock(ClockChoice::Twelve)]);
}

#[test]
fn the_chosen_clock_tells_every_time() {
    let mut harness = open(demo::model());
    harness.get_by_label("Lin Mei, 14:32: See you at 6 then 🍜");
    harness.state_mut().model.settings.clock = ClockChoice::Twelve;
    harness.run_ok();
    harness.get_by_label("Lin Mei, 2:32 PM: See you at 6 then 🍜");
}

#[test]
fn quitting_while_hosting_asks() {
    let mut harness = open(with(Dialog::QuitHosting));
    harness.get_by_label("Keep running").click();
    assert_eq!(done(&mut harness), [Action::QuitHosting(false)]);
}

#[test]
fn a_person_can_be_blocked_and_every_dialog_has_names() {
    let mut harness = open(with(Dialog::Person(demo::ROSA)));
    harness.get_by_label("Block").click();
    assert_eq!(done(&mut harness), [Action::Block(demo::ROSA)]);
    for dialog in [Dialog::Keys, Dialog::Devices, Dialog::Host] {
        open(with(dialog));
    }
}

#[test]
fn the_status_menu_sets_the_status() {
    let mut harness = open(Model {
        status_menu: true,
        ..demo::model()
    });
    harness
        .get_by_role_and_label(egui::accesskit::Role::MenuItem, "Away")
        .click();
    let actions = done(&mut harness);
    assert_eq!(
        actions,
        [Action::SetStatus(StatusKind::Away), Action::StatusMenu(false)]
    );
}
