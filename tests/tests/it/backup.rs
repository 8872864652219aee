//! Backup and restore as an operator does them, with the people who were there meanwhile: the subcommands beside the
//! running server, and what comes back from the devices after yesterday's backup was put in place.

use crate::admin::subcommand;
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::message::chat::Event;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::{ConvId, StatusKind};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::{Person, star};
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

/// How long an orderly stop may take.
const STOP_MAX: Duration = Duration::from_secs(10);

fn stop(server: &mut Server) {
    assert_eq!(server.admin(&AdminRequest::Stop), AdminAnswer::Done);
    assert!(server.wait(STOP_MAX).success());
}

fn say(server: &Server, words: &[&str]) -> String {
    let (fine, text) = subcommand(server, words);
    assert!(fine, "{words:?}: {text}");
    text
}

fn refused(server: &Server, words: &[&str]) -> String {
    let (fine, text) = subcommand(server, words);
    assert!(!fine, "{words:?}: {text}");
    text
}

/// What a device does that comes back to another epoch: its own entries above the base of each conversation are sent
/// again, everything else is the server's now. Returns how many it brought back.
async fn come_back(server: &Server, who: &Person) -> (Client, usize) {
    let before: Vec<Event> = {
        let mut local = who.device.local();
        local.items.clear();
        std::mem::take(&mut local.rows).into_values().collect()
    };
    let mut client = who
        .device
        .sign_in(&server.endpoint(), Habits::default(), None)
        .await
        .unwrap();
    assert_eq!(client.resume(StatusKind::Online).await, ResumeMode::Snapshot);
    let states = client.local().states();
    let mut brought = 0;
    for event in before.into_iter().filter(|event| event.sender == who.account) {
        let base = states.iter().find_map(|state| match state {
            ItemState::Conv(conv) if conv.conv == event.conv => Some(conv.base_seq),
            _ => None,
        });
        if base.is_some_and(|base| event.seq > base) {
            client.send(event.mid, event.conv, &event.body).await.unwrap();
            client.sent(event.mid).await.unwrap();
            brought += 1;
        }
    }
    (client, brought)
}

fn bodies(client: &Client, conv: ConvId) -> Vec<String> {
    client.local().texts(conv)
}

#[tokio::test]
async fn the_operator_backs_up_verifies_and_reads_the_audit_beside_the_running_server() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let conv = client.conv(bob.account).await;
    client.say(conv, "kept").await;
    let to = server.home().join("saved");
    let path = to.display().to_string();
    let text = say(&server, &["backup", &path]);
    assert!(text.contains("A whole backup"), "{text}");
    for name in ["breeze.db", "key.pem", "cert.pem", "MANIFEST"] {
        assert!(to.join(name).is_file(), "{name}");
    }
    let text = say(&server, &["verify", &path]);
    assert!(text.contains("is whole") && text.contains("1 messages"), "{text}");
    assert!(refused(&server, &["backup", &path]).contains("exists already"));
    let text = say(&server, &["backup"]);
    assert!(text.contains("/backups/"), "{text}");
    say(&server, &["user", "disable", "bob"]);
    let text = say(&server, &["audit"]);
    for part in ["account made", "backup made", "account shut", "invite made"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(say(&server, &["audit", "--verify"]).contains("The audit is whole"));
    assert!(say(&server, &["verify"]).contains("is whole"));
    let text = refused(&server, &["restore", &path]);
    assert!(text.contains("stop it with `breeze-server stop`"), "{text}");
    // A byte in the wrong place is found, and nothing is restored from it.
    let key = to.join("key.pem");
    let changed = std::fs::read_to_string(&key).unwrap().replace("BEGIN", "BEGUN");
    std::fs::write(&key, changed).unwrap();
    let text = refused(&server, &["verify", &path]);
    assert!(text.contains("key.pem is not as it was written"), "{text}");
    client.fence().await;
}

#[tokio::test]
async fn f20_after_an_older_backup_the_devices_bring_back_what_is_theirs() {
    let mut server = Server::start();
    let (ann, [bob, cid]) = star(&server, "ann", ["bob", "cid"]).await;
    let saved = server.home().join("yesterday").display().to_string();
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let (conv, other) = (one.conv(bob.account).await, one.conv(cid.account).await);
    for n in 0..5 {
        one.say(conv, &format!("before {n}")).await;
    }
    two.until_text(conv, "before 4").await;
    say(&server, &["backup", &saved]);
    // A day later: both write, and a third who never comes back.
    let third = cid.online(&server).await;
    for n in 0..20 {
        one.say(conv, &format!("ann {n}")).await;
        two.say(conv, &format!("bob {n}")).await;
    }
    third.say(other, "lost with its only device").await;
    one.until_text(other, "lost with its only device").await;
    two.until_text(conv, "ann 19").await;
    one.until_text(conv, "bob 19").await;
    for client in [one, two, third] {
        client.bye().await;
    }
    stop(&mut server);
    let text = say(&server, &["restore", &saved]);
    assert!(text.contains("/replaced/"), "{text}");
    server.start_again();

    let (one, ann_brought) = come_back(&server, &ann).await;
    let (two, bob_brought) = come_back(&server, &bob).await;
    assert_eq!((ann_brought, bob_brought), (20, 20));
    one.until_text(conv, "bob 19").await;
    two.until_text(conv, "ann 19").await;
    let (mine, theirs) = (bodies(&one, conv), bodies(&two, conv));
    assert_eq!(mine, theirs, "one order for both");
    let once: BTreeSet<&String> = mine.iter().collect();
    assert_eq!((mine.len(), once.len()), (45, 45), "each exactly once: {mine:?}");
    assert!(
        bodies(&one, other).is_empty(),
        "others' entries are not brought back by others"
    );
    assert!(say(&server, &["verify"]).contains("is whole"));
    // Coming back once more brings nothing and doubles nothing.
    one.bye().await;
    let again = ann.online(&server).await;
    again.say(conv, "and on").await;
    assert_eq!(bodies(&again, conv).len(), 46);
    assert_eq!(again.local().contradictions, 0);
}

#[tokio::test]
async fn a_disk_set_back_refuses_the_device_that_noticed_until_the_operator_accepts() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let conv = client.conv(bob.account).await;
    client.say(conv, "one").await;
    client.bye().await;
    stop(&mut server);
    let snapshot = server.home().join("snapshot");
    std::fs::create_dir(&snapshot).unwrap();
    std::fs::copy(server.data().join("breeze.db"), snapshot.join("breeze.db")).unwrap();
    server.start_again();
    let client = ann.online(&server).await;
    client.say(conv, "two").await;
    client.bye().await;
    stop(&mut server);
    // As a machine's snapshot does it.
    std::fs::copy(snapshot.join("breeze.db"), server.data().join("breeze.db")).unwrap();
    for log in ["breeze.db-wal", "breeze.db-shm"] {
        let _ = std::fs::remove_file(server.data().join(log));
    }
    server.start_again();

    let kept = ann.device.local().clone();
    for round in 0..2 {
        let mut client = ann
            .device
            .sign_in(&server.endpoint(), Habits::default(), None)
            .await
            .unwrap();
        let mode = client.resume(StatusKind::Online).await;
        assert_eq!(mode, ResumeMode::RolledBack, "round {round}");
        let wish = mid();
        client.send(wish, conv, "not yet").await.unwrap();
        assert!(client.sent(wish).await.unwrap_err().is_transient());
        client.bye().await;
        server.restart();
    }
    assert!(server.log().contains("restore --accept"), "{}", server.log());
    *ann.device.local() = kept;
    stop(&mut server);
    say(&server, &["restore", "--accept"]);
    server.start_again();
    let (client, brought) = come_back(&server, &ann).await;
    assert_eq!(
        brought, 2,
        "nobody knows where the loss began; the server has one of them"
    );
    client.until_text(conv, "two").await;
    wait::until("both entries", wait::SOON, || {
        (bodies(&client, conv) == ["one", "two"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn daily_backups_are_made_by_themselves_and_thinned_out() {
    let server = Plan::new()
        .config("backup_keep = 2")
        .timing("backup_every_ms", 1000)
        .start();
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let folder = server.data().join("backups");
    let names = || -> BTreeSet<String> {
        let entries = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        let names = entries.map(|it| it.file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.starts_with("daily-") && !name.ends_with(".incomplete"))
            .collect()
    };
    let mut seen = BTreeSet::new();
    wait::until(
        "four backups, of which two are kept",
        Duration::from_secs(40),
        || {
            seen.extend(names());
            (seen.len() >= 4 && names().len() == 2).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn the_doctor_says_in_words_what_is_well_and_what_must_be_done() {
    let mut server = Server::start();
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    say(&server, &["backup"]);
    let text = say(&server, &["doctor"]);
    for part in [
        "A server runs (version",
        "The server answers on 127.0.0.1:",
        "The certificate belongs to the key",
        "Fingerprint: sha256/",
        "The newest backup is 0 hours old.",
        "Nothing must be done.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("breeze://"), "no secrets: {text}");
    // What must be done is said, and the command fails: open rights, a missing port, a key that is none.
    let data = server.data();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let text = refused(&server, &["doctor"]);
    assert!(text.contains("Others on this computer may look into"), "{text}");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).unwrap();
    let text = refused(&server, &["doctor", "--public", "127.0.0.1:1"]);
    assert!(text.contains("127.0.0.1:1 does not answer from here"), "{text}");
    let key = std::fs::read_to_string(data.join("key.pem")).unwrap();
    std::fs::write(data.join("key.pem"), "none").unwrap();
    let text = refused(&server, &["doctor"]);
    assert!(text.contains("put the server's own key back"), "{text}");
    std::fs::write(data.join("key.pem"), key).unwrap();
    stop(&mut server);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = server.home().join("other.toml");
    std::fs::write(
        &config,
        format!("listen = [\"{}\"]\n", taken.local_addr().unwrap()),
    )
    .unwrap();
    let text = refused(&server, &["doctor", "--config", config.to_str().unwrap()]);
    assert!(text.contains("cannot be listened on"), "{text}");
    assert!(text.contains("No server runs here now."), "{text}");
}

#[tokio::test]
async fn one_persons_data_is_exported_and_nobody_elses() {
    let server = Server::start();
    let (ann, [bob, cid]) = star(&server, "ann", ["bob", "cid"]).await;
    let one = ann.online(&server).await;
    let (with_bob, with_cid) = (one.conv(bob.account).await, one.conv(cid.account).await);
    one.say(with_bob, "for \"bob\" 你好").await;
    one.say(with_cid, "for cid alone").await;
    let to = server.home().join("bobs");
    let path = to.display().to_string();
    let text = say(&server, &["export", "Bob", &path]);
    assert!(text.contains("1 conversations with 1 messages"), "{text}");
    let read = |name: &str| std::fs::read_to_string(to.join(name)).unwrap();
    let file = format!("conversations/{}-ann.json", with_bob.0);
    let messages: serde_json::Value = serde_json::from_str(&read(&file)).unwrap();
    assert_eq!(messages[0]["text"], "for \"bob\" 你好");
    assert_eq!(messages[0]["from"], "ann");
    let account: serde_json::Value = serde_json::from_str(&read("account.json")).unwrap();
    assert_eq!(account["username"], "bob");
    assert_eq!(account["friends"][0]["name"], "ann");
    let files = std::fs::read_dir(to.join("conversations")).unwrap().count();
    assert_eq!(files, 1, "nothing of others' conversations");
    assert!(refused(&server, &["export", "bob", &path]).contains("exists already"));
    let text = refused(&server, &["export", "nobody", "/tmp/never-made"]);
    assert!(text.contains("nobody here is called nobody"), "{text}");
}
