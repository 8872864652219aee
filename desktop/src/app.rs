//! The app: carries events to the model, the model to the view, actions to the model, and commands to everybody.

use crate::cli::Cli;
use crate::fonts;
use crate::host::Host;
use crate::link::{Link, Options, Sink};
use crate::model::command::{Command, Commands, LinkCommand, OutRow, PlatformCommand, StoreCommand};
use crate::model::event::{Event, Loaded, StoreEvent};
use crate::model::{Action, Model, Now, Screen};
use crate::picture::Pictures;
use crate::platform::{self, SystemMint, files, picture};
use crate::storage;
use crate::storage::folder::Folder;
use crate::storage::writer::{Told, Writer};
use crate::theme;
use crate::view::Window;
use crate::words::{tr, tr_with};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// Events taken in before one frame; more wait for the next, so that a flood does not freeze the window.
const EVENTS_PER_FRAME: usize = 512;
/// Commands that may wait here for a full queue. The link keeps at most 512 entries on their way to the store.
const BACKLOG_MAX: usize = 16_384;
/// A full queue is tried again so soon.
const BACKLOG_AGAIN: Duration = Duration::from_millis(5);
/// egui may wake a frame early; this much later the words have certainly changed.
const LATE_ENOUGH_MS: u64 = 20;
/// Goodbye is waited for so long.
const BYE_WAIT: Duration = Duration::from_millis(300);

/// The parts outside the window.
struct Parts {
    writer: Writer,
    link: Link,
    host: Host,
}

/// The app inside eframe.
pub struct Breeze {
    model: Model,
    window: Window,
    pictures: Pictures,
    events: Receiver<Event>,
    sink: Sink,
    parts: Option<Parts>,
    place: Place,
    to_store: VecDeque<StoreCommand>,
    to_link: VecDeque<LinkCommand>,
    title: String,
    closing: bool,
    trace: Option<(files::LineFile, u64)>,
    painted: Arc<AtomicBool>,
}

/// What is there before the window is.
struct Ready {
    model: Model,
    parts: Option<Parts>,
    commands: Commands,
    events: Receiver<Event>,
    sink: Sink,
    context: Arc<OnceLock<egui::Context>>,
    place: Place,
}

/// Opens the data and starts the parts. What goes wrong here is shown in the window.
fn get_ready(cli: &Cli) -> Result<Ready, String> {
    let data = cli
        .data
        .clone()
        .or_else(files::data_folder)
        .ok_or_else(|| tr("start-no-home"))?;
    let context: Arc<OnceLock<egui::Context>> = Arc::default();
    let woken = context.clone();
    let (sink, events) = Sink::new(Arc::new(move || {
        if let Some(context) = woken.get() {
            context.request_repaint();
        }
    }));
    let mut model = Model::default();
    model.onboarding.link = cli.link.clone().unwrap_or_default();
    let mut ready = Ready {
        model,
        parts: None,
        commands: Commands::new(),
        events,
        sink: sink.clone(),
        context,
        place: Place {
            data,
            plain: cli.plain,
        },
    };
    ready.commands = begin(&mut ready.model, &mut ready.parts, &ready.place, &sink)?;
    Ok(ready)
}

/// Where the data is, and how the link may speak.
#[derive(Clone)]
struct Place {
    data: std::path::PathBuf,
    plain: bool,
}

/// Takes the folder, reads it and starts the parts, or shows the trouble. Called again when the person tries again.
fn begin(
    model: &mut Model,
    parts: &mut Option<Parts>,
    place: &Place,
    sink: &Sink,
) -> Result<Commands, String> {
    let now = platform::now();
    let opened = Folder::take(&place.data).and_then(|folder| Ok((storage::open(&folder)?, folder)));
    let ((connection, loaded), folder) = match opened {
        Ok(opened) => opened,
        Err(trouble) => return Ok(model.apply(now, Event::Trouble(trouble))),
    };
    let started = start_parts(place.plain, &place.data, sink, connection, folder);
    let no_thread = |error: std::io::Error| tr_with("start-no-thread", &[("why", error.to_string().into())]);
    *parts = Some(started.map_err(no_thread)?);
    let rows = outbox_rows(&loaded);
    model.screen = Screen::default();
    let mut commands = model.apply(now, Event::Loaded(Box::new(loaded)));
    let send = |row| Command::Link(LinkCommand::Send(row));
    commands.extend(rows.into_iter().map(send));
    Ok(commands)
}

fn start_parts(
    plain: bool,
    data: &Path,
    sink: &Sink,
    connection: rusqlite::Connection,
    folder: Folder,
) -> std::io::Result<Parts> {
    let link = Link::start(
        Options {
            plain,
            data: data.to_owned(),
        },
        sink.clone(),
    )?;
    let told = sink.clone();
    let event = Box::new(move |event| {
        // The folder's lock lives as long as the thread that writes into it.
        let _locked = &folder;
        told.put_waiting(event);
    });
    let writer = Writer::start(
        connection,
        Told {
            event,
            link: link.teller(),
        },
    )?;
    let host = Host::start(data.to_owned(), sink.clone())?;
    Ok(Parts { writer, link, host })
}

/// What the outbox held, in the order of writing: a mid begins with its time.
fn outbox_rows(loaded: &Loaded) -> Vec<OutRow> {
    let mut rows: Vec<OutRow> = Vec::new();
    for chat in loaded.chats.values() {
        for waiting in chat.waiting.iter().filter(|waiting| waiting.refused.is_none()) {
            let (mid, conv, ts) = (waiting.mid, chat.conv, waiting.ts);
            rows.push(OutRow {
                mid,
                conv,
                ts,
                body: waiting.body.clone(),
            });
        }
    }
    rows.sort_by_key(|row| row.mid);
    rows
}

/// Runs the app until its window is closed. Returns the exit code.
#[must_use]
pub fn run(cli: &Cli, started_ms: u64) -> i32 {
    if let Err(words) = platform::graphics::check() {
        return complain(&words);
    }
    let ready = match get_ready(cli) {
        Ok(ready) => ready,
        Err(words) => return complain(&words),
    };
    let painted = Arc::new(AtomicBool::new(false));
    let seen = painted.clone();
    let left: Arc<std::sync::Mutex<Option<Parts>>> = Arc::default();
    let leave = left.clone();
    let options = native_options(cli);
    let window = std::panic::AssertUnwindSafe(|| {
        let creator: eframe::AppCreator<'_> = Box::new(move |cc| {
            Ok(Box::new(Leaving {
                app: Breeze::new(ready, &cc.egui_ctx, seen, started_ms),
                leave,
            }))
        });
        eframe::run_native("breeze", options, creator)
    });
    let result = std::panic::catch_unwind(window);
    if let Some(parts) = left.lock().ok().and_then(|mut left| left.take()) {
        parts.link.wait(BYE_WAIT);
        parts.host.finish();
        drop(parts.writer);
    }
    match result {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => complain(&no_window(&error.to_string())),
        Err(_) if !painted.load(Ordering::Relaxed) => complain(&no_window(&tr("start-library"))),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn no_window(why: &str) -> String {
    tr_with("start-no-window", &[("why", why.to_owned().into())])
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(words: &str) -> i32 {
    eprintln!("{words}");
    1
}

fn native_options(cli: &Cli) -> eframe::NativeOptions {
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("breeze")
        .with_title(tr("app-name"))
        .with_inner_size([1120.0, 720.0])
        .with_min_inner_size([400.0, 480.0]);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon-64.png")) {
        viewport = viewport.with_icon(icon);
    }
    if let Some(geometry) = cli.geometry {
        viewport = viewport.with_inner_size([geometry.size.0, geometry.size.1]);
        if let Some((left, top)) = geometry.place {
            viewport = viewport.with_position([left, top]);
        }
    }
    eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        ..Default::default()
    }
}

/// Hands the parts out when the window goes, so that they end in their own time and order.
struct Leaving {
    app: Breeze,
    leave: Arc<std::sync::Mutex<Option<Parts>>>,
}

impl eframe::App for Leaving {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.app.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.app.ui(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.app.hand_over();
        if let Ok(mut leave) = self.leave.lock() {
            *leave = self.app.parts.take();
        }
    }
}

impl Breeze {
    fn new(ready: Ready, ctx: &egui::Context, painted: Arc<AtomicBool>, started_ms: u64) -> Self {
        fonts::install(ctx);
        theme::apply(ctx, ready.model.settings.theme);
        // Only the first window of a process sets it; there is no other.
        drop(ready.context.set(ctx.clone()));
        let reader = storage::Pictures::new(&ready.place.data.join("breeze.db"));
        let pictures = Pictures::new(ctx.clone(), Box::new(move |hash| reader.read(hash)));
        let trace = std::env::var_os("BREEZE_TRACE_FRAMES");
        let trace = trace
            .and_then(|path| files::LineFile::open(Path::new(&path)))
            .map(|file| (file, started_ms));
        let mut app = Self {
            model: ready.model,
            window: Window::new(),
            pictures,
            events: ready.events,
            sink: ready.sink,
            parts: ready.parts,
            place: ready.place,
            to_store: VecDeque::new(),
            to_link: VecDeque::new(),
            title: tr("app-name"),
            closing: false,
            trace,
            painted,
        };
        app.carry_out(ctx, ready.commands);
        app
    }

    /// Truth changes here, also while the window is hidden.
    fn logic(&mut self, ctx: &egui::Context) {
        let now = platform::now();
        for _ in 0..EVENTS_PER_FRAME {
            let Ok(event) = self.events.try_recv() else { break };
            if let Event::Store(StoreEvent::BlobStored(hash)) = &event {
                self.pictures.arrived(*hash);
            }
            let commands = self.model.apply(now, event);
            self.carry_out(ctx, commands);
        }
        if !self.events.is_empty() {
            ctx.request_repaint();
        }
        let commands = self.model.apply(now, Event::Tick);
        self.carry_out(ctx, commands);
        let (focused, close) = ctx.input(|input| (input.focused, input.viewport().close_requested()));
        if focused != self.model.focused {
            self.act(ctx, now, Action::Focus(focused));
        }
        if close && !self.closing {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.act(ctx, now, Action::Quit);
        }
        self.hand_over();
        if !self.to_store.is_empty() || !self.to_link.is_empty() {
            ctx.request_repaint_after(BACKLOG_AGAIN);
        }
        self.show_title(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui) {
        let now = platform::now();
        let ctx = ui.ctx().clone();
        let actions = self.window.show(ui, &self.model, now, &mut self.pictures);
        if !actions.is_empty() {
            ctx.request_repaint();
        }
        for action in actions {
            self.act(&ctx, now, action);
        }
        self.hand_over();
        if let Some(ms) = self.model.next_change_ms(now) {
            ctx.request_repaint_after(Duration::from_millis(ms + LATE_ENOUGH_MS));
        }
        self.painted.store(true, Ordering::Relaxed);
        if let Some((file, started)) = &mut self.trace {
            file.line(&platform::mono_ms().saturating_sub(*started).to_string());
        }
    }

    fn act(&mut self, ctx: &egui::Context, now: Now, action: Action) {
        if self.parts.is_none() && action == Action::Retry {
            return self.try_again(ctx);
        }
        let commands = self.model.act(now, action, &mut SystemMint);
        self.carry_out(ctx, commands);
    }

    fn carry_out(&mut self, ctx: &egui::Context, commands: Commands) {
        for command in commands {
            match command {
                Command::Store(command) => self.to_store.push_back(command),
                Command::Link(command) => self.to_link.push_back(command),
                Command::Host(command) => {
                    if let Some(parts) = &self.parts {
                        parts.host.hand(command);
                    }
                }
                Command::Platform(command) => self.platform(ctx, command),
            }
        }
        self.hand_over();
        if self.to_store.len() + self.to_link.len() > BACKLOG_MAX {
            // The disk has stood still for thousands of changes: better to say so than to pretend.
            self.to_store.clear();
            self.to_link.clear();
            self.parts = None;
            let trouble = crate::model::Trouble::Other(tr("store-stuck"));
            self.model.apply(platform::now(), Event::Trouble(trouble));
        }
    }

    /// Hands over what waits, as far as there is room; nothing overtakes.
    fn hand_over(&mut self) {
        let Some(parts) = &self.parts else {
            self.to_store.clear();
            self.to_link.clear();
            return;
        };
        while let Some(command) = self.to_store.pop_front() {
            if let Err(command) = parts.writer.hand(command) {
                self.to_store.push_front(command);
                break;
            }
        }
        while let Some(command) = self.to_link.pop_front() {
            if let Err(command) = parts.link.hand(command) {
                self.to_link.push_front(*command);
                break;
            }
        }
    }

    /// The folder could not be used before; perhaps it can now.
    fn try_again(&mut self, ctx: &egui::Context) {
        match begin(&mut self.model, &mut self.parts, &self.place, &self.sink) {
            Ok(commands) => {
                theme::apply(ctx, self.model.settings.theme);
                self.carry_out(ctx, commands);
            }
            Err(words) => {
                let trouble = crate::model::Trouble::Other(words);
                self.model.apply(platform::now(), Event::Trouble(trouble));
            }
        }
    }

    fn platform(&mut self, ctx: &egui::Context, command: PlatformCommand) {
        match command {
            PlatformCommand::Copy(text) => ctx.copy_text(text),
            PlatformCommand::Theme => theme::apply(ctx, self.model.settings.theme),
            PlatformCommand::Quit => {
                self.closing = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
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
    fn work(&self, work: impl FnOnce() -> crate::model::event::PictureEvent + Send + 'static) {
        let sink = self.sink.clone();
        let worker = std::thread::Builder::new().name("breeze-picture".into());
        let started = worker.spawn(move || sink.put_waiting(Event::Picture(work())));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for a picture");
        }
    }

    fn show_title(&mut self, ctx: &egui::Context) {
        let name = tr("app-name");
        let title = match self.model.unread_total() {
            0 => name,
            count => format!("({count}) {name}"),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
