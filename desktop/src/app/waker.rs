//! Who is woken when an event waits: the window, for a frame, or the main thread while there is no window.

use egui::Context;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Shared by everybody who puts events.
#[derive(Default)]
pub(super) struct Waker {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    window: Option<Context>,
    rung: bool,
}

impl Waker {
    /// An event waits.
    pub(super) fn wake(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.window.clone() {
            // egui takes locks of its own: not while this one is held.
            Some(window) => {
                drop(state);
                window.request_repaint();
            }
            None => {
                state.rung = true;
                self.bell.notify_one();
            }
        }
    }

    /// From now on this window is woken; with `None` whoever waits here.
    pub(super) fn watch(&self, window: Option<Context>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.window = window;
        // What came between the last frame and now is looked at once more.
        state.rung = true;
        self.bell.notify_one();
    }

    /// Sleeps until somebody wakes, or the time is over.
    pub(super) fn wait(&self, longest: Option<Duration>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = |state: &mut State| !state.rung;
        let mut state = match longest {
            Some(longest) => {
                let waited = self.bell.wait_timeout_while(state, longest, quiet);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.bell.wait_while(state, quiet);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        state.rung = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_the_wait_ends_it_at_once() {
        let waker = Waker::default();
        waker.wake();
        waker.wait(None);
        waker.wait(Some(Duration::from_millis(1)));
        waker.watch(None);
        waker.wait(None);
    }
}
