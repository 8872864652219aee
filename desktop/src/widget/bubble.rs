//! A message: its text with links, the time and the ticks inline at its end.

use super::{label, link, tick};
use crate::fonts::{self, Weight};
use crate::model::chat::Tick;
use crate::theme::{self, Tokens};
use crate::words::tr;
use egui::text::{LayoutJob, TextWrapping};
use egui::text_selection::LabelSelectionState;
use egui::{CursorIcon, Galley, OpenUrl, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};
use std::ops::Range;
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

/// What a bubble says.
#[derive(Debug, Clone, Copy)]
pub struct Bubble<'a> {
    /// Oneself wrote it.
    pub own: bool,
    /// Text.
    pub text: &'a str,
    /// A kind this version cannot show.
    pub unsupported: bool,
    /// "14:32".
    pub time: &'a str,
    /// How far it is.
    pub tick: Option<Tick>,
}

/// A bubble laid out, not yet placed.
pub struct Laid {
    /// Size of the coloured shape.
    pub size: Vec2,
    body: Arc<Galley>,
    time: Arc<Galley>,
    time_at: Vec2,
    links: Vec<Range<usize>>,
    text: String,
}

/// Lay a bubble out for a pane of this width.
#[must_use]
pub fn lay(ui: &Ui, bubble: Bubble<'_>, width: f32) -> Laid {
    let tokens = theme::tokens(ui);
    let text = if bubble.unsupported {
        tr("message-unsupported")
    } else {
        bubble.text.to_owned()
    };
    let links = if bubble.unsupported {
        Vec::new()
    } else {
        link::find(&text)
    };
    let width_max = (width * WIDTH_PART).min(WIDTH_MAX) - 2.0 * PAD.x;
    let body = fonts::layout_job(ui, job(&text, &links, bubble, tokens, width_max));
    let dim = if bubble.own { tokens.dim_out } else { tokens.dim };
    let time = fonts::line(ui, bubble.time, fonts::format(11.0, Weight::Regular, dim), 120.0);
    let tail = time.size().x
        + if bubble.tick.is_some() {
            TICK_GAP + tick::WIDTH
        } else {
            0.0
        };
    let last = body
        .rows
        .last()
        .map_or(Rect::ZERO, egui::epaint::text::PlacedRow::rect);
    let inline = last.right() + GAP + tail <= width_max;
    let (time_at, inner) = if inline {
        let wide = body.size().x.max(last.right() + GAP + tail);
        (
            Vec2::new(last.right() + GAP, last.top() + TIME_DROP),
            Vec2::new(wide, body.size().y),
        )
    } else {
        let wide = body.size().x.max(tail);
        (
            Vec2::new(wide - tail, body.size().y + 1.0),
            Vec2::new(wide, body.size().y + 16.0),
        )
    };
    Laid {
        size: (inner + 2.0 * PAD).ceil(),
        body,
        time,
        time_at,
        links,
        text,
    }
}

fn job(text: &str, links: &[Range<usize>], bubble: Bubble<'_>, tokens: &Tokens, width: f32) -> LayoutJob {
    let colour = if bubble.unsupported {
        tokens.dim
    } else {
        tokens.text
    };
    let plain = fonts::format(14.0, Weight::Regular, colour);
    let link_colour = if bubble.own {
        tokens.accent_out
    } else {
        tokens.accent
    };
    let mut linked = fonts::format(14.0, Weight::Regular, link_colour);
    linked.underline = Stroke::new(1.0, link_colour);
    let mut job = LayoutJob {
        wrap: TextWrapping::wrap_at_width(width),
        ..LayoutJob::default()
    };
    let mut from = 0;
    for range in links {
        job.append(&text[from..range.start], 0.0, plain.clone());
        job.append(&text[range.clone()], 0.0, linked.clone());
        from = range.end;
    }
    job.append(&text[from..], 0.0, plain);
    job
}

impl Laid {
    /// Paint it; returns the response of the whole bubble, named for screen readers.
    pub fn show(self, ui: &mut Ui, rect: Rect, id: egui::Id, bubble: Bubble<'_>, spoken: &str) -> Response {
        let tokens = theme::tokens(ui);
        let fill = if bubble.own {
            tokens.bubble_out
        } else {
            tokens.bubble_in
        };
        ui.painter().rect_filled(rect, theme::radius::XL, fill);
        let response = ui.interact(rect, id, Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken));
        let at = rect.min + PAD;
        self.follow_links(ui, &response, at);
        let time = Rect::from_min_size(at + self.time_at, self.time.size());
        LabelSelectionState::label_text_selection(ui, &response, at, self.body, tokens.text, Stroke::NONE);
        let end = label::left(ui, time.left_center(), self.time).right();
        if let Some(state) = bubble.tick {
            tick::paint(
                ui.painter(),
                Pos2::new(end + TICK_GAP, time.center().y),
                state,
                tokens,
            );
        }
        response
    }

    fn follow_links(&self, ui: &Ui, response: &Response, at: Pos2) {
        let Some(pointer) = response.hover_pos().filter(|_| !self.links.is_empty()) else {
            return;
        };
        let local = pointer - at;
        if !self.body.rect.contains(local.to_pos2()) {
            return;
        }
        let letter = self.body.cursor_from_pos(local).index;
        let byte = self
            .text
            .char_indices()
            .nth(letter.0)
            .map_or(self.text.len(), |(byte, _)| byte);
        let Some(range) = self.links.iter().find(|range| range.contains(&byte)) else {
            return;
        };
        let url = &self.text[range.clone()];
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
        response.clone().on_hover_text_at_pointer(url);
        if response.clicked() {
            ui.ctx().open_url(OpenUrl::new_tab(url));
        }
    }
}
