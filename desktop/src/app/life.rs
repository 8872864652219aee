//! The window's life: shown, hidden, shown again, until the person quits. The engine lives on all the while.

use super::engine::{BACKLOG_AGAIN, Engine, Wish};
use super::window::{self, Shown, Trace};
use crate::cli::Cli;
use crate::platform;
use crate::words::{tr, tr_with};
use std::any::Any;
use std::time::Duration;

/// A clock may be read a little early; this much later what was waited for is certainly due.
const LATE_ENOUGH_MS: u64 = 20;

/// How a window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// Breeze is to end.
    #[default]
    Quit,
    /// Breeze goes on in the tray.
    Hide,
}

/// Why there is no window.
pub(super) enum Failure {
    /// Words for the person.
    NoWindow(String),
    /// Something is wrong with Breeze itself.
    Panic(Box<dyn Any + Send>),
}

/// Shows the window, and again whenever it is wanted, until the person quits.
pub(super) fn live(engine: &mut Engine, cli: &Cli, started_ms: u64) -> Result<(), Failure> {
    let mut first = true;
    loop {
        let end = match show(engine, cli, started_ms, first) {
            Ok(end) => end,
            Err(Failure::NoWindow(words)) if !first && engine.model.closes_to_tray() => {
                // The tray is there to try again, and messages go on being received.
                tracing::warn!(%words, "the window could not be shown again");
                engine.model.hidden = true;
                End::Hide
            }
            Err(failure) => return Err(failure),
        };
        first = false;
        if end == End::Quit || !stay_hidden(engine) {
            return Ok(());
        }
    }
}

/// One life of the window. winit and glutin panic where a library is missing, before anything was painted.
fn show(engine: &mut Engine, cli: &Cli, started_ms: u64, first: bool) -> Result<End, Failure> {
    let mut end = End::default();
    let mut painted = false;
    let place = engine
        .model
        .settings
        .place
        .filter(|_| !first || cli.geometry.is_none());
    let asked = cli.geometry.and_then(|geometry| geometry.place);
    let asked = asked.map(|(left, top)| egui::pos2(left, top));
    let options = window::options(cli, place.as_ref());
    let (ending, seen) = (&mut end, &mut painted);
    let run = std::panic::AssertUnwindSafe(move || {
        let trace = Trace::from_environment(started_ms);
        let creator: eframe::AppCreator<'_> = Box::new(move |cc| {
            Ok(Box::new(Shown::new(
                engine,
                cc,
                (place, asked),
                (ending, seen),
                trace,
            )))
        });
        eframe::run_native("breeze", options, creator)
    });
    match std::panic::catch_unwind(run) {
        Ok(Ok(())) => Ok(end),
        Ok(Err(error)) => Err(no_window(&error.to_string())),
        Err(_) if !painted => Err(no_window(&tr("start-library"))),
        Err(panic) => Err(Failure::Panic(panic)),
    }
}

/// Without a window: events are taken in, and nothing is painted. Whether the window is wanted again.
fn stay_hidden(engine: &mut Engine) -> bool {
    while engine.model.hidden {
        let now = platform::now();
        let more = engine.step(now);
        engine.hand_over();
        if engine.wishes().iter().any(|wish| matches!(wish, Wish::Quit)) {
            return false;
        }
        if more || !engine.model.hidden {
            continue;
        }
        let duty = engine.model.next_duty_ms(now);
        let duty = duty.map(|ms| Duration::from_millis(ms + LATE_ENOUGH_MS));
        let longest = if engine.is_behind() {
            Some(BACKLOG_AGAIN)
        } else {
            duty
        };
        engine.waker().wait(longest);
    }
    true
}

fn no_window(why: &str) -> Failure {
    Failure::NoWindow(tr_with("start-no-window", &[("why", why.to_owned().into())]))
}
