//! The app without its window: its own link and shelf, driven by a test.

use crate::client::Endpoint;
use crate::client::script::mid;
use crate::people::Person;
use crate::wait;
use breeze_desktop::link::{Link, Options, Sink};
use breeze_desktop::model::command::{Account, LinkCommand, OutRow};
use breeze_desktop::model::event::{Event, LinkEvent};
use breeze_desktop::model::files::{FileEvent, Transfer};
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{ConvId, Mid, ServerMessage};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// A person's app without its window.
pub struct App {
    /// Where commands go.
    pub link: Link,
    events: Receiver<Event>,
    patience: Duration,
}

impl App {
    /// Starts it with this data folder; it signs in by itself.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(person: &Person, to: &Endpoint, data: &Path) -> Self {
        let options = Options {
            plain: false,
            data: data.to_owned(),
        };
        let (sink, events) = Sink::new(Arc::new(|| {}));
        let link = Link::start(options, sink).unwrap();
        let account = Account {
            account: person.account,
            username: person.username.clone(),
            host: "127.0.0.1".into(),
            port: to.address.port(),
            pin: to.pin.clone().unwrap(),
            token: Some(person.device.token.clone()),
            ..Account::default()
        };
        link.hand(LinkCommand::Use(Box::new(account))).unwrap();
        Self {
            link,
            events,
            patience: Duration::from_secs(60),
        }
    }

    /// It is waited so long for what is to come.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Waits for an event, and passes the others over.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn until<T>(&mut self, what: &str, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let found = async {
            loop {
                let event = self.events.recv().await.expect("the link lives");
                // What the app's store would say.
                if let Event::Server(stamp, _) = &event {
                    self.link.hand(LinkCommand::Stored(*stamp, None)).unwrap();
                }
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        wait::at_most(self.patience, found)
            .await
            .unwrap_or_else(|| panic!("never came: {what}"))
    }

    /// Waits for a session.
    pub async fn resumed(&mut self) {
        self.until("a session", |event| {
            matches!(event, Event::Link(LinkEvent::Resumed { .. })).then_some(())
        })
        .await;
    }

    /// Waits until a message is on the server; its place.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn sent(&mut self, mid: Mid) -> u64 {
        self.until("the message on the server", |event| match event {
            Event::Server(_, ServerMessage::Sent(sent)) if sent.mid == mid => Some(sent.seq),
            Event::Server(_, ServerMessage::Nack(nack)) if nack.mid == mid => panic!("{nack:?}"),
            _ => None,
        })
        .await
    }

    /// Waits until a transfer has moved so many bytes.
    ///
    /// # Panics
    /// When it fails.
    pub async fn moved(&mut self, transfer: Transfer, bytes: u64) {
        self.until("bytes on their way", |event| match event {
            Event::File(FileEvent::Moved(of, done, _)) if of == transfer && done >= bytes => Some(()),
            Event::File(FileEvent::Failed(_, why)) => panic!("{why}"),
            _ => None,
        })
        .await;
    }

    /// Waits until a transfer fails; the sentence.
    pub async fn failed(&mut self, transfer: Transfer) -> String {
        self.until("the refusal", |event| match event {
            Event::File(FileEvent::Failed(of, why)) if of == transfer => Some(why),
            _ => None,
        })
        .await
    }
}

/// A message that brings a file, as the outbox holds it.
#[must_use]
pub fn file_row(conv: ConvId, file: Attachment) -> OutRow {
    OutRow {
        mid: mid(),
        conv,
        kind: EntryKind::File,
        attachments: vec![file],
        ts: breeze_desktop::platform::wall_ms(),
        ..OutRow::default()
    }
}
