//! The window while it is shown: frames, focus, title, clipboard and theme; it holds nothing that must outlive it.

use super::engine::{BACKLOG_AGAIN, Engine, Wish};
use super::life::End;
use super::place::{Follow, Seen, fitted};
use crate::cli::Cli;
use crate::model::Action;
use crate::model::window::WindowPlace;
use crate::picture::Pictures;
use crate::platform::{self, files};
use crate::view::Window;
use crate::words::tr;
use crate::{fonts, storage, theme};
use egui::{Pos2, Rect, UserAttentionType, ViewportCommand, pos2, vec2};
use std::path::Path;
use std::time::Duration;
use winit::dpi::{LogicalPosition, LogicalSize};

/// egui may wake a frame early; this much later the words have certainly changed.
const LATE_ENOUGH_MS: u64 = 20;

/// Largest side of a texture, pixels: the longest picture one can crop. As wide as the graphics allow (16,384), the
/// sheet of letters would take megabytes, twice, for a few hundred of them.
const TEXTURE_SIDE_MAX: usize = 4096;

/// Largest file shown as a picture, bytes.
const PHOTO_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// How the window is to be: as the command line says, else where it stood last.
pub(super) fn options(cli: &Cli, place: Option<&WindowPlace>) -> eframe::NativeOptions {
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("breeze")
        .with_title(tr("app-name"))
        .with_inner_size([1120.0, 720.0])
        .with_min_inner_size([400.0, 480.0]);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../../assets/icon-64.png")) {
        viewport = viewport.with_icon(icon);
    }
    if let Some(place) = place {
        viewport = viewport
            .with_inner_size(size_of(place))
            .with_maximized(place.maximized);
        if let Some(corner) = corner_of(place) {
            viewport = viewport.with_position(corner);
        }
    } else if let Some(geometry) = cli.geometry {
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

#[expect(clippy::cast_precision_loss, reason = "points of a screen")]
fn size_of(place: &WindowPlace) -> egui::Vec2 {
    vec2(place.width as f32, place.height as f32)
}

#[expect(clippy::cast_precision_loss, reason = "points of a screen")]
fn corner_of(place: &WindowPlace) -> Option<Pos2> {
    place.corner.map(|(left, top)| pos2(left as f32, top as f32))
}

/// Puts a new window back onto the screens there are now, before it is seen.
fn put_back(window: &winit::window::Window, place: &WindowPlace) -> WindowPlace {
    let scale = window.scale_factor();
    let screens = window.available_monitors().map(|monitor| {
        let corner = monitor.position().to_logical::<f32>(scale);
        let size = monitor.size().to_logical::<f32>(scale);
        Rect::from_min_size(pos2(corner.x, corner.y), vec2(size.width, size.height))
    });
    let fits = fitted(place, &screens.collect::<Vec<_>>());
    if (fits.width, fits.height) != (place.width, place.height) {
        // The answer comes as the window's new size.
        let _ = window.request_inner_size(LogicalSize::new(fits.width, fits.height));
    }
    if let Some((left, top)) = fits.corner.filter(|_| fits.corner != place.corner) {
        window.set_outer_position(LogicalPosition::new(left, top));
    }
    fits
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
    follow: Follow,
    trace: Option<Trace>,
    end: &'a mut End,
    painted: &'a mut bool,
}

impl eframe::App for Shown<'_> {
    /// Truth changes here, also while the window is minimised.
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let now = platform::now();
        // A window that is on its way out still has the keyboard for a frame; nobody reads in it any more.
        let stays = !self.engine.model.hidden;
        let (focused, close) =
            ctx.input(|input| (has_keyboard(input) && stays, input.viewport().close_requested()));
        if focused != self.engine.model.focused {
            self.engine.act(now, Action::Focus(focused));
        }
        // After the focus: what comes now is judged by what the person sees now.
        if self.engine.step(now) {
            ctx.request_repaint();
        }
        if close && !self.closing {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.engine.act(now, Action::CloseWindow);
        }
        self.follow.look(&ctx.input(seen));
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
        if ctx.input(|input| !input.events.is_empty()) {
            self.engine.touched();
        }
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
        *self.painted = true;
        if let Some(trace) = &mut self.trace {
            trace.painted();
        }
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw_input: &mut egui::RawInput) {
        raw_input.max_texture_side = Some(TEXTURE_SIDE_MAX);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(place) = self.follow.place()
            && self.engine.model.settings.place != Some(place)
        {
            self.engine.act(platform::now(), Action::WindowPlace(place));
        }
        self.engine.waker().watch(None);
    }
}

impl<'a> Shown<'a> {
    /// Dresses a new window.
    pub(super) fn new(
        engine: &'a mut Engine,
        cc: &eframe::CreationContext<'_>,
        (place, asked): (Option<WindowPlace>, Option<Pos2>),
        (end, painted): (&'a mut End, &'a mut bool),
        trace: Option<Trace>,
    ) -> Self {
        let ctx = &cc.egui_ctx;
        let place = match (place, cc.winit_window()) {
            (Some(place), Some(window)) => Some(put_back(window, &place)),
            (place, _) => place,
        };
        let asked = place.as_ref().map_or(asked, corner_of);
        fonts::install(ctx);
        theme::apply(ctx, engine.model.settings.theme);
        engine.waker().watch(Some(ctx.clone()));
        let reader = storage::Pictures::new(&engine.database());
        let shelf = engine.shelf();
        let pictures = Pictures::new(ctx.clone(), Box::new(move |hash| reader.read(hash)))
            .with_photos(Box::new(move |hash| shelf.small(hash, PHOTO_BYTES_MAX)));
        Self {
            engine,
            window: Window::new(platform::locale::local()),
            pictures,
            title: tr("app-name"),
            closing: false,
            follow: Follow::new(asked, place),
            trace,
            end,
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
                Wish::Quit => self.close(ctx, End::Quit),
                Wish::Hide => self.close(ctx, End::Hide),
                Wish::Raise => raise(ctx),
            }
        }
    }

    fn close(&mut self, ctx: &egui::Context, end: End) {
        self.closing = true;
        *self.end = end;
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }

    fn show_title(&mut self, ctx: &egui::Context) {
        let name = tr("app-name");
        let title = match self.engine.model.unread_total() {
            0 => name,
            count => format!("({count}) {name}"),
        };
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

/// In front of the others; where the system does not let a program do that, it asks for attention. A window that has the
/// keyboard asks for nothing: the window manager would carry it out later, against what the person has done meanwhile.
fn raise(ctx: &egui::Context) {
    if ctx.input(has_keyboard) {
        return;
    }
    ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
    ctx.send_viewport_cmd(ViewportCommand::Focus);
    ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(
        UserAttentionType::Informational,
    ));
}

fn has_keyboard(input: &egui::InputState) -> bool {
    input.focused && input.viewport().minimized != Some(true)
}

fn seen(input: &egui::InputState) -> Seen {
    let window = input.viewport();
    Seen {
        time: input.time,
        corner: window.outer_rect.map(|rect| rect.min),
        size: input.viewport_rect().size(),
        maximized: window.maximized.unwrap_or(false) || window.fullscreen.unwrap_or(false),
        minimized: window.minimized.unwrap_or(false),
    }
}
