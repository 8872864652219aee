//! The text of a message laid out: light markdown, addresses that open on a click, blocks of code, quotes.

use super::markdown::{self, Show, Style};
use crate::fonts::{self, Weight};
use crate::model::mention::Mention;
use crate::theme::{self, Tokens};
use breeze_protocol::AccountId;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::text_selection::LabelSelectionState;
use egui::{Color32, CursorIcon, Galley, OpenUrl, Pos2, Rect, Response, Stroke, Ui, Vec2, pos2};
use std::ops::Range;
use std::sync::Arc;

/// Width of the bar before quoted lines, and how far left of them it stands.
const BAR: Vec2 = Vec2::new(3.0, 8.0);
/// How far the ground of a block of code reaches beyond its letters.
const GROUND: f32 = 5.0;

/// A text laid out, not yet placed.
pub struct Body {
    /// Its rows.
    pub galley: Arc<Galley>,
    /// Addresses in it, in letters, and where each leads.
    links: Vec<(Range<usize>, String)>,
    /// People named in it, in letters.
    people: Vec<(Range<usize>, AccountId)>,
    /// Quoted lines and blocks of code in it, in letters.
    quotes: Vec<Range<usize>>,
    blocks: Vec<Range<usize>>,
}

/// Lays a text out at this width, with the people named in it; `own` has the ink of one's own bubble.
#[must_use]
pub fn lay(ui: &Ui, (text, mentions): (&str, &[Mention]), own: bool, width: f32) -> Body {
    let tokens = theme::tokens(ui);
    let (mut links, mut quotes, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    let mut people = Vec::new();
    let mut job = LayoutJob {
        wrap: TextWrapping::wrap_at_width(width),
        ..LayoutJob::default()
    };
    let mut letters = 0;
    for part in markdown::parse(text) {
        let shown = match part.show {
            Show::Nothing => continue,
            Show::Dot => "•",
            Show::Text => &text[part.range.clone()],
        };
        let from = letters;
        letters += shown.chars().count();
        if part.style.link {
            links.push((from..letters, shown.to_owned()));
        }
        if part.style.quote {
            quotes.push(from..letters);
        }
        if part.style.block {
            blocks.push(from..letters);
        }
        let format = format(part.style, own, tokens);
        if part.style.link || part.style.code || part.show == Show::Dot {
            job.append(shown, 0.0, format);
            continue;
        }
        let mut done = part.range.start;
        for mention in mentions.iter().filter(|it| inside(&it.range, &part.range)) {
            job.append(&text[done..mention.range.start], 0.0, format.clone());
            let name = &text[mention.range.clone()];
            let at = from + text[part.range.start..mention.range.start].chars().count();
            people.push((at..at + name.chars().count(), mention.account));
            job.append(name, 0.0, named(mention.me, own, tokens, &format));
            done = mention.range.end;
        }
        job.append(&text[done..part.range.end], 0.0, format);
    }
    Body {
        galley: fonts::layout_job(ui, job),
        links,
        people,
        quotes,
        blocks,
    }
}

fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Somebody's name in a text of this format: oneself stands on a ground of its own.
fn named(me: bool, own: bool, tokens: &Tokens, format: &TextFormat) -> TextFormat {
    let ink = if own { tokens.accent_out } else { tokens.accent };
    let mut named = fonts::format(14.0, Weight::Semi, ink);
    named.italics = format.italics;
    if me {
        let bubble = if own { tokens.bubble_out } else { tokens.bubble_in };
        named.background = bubble.lerp_to_gamma(ink, 0.16);
        named.expand_bg = 2.0;
    }
    named
}

/// A plain line of another ink, as for what cannot be shown.
#[must_use]
pub fn plain(ui: &Ui, text: &str, format: TextFormat, width: f32) -> Body {
    Body {
        galley: fonts::lines(ui, text, format, width),
        links: Vec::new(),
        people: Vec::new(),
        quotes: Vec::new(),
        blocks: Vec::new(),
    }
}

fn format(style: Style, own: bool, tokens: &Tokens) -> TextFormat {
    let colour = match (style.link, own, style.quote) {
        (true, true, _) => tokens.accent_out,
        (true, false, _) => tokens.accent,
        (false, true, true) => tokens.dim_out,
        (false, false, true) => tokens.dim,
        (false, _, false) => tokens.text,
    };
    let weight = if style.bold { Weight::Bold } else { Weight::Regular };
    let mut format = if style.code {
        fonts::code(14.0, colour)
    } else {
        fonts::format(14.0, weight, colour)
    };
    format.italics = style.italic;
    if style.link {
        format.underline = Stroke::new(1.0, colour);
    }
    if style.code && !style.block {
        format.background = ground(own, tokens);
        format.expand_bg = 2.0;
    }
    format
}

/// The ground code stands on: a little towards the ink.
fn ground(own: bool, tokens: &Tokens) -> Color32 {
    let bubble = if own { tokens.bubble_out } else { tokens.bubble_in };
    bubble.lerp_to_gamma(tokens.text, 0.09)
}

impl Body {
    /// Paints it at a place; who was clicked, of those named in it.
    pub fn show(self, ui: &Ui, response: &Response, at: Pos2, own: bool) -> Option<AccountId> {
        let tokens = theme::tokens(ui);
        for block in self.rects(&self.blocks) {
            let rect = block.translate(at.to_vec2()).expand2(Vec2::new(GROUND, 2.0));
            ui.painter()
                .rect_filled(rect, theme::radius::S, ground(own, tokens));
        }
        let bar = if own { tokens.accent_out } else { tokens.accent };
        for quote in self.rects(&self.quotes) {
            let top = pos2(at.x - BAR.y, at.y + quote.top() + 2.0);
            let rect = Rect::from_min_max(top, pos2(top.x + BAR.x, at.y + quote.bottom() - 2.0));
            ui.painter().rect_filled(rect, BAR.x / 2.0, bar);
        }
        let person = self.follow(ui, response, at);
        LabelSelectionState::label_text_selection(ui, response, at, self.galley, tokens.text, Stroke::NONE);
        person
    }

    /// The rows these letters stand in, rows that follow each other as one rectangle.
    fn rects(&self, ranges: &[Range<usize>]) -> Vec<Rect> {
        let mut rects: Vec<Rect> = Vec::new();
        if ranges.is_empty() {
            return rects;
        }
        let mut from = 0;
        for row in &self.galley.rows {
            let to = from + row.char_count_including_newline().0;
            let visible = from..to.max(from + 1);
            if ranges
                .iter()
                .any(|range| range.start < visible.end && visible.start < range.end)
            {
                let rect = row.rect();
                match rects.last_mut() {
                    Some(last) if (last.bottom() - rect.top()).abs() < 1.0 => *last = last.union(rect),
                    _ => rects.push(rect),
                }
            }
            from = to;
        }
        rects
    }

    /// Opens the address under the pointer on a click, or tells who is named there.
    fn follow(&self, ui: &Ui, response: &Response, at: Pos2) -> Option<AccountId> {
        let nothing = self.links.is_empty() && self.people.is_empty();
        let pointer = response.hover_pos().filter(|_| !nothing)?;
        let local = pointer - at;
        if !self.galley.rect.contains(local.to_pos2()) {
            return None;
        }
        let letter = self.galley.cursor_from_pos(local).index.0;
        if let Some((_, account)) = self.people.iter().find(|(range, _)| range.contains(&letter)) {
            ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
            return response.clicked().then_some(*account);
        }
        let (_, url) = self.links.iter().find(|(range, _)| range.contains(&letter))?;
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
        response.clone().on_hover_text_at_pointer(url);
        if response.clicked() {
            ui.ctx().open_url(OpenUrl::new_tab(url));
        }
        None
    }
}
