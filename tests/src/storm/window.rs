//! The real window's figures beside an empty eframe window: start to first frame, memory, and what it does when idle.

use super::{all_online, cpu_by_thread, cpu_ns, table};
use crate::people;
use crate::programs;
use crate::scene::{invite, move_in, open_first};
use crate::screen::Screen;
use crate::server::Server;
use crate::wait;
use crate::window::Window;
use breeze_protocol::message::sign_in::Secret;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The caret blinks so long after the last key; then it is steady.
const CARET: Duration = Duration::from_secs(8);

/// After somebody left: the grace, the fade, and the first minute.
const SETTLED: Duration = Duration::from_secs(65);
/// Frames of a minute that are measured.
const MINUTES: usize = 2;

/// When each frame was painted, milliseconds after the start.
pub(super) fn frames(trace: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(trace).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
}

/// Memory of a process, shared parts counted in parts.
pub(super) fn pss_kib(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("the process lives");
    let line = text
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .expect("the kernel tells Pss");
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse().ok())
        .expect("a number")
}

/// Starts of the empty window: first frame of each, and the memory of the last.
fn floor(screen: &Screen, runs: usize, folder: &Path) -> (Vec<Duration>, u64) {
    let program = programs::folder().join("examples/empty_window");
    let (mut first, mut pss) = (Vec::new(), 0);
    for run in 0..runs {
        let trace = folder.join(format!("empty-{run}"));
        let mut command = screen.quiet(&program);
        command
            .env("BREEZE_TRACE_FRAMES", &trace)
            .env("LIBGL_ALWAYS_SOFTWARE", "1");
        let mut child: Child = command
            .stderr(Stdio::null())
            .spawn()
            .expect("the example empty_window is built");
        wait::until_blocking("the empty window", Duration::from_secs(20), || {
            (!frames(&trace).is_empty()).then_some(())
        });
        wait::run_for_blocking(Duration::from_secs(2));
        pss = pss_kib(child.id());
        first.extend(frames(&trace).first().map(|ms| Duration::from_millis(*ms)));
        let _ = child.kill();
        let _ = child.wait();
    }
    (first, pss)
}

/// Puts so many old messages into the app's data, spread over its chats, as if they had been fetched long ago.
pub(super) fn cache(home: &Path, count: u64, mut text: impl FnMut(u64) -> String) {
    let mut db = rusqlite::Connection::open(home.join("breeze.db")).expect("the app's data");
    let tx = db.transaction().expect("a transaction");
    let convs: Vec<(i64, i64, i64)> = tx
        .prepare("SELECT acc, conv, other FROM convs")
        .expect("chats")
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("chats")
        .collect::<Result<_, _>>()
        .expect("chats");
    let each = count / u64::try_from(convs.len().max(1)).expect("few");
    let sql = "INSERT OR REPLACE INTO messages (acc, conv, seq, prev_seq, n, sender, mid, ts, body, unsupported) \
               VALUES (?1, ?2, ?3, ?3 - 1, ?3, ?4, randomblob(16), 1700000000000 + ?3, ?5, 0)";
    for (acc, conv, other) in convs {
        for seq in 1..=each {
            let body = text(seq);
            let seq = i64::try_from(seq).expect("few");
            let row = rusqlite::params![acc, conv, seq, other, body];
            tx.prepare_cached(sql)
                .expect("a statement")
                .execute(row)
                .expect("a row");
        }
        let heads = "UPDATE convs SET head = ?3, n = ?3 WHERE acc = ?1 AND conv = ?2";
        let each = i64::try_from(each).expect("few");
        tx.execute(heads, [acc, conv, each]).expect("a head");
    }
    tx.commit().expect("a commit");
}

/// Gives the app a long history and lets it take that over into its index.
async fn age(screen: &Screen, window: &mut Window, folder: &Path, cached: u64) {
    cache(folder, cached, |seq| {
        format!("message {seq} of a long history, 第{seq}条消息")
    });
    window.start(screen, None);
    wait::until("the index", Duration::from_secs(300), || {
        (unfound(folder) == 0).then_some(())
    })
    .await;
    window.kill();
}

/// How many messages the search's index lacks.
pub(super) fn unfound(home: &Path) -> i64 {
    let db = rusqlite::Connection::open(home.join("breeze.db")).expect("the app's data");
    db.busy_timeout(Duration::from_secs(5)).expect("a limit");
    db.query_row("SELECT count(*) FROM unfound", [], |row| row.get(0))
        .expect("a count")
}

/// Measures and prints.
///
/// # Panics
/// When a window does not come.
pub async fn run(friends: usize, runs: usize, idle_s: u64, cached: u64) {
    let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
    move_in(&screen, &server, &mut window).await;
    let mut others = Vec::with_capacity(friends);
    for n in 0..friends {
        let link = Secret(invite(&server));
        others.push(people::join(&server.endpoint(), &link, &format!("friend{n}")).await);
    }
    // All of them there: no row says how long ago somebody was seen.
    let mut clients = all_online(&server, &others, None).await;
    for client in &mut clients {
        client.start_heartbeat();
    }
    wait::run_for(Duration::from_secs(2)).await;
    let folder = window.home().to_owned();
    // Each window alone on the screen: what two programs share would halve in the one measured beside the other.
    window.kill();
    let (mut empty, empty_pss) = floor(&screen, runs, &folder);
    if cached > 0 {
        let data = window.data();
        age(&screen, &mut window, &data, cached).await;
    }
    let mut first = Vec::new();
    for run in 0..runs {
        if run > 0 {
            window.kill();
        }
        let trace = folder.join(format!("trace-{run}"));
        window.trace_to(&trace);
        window.start(&screen, None);
        wait::until("the first frame", Duration::from_secs(20), || {
            (!frames(&trace).is_empty()).then_some(())
        })
        .await;
        wait::run_for(Duration::from_secs(2)).await;
        first.extend(frames(&trace).first().map(|ms| Duration::from_millis(*ms)));
    }
    let pss = pss_kib(window.pid());
    table::head(
        "Start to first painted frame",
        &["window", "runs", "median", "p99", "max"],
    );
    for (name, samples) in [("empty eframe", &mut empty), ("Breeze, cached list", &mut first)] {
        let cells = table::spread(samples);
        table::row(&[[name.to_owned()].as_slice(), &cells].concat());
    }
    table::head("Memory, PSS", &["window", "KiB"]);
    table::row(&["empty eframe".into(), empty_pss.to_string()]);
    table::row(&[format!("Breeze, {friends} friends"), pss.to_string()]);
    let trace = folder.join(format!("trace-{}", runs - 1));
    let idle_ns_s = idle(&screen, &window, &trace, idle_s).await;
    if let Some(client) = clients.pop() {
        client.bye().await;
        minute(&window, &trace, idle_ns_s).await;
    }
}

/// What the window does with the caret in the composer and nothing happening.
/// Returns the CPU nanoseconds of a second.
async fn idle(screen: &Screen, window: &Window, trace: &Path, idle_s: u64) -> u64 {
    open_first(screen, window);
    window.focus(screen);
    wait::run_for(CARET).await;
    let (before, painted) = (cpu_by_thread(window.pid()), frames(trace).len());
    wait::run_for(Duration::from_secs(idle_s)).await;
    let (after, painted) = (cpu_by_thread(window.pid()), frames(trace).len() - painted);
    table::head(
        "Idle, caret in the composer, everybody online",
        &["thread", "seconds", "CPU ns", "turns", "frames"],
    );
    let mut sum = 0;
    for (name, now) in &after {
        let then = before.get(name).copied().unwrap_or_default();
        let (cpu, turns) = (now.cpu_ns - then.cpu_ns, now.turns - then.turns);
        sum += cpu;
        if turns > 0 {
            let cells = [
                idle_s.to_string(),
                cpu.to_string(),
                turns.to_string(),
                String::new(),
            ];
            table::row(&[[name.clone()].as_slice(), &cells].concat());
        }
    }
    let cells = ["all of them".into(), idle_s.to_string(), sum.to_string()];
    table::row(&[cells.as_slice(), &[String::new(), painted.to_string()]].concat());
    sum / idle_s.max(1)
}

/// What the one frame a minute costs while a row says how long ago somebody was seen: CPU over the time around it,
/// less what the same time costs without.
async fn minute(window: &Window, trace: &Path, idle_ns_s: u64) {
    // Grey and its fade are over; the first minute is full and told.
    wait::run_for(SETTLED).await;
    let mut costs = Vec::new();
    for _ in 0..MINUTES {
        let (begun, cpu, painted) = (Instant::now(), cpu_ns(window.pid()), frames(trace).len());
        wait::until("the frame of a minute", Duration::from_secs(90), || {
            (frames(trace).len() > painted).then_some(())
        })
        .await;
        wait::run_for(Duration::from_secs(1)).await;
        let elapsed_ns = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let idle = elapsed_ns / 1000 * idle_ns_s / 1_000_000;
        let painted = frames(trace).len() - painted;
        costs.push((cpu_ns(window.pid()).saturating_sub(cpu + idle), painted));
    }
    let columns = ["minute", "frames", "CPU ns more than idle"];
    table::head("A relative time on screen: the frame of a minute", &columns);
    for (n, (cpu, painted)) in costs.iter().enumerate() {
        table::row(&[(n + 1).to_string(), painted.to_string(), cpu.to_string()]);
    }
}
