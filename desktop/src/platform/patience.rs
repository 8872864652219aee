//! How long the system is waited for: every call that another program answers runs on a worker, and is given up in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Longer than any healthy service takes, short enough that a person who waits does not think the app hangs.
pub const LIMIT: Duration = Duration::from_secs(2);
/// Calls to one service that may hang at once. One is enough to show that it is ill, two let it recover unnoticed.
const HANGING_MAX: usize = 2;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Not within the limit. The call goes on by itself; its answer is dropped.
    Late,
    /// As many calls as may hang are hanging already: the service was not asked.
    Hanging,
    /// The call broke off, or the system has no thread left.
    Broken,
}

/// Patience with one service of the system.
#[derive(Debug, Clone)]
pub struct Patience {
    service: &'static str,
    limit: Duration,
    running: Arc<AtomicUsize>,
}

/// A place among the calls that run; free again when the call has ended, however it ended.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Patience {
    /// With the service of this name.
    #[must_use]
    pub fn with(service: &'static str) -> Self {
        Self {
            service,
            limit: LIMIT,
            running: Arc::default(),
        }
    }

    /// Does something that may take for ever, and waits for it no longer than the limit. For workers, not for the window.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn ask<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoAnswer> {
        let taken = self
            .running
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |running| {
                (running < HANGING_MAX).then_some(running + 1)
            });
        if taken.is_err() {
            tracing::debug!(service = self.service, "still hanging: not asked");
            return Err(NoAnswer::Hanging);
        }
        let place = Place(self.running.clone());
        let (answer, answered) = sync_channel(1);
        let worker = std::thread::Builder::new().name(format!("breeze-{}", self.service));
        let started = worker.spawn(move || {
            let value = work();
            drop(place);
            // Nobody waits for a late answer any more.
            drop(answer.try_send(value));
        });
        if let Err(error) = started {
            tracing::warn!(service = self.service, %error, "no thread to ask on");
            return Err(NoAnswer::Broken);
        }
        answered.recv_timeout(self.limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                tracing::warn!(service = self.service, "no answer in time");
                NoAnswer::Late
            }
            RecvTimeoutError::Disconnected => NoAnswer::Broken,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::Receiver;
    use std::time::Instant;

    fn hurried() -> Patience {
        Patience {
            limit: Duration::from_millis(30),
            ..Patience::with("test")
        }
    }

    /// A call that hangs until the other end is dropped.
    fn hanging(hold: Receiver<()>) -> impl FnOnce() -> bool {
        move || hold.recv().is_ok()
    }

    #[test]
    fn an_answer_in_time_is_handed_on() {
        let patience = Patience::with("test");
        assert_eq!(patience.ask(|| 7), Ok(7));
        assert_eq!(
            patience.running.load(Ordering::Acquire),
            0,
            "its place is free again"
        );
    }

    #[test]
    fn an_absent_or_failing_service_is_an_answer_too() {
        let answer: Result<Result<(), &str>, NoAnswer> =
            Patience::with("test").ask(|| Err("no such service"));
        assert_eq!(answer, Ok(Err("no such service")));
    }

    #[test]
    fn a_slow_service_is_given_up_and_its_late_answer_dropped() {
        let patience = hurried();
        let (hold, held) = sync_channel::<()>(0);
        let begun = Instant::now();
        assert_eq!(patience.ask(hanging(held)), Err(NoAnswer::Late));
        assert!(begun.elapsed() < LIMIT, "given up after {:?}", begun.elapsed());
        drop(hold);
        assert_eq!(patience.ask(|| "next"), Ok("next"), "the late answer is nobody's");
    }

    #[test]
    fn no_more_than_two_calls_hang_and_the_service_is_asked_again_once_one_has_ended() {
        let patience = hurried();
        let (holds, held): (Vec<_>, Vec<_>) = (0..HANGING_MAX).map(|_| sync_channel::<()>(0)).unzip();
        for held in held {
            assert_eq!(patience.ask(hanging(held)), Err(NoAnswer::Late));
        }
        assert_eq!(patience.ask(|| ()), Err(NoAnswer::Hanging));
        drop(holds);
        while patience.running.load(Ordering::Acquire) > 0 {
            std::thread::yield_now();
        }
        assert_eq!(patience.ask(|| ()), Ok(()));
    }

    #[test]
    fn a_call_that_panics_is_broken_and_leaves_its_place() {
        let patience = Patience::with("test");
        let answer = patience.ask(|| -> u8 { std::panic::resume_unwind(Box::new("broken")) });
        assert_eq!(answer, Err(NoAnswer::Broken));
        assert_eq!(patience.running.load(Ordering::Acquire), 0);
    }
}
