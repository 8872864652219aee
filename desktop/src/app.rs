//! The app: carries events to the model, the model to the view, actions to the model, and commands to everybody.
//!
//! The engine holds what outlives every window; a window draws it for as long as it is shown.

mod engine;
mod parts;
mod waker;
mod window;

use crate::cli::Cli;
use crate::platform;
use crate::words::{tr, tr_with};
use engine::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use window::{Shown, Trace};

/// Runs the app until its window is closed. Returns the exit code.
#[must_use]
pub fn run(cli: &Cli, started_ms: u64) -> i32 {
    if let Err(words) = platform::graphics::check() {
        return complain(&words);
    }
    let mut engine = match Engine::start(cli) {
        Ok(engine) => engine,
        Err(words) => return complain(&words),
    };
    let painted = Arc::new(AtomicBool::new(false));
    let seen = painted.clone();
    let options = window::options(cli);
    let running = &mut engine;
    let window = std::panic::AssertUnwindSafe(move || {
        let trace = Trace::from_environment(started_ms);
        let creator: eframe::AppCreator<'_> =
            Box::new(move |cc| Ok(Box::new(Shown::new(running, &cc.egui_ctx, seen, trace))));
        eframe::run_native("breeze", options, creator)
    });
    let result = std::panic::catch_unwind(window);
    engine.finish();
    match result {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => complain(&no_window(&error.to_string())),
        Err(_) if !painted.load(Ordering::Relaxed) => complain(&no_window(&tr("start-library"))),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn no_window(why: &str) -> String {
    tr_with("start-no-window", &[("why", why.to_owned().into())])
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(words: &str) -> i32 {
    eprintln!("{words}");
    1
}
