//! Where every part outside the window puts its events: one bounded queue, and a nudge for the window.

use crate::model::event::Event;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Events that may wait for the window; it empties the queue before every frame.
const QUEUE: usize = 2048;

/// The queue's inner end.
#[derive(Clone)]
pub struct Sink {
    sender: mpsc::Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Sink {
    /// A queue; `wake` is called after each event.
    #[must_use]
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self { sender, wake }, receiver)
    }

    /// Puts an event without waiting.
    ///
    /// # Errors
    /// The event, when the queue is full. When the window is gone the event is dropped.
    pub fn put(&self, event: Event) -> Result<(), Box<Event>> {
        match self.sender.try_send(event) {
            Ok(()) => {
                (self.wake)();
                Ok(())
            }
            Err(mpsc::error::TrySendError::Full(event)) => Err(Box::new(event)),
            Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// Puts an event from a thread of one's own, which may wait: the window always takes.
    pub fn put_waiting(&self, event: Event) {
        if self.sender.blocking_send(event).is_ok() {
            (self.wake)();
        }
    }
}
