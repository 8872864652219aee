//! F1: `kill -9` of the server at random moments under load: nothing promised is lost, nothing comes twice, order stays.

use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::load::{Sending, judge, keep_receiving, keep_sending};
use breeze_tests::people::{Person, befriend, owner};
use breeze_tests::server::Plan;
use breeze_tests::wait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Kills in the everyday run; the campaign before a release sets more.
const KILLS: usize = 20;
/// Senders of each of the four receivers.
const SENDERS: usize = 4;

/// Kills the server again and again while sixteen send and four receive; what is wrong afterwards.
async fn kill_under_load(plan: Plan, kills: usize, evidence: &Arc<Evidence>) -> Vec<String> {
    let mut server = plan.start();
    let ann = owner(&server, "ann").await;
    let mut receivers = vec![ann.clone()];
    receivers.extend(befriend(&server, &ann, &["r1", "r2", "r3"]).await);
    let (stop, stopping) = watch::channel(false);
    let (end, ending) = watch::channel(false);
    let mut sending: JoinSet<(usize, Sending)> = JoinSet::new();
    let mut receiving = JoinSet::new();
    for (at, receiver) in receivers.iter().enumerate() {
        let names: Vec<String> = (0..SENDERS).map(|n| format!("s{at}{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for (n, sender) in befriend(&server, receiver, &names).await.into_iter().enumerate() {
            let (to, friend) = (
                server.endpoint().from_host(100 + at * SENDERS + n),
                receiver.account,
            );
            let (stop, evidence) = (stopping.clone(), Arc::clone(evidence));
            sending.spawn(async move { (at, keep_sending(sender.device, to, friend, stop, evidence).await) });
        }
        let (device, to) = (receiver.device.clone(), server.endpoint().from_host(50 + at));
        receiving.spawn(keep_receiving(device, to, ending.clone(), Arc::clone(evidence)));
    }
    for _ in 0..kills {
        // Only a server that has taken something can lose it.
        let before = evidence.get("acked");
        let moving = wait::seek(Duration::from_secs(10), || {
            (evidence.get("acked") > before).then_some(())
        });
        if moving.await.is_none() {
            return vec![format!("nothing is acknowledged any more ({evidence})")];
        }
        wait::run_for(random_moment()).await;
        server.kill();
        evidence.add("kills", 1);
        server.start_again();
    }
    stop.send_replace(true);
    let Some(done) = wait::at_most(Duration::from_secs(30), sending.join_all()).await else {
        return vec![format!("the senders are stuck ({evidence})")];
    };
    wait::seek(Duration::from_secs(10), || {
        all_there(&receivers, &done).then_some(())
    })
    .await;
    end.send_replace(true);
    receiving.join_all().await;
    let judged = done
        .iter()
        .flat_map(|(at, sending)| judge(&receivers[*at].device, sending));
    judged.collect()
}

fn all_there(receivers: &[Person], done: &[(usize, Sending)]) -> bool {
    done.iter().all(|(at, sending)| {
        receivers[*at].device.local().texts(sending.conv).len() as u64 >= sending.written
    })
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
