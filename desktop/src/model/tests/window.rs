//! The window's life: closing, hiding, the tray's coming and going, links that are opened.

use super::super::command::PlatformCommand;
use super::super::event::SystemEvent;
use super::super::window::{Closing, NoTray, TRAY_GRACE_MS, Tray};
use super::super::{Dialog, Hosting};
use super::*;
use breeze_protocol::link::InviteLink;

const HIDE: Command = Command::Platform(PlatformCommand::Hide);
const SHOW: Command = Command::Platform(PlatformCommand::ShowWindow);
const QUIT: Command = Command::Platform(PlatformCommand::Quit);

fn system(model: &mut Model, now: Now, event: SystemEvent) -> Vec<Command> {
    model.apply(now, Event::System(event))
}

fn close(model: &mut Model) -> Vec<Command> {
    model.act(at(0), Action::CloseWindow, &mut Count(0))
}

/// Signed in on a desktop with a tray; closing leaves Breeze in it.
fn in_tray() -> Model {
    let mut model = Model {
        screen: Screen::Main,
        focused: true,
        ..Model::default()
    };
    model.settings.closing = Closing::Tray;
    system(&mut model, at(0), SystemEvent::Tray(Tray::Here));
    model
}

#[test]
fn closing_asks_once_and_remembers() {
    let mut model = in_tray();
    model.settings.closing = Closing::Ask;
    assert_eq!(close(&mut model), []);
    assert_eq!(model.dialog, Some(Dialog::Closing));
    let commands = model.act(at(0), Action::ChooseClosing(Closing::Tray), &mut Count(0));
    assert!(matches!(
        commands.as_slice(),
        [Command::Store(StoreCommand::Settings(kept)), HIDE] if kept.closing == Closing::Tray
    ));
    assert!(model.hidden && !model.focused && model.dialog.is_none());
    let mut model = in_tray();
    model.settings.closing = Closing::Quit;
    assert!(close(&mut model).contains(&QUIT));
}

#[test]
fn without_a_tray_closing_quits_whatever_was_chosen() {
    for tray in [
        Tray::Looking,
        Tray::Missing(NoTray::NoWatcher),
        Tray::Missing(NoTray::Silent),
    ] {
        let mut model = in_tray();
        system(&mut model, at(0), SystemEvent::Tray(tray));
        assert!(close(&mut model).contains(&QUIT), "{tray:?}");
        assert!(!model.hidden);
    }
}

#[test]
fn a_hidden_window_comes_back_when_the_tray_is_gone_for_good() {
    let mut model = in_tray();
    assert_eq!(close(&mut model), [HIDE]);
    assert_eq!(model.next_duty_ms(at(0)), None);
    let gone = SystemEvent::Tray(Tray::Missing(NoTray::NoWatcher));
    system(&mut model, at(100), gone.clone());
    assert_eq!(model.next_duty_ms(at(100)), Some(TRAY_GRACE_MS));
    // The desktop's shell has only restarted.
    system(&mut model, at(200), SystemEvent::Tray(Tray::Here));
    assert_eq!(model.apply(at(100 + TRAY_GRACE_MS), Event::Tick), []);
    system(&mut model, at(9000), gone);
    assert_eq!(model.apply(at(9000 + TRAY_GRACE_MS - 1), Event::Tick), []);
    assert_eq!(model.apply(at(9000 + TRAY_GRACE_MS), Event::Tick), [SHOW]);
    assert!(!model.hidden);
}

#[test]
fn quitting_while_hidden_and_hosting_opens_the_window_and_asks() {
    let mut model = in_tray();
    model.hosting = Some(Hosting {
        running: true,
        ..Hosting::default()
    });
    close(&mut model);
    assert_eq!(system(&mut model, at(0), SystemEvent::Quit), [SHOW]);
    assert_eq!(model.dialog, Some(Dialog::QuitHosting));
    let commands = model.act(at(0), Action::QuitHosting(false), &mut Count(0));
    assert!(commands.contains(&QUIT));
}

#[test]
fn a_link_is_shown_and_never_followed() {
    let pin = format!("sha256/{}", "A".repeat(43));
    let open = |pin: &str| {
        let link = InviteLink::parse(&format!("breeze://home.example:7/?i=abc&pin={pin}")).unwrap();
        SystemEvent::Open(Some(Box::new(link)))
    };
    let mut model = Model::default();
    assert_eq!(system(&mut model, at(0), open(&pin)), [SHOW]);
    assert!(model.onboarding.link.starts_with("breeze://home.example:7/"));
    let mut model = in_tray();
    model.book.pin.clone_from(&pin);
    close(&mut model);
    assert_eq!(system(&mut model, at(0), open(&pin)), [SHOW]);
    let Some(Dialog::OpenedLink(link)) = &model.dialog else {
        panic!("it is shown")
    };
    assert!(link.same && link.address == "home.example:7");
    let other = format!("sha256/{}", "B".repeat(43));
    system(&mut model, at(0), open(&other));
    assert!(matches!(&model.dialog, Some(Dialog::OpenedLink(link)) if !link.same));
}

#[test]
fn the_tray_s_words_reach_the_link_and_its_face_follows_the_truth() {
    let mut model = in_tray();
    model.link = Link::Up;
    let commands = system(
        &mut model,
        at(0),
        SystemEvent::Status(breeze_protocol::StatusKind::Busy),
    );
    let busy = LinkCommand::Status(breeze_protocol::StatusKind::Busy);
    assert!(commands.contains(&busy.into()));
    let face = model.tray_face();
    assert!(face.connected && face.signed_in && face.status == breeze_protocol::StatusKind::Busy);
    model.link = Link::Down {
        since: 0,
        next_try: None,
        restarting: false,
    };
    assert!(!model.tray_face().connected);
}
