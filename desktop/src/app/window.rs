//! The window while it is shown: frames, focus, title, clipboard and theme; it holds nothing that must outlive it.

use super::engine::{BACKLOG_AGAIN, Engine, Wish};
use crate::cli::Cli;
use crate::model::Action;
use crate::picture::Pictures;
use crate::platform::{self, files};
use crate::view::Window;
use crate::words::tr;
use crate::{fonts, storage, theme};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// egui may wake a frame early; this much later the words have certainly changed.
const LATE_ENOUGH_MS: u64 = 20;

/// Largest side of a texture, pixels: the longest picture one can crop. As wide as the graphics allow (16,384), the
/// sheet of letters would take megabytes, twice, for a few hundred of them.
const TEXTURE_SIDE_MAX: usize = 4096;

/// How the window is to be.
pub(super) fn options(cli: &Cli) -> eframe::NativeOptions {
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("breeze")
        .with_title(tr("app-name"))
        .with_inner_size([1120.0, 720.0])
        .with_min_inner_size([400.0, 480.0]);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../../assets/icon-64.png")) {
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

/// A line for each painted frame, for measurements.
pub(super) struct Trace {
    file: files::LineFile,
    started_ms: u64,
}

impl Trace {
    /// When `BREEZE_TRACE_FRAMES` names a file.
    pub(super) fn from_environment(started_ms: u64) -> Option<Self> {
        let path = std::env::var_os("BREEZE_TRACE_FRAMES")?;
        let file = files::LineFile::open(Path::new(&path))?;
        Some(Self { file, started_ms })
    }

    fn painted(&mut self) {
        let age = platform::mono_ms().saturating_sub(self.started_ms);
        self.file.line(&age.to_string());
    }
}

/// The window, shown.
pub(super) struct Shown<'a> {
    engine: &'a mut Engine,
    window: Window,
    pictures: Pictures,
    title: String,
    closing: bool,
    trace: Option<Trace>,
    painted: Arc<AtomicBool>,
}

impl eframe::App for Shown<'_> {
    /// Truth changes here, also while the window is minimised.
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let now = platform::now();
        if self.engine.step(now) {
            ctx.request_repaint();
        }
        let (focused, close) = ctx.input(|input| (input.focused, input.viewport().close_requested()));
        if focused != self.engine.model.focused {
            self.engine.act(now, Action::Focus(focused));
        }
        if close && !self.closing {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.engine.act(now, Action::Quit);
        }
        self.engine.hand_over();
        self.grant(ctx);
        if self.engine.is_behind() {
            ctx.request_repaint_after(BACKLOG_AGAIN);
        }
        self.show_title(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let now = platform::now();
        let ctx = ui.ctx().clone();
        let actions = self.window.show(ui, &self.engine.model, now, &mut self.pictures);
        if !actions.is_empty() {
            ctx.request_repaint();
        }
        for action in actions {
            self.engine.act(now, action);
        }
        self.engine.hand_over();
        self.grant(&ctx);
        if let Some(ms) = self.engine.model.next_change_ms(now) {
            ctx.request_repaint_after(Duration::from_millis(ms + LATE_ENOUGH_MS));
        }
        self.painted.store(true, Ordering::Relaxed);
        if let Some(trace) = &mut self.trace {
            trace.painted();
        }
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw_input: &mut egui::RawInput) {
        raw_input.max_texture_side = Some(TEXTURE_SIDE_MAX);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.engine.waker().watch(None);
    }
}

impl<'a> Shown<'a> {
    /// Dresses a new window.
    pub(super) fn new(
        engine: &'a mut Engine,
        ctx: &egui::Context,
        painted: Arc<AtomicBool>,
        trace: Option<Trace>,
    ) -> Self {
        fonts::install(ctx);
        theme::apply(ctx, engine.model.settings.theme);
        engine.waker().watch(Some(ctx.clone()));
        let reader = storage::Pictures::new(&engine.database());
        let pictures = Pictures::new(ctx.clone(), Box::new(move |hash| reader.read(hash)));
        Self {
            engine,
            window: Window::new(platform::locale::local()),
            pictures,
            title: tr("app-name"),
            closing: false,
            trace,
            painted,
        }
    }

    /// Does what only the window can do.
    fn grant(&mut self, ctx: &egui::Context) {
        for wish in self.engine.wishes() {
            match wish {
                Wish::Copy(text) => ctx.copy_text(text),
                Wish::Theme => theme::apply(ctx, self.engine.model.settings.theme),
                Wish::Arrived(hash) => self.pictures.arrived(hash),
                Wish::Quit => {
                    self.closing = true;
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                }
            }
        }
    }

    fn show_title(&mut self, ctx: &egui::Context) {
        let name = tr("app-name");
        let title = match self.engine.model.unread_total() {
            0 => name,
            count => format!("({count}) {name}"),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
