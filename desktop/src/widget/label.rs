//! Painted text: a line or a paragraph at a place, or in the flow of a dialog, with its role for screen readers.

use crate::fonts::{self, Weight};
use crate::theme;
use egui::{Color32, Galley, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use std::sync::Arc;

/// Paint a galley with its left edge at `x` and its middle at `y`; returns where.
pub fn left(ui: &Ui, at: Pos2, galley: Arc<Galley>) -> Rect {
    let pos = Pos2::new(at.x, at.y - galley.size().y / 2.0);
    let rect = Rect::from_min_size(pos, galley.size());
    ui.painter().galley(pos, galley, Color32::PLACEHOLDER);
    rect
}

/// Paint a galley with its right edge at `x` and its middle at `y`; returns where.
pub fn right(ui: &Ui, at: Pos2, galley: Arc<Galley>) -> Rect {
    let pos = Pos2::new(at.x - galley.size().x, at.y);
    left(ui, pos, galley)
}

/// Paint a galley around a point; returns where.
pub fn centre(ui: &Ui, at: Pos2, galley: Arc<Galley>) -> Rect {
    left(ui, Pos2::new(at.x - galley.size().x / 2.0, at.y), galley)
}

/// Text in the flow, as many lines as it takes.
pub fn flow(ui: &mut Ui, text: &str, size: f32, weight: Weight, colour: Color32) -> Response {
    let galley = fonts::lines(
        ui,
        text,
        fonts::format(size, weight, colour),
        ui.available_width(),
    );
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min, galley, colour);
    response
}

/// A heading in the flow.
pub fn heading(ui: &mut Ui, text: &str) {
    let colour = theme::tokens(ui).text;
    let galley = fonts::lines(
        ui,
        text,
        fonts::format(18.0, Weight::Bold, colour),
        ui.available_width(),
    );
    let (rect, response) = ui.allocate_exact_size(Vec2::new(galley.size().x, 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    ui.painter().galley(rect.min, galley, colour);
}

/// A dim paragraph in the flow.
pub fn dim(ui: &mut Ui, text: &str) -> Response {
    let colour = theme::tokens(ui).dim;
    flow(ui, text, 13.0, Weight::Regular, colour)
}

/// A small label above a field.
pub fn caption(ui: &mut Ui, text: &str) {
    let colour = theme::tokens(ui).dim;
    flow(ui, text, 12.0, Weight::Medium, colour);
    ui.add_space(theme::space::XS);
}

/// What went wrong, in the colour for it.
pub fn error(ui: &mut Ui, text: &str) {
    let colour = theme::tokens(ui).danger;
    flow(ui, text, 13.0, Weight::Medium, colour);
}

/// Tell screen readers a text that is painted elsewhere.
pub fn name(ui: &Ui, rect: Rect, id: egui::Id, text: &str) -> Response {
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}
