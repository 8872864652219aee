//! Looking at pictures of the screen: discs of one colour, and what their grey must be.

use image::{Rgb, RgbImage};

/// A rectangle of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// A disc found on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disc {
    /// Middle.
    pub x: u32,
    /// Middle.
    pub y: u32,
    /// Radius by its area.
    pub radius: f64,
    /// Mean colour inside 0.8 of the radius.
    pub mean: [f64; 3],
}

/// Brightness as the product makes its grey.
#[must_use]
pub fn luma(rgb: [u8; 3]) -> f64 {
    0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2])
}

/// What a picture of one colour must look like when its owner is offline, on this background.
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of two bytes is a byte"
)]
pub fn greyed(rgb: [u8; 3], background: [u8; 3]) -> [u8; 3] {
    let grey = luma(rgb);
    background.map(|channel| (0.5 * grey + 0.5 * f64::from(channel)).round() as u8)
}

/// Whether two colours are the same but for this much in each channel.
#[must_use]
pub fn close(a: [u8; 3], b: [u8; 3], tolerance: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= tolerance)
}

/// The largest patch of one colour in an area, if it is at least a disc of `radius_min`.
#[must_use]
pub fn find_disc(shot: &RgbImage, area: Area, rgb: [u8; 3], tolerance: u8, radius_min: f64) -> Option<Disc> {
    let fits = |x: u32, y: u32| close(shot.get_pixel(x, y).0, rgb, tolerance);
    let right = (area.x + area.width).min(shot.width());
    let lower = (area.y + area.height).min(shot.height());
    let mut seen = vec![false; (shot.width() * shot.height()) as usize];
    let mut best: Vec<(u32, u32)> = Vec::new();
    for y in area.y..lower {
        for x in area.x..right {
            if seen[(y * shot.width() + x) as usize] || !fits(x, y) {
                continue;
            }
            let patch = flood(
                shot.width(),
                (area.x, right, area.y, lower),
                (x, y),
                &fits,
                &mut seen,
            );
            if patch.len() > best.len() {
                best = patch;
            }
        }
    }
    let disc = measure(shot, &best)?;
    (disc.radius >= radius_min).then_some(disc)
}

type Edges = (u32, u32, u32, u32);

fn flood(
    width: u32,
    (left, right, upper, lower): Edges,
    start: (u32, u32),
    fits: &impl Fn(u32, u32) -> bool,
    seen: &mut [bool],
) -> Vec<(u32, u32)> {
    let mut patch = Vec::new();
    let mut open = vec![start];
    seen[(start.1 * width + start.0) as usize] = true;
    while let Some((x, y)) = open.pop() {
        patch.push((x, y));
        for (x, y) in [
            (x.wrapping_sub(1), y),
            (x + 1, y),
            (x, y.wrapping_sub(1)),
            (x, y + 1),
        ] {
            let inside = (left..right).contains(&x) && (upper..lower).contains(&y);
            if inside && !seen[(y * width + x) as usize] && fits(x, y) {
                seen[(y * width + x) as usize] = true;
                open.push((x, y));
            }
        }
    }
    patch
}

fn measure(shot: &RgbImage, patch: &[(u32, u32)]) -> Option<Disc> {
    let left = patch.iter().map(|(x, _)| *x).min()?;
    let right = patch.iter().map(|(x, _)| *x).max()?;
    let upper = patch.iter().map(|(_, y)| *y).min()?;
    let lower = patch.iter().map(|(_, y)| *y).max()?;
    let (x, y) = (left.midpoint(right), upper.midpoint(lower));
    let area = u32::try_from(patch.len()).expect("a patch is at most the screen");
    let radius = (f64::from(area) / std::f64::consts::PI).sqrt();
    let inside = patch.iter().filter(|(px, py)| {
        let (dx, dy) = (f64::from(*px) - f64::from(x), f64::from(*py) - f64::from(y));
        dx.hypot(dy) <= 0.8 * radius
    });
    let mut mean = [0.0; 3];
    let mut count = 0.0;
    for (px, py) in inside {
        let Rgb(pixel) = shot.get_pixel(*px, *py);
        count += 1.0;
        mean.iter_mut()
            .zip(pixel)
            .for_each(|(sum, channel)| *sum += f64::from(*channel));
    }
    Some(Disc {
        x,
        y,
        radius,
        mean: mean.map(|sum| sum / f64::max(count, 1.0)),
    })
}

/// How many different colours an area shows: a window that paints nothing shows one.
#[must_use]
pub fn colours(shot: &RgbImage, area: Area) -> usize {
    let mut seen = std::collections::HashSet::new();
    for y in area.y..(area.y + area.height).min(shot.height()) {
        for x in area.x..(area.x + area.width).min(shot.width()) {
            seen.insert(shot.get_pixel(x, y).0);
        }
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_is_found_with_its_middle_and_its_radius() {
        let (red, white) = ([220, 20, 20], [248, 250, 251]);
        let shot = RgbImage::from_fn(200, 120, |x, y| {
            let inside = (f64::from(x) - 70.0).hypot(f64::from(y) - 60.0) <= 22.0;
            Rgb(if inside { red } else { white })
        });
        let whole = Area {
            x: 0,
            y: 0,
            width: 200,
            height: 120,
        };
        let disc = find_disc(&shot, whole, red, 3, 15.0).expect("there is one");
        assert_eq!((disc.x, disc.y), (70, 60));
        assert!((disc.radius - 22.0).abs() < 0.7, "{disc:?}");
        assert!(find_disc(&shot, whole, [20, 220, 20], 3, 15.0).is_none());
        assert!(find_disc(&shot, whole, red, 3, 30.0).is_none(), "too small");
    }

    #[test]
    fn grey_is_half_the_brightness_and_half_the_background() {
        assert_eq!(greyed([220, 20, 20], [248, 250, 251]), [164, 165, 165]);
    }
}
