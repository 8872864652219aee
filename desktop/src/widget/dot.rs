//! The mark of presence. Each state has its own shape, so that colour is never the only sign.

use super::icon;
use crate::model::person::Dot;
use crate::theme::Tokens;
use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Stroke, Vec2};

/// Across, with its ring.
pub const SIZE: f32 = 13.0;
/// Width of the ring in the colour of what is behind.
const RING: f32 = 2.0;

/// Where the middle of the dot is, at a picture's lower right.
#[must_use]
pub fn place(centre: Pos2, diameter: f32) -> Pos2 {
    let out = diameter / 2.0 - SIZE / 2.0 + 1.0;
    centre + Vec2::splat(out)
}

/// Paint a dot with its ring.
pub fn paint(painter: &Painter, centre: Pos2, dot: Dot, behind: Color32, tokens: &Tokens) {
    painter.circle_filled(centre, SIZE / 2.0, behind);
    let radius = SIZE / 2.0 - RING + 0.25;
    match dot {
        Dot::Online => {
            painter.circle_filled(centre, radius, tokens.online);
        }
        Dot::Away => {
            painter.circle_filled(centre, radius, tokens.away);
            painter.circle_filled(centre + Vec2::new(-2.0, -1.75), radius * 0.74, behind);
        }
        Dot::Busy => {
            painter.circle_filled(centre, radius, tokens.busy);
            let bar = Rect::from_center_size(centre, Vec2::new(radius * 1.25, 2.0));
            painter.rect_filled(bar, CornerRadius::same(1), behind);
        }
        Dot::Invisible => {
            painter.circle_stroke(centre, radius - 1.0, Stroke::new(2.0, tokens.offline));
        }
        Dot::Group => glyph(painter, centre, icon::PEOPLE, behind, tokens),
        Dot::Saved => glyph(painter, centre, icon::BOOKMARK, behind, tokens),
    }
}

/// What stands in place of a dot where there is no presence: what kind of chat it is.
fn glyph(painter: &Painter, centre: Pos2, glyph: &str, behind: Color32, tokens: &Tokens) {
    let centre = centre - Vec2::splat(1.5);
    painter.circle_filled(centre, SIZE / 2.0 + 2.5, behind);
    icon::paint(painter, centre, glyph, SIZE, tokens.dim);
}

/// The colour of a state, where it stands without its picture.
#[must_use]
pub fn colour(dot: Dot, tokens: &Tokens) -> Color32 {
    match dot {
        Dot::Online => tokens.online,
        Dot::Away => tokens.away,
        Dot::Busy => tokens.busy,
        Dot::Invisible => tokens.offline,
        Dot::Group | Dot::Saved => tokens.dim,
    }
}
