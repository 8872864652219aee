//! The marks that say how far one's own message is.

use super::icon;
use crate::model::chat::Tick;
use crate::theme::Tokens;
use crate::words::tr;
use egui::{Color32, Painter, Pos2};

/// Room a mark takes.
pub const WIDTH: f32 = 16.0;

/// Paint a mark with its left edge and middle at a point.
pub fn paint(painter: &Painter, at: Pos2, tick: Tick, tokens: &Tokens) {
    let (picture, colour) = look(tick, tokens);
    icon::paint(painter, at + egui::vec2(WIDTH / 2.0, 0.0), picture, WIDTH, colour);
}

fn look(tick: Tick, tokens: &Tokens) -> (&'static str, Color32) {
    match tick {
        Tick::Waiting => (icon::CLOCK, tokens.dim_out),
        Tick::Late | Tick::Old => (icon::WARNING, tokens.warning_text),
        Tick::Refused => (icon::WARNING, tokens.danger),
        Tick::Stored => (icon::CHECK, tokens.dim_out),
        Tick::Delivered => (icon::CHECKS, tokens.dim_out),
        Tick::Read => (icon::CHECKS, tokens.accent_out),
    }
}

/// The mark in words.
#[must_use]
pub fn words(tick: Tick) -> String {
    tr(match tick {
        Tick::Waiting => "tick-waiting",
        Tick::Late => "tick-late",
        Tick::Refused => "tick-refused",
        Tick::Old => "tick-old",
        Tick::Stored => "tick-stored",
        Tick::Delivered => "tick-delivered",
        Tick::Read => "tick-read",
    })
}
