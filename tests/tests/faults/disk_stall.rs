//! F3b: the server's own disk stands still for half a minute under load: nobody is shown as gone, sends wait or are
//! refused as busy, and nothing is lost.

use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::{ConvId, ServerMessage};
use breeze_server::fault::{DISK_STALL, DISK_STALL_TEXT};
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::evidence::Evidence;
use breeze_tests::load::{Load, judge};
use breeze_tests::people::{Person, befriend, owner};
use breeze_tests::server::Plan;
use breeze_tests::wait;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who sends all the time.
const SENDERS: [&str; 4] = ["s0", "s1", "s2", "s3"];
/// Messages sent at once into the stall: over what one connection may have waiting.
const BURST: usize = 40;
/// What the protocol lets wait.
const WAITING: usize = 32;
/// A pong may take this long although the disk stands still.
const PONG_MAX: Duration = Duration::from_secs(2);

/// Sends more at once than may wait; how many are refused for now, while the rest waits.
async fn burst(client: &Client, conv: ConvId) -> usize {
    for n in 0..BURST {
        client.send(mid(), conv, &format!("burst {n}")).await.unwrap();
    }
    let busy = |message: &ServerMessage| {
        matches!(message, ServerMessage::Nack(it) if it.code == NackCode::Busy && it.transient).then_some(())
    };
    let mut refused = 0;
    while client
        .hear("nack{busy}", Duration::from_secs(2), busy)
        .await
        .is_some()
    {
        refused += 1;
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f3b_a_disk_that_stands_still_for_half_a_minute_makes_nobody_offline_and_loses_nothing() {
    let mut server = Plan::new().fault("disk_stalls").start();
    let ann = owner(&server, "ann").await;
    let senders = befriend(&server, &ann, &SENDERS).await;
    let [bob, cleo]: [Person; 2] = befriend(&server, &ann, &["bob", "cleo"])
        .await
        .try_into()
        .ok()
        .unwrap();
    let watcher = ann.online(&server).await;
    let evidence = Arc::new(Evidence::default());
    let load = Load::start(&senders, &server.endpoint(), ann.account, &evidence);
    let client = bob.online(&server).await;
    let conv = client.conv(ann.account).await;
    let under_load = || (evidence.get("acked") > 100).then_some(());
    wait::until("load", wait::SOON, under_load).await;
    let start = Instant::now();
    client.send(mid(), conv, DISK_STALL_TEXT).await.unwrap();
    wait::run_for(Duration::from_secs(2)).await;
    let acked = evidence.get("acked");
    // The one that asked for the stall waits too.
    assert_eq!(burst(&client, conv).await, BURST + 1 - WAITING);
    let late = cleo.online(&server).await;
    watcher.until_state_within(cleo.account, Online, PONG_MAX).await;
    while start.elapsed() + Duration::from_secs(3) < DISK_STALL {
        let before = Instant::now();
        watcher.fence().await;
        assert!(before.elapsed() < PONG_MAX, "a pong took {:?}", before.elapsed());
        wait::run_for(Duration::from_secs(1)).await;
    }
    assert_eq!(
        evidence.get("acked"),
        acked,
        "no evidence: the disk did not stand still"
    );
    let moving = || (evidence.get("acked") > acked + 100).then_some(());
    wait::until("it goes on", Duration::from_secs(30), moving).await;
    let stored = || (watcher.local().texts(conv).len() == WAITING).then_some(());
    wait::until("what waited is stored", wait::SOON, stored).await;
    // Judged before the senders end: they go without a goodbye.
    {
        let presence = &watcher.state().presence;
        for person in senders.iter().chain([&bob, &cleo]) {
            let told = [Offline, Doubtful].map(|state| presence.times(person.account, state));
            assert_eq!(told, [0, 0], "{} never left", person.username);
        }
    }
    let done = load.stop(wait::SOON).await.expect("everything is answered");
    let all = || {
        done.iter()
            .all(|it| watcher.local().texts(it.conv).len() as u64 >= it.written)
    };
    wait::until("everything is there", wait::SOON, || all().then_some(())).await;
    println!(
        "f3b: {acked} acknowledged before, {evidence}in all, {:?} after the stall began",
        start.elapsed()
    );
    for sending in &done {
        assert_eq!(judge(&ann.device, sending), Vec::<String>::new());
    }
    drop((client, late));
    server.assert_sound();
}
