//! Waiting for the writer without letting go of the thread: in a world with a pretend clock, time passes when nobody works.

use super::SqliteStore;
use super::tx::Tx;
use super::writer::{Job, Once};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::sync::oneshot;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The future's value; the thread does nothing else until then.
pub(super) fn stand<F: Future>(future: F) -> F::Output {
    // Without it the task's share of turns runs out, and the future would wait for one that cannot come.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

impl SqliteStore {
    /// Until what was handed over is told, where nobody may run ahead of the writer.
    pub(super) fn wait_if_still(&self) {
        if self.inner.stands_still {
            let (reply, answer) = oneshot::channel();
            let nothing = Once::new(|_: &mut Tx<'_>| Ok(()), reply);
            if self.inner.jobs.try_send(Job::Task(Box::new(nothing))).is_ok() {
                // It changes nothing and is never refused.
                let _ = stand(answer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_from_another_thread_comes_without_a_turn_of_the_runtime() {
        let (reply, answer) = tokio::sync::oneshot::channel();
        thread::spawn(move || reply.send(7));
        assert_eq!(stand(answer), Ok(7));
    }
}
