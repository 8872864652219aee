//! The desktop's notifications: one for each subject, replaced in place, taken back, and heard when clicked.
//!
//! Everything the service answers is waited for on this part's own thread; the window only hands commands over.

mod face;
mod service;

use crate::link::Sink;
use crate::model::notification::{NotificationCommand, Subject};
use breeze_protocol::BlobHash;
use service::Service;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// Commands that may wait for a service that answers slowly. What does not fit is not shown; the message is in the chat.
const QUEUE: usize = 64;

/// The bytes of a picture that is on this computer.
pub type Pictures = Box<dyn Fn(BlobHash) -> Option<Vec<u8>> + Send>;

/// The thread that shows notifications.
pub struct Notifier {
    sender: SyncSender<NotificationCommand>,
    ended: Receiver<()>,
}

impl Notifier {
    /// Starts the thread. The bus is not spoken to before there is something to show.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(sink: Sink, pictures: Pictures) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let (end, ended) = sync_channel(1);
        let worker = std::thread::Builder::new().name("breeze-notices".into());
        worker.spawn(move || {
            run(&mut Service::new(sink, pictures), &receiver);
            if end.try_send(()).is_err() {
                tracing::debug!("nobody waits for the notifications any more");
            }
        })?;
        Ok(Self { sender, ended })
    }

    /// Hands a command over without waiting.
    pub fn hand(&self, command: NotificationCommand) {
        if self.sender.try_send(command).is_err() {
            tracing::debug!("too many notifications wait; one is not shown");
        }
    }

    /// Takes everything back that is still shown: a click on it would lead nowhere. Waits no longer than this.
    pub fn finish(self, limit: Duration) {
        let Self { sender, ended } = self;
        drop(sender);
        if ended.recv_timeout(limit).is_err() {
            tracing::debug!("left without waiting for the notifications");
        }
    }
}

fn run(service: &mut Service, receiver: &Receiver<NotificationCommand>) {
    while let Ok(first) = receiver.recv() {
        // Of what waits, only the last word on each subject counts.
        let mut last: BTreeMap<Subject, NotificationCommand> = BTreeMap::new();
        for command in std::iter::once(first).chain(receiver.try_iter().take(QUEUE)) {
            last.insert(subject(&command), command);
        }
        for command in last.into_values() {
            match command {
                NotificationCommand::Show(it) => service.show(&it),
                NotificationCommand::Close(subject) => service.close(subject),
            }
        }
    }
    service.close_all();
}

fn subject(command: &NotificationCommand) -> Subject {
    match command {
        NotificationCommand::Show(it) => it.subject,
        NotificationCommand::Close(subject) => *subject,
    }
}
