//! The panel that searches everything, in place of the list: people first, then messages with what was found in them.

use super::{Scene, time};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::excerpt::excerpt;
use crate::model::list::{Row, RowKey};
use crate::model::search::{Hit, Search, SearchAct};
use crate::theme::{self, Tokens, radius};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{self, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::message::attachment::sought;
use egui::text::{LayoutJob, TextWrapping};
use egui::{CursorIcon, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};
use std::borrow::Cow;
use std::ops::Range;

const HEADING: f32 = 30.0;
const PERSON: f32 = 48.0;
const HIT: f32 = 74.0;
const INSET: f32 = 8.0;
const TOP: f32 = 61.0;
const FOOT: f32 = 40.0;

/// What the panel remembers.
#[derive(Default)]
pub(super) struct State {
    /// Whether it was shown in the last frame.
    open: bool,
    /// The field wants the keyboard.
    pub(super) focus: bool,
}

/// One line of the panel.
enum Line<'a> {
    Heading(&'static str, usize),
    Person(&'a Row),
    Hit(&'a Hit),
}

impl Line<'_> {
    fn height(&self) -> f32 {
        match self {
            Self::Heading(..) => HEADING,
            Self::Person(_) => PERSON,
            Self::Hit(_) => HIT,
        }
    }
}

impl State {
    /// Nobody searches.
    pub(super) fn forget(&mut self) {
        self.open = false;
    }

    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, search: &Search) {
        let rect = ui.max_rect();
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(rect, 0.0, tokens.surface1);
        ui.painter()
            .vline(rect.right() - 0.5, rect.y_range(), Stroke::new(1.0, tokens.line));
        let people = scene.model.people_found(scene.now, &search.query);
        let entered = self.field(ui, scene, search, rect);
        if entered {
            go_to_first(scene, search, &people);
        }
        let below = Rect::from_min_max(pos2(rect.left(), rect.top() + TOP), rect.max);
        let mut lines = Vec::new();
        if !people.is_empty() {
            lines.push(Line::Heading("search-people", people.len()));
            lines.extend(people.iter().map(Line::Person));
        }
        if !search.hits.is_empty() {
            lines.push(Line::Heading("search-messages", search.hits.len()));
            lines.extend(search.hits.iter().map(Line::Hit));
        }
        if lines.is_empty() {
            nothing(ui, search, below);
        } else {
            super::part(ui, below, "found", |ui| scroll(ui, scene, search, &lines));
        }
    }

    /// Whether Enter was pressed in the field.
    fn field(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, search: &Search, panel: Rect) -> bool {
        let tokens = theme::tokens(ui);
        let close = Rect::from_center_size(pos2(panel.right() - 30.0, panel.top() + 30.0), Vec2::splat(36.0));
        let rect = Rect::from_min_max(
            panel.min + Vec2::splat(12.0),
            pos2(close.left() - 4.0, panel.top() + 48.0),
        );
        let ground = ui.painter().add(egui::Shape::Noop);
        let glass = pos2(rect.left() + 19.0, rect.center().y);
        icon::paint(ui.painter(), glass, icon::SEARCH, 15.0, tokens.dim);
        let text = Rect::from_min_max(rect.min + Vec2::new(33.0, 8.0), rect.max - Vec2::new(12.0, 8.0));
        let typed = field::text(
            ui,
            text,
            Field::new(&tr("search-field"), &tr("search-hint")),
            &search.query,
        );
        if !std::mem::replace(&mut self.open, true) || std::mem::take(&mut self.focus) {
            typed.response.request_focus();
        }
        let edge = if typed.response.has_focus() {
            Stroke::new(1.5, tokens.accent)
        } else {
            Stroke::NONE
        };
        let shape = egui::epaint::RectShape::new(rect, radius::L, tokens.surface0, edge, StrokeKind::Inside);
        ui.painter().set(ground, shape);
        if let Some(text) = typed.text {
            scene.act(Action::Search(SearchAct::Type(text)));
        }
        if icon::button(ui, close, icon::CLOSE, &tr("search-close"), false).clicked() {
            scene.act(Action::Search(SearchAct::Panel(false)));
        }
        typed.entered
    }
}

/// What a click on a row of the list does.
pub(super) fn open_row(key: RowKey) -> Action {
    match key {
        RowKey::Person(account) => Action::OpenPerson(account),
        RowKey::Chat(conv) => Action::OpenChat(conv),
    }
}

fn go_to_first(scene: &mut Scene<'_>, search: &Search, people: &[Row]) {
    if let Some(person) = people.first() {
        scene.act(open_row(person.key));
    } else if let Some(hit) = search.hits.first() {
        scene.act(Action::Search(SearchAct::Go(hit.conv, hit.message.seq)));
    }
}

/// What the panel says when it has no rows.
fn nothing(ui: &mut Ui, search: &Search, rect: Rect) {
    let (title, text) = if search.is_empty() {
        ("search-empty-title", "search-empty-text")
    } else if search.is_busy() {
        ("search-busy", "search-busy-text")
    } else {
        ("search-none-title", "search-none-text")
    };
    let (title, text) = (tr(title), tr(text));
    let centre = pos2(rect.center().x, rect.top() + rect.height() * 0.3);
    super::notice::title_and_text(ui, centre, rect.width(), &title, &text);
}

fn scroll(ui: &mut Ui, scene: &mut Scene<'_>, search: &Search, lines: &[Line<'_>]) {
    let rows: f32 = lines.iter().map(Line::height).sum();
    let foot = if search.is_busy() { FOOT } else { 0.0 };
    let width = ui.available_width();
    let area = ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt(("found", search.hits.is_empty()));
    area.show_viewport(ui, |ui, view| {
        ui.set_height(rows + foot + INSET);
        let origin = ui.max_rect().min;
        let mut y = 0.0;
        for line in lines {
            let height = line.height();
            if y + height > view.min.y && y < view.max.y {
                let rect = Rect::from_min_size(
                    origin + Vec2::new(INSET, y),
                    Vec2::new(width - 2.0 * INSET - 1.0, height),
                );
                match line {
                    Line::Heading(words, count) => heading(ui, rect, &tr(words), *count),
                    Line::Person(row) => person(ui, scene, rect, row),
                    Line::Hit(hit) => message(ui, scene, rect, hit, &search.query),
                }
            }
            y += height;
        }
        if search.is_busy() {
            let tokens = theme::tokens(ui);
            let format = fonts::format(12.0, Weight::Regular, tokens.dim);
            let words = fonts::line(ui, &tr("search-busy"), format, width);
            label::centre(ui, origin + Vec2::new(width / 2.0, y + FOOT / 2.0), words);
        } else if view.max.y > rows - HIT && search.has_more() {
            scene.act(Action::Search(SearchAct::More));
        }
    });
}

fn heading(ui: &Ui, rect: Rect, words: &str, count: usize) {
    let tokens = theme::tokens(ui);
    let format = fonts::format(12.0, Weight::Semi, tokens.dim);
    let y = rect.top() + 17.0;
    let place = label::left(
        ui,
        pos2(rect.left() + 8.0, y),
        fonts::line(ui, words, format.clone(), rect.width()),
    );
    label::right(
        ui,
        pos2(rect.right() - 8.0, y),
        fonts::line(ui, &count.to_string(), format, 80.0),
    );
    let told = ui.interact(place, ui.scope_id().with(("heading", words)), Sense::hover());
    told.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{words}, {count}")));
}

/// The ground of a row, and whether it was clicked.
fn row_ground(ui: &Ui, rect: Rect, id: egui::Id, spoken: &str, selected: bool) -> (egui::Color32, bool) {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, spoken));
    let behind = match (selected, response.hovered()) {
        (true, _) => tokens.selected,
        (false, true) => tokens.hover,
        (false, false) => tokens.surface1,
    };
    ui.painter().rect_filled(rect, radius::L, behind);
    widget::focus_ring(ui, &response, rect, radius::L);
    (
        behind,
        response.on_hover_cursor(CursorIcon::PointingHand).clicked(),
    )
}

fn person(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, row: &Row) {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("person", row.key));
    let (behind, clicked) = row_ground(ui, rect, id, &row.name, row.selected);
    let place = Place {
        centre: pos2(rect.left() + 26.0, rect.center().y),
        diameter: 32.0,
        behind,
    };
    scene.picture(ui, &row.portrait, &row.name, place);
    let format = fonts::format(14.0, Weight::Semi, tokens.text);
    let name = fonts::line(ui, &row.name, format, rect.width() - 64.0);
    label::left(ui, pos2(rect.left() + 52.0, rect.center().y), name);
    if clicked {
        scene.act(open_row(row.key));
    }
}

fn message(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect, hit: &Hit, query: &str) {
    let tokens = theme::tokens(ui);
    let (author, chat) = scene.model.hit_names(hit);
    let author = author.unwrap_or_else(|| tr("spoken-you"));
    let (text, places) = excerpt(&words_of(hit), query);
    let date = time::short(hit.message.ts, scene.now.wall_ms, scene.local);
    let spoken = tr_with(
        "search-hit",
        &[
            ("chat", chat.clone().into()),
            ("date", time::full(hit.message.ts, scene.local).into()),
            ("author", author.clone().into()),
            ("text", text.clone().into()),
        ],
    );
    let id = ui.scope_id().with((hit.conv, hit.message.seq));
    let open = scene.model.chats.get(&hit.conv);
    let spot = open.and_then(|chat| chat.spot).map(|spot| spot.seq);
    let selected = scene.model.open == Some(hit.conv) && spot == Some(hit.message.seq);
    let (behind, clicked) = row_ground(ui, rect, id, &spoken, selected);
    if let Some(found_in) = open {
        let place = Place {
            centre: pos2(rect.left() + 26.0, rect.top() + 28.0),
            diameter: 32.0,
            behind,
        };
        let portrait = scene.model.chat_portrait(found_in, scene.now);
        scene.picture(ui, &portrait, &chat, place);
    }
    let (left, right) = (rect.left() + 52.0, rect.right() - 8.0);
    let format = fonts::format(12.0, Weight::Regular, tokens.dim);
    let date = label::right(
        ui,
        pos2(right, rect.top() + 17.0),
        fonts::line(ui, &date, format, 90.0),
    );
    let format = fonts::format(14.0, Weight::Semi, tokens.text);
    let title = fonts::line(ui, &chat, format, (date.left() - 8.0 - left).max(20.0));
    label::left(ui, pos2(left, rect.top() + 17.0), title);
    let galley = fonts::layout_job(ui, snippet(&author, &text, &places, tokens, right - left));
    ui.painter()
        .galley(pos2(left, rect.top() + 28.0), galley, tokens.dim);
    if clicked {
        scene.act(Action::Search(SearchAct::Go(hit.conv, hit.message.seq)));
    }
}

/// The words a message was found by; of files without a caption, their names.
fn words_of(hit: &Hit) -> Cow<'_, str> {
    let words = sought(&hit.message.body, &hit.message.attachments);
    match words.strip_prefix('\n') {
        Some(names) => Cow::Owned(names.to_owned()),
        None => words,
    }
}

/// "Rosa: ...the train leaves at six", two lines, what was found in bold on a tinted ground.
fn snippet(author: &str, text: &str, places: &[Range<usize>], tokens: &Tokens, width: f32) -> LayoutJob {
    let dim = fonts::format(13.0, Weight::Regular, tokens.dim);
    let mut found = fonts::format(13.0, Weight::Semi, tokens.text);
    found.background = tokens.selected;
    let mut job = LayoutJob::default();
    job.append(&format!("{author}: "), 0.0, dim.clone());
    let mut from = 0;
    for place in places {
        job.append(&text[from..place.start], 0.0, dim.clone());
        job.append(&text[place.clone()], 0.0, found.clone());
        from = place.end;
    }
    job.append(&text[from..], 0.0, dim);
    job.wrap = TextWrapping {
        max_width: width.max(20.0),
        max_rows: 2,
        overflow_character: Some('\u{2026}'),
        ..TextWrapping::default()
    };
    job
}
