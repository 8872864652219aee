//! The operator's side: the admin socket and the subcommands that use it.

use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use breeze_protocol::limit::FILE_QUOTA_BYTES_DEFAULT;
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::session::{SessionRevoke, SessionsList};
use breeze_protocol::{AccountId, DeviceId, PresenceState, ServerMessage};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::{join, star};
use breeze_tests::server::{Plan, Server};
use breeze_tests::{admin, programs, wait};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// A container has process numbers of its own, in which an operator outside has none.
#[test]
fn an_operator_outside_the_servers_container_is_heard() {
    let home = tempfile::tempdir().unwrap();
    let server = Plan::new().command(home.path(), "127.0.0.1:0");
    let mut child = Command::new("unshare")
        .args(["-rp", "--fork", "--kill-child"])
        .arg(server.get_program())
        .args(server.get_args())
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    said.read_line(&mut line).unwrap();
    let answer = serde_json::from_str(&line)
        .map_err(|e| e.to_string())
        .and_then(|start: StartLine| admin::ask(Path::new(&start.admin), &AdminRequest::Info));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(answer, Ok(AdminAnswer::Info { .. })), "{answer:?}");
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
    let rows = match server.admin(&AdminRequest::UserList { after: AccountId(0) }) {
        AdminAnswer::Users { rows, .. } => rows,
        other => panic!("{other:?}"),
    };
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.username.as_str(), row.owner, row.sessions))
        .collect();
    assert_eq!(seen, [("ann", true, 1), ("bob", false, 0), ("dora", false, 1)]);
    let files: Vec<_> = rows
        .iter()
        .map(|row| (row.files_bytes, row.files_quota))
        .collect();
    assert_eq!(files, [(0, FILE_QUOTA_BYTES_DEFAULT); 3]);
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
pub(crate) fn subcommand(server: &Server, words: &[&str]) -> (bool, String) {
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

/// What an operator is refused, in words.
fn refusal(answer: AdminAnswer) -> String {
    match answer {
        AdminAnswer::Error { text } => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_operator_sees_what_the_server_is_and_what_it_takes() {
    let server = Server::start();
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    match server.admin(&AdminRequest::Info) {
        AdminAnswer::Info {
            start,
            accounts,
            uptime_ms,
            data,
            ..
        } => {
            assert_eq!((accounts, Path::new(&data)), (2, server.data().as_path()));
            assert!(uptime_ms > 0 && uptime_ms < 600_000, "{uptime_ms}");
            assert_eq!(start.owner_link, None, "the owner is there: no link stays behind");
        }
        other => panic!("{other:?}"),
    }
    match server.admin(&AdminRequest::Disk) {
        AdminAnswer::Disk {
            database,
            pictures,
            free,
            ..
        } => assert!(database > 0 && pictures == 0 && free > 0),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_operator_lists_and_takes_back_invites() {
    let server = Server::start();
    let invite = |uses, ttl_s| server.admin(&AdminRequest::Invite { uses, ttl_s });
    let list = || match server.admin(&AdminRequest::InviteList { before: 0 }) {
        AdminAnswer::Invites { rows, more } => {
            assert!(!more);
            rows
        }
        other => panic!("{other:?}"),
    };
    assert!(refusal(invite(1, 60)).contains("Nobody owns this server yet"));
    assert_eq!(
        list().iter().map(|row| row.maker.as_str()).collect::<Vec<_>>(),
        [""]
    );
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let before = list().len();
    let link = match invite(3, 3600) {
        AdminAnswer::Invite { link, .. } => link,
        other => panic!("{other:?}"),
    };
    let rows = list();
    assert_eq!(rows.len(), before + 1);
    assert_eq!(
        (rows[0].maker.as_str(), rows[0].uses_left),
        ("ann", 3),
        "newest first"
    );
    let page = server.admin(&AdminRequest::InviteList {
        before: rows[0].invite,
    });
    assert!(matches!(page, AdminAnswer::Invites { rows, .. } if rows.len() == before));
    let _dora = join(&server.endpoint(), &link, "dora").await;
    assert_eq!(list()[0].uses_left, 2);
    let revoke = AdminRequest::InviteRevoke {
        invite: rows[0].invite,
    };
    assert_eq!(server.admin(&revoke), AdminAnswer::Done);
    assert_eq!(list().len(), before);
    assert!(refusal(server.admin(&revoke)).contains("There is no invite"));
    for (uses, ttl_s, words) in [
        (0, 60, "1 to 1000 people"),
        (1001, 60, "1 to 1000 people"),
        (1, 0, "30 days at most"),
        (1, 31 * 24 * 3600, "never for ever"),
    ] {
        let text = refusal(invite(uses, ttl_s));
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn lists_are_paged_and_pages_do_not_overlap() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let laptop = ann.second_device(&server).await;
    let (_one, _two) = (ann.online(&server).await, laptop.online(&server.endpoint()).await);
    let after = |after| match server.admin(&AdminRequest::UserList { after }) {
        AdminAnswer::Users { rows, more: false } => rows,
        other => panic!("{other:?}"),
    };
    let all = after(AccountId(0));
    assert_eq!(after(all[0].account), all[1..]);
    assert!(after(all[1].account).is_empty());
    let live = |after| match server.admin(&AdminRequest::Sessions { after }) {
        AdminAnswer::Sessions { rows, more: false } => rows.iter().map(|row| row.device).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let devices = live(DeviceId(0));
    assert_eq!(devices.len(), 2);
    assert_eq!(live(devices[0]), devices[1..]);
}

#[tokio::test]
async fn the_log_tail_is_bounded_and_holds_no_secret() {
    let server = Plan::new().config("log = \"trace\"\n").start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let link = match server.admin(&AdminRequest::Invite { uses: 1, ttl_s: 60 }) {
        AdminAnswer::Invite { link, .. } => link.0,
        other => panic!("{other:?}"),
    };
    let _client = bob.online(&server).await;
    let new = password(server.admin(&AdminRequest::UserResetPassword {
        username: "ann".into(),
    }));
    login(&server, "ann", "wrong words for ann").await.unwrap_err();
    let lines = |lines| match server.admin(&AdminRequest::Log { lines }) {
        AdminAnswer::Log { lines } => lines,
        other => panic!("{other:?}"),
    };
    let all = lines(u32::MAX);
    assert!(!all.is_empty() && all.len() <= breeze_protocol::admin::LOG_LINES_MAX);
    assert_eq!(lines(3).len(), 3);
    assert!(lines(0).is_empty());
    let code = link
        .split("i=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .unwrap();
    let secrets = [code, &new, &ann.password, "wrong words for ann"];
    for line in &all {
        for secret in secrets {
            assert!(!line.contains(secret), "a secret in {line:?}");
        }
    }
}

#[tokio::test]
async fn the_operator_s_words_at_the_command_line() {
    let server = Plan::new().start();
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let (fine, text) = subcommand(&server, &["status"]);
    assert!(
        fine && text.contains("Fingerprint:") && text.contains("Disk:"),
        "{text}"
    );
    let (fine, text) = subcommand(&server, &["invite", "--hours", "1"]);
    assert!(fine && text.contains("valid for 1 hour."), "{text}");
    let (fine, text) = subcommand(&server, &["invites"]);
    assert!(fine && text.contains("1 uses left"), "{text}");
    let number = text.split_whitespace().next().unwrap().to_owned();
    let (fine, text) = subcommand(&server, &["revoke", &number]);
    assert!(fine && text.contains("is taken back"), "{text}");
    let (fine, text) = subcommand(&server, &["revoke", &number]);
    assert!(!fine && text.contains("There is no invite"), "{text}");
    let (fine, text) = subcommand(&server, &["log", "--lines", "5"]);
    assert!(fine && text.contains("started"), "{text}");
}
