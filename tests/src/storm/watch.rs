//! How soon everybody learns that somebody went: by goodbye, by a killed process, by a pulled cable.

use super::{all_online, someone_popular, table};
use crate::client::{Client, Sink};
use crate::people::{Person, befriend_while_down, crowd};
use crate::proxy::{Cut, Proxy};
use crate::server::{Plan, Server};
use crate::wait;
use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::limit::PING_EVERY_MS;
use breeze_protocol::{PresenceState, ServerMessage};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A way to go alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Goodbye,
    Kill,
}

/// Doubtful and offline, and when each watcher heard of it, since the last clear.
type Times = Arc<Mutex<Vec<(Instant, PresenceState)>>>;

/// How long after the start each watcher heard of doubtful and of grey.
#[derive(Default)]
struct Told {
    doubtful: Vec<Duration>,
    grey: Vec<Duration>,
}

impl Told {
    fn take(&mut self, times: &Times, start: Instant) {
        for (at, state) in times.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            match state {
                Doubtful => self.doubtful.push(at - start),
                Offline => self.grey.push(at - start),
                _ => {}
            }
        }
    }

    fn print(self, way: &str, runs: usize) {
        for (to, mut samples) in [("doubtful", self.doubtful), ("grey", self.grey)] {
            if !samples.is_empty() {
                let cells = [way.to_owned(), runs.to_string(), to.to_owned()];
                table::row(&[&cells[..], &table::spread(&mut samples)[..]].concat());
            }
        }
    }
}

/// Runs every way of going with one number of watchers. `cables` people are cut at once, whom all of them watch.
///
/// # Panics
/// When a watcher does not learn of it.
pub async fn run(watchers: usize, runs: usize, cables: usize, tls: bool) {
    let plan = if tls { Plan::new() } else { Plan::new().plain() };
    let (mut server, center, people) = someone_popular(plan, watchers).await;
    let mut owners = Vec::new();
    if cables > 0 {
        owners = crowd(&server, &center, "cable", cables).await;
        server.kill();
        befriend_while_down(&server.data(), &owners, &people);
        server.start_again();
    }
    let times: Times = Arc::default();
    let noted = Arc::clone(&times);
    let watched: Vec<_> = owners
        .iter()
        .map(|it| it.account)
        .chain([center.account])
        .collect();
    let sink: Sink = Arc::new(move |at, message| {
        if let ServerMessage::Presence(frame) = message {
            let entries = frame.entries.iter().filter(|entry| watched.contains(&entry.0));
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.extend(entries.map(|entry| (at, entry.2)));
        }
    });
    let clients = all_online(&server, &people, Some(sink)).await;
    let link = if tls { "TLS" } else { "plaintext" };
    table::head(
        &format!("Somebody goes; {watchers} watchers, {link} loopback"),
        &["how", "runs", "to", "samples", "median", "p99", "max"],
    );
    for way in [Way::Goodbye, Way::Kill] {
        let mut told = Told::default();
        for _ in 0..runs {
            one_goes(way, &server, &center, clients.len(), &times, &mut told).await;
        }
        told.print(&format!("{way:?}"), runs);
    }
    for cut in Cut::ALL.into_iter().filter(|_| cables > 0) {
        let told = cables_pulled(cut, &server, &owners, clients.len(), &times).await;
        told.print(&format!("Cable, {}", cut.name()), cables);
    }
}

async fn one_goes(way: Way, server: &Server, who: &Person, watchers: usize, times: &Times, told: &mut Told) {
    let client = who.device.online(&server.endpoint()).await;
    everybody(watchers, times, Online).await;
    times.lock().unwrap_or_else(PoisonError::into_inner).clear();
    // Nobody leaves within the coalescing of having come.
    wait::run_for(Duration::from_millis(150)).await;
    let start = Instant::now();
    let held = go(way, client).await;
    everybody(watchers, times, Offline).await;
    told.take(times, start);
    drop(held);
}

/// One round in which many people are cut at the same moment. They came one after the other, so the cut falls into
/// each part of the time between two pings; everybody is told of every one of them.
async fn cables_pulled(cut: Cut, server: &Server, owners: &[Person], watchers: usize, times: &Times) -> Told {
    let proxy = Proxy::before(&server.endpoint()).await;
    let to = proxy.endpoint(&server.endpoint());
    let apart = Duration::from_millis(PING_EVERY_MS) / u32::try_from(owners.len()).expect("some dozens");
    let mut held = Vec::new();
    for owner in owners {
        held.push(owner.device.online(&to).await);
        wait::run_for(apart).await;
    }
    everybody(watchers * owners.len(), times, Online).await;
    times.lock().unwrap_or_else(PoisonError::into_inner).clear();
    wait::run_for(Duration::from_millis(150)).await;
    let start = Instant::now();
    proxy.cut(cut);
    everybody(watchers * owners.len(), times, Offline).await;
    let mut told = Told::default();
    told.take(times, start);
    drop(held);
    told
}

async fn go(way: Way, client: Client) -> Option<Client> {
    match way {
        Way::Goodbye => {
            let _ = client.tell(breeze_protocol::message::control::Bye {}).await;
        }
        Way::Kill => {
            client.cut();
            return None;
        }
    }
    Some(client)
}

/// Waits until so many words of this state were heard.
async fn everybody(words: usize, times: &Times, wanted: PresenceState) {
    let all = || {
        let times = times.lock().unwrap_or_else(PoisonError::into_inner);
        (times.iter().filter(|(_, state)| *state == wanted).count() >= words).then_some(())
    };
    wait::until("everybody to know", Duration::from_secs(60), all).await;
}
