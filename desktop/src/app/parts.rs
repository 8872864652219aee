//! The parts around the model: writer, link, host and what speaks to the system, started on a data folder and ended in
//! their order.

use crate::host::Host;
use crate::link::{Link, Options, Sink};
use crate::model::command::{Command, Commands, HostCommand, LinkCommand, OutRow, StoreCommand};
use crate::model::event::{Event, Loaded};
use crate::model::notification::NotificationCommand;
use crate::model::search::Look;
use crate::model::token::TokenCommand;
use crate::model::{Model, Screen};
use crate::platform;
use crate::platform::idle::Idle;
use crate::platform::notifications::Notifier;
use crate::platform::secrets::Secrets;
use crate::storage;
use crate::storage::folder::Folder;
use crate::storage::search::Searcher;
use crate::storage::writer::{Told, Writer};
use crate::words::tr_with;
use std::path::PathBuf;
use std::time::Duration;

/// Goodbye is waited for so long.
const BYE_WAIT: Duration = Duration::from_millis(300);

/// Where the data is, and how the link may speak.
#[derive(Clone)]
pub(super) struct Place {
    /// The data folder.
    pub(super) data: PathBuf,
    /// Without TLS, to loopback only.
    pub(super) plain: bool,
}

/// The parts, running.
pub(super) struct Parts {
    writer: Writer,
    link: Link,
    host: Host,
    notifier: Notifier,
    secrets: Secrets,
    idle: Idle,
    searcher: Searcher,
}

impl Parts {
    /// Takes the folder, reads it into the model and starts the parts, or shows the trouble.
    ///
    /// # Errors
    /// Words, when the system has no thread left.
    pub(super) fn begin(
        model: &mut Model,
        place: &Place,
        sink: &Sink,
    ) -> Result<(Option<Self>, Commands), String> {
        let now = platform::now();
        let opened = Folder::take(&place.data).and_then(|folder| Ok((storage::open(&folder)?, folder)));
        let ((connection, loaded), folder) = match opened {
            Ok(opened) => opened,
            Err(trouble) => return Ok((None, model.apply(now, Event::Trouble(trouble)))),
        };
        let started = Self::start(place, sink, connection, folder);
        let no_thread =
            |error: std::io::Error| tr_with("start-no-thread", &[("why", error.to_string().into())]);
        let parts = started.map_err(no_thread)?;
        let rows = outbox_rows(&loaded);
        model.screen = Screen::default();
        let mut commands = model.apply(now, Event::Loaded(Box::new(loaded)));
        let send = |row| Command::Link(LinkCommand::Send(row));
        commands.extend(rows.into_iter().map(send));
        Ok((Some(parts), commands))
    }

    fn start(
        place: &Place,
        sink: &Sink,
        connection: rusqlite::Connection,
        folder: Folder,
    ) -> std::io::Result<Self> {
        let options = Options {
            plain: place.plain,
            data: place.data.clone(),
        };
        let link = Link::start(options, sink.clone())?;
        let told = sink.clone();
        let event = Box::new(move |event| {
            // The folder's lock lives as long as the thread that writes into it.
            let _locked = &folder;
            told.put_waiting(event);
        });
        let told = Told {
            event,
            link: link.teller(),
        };
        let writer = Writer::start(connection, told)?;
        let host = Host::start(place.data.clone(), sink.clone())?;
        let reader = storage::Pictures::new(&place.data.join("breeze.db"));
        let found = sink.clone();
        let told = Box::new(move |event| found.put_waiting(event));
        let searcher = Searcher::start(place.data.join("breeze.db"), told)?;
        let notifier = Notifier::start(sink.clone(), Box::new(move |hash| reader.read(hash)))?;
        Ok(Self {
            writer,
            link,
            host,
            notifier,
            secrets: Secrets::start(sink.clone())?,
            idle: Idle::start(sink.clone())?,
            searcher,
        })
    }

    /// Hands a command to the writer without waiting; gives it back when there is no room.
    pub(super) fn store(&self, command: StoreCommand) -> Result<(), StoreCommand> {
        self.writer.hand(command)
    }

    /// The same to the link.
    pub(super) fn link(&self, command: LinkCommand) -> Result<(), Box<LinkCommand>> {
        self.link.hand(command)
    }

    /// To the host; a command too many is dropped there.
    pub(super) fn host(&self, command: HostCommand) {
        self.host.hand(command);
    }

    /// To whoever shows notifications; one too many is not shown.
    pub(super) fn notification(&self, command: NotificationCommand) {
        self.notifier.hand(command);
    }

    /// To the secret store.
    pub(super) fn token(&self, command: TokenCommand) {
        self.secrets.hand(command);
    }

    /// To whoever searches; one too many is dropped there.
    pub(super) fn search(&self, look: Look) {
        self.searcher.hand(look);
    }

    /// Whoever knows whether somebody is there.
    pub(super) fn idle(&self) -> &Idle {
        &self.idle
    }

    /// Ends the parts in their own time and order: what was handed over is done first.
    pub(super) fn finish(self) {
        self.notifier.finish(BYE_WAIT);
        self.link.wait(BYE_WAIT);
        self.host.finish();
        drop(self.writer);
    }
}

/// What the outbox held, in the order of writing: a mid begins with its time.
fn outbox_rows(loaded: &Loaded) -> Vec<OutRow> {
    let mut rows: Vec<OutRow> = Vec::new();
    for chat in loaded.chats.values() {
        let waiting = chat.waiting.iter().filter(|waiting| waiting.refused.is_none());
        rows.extend(waiting.map(|waiting| waiting.row(chat.conv)));
    }
    rows.sort_by_key(|row| row.mid);
    rows
}
