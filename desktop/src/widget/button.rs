//! Buttons whose words say what happens: filled, outlined, and plain words.

use crate::fonts::{self, Weight};
use crate::theme::{self, Tokens};
use egui::{Color32, CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

/// Height of a button.
pub const HEIGHT: f32 = 40.0;

/// How strongly a button asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The one next step.
    Primary,
    /// Anything else.
    Quiet,
    /// Something that cannot be taken back.
    Danger,
}

/// A button in a rectangle.
pub fn at(ui: &mut Ui, rect: Rect, text: &str, kind: Kind, enabled: bool) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("button", text)), sense);
    draw(ui, &response, rect, text, kind, enabled);
    if enabled {
        response.on_hover_cursor(CursorIcon::PointingHand)
    } else {
        response
    }
}

/// A button in a rectangle that screen readers call otherwise: one of many with the same words.
pub fn named(ui: &mut Ui, rect: Rect, text: &str, name: &str, kind: Kind, enabled: bool) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("button", name)), sense);
    draw(ui, &response, rect, text, kind, enabled);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// A button in the flow, as wide as its words or as told.
pub fn flow(ui: &mut Ui, text: &str, kind: Kind, enabled: bool, width: Option<f32>) -> Response {
    let size = Vec2::new(width.unwrap_or_else(|| natural_width(ui, text)), HEIGHT);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    draw(ui, &response, rect, text, kind, enabled);
    if enabled {
        response.on_hover_cursor(CursorIcon::PointingHand)
    } else {
        response
    }
}

/// As wide as the words want it.
#[must_use]
pub fn natural_width(ui: &Ui, text: &str) -> f32 {
    let format = fonts::format(14.0, Weight::Semi, Color32::PLACEHOLDER);
    (fonts::line(ui, text, format, f32::INFINITY).size().x + 37.0).round()
}

fn draw(ui: &Ui, response: &Response, rect: Rect, text: &str, kind: Kind, enabled: bool) {
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    let tokens = theme::tokens(ui);
    let (mut fill, mut ink, line) = colours(kind, tokens);
    if !enabled {
        fill = tokens.surface0;
        ink = tokens.dim;
    } else if response.is_pointer_button_down_on() {
        fill = fill.lerp_to_gamma(tokens.text, 0.12);
    } else if response.hovered() {
        fill = if kind == Kind::Primary {
            fill.lerp_to_gamma(tokens.text, 0.06)
        } else {
            tokens.hover
        };
    }
    let painter = ui.painter();
    painter.rect_filled(rect, theme::radius::M, fill);
    painter.rect_stroke(rect, theme::radius::M, Stroke::new(1.0, line), StrokeKind::Inside);
    let galley = fonts::line(
        ui,
        text,
        fonts::format(14.0, Weight::Semi, ink),
        rect.width() - 8.0,
    );
    painter.galley(rect.center() - galley.size() / 2.0, galley, ink);
    if response.has_focus() {
        let ring = Stroke::new(2.0, tokens.accent);
        painter.rect_stroke(rect.expand(2.0), theme::radius::L, ring, StrokeKind::Inside);
    }
}

fn colours(kind: Kind, tokens: &Tokens) -> (Color32, Color32, Color32) {
    match kind {
        Kind::Primary => (tokens.accent, tokens.on_accent, Color32::TRANSPARENT),
        Kind::Quiet => (tokens.surface2, tokens.text, tokens.line),
        Kind::Danger => (tokens.surface2, tokens.danger, tokens.line),
    }
}

/// Words that act like a button, in the flow.
pub fn words(ui: &mut Ui, text: &str, size: f32, colour: Color32) -> Response {
    let galley = fonts::line(
        ui,
        text,
        fonts::format(size, Weight::Medium, colour),
        ui.available_width(),
    );
    let (rect, response) = ui.allocate_exact_size(galley.size() + Vec2::new(0.0, 4.0), Sense::click());
    words_in(ui, &response, rect, text, galley);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Words that act like a button, in a rectangle.
pub fn words_at(ui: &mut Ui, rect: Rect, text: &str, size: f32, colour: Color32) -> Response {
    let galley = fonts::line(
        ui,
        text,
        fonts::format(size, Weight::Medium, colour),
        rect.width(),
    );
    let response = ui.interact(rect, ui.scope_id().with(("words", text)), Sense::click());
    words_in(ui, &response, rect, text, galley);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

fn words_in(ui: &Ui, response: &Response, rect: Rect, text: &str, galley: std::sync::Arc<egui::Galley>) {
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    let at = Rect::from_center_size(rect.center(), galley.size());
    let colour = galley
        .job
        .sections
        .first()
        .map_or(Color32::PLACEHOLDER, |section| section.format.color);
    if response.hovered() {
        ui.painter()
            .hline(at.x_range(), at.bottom() - 1.0, Stroke::new(1.0, colour));
    }
    ui.painter().galley(at.min, galley, colour);
    super::focus_ring(ui, response, rect.expand(3.0), theme::radius::S);
}
