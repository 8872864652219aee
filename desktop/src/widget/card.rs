//! Cards and panels: a rounded surface with a hairline.

use crate::theme;
use egui::{Rect, Stroke, StrokeKind, Ui};

/// Paint a card's ground.
pub fn paint(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui);
    let line = Stroke::new(1.0, tokens.line);
    ui.painter()
        .rect(rect, theme::radius::XL, tokens.surface2, line, StrokeKind::Inside);
}

/// A thin line across the flow.
pub fn rule(ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 17.0), egui::Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens.line));
}
