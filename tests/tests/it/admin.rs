//! The operator's side: the admin socket and the subcommands that use it.

use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::session::{SessionRevoke, SessionsList};
use breeze_protocol::{PresenceState, ServerMessage};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::{join, star};
use breeze_tests::server::{Plan, Server};
use breeze_tests::{admin, programs, wait};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn password(answer: AdminAnswer) -> String {
    match answer {
        AdminAnswer::Password { password, .. } => password.0,
        other => panic!("{other:?}"),
    }
}

async fn login(server: &Server, name: &str, password: &str) -> Result<(), RefusedCode> {
    let client = Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap();
    client.login(name, password).await.map(drop)
}

#[tokio::test]
async fn the_admin_socket_is_private() {
    let server = Server::start();
    let socket = Path::new(&server.start_line().admin);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(socket), 0o600);
    assert_eq!(mode(&server.data()), 0o700);
}

#[tokio::test]
async fn an_invite_of_the_operator_befriends_the_owner() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let link = match server.admin(&AdminRequest::Invite { uses: 1, ttl_s: 60 }) {
        AdminAnswer::Invite { link, .. } => link,
        other => panic!("{other:?}"),
    };
    let dora = join(&server.endpoint(), &link, "dora").await;
    let (owner, client) = (ann.online(&server).await, dora.online(&server).await);
    owner.until_state(dora.account, PresenceState::Online).await;
    client.until_state(ann.account, PresenceState::Online).await;
    let rows = match server.admin(&AdminRequest::UserList) {
        AdminAnswer::Users { rows } => rows,
        other => panic!("{other:?}"),
    };
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.username.as_str(), row.owner, row.sessions))
        .collect();
    assert_eq!(seen, [("ann", true, 1), ("bob", false, 0), ("dora", false, 1)]);
}

#[tokio::test]
async fn the_operator_adds_shuts_opens_and_resets_accounts() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let add = AdminRequest::UserAdd {
        username: "erik".into(),
        display_name: "Erik".into(),
    };
    let first = password(server.admin(&add));
    assert!(
        matches!(server.admin(&add), AdminAnswer::Error { .. }),
        "the name is taken now"
    );
    login(&server, "erik", &first)
        .await
        .expect("the printed password works");
    // Shut: the live socket closes within a second, and the door stays closed.
    let client = ann.online(&server).await;
    let name = || "ann".to_owned();
    assert_eq!(
        server.admin(&AdminRequest::UserDisable { username: name() }),
        AdminAnswer::Done
    );
    let start = std::time::Instant::now();
    assert_eq!(client.until_goodbye().await.reason, GoodbyeCode::Disabled);
    client.until_closed().await;
    assert!(start.elapsed().as_millis() <= 1000, "{:?}", start.elapsed());
    assert_eq!(
        login(&server, "ann", &ann.password).await,
        Err(RefusedCode::Disabled)
    );
    assert_eq!(
        login(&server, "ann", "a wrong password").await,
        Err(RefusedCode::BadCredentials),
        "not told to others"
    );
    assert_eq!(
        server.admin(&AdminRequest::UserEnable { username: name() }),
        AdminAnswer::Done
    );
    let client = ann.online(&server).await;
    // Reset: a new password, and every token is void.
    let new = password(server.admin(&AdminRequest::UserResetPassword { username: name() }));
    client.until_closed().await;
    assert!(
        ann.device
            .sign_in(&server.endpoint(), Habits::default(), None)
            .await
            .is_err()
    );
    assert_eq!(
        login(&server, "ann", &ann.password).await,
        Err(RefusedCode::BadCredentials)
    );
    login(&server, "ann", &new).await.unwrap();
    let nobody = AdminRequest::UserDisable {
        username: "nobody".into(),
    };
    assert!(matches!(server.admin(&nobody), AdminAnswer::Error { .. }));
}

#[tokio::test]
async fn sessions_are_listed_for_the_operator_and_for_the_person() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let laptop = ann.second_device(&server).await;
    let (one, two) = (ann.online(&server).await, laptop.online(&server.endpoint()).await);
    assert_eq!(server.sessions(), 2);
    let rows = match one.ask(SessionsList {}).await.unwrap() {
        ServerMessage::Sessions(it) => it.rows,
        other => panic!("{other:?}"),
    };
    let live: Vec<_> = rows.iter().filter(|row| row.address.is_some()).collect();
    assert_eq!(live.len(), 2, "{rows:?}");
    let other = live.iter().find(|row| !row.this).unwrap();
    one.wish(SessionRevoke {
        mid: mid(),
        device: other.device,
    })
    .await
    .unwrap();
    assert_eq!(two.until_goodbye().await.reason, GoodbyeCode::Revoked);
    two.until_closed().await;
    wait::until("one session left", wait::SOON, || {
        (server.sessions() == 1).then_some(())
    })
    .await;
    assert!(
        laptop
            .sign_in(&server.endpoint(), Habits::default(), None)
            .await
            .is_err(),
        "the token is void"
    );
    one.fence().await;
}

#[tokio::test]
async fn another_device_is_announced_to_the_ones_there_are() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let _laptop = ann.second_device(&server).await.online(&server.endpoint()).await;
    let notice = client.hear("sign_in_notice", wait::SOON, |message| match message {
        ServerMessage::SignInNotice(it) => Some(it.device.clone()),
        _ => None,
    });
    assert_eq!(notice.await.as_deref(), Some("second device"));
}

#[tokio::test]
async fn nonsense_on_the_admin_socket_is_answered_and_harms_nobody() {
    let mut server = Server::start();
    let socket = Path::new(&server.start_line().admin).to_owned();
    for line in [
        "",
        "nonsense",
        "{}",
        r#"{"do":"levitate"}"#,
        r#"{"do":"invite","uses":-1,"ttl_s":1}"#,
    ] {
        let answer = admin::ask_raw(&socket, line);
        assert!(
            matches!(answer, Ok(AdminAnswer::Error { .. }) | Err(_)),
            "{line:?}: {answer:?}"
        );
    }
    let _ = admin::ask_raw(&socket, &"x".repeat(100_000));
    server.assert_sound();
    assert_eq!(server.sessions(), 0);
}

#[tokio::test]
async fn stop_on_the_admin_socket_is_an_orderly_stop() {
    let mut server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    assert_eq!(server.admin(&AdminRequest::Stop), AdminAnswer::Done);
    assert_eq!(client.until_goodbye().await.reason, GoodbyeCode::Restarting);
    assert!(server.wait(std::time::Duration::from_secs(5)).success());
}

/// Runs a subcommand beside the running server.
fn subcommand(server: &Server, words: &[&str]) -> (bool, String) {
    let output = Command::new(programs::find("breeze-server"))
        .args(words)
        .arg("--data")
        .arg(server.data())
        .env("HOME", server.home())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[tokio::test]
async fn the_subcommands_speak_to_the_running_server() {
    let server = Plan::new().start();
    let (_ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let _client = bob.online(&server).await;
    let (fine, text) = subcommand(&server, &["invite"]);
    assert!(fine && text.contains("breeze://"), "{text}");
    let (fine, text) = subcommand(&server, &["user", "list"]);
    assert!(fine && text.contains("ann") && text.contains("bob"), "{text}");
    let (fine, text) = subcommand(&server, &["sessions"]);
    assert!(fine && text.contains("bob"), "{text}");
    let (fine, text) = subcommand(&server, &["user", "disable", "nobody-here"]);
    assert!(!fine && text.contains("nobody-here"), "{text}");
}
