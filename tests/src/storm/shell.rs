//! The window hidden and shown again and again: memory at each stop, what hiding costs, and how soon it is back.

use super::window::{frames, pss_kib};
use super::{cpu_ns, table};
use crate::bus::Bus;
use crate::people;
use crate::scene::{invite, move_in, open_first};
use crate::screen::Screen;
use crate::server::Server;
use crate::tray::{self, Tray};
use crate::wait;
use crate::window::Window;
use breeze_protocol::AccountId;
use breeze_protocol::message::sign_in::Secret;
use std::path::Path;
use std::time::{Duration, Instant};

/// A window settles and a hidden one tidies up within this.
const SETTLE: Duration = Duration::from_secs(3);
/// Long enough for a window in software under load.
const WINDOW: Duration = Duration::from_secs(20);

/// A window in a tray.
struct Stage {
    screen: Screen,
    window: Window,
    tray: Tray,
}

impl Stage {
    async fn until_shown(&self, shown: bool) {
        let is = || self.screen.window_of(self.window.pid()).is_some();
        wait::until("the window comes or goes", WINDOW, || {
            (is() == shown).then_some(())
        })
        .await;
    }

    /// Hides it; the memory after that.
    async fn hide(&self) -> u64 {
        tray::close(&self.screen, &self.window);
        self.until_shown(false).await;
        wait::run_for(SETTLE).await;
        pss_kib(self.window.pid())
    }

    /// Shows it; how long its first frame took.
    async fn show(&self, trace: &Path) -> Duration {
        let before = frames(trace).len();
        let item = self.tray.item();
        let begun = Instant::now();
        item.click("Open Breeze");
        let first = || (frames(trace).len() > before).then(|| begun.elapsed());
        let took = wait::until("its first frame", WINDOW, first).await;
        self.until_shown(true).await;
        took
    }
}

/// Measures and prints.
///
/// # Panics
/// When a window does not come.
pub async fn run(friends: usize, rounds: usize, idle_s: u64) {
    let (screen, bus, mut server, mut window) =
        (Screen::private(), Bus::start(), Server::start(), Window::left());
    let tray = Tray::on(&bus);
    let trace = window.home().join("trace");
    window.on_bus(&bus);
    window.trace_to(&trace);
    move_in(&screen, &server, &mut window).await;
    let mut writer = None;
    for n in 0..friends {
        let link = Secret(invite(&server));
        let friend = people::join(&server.endpoint(), &link, &format!("friend{n}")).await;
        writer = Some(friend);
    }
    let writer = writer.expect("one friend at least").online(&server).await;
    let conv = writer.conv(AccountId(1)).await;
    wait::run_for(SETTLE).await;
    open_first(&screen, &window);
    wait::run_for(SETTLE).await;
    let pid = window.pid();
    let shown = pss_kib(pid);
    let stage = Stage { screen, window, tray };
    tray::close_and_keep(&stage.screen, &stage.window).await;
    wait::run_for(SETTLE).await;
    let hidden = pss_kib(pid);
    let (cpu, painted) = (cpu_ns(pid), frames(&trace).len());
    wait::run_for(Duration::from_secs(idle_s)).await;
    let (cpu, painted) = (cpu_ns(pid) - cpu, frames(&trace).len() - painted);
    let (mut took, mut memory) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let sent = writer.say(conv, &format!("round {round}")).await;
        let mark = || writer.local().mark_of(conv, AccountId(1));
        wait::until("two ticks", WINDOW, || {
            (mark().delivered >= sent.seq).then_some(())
        })
        .await;
        took.push(stage.show(&trace).await);
        wait::run_for(SETTLE).await;
        let open = pss_kib(pid);
        memory.push((open, stage.hide().await));
    }
    table::head("Hidden", &["seconds", "CPU, us", "frames"]);
    table::row(&[idle_s.to_string(), (cpu / 1000).to_string(), painted.to_string()]);
    table::head("Memory, PSS in KiB", &["when", "shown", "hidden"]);
    table::row(&["first".into(), shown.to_string(), hidden.to_string()]);
    for (round, (open, closed)) in memory.iter().enumerate() {
        table::row(&[
            format!("round {}", round + 1),
            open.to_string(),
            closed.to_string(),
        ]);
    }
    table::head(
        "Shown again: click to first frame",
        &["runs", "median", "p99", "max"],
    );
    table::row(&table::spread(&mut took));
    server.assert_sound();
}
