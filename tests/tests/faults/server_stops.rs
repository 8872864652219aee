//! F18: the server told to stop, again and again, in the middle of everything: it is gone in three seconds, nothing promised
//! is lost, nothing comes twice, and nobody who merely waits for it is called offline.

use breeze_protocol::{PresenceState, ServerMessage};
use breeze_tests::client::Sink;
use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::load::{Traffic, keep_watching};
use breeze_tests::server::Plan;
use breeze_tests::wait;
use rustix::process::Signal;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Stops in the everyday run.
const STOPS: usize = 20;
/// Who receives, and senders of each of them.
const RECEIVERS: usize = 2;
const SENDERS: usize = 4;
/// How long a stop may take.
const STOP_MAX: Duration = Duration::from_secs(3);
/// Longest time of load between two stops, microseconds.
const LOAD_US: u32 = 300_000;

/// Counts what one device is told of others.
fn counting(evidence: &Arc<Evidence>) -> Sink {
    let evidence = Arc::clone(evidence);
    Arc::new(move |_, message| {
        let entries = match message {
            ServerMessage::Presence(it) => &it.entries,
            ServerMessage::PresenceSnapshot(it) => &it.entries,
            _ => return,
        };
        for entry in entries {
            let name = match entry.2 {
                PresenceState::Offline => "told_offline",
                _ => "told_otherwise",
            };
            evidence.add(name, 1);
        }
    })
}

/// Stops the server again and again under load; what is wrong.
async fn stop_under_load(plan: Plan, stops: usize, evidence: &Arc<Evidence>) -> Vec<String> {
    let mut server = plan.start();
    let traffic = Traffic::start(&server, RECEIVERS, SENDERS, evidence).await;
    let everybody = RECEIVERS + RECEIVERS * SENDERS;
    wait::until("everybody is there", wait::SOON, || {
        (server.sessions() >= everybody).then_some(())
    })
    .await;
    let other = traffic.receiver(0).second_device(&server).await;
    let (end, ending) = watch::channel(false);
    let sink = Some(counting(evidence));
    let watching = tokio::spawn(keep_watching(
        other,
        server.endpoint(),
        ending,
        Arc::clone(evidence),
        sink,
    ));
    let mut wrong = Vec::new();
    for _ in 0..stops {
        if !traffic.moves().await {
            return vec![format!("nothing is acknowledged any more ({evidence})")];
        }
        let moment = getrandom::u32().expect("the system has chance") % LOAD_US;
        wait::run_for(Duration::from_micros(u64::from(moment))).await;
        let begun = Instant::now();
        server.signal(Signal::TERM);
        let status = server.wait(wait::SOON);
        let took = begun.elapsed();
        evidence.add("stops", 1);
        if took > STOP_MAX || !status.success() {
            wrong.push(format!("it ended after {took:?} with {status}"));
        }
        server.start_again();
    }
    // Whoever is done with its messages leaves, and is called offline rightly.
    end.send_replace(true);
    let _ = watching.await;
    wrong.extend(traffic.judged().await);
    let told = evidence.get("told_offline");
    if told > 0 {
        wrong.push(format!(
            "somebody was called offline {told} times, and nobody ever was"
        ));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_orderly_stops_under_load() {
    let evidence = Arc::new(Evidence::default());
    let stops = rounds(STOPS);
    let wrong = stop_under_load(Plan::new(), stops, &evidence).await;
    println!("f18: {evidence}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    evidence.at_least("stops", stops as u64);
    evidence.at_least("acked", 500);
    evidence.at_least("sent_again", 5);
    evidence.at_least("told_otherwise", 10);
}

/// A server that settles at once calls everybody offline who is not back in its first moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_control_settles_at_once() {
    let plan = || Plan::new().timing("settle_short_ms", 1);
    caught("settles at once", || control(plan())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_control_dedupe_off() {
    caught("dedupe_off", || control(Plan::new().fault("dedupe_off"))).await;
}

async fn control(plan: Plan) -> Option<String> {
    let evidence = Arc::new(Evidence::default());
    let wrong = stop_under_load(plan, 6, &evidence).await;
    wrong.first().map(|first| first.chars().take(120).collect())
}
