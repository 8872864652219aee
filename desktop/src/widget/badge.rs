//! The pill with the number of unread messages.

use super::icon;
use crate::fonts::{self, Weight};
use crate::theme;
use egui::{Align2, Pos2, Rect, Ui, Vec2};

/// Height, and least width.
const HEIGHT: f32 = 20.0;
/// Half of a dot.
const DOT: f32 = 5.0;
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

/// Paint the sign that one is named, its right edge at `right`; returns its width.
pub fn named(ui: &Ui, right: Pos2) -> f32 {
    let tokens = theme::tokens(ui);
    let centre = right - Vec2::new(HEIGHT / 2.0, 0.0);
    ui.painter().circle_filled(centre, HEIGHT / 2.0, tokens.accent);
    icon::paint(ui.painter(), centre, icon::AT, 14.0, tokens.on_accent);
    HEIGHT
}

/// Paint a pill whose right edge is at `right`, a quiet one when its chat is muted; returns its width. Without a number it is
/// a dot.
pub fn paint(ui: &Ui, right: Pos2, count: u64, quiet: bool) -> f32 {
    let tokens = theme::tokens(ui);
    let ground = if quiet { tokens.dim } else { tokens.accent };
    if count == 0 {
        let centre = right - Vec2::new(DOT, 0.0);
        ui.painter().circle_filled(centre, DOT, ground);
        return 2.0 * DOT;
    }
    let ink = if quiet { tokens.surface1 } else { tokens.on_accent };
    let galley = fonts::line(ui, &words(count), fonts::format(12.0, Weight::Semi, ink), 60.0);
    let width = (galley.size().x + 12.0).max(HEIGHT);
    let rect = Align2::RIGHT_CENTER.anchor_size(right, Vec2::new(width, HEIGHT));
    ui.painter().rect_filled(rect, HEIGHT / 2.0, ground);
    let text = Rect::from_center_size(rect.center(), galley.size());
    ui.painter().galley(text.min, galley, ink);
    width
}
