//! Bounded load with one table at its end: a benchmark, never a timed test. Loopback only; it stops by itself.

pub mod alone;
pub mod cost;
pub mod durable;
pub mod files;
pub mod local_search;
pub mod memory;
pub mod notices;
pub mod own;
pub mod resume;
pub mod search;
pub mod shell;
pub mod store;
pub mod table;
pub mod watch;
pub mod window;

use crate::client::{Client, Habits, Sink};
use crate::people::{Person, crowd, owner};
use crate::presence::PresenceModel;
use crate::server::{Plan, Server};
use std::collections::BTreeMap;
use std::time::Instant;

/// A server and somebody with many friends.
///
/// # Panics
/// When it cannot be made.
pub async fn someone_popular(plan: Plan, friends: usize) -> (Server, Person, Vec<Person>) {
    let start = Instant::now();
    let server = plan.start();
    let center = owner(&server, "center").await;
    let people = if friends == 0 {
        Vec::new()
    } else {
        crowd(&server, &center, "p", friends).await
    };
    eprintln!("{friends} accounts after {:.1} s", start.elapsed().as_secs_f64());
    (server, center, people)
}

/// All of them online, one after the other, with few things kept.
///
/// # Panics
/// When one cannot come.
pub async fn all_online(server: &Server, people: &[Person], sink: Option<Sink>) -> Vec<Client> {
    let habits = Habits {
        remembers: false,
        ..Habits::default()
    };
    let mut clients = Vec::with_capacity(people.len());
    for (n, person) in people.iter().enumerate() {
        let to = server.endpoint().from_host(n);
        clients.push(
            person
                .device
                .try_online(&to, habits, sink.clone())
                .await
                .expect("the server takes everybody"),
        );
    }
    clients
}

/// CPU time of all threads of a process so far, nanoseconds.
///
/// # Panics
/// When there is no such process.
#[must_use]
pub fn cpu_ns(pid: u32) -> u64 {
    cpu_by_thread(pid).values().map(|thread| thread.cpu_ns).sum()
}

/// What the threads of one name have done so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Thread {
    /// Time on a processor, nanoseconds.
    pub cpu_ns: u64,
    /// How often they were put on one.
    pub turns: u64,
}

/// The threads of a process by their names.
///
/// # Panics
/// When there is no such process.
#[must_use]
pub fn cpu_by_thread(pid: u32) -> BTreeMap<String, Thread> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("the process lives");
    let mut threads: BTreeMap<String, Thread> = BTreeMap::new();
    for task in tasks.flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let numbers: Vec<u64> = read("schedstat")
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        // A thread that ends between the two reads has no numbers.
        if let [cpu_ns, _, turns] = numbers[..] {
            let thread = threads.entry(read("comm").trim().to_owned()).or_default();
            thread.cpu_ns += cpu_ns;
            thread.turns += turns;
        }
    }
    threads
}

/// Memory of a process that is in RAM, KiB.
///
/// # Panics
/// When there is no such process.
#[must_use]
pub fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process lives");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("Linux tells it");
    line.split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .expect("a number of KiB")
}

/// Waits until a model says what it should.
///
/// # Panics
/// When it does not.
pub async fn settled(clients: &[Client], says: impl Fn(&PresenceModel) -> bool) {
    let all = || {
        clients
            .iter()
            .all(|client| says(&client.state().presence))
            .then_some(())
    };
    crate::wait::until("every model to agree", std::time::Duration::from_secs(30), all).await;
}
