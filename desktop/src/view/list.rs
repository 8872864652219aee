//! The contact list: filter, headings with counts, rows. Only visible rows are laid out.

use super::order::{Order, keep_order, order_of, same_headings};
use super::{Scene, chat_menu, presence, time};
use crate::fonts::{self, Weight};
use crate::model::list::{Heading, Row, RowKey, Second, Section};
use crate::model::{Action, Dialog};
use crate::theme::{self, Tokens, radius};
use crate::widget::avatar::Place;
use crate::widget::field::{self, Field};
use crate::widget::{self, badge, button, icon, label};
use crate::words::{tr, tr_with};
use egui::{
    Color32, CursorIcon, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2,
};

const ROW: f32 = 60.0;
const HEADING: f32 = 30.0;
const INSET: f32 = 8.0;
/// Rows begin below the filter.
const TOP: f32 = 61.0;
/// While the pointer moves over the list, and this long after, rows keep their places, seconds.
const STILL_S: f32 = 2.0;

/// What the list remembers.
#[derive(Default)]
pub(super) struct State {
    /// The filter wants the keyboard.
    pub(super) focus_filter: bool,
    /// The order shown last.
    order: Order,
    /// The filter it was shown with.
    filter: String,
    /// Whose menu is open, and where.
    menu: Option<(RowKey, Pos2)>,
}

impl State {
    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, narrow: bool) {
        let rect = ui.max_rect();
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(rect, 0.0, tokens.surface1);
        self.filter_box(ui, scene, rect);
        let sections = self.hold_still(ui, rect, scene);
        let rows = Rect::from_min_max(pos2(rect.left(), rect.top() + TOP), rect.max);
        if sections.is_empty() {
            nobody(ui, scene, rows);
        } else {
            super::part(ui, rows, "rows", |ui| {
                scroll(ui, scene, &sections, &mut self.menu)
            });
        }
        if !narrow {
            drag_edge(ui, scene, rect);
        }
    }

    fn filter_box(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, list: Rect) {
        let tokens = theme::tokens(ui);
        let rect = Rect::from_min_size(list.min + Vec2::splat(12.0), Vec2::new(list.width() - 25.0, 36.0));
        let ground = ui.painter().add(egui::Shape::Noop);
        icon::paint(
            ui.painter(),
            pos2(rect.left() + 19.0, rect.center().y),
            icon::SEARCH,
            15.0,
            tokens.dim,
        );
        let text = Rect::from_min_max(rect.min + Vec2::new(33.0, 8.0), rect.max - Vec2::new(64.0, 8.0));
        let name = tr("list-filter");
        let typed = field::text(ui, text, Field::new(&name, &name), &scene.model.filter);
        if std::mem::take(&mut self.focus_filter) {
            typed.response.request_focus();
        }
        let focused = typed.response.has_focus();
        let edge = if focused {
            Stroke::new(1.5, tokens.accent)
        } else {
            Stroke::NONE
        };
        let shape = egui::epaint::RectShape::new(rect, radius::L, tokens.surface0, edge, StrokeKind::Inside);
        ui.painter().set(ground, shape);
        if let Some(text) = typed.text {
            scene.act(Action::Filter(text));
        }
        if scene.model.filter.is_empty() {
            if !focused {
                key_hint(ui, rect, tokens);
            }
            return;
        }
        let clear = Rect::from_center_size(rect.right_center() - Vec2::new(20.0, 0.0), Vec2::splat(28.0));
        if icon::button(ui, clear, icon::CLOSE, &tr("list-clear"), false).clicked() {
            scene.act(Action::Filter(String::new()));
        }
    }

    /// Rows do not move under the pointer: the order of the last frame is kept while it moves over the list.
    fn hold_still(&mut self, ui: &Ui, rect: Rect, scene: &Scene<'_>) -> Vec<Section> {
        let fresh = scene.model.sections(scene.now);
        let since = ui.input(|input| {
            let over = input.pointer.hover_pos().is_some_and(|at| rect.contains(at));
            over.then(|| input.pointer.time_since_last_movement())
        });
        let same_filter = self.filter == scene.model.filter;
        let hold = since.is_some_and(|seconds| seconds < STILL_S)
            && same_filter
            && same_headings(&self.order, &fresh);
        let shown = if hold {
            keep_order(fresh, &self.order)
        } else {
            fresh
        };
        if let Some(seconds) = since.filter(|_| hold) {
            let wait = (STILL_S - seconds).max(0.05);
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_secs_f32(wait));
        }
        self.filter.clone_from(&scene.model.filter);
        self.order = order_of(&shown);
        shown
    }
}

fn key_hint(ui: &Ui, rect: Rect, tokens: &Tokens) {
    let galley = fonts::line(
        ui,
        &tr("list-filter-key"),
        fonts::format(11.0, Weight::Medium, tokens.dim),
        60.0,
    );
    let size = galley.size() + Vec2::new(13.0, 5.0);
    let tag = Rect::from_center_size(pos2(rect.right() - 13.0 - size.x / 2.0, rect.center().y), size);
    ui.painter()
        .rect_stroke(tag, 5.0, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    label::centre(ui, tag.center(), galley);
}

#[expect(clippy::cast_precision_loss, reason = "a list is far shorter than 2^24 rows")]
fn scroll(ui: &mut Ui, scene: &mut Scene<'_>, sections: &[Section], menu: &mut Option<(RowKey, Pos2)>) {
    let total: f32 = sections
        .iter()
        .map(|section| HEADING + ROW * section.rows.len() as f32)
        .sum();
    let width = ui.available_width();
    let count: usize = sections.iter().map(|section| section.rows.len()).sum();
    let area = ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("contacts");
    area.show_viewport(ui, |ui, view| {
        ui.set_height(total + INSET);
        let origin = ui.max_rect().min;
        let mut y = 0.0;
        let mut place = 0;
        for section in sections {
            if y + HEADING > view.min.y && y < view.max.y {
                heading(ui, scene, origin + Vec2::new(0.0, y), width, section);
            }
            y += HEADING;
            let first = ((view.min.y - y) / ROW).floor().max(0.0);
            for (index, row) in section.rows.iter().enumerate().skip(to_index(first)) {
                let top = y + ROW * index as f32;
                if top > view.max.y {
                    break;
                }
                let rect = Rect::from_min_size(
                    origin + Vec2::new(INSET, top),
                    Vec2::new(width - 2.0 * INSET - 1.0, ROW),
                );
                let response = contact(ui, scene, rect, row, (place + index + 1, count));
                chat_menu::of_row(ui, scene, row, &response, menu);
            }
            y += ROW * section.rows.len() as f32;
            place += section.rows.len();
        }
    });
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and small"
)]
fn to_index(rows: f32) -> usize {
    rows as usize
}

fn heading(ui: &mut Ui, scene: &mut Scene<'_>, at: Pos2, width: f32, section: &Section) {
    let tokens = theme::tokens(ui);
    let words = tr(match section.heading {
        Heading::Online => "heading-online",
        Heading::Offline => "heading-offline",
        Heading::LastKnownOnline => "heading-last-known-online",
        Heading::LastKnownOffline => "heading-last-known-offline",
        Heading::Recent => "heading-recent",
        Heading::Pinned => "heading-pinned",
        Heading::Archived => "heading-archived",
    });
    let count = section.count;
    if section.heading == Heading::Archived {
        return folded(ui, scene, at, width, (&words, count));
    }
    let y = at.y + 17.0;
    let format = fonts::format(12.0, Weight::Semi, tokens.dim);
    let rect = label::left(
        ui,
        pos2(at.x + 16.0, y),
        fonts::line(ui, &words, format.clone(), width),
    );
    label::right(
        ui,
        pos2(at.x + width - 17.0, y),
        fonts::line(ui, &count.to_string(), format, 80.0),
    );
    let spoken = format!("{words}, {count}");
    let response = ui.interact(rect, ui.scope_id().with(("heading", &words)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &spoken));
}

/// What is put away lies below the list, folded.
fn folded(ui: &mut Ui, scene: &mut Scene<'_>, at: Pos2, width: f32, (words, count): (&str, usize)) {
    let tokens = theme::tokens(ui);
    let rect = Rect::from_min_size(
        at + Vec2::new(INSET, 1.0),
        Vec2::new(width - 2.0 * INSET - 1.0, HEADING),
    );
    let response = ui
        .interact(rect, ui.scope_id().with("archived"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let open = scene.model.show_archived || !scene.model.filter.is_empty();
    let spoken = format!("{words}, {count}");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &spoken));
    if response.hovered() {
        ui.painter().rect_filled(rect, radius::S, tokens.hover);
    }
    let y = at.y + 17.0;
    icon::paint(
        ui.painter(),
        pos2(at.x + 23.0, y),
        if open { icon::CARET_DOWN } else { icon::CARET_RIGHT },
        12.0,
        tokens.dim,
    );
    let format = fonts::format(12.0, Weight::Semi, tokens.dim);
    label::left(
        ui,
        pos2(at.x + 34.0, y),
        fonts::line(ui, words, format.clone(), width),
    );
    let number = fonts::line(ui, &count.to_string(), format, 80.0);
    label::right(ui, pos2(at.x + width - 17.0, y), number);
    widget::focus_ring(ui, &response, rect, radius::S);
    if response.clicked() {
        scene.act(Action::ShowArchived(!open));
    }
}

fn contact(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    rect: Rect,
    row: &Row,
    (place, count): (usize, usize),
) -> Response {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(row.key), Sense::click());
    let spoken = spoken(scene, row);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, row.selected, &spoken));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_position_in_set(place);
        node.set_size_of_set(count);
    });
    let behind = match (row.selected, response.hovered()) {
        (true, _) => tokens.selected,
        (false, true) => tokens.hover,
        (false, false) => tokens.surface1,
    };
    ui.painter().rect_filled(rect, radius::L, behind);
    let centre = pos2(rect.left() + 30.0, rect.center().y);
    scene.picture(
        ui,
        &row.portrait,
        &row.name,
        Place {
            centre,
            diameter: 44.0,
            behind,
        },
    );
    let left = rect.left() + 64.0;
    let right = rect.right() - 8.0;
    let mut name_end = right;
    if row.time_ms > 0 {
        let words = time::short(row.time_ms, scene.now.wall_ms, scene.local);
        let galley = fonts::line(ui, &words, fonts::format(12.0, Weight::Regular, tokens.dim), 90.0);
        name_end = label::right(ui, pos2(right, rect.top() + 17.0), galley).left() - 8.0;
    }
    name(ui, row, rect, left..name_end, tokens);
    let second_end = marks(ui, row, pos2(right, rect.top() + 40.0), tokens);
    second_line(
        ui,
        scene,
        row,
        pos2(left, rect.top() + 40.0),
        second_end - left,
        tokens,
    );
    widget::focus_ring(ui, &response, rect, radius::L);
    let mut response = response.on_hover_cursor(CursorIcon::PointingHand);
    if row.time_ms > 0 {
        response = response.on_hover_text(time::full(row.time_ms, scene.local));
    }
    if response.clicked() {
        scene.act(match row.key {
            RowKey::Person(account) => Action::OpenPerson(account),
            RowKey::Chat(conv) => Action::OpenChat(conv),
        });
    }
    response
}

/// Number or dot of what is unread, and the bell of a muted chat, from this place to the left. Where the second line ends.
fn marks(ui: &Ui, row: &Row, at: Pos2, tokens: &Tokens) -> f32 {
    let marked = row.unread > 0 || row.marked;
    let mut end = at.x - 50.0;
    if marked {
        end = at.x - badge::paint(ui, at, row.unread, row.muted) - 8.0;
    }
    if row.named {
        end -= badge::named(ui, pos2(end + 4.0, at.y)) + 4.0;
    }
    if row.muted {
        let right = if marked { end } else { at.x };
        icon::paint(
            ui.painter(),
            pos2(right - 8.0, at.y),
            icon::BELL_OFF,
            15.0,
            tokens.dim,
        );
        end = right - 22.0;
    }
    end
}

fn name(ui: &Ui, row: &Row, rect: Rect, across: std::ops::Range<f32>, tokens: &Tokens) {
    let (ink, weight) = match (row.dim, row.unread > 0 || row.marked) {
        (_, true) => (tokens.text, Weight::Bold),
        (true, false) => (tokens.dim, Weight::Medium),
        (false, false) => (tokens.text, Weight::Semi),
    };
    let width = across.end - across.start;
    let galley = fonts::line(ui, &row.name, fonts::format(14.0, weight, ink), width);
    // Somebody of whom there is nothing to say has the name in the middle of the row.
    let alone = row.unread == 0 && matches!(&row.second, Second::StatusText(text) if text.is_empty());
    let y = if alone { rect.center().y } else { rect.top() + 21.0 };
    label::left(ui, pos2(across.start, y), galley);
}

fn spoken(scene: &Scene<'_>, row: &Row) -> String {
    let mut sentence = match row.key {
        RowKey::Person(account) => presence::sentence(scene, &row.name, &scene.model.headline(account)),
        RowKey::Chat(conv) => match scene.model.group(conv) {
            Some(group) => {
                let members = scene.model.group_headline(group);
                let words = [("name", row.name.clone().into()), ("members", members.into())];
                tr_with("spoken-group", &words)
            }
            None => row.name.clone(),
        },
    };
    if row.unread > 0 {
        sentence.push_str(", ");
        sentence.push_str(&tr_with("spoken-unread", &[("count", row.unread.into())]));
    }
    let marks = [
        (row.marked, "spoken-marked"),
        (row.named, "spoken-named"),
        (row.muted, "spoken-muted"),
    ];
    for (is, words) in marks {
        if is {
            sentence.push_str(", ");
            sentence.push_str(&tr(words));
        }
    }
    sentence
}

fn second_line(ui: &Ui, scene: &Scene<'_>, row: &Row, at: egui::Pos2, width: f32, tokens: &Tokens) {
    let (text, colour): (String, Color32) = match &row.second {
        Second::Typing => (tr("row-typing"), tokens.accent),
        Second::Preview { own: true, text, .. } => {
            (tr_with("row-you", &[("text", text.clone().into())]), tokens.dim)
        }
        Second::Preview {
            name: Some(name),
            text,
            ..
        } => {
            let words = [("name", name.clone().into()), ("text", text.clone().into())];
            (tr_with("row-they", &words), tokens.dim)
        }
        Second::Preview { text, .. } | Second::StatusText(text) => (text.clone(), tokens.dim),
        Second::LastSeen(ms) => (
            time::last_seen(*ms, scene.now.wall_ms, scene.local, false),
            tokens.dim,
        ),
        Second::Draft(text) => (
            tr_with("row-draft", &[("text", text.clone().into())]),
            tokens.accent,
        ),
    };
    label::left(
        ui,
        at,
        fonts::line(ui, &text, fonts::format(13.0, Weight::Regular, colour), width),
    );
}

fn nobody(ui: &mut Ui, scene: &mut Scene<'_>, rect: Rect) {
    let filtered = !scene.model.filter.is_empty();
    let (title, text, verb) = if filtered {
        ("list-none-title", "list-none-text", "list-clear")
    } else {
        ("list-empty-title", "list-empty-text", "list-empty-button")
    };
    let middle = pos2(rect.center().x, rect.top() + (rect.height() * 0.3).min(190.0));
    super::notice::title_and_text(ui, middle, rect.width(), &tr(title), &tr(text));
    let words = tr(verb);
    let size = Vec2::new(button::natural_width(ui, &words), button::HEIGHT);
    let place = Rect::from_center_size(middle + Vec2::new(0.0, 84.0), size);
    let kind = if filtered {
        button::Kind::Quiet
    } else {
        button::Kind::Primary
    };
    if button::at(ui, place, &words, kind, true).clicked() {
        scene.act(if filtered {
            Action::Filter(String::new())
        } else {
            Action::Show(Dialog::Invite {
                link: None,
                expires_ms: 0,
            })
        });
    }
}

fn drag_edge(ui: &mut Ui, scene: &mut Scene<'_>, list: Rect) {
    let tokens = theme::tokens(ui);
    ui.painter()
        .vline(list.right() - 0.5, list.y_range(), Stroke::new(1.0, tokens.line));
    let grip = Rect::from_min_max(pos2(list.right() - 5.0, list.top()), list.max);
    let response = ui.interact(grip, ui.scope_id().with("edge"), Sense::DRAG);
    let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    if !response.dragged() {
        return;
    }
    let Some(pointer) = response.interact_pointer_pos() else {
        return;
    };
    let width = (pointer.x - list.left()).clamp(*super::LIST_RANGE.start(), *super::LIST_RANGE.end());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within 240 and 420"
    )]
    scene.act(Action::ListWidth(width.round() as u32));
}
