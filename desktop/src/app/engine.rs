//! The engine: the model, the parts around it, and what waits for them. It outlives every window.

use super::parts::{Parts, Place};
use super::waker::Waker;
use crate::cli::Cli;
use crate::link::Sink;
use crate::model::command::{Command, Commands, LinkCommand, PlatformCommand, StoreCommand};
use crate::model::event::{Event, PictureEvent, StoreEvent};
use crate::model::{Action, Model, Now, Trouble};
use crate::platform::{self, SystemMint, files, picture};
use crate::words::tr;
use breeze_protocol::BlobHash;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// Events taken in before one frame; more wait for the next, so that a flood does not freeze the window.
const EVENTS_PER_FRAME: usize = 512;
/// Commands that may wait here for a full queue. The link keeps at most 512 entries on their way to the store.
const BACKLOG_MAX: usize = 16_384;
/// A full queue is tried again so soon.
pub(super) const BACKLOG_AGAIN: Duration = Duration::from_millis(5);

/// Something only whoever holds the screen can do; without a window most of it means nothing.
#[derive(Debug)]
pub(super) enum Wish {
    /// Put text on the clipboard.
    Copy(String),
    /// The theme changed.
    Theme,
    /// Close the window and end.
    Quit,
    /// The bytes of this picture are on the disk now.
    Arrived(BlobHash),
}

/// Everything but the window.
pub(super) struct Engine {
    /// The truth.
    pub(super) model: Model,
    events: Receiver<Event>,
    sink: Sink,
    waker: Arc<Waker>,
    parts: Option<Parts>,
    place: Place,
    to_store: VecDeque<StoreCommand>,
    to_link: VecDeque<LinkCommand>,
    wishes: Vec<Wish>,
}

impl Engine {
    /// Opens the data and starts the parts. What goes wrong with the data is shown in the window.
    ///
    /// # Errors
    /// Words, when there is no place for data or no thread.
    pub(super) fn start(cli: &Cli) -> Result<Self, String> {
        let data = cli
            .data
            .clone()
            .or_else(files::data_folder)
            .ok_or_else(|| tr("start-no-home"))?;
        let waker = Arc::new(Waker::default());
        let woken = waker.clone();
        let (sink, events) = Sink::new(Arc::new(move || woken.wake()));
        let mut model = Model::default();
        model.onboarding.link = cli.link.clone().unwrap_or_default();
        let place = Place {
            data,
            plain: cli.plain,
        };
        let (parts, commands) = Parts::begin(&mut model, &place, &sink)?;
        let mut engine = Self {
            model,
            events,
            sink,
            waker,
            parts,
            place,
            to_store: VecDeque::new(),
            to_link: VecDeque::new(),
            wishes: Vec::new(),
        };
        engine.carry_out(commands);
        Ok(engine)
    }

    /// Whom to wake when an event waits.
    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.place.data.join("breeze.db")
    }

    /// Takes in what waits and lets time go on. Whether more waits already.
    pub(super) fn step(&mut self, now: Now) -> bool {
        for _ in 0..EVENTS_PER_FRAME {
            let Ok(event) = self.events.try_recv() else { break };
            if let Event::Store(StoreEvent::BlobStored(hash)) = &event {
                self.wishes.push(Wish::Arrived(*hash));
            }
            let commands = self.model.apply(now, event);
            self.carry_out(commands);
        }
        let commands = self.model.apply(now, Event::Tick);
        self.carry_out(commands);
        !self.events.is_empty()
    }

    /// Does what the person wants.
    pub(super) fn act(&mut self, now: Now, action: Action) {
        if self.parts.is_none() && action == Action::Retry {
            return self.try_again();
        }
        let commands = self.model.act(now, action, &mut SystemMint);
        self.carry_out(commands);
    }

    /// What whoever holds the screen is to do now.
    pub(super) fn wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    /// Whether commands wait for a full queue.
    pub(super) fn is_behind(&self) -> bool {
        !self.to_store.is_empty() || !self.to_link.is_empty()
    }

    /// Ends the parts; what was handed over is done first.
    pub(super) fn finish(mut self) {
        self.hand_over();
        if let Some(parts) = self.parts.take() {
            parts.finish();
        }
    }

    fn carry_out(&mut self, commands: Commands) {
        for command in commands {
            match command {
                Command::Store(command) => self.to_store.push_back(command),
                Command::Link(command) => self.to_link.push_back(command),
                Command::Host(command) => {
                    if let Some(parts) = &self.parts {
                        parts.host(command);
                    }
                }
                Command::Platform(command) => self.platform(command),
            }
        }
        self.hand_over();
        if self.to_store.len() + self.to_link.len() > BACKLOG_MAX {
            // The disk has stood still for thousands of changes: better to say so than to pretend.
            self.to_store.clear();
            self.to_link.clear();
            self.parts = None;
            let trouble = Trouble::Other(tr("store-stuck"));
            self.model.apply(platform::now(), Event::Trouble(trouble));
        }
    }

    /// Hands over what waits, as far as there is room; nothing overtakes.
    pub(super) fn hand_over(&mut self) {
        let Some(parts) = &self.parts else {
            self.to_store.clear();
            self.to_link.clear();
            return;
        };
        while let Some(command) = self.to_store.pop_front() {
            if let Err(command) = parts.store(command) {
                self.to_store.push_front(command);
                break;
            }
        }
        while let Some(command) = self.to_link.pop_front() {
            if let Err(command) = parts.link(command) {
                self.to_link.push_front(*command);
                break;
            }
        }
    }

    /// The folder could not be used before; perhaps it can now.
    fn try_again(&mut self) {
        match Parts::begin(&mut self.model, &self.place, &self.sink) {
            Ok((parts, commands)) => {
                self.parts = parts;
                self.wishes.push(Wish::Theme);
                self.carry_out(commands);
            }
            Err(words) => {
                let trouble = Trouble::Other(words);
                self.model.apply(platform::now(), Event::Trouble(trouble));
            }
        }
    }

    fn platform(&mut self, command: PlatformCommand) {
        match command {
            PlatformCommand::Copy(text) => self.wishes.push(Wish::Copy(text)),
            PlatformCommand::Theme => self.wishes.push(Wish::Theme),
            PlatformCommand::Quit => self.wishes.push(Wish::Quit),
            PlatformCommand::ChoosePicture => self.work(picture::choose),
            PlatformCommand::ReadPicture(path) => self.work(move || picture::read(&path)),
            PlatformCommand::Pack {
                picture,
                zoom,
                centre,
            } => {
                self.work(move || picture::pack(&picture, zoom, centre));
            }
        }
    }

    /// Does something slow with pictures on a thread of its own; the profile allows one at a time.
    fn work(&self, work: impl FnOnce() -> PictureEvent + Send + 'static) {
        let sink = self.sink.clone();
        let worker = std::thread::Builder::new().name("breeze-picture".into());
        let started = worker.spawn(move || sink.put_waiting(Event::Picture(work())));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for a picture");
        }
    }
}
