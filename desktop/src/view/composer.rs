//! Where one writes: grows to eight rows, Enter sends, never while an input method composes.

use super::{Scene, about, attach, completion, emoji};
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::model::entry_acts::{About, EntryAct};
use crate::model::files::FileAct;
use crate::theme::{self, radius};
use crate::widget::{self, button, icon, label};
use crate::words::{tr, tr_with};
use breeze_protocol::ConvId;
use breeze_protocol::message::item::Relation;
use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Color32, CursorIcon, Event, FontId, ImeEvent, Key, KeyboardShortcut, Modifiers, Rect, Role, ScrollArea,
    Sense, Stroke, StrokeKind, TextBuffer, TextEdit, Ui, Vec2, WidgetInfo, pos2,
};

const MARGIN: f32 = 16.0;
const LEAST: f32 = 48.0;
const ROW: f32 = 20.0;
const ROWS_MAX: f32 = 8.0;
/// The last rows of the limit are counted down, bytes.
const NEAR: usize = 500;
const COUNTER: f32 = 22.0;
const SEND: f32 = 34.0;
/// Room behind the text, for the emoji and the arrow.
const END: f32 = SEND + 26.0 + emoji::SIDE;

/// What the composer remembers.
#[derive(Default)]
pub(super) struct State {
    conv: Option<ConvId>,
    /// An input method shows letters that are not decided yet.
    composing: bool,
    /// What the text was for in the last frame.
    about: Option<About>,
    /// What is offered while it is typed.
    completion: completion::State,
    /// The emoji to pick from.
    emoji: emoji::Popup,
    /// What was typed behind an Enter within one slow frame: it belongs to the next message.
    later: Vec<Event>,
}

impl State {
    /// Whether Escape closes something here, and nothing else.
    pub(super) fn takes_escape(&self) -> bool {
        self.completion.is_shown() || self.emoji.is_open()
    }

    /// Something else stands in its place; when it comes back it has the keyboard.
    pub(super) fn put_away(&mut self) {
        self.conv = None;
    }

    /// Height wanted at this width.
    pub(super) fn height(&self, ui: &Ui, scene: &Scene<'_>, chat: &Chat, width: f32) -> f32 {
        if blocked(scene, chat) {
            return LEAST + MARGIN;
        }
        let counter = if chat.draft.len() + NEAR > scene.model.body_limit() {
            COUNTER
        } else {
            0.0
        };
        box_height(ui, scene, &chat.draft, width) + MARGIN + counter + about::height(chat)
    }

    pub(super) fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat) {
        let pane = ui.max_rect();
        let tokens = theme::tokens(ui);
        if blocked(scene, chat) {
            let galley = fonts::line(
                ui,
                &tr("composer-closed"),
                dim(13.0, tokens.dim),
                pane.width() - 2.0 * MARGIN,
            );
            label::centre(ui, pane.center(), galley);
            label::name(ui, pane, ui.scope_id().with("closed"), &tr("composer-closed"));
            return;
        }
        let height = box_height(ui, scene, &chat.draft, pane.width());
        let rect = Rect::from_min_max(
            pos2(pane.left() + MARGIN, pane.bottom() - MARGIN - height),
            pos2(pane.right() - MARGIN, pane.bottom() - MARGIN),
        );
        let over = chat.draft.len() > scene.model.body_limit();
        let later = std::mem::take(&mut self.later);
        if self.conv == Some(chat.conv) {
            ui.input_mut(|input| drop(input.events.splice(0..0, later)));
        }
        self.keys(ui, scene, chat);
        let counted = chat.draft.len() + NEAR > scene.model.body_limit();
        let above = if counted { COUNTER } else { 0.0 };
        about::show(ui, scene, chat, rect.translate(Vec2::new(0.0, -above)));
        if counted {
            counter(ui, scene, chat, rect);
            if over && scene.model.may_attach(chat.conv) {
                as_file(ui, scene, chat, rect);
            }
        }
        let ground = ui.painter().add(egui::Shape::Noop);
        let field = field_id(ui);
        let offer = if self.composing {
            None
        } else {
            self.completion.keys(ui, scene, chat, field)
        };
        let entered = self.enter(ui, scene, field);
        let has_focus = ui.memory(|memory| memory.has_focus(field));
        attach::pasted(ui, scene, chat, has_focus);
        let (focused, sendable) = self.text(ui, scene, chat, rect);
        let edge = match (over, focused) {
            (true, _) => Stroke::new(1.5, tokens.danger),
            (false, true) => Stroke::new(1.0, tokens.accent.gamma_multiply(0.6)),
            (false, false) => Stroke::new(1.0, tokens.line),
        };
        let shape = egui::epaint::RectShape::new(rect, radius::XL, tokens.surface2, edge, StrokeKind::Inside);
        ui.painter().set(ground, shape);
        if scene.model.files.are_taken() {
            attach::button(ui, scene, chat, rect);
        }
        let recent = &scene.model.settings.recent_emoji;
        if let Some(emoji) = self.emoji.show(ui, recent, rect, field) {
            self.completion.insert(ui, scene, chat, field, emoji);
        }
        if let Some(offer) = &offer {
            self.completion.show(ui, scene, chat, field, (offer, rect));
        }
        let clicked = send_button(ui, rect, sendable);
        if (entered || clicked) && sendable {
            scene.act(Action::Send(chat.conv));
        }
    }

    /// Up in an empty composer brings one's own newest message back; what the composer is for from now on puts the
    /// cursor at its end.
    fn keys(&mut self, ui: &Ui, scene: &mut Scene<'_>, chat: &Chat) {
        let field = field_id(ui);
        let focused = ui.memory(|memory| memory.has_focus(field));
        let plain = focused && chat.draft.is_empty() && chat.about.is_none() && !self.composing;
        if plain && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowUp)) {
            scene.act(Action::Entry(chat.conv, EntryAct::EditLast));
        }
        if self.about != chat.about && self.conv == Some(chat.conv) {
            ui.memory_mut(|memory| memory.request_focus(field));
            let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
            let end = CCursor::new(chat.draft.chars().count());
            state.cursor.set_char_range(Some(CCursorRange::one(end)));
            state.store(ui.ctx(), field);
        }
        self.about.clone_from(&chat.about);
    }

    /// Whether Enter was pressed to send. Taken before the text box sees it.
    fn enter(&mut self, ui: &Ui, scene: &Scene<'_>, field: egui::Id) -> bool {
        let (ime, composing) = ui.input(|input| {
            let mut composing = self.composing;
            let mut any = false;
            for event in &input.events {
                let Event::Ime(ime) = event else { continue };
                any = true;
                composing = matches!(ime, ImeEvent::Preedit { text, .. } if !text.is_empty());
            }
            (any, composing)
        });
        let busy = ime || self.composing || composing;
        self.composing = composing;
        if !ui.memory(|memory| memory.has_focus(field)) {
            return false;
        }
        let modifiers = if scene.model.settings.ctrl_enter_sends {
            Modifiers::COMMAND
        } else {
            Modifiers::NONE
        };
        // Exactly these modifiers: Shift+Enter is a new line and stays in the queue for the text box.
        let exact = |event: &Event| match event {
            Event::Key {
                key: Key::Enter,
                pressed: true,
                modifiers: held,
                ..
            } => held.matches_exact(modifiers),
            _ => false,
        };
        if busy {
            ui.input_mut(|input| input.events.retain(|event| !exact(event)));
            return false;
        }
        let typed = |event: &Event| matches!(event, Event::Text(_) | Event::Paste(_) | Event::Key { .. });
        let pressed = ui.input_mut(|input| {
            let at = input.events.iter().position(exact)?;
            let behind = input.events.split_off(at);
            let (later, others): (Vec<_>, Vec<_>) = behind.into_iter().skip(1).partition(typed);
            input.events.extend(others);
            Some(later)
        });
        let Some(later) = pressed else {
            return false;
        };
        if !later.is_empty() {
            ui.ctx().request_repaint();
        }
        self.later = later;
        true
    }

    /// The text box. Whether it has the keyboard, and whether what it holds now can be sent.
    fn text(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, rect: Rect) -> (bool, bool) {
        let tokens = theme::tokens(ui);
        let inside = text_rect(scene, rect);
        let mut buffer = chat.draft.clone();
        let id = field_id(ui);
        let name = self.name(scene, chat);
        let mut set = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
            fonts::lines(
                ui,
                text.as_str(),
                fonts::format(14.0, Weight::Regular, tokens.text),
                width,
            )
        };
        let newline = if scene.model.settings.ctrl_enter_sends {
            Modifiers::NONE
        } else {
            Modifiers::SHIFT
        };
        let edit = TextEdit::multiline(&mut buffer)
            .id(id)
            .font(FontId::proportional(14.0))
            .frame(egui::Frame::NONE)
            .margin(egui::Margin::ZERO)
            .desired_rows(1)
            .desired_width(inside.width())
            .lock_focus(self.completion.is_shown())
            .return_key(KeyboardShortcut::new(newline, Key::Enter))
            .layouter(&mut set);
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inside).id_salt("draft"));
        let area = ScrollArea::vertical()
            .max_height(inside.height())
            .auto_shrink([false, false]);
        let response = area
            .show(&mut child, |ui| edit.show(ui).response.response)
            .inner
            .accessible_name(&name);
        // Whoever picks the chat that is open already means to write, too; the click took the cursor away.
        let picked = |action: &Action| matches!(action, Action::OpenChat(_) | Action::OpenPerson(_));
        if self.conv != Some(chat.conv) || scene.actions.iter().any(picked) {
            self.conv = Some(chat.conv);
            response.request_focus();
        }
        if buffer.is_empty() && !self.composing {
            let galley = fonts::line(ui, &name, dim(14.0, tokens.dim), inside.width());
            label::left(ui, pos2(inside.left(), inside.top() + ROW / 2.0), galley);
        }
        let sendable = scene.model.can_send_text(chat.conv, &buffer);
        if response.changed() && buffer != chat.draft {
            scene.act(Action::Compose(chat.conv, buffer));
        }
        (response.has_focus(), sendable)
    }

    #[expect(clippy::unused_self, reason = "reads as a property of the composer")]
    fn name(&self, scene: &Scene<'_>, chat: &Chat) -> String {
        if chat.is_saved(scene.model.me.account) {
            return tr("saved-hint");
        }
        let name = scene.model.chat_name(chat);
        tr_with("composer-hint", &[("name", name.into())])
    }
}

/// Nothing can be written to somebody one has blocked.
fn blocked(scene: &Scene<'_>, chat: &Chat) -> bool {
    scene
        .model
        .people
        .get(&chat.other)
        .is_some_and(|person| person.relation == Some(Relation::Blocked))
}

fn field_id(ui: &Ui) -> egui::Id {
    ui.scope_id().with("text")
}

fn dim(size: f32, colour: Color32) -> egui::TextFormat {
    fonts::format(size, Weight::Regular, colour)
}

/// Where the text begins: behind the paper clip, where there is one.
fn indent(scene: &Scene<'_>) -> f32 {
    if scene.model.files.are_taken() {
        attach::SIDE + 14.0
    } else {
        18.0
    }
}

fn text_rect(scene: &Scene<'_>, rect: Rect) -> Rect {
    Rect::from_min_max(
        rect.min + Vec2::new(indent(scene), 14.0),
        rect.max - Vec2::new(END, 14.0),
    )
}

fn box_height(ui: &Ui, scene: &Scene<'_>, draft: &str, width: f32) -> f32 {
    let inner = width - 2.0 * MARGIN - indent(scene) - END;
    let format = fonts::format(14.0, Weight::Regular, theme::tokens(ui).text);
    let tall = fonts::lines(ui, draft, format, inner).size().y;
    LEAST - ROW + tall.clamp(ROW, ROW * ROWS_MAX)
}

fn send_button(ui: &mut Ui, rect: Rect, enabled: bool) -> bool {
    let tokens = theme::tokens(ui);
    let place = Rect::from_min_size(
        pos2(rect.right() - 13.0 - SEND, rect.bottom() - 7.0 - SEND),
        Vec2::splat(SEND),
    );
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(place, ui.scope_id().with("send"), sense);
    let words = tr("composer-send");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, &words));
    let hovered = response.hovered() && enabled;
    let fill = if hovered {
        tokens.accent.lerp_to_gamma(tokens.text, 0.1)
    } else {
        tokens.accent
    };
    ui.painter().rect_filled(place, radius::M, fill);
    icon::paint(ui.painter(), place.center(), icon::SEND, 17.0, tokens.on_accent);
    if response.has_focus() {
        let ring = Stroke::new(2.0, tokens.text);
        ui.painter()
            .rect_stroke(place.expand(2.0), radius::L, ring, StrokeKind::Inside);
    }
    widget::focus_ring(ui, &response, place.expand(3.0), radius::L);
    let response = if enabled {
        response.on_hover_cursor(CursorIcon::PointingHand)
    } else {
        response
    };
    response.on_hover_text(words).clicked()
}

fn counter(ui: &Ui, scene: &Scene<'_>, chat: &Chat, rect: Rect) {
    let tokens = theme::tokens(ui);
    let limit = scene.model.body_limit();
    let (words, ink) = if chat.draft.len() > limit {
        let over = letters_over(&chat.draft, limit);
        (
            tr_with("composer-over", &[("count", (over as u64).into())]),
            tokens.danger,
        )
    } else {
        let left = (limit - chat.draft.len()) as u64;
        (tr_with("composer-left", &[("count", left.into())]), tokens.dim)
    };
    let galley = fonts::line(ui, &words, fonts::format(12.0, Weight::Medium, ink), rect.width());
    let place = label::right(ui, pos2(rect.right() - 4.0, rect.top() - COUNTER / 2.0), galley);
    label::name(ui, place, ui.scope_id().with("counter"), &words);
}

/// A text too long for a message can go as a file.
fn as_file(ui: &mut Ui, scene: &mut Scene<'_>, chat: &Chat, rect: Rect) {
    let (words, ink) = (tr("file-as-text"), theme::tokens(ui).accent);
    let wide = fonts::line(ui, &words, fonts::format(12.0, Weight::Medium, ink), rect.width())
        .size()
        .x;
    let place = Rect::from_min_size(
        pos2(rect.left() + 4.0, rect.top() - COUNTER),
        Vec2::new(wide + 12.0, COUNTER),
    );
    if button::words_at(ui, place, &words, 12.0, ink).clicked() {
        scene.act(Action::File(FileAct::OfferText(chat.conv)));
    }
}

/// Letters to take away from the end until the text fits.
fn letters_over(text: &str, limit: usize) -> usize {
    text.char_indices()
        .filter(|(at, letter)| at + letter.len_utf8() > limit)
        .count()
}

#[cfg(test)]
mod tests {
    use super::letters_over;

    #[test]
    fn letters_are_counted_not_bytes() {
        assert_eq!(letters_over("abcdef", 4), 2);
        assert_eq!(letters_over("晚上一起", 6), 2);
        assert_eq!(letters_over("晚上", 5), 1);
        assert_eq!(letters_over("abc", 3), 0);
    }
}
