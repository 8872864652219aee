//! A thin slider: a line, its filled part, and a handle while it is used.

use crate::theme;
use egui::{CursorIcon, Rect, Response, Sense, Ui, Vec2, WidgetInfo};

/// A slider from 0 to 1 in a rectangle; the answer holds the new value when it was moved.
pub fn at(ui: &mut Ui, rect: Rect, name: &str, value: f32) -> Option<f32> {
    let tokens = theme::tokens(ui);
    let touch = rect.expand2(Vec2::new(0.0, 8.0));
    let response = ui.interact(
        touch,
        ui.scope_id().with(("slider", name)),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::slider(true, f64::from(value), name));
    let line = Rect::from_center_size(rect.center(), Vec2::new(rect.width(), 4.0));
    let x = egui::lerp(line.x_range(), value.clamp(0.0, 1.0));
    ui.painter().rect_filled(line, 2, tokens.line);
    let mut filled = line;
    filled.max.x = x;
    ui.painter().rect_filled(filled, 2, tokens.accent);
    if response.hovered() || response.dragged() || response.has_focus() {
        ui.painter()
            .circle_filled(egui::pos2(x, line.center().y), 7.0, tokens.accent);
    }
    if response.has_focus() {
        super::focus_ring(
            ui,
            &response,
            touch.expand2(Vec2::new(6.0, 0.0)),
            theme::radius::S,
        );
    }
    let moved = moved(ui, &response, line, value);
    response.on_hover_cursor(CursorIcon::ResizeHorizontal);
    moved
}

fn moved(ui: &Ui, response: &Response, line: Rect, value: f32) -> Option<f32> {
    if response.clicked() || response.dragged() {
        let at = response.interact_pointer_pos()?;
        return Some(((at.x - line.left()) / line.width()).clamp(0.0, 1.0));
    }
    if !response.has_focus() {
        return None;
    }
    let step = ui.input_mut(|input| {
        let right = input.consume_key(egui::Modifiers::NONE, egui::Key::ArrowRight);
        let left = input.consume_key(egui::Modifiers::NONE, egui::Key::ArrowLeft);
        f32::from(i8::from(right) - i8::from(left)) * 0.05
    });
    (step.abs() > 0.0).then(|| (value + step).clamp(0.0, 1.0))
}
