//! The reusable pieces: each paints itself with the theme's tokens and tells screen readers its name.

pub mod avatar;
pub mod badge;
pub mod body;
pub mod bubble;
pub mod button;
pub mod card;
pub mod chip;
pub mod dialog;
pub mod dot;
pub mod field;
pub mod icon;
pub mod label;
pub mod link;
pub mod markdown;
pub mod menu;
pub mod ring;
pub mod slider;
pub mod switch;
pub mod tick;
pub mod toast;

use crate::theme::{self, Tokens};
use egui::{CornerRadius, Rect, Response, Stroke, StrokeKind, Ui};

/// The ring around what has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: u8) {
    if response.has_focus() {
        let tokens: &Tokens = theme::tokens(ui);
        let stroke = Stroke::new(2.0, tokens.accent);
        ui.painter()
            .rect_stroke(rect, CornerRadius::same(radius), stroke, StrokeKind::Inside);
    }
}
