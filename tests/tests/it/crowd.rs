//! R7 and R18: one recipient that does not read, and many who leave at once.

use breeze_protocol::PresenceState::{Away, Offline, Online};
use breeze_protocol::message::control::Ping;
use breeze_protocol::presence::StatusKind;
use breeze_tests::client::{Client, Habits};
use breeze_tests::evidence::caught;
use breeze_tests::load::pour;
use breeze_tests::people::{crowd, owner, star};
use breeze_tests::server::Plan;
use breeze_tests::wait;
use std::time::{Duration, Instant};

/// How long a notice may take although another recipient is stuck.
const AT_ONCE: Duration = Duration::from_secs(2);

/// One friend reads nothing until everything on the way to it is full; the other must still be told at once.
async fn one_does_not_read(plan: Plan) -> Option<String> {
    // The kernel's own verdict on whoever does not read is kept out of it.
    let server = plan.plain().timing("tcp_user_timeout_ms", 120_000).start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let slow_habits = Habits {
        small_buffer: true,
        ..Habits::default()
    };
    let mut slow = bob
        .device
        .sign_in(&server.endpoint(), slow_habits, None)
        .await
        .unwrap();
    slow.resume(StatusKind::Online).await;
    let fast = cleo.online(&server).await;
    let talker = ann.online(&server).await;
    fast.until_state(ann.account, Online).await;
    slow.until_state(ann.account, Online).await;
    let conv = talker.conv(bob.account).await;
    slow.set_reading(false);
    let before = slow.state().bytes;
    // With the hub waiting for the stuck one, even this may not end: it is part of what is judged.
    let Some(poured) = wait::at_most(Duration::from_secs(12), pour(&talker, conv, 500, 15_000)).await else {
        return Some("nothing is stored while one recipient does not read".to_owned());
    };
    let read = slow.state().bytes - before;
    assert!(
        poured > read + 6_000_000,
        "no evidence: {poured} bytes were for the one who read {read}"
    );
    let start = Instant::now();
    if talker
        .tell(breeze_protocol::message::presence::Status {
            state: StatusKind::Away,
        })
        .await
        .is_err()
    {
        return Some("the talker was cut off".to_owned());
    }
    let told = wait::seek(AT_ONCE, || {
        (fast.state().presence.state(ann.account) == Away).then_some(())
    })
    .await;
    if told.is_none() {
        return Some(format!("not told after {:?}", start.elapsed()));
    }
    slow.set_reading(true);
    slow.until_state_within(ann.account, Away, Duration::from_secs(30))
        .await;
    let all = || (slow.local().texts(conv).len() == 500).then_some(());
    wait::until("nothing was lost for the slow one", Duration::from_secs(30), all).await;
    assert_eq!(slow.local().holes, 0);
    None
}

#[tokio::test]
async fn r7_a_recipient_that_does_not_read_neither_delays_nor_cancels_the_notice_to_others() {
    assert_eq!(one_does_not_read(Plan::new()).await, None);
}

#[tokio::test]
async fn r7_control_hub_waits() {
    caught("hub_waits", || one_does_not_read(Plan::new().fault("hub_waits"))).await;
}

#[tokio::test]
async fn r7_whoever_reads_nothing_for_long_is_told_goodbye_and_loses_nothing() {
    let server = Plan::new().plain().timing("slow_ms", 1500).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let slow_habits = Habits {
        small_buffer: true,
        ..Habits::default()
    };
    let mut slow = bob
        .device
        .sign_in(&server.endpoint(), slow_habits, None)
        .await
        .unwrap();
    slow.resume(StatusKind::Online).await;
    let talker = ann.online(&server).await;
    let conv = talker.conv(bob.account).await;
    slow.set_reading(false);
    pour(&talker, conv, 500, 15_000).await;
    talker
        .until_state_within(bob.account, Offline, Duration::from_secs(20))
        .await;
    slow.cut();
    let back = bob.online(&server).await;
    wait::until("everything is there", Duration::from_secs(30), || {
        (back.local().texts(conv).len() == 500).then_some(())
    })
    .await;
}

/// It lives, as its pings show, and lies about its pongs: the one peer for which only its not reading speaks.
#[tokio::test]
async fn r7_a_live_peer_that_takes_nothing_is_told_slow_and_the_kernel_does_not_come_first() {
    // Longer than the ten seconds after which an answered probe of a closed window once ended it.
    let server = Plan::new().plain().timing("slow_ms", 13_000).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let habits = Habits {
        small_buffer: true,
        heartbeat: false,
        ..Habits::default()
    };
    let mut stuck = bob
        .device
        .sign_in(&server.endpoint(), habits, None)
        .await
        .unwrap();
    stuck.resume(StatusKind::Online).await;
    let talker = ann.online(&server).await;
    let conv = talker.conv(bob.account).await;
    stuck.set_reading(false);
    pour(&talker, conv, 500, 15_000).await;
    let start = Instant::now();
    let mut n = 0;
    let end = loop {
        n += 1;
        assert!(n < 100, "it never ended: {}", server.log());
        // Told on a connection that is over already, it is said to nobody.
        let _ = stuck.tell(Ping { n, got: n - 1 }).await;
        let ended = || {
            let ends = ["slow", "kernel_timeout", "pongs_missing", "lease_over"];
            let log = server.log();
            ends.into_iter()
                .find(|end| log.contains(&format!("end=\"{end}\"")))
        };
        if let Some(end) = wait::seek(Duration::from_millis(500), ended).await {
            break end;
        }
    };
    assert_eq!(end, "slow", "after {:?}", start.elapsed());
    assert!(
        start.elapsed() > Duration::from_secs(11),
        "no evidence: {:?}",
        start.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_three_hundred_who_drop_together_are_told_in_few_frames() {
    const CROWD: usize = 300;
    let server = Plan::new().plain().timing("grace_ms", 1000).start();
    let ann = owner(&server, "ann").await;
    let people = crowd(&server, &ann, "p", CROWD).await;
    let watcher = ann.online(&server).await;
    let mut clients: Vec<Client> = Vec::new();
    for (n, person) in people.iter().enumerate() {
        clients.push(person.device.online(&server.endpoint().from_host(n)).await);
    }
    let all = |wanted| {
        let state = watcher.state();
        people
            .iter()
            .all(|person| state.presence.state(person.account) == wanted)
            .then_some(())
    };
    wait::until("all are online", Duration::from_secs(30), || all(Online)).await;
    let frames = watcher.state().presence.frames;
    let start = Instant::now();
    drop(clients);
    wait::until("all are offline", Duration::from_secs(30), || all(Offline)).await;
    let (took, frames) = (start.elapsed(), watcher.state().presence.frames - frames);
    println!("{CROWD} gone after {took:?}, told in {frames} frames");
    // Doubtful and offline of each: 600 changes. At most one frame per 60 ms.
    let most = took.as_millis() / 60 + 4;
    assert!(u128::from(frames) <= most, "{frames} frames in {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}
