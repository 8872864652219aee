//! F8: `kill -9` of the real window around its outbox while it sends and receives: each message appears exactly once.

use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, ConvId};
use breeze_tests::client::Client;
use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::people;
use breeze_tests::proxy::{Flow, Proxy};
use breeze_tests::scene::{behind, invite, join, open_first, say};
use breeze_tests::screen::Screen;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use breeze_tests::window::Window;
use std::path::Path;
use std::time::Duration;

/// Kills in the everyday run; a campaign sets more.
const KILLS: usize = 20;
/// A kill at chance comes at most so long after the window was told to send, in milliseconds.
const MOMENT_MS: u64 = 120;
/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);

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

/// Every text the window has on its disk, in order; and how many wait in its outbox.
fn kept(data: &Path) -> Option<(Vec<String>, i64)> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(data.join("breeze.db"), flags).ok()?;
    let mut rows = db.prepare("SELECT body FROM messages ORDER BY conv, seq").ok()?;
    let texts = rows.query_map([], |row| row.get(0)).ok()?;
    let texts = texts.collect::<Result<_, _>>().ok()?;
    let count = "SELECT count(*) FROM outbox";
    let waiting = db.query_row(count, [], |row| row.get(0)).ok()?;
    Some((texts, waiting))
}

fn starting_with(texts: &[String], head: char) -> Vec<usize> {
    let numbers = texts
        .iter()
        .filter_map(|text| text.strip_prefix(head)?.parse().ok());
    numbers.collect()
}

/// A window behind a cable, and a scripted friend who talks to it.
struct Stage {
    screen: Screen,
    window: Window,
    proxy: Proxy,
    rosa: Client,
    conv: ConvId,
    server: Server,
}

impl Stage {
    async fn set(plan: Plan) -> Self {
        let (screen, server, mut window) = (Screen::private(), plan.start(), Window::left());
        let proxy = Proxy::before(&server.endpoint()).await;
        let link = server.start_line().owner_link.clone().unwrap();
        window.start(&screen, Some(&behind(&link.0, &proxy)));
        join(&screen, &window, "Mira Ek");
        let there = || (server.sessions() == 1).then_some(());
        wait::until("Mira's session", Duration::from_secs(20), there).await;
        let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
        let rosa = rosa.online(&server).await;
        let conv = rosa.conv(MIRA).await;
        rosa.say(conv, "hello").await;
        let stage = Self {
            screen,
            window,
            proxy,
            rosa,
            conv,
            server,
        };
        stage.until_kept("hello").await;
        stage
    }

    async fn until_kept(&self, text: &str) {
        let data = self.window.data();
        let come = || kept(&data)?.0.iter().any(|kept| kept == text).then_some(());
        wait::until(
            &format!("{text:?} on the window's disk"),
            Duration::from_secs(30),
            come,
        )
        .await;
    }

    /// What the friend has of the window's own numbered texts.
    fn arrived(&self) -> Vec<usize> {
        starting_with(&self.rosa.local().texts(self.conv), 'w')
    }

    /// Both sides send, then the window is killed at this moment and started again.
    async fn round(&mut self, n: usize, moment: Moment, evidence: &Evidence) {
        self.rosa.say(self.conv, &format!("r{}", 2 * n)).await;
        // Its chat is up to date, so its link is whole: the stall below hits this very text.
        self.until_kept(&format!("r{}", 2 * n)).await;
        open_first(&self.screen, &self.window);
        match moment {
            Moment::Chance => {}
            Moment::BeforeTheServer => self.proxy.set_up(Flow::Stall),
            Moment::BeforeTheAnswer => self.proxy.set_down(Flow::Stall),
        }
        say(&self.screen, &self.window, &format!("w{n}"));
        self.rosa.say(self.conv, &format!("r{}", 2 * n + 1)).await;
        match moment {
            Moment::Chance => wait::run_for(random_moment()).await,
            Moment::BeforeTheServer => self.until_waiting().await,
            Moment::BeforeTheAnswer => {
                let here = || self.arrived().contains(&n).then_some(());
                wait::until("the text is at the friend's", wait::SOON, here).await;
                self.until_waiting().await;
            }
        }
        let (arrived, waiting) = (self.arrived().contains(&n), self.waiting());
        self.window.kill();
        evidence.add("kills", 1);
        evidence.add("before_the_server", u64::from(waiting && !arrived));
        evidence.add("before_the_answer", u64::from(waiting && arrived));
        self.proxy.reset_all();
        self.proxy.heal();
        self.window.start(&self.screen, None);
    }

    fn waiting(&self) -> bool {
        kept(&self.window.data()).is_some_and(|(_, waiting)| waiting > 0)
    }

    async fn until_waiting(&self) {
        let waits = || self.waiting().then_some(());
        wait::until("the text is in the outbox", wait::SOON, waits).await;
    }

    /// Waits until all is quiet: everything received is on the window's disk, and its outbox is empty.
    async fn settle(&self, rounds: usize) -> Vec<String> {
        let data = self.window.data();
        wait::until(
            "everything is on the window's disk",
            Duration::from_secs(30),
            || {
                let (texts, waiting) = kept(&data)?;
                let whole = starting_with(&texts, 'r').len() >= 2 * rounds && waiting == 0;
                whole.then_some(texts)
            },
        )
        .await
    }
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
    assert_eq!(starting_with(&texts, 'r'), all, "received exactly once, in order");
    let written = starting_with(&texts, 'w');
    assert!(
        written.is_sorted_by(|a, b| a < b),
        "sent once, in order: {written:?}"
    );
    assert_eq!(stage.arrived(), written, "both sides agree");
    // What was in the outbox must come; what the kill at chance hit earlier never was the window's.
    let kept_for_sure = (0..rounds).filter(|n| moment(*n) != Moment::Chance);
    let lost: Vec<usize> = kept_for_sure.filter(|n| !written.contains(n)).collect();
    assert!(lost.is_empty(), "lost from the outbox: {lost:?}");
    evidence.at_least("kills", rounds as u64);
    evidence.at_least("before_the_server", rounds as u64 / 4);
    evidence.at_least("before_the_answer", rounds as u64 / 4);
    stage.server.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_control_dedupe_off() {
    caught("dedupe_off", || async {
        let mut stage = Stage::set(Plan::new().fault("dedupe_off")).await;
        stage
            .round(0, Moment::BeforeTheAnswer, &Evidence::default())
            .await;
        stage.settle(1).await;
        let arrived = stage.arrived();
        (arrived.len() > 1).then(|| format!("the same text {} times", arrived.len()))
    })
    .await;
}
