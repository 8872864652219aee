//! The engine: the model, the parts around it, the tray, and what waits for them. It outlives every window.

use super::parts::{Parts, Place};
use super::waker::Waker;
use crate::cli::Cli;
use crate::link::Sink;
use crate::model::command::{Command, Commands, LinkCommand, PlatformCommand, StoreCommand};
use crate::model::event::{Event, StoreEvent, SystemEvent};
use crate::model::files::{FileCommand, FileEvent};
use crate::model::window::TrayFace;
use crate::model::{Action, Model, Now, Screen, Trouble};
use crate::platform::instance::{self, Instance};
use crate::platform::tray::Tray;
use crate::platform::{self, SystemMint, file_desk, files, links, picture};
use crate::storage::shelf::Shelf;
use crate::words::tr;
use breeze_protocol::BlobHash;
use breeze_protocol::link::InviteLink;
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
/// A Breeze that is just ending has so long to leave the folder, milliseconds.
const FOLDER_WAIT_MS: u64 = 2000;
/// The folder is tried again so often.
const FOLDER_AGAIN: Duration = Duration::from_millis(100);

/// Something only whoever holds the screen can do; without a window most of it means nothing.
#[derive(Debug)]
pub(super) enum Wish {
    /// Put text on the clipboard.
    Copy(String),
    /// The theme changed.
    Theme,
    /// Close the window and end.
    Quit,
    /// Close the window and go on without.
    Hide,
    /// Bring the window to the front.
    Raise,
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
    tray: Option<Tray>,
    face: TrayFace,
    instance: Option<Instance>,
}

impl Engine {
    /// Opens the data and starts the parts. What goes wrong with the data is shown in the window. `None` when a
    /// Breeze already uses the data: it has been asked to show itself, and has the link.
    ///
    /// # Errors
    /// Words, when there is no place for data or no thread.
    pub(super) fn start(cli: &Cli) -> Result<Option<Self>, String> {
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
        let Some((parts, commands)) = begin(&mut model, &place, &sink, cli.link.as_deref())? else {
            return Ok(None);
        };
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
            tray: None,
            face: TrayFace::default(),
            instance: None,
        };
        engine.carry_out(commands);
        engine.meet_the_system(cli);
        Ok(Some(engine))
    }

    /// The tray, second starts, and the link Breeze was started with. None of them stops it.
    fn meet_the_system(&mut self, cli: &Cli) {
        match Tray::start(self.sink.clone()) {
            Ok(tray) => self.tray = Some(tray),
            Err(error) => tracing::warn!(%error, "no thread for the tray"),
        }
        self.listen();
        let link = cli.link.as_deref().and_then(|link| InviteLink::parse(link).ok());
        if let Some(link) = link
            && self.model.screen == Screen::Main
        {
            let opened = SystemEvent::Open(Some(Box::new(link)));
            let commands = self.model.apply(platform::now(), Event::System(opened));
            self.carry_out(commands);
        }
    }

    /// Listens for second starts, once the folder is ours.
    fn listen(&mut self) {
        if self.parts.is_none() {
            return;
        }
        match Instance::listen(&self.place.data, self.sink.clone()) {
            Ok(instance) => self.instance = Some(instance),
            Err(error) => tracing::warn!(%error, "a second start will not find this one"),
        }
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
            if let Event::File(FileEvent::Came(hash)) = &event {
                self.wishes.push(Wish::Arrived(*hash));
            }
            let commands = self.model.apply(now, event);
            self.carry_out(commands);
        }
        let commands = self.model.apply(now, Event::Tick);
        self.carry_out(commands);
        self.show_in_tray();
        !self.events.is_empty()
    }

    /// The window was touched.
    pub(super) fn touched(&self) {
        if let Some(parts) = &self.parts {
            parts.idle().touched();
        }
    }

    /// Does what the person wants.
    pub(super) fn act(&mut self, now: Now, action: Action) {
        if self.parts.is_none() && action == Action::Retry {
            return self.try_again();
        }
        let commands = self.model.act(now, action, &mut SystemMint);
        self.carry_out(commands);
        self.show_in_tray();
    }

    fn show_in_tray(&mut self) {
        let face = self.model.tray_face();
        if face != self.face
            && let Some(tray) = &self.tray
        {
            tray.show(face.clone());
            self.face = face;
        }
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
        // Before the folder is free: whoever takes it next makes a socket of their own.
        self.instance = None;
        self.tray = None;
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
                Command::Notification(command) => {
                    if let Some(parts) = &self.parts {
                        parts.notification(command);
                    }
                }
                Command::Token(command) => {
                    if let Some(parts) = &self.parts {
                        parts.token(command);
                    }
                }
                Command::Search(look) => {
                    if let Some(parts) = &self.parts {
                        parts.search(look);
                    }
                }
                Command::File(command) => self.file(command),
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
                self.listen();
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
            PlatformCommand::Hide => self.wishes.push(Wish::Hide),
            PlatformCommand::ShowWindow => {
                self.model.hidden = false;
                self.wishes.push(Wish::Raise);
            }
            PlatformCommand::HandleLinks(on) => {
                self.work(move || Event::System(SystemEvent::LinkHandler(links::handle(on))));
            }
            PlatformCommand::ChoosePicture => self.work(|| Event::Picture(picture::choose())),
            PlatformCommand::ReadPicture(path) => self.work(move || Event::Picture(picture::read(&path))),
            PlatformCommand::WatchIdle(limit) => {
                if let Some(parts) = &self.parts {
                    parts.idle().watch(limit);
                }
            }
            PlatformCommand::Pack {
                picture,
                zoom,
                centre,
            } => {
                self.work(move || Event::Picture(picture::pack(&picture, zoom, centre)));
            }
        }
    }

    /// Reads or writes files on a thread of its own; each is started by a click, or by the start.
    fn file(&self, command: FileCommand) {
        let (sink, shelf) = (self.sink.clone(), self.shelf());
        let worker = std::thread::Builder::new().name("breeze-files".into());
        let started = worker.spawn(move || {
            file_desk::carry_out(&shelf, command, &|event| sink.put_waiting(event));
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for files");
        }
    }

    /// Files of messages.
    pub(super) fn shelf(&self) -> Shelf {
        Shelf::of(&self.place.data)
    }

    /// Does something slow on a thread of its own; each is started by a click.
    fn work(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let sink = self.sink.clone();
        let worker = std::thread::Builder::new().name("breeze-work".into());
        let started = worker.spawn(move || sink.put_waiting(work()));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for what was asked");
        }
    }
}

/// Takes the folder and starts the parts. A Breeze that uses the folder is asked to show itself, and gets the link:
/// then there is nothing to start. One that is just ending is waited for; one that hangs is the window's trouble.
fn begin(
    model: &mut Model,
    place: &Place,
    sink: &Sink,
    link: Option<&str>,
) -> Result<Option<(Option<Parts>, Commands)>, String> {
    let patience = platform::mono_ms() + FOLDER_WAIT_MS;
    loop {
        let begun = Parts::begin(model, place, sink)?;
        if !matches!(model.screen, Screen::Trouble(Trouble::FolderInUse(_))) {
            return Ok(Some(begun));
        }
        if instance::hand_over(&place.data, link) {
            return Ok(None);
        }
        if platform::mono_ms() >= patience {
            return Ok(Some(begun));
        }
        std::thread::sleep(FOLDER_AGAIN);
    }
}
