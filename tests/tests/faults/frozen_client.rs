//! F5: a person's computer stands still (SIGSTOP of the real window): the others' messages are as quick as before, they see
//! it grey in time, and when it goes on nothing is lost and nothing comes twice.

use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::{ConvId, Mid, ServerMessage};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits, Sink};
use breeze_tests::evidence::{Evidence, caught, rounds};
use breeze_tests::people::{Person, join};
use breeze_tests::scene::invite;
use breeze_tests::server::Plan;
use breeze_tests::storm::table::{P99_SAMPLES_MIN, p99, spread};
use breeze_tests::talk::{MIRA, PATIENCE, Talk, numbered};
use breeze_tests::wait;
use breeze_tests::window::Window;
use rustix::process::Signal;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it stands still each time, seconds, in the everyday run: twice shorter than anybody notices, once until it is grey.
const FREEZES_S: [u64; 3] = [1, 2, 20];
/// The same in a campaign.
const CAMPAIGN_FREEZES_S: [u64; 4] = [1, 5, 30, 120];
/// Silence may be doubted after this: the time to be in doubt, less a ping's.
const UNNOTICED: Duration = Duration::from_millis(2500);
/// Grey by then, and not before: the bounds of a pulled cable.
const DOUBTFUL_MAX: Duration = Duration::from_secs(9);
const OFFLINE_MAX: Duration = Duration::from_secs(16);
/// A message of the others this often: thousands in a freeze, and half of them not more than one device may miss at once.
const PACE: Duration = Duration::from_millis(4);
/// Messages of the others on the way at once: more would be refused for now while the disk is busy.
const OPEN_MAX: usize = 8;
/// After more than five thousand missed, the window fetches the rest in pages of 200 a second; a busy machine takes twice
/// as long.
const FETCH: Duration = Duration::from_millis(10);
/// The others are watched so long at most before each freeze.
const THAWED_MAX: Duration = Duration::from_secs(8);
/// What the others' p99 may grow to: a tenth. In a campaign that is held against messages that went elsewhere at the same
/// time, one between every two, so that both had the same machine.
const GROWTH_MAX: f64 = 1.1;
/// In the everyday run builds share two cores and the disk, and one stall of theirs is more than a hundredth of the messages;
/// and what was measured before a freeze had another machine always. There only a server that waits for the one who stands
/// still is told: that would take seconds, up to its lease.
const SLACK: Duration = Duration::from_secs(1);

/// When each message came to the one who listens.
type Times = Arc<Mutex<HashMap<Mid, Instant>>>;

/// Two who talk in groups, with and without Mira's window, and note how long each message takes.
struct Others {
    speaker: Client,
    listener: Client,
    came: Times,
    /// A group of them and Mira.
    with: ConvId,
    /// One without her.
    without: ConvId,
    /// Messages written in the group with Mira, each `g` and its number.
    written: usize,
}

impl Others {
    async fn set(talk: &Talk) -> Self {
        let server = &talk.server;
        // Their names come after Rosa's: the window opens the first chat of its list.
        let (sam, tim) = (friend(talk, "sam").await, friend(talk, "tim").await);
        let came = Times::default();
        let heard = Arc::clone(&came);
        let sink: Sink = Arc::new(move |at, message| {
            if let ServerMessage::Event(event) = message {
                let mut came = heard.lock().unwrap_or_else(PoisonError::into_inner);
                came.entry(event.mid).or_insert(at);
            }
        });
        let forgetful = Habits {
            remembers: false,
            ..Habits::default()
        };
        let to = server.endpoint();
        let listener = tim.device.try_online(&to, forgetful, Some(sink)).await.unwrap();
        let speaker = sam.device.online(&to).await;
        let with = speaker
            .group(mid(), "With Mira", &[tim.account, MIRA])
            .await
            .unwrap();
        let without = speaker
            .group(mid(), "Without", &[tim.account, talk.friend])
            .await
            .unwrap();
        Self {
            speaker,
            listener,
            came,
            with,
            without,
            written: 0,
        }
    }

    /// Talks for a while, in these groups in turn; how long each message took to come, by group.
    async fn talk<const N: usize>(&mut self, groups: [ConvId; N], time: Duration) -> [Vec<Duration>; N] {
        let (start, mut open) = (Instant::now(), VecDeque::new());
        let mut sent: [Vec<(Mid, Instant)>; N] = std::array::from_fn(|_| Vec::new());
        for turn in 0.. {
            if start.elapsed() >= time {
                break;
            }
            let (at, mid, number) = (turn % N, mid(), self.written);
            self.written += usize::from(groups[at] == self.with);
            sent[at].push((mid, Instant::now()));
            let body = format!("g{number}");
            self.speaker.send(mid, groups[at], &body).await.unwrap();
            open.push_back(mid);
            wait::run_for(PACE).await;
            if open.len() > OPEN_MAX {
                self.stored(&mut open).await;
            }
        }
        while !open.is_empty() {
            self.stored(&mut open).await;
        }
        self.speaker.forget();
        let took = |sent: &[(Mid, Instant)]| {
            let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
            let took = sent.iter().map(|(mid, at)| Some(*came.get(mid)? - *at));
            took.collect::<Option<Vec<Duration>>>()
        };
        let all = || sent.iter().all(|sent| took(sent).is_some()).then_some(());
        wait::until("every message of the others", wait::SOON, all).await;
        sent.map(|sent| took(&sent).expect("all have come"))
    }

    /// Waits until the oldest of those on the way is stored.
    async fn stored(&self, open: &mut VecDeque<Mid>) {
        if let Some(mid) = open.pop_front() {
            self.speaker.sent(mid).await.unwrap();
        }
    }
}

async fn friend(talk: &Talk, name: &str) -> Person {
    let link = breeze_protocol::message::sign_in::Secret(invite(&talk.server));
    join(&talk.server.endpoint(), &link, name).await
}

/// What the others saw of one freeze; what is wrong with it.
fn judge_presence(watcher: &Client, frozen: Duration, start: Instant) -> Vec<String> {
    let presence = &watcher.state().presence;
    let [doubtful, offline] = [Doubtful, Offline].map(|state| {
        let at = presence.when(MIRA, state, start);
        at.map(|at| at - start)
    });
    println!("f5: frozen for {frozen:?}: doubtful after {doubtful:?}, grey after {offline:?}");
    let mut wrong = Vec::new();
    if frozen <= UNNOTICED && (doubtful, offline) != (None, None) {
        wrong.push(format!("{frozen:?} were noticed"));
    }
    if frozen > OFFLINE_MAX {
        if doubtful.is_none_or(|after| after > DOUBTFUL_MAX) {
            wrong.push(format!("doubtful after {doubtful:?}"));
        }
        if offline.is_none_or(|after| after > OFFLINE_MAX) {
            wrong.push(format!("grey after {offline:?}"));
        }
    } else if offline.is_some_and(|after| after < DOUBTFUL_MAX) {
        wrong.push(format!("grey after only {offline:?}"));
    }
    wrong
}

/// What the freezes came to.
#[derive(Default)]
struct Seen {
    wrong: Vec<String>,
    /// How long messages took before the freezes.
    thawed: Vec<Duration>,
    /// During them, in the group with the one who stands still.
    with: Vec<Duration>,
    /// During them, in the other one: between every two of those.
    without: Vec<Duration>,
}

/// Freezes Mira's window for each of these times while the others talk.
async fn freeze(plan: Plan, freezes_s: &[u64], evidence: &Evidence) -> Seen {
    let server = plan.everyone().start();
    let link = server.start_line().owner_link.clone().unwrap();
    let talk = Talk::begin(server, Window::left(), &link.0).await;
    let mut others = Others::set(&talk).await;
    let mut seen = Seen::default();
    for (n, &freeze_s) in freezes_s.iter().enumerate() {
        let frozen = Duration::from_secs(freeze_s);
        let [thawed] = others.talk([others.without], frozen.min(THAWED_MAX)).await;
        seen.thawed.extend(thawed);
        others.speaker.until_state(MIRA, Online).await;
        let start = Instant::now();
        talk.window.signal(Signal::STOP);
        let [with, without] = others.talk([others.with, others.without], frozen).await;
        seen.wrong.extend(judge_presence(&others.speaker, frozen, start));
        let missed = u32::try_from(with.len()).unwrap();
        seen.with.extend(with);
        seen.without.extend(without);
        evidence.add("missed", missed.into());
        evidence.add("freezes", 1);
        if !seen.wrong.is_empty() {
            return seen;
        }
        talk.window.signal(Signal::CONT);
        let written = others.written;
        let within = PATIENCE + FETCH * missed;
        talk.settled(within, |texts| numbered(texts, 'g').len() >= written)
            .await;
        others.speaker.until_state(MIRA, Online).await;
        if n == 0 {
            talk.open_for_keys(1).await;
        }
        talk.type_in(&format!("w{n}"));
        talk.until_arrived(n).await;
    }
    while seen.thawed.len() < P99_SAMPLES_MIN {
        let [thawed] = others.talk([others.without], Duration::from_secs(1)).await;
        seen.thawed.extend(thawed);
    }
    let texts = talk.settled(PATIENCE, |_| true).await;
    if numbered(&texts, 'g') != (0..others.written).collect::<Vec<_>>() {
        seen.wrong
            .push("the window has not every message once, in order".to_owned());
    }
    if talk.arrived() != (0..freezes_s.len()).collect::<Vec<_>>() {
        seen.wrong
            .push(format!("of the window's own there came {:?}", talk.arrived()));
    }
    drop(others.listener);
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_a_frozen_window_is_grey_in_time_holds_up_nobody_and_loses_nothing() {
    let evidence = Evidence::default();
    let campaign = rounds(0);
    let freezes_s = match campaign {
        0 => FREEZES_S.to_vec(),
        times => CAMPAIGN_FREEZES_S.repeat(times),
    };
    let mut seen = freeze(Plan::new(), &freezes_s, &evidence).await;
    assert!(seen.wrong.is_empty(), "{:#?}", seen.wrong);
    let figures = [&mut seen.thawed, &mut seen.without, &mut seen.with];
    let [thawed, without, with] = figures.map(|samples| {
        println!(
            "f5: the others' messages, median, p99, max: {:?}",
            spread(samples)
        );
        p99(samples).expect("a thousand samples")
    });
    println!(
        "f5: {evidence}p99 thawed {thawed:?}, frozen: elsewhere {without:?}, with the frozen one {with:?}"
    );
    let slack = if campaign == 0 { SLACK } else { Duration::ZERO };
    for (what, other, slack) in [("before", thawed, SLACK), ("elsewhere", without, slack)] {
        let bound = other.mul_f64(GROWTH_MAX) + slack;
        assert!(with <= bound, "the others' p99 is {with:?}, {what} {other:?}");
    }
    evidence.at_least("freezes", freezes_s.len() as u64);
    evidence.at_least("missed", 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_control_heartbeat_ignored() {
    caught("heartbeat_ignored", || async {
        let plan = Plan::new().fault("heartbeat_ignored");
        let seen = freeze(plan, &[OFFLINE_MAX.as_secs() + 1], &Evidence::default()).await;
        seen.wrong.first().cloned()
    })
    .await;
}
