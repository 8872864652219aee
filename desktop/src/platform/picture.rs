//! Reading, cropping and packing a profile picture, with limits: a hostile file gets a sentence, not the memory.

use super::{files, portal};
use crate::model::event::PictureEvent;
use crate::model::onboarding::Picture;
use crate::words::tr;
use breeze_protocol::BlobHash;
use breeze_protocol::limit::AVATAR_BYTES_MAX;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// Longest side of a picture taken, pixels.
const SIDE_MAX: u32 = 4096;
/// Most memory one decoding may take, bytes.
const DECODE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Shorter side of what the profile shows while it is cropped, pixels: twice the picture, so that a zoom stays sharp.
const PREVIEW_SIDE: u32 = 512;
/// Side of the picture that is uploaded, pixels.
const AVATAR_SIDE: u32 = 256;
/// Qualities tried until the picture fits.
const QUALITIES: [u8; 5] = [90, 80, 70, 55, 40];

/// Asks the person for a file. Blocks: for a worker.
#[must_use]
pub fn choose() -> PictureEvent {
    if let Err(name) = portal::has_file_dialog() {
        return PictureEvent::Refused(tr(name));
    }
    let dialog = rfd::FileDialog::new().add_filter(tr("picture-filter"), &["png", "jpg", "jpeg", "webp"]);
    match dialog.pick_file() {
        Some(path) => read(&path),
        None => PictureEvent::None,
    }
}

/// Reads a file. Blocks: for a worker.
#[must_use]
pub fn read(path: &Path) -> PictureEvent {
    match files::picture_bytes(path) {
        Ok(Some(bytes)) => match decode(&bytes) {
            Ok(picture) => PictureEvent::Read(picture),
            Err(name) => PictureEvent::Refused(tr(name)),
        },
        Ok(None) => PictureEvent::Refused(tr("picture-too-large")),
        Err(_) => PictureEvent::Refused(tr("picture-unreadable")),
    }
}

/// Decodes within the limits, scaled down for the crop. The error names its sentence.
///
/// # Errors
/// The name of a sentence of the catalogue.
pub fn decode(bytes: &[u8]) -> Result<Picture, &'static str> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| "picture-not-one")?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)
    ) {
        return Err("picture-not-one");
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| sentence(&error))?;
    let (width, height) = decoder.dimensions();
    if width > SIDE_MAX || height > SIDE_MAX {
        return Err("picture-too-many-pixels");
    }
    if decoder.total_bytes() > DECODE_BYTES_MAX {
        return Err("picture-bomb");
    }
    // A camera held upright writes the turn beside the pixels; a note that makes no sense turns nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| sentence(&error))?;
    let shorter = width.min(height);
    if shorter > PREVIEW_SIDE {
        let scaled = |side: u32| (u64::from(side) * u64::from(PREVIEW_SIDE) / u64::from(shorter)) as u32;
        image = image.resize_exact(scaled(width), scaled(height), FilterType::Triangle);
    }
    image.apply_orientation(orientation);
    let rgba = image.into_rgba8();
    let (width, height) = rgba.dimensions();
    if width == 0 || height == 0 {
        return Err("picture-not-one");
    }
    Ok(Picture {
        width,
        height,
        rgba: Arc::new(rgba.into_raw()),
    })
}

fn sentence(error: &image::ImageError) -> &'static str {
    match error {
        image::ImageError::Limits(_) => "picture-bomb",
        image::ImageError::Unsupported(_) => "picture-not-one",
        _ => "picture-broken",
    }
}

/// Crops a square and packs it for the server. Blocks: for a worker.
#[must_use]
pub fn pack(picture: &Picture, zoom: u32, centre: (u32, u32)) -> PictureEvent {
    match packed(picture, zoom, centre) {
        Some(bytes) => {
            let hash = BlobHash(Sha256::digest(&bytes).into());
            PictureEvent::Packed(hash, Arc::new(bytes))
        }
        None => PictureEvent::Refused(tr("picture-broken")),
    }
}

/// The square of the picture that a zoom and a middle choose: left, top, side.
#[must_use]
pub fn crop_square(width: u32, height: u32, zoom: u32, centre: (u32, u32)) -> (u32, u32, u32) {
    let side = (width.min(height) * 100 / zoom.clamp(100, 400)).max(1);
    let start = |length: u32, thousandth: u32| {
        let middle = length * thousandth.min(1000) / 1000;
        middle.saturating_sub(side / 2).min(length - side)
    };
    (start(width, centre.0), start(height, centre.1), side)
}

fn packed(picture: &Picture, zoom: u32, centre: (u32, u32)) -> Option<Vec<u8>> {
    let image = RgbaImage::from_raw(picture.width, picture.height, picture.rgba.to_vec())?;
    let (left, top, side) = crop_square(picture.width, picture.height, zoom, centre);
    let square = DynamicImage::from(image).crop_imm(left, top, side, side);
    let square = square.resize_exact(
        AVATAR_SIDE.min(side.max(64)),
        AVATAR_SIDE.min(side.max(64)),
        FilterType::Lanczos3,
    );
    let mut png = Vec::new();
    square
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .ok()?;
    if png.len() <= AVATAR_BYTES_MAX {
        return Some(png);
    }
    let opaque = DynamicImage::from(square.into_rgb8());
    QUALITIES.into_iter().find_map(|quality| {
        let mut jpeg = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality);
        opaque.write_with_encoder(encoder).ok()?;
        (jpeg.len() <= AVATAR_BYTES_MAX).then_some(jpeg)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, ImageEncoder};

    fn png(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        image
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .expect("a picture encodes");
        bytes
    }

    /// A small file that says it is so large: only its head is changed.
    fn claiming(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = png(&DynamicImage::new_rgba16(1, 1));
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = u32::MAX;
        for byte in &bytes[12..29] {
            crc = (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
            });
        }
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        bytes
    }

    #[test]
    fn each_refusal_has_its_own_sentence() {
        let refused = |bytes: &[u8]| decode(bytes).map(|_| ()).expect_err("it must be refused");
        assert_eq!(refused(b"GIF89a and so on"), "picture-not-one");
        assert_eq!(refused(b""), "picture-not-one");
        assert_eq!(
            refused(&claiming(8000, 6250)),
            "picture-too-many-pixels",
            "50 megapixels"
        );
        assert_eq!(refused(&claiming(60_000, 60_000)), "picture-too-many-pixels");
        assert_eq!(
            refused(&claiming(4096, 4096)),
            "picture-bomb",
            "a hundred bytes that become 128 MiB"
        );
        let whole = png(&DynamicImage::new_rgb8(64, 64));
        assert_eq!(refused(&whole[..whole.len() / 2]), "picture-broken");
        for name in [
            "picture-not-one",
            "picture-too-many-pixels",
            "picture-bomb",
            "picture-broken",
        ] {
            assert_ne!(tr(name), name, "a sentence of the catalogue");
        }
    }

    #[test]
    fn the_largest_picture_allowed_is_taken_and_scaled_by_its_shorter_side() {
        let picture = decode(&png(&DynamicImage::new_luma8(4096, 2048))).expect("within the limits");
        assert_eq!((picture.width, picture.height), (1024, 512));
        assert_eq!(picture.rgba.len(), 1024 * 512 * 4);
    }

    #[test]
    fn a_picture_taken_upright_is_shown_upright() {
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
        // TIFF header, one entry: orientation (0x0112) = 6, a quarter turn.
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        encoder
            .set_exif_metadata(exif.to_vec())
            .expect("JPEG holds such notes");
        encoder
            .write_image(&[90; 40 * 20 * 3], 40, 20, ExtendedColorType::Rgb8)
            .expect("it encodes");
        let picture = decode(&jpeg).expect("a good picture");
        assert_eq!((picture.width, picture.height), (20, 40));
    }

    #[test]
    fn what_is_packed_fits_and_is_square() {
        let mut noise: u32 = 1;
        let image = RgbaImage::from_fn(700, 500, |_, _| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = noise.to_be_bytes();
            image::Rgba([a, b, c, 255])
        });
        let picture = Picture {
            width: 700,
            height: 500,
            rgba: Arc::new(image.into_raw()),
        };
        let PictureEvent::Packed(hash, bytes) = pack(&picture, 100, (500, 500)) else {
            panic!("it packs")
        };
        assert!(bytes.len() <= AVATAR_BYTES_MAX, "{} bytes of noise", bytes.len());
        assert_eq!(hash, BlobHash(Sha256::digest(bytes.as_slice()).into()));
        let packed = decode(&bytes).expect("a picture again");
        assert_eq!((packed.width, packed.height), (AVATAR_SIDE, AVATAR_SIDE));
    }

    #[test]
    fn the_square_stays_inside_the_picture() {
        assert_eq!(crop_square(700, 500, 100, (0, 0)), (0, 0, 500));
        assert_eq!(crop_square(700, 500, 100, (1000, 1000)), (200, 0, 500));
        assert_eq!(crop_square(700, 500, 200, (500, 500)), (225, 125, 250));
    }
}
