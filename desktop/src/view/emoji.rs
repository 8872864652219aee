//! Where an emoji is picked: found by a word, by the arrow keys or by a click, those used last first.

use crate::fonts::{self, Weight};
use crate::model::emoji::{self, Emoji, GROUPS};
use crate::theme::{self, radius, space};
use crate::widget::field::{self, Field};
use crate::widget::{icon, label};
use crate::words::tr;
use egui::{
    CursorIcon, Frame, Id, Key, Modifiers, PopupKind, Rect, RectAlign, Role, ScrollArea, Sense, Stroke, Ui,
    Vec2, WidgetInfo, pos2,
};
use std::collections::BTreeSet;
use std::ops::Range;

/// Side of the button in the composer.
pub(super) const SIDE: f32 = 34.0;
/// Least width of an emoji's place.
const CELL: f32 = 38.0;
const HEADING: f32 = 28.0;
/// Rows of emoji that are seen at once; the half one says that there are more.
const ROWS: f32 = 5.5;
const FOOT: f32 = 30.0;
/// Width of what opens above the composer.
const WIDTH: f32 = 9.0 * CELL;
/// So many are looked up in a frame.
const TRIED: usize = 240;

/// What a picker remembers.
#[derive(Default)]
pub(super) struct Picker {
    query: String,
    /// The emoji the keys are at.
    at: usize,
    /// It has been shown: the field has the keyboard.
    begun: bool,
    /// So many of the list were looked up in the font, and these it cannot draw.
    tried: usize,
    missing: BTreeSet<usize>,
}

/// A row: the words above a group, or emoji side by side (places among all that are shown).
enum Row {
    Heading(String),
    Emoji(Range<usize>),
}

impl Picker {
    /// Draws it as wide as there is room; what was picked.
    pub(super) fn show(&mut self, ui: &mut Ui, recent: &[String]) -> Option<&'static Emoji> {
        self.try_more(ui);
        let keys = self.keys(ui);
        let name = tr("emoji-find");
        let typed = field::flow(ui, Field::new(&name, &name), &self.query);
        if !std::mem::replace(&mut self.begun, true) {
            typed.response.request_focus();
        }
        if let Some(text) = typed.text {
            (self.query, self.at) = (text, 0);
        }
        ui.add_space(space::S);
        let columns = ui.available_width() / CELL;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a handful of columns"
        )]
        let columns = (columns as usize).max(1);
        let (shown, rows) = self.rows(recent, columns);
        if shown.is_empty() {
            let place = ui
                .allocate_exact_size(
                    Vec2::new(ui.available_width(), ROWS * CELL + FOOT),
                    Sense::hover(),
                )
                .0;
            let words = tr("emoji-none");
            let format = fonts::format(14.0, Weight::Regular, theme::tokens(ui).dim);
            label::centre(ui, place.center(), fonts::line(ui, &words, format, place.width()));
            label::name(ui, place, ui.scope_id().with("none"), &words);
            return None;
        }
        let moved = self.step(&keys, &rows, shown.len());
        let clicked = self.grid(ui, &shown, &rows, columns, moved);
        foot(ui, shown[self.at]);
        let entered = keys.contains(&Key::Enter).then(|| shown[self.at]);
        clicked.or(entered)
    }

    /// Not in use any more.
    pub(super) fn forget(&mut self) {
        (self.begun, self.at) = (false, 0);
        self.query.clear();
    }

    /// Only what this computer can draw is offered. It is looked up a few at a time, so that no frame is late; whether several
    /// characters make one picture is seen when they come into view.
    fn try_more(&mut self, ui: &Ui) {
        let all = emoji::all();
        let next = &all[self.tried..all.len().min(self.tried + TRIED)];
        let missing = next.iter().filter(|it| !fonts::has_parts(ui, it.glyph));
        self.missing.extend(missing.map(|it| it.place));
        self.tried += next.len();
        if self.tried < all.len() {
            ui.ctx().request_repaint();
        }
    }

    fn is_drawn(&self, emoji: &Emoji) -> bool {
        emoji.place < self.tried && !self.missing.contains(&emoji.place)
    }

    /// The keys that are meant for the emoji, taken before the field sees them.
    #[expect(clippy::unused_self, reason = "reads as a part of the picker")]
    fn keys(&self, ui: &Ui) -> Vec<Key> {
        let wanted = [
            Key::ArrowLeft,
            Key::ArrowRight,
            Key::ArrowUp,
            Key::ArrowDown,
            Key::Enter,
        ];
        let pressed = |key: &Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, *key));
        wanted.into_iter().filter(pressed).collect()
    }

    /// What is shown now, and its rows.
    fn rows(&self, recent: &[String], columns: usize) -> (Vec<&'static Emoji>, Vec<Row>) {
        let mut shown: Vec<&'static Emoji> = Vec::new();
        let mut rows = Vec::new();
        let mut add = |heading: Option<String>, group: Vec<&'static Emoji>| {
            if group.is_empty() {
                return;
            }
            rows.extend(heading.map(Row::Heading));
            let (from, to) = (shown.len(), shown.len() + group.len());
            rows.extend(
                (from..to)
                    .step_by(columns)
                    .map(|at| Row::Emoji(at..to.min(at + columns))),
            );
            shown.extend(group);
        };
        if self.query.trim().is_empty() {
            let known = recent.iter().filter_map(|glyph| emoji::of(glyph));
            let known = known.filter(|it| !self.missing.contains(&it.place));
            let known = known.take(2 * columns).collect();
            add(Some(tr("emoji-recent")), known);
            for (at, name) in GROUPS.iter().enumerate() {
                let group = emoji::all()
                    .iter()
                    .filter(|it| it.group == at && self.is_drawn(it));
                add(Some(tr(&format!("emoji-group-{name}"))), group.collect());
            }
        } else {
            let found = emoji::search(&self.query).into_iter();
            add(None, found.filter(|it| self.is_drawn(it)).collect());
        }
        (shown, rows)
    }

    /// Moves by the arrow keys; whether it did.
    fn step(&mut self, keys: &[Key], rows: &[Row], count: usize) -> bool {
        let before = self.at.min(count - 1);
        self.at = before;
        let places: Vec<&Range<usize>> = rows
            .iter()
            .filter_map(|row| match row {
                Row::Emoji(places) => Some(places),
                Row::Heading(_) => None,
            })
            .collect();
        for key in keys {
            let row = places
                .iter()
                .position(|places| places.contains(&self.at))
                .unwrap_or(0);
            let column = self.at - places[row].start;
            let beside = |row: usize| (places[row].start + column).min(places[row].end - 1);
            self.at = match key {
                Key::ArrowLeft => self.at.saturating_sub(1),
                Key::ArrowRight => (self.at + 1).min(count - 1),
                Key::ArrowUp => beside(row.saturating_sub(1)),
                Key::ArrowDown => beside((row + 1).min(places.len() - 1)),
                _ => self.at,
            };
        }
        self.at != before
    }

    fn grid(
        &mut self,
        ui: &mut Ui,
        shown: &[&'static Emoji],
        rows: &[Row],
        columns: usize,
        moved: bool,
    ) -> Option<&'static Emoji> {
        let mut picked = None;
        #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
        let cell = Vec2::new(ui.available_width() / columns as f32, CELL);
        let id = ui.scope_id().with("grid");
        let area = ScrollArea::vertical()
            .id_salt("emoji")
            .max_height(ROWS * CELL)
            .min_scrolled_height(ROWS * CELL)
            .auto_shrink([false, false]);
        area.show_viewport(ui, |ui, seen| {
            let tall = |row: &Row| {
                if matches!(row, Row::Heading(_)) {
                    HEADING
                } else {
                    CELL
                }
            };
            let whole = Vec2::new(ui.available_width(), rows.iter().map(tall).sum());
            let origin = ui.allocate_exact_size(whole, Sense::hover()).0.min;
            let mut top = 0.0;
            for row in rows {
                let height = tall(row);
                let visible = top + height >= seen.top() && top <= seen.bottom();
                let corner = origin + Vec2::new(0.0, top);
                top += height;
                match row {
                    Row::Heading(words) if visible => {
                        heading(ui, corner + Vec2::new(6.0, HEADING / 2.0 + 2.0), words)
                    }
                    Row::Emoji(places) => {
                        if moved && places.contains(&self.at) {
                            ui.scroll_to_rect(Rect::from_min_size(corner, cell), None);
                        }
                        if !visible {
                            continue;
                        }
                        for at in places.clone() {
                            self.look(ui, shown[at]);
                            #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
                            let left = (at - places.start) as f32 * cell.x;
                            let place = Rect::from_min_size(corner + Vec2::new(left, 0.0), cell);
                            if self.cell(ui, place, id.with(at), (at, shown[at])) {
                                picked = Some(shown[at]);
                            }
                        }
                    }
                    Row::Heading(_) => {}
                }
            }
        });
        picked
    }

    /// What turns out to be no picture is not offered in the next frame.
    fn look(&mut self, ui: &Ui, emoji: &Emoji) {
        if !fonts::draws(ui, emoji.glyph) && self.missing.insert(emoji.place) {
            ui.ctx().request_repaint();
        }
    }

    /// One emoji; whether it was clicked. The arrow keys go from one to the next, so Tab does not stop at each.
    fn cell(&mut self, ui: &mut Ui, place: Rect, id: Id, (at, emoji): (usize, &Emoji)) -> bool {
        let tokens = theme::tokens(ui);
        let response = ui.interact(place, id, Sense::CLICK);
        let chosen = at == self.at;
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, emoji.name));
        if response.hovered() && ui.input(|input| input.pointer.is_moving()) {
            self.at = at;
        }
        if chosen {
            ui.painter()
                .rect_filled(place.shrink(1.0), radius::S, tokens.selected);
        }
        let format = fonts::format(fonts::PICTURE, Weight::Regular, tokens.text);
        label::centre(
            ui,
            place.center(),
            fonts::line(ui, emoji.glyph, format, place.width()),
        );
        response.on_hover_cursor(CursorIcon::PointingHand).clicked()
    }
}

fn heading(ui: &Ui, left: egui::Pos2, words: &str) {
    let format = fonts::format(12.0, Weight::Semi, theme::tokens(ui).dim);
    let place = label::left(ui, left, fonts::line(ui, words, format, WIDTH));
    label::name(ui, place, ui.scope_id().with(("heading", words)), words);
}

/// What the emoji is called that Enter would take; told by screen readers as it changes.
fn foot(ui: &mut Ui, emoji: &Emoji) {
    let tokens = theme::tokens(ui);
    let rect = ui
        .allocate_exact_size(Vec2::new(ui.available_width(), FOOT), Sense::hover())
        .0;
    let code = emoji
        .codes()
        .next()
        .map(|code| format!(":{code}:"))
        .unwrap_or_default();
    let room = rect.width() - 12.0;
    let code = fonts::line(
        ui,
        &code,
        fonts::format(12.0, Weight::Regular, tokens.dim),
        room / 2.0,
    );
    let wide = code.size().x;
    let line = rect.center().y + 4.0;
    label::right(ui, pos2(rect.right() - 6.0, line), code);
    let format = fonts::format(13.0, Weight::Medium, tokens.text);
    let galley = fonts::line(ui, emoji.name, format, room - wide - 8.0);
    let place = label::left(ui, pos2(rect.left() + 6.0, line), galley);
    let words = format!("{} {}", emoji.glyph, emoji.name);
    let told = label::name(ui, place, ui.scope_id().with("foot"), &words);
    ui.ctx()
        .accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
}

/// The picker above the composer, with its button.
#[derive(Default)]
pub(super) struct Popup {
    open: bool,
    picker: Picker,
}

impl Popup {
    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// The button at the right end of the composer, and what it opens; what was picked. Closed by the keyboard it gives the
    /// text box (`field`) the keyboard back.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        recent: &[String],
        composer: Rect,
        field: Id,
    ) -> Option<&'static Emoji> {
        let corner = composer.right_bottom() - Vec2::new(13.0 + 2.0 * SIDE + 6.0, 7.0 + SIDE);
        let place = Rect::from_min_size(corner, Vec2::splat(SIDE));
        let clicked = icon::button(ui, place, icon::SMILEY, &tr("emoji-insert"), self.open).clicked();
        let quiet = !ui.memory(|memory| memory.top_modal_layer().is_some());
        let pressed = quiet && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::E));
        let was_open = self.open;
        if clicked || pressed {
            self.open = !self.open;
        }
        let mut picked = None;
        if self.open {
            picked = self.popup(ui, recent, place);
            self.open &= picked.is_none();
        }
        if was_open && !self.open {
            self.picker.forget();
            if pressed || ui.input(|input| input.key_pressed(Key::Escape)) {
                ui.memory_mut(|memory| memory.request_focus(field));
            }
        }
        picked
    }

    fn popup(&mut self, ui: &Ui, recent: &[String], button: Rect) -> Option<&'static Emoji> {
        let tokens = theme::tokens(ui);
        let frame = Frame::new()
            .fill(tokens.surface2)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(radius::L)
            .shadow(egui::Shadow {
                offset: [0, 4],
                blur: 20,
                spread: 0,
                color: tokens.shadow,
            })
            .inner_margin(10);
        let id = ui.scope_id().with("emoji");
        let picker = &mut self.picker;
        let shown = egui::Popup::new(id, ui.ctx().clone(), button, ui.layer_id())
            .kind(PopupKind::Popup)
            .align(RectAlign::TOP_END)
            .gap(10.0)
            .frame(frame)
            .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
            .open_bool(&mut self.open)
            .accessible_name(tr("emoji-insert"))
            .show(|ui| {
                ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 60.0));
                ui.spacing_mut().item_spacing = Vec2::ZERO;
                picker.show(ui, recent)
            });
        shown.and_then(|shown| shown.inner)
    }
}
