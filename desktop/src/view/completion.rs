//! Completes what is being typed in the composer: a name after `@`, an emoji after `:`. What it may be stands above the
//! composer; Up, Down and Enter or Tab choose, Escape puts it away.

use super::Scene;
use crate::fonts::{self, Weight};
use crate::model::Action;
use crate::model::chat::Chat;
use crate::model::emoji::{self, Emoji};
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
/// Most emoji offered: more are not looked through, another letter is typed.
const EMOJI_MAX: usize = 6;

/// What the completion remembers.
#[derive(Default)]
pub(super) struct State {
    /// Where it begins, and what was typed of it, with its sign.
    typed: Option<(usize, String)>,
    /// The row the keys are at.
    at: usize,
    /// Put away until something else is typed.
    away: bool,
    /// Something was offered in the last frame.
    shown: bool,
    /// The text before and after something was completed in it, and the letter behind that: where the caret goes once the
    /// text is there.
    completed: Option<(String, String, usize)>,
}

/// What a begun word may become.
#[derive(Clone, Copy)]
enum Choice {
    Person(AccountId),
    Emoji(&'static Emoji),
}

/// What is offered now.
pub(super) struct Offer {
    choices: Vec<Choice>,
    /// The sign and the caret, bytes.
    place: (usize, usize),
}

impl State {
    /// Whether something is offered: Tab chooses one then, and does not go on to the next control.
    pub(super) fn is_shown(&self) -> bool {
        self.shown
    }

    /// Looks at what is typed, and takes the keys that are meant for what is offered, before the text box sees them.
    pub(super) fn keys(&mut self, ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, field: Id) -> Option<Offer> {
        self.place_caret(ui, chat, field);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        // Escape has taken the keyboard from the text box already; here it means what is offered alone.
        if std::mem::take(&mut self.shown) && pressed(Key::Escape) {
            self.away = true;
            ui.memory_mut(|memory| memory.request_focus(field));
            return None;
        }
        if !ui.memory(|memory| memory.has_focus(field)) {
            return None;
        }
        let offer = self.offer(ui, scene, chat, field)?;
        let last = offer.choices.len() - 1;
        if pressed(Key::ArrowUp) {
            self.at = self.at.checked_sub(1).unwrap_or(last);
        }
        if pressed(Key::ArrowDown) {
            self.at = if self.at >= last { 0 } else { self.at + 1 };
        }
        self.at = self.at.min(last);
        if pressed(Key::Enter) || pressed(Key::Tab) {
            self.choose(ui, scene, chat, field, (offer.place, offer.choices[self.at]));
            return None;
        }
        self.shown = true;
        Some(offer)
    }

    fn offer(&mut self, ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, field: Id) -> Option<Offer> {
        let caret = caret(ui, chat, field)?;
        if let Some((at, emoji)) = emoji::closed(&chat.draft, caret)
            && self.typed.as_ref().is_some_and(|(before, _)| *before == at)
        {
            self.typed = None;
            self.choose(ui, scene, chat, field, ((at, caret), Choice::Emoji(emoji)));
            return None;
        }
        let name = chat
            .group
            .as_ref()
            .and_then(|_| mention::begun(&chat.draft, caret));
        let found = name.or_else(|| emoji::begun(&chat.draft, caret));
        let typed = found.map(|at| (at, chat.draft[at..caret].to_owned()));
        if self.typed != typed {
            (self.at, self.away) = (0, false);
            self.typed = typed;
        }
        let at = found.filter(|_| !self.away)?;
        let typed = &chat.draft[at + 1..caret];
        let choices: Vec<Choice> = if name.is_some() {
            let people = scene.model.offered(chat.conv, typed);
            people.into_iter().map(Choice::Person).collect()
        } else {
            let found = emoji::search(typed).into_iter();
            let drawn = found.filter(|it| fonts::draws(ui, it.glyph));
            drawn.take(EMOJI_MAX).map(Choice::Emoji).collect()
        };
        (!choices.is_empty()).then_some(Offer {
            choices,
            place: (at, caret),
        })
    }

    /// Draws what is offered above the composer.
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
        let height = offer.choices.len() as f32 * ROW + 2.0 * MARGIN;
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
                    for (at, choice) in offer.choices.iter().enumerate() {
                        if self.row(ui, scene, at, *choice) {
                            chosen = Some(*choice);
                        }
                    }
                    chosen
                };
                frame.show(ui, rows).inner
            });
        if let Some(choice) = chosen.inner {
            self.choose(ui, scene, chat, field, (offer.place, choice));
        }
    }

    /// Puts what was chosen into the text.
    fn choose(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        chat: &Chat,
        field: Id,
        (place, choice): ((usize, usize), Choice),
    ) {
        match choice {
            Choice::Person(account) => {
                let completed = scene.model.complete(&chat.draft, place, account);
                self.write(ui, scene, chat, field, completed);
            }
            Choice::Emoji(emoji) => self.put(ui, scene, chat, field, (place, emoji)),
        }
    }

    /// Puts an emoji in place of these bytes of the text.
    fn put(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        chat: &Chat,
        field: Id,
        ((from, to), emoji): ((usize, usize), &Emoji),
    ) {
        let text = format!("{}{}{}", &chat.draft[..from], emoji.glyph, &chat.draft[to..]);
        scene.act(Action::UsedEmoji(emoji.glyph.to_owned()));
        self.write(ui, scene, chat, field, (text, from + emoji.glyph.len()));
    }

    /// Puts an emoji where the caret was when the composer had the keyboard, in place of what was selected.
    pub(super) fn insert(&mut self, ui: &Ui, scene: &mut Scene<'_>, chat: &Chat, field: Id, emoji: &Emoji) {
        let end = chat.draft.len();
        let range = TextEditState::load(ui.ctx(), field).and_then(|state| state.cursor.char_range());
        let place = range.map_or((end, end), |range| {
            let [from, to] = range.sorted_cursors();
            (byte_of(&chat.draft, from), byte_of(&chat.draft, to))
        });
        self.put(ui, scene, chat, field, (place, emoji));
    }

    /// The text is this from now on, and the caret (bytes) there.
    fn write(
        &mut self,
        ui: &Ui,
        scene: &mut Scene<'_>,
        chat: &Chat,
        field: Id,
        (text, caret): (String, usize),
    ) {
        self.completed = Some((chat.draft.clone(), text.clone(), text[..caret].chars().count()));
        ui.memory_mut(|memory| memory.request_focus(field));
        scene.act(Action::Compose(chat.conv, text));
    }

    /// The text box keeps the caret inside the text it has, so it goes behind what was completed one frame later.
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

    fn row(&mut self, ui: &mut Ui, scene: &mut Scene<'_>, at: usize, choice: Choice) -> bool {
        let tokens = theme::tokens(ui);
        let (rect, response) = ui.allocate_exact_size(Vec2::new(WIDTH, ROW), Sense::click());
        let (name, more) = words(scene, choice);
        let spoken = format!("{name} {more}");
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
        let centre = rect.left_center() + Vec2::new(22.0, 0.0);
        match choice {
            Choice::Person(account) => {
                let portrait = scene.model.portrait(account, scene.now);
                let place = Place {
                    centre,
                    diameter: 30.0,
                    behind,
                };
                scene.picture(ui, &portrait, &name, place);
            }
            Choice::Emoji(emoji) => {
                let format = fonts::format(fonts::PICTURE, Weight::Regular, tokens.text);
                label::centre(ui, centre, fonts::line(ui, emoji.glyph, format, 40.0));
            }
        }
        let left = rect.left() + 46.0;
        let room = rect.right() - left - 8.0;
        let first = fonts::line(ui, &name, fonts::format(14.0, Weight::Medium, tokens.text), room);
        let wide = first.size().x;
        label::left(ui, pos2(left, rect.center().y), first);
        let rest = room - wide - 8.0;
        if rest > 30.0 {
            let second = fonts::line(ui, &more, fonts::format(13.0, Weight::Regular, tokens.dim), rest);
            label::left(ui, pos2(left + wide + 8.0, rect.center().y), second);
        }
        response.on_hover_cursor(CursorIcon::PointingHand).clicked()
    }
}

/// What a row says: the name, and what else there is to say.
fn words(scene: &Scene<'_>, choice: Choice) -> (String, String) {
    match choice {
        Choice::Person(account) => {
            let person = scene.model.people.get(&account);
            let username = person.map_or_else(String::new, |person| format!("@{}", person.username));
            (scene.model.name_of(account), username)
        }
        Choice::Emoji(emoji) => {
            let code = emoji.codes().next().map(|code| format!(":{code}:"));
            (emoji.name.to_owned(), code.unwrap_or_default())
        }
    }
}

/// The caret's place in the composer, bytes; `None` without a caret, or with something selected.
fn caret(ui: &Ui, chat: &Chat, field: Id) -> Option<usize> {
    let range = TextEditState::load(ui.ctx(), field)?.cursor.char_range()?;
    if range.primary.index != range.secondary.index {
        return None;
    }
    Some(byte_of(&chat.draft, range.primary))
}

/// Where a letter begins, bytes.
fn byte_of(text: &str, letter: CCursor) -> usize {
    text.char_indices()
        .nth(letter.index.0)
        .map_or(text.len(), |(at, _)| at)
}
