//! The pill with the number of unread messages.

use crate::fonts::{self, Weight};
use crate::theme;
use egui::{Align2, Pos2, Rect, Ui, Vec2};

/// Height, and least width.
const HEIGHT: f32 = 20.0;
/// Larger numbers are shown as "999+".
const SHOWN_MAX: u64 = 999;

/// The number as it is shown.
#[must_use]
pub fn words(count: u64) -> String {
    if count > SHOWN_MAX {
        format!("{SHOWN_MAX}+")
    } else {
        count.to_string()
    }
}

/// Paint a pill whose right edge is at `right`; returns its width.
pub fn paint(ui: &Ui, right: Pos2, count: u64) -> f32 {
    let tokens = theme::tokens(ui);
    let galley = fonts::line(
        ui,
        &words(count),
        fonts::format(12.0, Weight::Semi, tokens.on_accent),
        60.0,
    );
    let width = (galley.size().x + 12.0).max(HEIGHT);
    let rect = Align2::RIGHT_CENTER.anchor_size(right, Vec2::new(width, HEIGHT));
    ui.painter().rect_filled(rect, HEIGHT / 2.0, tokens.accent);
    let text = Rect::from_center_size(rect.center(), galley.size());
    ui.painter().galley(text.min, galley, tokens.on_accent);
    width
}
