//! Starts that must fail with a sentence: port taken, folder not writable, folder in use, newer schema; and a full disk.

use breeze_protocol::PresenceState::{Away, Busy};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::presence::StatusKind;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Refused, Server};
use breeze_tests::wait;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A refusal is a sentence for a person: not a panic, not a dump, and it names what is in the way.
fn assert_sentence(refused: &Refused, named: &[&str]) {
    assert!(!refused.status.success());
    let text = refused.text.to_lowercase();
    assert!(
        !text.contains("panicked") && !text.contains("error {") && !text.contains("os { code"),
        "{text}"
    );
    for word in named {
        assert!(
            text.contains(&word.to_lowercase()),
            "does not say {word:?}: {text}"
        );
    }
}

#[tokio::test]
async fn a_port_in_use_is_refused_with_a_sentence() {
    let server = Server::start();
    let address = server.endpoint().address;
    let refused = Plan::new().refused(home().path(), &address.to_string());
    assert_sentence(&refused, &[&address.port().to_string()]);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_refused_with_a_sentence() {
    let home = home();
    std::fs::write(home.path().join("data"), b"a file where the folder should be").unwrap();
    let refused = Plan::new().refused(home.path(), "127.0.0.1:0");
    assert_sentence(&refused, &["data"]);
}

#[tokio::test]
async fn two_servers_on_one_data_folder_are_refused_with_a_sentence() {
    let mut server = Server::start();
    let refused = Plan::new().refused(server.home(), "127.0.0.1:0");
    assert_sentence(&refused, &["data"]);
    server.assert_sound();
    star(&server, "ann", ["bob"]).await;
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence_and_left_alone() {
    let mut server = Server::start();
    star(&server, "ann", ["bob"]).await;
    server.signal(rustix::process::Signal::TERM);
    server.wait(Duration::from_secs(5));
    let path = server.data().join("breeze.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    let row = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
               VALUES (9999, 'from_the_future', '2038-01-19T03:14:07Z', '1')";
    database.execute(row, []).unwrap();
    database.execute_batch("PRAGMA user_version = 9999;").unwrap();
    drop(database);
    let refused = Plan::new().refused(server.home(), "127.0.0.1:0");
    assert_sentence(&refused, &["newer"]);
    let database = rusqlite::Connection::open(&path).unwrap();
    let users: i64 = database
        .query_row("SELECT count(*) FROM users", [], |row| row.get(0))
        .unwrap();
    assert_eq!(users, 2, "nothing was changed");
}

#[test]
fn plaintext_is_for_loopback_only() {
    let home = home();
    let refused = Plan::new().plain().refused(home.path(), "0.0.0.0:0");
    assert_sentence(&refused, &["tls"]);
}

#[test]
fn a_wrong_configuration_is_refused_with_its_key() {
    let home = home();
    let refused = Plan::new()
        .config("rooster = \"friends\"")
        .refused(home.path(), "127.0.0.1:0");
    assert_sentence(&refused, &["rooster"]);
}

#[tokio::test]
async fn the_key_and_the_pin_are_kept_over_restarts() {
    let mut server = Server::start();
    let pin = server.start_line().pin.clone();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    server.restart();
    assert_eq!(server.start_line().pin, pin);
    let client = ann.online(&server).await;
    client.fence().await;
}

/// Takes every byte that is left on the server's disk.
fn fill(path: &Path) -> u64 {
    let mut file = std::fs::File::create(path).unwrap();
    let (mut taken, mut piece) = (0, vec![7; 65_536]);
    while !piece.is_empty() {
        match file.write(&piece) {
            Ok(n) if n > 0 => taken += n as u64,
            _ => piece.truncate(piece.len() / 2),
        }
    }
    taken
}

#[tokio::test]
async fn a_full_disk_is_said_within_a_second_and_loses_nothing() {
    let mut server = Plan::new().small_disk(12 * 1024).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (client, reader) = (ann.online(&server).await, bob.online(&server).await);
    let conv = client.conv(bob.account).await;
    let mut stored = Vec::new();
    let ballast = server.data().parent().unwrap().join("ballast");
    for cycle in 0..5 {
        let taken = fill(&ballast);
        assert!(taken > 0, "no evidence: there was nothing to fill");
        let mut refused = None;
        for n in 0..800 {
            let (wish, body) = (mid(), format!("{cycle} {n:08000}"));
            let start = Instant::now();
            client.send(wish, conv, &body).await.unwrap();
            match client.sent(wish).await {
                Ok(_) => stored.push(body),
                Err(code) => {
                    refused = Some((code, start.elapsed(), wish, body));
                    break;
                }
            }
        }
        let (code, took, wish, body) = refused.expect("no evidence: the disk never got full");
        assert_eq!(code, NackCode::StorageFull, "cycle {cycle}");
        assert!(took <= Duration::from_secs(1), "said after {took:?}");
        assert_eq!(
            client.history(conv, 0, 0, 3).await.rows.len(),
            3.min(stored.len()),
            "reads go on"
        );
        client
            .set_status(if cycle % 2 == 0 {
                StatusKind::Away
            } else {
                StatusKind::Busy
            })
            .await;
        reader
            .until_state(ann.account, if cycle % 2 == 0 { Away } else { Busy })
            .await;
        std::fs::remove_file(&ballast).unwrap();
        let accepted = wait::until_async("room again", Duration::from_secs(5), || async {
            client.send(wish, conv, &body).await.unwrap();
            client.sent(wish).await.ok()
        });
        assert!(!accepted.await.dup, "what was refused had not been stored");
        stored.push(body);
    }
    let all = || (reader.local().texts(conv) == stored).then_some(());
    wait::until("everything that was promised, in order", wait::SOON, all).await;
    server.assert_sound();
}
