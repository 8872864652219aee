//! A small pill with an emoji and a count.

use super::label;
use crate::fonts::{self, Weight};
use crate::theme;
use egui::{CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2};

/// Height of a chip.
pub const HEIGHT: f32 = 24.0;

/// How wide a chip is.
#[must_use]
pub fn width(ui: &Ui, emoji: &str, count: usize) -> f32 {
    let (picture, number) = letters(ui, emoji, count, theme::tokens(ui).dim);
    (picture.size().x + number.size().x + 21.0).ceil()
}

/// Paints one; `on` is highlighted as one's own.
pub fn show(
    ui: &mut Ui,
    rect: Rect,
    id: egui::Id,
    (emoji, count): (&str, usize),
    on: bool,
    name: &str,
) -> Response {
    let tokens = theme::tokens(ui);
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    let (fill, line, ink) = match (on, response.hovered()) {
        (true, _) => (tokens.selected, tokens.accent, tokens.accent),
        (false, true) => (tokens.hover, tokens.line, tokens.text),
        (false, false) => (tokens.surface2, tokens.line, tokens.dim),
    };
    ui.painter().rect_filled(rect, HEIGHT / 2.0, fill);
    ui.painter()
        .rect_stroke(rect, HEIGHT / 2.0, Stroke::new(1.0, line), StrokeKind::Inside);
    let (picture, number) = letters(ui, emoji, count, ink);
    let middle = rect.center().y;
    let end = label::left(ui, pos2(rect.left() + 8.0, middle), picture).right();
    label::left(ui, pos2(end + 5.0, middle), number);
    super::focus_ring(ui, &response, rect.expand(2.0), theme::radius::L);
    response
}

type Letters = (std::sync::Arc<egui::Galley>, std::sync::Arc<egui::Galley>);

fn letters(ui: &Ui, emoji: &str, count: usize, ink: egui::Color32) -> Letters {
    let picture = fonts::line(ui, emoji, fonts::format(13.0, Weight::Regular, ink), 60.0);
    let number = fonts::line(
        ui,
        &count.to_string(),
        fonts::format(12.0, Weight::Medium, ink),
        60.0,
    );
    (picture, number)
}

/// Where chips of these widths stand, row by row, from the left of a line this wide; and how tall they are together.
#[must_use]
pub fn rows(widths: &[f32], width: f32) -> (Vec<Vec2>, f32) {
    const GAP: f32 = 4.0;
    let (mut at, mut places) = (Vec2::ZERO, Vec::with_capacity(widths.len()));
    for wide in widths {
        if at.x > 0.0 && at.x + wide > width {
            at = Vec2::new(0.0, at.y + HEIGHT + GAP);
        }
        places.push(at);
        at.x += wide + GAP;
    }
    let height = if widths.is_empty() {
        0.0
    } else {
        at.y + HEIGHT + GAP
    };
    (places, height)
}
