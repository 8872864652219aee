//! The panel of the hosted server, part by part.

use super::{demo, done, open, sized};
use breeze_desktop::model::hosting::{Autostart, Disk, HostAct, Info, Look, Panel, Tab};
use breeze_desktop::model::{Action, Dialog, Hosting, Model};
use breeze_protocol::admin::{AdminInvite, AdminSession, AdminUser};
use breeze_protocol::{AccountId, DeviceId};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

fn user(account: u64, username: &str, disabled: bool) -> AdminUser {
    AdminUser {
        account: AccountId(account),
        username: username.into(),
        display_name: format!("{username} the Great"),
        owner: account == 1,
        disabled,
        sessions: u64::from(account == 1),
        files_bytes: if account == 2 { 300 << 20 } else { 0 },
        files_quota: 5 << 30,
    }
}

/// A panel that shows this part.
fn panel(tab: Tab) -> Model {
    let seen = Look {
        info: Some(Info {
            name: "Home".into(),
            version: "0.1.0".into(),
            sessions: 1,
            accounts: 3,
            uptime_ms: 3 * 3_600_000 + 12 * 60_000,
            data: "/home/mira/.local/share/breeze/server".into(),
        }),
        disk: Some(Disk {
            database: 1_310_720,
            wal: 131_072,
            pictures: 20_480,
            free: 53_687_091_200,
        }),
        sessions: Some((
            vec![AdminSession {
                username: "mira".into(),
                device: DeviceId(1),
                address: "192.168.1.9:51812".into(),
                heard_ms: 2310,
                age_ms: 64_000,
            }],
            false,
        )),
        people: Some((
            vec![
                user(1, "mira", false),
                user(2, "lin", false),
                user(3, "rosa", true),
            ],
            true,
        )),
        invites: Some((
            vec![AdminInvite {
                invite: 7,
                maker: "mira".into(),
                uses_left: 9,
                expires_ms: demo::WALL_MS + 3_600_000,
            }],
            false,
        )),
        log: Some(vec!["2025-11-18T14:30:00Z  INFO started".into()]),
    };
    let hosting = Hosting {
        address: "192.168.1.7:7463".into(),
        running: true,
        pin: "sha256/FXoO1ZcWqL0m3vN8Jx2uTgYb5RkSdE7hQpAiC4tV9zM".into(),
        autostart: Autostart::Off,
        panel: Panel {
            tab,
            seen,
            ..Panel::default()
        },
        ..Hosting::default()
    };
    Model {
        hosting: Some(hosting),
        dialog: Some(Dialog::Host),
        ..demo::model()
    }
}

/// What was done, apart from looking again.
fn acts(actions: Vec<Action>) -> Vec<Action> {
    let look = Action::Host(HostAct::Look);
    actions.into_iter().filter(|action| *action != look).collect()
}

#[test]
fn the_server_s_part_tells_what_it_is() {
    let mut harness = open(panel(Tab::Server));
    harness.get_by_label("Running for 3 h 12 min");
    harness.get_by_label("People: 3, 1 connected");
    harness.get_by_label("Disk: 1.3 MiB used, 20 KiB of it pictures, 50 GiB free");
    harness.get_by_label_contains("Fingerprint in words: betray");
    harness.get_by_label("Copy address").click();
    let copy = Action::Copy("192.168.1.7:7463".into());
    assert_eq!(acts(done(&mut harness)), [copy]);
    harness
        .get_by_label("Start when I log in to this computer")
        .click();
    assert_eq!(acts(done(&mut harness)), [Action::Host(HostAct::Autostart(true))]);
    harness.get_by_role_and_label(Role::RadioButton, "People").click();
    assert_eq!(
        acts(done(&mut harness)),
        [Action::Host(HostAct::Tab(Tab::People))]
    );
}

#[test]
fn a_switch_that_cannot_is_off_and_says_why() {
    let mut model = panel(Tab::Server);
    let hosting = model.hosting.as_mut().unwrap();
    hosting.autostart = Autostart::Cannot("Not here.".into());
    let mut harness = open(model);
    harness.get_by_label("Not here.");
    harness
        .get_by_label("Start when I log in to this computer")
        .click();
    assert!(acts(done(&mut harness)).is_empty());
}

#[test]
fn an_invite_has_an_end_and_a_picture() {
    let mut harness = open(panel(Tab::Invite));
    harness.get_by_label("1 day").click();
    harness.get_by_label("10 people").click();
    let wishes = [HostAct::Ttl(1), HostAct::Uses(1)].map(Action::Host);
    assert_eq!(acts(done(&mut harness)), wishes);
    harness.get_by_label("Make invite link").click();
    assert_eq!(acts(done(&mut harness)), [Action::Host(HostAct::MakeInvite)]);
    let link = "breeze://192.168.1.7:7463/?i=k7Qm2XvB9cLw4RtZ8NpYaD".to_owned();
    let hosting = harness.state_mut().model.hosting.as_mut().unwrap();
    hosting.link = Some(link.clone());
    hosting.panel.expires_ms = demo::WALL_MS + 86_400_000;
    harness.run_ok();
    harness.get_by_label("QR code of the invite link");
    harness.get_by_label("Copy link").click();
    assert_eq!(acts(done(&mut harness)), [Action::Copy(link)]);
    harness.get_by_label("Take back invite 7").click();
    assert_eq!(acts(done(&mut harness)), [Action::Host(HostAct::Revoke(7))]);
}

#[test]
fn people_can_be_shut_and_opened_and_the_owner_cannot() {
    let mut harness = open(panel(Tab::People));
    harness.get_by_label("mira, 192.168.1.9:51812, heard 2 seconds ago");
    assert!(harness.query_by_label("Disable mira").is_none());
    harness.get_by_label("Disable lin").click();
    let shut = HostAct::Disable("lin".into(), true);
    assert_eq!(acts(done(&mut harness)), [Action::Host(shut)]);
    harness.get_by_label("Enable rosa").click();
    let open = HostAct::Disable("rosa".into(), false);
    assert_eq!(acts(done(&mut harness)), [Action::Host(open)]);
    harness.get_by_label("New password for rosa").click();
    let reset = HostAct::ResetPassword("rosa".into());
    assert_eq!(acts(done(&mut harness)), [Action::Host(reset)]);
    let hosting = harness.state_mut().model.hosting.as_mut().unwrap();
    hosting.panel.password = Some(("rosa".into(), "v7Tq-m2Xk-9LwB".into()));
    harness.run_ok();
    harness.get_by_label("v7Tq-m2Xk-9LwB");
    harness.get_by_label("I have noted it").click();
    assert_eq!(acts(done(&mut harness)), [Action::Host(HostAct::ForgetPassword)]);
    harness.get_by_label("One-time code for rosa").click();
    assert_eq!(
        acts(done(&mut harness)),
        [Action::Host(HostAct::Recover("rosa".into()))]
    );
    let hosting = harness.state_mut().model.hosting.as_mut().unwrap();
    (hosting.panel.password, hosting.panel.code) = (
        None,
        Some(("rosa".into(), "h4kq-w7md-2xvb-p9tn".into(), super::demo::WALL_MS)),
    );
    harness.run_ok();
    harness.get_by_label("h4kq-w7md-2xvb-p9tn");
    harness.get_by_label("Copy code").click();
    let copied = Action::Copy("h4kq-w7md-2xvb-p9tn".into());
    assert_eq!(acts(done(&mut harness)), [copied]);
    harness.get_by_label("I have noted it").click();
    assert_eq!(acts(done(&mut harness)), [Action::Host(HostAct::ForgetPassword)]);
    harness.get_by_label("Show more").click();
    assert_eq!(acts(done(&mut harness)), [Action::Host(HostAct::MorePeople)]);
}

#[test]
fn the_log_can_be_read_and_copied() {
    let mut harness = open(panel(Tab::Log));
    let line = "2025-11-18T14:30:00Z  INFO started";
    harness.get_by_label(line);
    harness.get_by_label("Copy all").click();
    assert_eq!(acts(done(&mut harness)), [Action::Copy(line.into())]);
}

#[test]
fn a_server_that_stopped_by_itself_is_started_again_from_panel_and_banner() {
    let mut model = panel(Tab::Server);
    let hosting = model.hosting.as_mut().unwrap();
    (hosting.running, hosting.died) = (false, true);
    let mut harness = open(model.clone());
    harness.get_by_label("Your server stopped");
    model.dialog = None;
    let mut banner = open(model);
    banner.get_by_label("Your server stopped. Nobody can reach it until it runs again.");
    for harness in [&mut harness, &mut banner] {
        let again: Vec<_> = harness.get_all_by_label("Start again").collect();
        again.last().unwrap().click();
        assert!(done(harness).contains(&Action::Host(HostAct::Start)));
    }
}

#[test]
fn every_part_fits_a_narrow_window() {
    for tab in Tab::ALL {
        let harness = sized(panel(tab), [400.0, 640.0]);
        for role in [Role::Label, Role::Button, Role::RadioButton, Role::Switch] {
            for node in harness.query_all_by_role(role) {
                assert!(node.rect().right() <= 401.0, "{tab:?}: {node:?}");
            }
        }
    }
}
