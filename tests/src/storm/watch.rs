//! How soon everybody learns that somebody went: by goodbye, by a killed process, by a pulled cable.

use super::{all_online, someone_popular, table};
use crate::client::{Client, Sink};
use crate::proxy::Proxy;
use crate::server::Plan;
use crate::wait;
use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::{PresenceState, ServerMessage};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Goodbye,
    Kill,
    Cable,
}

/// When each watcher heard of a state, since the last clear.
type Times = Arc<Mutex<Vec<(Instant, PresenceState)>>>;

/// Runs all three with one number of watchers.
///
/// # Panics
/// When a watcher does not learn of it.
pub async fn run(watchers: usize, runs: usize, cable_runs: usize, tls: bool) {
    let plan = if tls { Plan::new() } else { Plan::new().plain() };
    let (server, center, people) = someone_popular(plan, watchers).await;
    let times: Times = Arc::default();
    let noted = Arc::clone(&times);
    let who = center.account;
    let sink: Sink = Arc::new(move |at, message| {
        if let ServerMessage::Presence(frame) = message {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.extend(
                frame
                    .entries
                    .iter()
                    .filter(|entry| entry.0 == who)
                    .map(|entry| (at, entry.2)),
            );
        }
    });
    let clients = all_online(&server, &people, Some(sink)).await;
    let mut rows = Vec::new();
    for (way, runs) in [(Way::Goodbye, runs), (Way::Kill, runs), (Way::Cable, cable_runs)] {
        let (mut doubtful, mut grey) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let proxy = Proxy::before(&server.endpoint()).await;
            let client = center.device.online(&proxy.endpoint(&server.endpoint())).await;
            everybody(&clients, &times, Online).await;
            times.lock().unwrap_or_else(PoisonError::into_inner).clear();
            // Nobody leaves within the coalescing of having come.
            wait::run_for(Duration::from_millis(150)).await;
            let start = Instant::now();
            let held = go(way, client, &proxy).await;
            everybody(&clients, &times, Offline).await;
            for (at, state) in times.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
                match state {
                    Doubtful => doubtful.push(at - start),
                    Offline => grey.push(at - start),
                    _ => {}
                }
            }
            drop(held);
        }
        rows.push((way, runs, "doubtful", doubtful));
        rows.push((way, runs, "grey", grey));
    }
    let link = if tls { "TLS" } else { "plaintext" };
    table::head(
        &format!("Somebody goes; {watchers} watchers, {link} loopback"),
        &["how", "runs", "to", "samples", "median", "p99", "max"],
    );
    for (way, runs, to, mut samples) in rows {
        if !samples.is_empty() {
            let cells = [format!("{way:?}"), runs.to_string(), to.to_owned()];
            table::row(&[&cells[..], &table::spread(&mut samples)[..]].concat());
        }
    }
}

async fn go(way: Way, client: Client, proxy: &Proxy) -> Option<Client> {
    match way {
        Way::Goodbye => {
            let _ = client.tell(breeze_protocol::message::control::Bye {}).await;
        }
        Way::Kill => {
            client.cut();
            return None;
        }
        Way::Cable => proxy.pull(),
    }
    Some(client)
}

/// Waits until the last word that every watcher heard is this state.
async fn everybody(clients: &[Client], times: &Times, wanted: PresenceState) {
    let all = || {
        let times = times.lock().unwrap_or_else(PoisonError::into_inner);
        (times.iter().filter(|(_, state)| *state == wanted).count() >= clients.len()).then_some(())
    };
    wait::until("everybody to know", Duration::from_secs(30), all).await;
}
