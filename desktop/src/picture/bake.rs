//! Pixels of avatars: decoding within limits, the circle, and the grey half. Pure.

use crate::theme;
use egui::ColorImage;
use image::imageops::FilterType;
use image::{Rgba, RgbaImage};

/// Side of the picture everything smaller is made from.
const MASTER: u32 = 256;
/// A picture may not be larger than this on either side: more is a bomb or a mistake.
const SIDE_MAX: u32 = 8192;
/// Memory one decoding may take, bytes.
const DECODE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Empty columns between the halves, so that filtering never mixes them.
pub const GAP: u32 = 2;

/// Decode a picture and crop its middle square; `None` when it is broken or too large.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<RgbaImage> {
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let side = picture.width().min(picture.height());
    let (x, y) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    let square = picture.crop_imm(x, y, side, side);
    let master = if side > MASTER {
        square.resize_exact(MASTER, MASTER, FilterType::Triangle)
    } else {
        square
    };
    Some(master.to_rgba8())
}

/// Shrink a square to `pixels` and put colour left, grey right, the circle cut out of both.
#[must_use]
pub fn halves(picture: &RgbaImage, pixels: u32) -> ColorImage {
    let side = pixels.max(1);
    let small = image::imageops::resize(picture, side, side, FilterType::Triangle);
    compose(side, |x, y| *small.get_pixel(x, y))
}

/// One of the eight gradients, from upper left to lower right.
#[must_use]
pub fn gradient(which: u8, pixels: u32) -> ColorImage {
    let [from, to] = theme::GRADIENTS[usize::from(which) % theme::GRADIENTS.len()];
    let side = pixels.max(1);
    compose(side, |x, y| {
        #[expect(clippy::cast_precision_loss, reason = "pixels of an avatar")]
        let t = ((x + y) as f32 + 1.0) / (2.0 * side as f32);
        let mixed = from.lerp_to_gamma(to, t);
        Rgba([mixed.r(), mixed.g(), mixed.b(), 255])
    })
}

/// Luma, 0.299 R + 0.587 G + 0.114 B; alpha is not touched.
#[must_use]
pub fn grey([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let luma = (299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000;
    let luma = u8::try_from(luma).unwrap_or(u8::MAX);
    [luma, luma, luma, a]
}

fn compose(side: u32, pixel: impl Fn(u32, u32) -> Rgba<u8>) -> ColorImage {
    let width = 2 * side + GAP;
    let mut rgba = vec![0; (width * side * 4) as usize];
    for y in 0..side {
        for x in 0..side {
            let Rgba([r, g, b, a]) = pixel(x, y);
            let colour = [r, g, b, cut(x, y, side, a)];
            put(&mut rgba, width, x, y, colour);
            put(&mut rgba, width, side + GAP + x, y, grey(colour));
        }
    }
    ColorImage::from_rgba_unmultiplied([width as usize, side as usize], &rgba)
}

fn put(rgba: &mut [u8], width: u32, x: u32, y: u32, pixel: [u8; 4]) {
    let at = ((y * width + x) * 4) as usize;
    rgba[at..at + 4].copy_from_slice(&pixel);
}

/// Alpha inside the circle, with a soft edge one pixel wide.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an avatar"
)]
#[must_use]
pub fn cut(x: u32, y: u32, side: u32, alpha: u8) -> u8 {
    let radius = side as f32 / 2.0;
    let (dx, dy) = (x as f32 + 0.5 - radius, y as f32 + 0.5 - radius);
    let inside = (radius - dx.hypot(dy) + 0.5).clamp(0.0, 1.0);
    (f32::from(alpha) * inside).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Color32;

    #[test]
    fn grey_is_luma_and_keeps_alpha() {
        assert_eq!(grey([255, 0, 0, 200]), [76, 76, 76, 200]);
        assert_eq!(grey([0, 255, 0, 0]), [150, 150, 150, 0]);
        assert_eq!(grey([255, 255, 255, 255]), [255, 255, 255, 255]);
    }

    #[test]
    fn halves_hold_the_circle_and_both_versions() {
        let red = RgbaImage::from_pixel(100, 100, Rgba([200, 10, 30, 255]));
        let image = halves(&red, 40);
        assert_eq!(image.size, [82, 40]);
        assert_eq!(image.pixels[0], Color32::TRANSPARENT);
        let [left, right] = [20, 62].map(|x| image.pixels[20 * 82 + x]);
        assert_eq!(left, Color32::from_rgb(200, 10, 30));
        let luma = grey([200, 10, 30, 255])[0];
        assert_eq!(right, Color32::from_gray(luma));
    }

    #[test]
    fn broken_and_huge_pictures_are_refused() {
        assert!(decode(b"not a picture").is_none());
        assert!(decode(&[]).is_none());
        let mut png = Vec::new();
        let wide = RgbaImage::new(SIDE_MAX + 1, 1);
        wide.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
            .unwrap();
        assert!(decode(&png).is_none());
    }
}
