//! A pasted picture before it is sent, small: it has no name by which one would know it.

use crate::model::files::Source;
use crate::theme::{radius, space};
use crate::widget::label;
use crate::words::tr;
use egui::{Color32, ColorImage, Rect, Sense, TextureHandle, TextureOptions, Ui, Vec2, pos2};
use std::sync::Arc;

/// No preview is taller, points.
const TALL: f32 = 180.0;
/// Pixels for each point: enough for a sharp screen.
const SHARP: f32 = 2.0;

/// The previews made while the window that asks is open.
#[derive(Default)]
pub(super) struct State {
    made: Vec<(Arc<Vec<u8>>, TextureHandle)>,
}

impl State {
    /// Draws the preview of what is a picture from the clipboard.
    pub(super) fn show(&mut self, ui: &mut Ui, source: &Source) {
        let Source::Picture(width, height, rgba) = source else {
            return;
        };
        #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
        let pixels = Vec2::new(*width as f32, *height as f32).max(Vec2::splat(1.0));
        let room = Vec2::new(ui.available_width(), TALL);
        let size = pixels * (room / pixels).min_elem().min(1.0);
        let strip = ui
            .allocate_exact_size(Vec2::new(room.x, size.y), Sense::hover())
            .0;
        ui.add_space(space::XS);
        let place = Rect::from_center_size(strip.center(), size);
        let Some(texture) = self.texture(ui, (*width, *height, rgba), size * SHARP) else {
            return;
        };
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let shape =
            egui::epaint::RectShape::filled(place, radius::L, Color32::WHITE).with_texture(texture, whole);
        ui.painter().add(shape);
        let id = ui.scope_id().with(("preview", Arc::as_ptr(rgba)));
        label::name(ui, place, id, &tr("file-preview"));
    }

    /// The window is closed.
    pub(super) fn forget(&mut self) {
        self.made.clear();
    }

    fn texture(
        &mut self,
        ui: &Ui,
        (width, height, rgba): (u32, u32, &Arc<Vec<u8>>),
        wanted: Vec2,
    ) -> Option<egui::TextureId> {
        if let Some((_, texture)) = self.made.iter().find(|(of, _)| Arc::ptr_eq(of, rgba)) {
            return Some(texture.id());
        }
        let image = smaller((width as usize, height as usize), rgba, wanted)?;
        let texture = ui.ctx().load_texture("preview", image, TextureOptions::LINEAR);
        let id = texture.id();
        self.made.push((rgba.clone(), texture));
        Some(id)
    }
}

/// The picture with no more pixels than wanted. Every so manieth is taken: a screenshot is done within a frame.
fn smaller((width, height): (usize, usize), rgba: &[u8], wanted: Vec2) -> Option<ColorImage> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred pixels"
    )]
    let side = |pixels: usize, wanted: f32| pixels.min((wanted.ceil() as usize).max(1));
    let (wide, tall) = (side(width, wanted.x), side(height, wanted.y));
    let mut small = Vec::with_capacity(wide * tall * 4);
    for row in 0..tall {
        for column in 0..wide {
            let at = (row * height / tall * width + column * width / wide) * 4;
            small.extend_from_slice(rgba.get(at..at + 4)?);
        }
    }
    (wide > 0 && tall > 0).then(|| ColorImage::from_rgba_unmultiplied([wide, tall], &small))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_picture_shows_all_of_it() {
        let columns: Vec<u8> = (0..8).flat_map(|at| [at * 10, 0, 0, 255]).collect();
        let rgba = columns.repeat(4);
        let small = smaller((8, 4), &rgba, Vec2::new(4.0, 2.0)).expect("it is whole");
        let reds: Vec<u8> = small.pixels.iter().map(Color32::r).collect();
        assert_eq!(reds, [0, 20, 40, 60, 0, 20, 40, 60]);
        let same = smaller((8, 4), &rgba, Vec2::new(80.0, 40.0)).expect("it is whole");
        assert_eq!(same.size, [8, 4]);
        assert!(
            smaller((8, 5), &rgba, Vec2::new(80.0, 50.0)).is_none(),
            "rows are missing"
        );
    }
}
