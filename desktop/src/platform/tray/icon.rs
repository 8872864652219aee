//! The tray's icon: Breeze's own, grey while there is no connection, with a mark while something is unread.

use crate::theme;
use image::imageops::FilterType;
use image::{Rgba, RgbaImage};
use ksni::Icon;

/// Sizes trays ask for, pixels; each takes the nearest.
const SIZES: [u32; 4] = [22, 32, 48, 64];
/// Radius of the mark, in parts of the icon's size.
const MARK: f32 = 0.27;
/// The ring of nothing around the mark that sets it off from the icon.
const GAP: f32 = 0.06;

/// The icon in all sizes.
pub(super) fn pixmaps(connected: bool, unread: bool) -> Vec<Icon> {
    let bytes = include_bytes!("../../../../assets/icon-64.png");
    let Ok(picture) = image::load_from_memory_with_format(bytes, image::ImageFormat::Png) else {
        return Vec::new();
    };
    let picture = picture.into_rgba8();
    let sized = |size: u32| {
        let mut icon = image::imageops::resize(&picture, size, size, FilterType::Lanczos3);
        if !connected {
            grey(&mut icon);
        }
        if unread {
            mark(&mut icon);
        }
        argb(icon)
    };
    SIZES.into_iter().map(sized).collect()
}

fn grey(icon: &mut RgbaImage) {
    for Rgba([r, g, b, _]) in icon.pixels_mut() {
        let light = (u32::from(*r) * 54 + u32::from(*g) * 183 + u32::from(*b) * 19) >> 8;
        let light = u8::try_from(light).unwrap_or(u8::MAX);
        (*r, *g, *b) = (light, light, light);
    }
}

/// A disc in the lower right corner, smooth at its edge, with a gap around it.
#[expect(clippy::cast_precision_loss, reason = "an icon has a few dozen pixels")]
fn mark(icon: &mut RgbaImage) {
    let size = icon.width() as f32;
    let radius = size * MARK;
    let centre = size - radius;
    let [red, green, blue] = theme::TRAY_MARK;
    for (x, y, Rgba([r, g, b, a])) in icon.enumerate_pixels_mut() {
        let (dx, dy) = (x as f32 + 0.5 - centre, y as f32 + 0.5 - centre);
        let out = dx.hypot(dy) - radius;
        let outside = (out - size * GAP + 0.5).clamp(0.0, 1.0);
        *a = part(*a, outside);
        let inside = (0.5 - out).clamp(0.0, 1.0);
        if inside > 0.0 {
            (*r, *g, *b, *a) = (red, green, blue, part(u8::MAX, inside));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a byte is a byte"
)]
fn part(value: u8, of: f32) -> u8 {
    (f32::from(value) * of).round() as u8
}

/// In the order of bytes the bus wants.
fn argb(icon: RgbaImage) -> Icon {
    let size = i32::try_from(icon.width()).unwrap_or(0);
    let mut data = icon.into_raw();
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    Icon {
        width: size,
        height: size,
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours of a place, in tenths of the size: alpha, red, green, blue.
    fn at(icon: &Icon, x: i32, y: i32) -> [u8; 4] {
        let place = usize::try_from((y * icon.height / 10 * icon.width + x * icon.width / 10) * 4).unwrap();
        icon.data[place..place + 4].try_into().unwrap()
    }

    #[test]
    fn the_mark_and_the_grey_are_seen_in_every_size() {
        let quiet = pixmaps(true, false);
        assert_eq!(quiet.len(), SIZES.len());
        for (quiet, marked) in quiet.iter().zip(pixmaps(true, true)) {
            let [_, red, green, blue] = at(&marked, 7, 7);
            assert_eq!([red, green, blue], theme::TRAY_MARK);
            assert_ne!(at(quiet, 7, 7), at(&marked, 7, 7));
            assert_eq!(at(quiet, 4, 4), at(&marked, 4, 4), "the rest is as it was");
        }
        for grey in pixmaps(false, false) {
            let colours = grey.data.chunks_exact(4);
            assert!(colours.clone().all(|p| p[1] == p[2] && p[2] == p[3]));
            assert!(colours.clone().any(|p| p[0] > 0), "it is not empty");
        }
    }
}
