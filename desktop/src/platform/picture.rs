//! Reading, cropping and packing a profile picture, with limits: a hostile file gets a sentence, not the memory.

use super::files;
use crate::model::event::PictureEvent;
use crate::model::onboarding::Picture;
use crate::words::tr;
use breeze_protocol::BlobHash;
use breeze_protocol::limit::AVATAR_BYTES_MAX;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// Longest side of a picture taken, pixels.
const SIDE_MAX: u32 = 4096;
/// Most memory one decoding may take, bytes.
const DECODE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Longest side of what the profile shows while it is cropped, pixels.
const PREVIEW_SIDE: u32 = 512;
/// Side of the picture that is uploaded, pixels.
const AVATAR_SIDE: u32 = 256;
/// Qualities tried until the picture fits.
const QUALITIES: [u8; 5] = [90, 80, 70, 55, 40];

/// Asks the person for a file. Blocks: for a worker.
#[must_use]
pub fn choose() -> PictureEvent {
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
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| "picture-not-one")?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err("picture-not-one");
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits.clone());
    let decoder = reader.into_decoder().map_err(|error| sentence(&error))?;
    let (width, height) = decoder.dimensions();
    if width > SIDE_MAX || height > SIDE_MAX {
        return Err("picture-too-many-pixels");
    }
    if decoder.total_bytes() > DECODE_BYTES_MAX {
        return Err("picture-bomb");
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| sentence(&error))?;
    let longest = width.max(height);
    let image = if longest > PREVIEW_SIDE {
        image.resize(PREVIEW_SIDE, PREVIEW_SIDE, FilterType::Triangle)
    } else {
        image
    };
    let rgba = image.into_rgba8();
    let (width, height) = rgba.dimensions();
    if width == 0 || height == 0 {
        return Err("picture-not-one");
    }
    Ok(Picture { width, height, rgba: Arc::new(rgba.into_raw()) })
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
    let square = square.resize_exact(AVATAR_SIDE.min(side.max(64)), AVATAR_SIDE.min(side.max(64)), FilterType::Lanczos3);
    let mut png = Vec::new();
    square.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
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
