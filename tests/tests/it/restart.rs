//! R16, R24: the server goes and comes back; nobody flaps, nobody is stuck, nobody is called offline too early.

use breeze_protocol::PresenceState::{Offline, Online, Unknown};
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::{EndReason, PresenceState, ServerMessage};
use breeze_tests::client::Client;
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use rustix::process::Signal;
use std::time::Duration;

/// Every state somebody went through, the snapshots too.
fn whole_path(client: &Client, account: breeze_protocol::AccountId) -> Vec<PresenceState> {
    let state = client.state();
    let mut path: Vec<_> = state
        .presence
        .steps
        .iter()
        .filter(|step| step.account == account)
        .map(|step| step.known.state)
        .collect();
    path.dedup();
    path
}

#[tokio::test]
async fn r16_after_a_restart_nobody_is_offline_who_is_merely_not_back_yet() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let watcher = bob.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    server.restart();
    let end = watcher.until_closed().await;
    println!("the old connection: {end}");
    let watcher = bob.online(&server).await;
    assert_eq!(
        watcher.state().presence.state(ann.account),
        Unknown,
        "the server has not seen ann yet"
    );
    let unknown = || watcher.state().presence.state(ann.account) == Unknown;
    wait::hold("not called offline meanwhile", Duration::from_secs(3), unknown).await;
    let back = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    assert_eq!(
        whole_path(&watcher, ann.account),
        [Unknown, Online],
        "no grey in between"
    );
    drop((client, back));
}

#[tokio::test]
async fn r16_whoever_does_not_come_back_is_offline_after_settling() {
    let mut server = Plan::new().timing("settle_short_ms", 1000).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let watcher = bob.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    server.restart();
    let watcher = bob.online(&server).await;
    watcher.until_state(ann.account, Offline).await;
    let known = watcher.state().presence.of(ann.account);
    assert_eq!(known.reason, Some(EndReason::ServerRestart));
    assert!(
        known.age_ms < 120_000,
        "with the stored last seen, not the start of time: {known:?}"
    );
    drop(client);
}

#[tokio::test]
async fn r16_versions_of_the_old_boot_say_nothing_after_the_new() {
    let mut server = Plan::new().timing("settle_short_ms", 500).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    for _ in 0..10 {
        ann.online(&server).await.bye().await;
    }
    watcher.until_state(ann.account, Offline).await;
    server.restart();
    let watcher = bob.online(&server).await;
    let _client = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    watcher.fresh_presence().await;
    assert_eq!(watcher.state().presence.state(ann.account), Online);
    assert_eq!(watcher.state().presence.stale, 0);
}

#[tokio::test]
async fn r24_an_orderly_stop_says_so_and_no_avatar_flaps() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (client, watcher) = (ann.online(&server).await, bob.online(&server).await);
    watcher.until_state(ann.account, Online).await;
    let start = std::time::Instant::now();
    server.signal(Signal::TERM);
    for one in [&client, &watcher] {
        let goodbye = one.until_goodbye().await;
        assert_eq!(goodbye.reason, GoodbyeCode::Restarting);
        one.until_closed().await;
    }
    let status = server.wait(Duration::from_secs(5));
    assert!(
        start.elapsed() <= Duration::from_secs(3),
        "stopped after {:?}",
        start.elapsed()
    );
    assert!(status.success(), "{status}");
    assert_eq!(
        whole_path(&watcher, ann.account),
        [Online],
        "no grey on the way out"
    );
    server.start_again();
    let (watcher, client) = (bob.online(&server).await, ann.online(&server).await);
    watcher.until_state(ann.account, Online).await;
    assert!(
        !whole_path(&watcher, ann.account).contains(&Offline),
        "and none on the way in"
    );
    drop(client);
}

#[tokio::test]
async fn r24_what_was_sent_as_the_server_stopped_is_kept_or_was_not_promised() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let conv = client.conv(bob.account).await;
    let mids: Vec<_> = (0..20).map(|_| breeze_tests::client::script::mid()).collect();
    for (n, mid) in mids.iter().enumerate() {
        client.send(*mid, conv, &n.to_string()).await.unwrap();
        if n == 10 {
            server.signal(Signal::TERM);
        }
    }
    client.until_closed().await;
    let promised = client
        .state()
        .count(|message| matches!(message, ServerMessage::Sent(_)));
    server.wait(Duration::from_secs(5));
    server.start_again();
    let reader = bob.online(&server).await;
    wait::until("what was promised", wait::SOON, || {
        (reader.local().texts(conv).len() >= promised).then_some(())
    })
    .await;
    let again = ann.online(&server).await;
    for (n, mid) in mids.iter().enumerate() {
        again.send(*mid, conv, &n.to_string()).await.unwrap();
        again.sent(*mid).await.unwrap();
    }
    let all: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    wait::until("all twenty, once, in order", wait::SOON, || {
        (reader.local().texts(conv) == all).then_some(())
    })
    .await;
}
