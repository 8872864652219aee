//! Completes a name that is being typed after `@`: the members it may be stand above the composer; Up, Down and Enter or Tab
//! choose, Escape puts them away.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::model::mention;
use crate::theme::{self, radius};
use crate::widget::avatar::Place;
use crate::widget::label;
use breeze_protocol::AccountId;
use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Area, CursorIcon, Frame, Id, Key, Modifiers, Order, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2,
};

const ROW: f32 = 42.0;
const WIDTH: f32 = 280.0;
const MARGIN: f32 = 6.0;

/// What the completion remembers.
#[derive(Default)]
pub(super) struct State {
    /// Where the name begins, and what was typed of it.
    typed: Option<(usize, String)>,
    /// The row the keys are at.
    at: usize,
    /// Put away until something else is typed.
    away: bool,
    /// Names were offered in the last frame.
    shown: bool,
    /// The text before and after a name was completed in it, and the letter behind the name: where the caret goes once the
    /// text is there.
    completed: Option<(String, String, usize)>,
}

/// What is offered now.
pub(super) struct Offer {
    people: Vec<AccountId>,
    /// The sign and the caret, bytes.
    place: (usize, usize),
}

impl State {
    /// Whether names are offered: Tab chooses one then, and does not go on to the next control.
    pub(super) fn is_shown(&self) -> bool {
        self.shown
    }

    /// Looks at what is typed, and takes the keys that are meant for the names, before the text box sees them.
    pub(super) fn keys(&mut self, ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, field: Id) -> Option<Offer> {
        self.place_caret(ui, chat, field);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        // Escape has taken the keyboard from the text box already; here it means the names alone.
        if std::mem::take(&mut self.shown) && pressed(Key::Escape) {
            self.away = true;
            ui.memory_mut(|memory| memory.request_focus(field));
            return None;
        }
        if !ui.memory(|memory| memory.has_focus(field)) {
            return None;
        }
        let offer = self.offer(ui, scene, chat, field)?;
        let last = offer.people.len() - 1;
        if pressed(Key::ArrowUp) {
            self.at = self.at.checked_sub(1).unwrap_or(last);
        }
        if pressed(Key::ArrowDown) {
            self.at = if self.at >= last { 0 } else { self.at + 1 };
        }
        self.at = self.at.min(last);
        if pressed(Key::Enter) || pressed(Key::Tab) {
            self.choose(ui, scene, chat, field, (offer.place, offer.people[self.at]));
            return None;
        }
        self.shown = true;
        Some(offer)
    }

    fn offer(&mut self, ui: &Ui, scene: &Scene<'_>, chat: &Chat, field: Id) -> Option<Offer> {
        let caret = chat.group.as_ref().and_then(|_| caret(ui, chat, field));
        let found = caret.and_then(|caret| Some((mention::begun(&chat.draft, caret)?, caret)));
        let typed = found.map(|(at, caret)| (at, chat.draft[at + 1..caret].to_owned()));
        if self.typed != typed {
            (self.at, self.away) = (0, false);
            self.typed = typed;
        }
        let (at, caret) = found.filter(|_| !self.away)?;
        let people = scene.model.offered(chat.conv, &chat.draft[at + 1..caret]);
        (!people.is_empty()).then_some(Offer {
            people,
            place: (at, caret),
        })
    }

    /// Draws the names above the composer.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        chat: &Chat,
        field: Id,
        (offer, under): (&Offer, Rect),
    ) {
        let tokens = theme::tokens(ui);
        #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
        let height = offer.people.len() as f32 * ROW + 2.0 * MARGIN;
        let corner = pos2(under.left(), under.top() - height - 6.0);
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
            .inner_margin(MARGIN);
        let chosen = Area::new(ui.scope_id().with("mentions"))
            .order(Order::Foreground)
            .fixed_pos(corner)
            .show(ui.ctx(), |ui| {
                let rows = |ui: &mut Ui| {
                    ui.set_width(WIDTH);
                    ui.spacing_mut().item_spacing = Vec2::ZERO;
                    let mut chosen = None;
                    for (at, account) in offer.people.iter().enumerate() {
                        if self.row(ui, scene, at, *account) {
                            chosen = Some(*account);
                        }
                    }
                    chosen
                };
                frame.show(ui, rows).inner
            });
        if let Some(account) = chosen.inner {
            self.choose(ui, scene, chat, field, (offer.place, account));
        }
    }

    /// Puts somebody's name into the text.
    fn choose(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        chat: &Chat,
        field: Id,
        (place, account): ((usize, usize), AccountId),
    ) {
        let (text, caret) = scene.model.complete(&chat.draft, place, account);
        self.completed = Some((chat.draft.clone(), text.clone(), text[..caret].chars().count()));
        ui.memory_mut(|memory| memory.request_focus(field));
        scene.act(Action::Compose(chat.conv, text));
    }

    /// The text box keeps the caret inside the text it has, so it goes behind a completed name one frame later.
    fn place_caret(&mut self, ui: &Ui, chat: &Chat, field: Id) {
        let Some((before, text, letter)) = self.completed.take() else {
            return;
        };
        if chat.draft != text {
            self.completed = Some((before, text, letter)).filter(|(before, ..)| *before == chat.draft);
            return;
        }
        let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
        let end = CCursor::new(letter);
        state.cursor.set_char_range(Some(CCursorRange::one(end)));
        state.store(ui.ctx(), field);
    }

    fn row(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, at: usize, account: AccountId) -> bool {
        let tokens = theme::tokens(ui);
        let (rect, response) = ui.allocate_exact_size(Vec2::new(WIDTH, ROW), Sense::click());
        let name = scene.model.name_of(account);
        let username = scene
            .model
            .people
            .get(&account)
            .map_or_else(String::new, |person| format!("@{}", person.username));
        let spoken = format!("{name} {username}");
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, at == self.at, &spoken));
        if response.hovered() && ui.input(|input| input.pointer.is_moving()) {
            self.at = at;
        }
        let behind = if at == self.at {
            ui.painter().rect_filled(rect, radius::S, tokens.selected);
            tokens.selected
        } else {
            tokens.surface2
        };
        let portrait = scene.model.portrait(account, scene.now);
        let place = Place {
            centre: rect.left_center() + Vec2::new(22.0, 0.0),
            diameter: 30.0,
            behind,
        };
        scene.picture(ui, &portrait, &name, place);
        let left = rect.left() + 46.0;
        let room = rect.right() - left - 8.0;
        let first = fonts::line(ui, &name, fonts::format(14.0, Weight::Medium, tokens.text), room);
        let wide = first.size().x;
        label::left(ui, pos2(left, rect.center().y), first);
        let rest = room - wide - 8.0;
        if rest > 30.0 {
            let second = fonts::line(
                ui,
                &username,
                fonts::format(13.0, Weight::Regular, tokens.dim),
                rest,
            );
            label::left(ui, pos2(left + wide + 8.0, rect.center().y), second);
        }
        response.on_hover_cursor(CursorIcon::PointingHand).clicked()
    }
}

/// The caret's place in the composer, bytes; `None` without a caret, or with something selected.
fn caret(ui: &Ui, chat: &Chat, field: Id) -> Option<usize> {
    let range = TextEditState::load(ui.ctx(), field)?.cursor.char_range()?;
    if range.primary.index != range.secondary.index {
        return None;
    }
    let letters = chat.draft.char_indices().map(|(at, _)| at);
    letters.chain([chat.draft.len()]).nth(range.primary.index.0)
}
