//! R13 and R14: a pulled cable, both ways and each way alone, with the real times; and what was sent meanwhile.

use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::{EndReason, PresenceState};
use breeze_tests::client::Client;
use breeze_tests::evidence::caught;
use breeze_tests::people::star;
use breeze_tests::proxy::{Flow, Proxy};
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use std::time::{Duration, Instant};

/// What the watcher saw of a pulled cable.
struct Seen {
    doubtful: Option<Duration>,
    offline: Option<Duration>,
    reason: Option<EndReason>,
    path: Vec<PresenceState>,
}

/// Pulls the cable of one friend in the ways given and watches for at most `within`.
async fn pull(plan: Plan, up: Flow, down: Flow, within: Duration) -> Seen {
    let server = plan.start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let client = ann.device.online(&proxy.endpoint(&server.endpoint())).await;
    watcher.until_state(ann.account, Online).await;
    let start = Instant::now();
    proxy.set_up(up);
    proxy.set_down(down);
    let over = || {
        let gone = watcher.state().presence.state(ann.account) == Offline;
        (gone || start.elapsed() > within).then_some(())
    };
    wait::until("the end of watching", within * 2, over).await;
    assert!(
        down == Flow::Pass || proxy.open() == 1,
        "both sockets are still open: nothing but silence tells"
    );
    assert_evidence(&proxy, up, down);
    let hears = down == Flow::Pass;
    assert!(
        hears || client.state().closed.is_none(),
        "the pulled side hears nothing either"
    );
    let state = watcher.state();
    let after = |wanted| {
        state
            .presence
            .when(ann.account, wanted, start)
            .map(|at| at - start)
    };
    Seen {
        doubtful: after(Doubtful),
        offline: after(Offline),
        reason: state.presence.of(ann.account).reason,
        path: state.presence.path(ann.account),
    }
}

fn assert_evidence(proxy: &Proxy, up: Flow, down: Flow) {
    if up == Flow::Mute {
        assert!(proxy.dropped_up() > 0, "pings of the client were dropped");
    }
    if up == Flow::Pass && down == Flow::Mute {
        assert!(proxy.dropped_down() > 0, "pongs of the server were dropped");
    }
}

fn assert_bounds(seen: &Seen, doubtful_s: u64) {
    let doubtful = seen.doubtful.expect("doubtful comes first");
    let offline = seen.offline.expect("then offline");
    println!(
        "doubtful after {doubtful:?}, offline after {offline:?}, {:?}",
        seen.path
    );
    assert!(
        doubtful <= Duration::from_secs(doubtful_s),
        "doubtful after {doubtful:?}"
    );
    assert!(offline <= Duration::from_secs(16), "offline after {offline:?}");
    assert!(
        offline >= Duration::from_secs(5),
        "offline after only {offline:?}: that was no heartbeat"
    );
    assert_eq!(seen.reason, Some(EndReason::TimedOut));
    assert!(
        seen.path.ends_with(&[Online, Doubtful, Offline]),
        "{:?}",
        seen.path
    );
}

#[tokio::test]
async fn r13_cable_pulled_both_ways() {
    let seen = pull(Plan::new(), Flow::Mute, Flow::Mute, Duration::from_secs(18)).await;
    assert_bounds(&seen, 9);
}

#[tokio::test]
async fn r13_cut_from_client_to_server_alone() {
    let seen = pull(Plan::new(), Flow::Mute, Flow::Pass, Duration::from_secs(18)).await;
    assert_bounds(&seen, 9);
}

#[tokio::test]
async fn r13_cut_from_server_to_client_alone() {
    let seen = pull(Plan::new(), Flow::Pass, Flow::Mute, Duration::from_secs(18)).await;
    assert_bounds(&seen, 11);
}

#[tokio::test]
async fn r13_control_heartbeat_ignored() {
    caught("heartbeat_ignored", || async {
        let plan = Plan::new().fault("heartbeat_ignored");
        let seen = pull(plan, Flow::Mute, Flow::Mute, Duration::from_secs(17)).await;
        (seen.offline.is_none()).then(|| format!("after 17 s still {:?}", seen.path.last()))
    })
    .await;
}

#[tokio::test]
async fn r13_a_slow_link_is_no_dead_link() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let client = ann.device.online(&proxy.endpoint(&server.endpoint())).await;
    watcher.until_state(ann.account, Online).await;
    for _ in 0..3 {
        proxy.set_up(Flow::Stall);
        proxy.set_down(Flow::Stall);
        let quiet = || watcher.state().presence.path(ann.account) == [Online];
        wait::hold(
            "a stall of two seconds changes nothing",
            Duration::from_secs(2),
            quiet,
        )
        .await;
        proxy.heal();
        client.fence().await;
    }
    assert_eq!(watcher.state().presence.path(ann.account), [Online]);
}

#[tokio::test]
async fn r14_a_message_to_somebody_half_open_is_stored_and_comes_later() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let dead: Client = bob.device.online(&proxy.endpoint(&server.endpoint())).await;
    let sender = ann.online(&server).await;
    sender.until_state(bob.account, Online).await;
    proxy.pull();
    let conv = sender.conv(bob.account).await;
    let sent = sender.say(conv, "are you there?").await;
    assert!(!sent.dup);
    wait::until("the text vanished on its way", wait::SOON, || {
        (proxy.dropped_down() > 0).then_some(())
    })
    .await;
    assert!(
        dead.local().texts(conv).is_empty(),
        "the half-open side has not got it"
    );
    assert_eq!(
        sender.local().mark_of(conv, bob.account).delivered,
        0,
        "and it does not count as delivered"
    );
    let back = bob.online(&server).await;
    back.until_text(conv, "are you there?").await;
    let delivered = || (sender.local().mark_of(conv, bob.account).delivered == sent.seq).then_some(());
    wait::until("delivered once it was acknowledged", wait::SOON, delivered).await;
}
