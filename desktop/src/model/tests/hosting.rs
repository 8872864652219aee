//! The hosted server and the network around: what is told, what is asked, and that nobody asks for a window nobody sees.

use super::*;
use crate::model::banner::Banner;
use crate::model::command::HostCommand;
use crate::model::event::HostEvent;
use crate::model::hosting::{Autostart, Busy, HostAct, Look, Tab, USES};
use crate::model::near::Near;
use crate::model::onboarding::Page;
use crate::model::{Dialog, Hosting};
use breeze_protocol::admin::StartLine;

fn start_line() -> StartLine {
    StartLine {
        version: "0.1.0".into(),
        address: "192.168.1.7:7463".into(),
        listening: vec!["0.0.0.0:7463".into()],
        pin: format!("sha256/{}", "A".repeat(43)),
        owner_link: None,
        admin: "/data/server/admin.sock".into(),
        pid: 7,
    }
}

fn runs(model: &mut Model, foreign: bool) -> Vec<Command> {
    let start = Box::new(start_line());
    host(
        model,
        0,
        HostEvent::Running {
            start,
            wished: false,
            foreign,
        },
    )
}

fn host(model: &mut Model, now: u64, event: HostEvent) -> Vec<Command> {
    model.apply(at(now), Event::Host(event))
}

fn act(model: &mut Model, act: HostAct) -> Vec<Command> {
    model.act(at(0), Action::Host(act), &mut Count(0))
}

fn hosting() -> Model {
    let mut model = Model {
        screen: Screen::Main,
        ..Model::default()
    };
    runs(&mut model, false);
    model
}

fn of(model: &Model) -> &Hosting {
    model.hosting.as_ref().unwrap()
}

#[test]
fn the_panel_looks_once_a_second_while_it_is_shown_and_never_otherwise() {
    let mut model = hosting();
    assert_eq!(model.next_change_ms(at(0)), None, "closed: no frame is asked for");
    model.dialog = Some(Dialog::Host);
    assert!(of(&model).look_due(at(0)));
    let commands = act(&mut model, HostAct::Look);
    assert!(matches!(commands[..], [Command::Host(HostCommand::Look(wanted))] if wanted.disk));
    assert!(!of(&model).look_due(at(5000)), "one look at a time");
    host(&mut model, 100, HostEvent::Look(Box::default()));
    assert!(!of(&model).look_due(at(1099)));
    assert_eq!(model.next_change_ms(at(200)), Some(900));
    assert!(of(&model).look_due(at(1100)));
    model.dialog = None;
    assert_eq!(model.next_change_ms(at(200)), None);
    let commands = act(&mut model, HostAct::Look);
    assert!(matches!(commands[..], [Command::Host(HostCommand::Look(wanted))] if !wanted.disk));
    act(&mut model, HostAct::Tab(Tab::Invite));
    host(&mut model, 2000, HostEvent::Look(Box::default()));
    assert!(
        !of(&model).look_due(at(6999)) && of(&model).look_due(at(7000)),
        "invites change rarely"
    );
}

#[test]
fn a_look_keeps_what_it_did_not_look_at() {
    let mut model = hosting();
    let look = Look {
        log: Some(vec!["one".into()]),
        ..Look::default()
    };
    host(&mut model, 0, HostEvent::Look(Box::new(look)));
    let look = Look {
        people: Some((Vec::new(), true)),
        ..Look::default()
    };
    host(&mut model, 0, HostEvent::Look(Box::new(look)));
    let seen = &of(&model).panel.seen;
    assert_eq!(seen.log.as_deref(), Some(&["one".to_owned()][..]));
    assert_eq!(seen.people, Some((Vec::new(), true)));
}

#[test]
fn a_server_that_dies_is_told_and_can_be_started_again() {
    let mut model = hosting();
    assert_eq!(model.banner(at(0)), None);
    host(&mut model, 0, HostEvent::Died);
    assert_eq!(model.banner(at(0)), Some(Banner::HostDied { starting: false }));
    let commands = act(&mut model, HostAct::Start);
    assert_eq!(commands, [HostCommand::Start(String::new()).into()]);
    assert_eq!(model.banner(at(0)), Some(Banner::HostDied { starting: true }));
    host(&mut model, 0, HostEvent::Failed("No.".into()));
    assert_eq!(model.banner(at(0)), Some(Banner::HostDied { starting: false }));
    assert_eq!(runs(&mut model, false), [LinkCommand::TryNow.into()]);
    assert_eq!(model.banner(at(0)), None);
}

#[test]
fn a_stopped_server_stays_in_the_panel_and_a_foreign_one_does_not() {
    let mut model = hosting();
    model.dialog = Some(Dialog::Host);
    assert_eq!(
        model.act(at(0), Action::StopHosting, &mut Count(0)),
        [HostCommand::Stop.into()]
    );
    assert_eq!(of(&model).panel.busy, Busy::Stopping);
    host(&mut model, 0, HostEvent::Stopped);
    assert!(!of(&model).running && !of(&model).died);
    assert_eq!(model.dialog, Some(Dialog::Host));
    runs(&mut model, true);
    host(&mut model, 0, HostEvent::Died);
    assert_eq!((model.hosting, model.dialog), (None, None));
}

#[test]
fn quitting_asks_only_for_a_server_this_app_runs() {
    let asks = |change: fn(&mut Hosting)| {
        let mut model = hosting();
        change(model.hosting.as_mut().unwrap());
        model.act(at(0), Action::Quit, &mut Count(0));
        model.dialog == Some(Dialog::QuitHosting)
    };
    assert!(asks(|_| {}));
    assert!(!asks(|it| it.foreign = true));
    assert!(!asks(|it| it.autostart = Autostart::On));
    assert!(!asks(|it| it.running = false));
}

#[test]
fn an_invite_is_made_as_wished() {
    let mut model = hosting();
    act(&mut model, HostAct::Ttl(1));
    act(&mut model, HostAct::Uses(99));
    let uses = USES[2];
    let commands = act(&mut model, HostAct::MakeInvite);
    assert_eq!(commands, [HostCommand::Invite { uses, ttl_s: 86_400 }.into()]);
    host(&mut model, 0, HostEvent::Said("No.".into()));
    assert_eq!(of(&model).panel.said.as_deref(), Some("No."));
    host(&mut model, 0, HostEvent::Invite("breeze://x".into(), 9));
    assert_eq!(of(&model).link.as_deref(), Some("breeze://x"));
}

#[test]
fn the_network_is_heard_only_on_its_page_and_an_entry_is_a_typed_address() {
    let mut model = Model::default();
    assert_eq!(
        model.apply(at(0), Event::Tick),
        [HostCommand::Nearby(true).into()]
    );
    assert!(model.apply(at(0), Event::Tick).is_empty(), "told once");
    let home = Near {
        name: "Home".into(),
        address: "192.168.1.7:7463".into(),
    };
    host(&mut model, 0, HostEvent::Nearby(vec![home], false));
    let join = Action::JoinNear("192.168.1.7:7463".into());
    let commands = model.act(at(0), join, &mut Count(0));
    let [Command::Link(LinkCommand::Reach(target))] = &commands[..] else {
        panic!("{commands:?}");
    };
    assert_eq!(
        (target.address().as_str(), target.pin.as_str()),
        ("192.168.1.7:7463", "")
    );
    let pin = start_line().pin;
    let address = "192.168.1.7:7463".into();
    model.apply(at(0), Event::Link(LinkEvent::Fingerprint { address, pin }));
    assert_eq!(model.onboarding.page, Page::Trust);
    assert_eq!(model.onboarding.fingerprint, ["abandon"; 8].join(" "));
    assert_eq!(
        model.apply(at(0), Event::Tick),
        [HostCommand::Nearby(false).into()]
    );
}

#[test]
fn a_code_is_made_and_shown_until_it_was_noted() {
    let mut model = hosting();
    let asked = act(&mut model, HostAct::Recover("rosa".into()));
    assert!(asked.contains(&HostCommand::Recover("rosa".into()).into()));
    host(&mut model, 1, HostEvent::Password("lin".into(), "v7Tq".into()));
    host(&mut model, 2, HostEvent::Code("rosa".into(), "h4kq".into(), 9));
    let panel = &of(&model).panel;
    assert_eq!(panel.password, None, "one secret at a time");
    assert_eq!(panel.code, Some(("rosa".into(), "h4kq".into(), 9)));
    act(&mut model, HostAct::ForgetPassword);
    assert_eq!(of(&model).panel.code, None);
}
