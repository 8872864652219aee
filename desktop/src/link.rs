//! The link to the server: one thread with its own runtime, independent of the window. Commands in, events out.

mod around;
pub mod beat;
mod conn;
mod files;
mod join;
mod outbox;
mod pictures;
mod session;
mod sink;
mod task;
#[cfg(test)]
mod tests;
mod tls;
mod transfers;
mod trust;

pub use sink::Sink;
pub use trust::ask_admin_blocking as ask_admin;

use crate::model::command::LinkCommand;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use tokio::sync::mpsc;

/// Commands that may wait for the link. Most come from the store, one for each entry stored.
const QUEUE: usize = 2048;

/// What the link is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Speak without TLS, to loopback addresses only (benchmarks and tests).
    pub plain: bool,
    /// The data folder: a server hosted from it is known by its admin socket.
    pub data: PathBuf,
}

/// The link's thread.
pub struct Link {
    sender: mpsc::Sender<LinkCommand>,
    ended: Receiver<()>,
}

impl Link {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread or no event queue left.
    pub fn start(options: Options, sink: Sink) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (end, ended) = sync_channel(1);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name("breeze-link".into())
            .spawn(move || {
                // Made inside the runtime: the task watches the system's addresses.
                runtime.block_on(async { task::Task::new(options, receiver, sink).run().await });
                if end.try_send(()).is_err() {
                    tracing::debug!("nobody waits for the link any more");
                }
                runtime.shutdown_background();
            })?;
        Ok(Self { sender, ended })
    }

    /// Hands a command over without waiting.
    ///
    /// # Errors
    /// The command, to be handed over later.
    pub fn hand(&self, command: LinkCommand) -> Result<(), Box<LinkCommand>> {
        use mpsc::error::TrySendError::{Closed, Full};
        self.sender.try_send(command).map_err(|error| match error {
            Full(command) | Closed(command) => Box::new(command),
        })
    }

    /// Hands over from the store's thread, which may wait: the link always takes.
    #[must_use]
    pub fn teller(&self) -> Box<dyn Fn(LinkCommand) + Send> {
        let sender = self.sender.clone();
        Box::new(move |command| drop(sender.blocking_send(command)))
    }

    /// Waits for the end after `Bye`, no longer than this.
    pub fn wait(&self, limit: Duration) {
        if self.ended.recv_timeout(limit).is_err() {
            tracing::debug!("left without waiting for the goodbye");
        }
    }
}
