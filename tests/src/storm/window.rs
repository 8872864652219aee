//! The real window's figures beside an empty eframe window: start to first frame, memory, and what it does when idle.

use super::{cpu_ns, table};
use crate::people;
use crate::programs;
use crate::scene::{invite, join, open_first};
use crate::screen::Screen;
use crate::server::Server;
use crate::wait;
use crate::window::Window;
use breeze_protocol::message::sign_in::Secret;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

/// The caret blinks so long after the last key; then it is steady.
const CARET: Duration = Duration::from_secs(8);

fn frames(trace: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(trace).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
}

fn pss_kib(pid: u32) -> u64 {
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

/// Measures and prints.
///
/// # Panics
/// When a window does not come.
pub async fn run(friends: usize, runs: usize, idle_s: u64) {
    let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
    let link = server
        .start_line()
        .owner_link
        .clone()
        .expect("a new server has one");
    window.start(&screen, Some(&link.0));
    join(&screen, &window, "Mira Ek");
    wait::until("the session", Duration::from_secs(20), || {
        (server.sessions() == 1).then_some(())
    })
    .await;
    for n in 0..friends {
        people::join(
            &server.endpoint(),
            &Secret(invite(&server)),
            &format!("friend{n}"),
        )
        .await;
    }
    wait::run_for(Duration::from_secs(2)).await;
    let folder = window.home().to_owned();
    let (mut empty, empty_pss) = floor(&screen, runs, &folder);
    let mut first = Vec::new();
    for run in 0..runs {
        window.kill();
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
    idle(
        &screen,
        &window,
        &folder.join(format!("trace-{}", runs - 1)),
        idle_s,
    )
    .await;
}

/// What the window does with the caret in the composer and nothing happening.
async fn idle(screen: &Screen, window: &Window, trace: &Path, idle_s: u64) {
    open_first(screen, window);
    window.focus(screen);
    wait::run_for(CARET).await;
    let (cpu, painted) = (cpu_ns(window.pid()), frames(trace).len());
    wait::run_for(Duration::from_secs(idle_s)).await;
    let (cpu, painted) = (cpu_ns(window.pid()) - cpu, frames(trace).len() - painted);
    table::head("Idle, caret in the composer", &["seconds", "CPU ns", "frames"]);
    table::row(&[idle_s.to_string(), cpu.to_string(), painted.to_string()]);
}
