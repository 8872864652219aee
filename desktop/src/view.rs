//! The window: draws the model and answers with what the person did. Holds only what is of the view alone.

mod about;
mod attach;
mod author;
mod banner;
mod chat;
mod chat_menu;
mod closing;
mod completion;
mod composer;
mod devices;
mod emoji;
mod entry_dialog;
mod entry_menu;
mod file_dialog;
mod files;
mod find;
mod group;
mod header;
mod host;
mod invite;
mod keeping;
mod keys;
mod list;
mod message;
mod note;
mod notice;
mod onboarding;
mod opened;
mod order;
mod people;
mod person;
mod pins;
mod presence;
mod preview;
mod profile;
mod rail;
pub mod scroll;
mod search;
mod select;
mod settings;
mod shortcut;
mod switch;
pub mod time;
mod trouble;

use crate::model::person::{Dot, Portrait};
use crate::model::search::SearchAct;
use crate::model::{Action, Dialog, Model, Now, Screen};
use crate::picture::Pictures;
use crate::theme;
use crate::widget::avatar::{self, Place};
use breeze_protocol::StatusKind;
use egui::{Rect, Ui, UiBuilder, pos2};
use time::Local;

/// Width of the rail.
pub const RAIL: f32 = 64.0;
/// Height of headers.
pub const HEADER: f32 = 64.0;
/// Below this width list and chat take turns.
pub const NARROW: f32 = 760.0;
/// The list's width when nothing was dragged, and its bounds.
pub const LIST: f32 = 304.0;
const LIST_RANGE: std::ops::RangeInclusive<f32> = 240.0..=420.0;
/// The caret blinks this long after the last key, seconds; then it is steady and no frame is painted.
const BLINK_S: f64 = 5.0;

/// What every view gets: the truth, the clocks, the pictures, and where wishes go.
pub struct Scene<'a> {
    /// The truth.
    pub model: &'a Model,
    /// Now.
    pub now: Now,
    /// Avatars.
    pub pictures: &'a mut Pictures,
    /// Local time.
    pub local: &'a Local,
    /// What the person did.
    pub actions: Vec<Action>,
}

impl Scene<'_> {
    /// The person did this.
    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Paint somebody's picture.
    pub fn picture(&mut self, ui: &Ui, portrait: &Portrait, name: &str, place: Place) {
        let time = (self.now, self.model.settings.reduce_motion);
        avatar::paint(ui, self.pictures, portrait, name, place, time);
    }

    /// One's own picture.
    #[must_use]
    pub fn own_portrait(&self) -> Portrait {
        let unsure = self.model.unsure_since.is_some();
        Portrait {
            unsure,
            ..self.model.portrait(self.model.me.account, self.now)
        }
    }
}

/// The mark of a status of one's own.
#[must_use]
pub fn dot_of(status: StatusKind) -> Dot {
    match status {
        StatusKind::Online => Dot::Online,
        StatusKind::Away => Dot::Away,
        StatusKind::Busy => Dot::Busy,
        StatusKind::Invisible => Dot::Invisible,
    }
}

/// What the window remembers between frames that is nobody else's business.
pub struct Window {
    local: Local,
    list: list::State,
    header: header::State,
    search: search::State,
    find: find::State,
    pins: pins::State,
    chat: chat::State,
    composer: composer::State,
    profile: profile::State,
    entry: entry_dialog::State,
    preview: preview::State,
    host: host::State,
    /// When a key was last pressed (egui's seconds).
    last_key: f64,
}

impl Window {
    /// A window that has shown nothing yet, where the time is told like this.
    #[must_use]
    pub fn new(local: Local) -> Self {
        Self {
            local,
            list: list::State::default(),
            header: header::State::default(),
            search: search::State::default(),
            find: find::State::default(),
            pins: pins::State::default(),
            chat: chat::State::default(),
            composer: composer::State::default(),
            profile: profile::State::default(),
            entry: entry_dialog::State::default(),
            preview: preview::State::default(),
            host: host::State::default(),
            last_key: f64::NEG_INFINITY,
        }
    }

    /// Draw one frame.
    pub fn show(&mut self, ui: &mut Ui, model: &Model, now: Now, pictures: &mut Pictures) -> Vec<Action> {
        pictures.collect();
        // The whole window, whatever margin the caller's `Ui` has.
        let whole = ui.ctx().content_rect();
        let ui = &mut ui.new_child(UiBuilder::new().max_rect(whole).id_salt("window"));
        ui.set_clip_rect(whole);
        self.blink(ui);
        let local = self.local.chosen(model.settings.clock);
        let mut scene = Scene {
            model,
            now,
            pictures,
            local: &local,
            actions: Vec::new(),
        };
        match &model.screen {
            Screen::Onboarding => onboarding::show(ui, &mut scene),
            Screen::Trouble(trouble) => trouble::show(ui, &mut scene, trouble),
            Screen::Main => self.main(ui, &mut scene),
        }
        self.dialogs(ui, &mut scene);
        notice::toasts(ui, &mut scene);
        scene.actions
    }

    fn main(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let open = scene.model.open;
        let selecting = open.is_some_and(|conv| self.chat.selecting(conv).is_some());
        let parts = (&mut self.list, &mut self.search, &mut self.find);
        shortcut::handle(ui, scene, parts, selecting || self.composer.takes_escape());
        let full = ui.max_rect();
        let narrow = full.width() < NARROW;
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(full, 0.0, tokens.surface2);
        let chat_alone = narrow && scene.model.open.is_some();
        let mut left = full.left();
        if !chat_alone {
            let right = if narrow {
                full.right()
            } else {
                left + RAIL + list_width(scene.model)
            };
            let rail = Rect::from_min_max(full.min, pos2(left + RAIL, full.bottom()));
            part(ui, rail, "rail", |ui| rail::show(ui, scene));
            let list = Rect::from_min_max(pos2(left + RAIL, full.top()), pos2(right, full.bottom()));
            match &scene.model.search {
                Some(search) => part(ui, list, "search", |ui| self.search.show(ui, scene, search)),
                None => {
                    self.search.forget();
                    part(ui, list, "list", |ui| self.list.show(ui, scene, narrow));
                }
            }
            left = right;
        }
        if !narrow || chat_alone {
            let pane = Rect::from_min_max(pos2(left, full.top()), full.max);
            part(ui, pane, "chat", |ui| self.pane(ui, scene, narrow));
        } else {
            self.narrow_banner(ui, scene, full);
        }
    }

    /// In a narrow window without a chat the banner stands at the bottom of the list.
    fn narrow_banner(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, full: Rect) {
        let place = Rect::from_min_max(pos2(full.left() + RAIL, full.bottom() - banner::HEIGHT), full.max);
        part(ui, place, "banner", |ui| banner::show(ui, scene));
    }

    fn pane(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, narrow: bool) {
        let full = ui.max_rect();
        let mut rest = full;
        if scene.model.banner(scene.now).is_some() {
            let (top, below) = full.split_top_bottom_at_y(full.top() + banner::HEIGHT);
            part(ui, top, "banner", |ui| banner::show(ui, scene));
            rest = below;
        }
        let Some(chat) = scene.model.open.and_then(|conv| scene.model.chats.get(&conv)) else {
            notice::no_chat(ui, scene, rest);
            return;
        };
        let (top, below) = rest.split_top_bottom_at_y(rest.top() + HEADER);
        if part(ui, top, "header", |ui| self.header.show(ui, scene, chat, narrow)) {
            self.find.focus = true;
            let open = scene
                .model
                .find
                .as_ref()
                .is_some_and(|find| find.conv == chat.conv);
            scene.act(Action::Search(if open {
                SearchAct::FindClose
            } else {
                SearchAct::Find
            }));
        }
        let mut below = below;
        if !chat.pins.is_empty() {
            let (bar, rest) = below.split_top_bottom_at_y(below.top() + pins::HEIGHT);
            part(ui, bar, "pins", |ui| self.pins.show(ui, scene, chat));
            below = rest;
        }
        match scene.model.find.as_ref().filter(|find| find.conv == chat.conv) {
            Some(find) => {
                let (bar, rest) = below.split_top_bottom_at_y(below.top() + find::HEIGHT);
                part(ui, bar, "find", |ui| self.find.show(ui, scene, find));
                below = rest;
            }
            None => self.find.forget(),
        }
        let height = match self.chat.selecting(chat.conv) {
            Some(_) => select::HEIGHT,
            None => self.composer.height(ui, scene, chat, below.width()),
        };
        let (middle, bottom) = below.split_top_bottom_at_y(below.bottom() - height);
        part(ui, middle, "lines", |ui| self.chat.show(ui, scene, chat));
        if let Some(select) = self.chat.selecting(chat.conv) {
            self.composer.put_away();
            part(ui, bottom, "select", |ui| select.bar(ui, scene));
        } else {
            part(ui, bottom, "composer", |ui| self.composer.show(ui, scene, chat));
        }
        part(ui, below, "drop", |ui| attach::dropped(ui, scene, chat, below));
    }

    fn dialogs(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let Some(dialog) = &scene.model.dialog else {
            self.profile.forget();
            self.host.forget();
            self.entry.forget();
            self.preview.forget();
            return;
        };
        let close = match dialog {
            Dialog::Profile(draft) => self.profile.show(ui, scene, draft),
            Dialog::People { add, said } => people::show(ui, scene, add, said.as_deref()),
            Dialog::Invite { link, expires_ms } => invite::show(ui, scene, link.as_deref(), *expires_ms),
            Dialog::Settings => settings::show(ui, scene),
            Dialog::Host => self.host.show(ui, scene),
            Dialog::QuitHosting => host::quit(ui, scene),
            Dialog::Closing => closing::show(ui, scene),
            Dialog::OpenedLink(link) => opened::show(ui, scene, link),
            Dialog::Person(account) => person::show(ui, scene, *account),
            Dialog::Group(shown) => group::show(ui, scene, shown),
            Dialog::Keeping(shown) => keeping::show(ui, scene, shown),
            Dialog::Keys => keys::show(ui, scene),
            Dialog::Devices => devices::show(ui, scene),
            Dialog::File(which) => file_dialog::show(ui, scene, which, &mut self.preview),
            Dialog::Entry(conv, seq, which) => self.entry.show(ui, scene, (*conv, *seq), *which),
            Dialog::Switch { query, at } => switch::show(ui, scene, query, *at),
        };
        if close {
            scene.act(Action::CloseDialog);
        }
    }

    fn blink(&mut self, ui: &mut Ui) {
        let (key, time) = ui.input(|input| {
            let typed = |event: &egui::Event| {
                matches!(
                    event,
                    egui::Event::Key { .. } | egui::Event::Text(_) | egui::Event::Ime(_)
                )
            };
            (input.events.iter().any(typed), input.time)
        });
        if key {
            self.last_key = time;
        }
        ui.visuals_mut().text_cursor.blink = time - self.last_key < BLINK_S;
    }
}

fn list_width(model: &Model) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a width in points")]
    let wanted = if model.settings.list_width == 0 {
        LIST
    } else {
        model.settings.list_width as f32
    };
    wanted.clamp(*LIST_RANGE.start(), *LIST_RANGE.end())
}

/// Draw a part of the window in its own rectangle.
fn part<R>(ui: &mut Ui, rect: Rect, name: &str, draw: impl FnOnce(&mut Ui) -> R) -> R {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(name));
    child.shrink_clip_rect(rect);
    draw(&mut child)
}
