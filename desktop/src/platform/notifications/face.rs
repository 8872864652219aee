//! The picture beside a notification: round like everywhere else in the app, grey when the person is not there.

use crate::picture::bake;
use image::Rgba;
use image::imageops::{FilterType, resize};
use zbus::zvariant::Value;

/// Side, pixels: notification services scale it down; more only makes the call longer.
const SIDE: u32 = 96;

/// The service's `image-data`: width, height, bytes of a row, alpha, bits, channels, pixels.
#[must_use]
pub(super) fn image_data(picture: &[u8], grey: bool) -> Option<Value<'static>> {
    let master = bake::decode(picture)?;
    let mut small = resize(&master, SIDE, SIDE, FilterType::Triangle);
    for (x, y, pixel) in small.enumerate_pixels_mut() {
        let [r, g, b, a] = if grey { bake::grey(pixel.0) } else { pixel.0 };
        *pixel = Rgba([r, g, b, bake::cut(x, y, SIDE, a)]);
    }
    let side = i32::try_from(SIDE).ok()?;
    let data = (side, side, side * 4, true, 8_i32, 4_i32, small.into_raw());
    Some(Value::from(zbus::zvariant::Structure::from(data)))
}
