//! R1 to R6, R8, R20: who a session is, what replaces what, and that the last word is the true one.

use breeze_protocol::PresenceState::{Away, Busy, Offline, Online};
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::message::presence::Status;
use breeze_protocol::presence::StatusKind;
use breeze_tests::evidence::caught;
use breeze_tests::people::{Device, star};
use breeze_tests::proxy::Proxy;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use std::time::Duration;

/// Longer than the grace, so that a wrong end would show.
const PAST_GRACE: Duration = Duration::from_millis(1200);

fn short_grace() -> Plan {
    Plan::new().timing("grace_ms", 400)
}

/// The old socket's end is seen by the server only after the same device is back on another.
async fn late_close(plan: Plan) -> Option<String> {
    let server = plan.start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let _old = ann.device.online(&proxy.endpoint(&server.endpoint())).await;
    watcher.until_state(ann.account, Online).await;
    proxy.pull();
    let _new = ann.online(&server).await;
    proxy.reset_all();
    let wrong = || Some(watcher.state().presence.state(ann.account)).filter(|state| *state != Online);
    if let Some(state) = wait::seek(PAST_GRACE, wrong).await {
        return Some(format!("{state:?} after the late close"));
    }
    assert_eq!(
        watcher.state().presence.times(ann.account, Offline),
        0,
        "no flap in between"
    );
    assert_eq!(server.sessions(), 2);
    None
}

#[tokio::test]
async fn r1_late_close_after_reconnect() {
    assert_eq!(late_close(short_grace()).await, None);
}

#[tokio::test]
async fn r1_control_late_close_wins() {
    caught("late_close_wins", || {
        late_close(short_grace().fault("late_close_wins"))
    })
    .await;
}

#[tokio::test]
async fn r2_a_session_belongs_to_one_connection_not_to_an_address_or_a_process() {
    // Two accounts from the same address and the same `instance`; one goes, one stays.
    let server = short_grace().start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let watcher = ann.online(&server).await;
    let twin = Device {
        instance: bob.device.instance,
        ..cleo.device.clone()
    };
    let going = bob.online(&server).await;
    let staying = twin.online(&server.endpoint()).await;
    watcher.until_state(bob.account, Online).await;
    watcher.until_state(cleo.account, Online).await;
    going.cut();
    watcher.until_state(bob.account, Offline).await;
    staying.fence().await;
    assert_eq!(watcher.state().presence.state(cleo.account), Online);
}

/// Two devices of one account; the first one leaves.
async fn first_of_two_leaves(plan: Plan) -> Option<String> {
    let server = plan.start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let laptop = ann.second_device(&server).await;
    let (one, two) = (ann.online(&server).await, laptop.online(&server.endpoint()).await);
    watcher.until_state(ann.account, Online).await;
    one.bye().await;
    let wrong = || Some(watcher.state().presence.state(ann.account)).filter(|state| *state != Online);
    if let Some(state) = wait::seek(PAST_GRACE, wrong).await {
        return Some(format!("{state:?} with a session left"));
    }
    two.bye().await;
    watcher.until_state(ann.account, Offline).await;
    None
}

#[tokio::test]
async fn r3_grey_only_when_the_last_session_ends() {
    assert_eq!(first_of_two_leaves(short_grace()).await, None);
}

#[tokio::test]
async fn r3_control_first_end_is_grey() {
    caught("first_end_is_grey", || {
        first_of_two_leaves(short_grace().fault("first_end_is_grey"))
    })
    .await;
}

#[tokio::test]
async fn r4_two_users_of_one_process_both_go_grey_when_it_dies() {
    let server = short_grace().start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let watcher = ann.online(&server).await;
    let process = (bob.online(&server).await, cleo.online(&server).await);
    watcher.until_state(bob.account, Online).await;
    watcher.until_state(cleo.account, Online).await;
    drop(process);
    watcher.until_state(bob.account, Offline).await;
    watcher.until_state(cleo.account, Offline).await;
}

#[tokio::test]
async fn r5_the_same_device_again_replaces_its_old_session_and_says_who_did() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let old = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    let again = ann.device.restarted();
    let new = again.online(&server.endpoint()).await;
    let goodbye = old.until_goodbye().await;
    assert_eq!(
        (goodbye.reason, goodbye.instance),
        (GoodbyeCode::Replaced, Some(again.instance))
    );
    old.until_closed().await;
    new.fence().await;
    watcher.fence().await;
    assert_eq!(
        watcher.state().presence.times(ann.account, Offline),
        0,
        "a replacement is no absence"
    );
    assert_eq!(server.sessions(), 2);
}

#[tokio::test]
async fn r5_a_process_that_replaces_itself_is_told_its_own_instance() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let old = ann.online(&server).await;
    let new = ann.online(&server).await;
    let goodbye = old.until_goodbye().await;
    assert_eq!(
        goodbye.instance,
        Some(ann.device.instance),
        "so that it is not obeyed"
    );
    new.fence().await;
}

/// Away and online again within a moment, many times; the watcher must end at the truth.
async fn flap(plan: Plan) -> Option<String> {
    let server = plan.start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let client = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    for (round, gone) in [StatusKind::Away, StatusKind::Invisible, StatusKind::Busy]
        .into_iter()
        .enumerate()
    {
        client.tell(Status { state: gone }).await.unwrap();
        // The change back is made while the frame of the first one is still fresh.
        let wanted = [Away, Offline, Busy][round];
        let told = || (watcher.state().presence.state(ann.account) == wanted).then_some(());
        if wait::seek(Duration::from_secs(3), told).await.is_none() {
            return Some(format!("{wanted:?} was never told"));
        }
        client
            .tell(Status {
                state: StatusKind::Online,
            })
            .await
            .unwrap();
        wait::seek(Duration::from_millis(400), || None::<()>).await;
        let heard = watcher.state();
        let (seen, stale) = (heard.presence.state(ann.account), heard.presence.stale);
        if seen != Online || stale > 0 {
            return Some(format!(
                "round {round} ended at {seen:?}, {stale} rows out of order"
            ));
        }
    }
    None
}

#[tokio::test]
async fn r6_offline_then_online_within_milliseconds_ends_at_online() {
    assert_eq!(flap(Plan::new()).await, None);
}

#[tokio::test]
async fn r6_control_stale_versions_win() {
    caught("stale_versions_win", || {
        flap(Plan::new().fault("stale_versions_win"))
    })
    .await;
}

#[tokio::test]
async fn r6_leaving_and_coming_back_at_once_ends_at_online() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    for _ in 0..20 {
        ann.online(&server).await.bye().await;
    }
    let last = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    let stays = || watcher.state().presence.state(ann.account) == Online;
    wait::hold("online is the last word", Duration::from_millis(500), stays).await;
    watcher.fresh_presence().await;
    assert_eq!(watcher.state().presence.state(ann.account), Online);
    drop(last);
}

#[tokio::test]
async fn r8_every_live_session_of_each_friend_is_told() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let devices = [
        bob.second_device(&server).await,
        bob.second_device(&server).await,
        bob.device.clone(),
    ];
    let mut watchers = Vec::new();
    for device in &devices {
        watchers.push(device.online(&server.endpoint()).await);
    }
    let client = ann.online(&server).await;
    for watcher in &watchers {
        watcher.until_state(ann.account, Online).await;
    }
    client.set_status(StatusKind::Away).await;
    for watcher in &watchers {
        watcher.until_state(ann.account, Away).await;
    }
    client.bye().await;
    for watcher in &watchers {
        watcher.until_state(ann.account, Offline).await;
    }
}

#[tokio::test]
async fn r20_coming_online_is_told_to_others_once_and_not_to_oneself() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let client = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    let once = || watcher.state().presence.times(ann.account, Online) == 1;
    wait::hold("told once", Duration::from_millis(400), once).await;
    assert_eq!(client.state().presence.changes(ann.account).count(), 0);
}
