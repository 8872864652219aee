//! The app: carries events to the model, the model to the view, actions to the model, and commands to everybody.
//!
//! The engine holds what outlives every window; a window draws it for as long as it is shown.

mod engine;
mod life;
mod parts;
mod place;
mod waker;
mod window;

use crate::cli::Cli;
use crate::platform;
use engine::Engine;

/// Runs the app until the person quits. Returns the exit code.
#[must_use]
pub fn run(cli: &Cli, started_ms: u64) -> i32 {
    if let Err(words) = platform::graphics::check() {
        return complain(&words);
    }
    let mut engine = match Engine::start(cli) {
        Ok(Some(engine)) => engine,
        Ok(None) => return 0,
        Err(words) => return complain(&words),
    };
    let lived = life::live(&mut engine, cli, started_ms);
    engine.finish();
    match lived {
        Ok(()) => 0,
        Err(life::Failure::NoWindow(words)) => complain(&words),
        Err(life::Failure::Panic(panic)) => std::panic::resume_unwind(panic),
    }
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(words: &str) -> i32 {
    eprintln!("{words}");
    1
}
