//! A ring that fills: how far a file is.

use egui::{Color32, Painter, Pos2, Stroke, pos2};
use std::f32::consts::TAU;

/// Steps of a whole ring: none is seen at the sizes drawn.
const STEPS: u16 = 64;

/// Paint a ring around a point, filled clockwise from the top by `part` (0 to 1).
pub fn paint(painter: &Painter, centre: Pos2, radius: f32, part: f32, ground: Color32, ink: Color32) {
    painter.circle_stroke(centre, radius, Stroke::new(2.5, ground));
    let steps = (f32::from(STEPS) * part.clamp(0.02, 1.0)).ceil();
    let at = |step: f32| {
        let angle = TAU * (step / f32::from(STEPS)).min(part.clamp(0.02, 1.0)) - TAU / 4.0;
        pos2(centre.x + radius * angle.cos(), centre.y + radius * angle.sin())
    };
    let points: Vec<Pos2> = (0..=STEPS)
        .map(f32::from)
        .take_while(|step| *step <= steps)
        .map(at)
        .collect();
    painter.line(points, Stroke::new(2.5, ink));
}
