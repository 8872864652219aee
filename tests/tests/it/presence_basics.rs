//! What the original promises, S1 to S16: somebody goes, everybody else learns it, once, and the server lives.

use breeze_protocol::EndReason;
use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::presence::StatusKind;
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use std::time::{Duration, Instant};

#[tokio::test]
async fn s1_every_other_online_friend_learns_that_a_client_went_offline() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (see_bob, see_cleo) = (bob.online(&server).await, cleo.online(&server).await);
    let client = ann.online(&server).await;
    see_bob.until_state(ann.account, Online).await;
    see_cleo.until_state(ann.account, Online).await;
    client.bye().await;
    for watcher in [&see_bob, &see_cleo] {
        watcher.until_state(ann.account, Offline).await;
        assert_eq!(
            watcher.state().presence.of(ann.account).reason,
            Some(EndReason::Left)
        );
    }
}

#[tokio::test]
async fn s1_a_killed_client_is_doubtful_at_once_and_grey_after_the_grace() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let client = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    let start = Instant::now();
    client.cut();
    watcher.until_state(ann.account, Offline).await;
    let state = watcher.state();
    let doubtful = state
        .presence
        .when(ann.account, Doubtful, start)
        .expect("a dropped link is doubtful first");
    let offline = state
        .presence
        .when(ann.account, Offline, start)
        .expect("just waited for");
    assert!(
        doubtful - start < Duration::from_millis(1000),
        "doubtful after {:?}",
        doubtful - start
    );
    assert!(
        offline - start >= Duration::from_millis(1900),
        "the grace was {:?}",
        offline - start
    );
    assert!(
        offline - start <= Duration::from_millis(3300),
        "the grace was {:?}",
        offline - start
    );
    assert_eq!(state.presence.of(ann.account).reason, Some(EndReason::LinkLost));
}

#[tokio::test]
async fn s3_a_silent_connection_is_noticed_by_its_missing_heartbeat() {
    let server = Plan::new()
        .timing("doubtful_ms", 1000)
        .timing("lease_ms", 2000)
        .start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let mut watcher = bob
        .device
        .sign_in(
            &server.endpoint(),
            Habits {
                heartbeat: false,
                ..Habits::default()
            },
            None,
        )
        .await
        .unwrap();
    watcher.resume(StatusKind::Online).await;
    watcher.start_heartbeat_every(Duration::from_millis(300));
    let quiet = Habits {
        heartbeat: false,
        acks: false,
        ..Habits::default()
    };
    let mut client = ann.device.sign_in(&server.endpoint(), quiet, None).await.unwrap();
    client.resume(StatusKind::Online).await;
    // The watcher talks, and so lives; the other keeps its socket open and says nothing.
    watcher.until_state(ann.account, Offline).await;
    assert_eq!(
        watcher.state().presence.of(ann.account).reason,
        Some(EndReason::TimedOut)
    );
    assert_eq!(
        watcher.state().presence.path(ann.account).last_chunk::<2>(),
        Some(&[Doubtful, Offline])
    );
}

#[tokio::test]
async fn s4_a_dead_connection_leaves_the_table() {
    let server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let client = ann.online(&server).await;
    wait::until("two sessions", wait::SOON, || {
        (server.sessions() == 2).then_some(())
    })
    .await;
    client.reset().await;
    wait::until("one session", wait::SOON, || {
        (server.sessions() == 1).then_some(())
    })
    .await;
    watcher.until_state(ann.account, Offline).await;
}

#[tokio::test]
async fn s5_s6_every_way_of_ending_is_noticed_exactly_once() {
    let server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    for way in ["bye", "fin", "rst", "garbage"] {
        let client = ann.online(&server).await;
        watcher.until_state(ann.account, Online).await;
        let before = watcher.state().presence.times(ann.account, Offline);
        match way {
            "bye" => client.bye().await,
            "fin" => client.cut(),
            "rst" => client.reset().await,
            _ => {
                client.write(&[0, 0, 0, 9, 77]).await.unwrap();
                client.until_closed().await;
            }
        }
        watcher.until_state(ann.account, Offline).await;
        let once = || watcher.state().presence.times(ann.account, Offline) == before + 1;
        wait::hold(&format!("one notice for {way}"), Duration::from_millis(400), once).await;
    }
}

#[tokio::test]
async fn s7_s8_the_session_of_that_connection_is_removed_and_no_other() {
    let server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let watcher = ann.online(&server).await;
    let (going, _staying) = (bob.online(&server).await, cleo.online(&server).await);
    watcher.until_state(bob.account, Online).await;
    watcher.until_state(cleo.account, Online).await;
    going.cut();
    watcher.until_state(bob.account, Offline).await;
    assert_eq!(watcher.state().presence.state(cleo.account), Online);
    assert_eq!(server.sessions(), 2);
}

#[tokio::test]
async fn s9_s10_the_others_are_told_and_the_leaver_is_not() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let client = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    client
        .tell(breeze_protocol::message::control::Bye {})
        .await
        .unwrap();
    client.until_closed().await;
    watcher.until_state(ann.account, Offline).await;
    assert_eq!(
        client.state().presence.changes(ann.account).count(),
        0,
        "nobody is told of oneself"
    );
}

#[tokio::test]
async fn s11_a_connection_that_never_signed_in_ends_silently() {
    let mut server = Server::start();
    let (_ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    watcher.fence().await;
    let frames = watcher.state().presence.frames;
    Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap()
        .cut();
    Client::open(&server.endpoint(), Habits::default(), Default::default(), None)
        .await
        .unwrap()
        .reset()
        .await;
    wait::hold("nobody is told", Duration::from_millis(500), || {
        watcher.state().presence.frames == frames
    })
    .await;
    assert_eq!(server.sessions(), 1);
    server.assert_sound();
}

#[tokio::test]
async fn s12_s13_two_who_leave_at_once_are_both_told_to_the_third() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let watcher = ann.online(&server).await;
    for _ in 0..5 {
        let (one, two) = (bob.online(&server).await, cleo.online(&server).await);
        watcher.until_state(bob.account, Online).await;
        watcher.until_state(cleo.account, Online).await;
        tokio::join!(one.bye(), two.bye());
        watcher.until_state(bob.account, Offline).await;
        watcher.until_state(cleo.account, Offline).await;
    }
}

#[tokio::test]
async fn s14_a_connection_that_fails_badly_harms_nobody_else() {
    let mut server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let watcher = ann.online(&server).await;
    let (bad, good) = (bob.online(&server).await, cleo.online(&server).await);
    watcher.until_state(cleo.account, Online).await;
    bad.write(b"\x00\x00\x00\x08\x00{\"t\":1}").await.unwrap();
    bad.until_closed().await;
    watcher.until_state(bob.account, Offline).await;
    good.bye().await;
    watcher.until_state(cleo.account, Offline).await;
    server.assert_sound();
}

#[tokio::test]
async fn s15_s16_it_is_one_program_on_tcp_that_anybody_can_start() {
    let server = Server::start();
    assert!(!server.start_line().listening.is_empty());
    assert!(server.start_line().pin.starts_with("sha256/"));
    assert_eq!(server.start_line().pid, server.pid());
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../LICENSE-MIT")).unwrap();
    assert!(text.contains("Permission is hereby granted"));
}

#[tokio::test]
async fn r10_however_many_ends_at_once_there_is_one_notice() {
    let server = Plan::new().timing("grace_ms", 300).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    for _ in 0..5 {
        let client = ann.online(&server).await;
        watcher.until_state(ann.account, Online).await;
        let before = watcher.state().presence.times(ann.account, Offline);
        // A goodbye, garbage behind it, and a reset, all at the same moment.
        let bye = breeze_protocol::codec::Envelope::plain(breeze_protocol::message::control::Bye {});
        let bytes = [
            breeze_protocol::codec::encode_client(&bye).to_vec(),
            vec![0, 0, 0, 0, 0, 0, 0, 1, 9],
        ]
        .concat();
        client.write(&bytes).await.unwrap();
        client.reset().await;
        watcher.until_state(ann.account, Offline).await;
        let once = || watcher.state().presence.times(ann.account, Offline) == before + 1;
        wait::hold("exactly one notice", Duration::from_millis(600), once).await;
    }
}

#[tokio::test]
async fn r11_closing_in_the_middle_of_signing_in_tells_nobody_and_leaks_nothing() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    watcher.fence().await;
    let frames = watcher.state().presence.frames;
    for _ in 0..20 {
        let raw = tokio::net::TcpStream::connect(server.endpoint().address)
            .await
            .unwrap();
        drop(raw);
        Client::connect(&server.endpoint(), Habits::default())
            .await
            .unwrap()
            .reset()
            .await;
        let client = Client::connect(&server.endpoint(), Habits::default())
            .await
            .unwrap();
        let token = ann.device.token.clone();
        let wish = breeze_protocol::message::sign_in::Token {
            token,
            instance: ann.device.instance,
        };
        client.request(wish).await.unwrap();
        client.reset().await;
        // Signed in, never resumed.
        ann.device
            .sign_in(&server.endpoint(), Habits::default(), None)
            .await
            .unwrap()
            .cut();
    }
    wait::hold("nobody is told", Duration::from_millis(500), || {
        watcher.state().presence.frames == frames
    })
    .await;
    wait::until("nothing left over", wait::SOON, || {
        (server.sessions() == 1).then_some(())
    })
    .await;
    let open = || {
        std::fs::read_dir(format!("/proc/{}/fd", server.pid()))
            .unwrap()
            .count()
    };
    wait::until("descriptors are given back", wait::SOON, || {
        (open() < 40).then_some(())
    })
    .await;
    server.assert_sound();
}
