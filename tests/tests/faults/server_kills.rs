//! F1: `kill -9` of the server at random moments under load: nothing promised is lost, nothing comes twice, order stays.

use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::load::Traffic;
use breeze_tests::server::Plan;
use breeze_tests::wait;
use std::sync::Arc;
use std::time::Duration;

/// Kills in the everyday run; the campaign before a release sets more.
const KILLS: usize = 20;
/// Who receives.
const RECEIVERS: usize = 4;
/// Senders of each of them.
const SENDERS: usize = 4;

/// Kills the server again and again while sixteen send and four receive; what is wrong afterwards.
async fn kill_under_load(plan: Plan, kills: usize, evidence: &Arc<Evidence>) -> Vec<String> {
    let mut server = plan.start();
    let traffic = Traffic::start(&server, RECEIVERS, SENDERS, evidence).await;
    for _ in 0..kills {
        if !traffic.moves().await {
            return vec![format!("nothing is acknowledged any more ({evidence})")];
        }
        wait::run_for(random_moment()).await;
        server.kill();
        evidence.add("kills", 1);
        server.start_again();
    }
    traffic.judged().await
}

/// 20 to 250 ms.
fn random_moment() -> Duration {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).expect("the system has chance");
    Duration::from_micros(20_000 + u64::from(u32::from_le_bytes(bytes)) % 230_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_kills_of_the_server_under_load() {
    let evidence = Arc::new(Evidence::default());
    let kills = rounds(KILLS);
    let wrong = kill_under_load(Plan::new(), kills, &evidence).await;
    println!("f1: {evidence}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    evidence.at_least("kills", kills as u64);
    evidence.at_least("acked", 500);
    evidence.at_least("sent_again", 20);
    evidence.at_least("dup", 1);
    evidence.at_least("receiver_connections", 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_control_ack_before_commit() {
    caught("ack_before_commit", || control("ack_before_commit")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_control_dedupe_off() {
    caught("dedupe_off", || control("dedupe_off")).await;
}

async fn control(fault: &'static str) -> Option<String> {
    let evidence = Arc::new(Evidence::default());
    let wrong = kill_under_load(Plan::new().fault(fault), 8, &evidence).await;
    wrong.first().map(|first| first.chars().take(120).collect())
}
