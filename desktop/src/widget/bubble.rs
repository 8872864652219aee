//! A message: what it answers, its text, the time and the ticks inline at its end.

use super::body::{self, Body};
use super::{icon, label, tick};
use crate::fonts::{self, Weight};
use crate::model::chat::Tick;
use crate::model::mention::Mention;
use crate::theme::{self, Tokens};
use crate::words::tr;
use breeze_protocol::AccountId;
use egui::text::TextFormat;
use egui::{CursorIcon, Galley, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};
use std::sync::Arc;

/// No bubble is wider than this,
pub const WIDTH_MAX: f32 = 560.0;
/// nor than this part of the pane.
pub const WIDTH_PART: f32 = 0.72;
const PAD: Vec2 = Vec2::new(12.0, 8.0);
const GAP: f32 = 8.0;
const TICK_GAP: f32 = 4.0;
/// The time stands on the text's own line.
const TIME_DROP: f32 = 4.0;
/// What stands before the time of a pinned message.
const PIN: f32 = 14.0;
/// Height of a line that holds the time alone.
const TIME_ROW: f32 = 18.0;
/// Height of the two lines that name what is answered, and the space below them.
const QUOTE: f32 = 38.0;
const QUOTE_GAP: f32 = 6.0;
/// What stands left of the letters of a quote, with its bar.
const QUOTE_PAD: f32 = 11.0;

/// What a message answers.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a> {
    /// Who wrote that.
    pub who: &'a str,
    /// What it says, or what is the matter with it.
    pub text: &'a str,
    /// The text is words of Breeze, not of that person.
    pub told: bool,
}

/// What a bubble says.
#[derive(Debug, Clone, Copy)]
pub struct Bubble<'a> {
    /// Oneself wrote it.
    pub own: bool,
    /// Text.
    pub text: &'a str,
    /// Who is named in it.
    pub mentions: &'a [Mention],
    /// Words of Breeze in place of the text: it cannot be shown, or is deleted.
    pub told: Option<&'a str>,
    /// What it answers.
    pub quote: Option<Quoted<'a>>,
    /// Room kept above the text, for files; zero for none.
    pub room: Vec2,
    /// "14:32", or "edited 14:32".
    pub time: &'a str,
    /// How far it is.
    pub tick: Option<Tick>,
    /// It is pinned to the top of its chat.
    pub pinned: bool,
}

/// A bubble laid out, not yet placed.
pub struct Laid {
    /// Size of the coloured shape.
    pub size: Vec2,
    body: Body,
    quote: Option<(Arc<Galley>, Arc<Galley>)>,
    time: Arc<Galley>,
    time_at: Vec2,
}

/// What came of a bubble on the screen.
pub struct Shown {
    /// The whole bubble.
    pub response: Response,
    /// What it answers was clicked.
    pub quote_clicked: bool,
    /// Somebody named in it was clicked.
    pub person: Option<AccountId>,
    /// Where the room for files is.
    pub room: Rect,
}

/// Lay a bubble out for a pane of this width.
#[must_use]
pub fn lay(ui: &Ui, bubble: Bubble<'_>, width: f32) -> Laid {
    let tokens = theme::tokens(ui);
    let width_max = (width * WIDTH_PART).min(WIDTH_MAX) - 2.0 * PAD.x;
    let dim = if bubble.own { tokens.dim_out } else { tokens.dim };
    let body = match bubble.told {
        Some(words) => body::plain(ui, words, fonts::format(14.0, Weight::Regular, dim), width_max),
        None => body::lay(ui, (bubble.text, bubble.mentions), bubble.own, width_max),
    };
    let quote = bubble
        .quote
        .map(|quote| lay_quote(ui, quote, bubble.own, width_max));
    let wide = quote.as_ref().map_or(0.0, |(who, text)| {
        who.size().x.max(text.size().x) + QUOTE_PAD + GAP
    });
    let wide = wide.max(bubble.room.x);
    let time = fonts::line(ui, bubble.time, fonts::format(11.0, Weight::Regular, dim), 160.0);
    let tail = time.size().x
        + if bubble.pinned { PIN } else { 0.0 }
        + if bubble.tick.is_some() {
            TICK_GAP + tick::WIDTH
        } else {
            0.0
        };
    let rows = &body.galley;
    let last = rows
        .rows
        .last()
        .map_or(Rect::ZERO, egui::epaint::text::PlacedRow::rect);
    let inline = last.right() + GAP + tail <= width_max;
    let (time_at, inner) = if inline {
        let wide = wide.max(rows.size().x).max(last.right() + GAP + tail);
        if bubble.room.y > 0.0 && bubble.text.is_empty() {
            // Under files without a word the time has a line of its own.
            (Vec2::new(wide - tail, TIME_DROP - 2.0), Vec2::new(wide, TIME_ROW))
        } else {
            let at = Vec2::new(last.right() + GAP, last.top() + TIME_DROP);
            (at, Vec2::new(wide, rows.size().y))
        }
    } else {
        let wide = wide.max(rows.size().x).max(tail);
        (
            Vec2::new(wide - tail, rows.size().y + 1.0),
            Vec2::new(wide, rows.size().y + 16.0),
        )
    };
    let top = if quote.is_some() { QUOTE + QUOTE_GAP } else { 0.0 };
    let top = top
        + if bubble.room.y > 0.0 {
            bubble.room.y + QUOTE_GAP
        } else {
            0.0
        };
    Laid {
        size: (inner + Vec2::new(0.0, top) + 2.0 * PAD).ceil(),
        body,
        quote,
        time,
        time_at: time_at + Vec2::new(0.0, top),
    }
}

fn lay_quote(ui: &Ui, quote: Quoted<'_>, own: bool, width: f32) -> (Arc<Galley>, Arc<Galley>) {
    let tokens = theme::tokens(ui);
    let (_, dim) = inks(own, tokens);
    let width = width - QUOTE_PAD - GAP;
    let text: TextFormat = TextFormat {
        italics: quote.told,
        ..fonts::format(13.0, Weight::Regular, dim)
    };
    (
        fonts::line(ui, quote.who, fonts::format(13.0, Weight::Medium, dim), width),
        fonts::line(ui, quote.text, text, width),
    )
}

fn inks(own: bool, tokens: &Tokens) -> (egui::Color32, egui::Color32) {
    if own {
        (tokens.accent_out, tokens.dim_out)
    } else {
        (tokens.accent, tokens.dim)
    }
}

impl Laid {
    /// Paint it; tells of the whole bubble, named for screen readers.
    pub fn show(self, ui: &mut Ui, rect: Rect, id: egui::Id, bubble: Bubble<'_>, spoken: &str) -> Shown {
        let tokens = theme::tokens(ui);
        let fill = if bubble.own {
            tokens.bubble_out
        } else {
            tokens.bubble_in
        };
        ui.painter().rect_filled(rect, theme::radius::XL, fill);
        let response = ui.interact(rect, id, Sense::CLICK | Sense::DRAG | Sense::FOCUSABLE);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken));
        let mut at = rect.min + PAD;
        let mut quote_clicked = false;
        if let (Some(galleys), Some(quote)) = (self.quote, bubble.quote) {
            let place = Rect::from_min_size(at, Vec2::new(rect.width() - 2.0 * PAD.x, QUOTE));
            quote_clicked = show_quote(ui, place, id, (quote, galleys), bubble.own);
            at.y += QUOTE + QUOTE_GAP;
        }
        let room = Rect::from_min_size(at, bubble.room);
        if bubble.room.y > 0.0 {
            at.y += bubble.room.y + QUOTE_GAP;
        }
        let person = self.body.show(ui, &response, at, bubble.own);
        let mut time = Rect::from_min_size(rect.min + PAD + self.time_at, self.time.size());
        if bubble.pinned {
            let (_, dim) = inks(bubble.own, tokens);
            let centre = time.left_center() + Vec2::new(PIN / 2.0 - 2.0, 0.0);
            icon::paint(ui.painter(), centre, icon::PIN, 12.0, dim);
            time = time.translate(Vec2::new(PIN, 0.0));
        }
        let end = label::left(ui, time.left_center(), self.time).right();
        if let Some(state) = bubble.tick {
            tick::paint(
                ui.painter(),
                Pos2::new(end + TICK_GAP, time.center().y),
                state,
                tokens,
            );
        }
        super::focus_ring(ui, &response, rect, theme::radius::XL);
        Shown {
            response,
            quote_clicked,
            person,
            room,
        }
    }
}

/// The two lines above an answer; whether they were clicked.
fn show_quote(
    ui: &mut Ui,
    rect: Rect,
    id: egui::Id,
    (quote, (who, text)): (Quoted<'_>, (Arc<Galley>, Arc<Galley>)),
    own: bool,
) -> bool {
    let tokens = theme::tokens(ui);
    let (ink, _) = inks(own, tokens);
    let bubble = if own { tokens.bubble_out } else { tokens.bubble_in };
    let response = ui
        .interact(rect, id.with("quote"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let spoken = format!("{} {}: {}", tr("message-answers"), quote.who, quote.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    if response.hovered() {
        let ground = rect.expand2(Vec2::new(4.0, 2.0));
        ui.painter()
            .rect_filled(ground, theme::radius::S, bubble.lerp_to_gamma(ink, 0.1));
    }
    let bar = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height()));
    ui.painter().rect_filled(bar, 1.5, ink);
    let left = rect.left() + QUOTE_PAD;
    label::left(ui, pos2(left, rect.top() + 10.0), who);
    label::left(ui, pos2(left, rect.top() + 28.0), text);
    super::focus_ring(ui, &response, rect, theme::radius::S);
    response.clicked()
}
