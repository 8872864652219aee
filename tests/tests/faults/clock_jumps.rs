//! F7: the wall clock jumps by a day, by ten years, back by an hour, on the server and on a person's computer: nobody is
//! timed out, order stays, nothing is lost, and nothing is done twice.

use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::presence::StatusKind;
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits};
use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::load::{Load, judge};
use breeze_tests::people::{Device, Person, befriend, owner};
use breeze_tests::server::{Plan, Server};
use breeze_tests::talk::{MIRA, PATIENCE, Talk};
use breeze_tests::wait;
use breeze_tests::wall_clock::{JUMPS_S, WallClock, YEARS_S, is_of};
use breeze_tests::window::Window;
use std::sync::Arc;
use std::time::Duration;

/// Who sends all the time.
const SENDERS: [&str; 4] = ["s0", "s1", "s2", "s3"];
/// A silence of this length is the end of a session here: shorter than shipped, so that each jump can be outlasted.
const LEASE: Duration = Duration::from_secs(3);
/// How often those who say nothing are heard of.
const PING: Duration = Duration::from_millis(300);

/// A server whose clock can be set, four who send to Ann, two who are only there, one who is silent, and Ann's second
/// device, which watches.
struct Stage {
    server: Server,
    clock: WallClock,
    ann: Person,
    senders: Vec<Person>,
    quiet: Vec<Person>,
    silent: Person,
    watching: Device,
    evidence: Arc<Evidence>,
    load: Load,
}

impl Stage {
    async fn set(plan: Plan) -> Self {
        let (clock, evidence) = (WallClock::right(), Arc::new(Evidence::default()));
        let lease_ms = u64::try_from(LEASE.as_millis()).unwrap();
        let plan = plan
            .timing("doubtful_ms", lease_ms / 2)
            .timing("lease_ms", lease_ms);
        let server = plan.wall_clock(&clock).start();
        let ann = owner(&server, "ann").await;
        let senders = befriend(&server, &ann, &SENDERS).await;
        let mut quiet = befriend(&server, &ann, &["bob", "cleo", "dora"]).await;
        let silent = quiet.pop().unwrap();
        let watching = ann.second_device(&server).await;
        let load = Load::start(&senders, &server.endpoint(), ann.account, &evidence);
        Self {
            server,
            clock,
            ann,
            senders,
            quiet,
            silent,
            watching,
            evidence,
            load,
        }
    }

    /// Those who are only there, and who watches them, connected.
    async fn connect(&self) -> (Client, Vec<Client>) {
        let mut quiet = Vec::new();
        for person in &self.quiet {
            let mut client = person.online(&self.server).await;
            client.start_heartbeat_every(PING);
            quiet.push(client);
        }
        let mut watcher = self.watching.online(&self.server.endpoint()).await;
        watcher.start_heartbeat_every(PING);
        for person in self.senders.iter().chain(&self.quiet) {
            watcher.until_state(person.account, Online).await;
        }
        (watcher, quiet)
    }

    /// Dora, who is there and says nothing, not even that she lives.
    async fn silent(&self) -> Client {
        let habits = Habits {
            heartbeat: false,
            ..Habits::default()
        };
        let to = self.server.endpoint();
        self.silent.device.try_online(&to, habits, None).await.unwrap()
    }

    /// Waits until messages are stamped by the clock as it is now.
    async fn until_stamped(&self, ahead_s: i64) {
        let stamped = || {
            let local = self.watching.local();
            let of = |sender: &Person| {
                let conv = local.conv_with(sender.account)?;
                let (_, newest) = local.rows.range((conv, 0)..=(conv, u64::MAX)).next_back()?;
                is_of(newest.ts, ahead_s).then_some(())
            };
            self.senders.iter().all(|it| of(it).is_some()).then_some(())
        };
        wait::until("messages stamped by the new time", wait::SOON, stamped).await;
        self.evidence.add("jumps", 1);
    }

    /// Who was told to be gone.
    fn gone(&self, watcher: &Client) -> Vec<String> {
        let presence = &watcher.state().presence;
        let all = self.senders.iter().chain(&self.quiet);
        all.filter(|it| {
            presence
                .steps
                .iter()
                .any(|step| step.account == it.account && step.known.state == Offline)
        })
        .map(|it| format!("{} was shown as gone", it.username))
        .collect()
    }

    /// What is wrong once everything written has been answered and has come.
    async fn judge(self) -> Vec<String> {
        let Some(done) = self.load.stop(Duration::from_secs(30)).await else {
            return vec![format!("the senders are stuck ({})", self.evidence)];
        };
        let mut watcher = self.watching.online(&self.server.endpoint()).await;
        watcher.start_heartbeat_every(PING);
        let all = || {
            done.iter()
                .all(|it| watcher.local().texts(it.conv).len() as u64 >= it.written)
                .then_some(())
        };
        wait::seek(wait::SOON, all).await;
        done.iter().flat_map(|it| judge(&self.watching, it)).collect()
    }
}

/// Sets the clock of a running server again and again; what is wrong afterwards.
async fn jump_while_it_runs(plan: Plan, jumps_s: &[i64]) -> (Vec<String>, Arc<Evidence>) {
    let stage = Stage::set(plan).await;
    let evidence = Arc::clone(&stage.evidence);
    let (watcher, quiet) = stage.connect().await;
    stage.until_stamped(0).await;
    let mut wrong = Vec::new();
    for ahead_s in jumps_s {
        let silent = stage.silent().await;
        watcher.until_state(stage.silent.account, Online).await;
        stage.clock.set(*ahead_s);
        stage.until_stamped(*ahead_s).await;
        // Whoever is timed out by this clock is by now, and whoever is silent is gone all the same.
        let over = || (watcher.state().presence.state(stage.silent.account) == Offline).then_some(());
        match wait::seek(LEASE * 2, over).await {
            Some(()) => evidence.add("silent", 1),
            None => wrong.push(format!("at {ahead_s} s nobody who is silent is timed out")),
        }
        drop(silent);
        wrong.extend(stage.gone(&watcher));
        let closed = quiet
            .iter()
            .chain([&watcher])
            .filter_map(|it| it.state().closed.clone());
        wrong.extend(closed.map(|why| format!("at {ahead_s} s a connection was closed: {why}")));
        if !wrong.is_empty() {
            return (wrong, evidence);
        }
    }
    if evidence.get("sender_connections") > SENDERS.len() as u64 {
        wrong.push(format!("a sender had to come back ({evidence})"));
    }
    wrong.extend(stage.judge().await);
    (wrong, evidence)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f7_the_servers_clock_jumps_while_it_runs() {
    let jumps_s = JUMPS_S.repeat(rounds(1));
    let (wrong, evidence) = jump_while_it_runs(Plan::new(), &jumps_s).await;
    println!("f7, running: {evidence}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    evidence.at_least("jumps", 1 + jumps_s.len() as u64);
    evidence.at_least("silent", jumps_s.len() as u64);
    evidence.at_least("acked", 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f7_control_wall_leases() {
    caught("wall_leases", || async {
        let (wrong, _) = jump_while_it_runs(Plan::new().fault("wall_leases"), &[-YEARS_S]).await;
        wrong.first().cloned()
    })
    .await;
}

/// Starts the server again and again with its clock set elsewhere; what is wrong afterwards.
async fn restart_at(plan: Plan, jumps_s: &[i64]) -> (Vec<String>, Arc<Evidence>) {
    let mut stage = Stage::set(plan).await;
    let evidence = Arc::clone(&stage.evidence);
    let (watcher, quiet) = stage.connect().await;
    stage.until_stamped(0).await;
    let (wish, title) = (mid(), "asked for once");
    let first = quiet[0].group(wish, title, &[stage.ann.account]).await;
    assert!(first.is_ok(), "{first:?}");
    drop((watcher, quiet));
    let mut wrong = Vec::new();
    for ahead_s in jumps_s {
        stage.server.kill();
        stage.clock.set(*ahead_s);
        stage.server.start_again();
        evidence.add("restarts", 1);
        let (watcher, quiet) = stage.connect().await;
        stage.until_stamped(*ahead_s).await;
        wrong.extend(stage.gone(&watcher));
        let again = quiet[0].group(wish, title, &[stage.ann.account]).await;
        if again != first {
            wrong.push(format!(
                "at {ahead_s} s the same request was answered by {again:?}"
            ));
        }
    }
    wrong.extend(stage.judge().await);
    (wrong, evidence)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f7_the_servers_clock_has_jumped_when_it_starts_again() {
    let jumps_s = JUMPS_S.repeat(rounds(1));
    let (wrong, evidence) = restart_at(Plan::new(), &jumps_s).await;
    println!("f7, restarts: {evidence}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    evidence.at_least("restarts", jumps_s.len() as u64);
    evidence.at_least("jumps", 1 + jumps_s.len() as u64);
    evidence.at_least("acked", 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f7_control_wall_forgets() {
    caught("wall_forgets", || async {
        let (wrong, _) = restart_at(Plan::new().fault("wall_forgets"), &[YEARS_S]).await;
        wrong.first().cloned()
    })
    .await;
}

/// One text each way, at the window's time as it is now. A window that has just been started opens the chat first; where it
/// is open, its composer has the keyboard, and a click elsewhere would take it away for a frame.
async fn exchange(talk: &Talk, n: usize, ahead_s: i64, is_new: bool) {
    let told = [StatusKind::Away, StatusKind::Online][n % 2];
    talk.rosa.set_status(told).await;
    let stamped = || talk.stamped().filter(|ts| is_of(*ts, ahead_s));
    wait::until("the window's own stamp by the new time", wait::SOON, stamped).await;
    let told = talk.rosa.say(talk.conv, &format!("r{n}")).await;
    talk.until_kept(&format!("r{n}")).await;
    if is_new {
        talk.open_for_keys(told.seq).await;
    }
    talk.type_in(&format!("w{n}"));
    talk.until_arrived(n).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f7_the_clock_of_a_persons_computer_jumps() {
    let (clock, mut window) = (WallClock::right(), Window::left());
    let server = Plan::new().timing("receipts_ms", 50).start();
    window.on_clock(&clock);
    let link = server.start_line().owner_link.clone().unwrap();
    let mut talk = Talk::begin(server, window, &link.0).await;
    let (jumps_s, mut n) = (JUMPS_S.repeat(rounds(1)), 0);
    for &ahead_s in &jumps_s {
        clock.set(ahead_s);
        exchange(&talk, n, ahead_s, n == 0).await;
        n += 1;
    }
    let presence = |of| talk.rosa.state().presence.times(MIRA, of);
    assert_eq!([Doubtful, Offline].map(presence), [0, 0], "never shown as gone");
    for ahead_s in jumps_s {
        talk.window.kill();
        clock.set(ahead_s);
        talk.start_again();
        exchange(&talk, n, ahead_s, true).await;
        n += 1;
    }
    let last = format!("w{}", n - 1);
    let texts = talk.settled(PATIENCE, |texts| texts.contains(&last)).await;
    let both = (0..n).flat_map(|n| [format!("r{n}"), format!("w{n}")]);
    let all: Vec<String> = std::iter::once("hello".to_owned()).chain(both).collect();
    assert_eq!(texts, all, "in the order they were sent, each once");
    assert_eq!(
        talk.rosa.local().texts(talk.conv),
        all,
        "and the same at the friend's"
    );
    println!("f7, the app: {n} jumps, half of them before a start");
    talk.server.assert_sound();
}
