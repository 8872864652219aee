//! A person's picture in colour, half-way, or grey, with the cross-fade between them and the dot.

use super::dot;
use crate::fonts::{self, Weight};
use crate::model::Now;
use crate::model::person::{Paint, Portrait};
use crate::picture::{Pictures, bake};
use crate::theme;
use egui::{Color32, Mesh, Pos2, Rect, Shape, TextureId, Ui, Vec2};
use unicode_segmentation::UnicodeSegmentation;

/// A cross-fade lasts this long, milliseconds.
pub const FADE_MS: u64 = 250;
/// Grey pictures are painted this strongly.
const GREY_OPACITY: f32 = 0.5;
/// "Last known" pictures are painted this strongly.
const UNSURE_OPACITY: f32 = 0.75;
/// Initials, as a part of the diameter.
const INITIALS: f32 = 0.38;

/// How to paint: where, how large, over which colour.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Middle.
    pub centre: Pos2,
    /// Across.
    pub diameter: f32,
    /// The colour behind: the dot's ring has it, and faded initials mix with it.
    pub behind: Color32,
}

/// How far a picture is from colour (0) to grey (1) now, and whether it still changes.
#[must_use]
pub fn greyness(portrait: &Portrait, now: Now, reduce_motion: bool) -> (f32, bool) {
    let (from, to) = (depth(portrait.before), depth(portrait.paint));
    let age = now.mono_ms.saturating_sub(portrait.since_mono_ms);
    if reduce_motion || age >= FADE_MS || (from - to).abs() < f32::EPSILON {
        return (to, false);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 250")]
    let part = age as f32 / FADE_MS as f32;
    (from + (to - from) * part, true)
}

fn depth(paint: Paint) -> f32 {
    match paint {
        Paint::Colour => 0.0,
        Paint::Half => 0.5,
        Paint::Grey => 1.0,
    }
}

/// Opacities of the two quads, grey first and colour over it, such that the sum is exactly the mix of
/// colour and half-transparent grey that `greyness` asks for.
fn opacities(greyness: f32, strength: f32) -> (f32, f32) {
    let colour = strength * (1.0 - greyness);
    let grey = strength * greyness * GREY_OPACITY;
    if grey <= 0.0 {
        (0.0, colour)
    } else {
        (grey / (1.0 - colour).max(f32::EPSILON), colour)
    }
}

/// The first letters of a name; one character for names without spaces in scripts that have no initials.
#[must_use]
pub fn initials(name: &str) -> String {
    let first = |word: &str| word.graphemes(true).next().unwrap_or_default().to_uppercase();
    let mut words = name.split_whitespace();
    let Some(one) = words.next() else {
        return String::new();
    };
    let letter = first(one);
    if one.chars().next().is_some_and(is_ideograph) {
        return letter;
    }
    match words.next_back() {
        Some(last) => letter + &first(last),
        None => one.graphemes(true).take(2).collect::<String>().to_uppercase(),
    }
}

fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x1F000..=0x3FFFF)
}

/// Paint a portrait.
pub fn paint(
    ui: &Ui,
    pictures: &mut Pictures,
    portrait: &Portrait,
    name: &str,
    place: Place,
    time: (Now, bool),
) {
    let (now, reduce_motion) = time;
    let (greyness, changing) = greyness(portrait, now, reduce_motion);
    if changing {
        ui.ctx().request_repaint();
    }
    let strength = if portrait.unsure { UNSURE_OPACITY } else { 1.0 };
    let (grey, colour) = opacities(greyness, strength);
    let rect = Rect::from_center_size(place.centre, Vec2::splat(place.diameter));
    let pixels = pixels(ui, place.diameter);
    let ready = portrait.avatar.and_then(|hash| pictures.picture(hash, pixels));
    let texture = ready.unwrap_or_else(|| pictures.gradient(portrait.account.0, pixels));
    for (half, opacity) in [(1, grey), (0, colour)] {
        if opacity > 0.0 {
            ui.painter().add(quad(texture, rect, half, opacity, pixels));
        }
    }
    if ready.is_none() {
        let opacity = strength * (1.0 - greyness * (1.0 - GREY_OPACITY));
        let ink = place.behind.lerp_to_gamma(theme::INITIALS, opacity);
        paint_initials(ui, name, place, ink);
    }
    if let Some(state) = portrait.dot {
        let at = dot::place(place.centre, place.diameter);
        dot::paint(ui.painter(), at, state, place.behind, theme::tokens(ui));
    }
}

fn paint_initials(ui: &Ui, name: &str, place: Place, ink: Color32) {
    let size = (place.diameter * INITIALS).round();
    let galley = fonts::line(
        ui,
        &initials(name),
        fonts::format(size, Weight::Semi, ink),
        place.diameter,
    );
    let at = place.centre - galley.size() / 2.0;
    ui.painter().galley(at, galley, ink);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an avatar is small and positive"
)]
fn pixels(ui: &Ui, diameter: f32) -> u32 {
    (diameter * ui.ctx().pixels_per_point()).ceil().clamp(1.0, 1024.0) as u32
}

fn quad(texture: TextureId, rect: Rect, half: u32, opacity: f32, pixels: u32) -> Shape {
    #[expect(clippy::cast_precision_loss, reason = "pixels of an avatar")]
    let (left, width, whole) = (
        (half * (pixels + bake::GAP)) as f32,
        pixels as f32,
        (2 * pixels + bake::GAP) as f32,
    );
    let uv = Rect::from_min_max(
        Pos2::new(left / whole, 0.0),
        Pos2::new((left + width) / whole, 1.0),
    );
    let mut mesh = Mesh::with_texture(texture);
    mesh.add_rect_with_uv(rect, uv, Color32::WHITE.gamma_multiply(opacity));
    Shape::mesh(mesh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use breeze_protocol::AccountId;

    fn portrait(before: Paint, paint: Paint) -> Portrait {
        Portrait {
            account: AccountId(1),
            avatar: None,
            paint,
            before,
            since_mono_ms: 1000,
            unsure: false,
            dot: None,
        }
    }

    fn at(mono_ms: u64) -> Now {
        Now { mono_ms, wall_ms: 0 }
    }

    #[test]
    fn the_fade_begins_at_once_and_ends_after_250_ms() {
        let leaving = portrait(Paint::Colour, Paint::Grey);
        assert_eq!(greyness(&leaving, at(1000), false), (0.0, true));
        assert_eq!(greyness(&leaving, at(1125), false), (0.5, true));
        assert_eq!(greyness(&leaving, at(1250), false), (1.0, false));
        assert_eq!(greyness(&leaving, at(1000), true), (1.0, false));
        let doubtful = portrait(Paint::Colour, Paint::Half);
        assert_eq!(greyness(&doubtful, at(5000), false), (0.5, false));
    }

    #[test]
    fn two_quads_mix_exactly() {
        for greyness in [0.0, 0.25, 0.5, 1.0] {
            for strength in [1.0, UNSURE_OPACITY] {
                let (grey, colour) = opacities(greyness, strength);
                let (ground, luma, full) = (0.9, 0.4, 0.2);
                let painted = colour * full + (1.0 - colour) * (grey * luma + (1.0 - grey) * ground);
                let mixed = (1.0 - greyness) * full + greyness * (0.5 * luma + 0.5 * ground);
                let wanted: f32 = strength * mixed + (1.0 - strength) * ground;
                assert!(
                    (painted - wanted).abs() < 1e-5,
                    "{greyness} {strength}: {painted} {wanted}"
                );
            }
        }
    }

    #[test]
    fn initials_suit_the_script() {
        assert_eq!(initials("Lin Mei"), "LM");
        assert_eq!(initials("Dana van der Ekström"), "DE");
        assert_eq!(initials("周宁"), "周");
        assert_eq!(initials("rosa"), "RO");
        assert_eq!(initials(" "), "");
    }
}
