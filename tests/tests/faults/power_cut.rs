//! F2: the power goes, at any moment of a loaded server's life. Whatever part of the last writes has reached the disk, the
//! next start is clean and everything that was acknowledged is there.

use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::load::{Acked, Traffic};
use breeze_tests::power_cut::{Cuts, Record, image, line_at, look, owed};
use breeze_tests::server::{Plan, Server};
use breeze_tests::strace::{self, Tracing};
use breeze_tests::wait;
use breeze_tests::world::Chance;
use rustix::process::Signal;
use std::sync::Arc;
use std::time::Duration;

/// Power cuts in the everyday run.
const CUTS: usize = 100;
/// Power cuts of one recorded life: another life writes otherwise.
const CUTS_OF_ONE: usize = 100;
/// Power cuts of a life with a promise broken.
const CUTS_OF_CONTROL: usize = 40;
/// Messages acknowledged before the server is killed, and again after it.
const ACKED: u64 = 150;
/// Which sync of a thread fails, where one does: one under load.
const FAILS: u64 = 60;
/// Cuts after a failed sync come within so many lines of the record: a checkpoint half a second later ends the danger.
const AFTER_START: usize = 4000;
/// All of it must come in this time.
const WITHIN: Duration = Duration::from_secs(60);

/// A life that was recorded.
struct Life {
    record: Record,
    acked: Vec<Acked>,
    /// The line from which on most cuts are.
    first: usize,
    middle: Middle,
}

/// How a life is interrupted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Middle {
    /// By a kill.
    Kill,
    /// By a sync that fails.
    FailedSync,
}

async fn acked(evidence: &Evidence, count: u64) {
    let wanted = evidence.get("acked") + count;
    let enough = || (evidence.get("acked") >= wanted).then_some(());
    wait::until("acknowledgements", WITHIN, enough).await;
}

async fn over(server: &mut Server) {
    let pid = server.pid();
    server.wait(WITHIN);
    let complete = || strace::complete(server.home(), pid).then_some(());
    wait::until("the record's end", wait::SOON, complete).await;
}

/// Three send to one; the server dies, is started again, is stopped, and is started once more.
async fn live(plan: Plan, middle: Middle, evidence: &Arc<Evidence>) -> Life {
    let recorded = |nth| move |plan: Plan| plan.traced(Tracing::Recorded(nth));
    let mut server = recorded((middle == Middle::FailedSync).then_some(FAILS))(plan).start();
    let traffic = Traffic::start(&server, 1, 3, evidence).await;
    if middle == Middle::Kill {
        acked(evidence, ACKED).await;
        server.signal(Signal::KILL);
    }
    over(&mut server).await;
    evidence.add("injected", strace::injected(server.home()));
    let restart = Record::read(&strace::record(server.home()), &server.data())
        .unwrap()
        .lines();
    server.replan(recorded(None));
    server.start_again();
    acked(evidence, ACKED).await;
    // A server that is stopped empties its log.
    server.signal(Signal::TERM);
    over(&mut server).await;
    server.start_again();
    acked(evidence, ACKED).await;
    let done = traffic.end().await.unwrap();
    assert_eq!(done.judged(), Vec::<String>::new());
    server.signal(Signal::TERM);
    over(&mut server).await;
    let record = Record::read(&strace::record(server.home()), &server.data()).unwrap();
    let acked: Vec<Acked> = done.sent().flat_map(|it| it.acked.clone()).collect();
    let first_heard = acked.iter().map(|it| it.heard).min().unwrap();
    let first = match middle {
        Middle::Kill => line_at(&record, first_heard),
        Middle::FailedSync => restart,
    };
    Life {
        record,
        acked,
        first,
        middle,
    }
}

/// Cuts the power of a life again and again; what is wrong with what is left.
async fn cut(life: &Life, times: usize, evidence: &Evidence) -> Vec<String> {
    let mut chance = Chance::new(Chance::seed());
    let cuts = Cuts::of(&life.record, life.first);
    let mut wrong = Vec::new();
    for _ in 0..times {
        let mut line = cuts.next(&mut chance);
        if life.middle == Middle::FailedSync {
            line = line.min(life.first + AFTER_START);
        }
        let data = tempfile::tempdir().unwrap();
        let met = image(&life.record, line, &mut chance, data.path()).unwrap();
        let owed = owed(&life.acked, &life.record, line);
        for (name, count) in [
            ("cuts", 1),
            ("cuts_with_promises", u64::from(!owed.is_empty())),
            ("pages_dropped", met.dropped),
            ("pages_torn", met.torn),
            ("cuts_in_a_checkpoint", u64::from(met.checkpoint)),
            ("cuts_of_an_emptied_log", u64::from(met.emptied)),
            ("owed", owed.len() as u64),
        ] {
            evidence.add(name, count);
        }
        // Before its first sync a new server has no database, and owes nothing.
        if owed.is_empty() && !data.path().join("breeze.db").exists() {
            continue;
        }
        for sentence in look(data.path(), &owed).await {
            let lines = life.record.lines();
            wrong.push(format!("cut before line {line} of {lines}, {met:?}: {sentence}"));
        }
    }
    wrong
}

async fn lives(middle: Middle, cuts: usize, evidence: &Arc<Evidence>) {
    for part in 0..cuts.div_ceil(CUTS_OF_ONE) {
        let times = (cuts - part * CUTS_OF_ONE).min(CUTS_OF_ONE);
        let life = live(Plan::new(), middle, evidence).await;
        evidence.add("lives", 1);
        evidence.add("lines", life.record.lines() as u64);
        let wrong = cut(&life, times, evidence).await;
        assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_power_cut() {
    if !strace::possible() {
        return;
    }
    let evidence = Arc::new(Evidence::default());
    let cuts = rounds(CUTS);
    lives(Middle::Kill, cuts, &evidence).await;
    println!("f2: {evidence}");
    let cuts = cuts as u64;
    evidence.at_least("cuts_with_promises", cuts / 2);
    evidence.at_least("cuts_in_a_checkpoint", cuts / 20);
    evidence.at_least("cuts_of_an_emptied_log", cuts / 20);
    evidence.at_least("pages_dropped", cuts);
    evidence.at_least("pages_torn", cuts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_power_cut_after_a_failed_sync() {
    if !strace::possible() {
        return;
    }
    let evidence = Arc::new(Evidence::default());
    let cuts = rounds(CUTS / 2);
    lives(Middle::FailedSync, cuts, &evidence).await;
    println!("f2 after a failed sync: {evidence}");
    evidence.at_least("injected", evidence.get("lives"));
    evidence.at_least("cuts_with_promises", cuts as u64 / 2);
}

async fn control(fault: &'static str, middle: Middle) {
    if !strace::possible() {
        return;
    }
    let run = || async move {
        let evidence = Arc::new(Evidence::default());
        let life = live(Plan::new().fault(fault), middle, &evidence).await;
        let wrong = cut(&life, CUTS_OF_CONTROL, &evidence).await;
        let lost: Vec<_> = wrong.iter().filter(|it| it.contains("are lost")).collect();
        Some(format!(
            "{} of {CUTS_OF_CONTROL} cuts, as {}",
            lost.len(),
            lost.first()?
        ))
    };
    caught(fault, run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_control_sync_later() {
    control("sync_later", Middle::Kill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_control_starts_unsettled() {
    control("starts_unsettled", Middle::FailedSync).await;
}
