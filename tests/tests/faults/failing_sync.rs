//! F4: the disk does not take a sync, once, at a random moment under load. The server ends at once, since a second sync
//! would pass without the bytes of the first; its next start is clean, and nothing promised is lost.

use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::load::Traffic;
use breeze_tests::server::Plan;
use breeze_tests::strace::{self, Tracing};
use breeze_tests::wait;
use breeze_tests::world::Chance;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::Duration;

/// Failed syncs in the everyday run.
const ROUNDS: usize = 8;
/// Every so often it is the sync of the database file at the end of a checkpoint, else that of a commit.
const CHECKPOINT_EACH: usize = 4;
/// A thread's first syncs are those of the start.
const FIRST: u64 = 8;
/// How many commits later it fails at most.
const SPAN: u64 = 200;
/// A sync that shall fail comes in this time, and the end right after it.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// Fails a sync in each of many lives of one server, under load; what is wrong afterwards.
async fn fail_under_load(plan: Plan, rounds: usize, evidence: &Arc<Evidence>) -> Vec<String> {
    let mut server = plan.start();
    let traffic = Traffic::start(&server, 2, 4, evidence).await;
    let mut chance = Chance::new(Chance::seed());
    let mut wrong = Vec::new();
    server.kill();
    for round in 0..rounds {
        let tracing = if round % CHECKPOINT_EACH == CHECKPOINT_EACH - 1 {
            // The first comes before anybody is back.
            Tracing::FailingSync(2 + chance.below(2), Some("breeze.db"))
        } else {
            Tracing::FailingSync(FIRST + chance.below(SPAN), None)
        };
        let acked = evidence.get("acked");
        server.replan(|plan| plan.traced(tracing.clone()));
        server.start_again();
        let ended = wait::seek(ENDS_WITHIN, || (!server.alive()).then_some(())).await;
        if ended.is_none() {
            wrong.push(format!("it goes on after a failed sync, {tracing:?}"));
            server.kill();
        } else if server.wait(wait::SOON).signal() == Some(Signal::ABORT.as_raw()) {
            evidence.add("aborts", 1);
        } else {
            wrong.push(format!("it ended otherwise, {tracing:?}"));
        }
        evidence.add("under_load", u64::from(evidence.get("acked") > acked));
    }
    evidence.add("injected", strace::injected(server.home()));
    server.replan(Plan::untraced);
    server.start_again();
    if !traffic.moves().await {
        wrong.push("nothing is acknowledged any more".into());
    }
    wrong.extend(traffic.judged().await);
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_a_failed_sync_ends_the_server_and_loses_nothing() {
    if !strace::possible() {
        return;
    }
    let evidence = Arc::new(Evidence::default());
    let wanted = rounds(ROUNDS);
    let wrong = fail_under_load(Plan::new(), wanted, &evidence).await;
    println!("f4: {evidence}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    let wanted = wanted as u64;
    evidence.at_least("aborts", wanted);
    evidence.at_least("injected", wanted);
    evidence.at_least("under_load", wanted * 3 / 4);
    evidence.at_least("acked", 20 * wanted);
    evidence.at_least("sent_again", wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_control_sync_errors_pass() {
    if !strace::possible() {
        return;
    }
    let run = || async {
        let evidence = Arc::new(Evidence::default());
        let plan = Plan::new().fault("sync_errors_pass");
        let wrong = fail_under_load(plan, 1, &evidence).await;
        // That it goes on is no proof of a loss: a message must be gone.
        let lost = wrong.iter().find(|it| it.contains("are lost"))?;
        Some(format!("{lost} ({} things wrong)", wrong.len()))
    };
    caught("sync_errors_pass", run).await;
}

#[test]
fn f4_a_start_whose_sync_fails_is_refused_and_the_next_is_clean() {
    if !strace::possible() {
        return;
    }
    let mut server = Plan::new().start();
    server.kill();
    let plan = Plan::new().traced(Tracing::FailingSync(1, None));
    let refused = plan.refused(server.home(), "127.0.0.1:0");
    assert_eq!(strace::injected(server.home()), 1);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(refused.text.contains("cannot be used"), "{refused:?}");
    server.start_again();
    server.assert_sound();
}
