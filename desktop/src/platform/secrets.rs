//! The system's secret store (`org.freedesktop.secrets`): used when it runs and is open; nobody is ever asked for a password.

mod store;

use crate::link::Sink;
use crate::model::event::Event;
use crate::model::token::{TokenCommand, TokenEvent, TokenPlace};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use store::{Found, Store};

/// Commands that may wait: an account has one token.
const QUEUE: usize = 16;
/// A store that is shut is tried again after this, seconds, and then after twice as long each time.
const AGAIN_S_FIRST: u64 = 5;
/// ... up to this, seconds.
const AGAIN_S_MAX: u64 = 60;

/// The thread that speaks to the secret store.
pub struct Secrets {
    sender: SyncSender<TokenCommand>,
}

impl Secrets {
    /// Starts the thread. Nothing is asked before there is a command.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(sink: Sink) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let worker = std::thread::Builder::new().name("breeze-secrets".into());
        worker.spawn(move || {
            Work {
                sink,
                store: Store::new(),
                awaited: None,
            }
            .run(&receiver);
        })?;
        Ok(Self { sender })
    }

    /// Hands a command over without waiting.
    pub fn hand(&self, command: TokenCommand) {
        if self.sender.try_send(command).is_err() {
            tracing::warn!("the secret store has too much to do; the token stays where it is");
        }
    }
}

/// A token that could not be read: when it is tried again, and how long after that.
struct Awaited {
    place: TokenPlace,
    again: Instant,
    then_s: u64,
}

struct Work {
    sink: Sink,
    store: Store,
    awaited: Option<Awaited>,
}

impl Work {
    fn run(mut self, receiver: &Receiver<TokenCommand>) {
        loop {
            let command = match &self.awaited {
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(it) => receiver.recv_timeout(it.again.saturating_duration_since(Instant::now())),
            };
            match command {
                Ok(command) => self.carry_out(command),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(Awaited { place, then_s, .. }) = self.awaited.take() {
                        self.fetch(place, then_s);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&mut self, command: TokenCommand) {
        match command {
            TokenCommand::Fetch(place) => self.fetch(place, AGAIN_S_FIRST),
            TokenCommand::Keep(place, token) => match self.store.keep(&place, &token) {
                Ok(()) => self.tell(TokenEvent::Kept(place)),
                Err(why) => tracing::debug!(%why, "the token stays in the database"),
            },
            TokenCommand::Forget(place) => {
                self.awaited = None;
                if let Err(why) = self.store.forget(&place) {
                    tracing::warn!(%why, "the token of a signed-out device is still in the secret store");
                }
            }
        }
    }

    fn fetch(&mut self, place: TokenPlace, then_s: u64) {
        self.awaited = None;
        match self.store.fetch(&place) {
            Ok(Found::Here(token)) => self.tell(TokenEvent::Found(place, token)),
            Ok(Found::Nothing) => self.tell(TokenEvent::Missing(place)),
            Err(why) => {
                tracing::debug!(%why, "the secret store is shut");
                self.tell(TokenEvent::Shut(place.clone()));
                self.awaited = Some(Awaited {
                    place,
                    again: Instant::now() + Duration::from_secs(then_s),
                    then_s: (then_s * 2).min(AGAIN_S_MAX),
                });
            }
        }
    }

    fn tell(&self, event: TokenEvent) {
        self.sink.put_waiting(Event::Token(event));
    }
}
