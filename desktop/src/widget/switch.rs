//! A setting that is on or off, and a choice of a few, each a row in a dialog.

use super::label;
use crate::fonts::{self, Weight};
use crate::theme;
use egui::{Color32, CursorIcon, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

/// A row with words and a switch; `true` when it was flipped.
pub fn flow(ui: &mut Ui, words: &str, on: bool) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 40.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, words));
    let galley = fonts::line(
        ui,
        words,
        fonts::format(14.0, Weight::Regular, tokens.text),
        rect.width() - 56.0,
    );
    label::left(ui, rect.left_center(), galley);
    let ground = if on { tokens.accent } else { tokens.offline };
    track(ui, rect, on, ground, tokens.surface2);
    super::focus_ring(ui, &response, rect.expand(2.0), theme::radius::S);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

fn track(ui: &Ui, row: Rect, on: bool, ground: Color32, knob: Color32) {
    let track = Rect::from_min_size(row.right_center() - Vec2::new(40.0, 11.0), Vec2::new(40.0, 22.0));
    ui.painter().rect_filled(track, 11.0, ground);
    let x = if on {
        track.right() - 11.0
    } else {
        track.left() + 11.0
    };
    ui.painter()
        .circle_filled(egui::pos2(x, track.center().y), 8.0, knob);
}

/// A row with words and a switch that cannot be flipped now; the reason stands beneath it.
pub fn fixed(ui: &mut Ui, words: &str, on: bool) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 40.0), Sense::hover());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, false, on, words));
    let format = fonts::format(14.0, Weight::Regular, tokens.dim);
    let galley = fonts::line(ui, words, format, rect.width() - 56.0);
    label::left(ui, rect.left_center(), galley);
    track(ui, rect, on, tokens.line, tokens.surface0);
}

/// A row of choices of which one holds; the answer is the place of the one that was picked.
pub fn choice(ui: &mut Ui, words: &[String], chosen: usize) -> Option<usize> {
    let tokens = theme::tokens(ui);
    let count = words.len().max(1);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 36.0), Sense::hover());
    ui.painter().rect_filled(rect, theme::radius::M, tokens.surface0);
    #[expect(clippy::cast_precision_loss, reason = "a handful of choices")]
    let width = (rect.width() - 6.0) / count as f32;
    let mut picked = None;
    for (place, text) in words.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of choices")]
        let left = rect.left() + 3.0 + width * place as f32;
        let cell = Rect::from_min_size(
            egui::pos2(left, rect.top() + 3.0),
            Vec2::new(width, rect.height() - 6.0),
        );
        let response = ui.interact(cell, ui.scope_id().with(("choice", text)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, place == chosen, text));
        if place == chosen {
            ui.painter().rect_filled(cell, theme::radius::S, tokens.surface2);
        }
        let ink = if place == chosen || response.hovered() {
            tokens.text
        } else {
            tokens.dim
        };
        let weight = if place == chosen {
            Weight::Semi
        } else {
            Weight::Regular
        };
        let galley = fonts::line(ui, text, fonts::format(13.0, weight, ink), width - 4.0);
        label::centre(ui, cell.center(), galley);
        super::focus_ring(ui, &response, cell, theme::radius::S);
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            picked = Some(place);
        }
    }
    picked
}
