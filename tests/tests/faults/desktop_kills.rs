//! F8: `kill -9` of the real window around its outbox while it sends and receives: each message appears exactly once.

use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::proxy::{Flow, Proxy};
use breeze_tests::scene::behind;
use breeze_tests::server::Plan;
use breeze_tests::talk::{PATIENCE, Talk, numbered};
use breeze_tests::wait;
use breeze_tests::window::Window;
use std::time::Duration;

/// Kills in the everyday run; a campaign sets more.
const KILLS: usize = 20;
/// A kill at chance comes at most so long after the window was told to send, in milliseconds.
const MOMENT_MS: u64 = 120;

/// When the kill comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Whenever.
    Chance,
    /// The text is in the outbox and has not reached the server.
    BeforeTheServer,
    /// The server has stored it and its answer has not come back.
    BeforeTheAnswer,
}

const MOMENTS: [Moment; 3] = [Moment::BeforeTheServer, Moment::BeforeTheAnswer, Moment::Chance];

fn random_moment() -> Duration {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system has chance");
    Duration::from_millis(u64::from_le_bytes(bytes) % MOMENT_MS)
}

/// A window behind a cable, and a scripted friend who talks to it.
struct Stage {
    talk: Talk,
    proxy: Proxy,
}

impl Stage {
    async fn set(plan: Plan) -> Self {
        let server = plan.start();
        let proxy = Proxy::before(&server.endpoint()).await;
        let link = server.start_line().owner_link.clone().unwrap();
        let link = behind(&link.0, &proxy);
        let talk = Talk::begin(server, Window::left(), &link).await;
        Self { talk, proxy }
    }

    /// Both sides send, then the window is killed at this moment and started again.
    async fn round(&mut self, n: usize, moment: Moment, evidence: &Evidence) {
        let talk = &mut self.talk;
        talk.rosa.say(talk.conv, &format!("r{}", 2 * n)).await;
        // Its chat is up to date, so its link is whole: the stall below hits this very text.
        talk.until_kept(&format!("r{}", 2 * n)).await;
        talk.open();
        match moment {
            Moment::Chance => {}
            Moment::BeforeTheServer => self.proxy.set_up(Flow::Stall),
            Moment::BeforeTheAnswer => self.proxy.set_down(Flow::Stall),
        }
        talk.type_in(&format!("w{n}"));
        talk.rosa.say(talk.conv, &format!("r{}", 2 * n + 1)).await;
        match moment {
            Moment::Chance => wait::run_for(random_moment()).await,
            Moment::BeforeTheServer => until_waiting(talk).await,
            Moment::BeforeTheAnswer => {
                talk.until_arrived(n).await;
                until_waiting(talk).await;
            }
        }
        let (arrived, waiting) = (talk.arrived().contains(&n), waits(talk));
        talk.window.kill();
        evidence.add("kills", 1);
        evidence.add("before_the_server", u64::from(waiting && !arrived));
        evidence.add("before_the_answer", u64::from(waiting && arrived));
        self.proxy.reset_all();
        self.proxy.heal();
        talk.start_again();
    }

    /// Waits until all is quiet: everything received is on the window's disk, and its outbox is empty.
    async fn settle(&self, rounds: usize) -> Vec<String> {
        let whole = |texts: &[String]| numbered(texts, 'r').len() >= 2 * rounds;
        self.talk.settled(PATIENCE, whole).await
    }
}

fn waits(talk: &Talk) -> bool {
    talk.kept().is_some_and(|kept| kept.waiting > 0)
}

async fn until_waiting(talk: &Talk) {
    let waiting = || waits(talk).then_some(());
    wait::until("the text is in the outbox", wait::SOON, waiting).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_a_killed_window_loses_nothing_and_shows_nothing_twice() {
    let (mut stage, evidence) = (Stage::set(Plan::new()).await, Evidence::default());
    let rounds = rounds(KILLS);
    let moment = |n: usize| MOMENTS[n % MOMENTS.len()];
    for n in 0..rounds {
        stage.round(n, moment(n), &evidence).await;
    }
    let texts = stage.settle(rounds).await;
    println!("f8: {evidence}");
    let all: Vec<usize> = (0..2 * rounds).collect();
    assert_eq!(numbered(&texts, 'r'), all, "received exactly once, in order");
    let written = numbered(&texts, 'w');
    assert!(
        written.is_sorted_by(|a, b| a < b),
        "sent once, in order: {written:?}"
    );
    assert_eq!(stage.talk.arrived(), written, "both sides agree");
    // What was in the outbox must come; what the kill at chance hit earlier never was the window's.
    let kept_for_sure = (0..rounds).filter(|n| moment(*n) != Moment::Chance);
    let lost: Vec<usize> = kept_for_sure.filter(|n| !written.contains(n)).collect();
    assert!(lost.is_empty(), "lost from the outbox: {lost:?}");
    evidence.at_least("kills", rounds as u64);
    evidence.at_least("before_the_server", rounds as u64 / 4);
    evidence.at_least("before_the_answer", rounds as u64 / 4);
    stage.talk.server.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_control_dedupe_off() {
    caught("dedupe_off", || async {
        let mut stage = Stage::set(Plan::new().fault("dedupe_off")).await;
        stage
            .round(0, Moment::BeforeTheAnswer, &Evidence::default())
            .await;
        stage.settle(1).await;
        let arrived = stage.talk.arrived();
        (arrived.len() > 1).then(|| format!("the same text {} times", arrived.len()))
    })
    .await;
}
