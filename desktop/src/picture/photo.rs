//! Pictures in messages: decoded within limits on a worker, kept as textures as long as they fit into their room.

use breeze_protocol::BlobHash;
use egui::{ColorImage, Context, TextureHandle, TextureId};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::collections::HashMap;
use std::io::Cursor;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Longest side of a picture in a bubble, pixels: sharp at twice the points.
pub const THUMB: u32 = 640;
/// The same when it is looked at large.
pub const LARGE: u32 = 2048;
/// Longest side of a picture that is decoded at all, pixels.
const SIDE_MAX: u32 = 8192;
/// Memory one decoding may take, bytes.
const DECODE_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Bytes of all textures; the longest unused go first.
const TEXTURE_BYTES_MAX: usize = 96 * 1024 * 1024;
/// Pictures waiting in either direction.
const QUEUE_MAX: usize = 16;

/// Reads the bytes of a picture.
pub type Load = Box<dyn Fn(BlobHash) -> Option<Vec<u8>> + Send>;

/// What there is of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Photo {
    /// It is being decoded.
    Coming,
    /// It cannot be shown.
    Broken,
    /// Here it is: its texture and its pixels.
    Ready(TextureId, [usize; 2]),
}

struct Done {
    key: (BlobHash, u32),
    image: Option<ColorImage>,
}

enum Entry {
    Asked,
    Broken,
    Ready(TextureHandle),
}

struct Kept {
    entry: Entry,
    used: u64,
}

/// The textures of pictures in messages.
pub struct Photos {
    ctx: Context,
    wishes: SyncSender<(BlobHash, u32)>,
    done: Receiver<Done>,
    kept: HashMap<(BlobHash, u32), Kept>,
    clock: u64,
}

impl Photos {
    /// Starts the worker; it ends with this.
    #[must_use]
    pub fn new(ctx: Context, load: Load) -> Self {
        let (wishes, to_do) = sync_channel::<(BlobHash, u32)>(QUEUE_MAX);
        let (finished, done) = sync_channel(QUEUE_MAX);
        let painter = ctx.clone();
        let work = move || {
            for (hash, side) in to_do {
                let image = load(hash).and_then(|bytes| decode(&bytes, side));
                let key = (hash, side);
                if finished.send(Done { key, image }).is_err() {
                    return;
                }
                painter.request_repaint();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("photos".to_owned()).spawn(work) {
            tracing::warn!(%error, "no thread for pictures: they are shown as files");
        }
        Self {
            ctx,
            wishes,
            done,
            kept: HashMap::new(),
            clock: 0,
        }
    }

    /// Take what the worker has finished. Called once per frame.
    pub fn collect(&mut self) {
        while let Ok(Done { key, image }) = self.done.try_recv() {
            let entry = match image {
                Some(image) => {
                    let name = format!("photo {} {}", key.0, key.1);
                    Entry::Ready(self.ctx.load_texture(name, image, egui::TextureOptions::LINEAR))
                }
                None => Entry::Broken,
            };
            let used = self.clock;
            self.kept.insert(key, Kept { entry, used });
        }
        self.make_room();
    }

    /// A picture, no longer than this on either side.
    pub fn get(&mut self, hash: BlobHash, side: u32) -> Photo {
        self.clock += 1;
        if let Some(kept) = self.kept.get_mut(&(hash, side)) {
            kept.used = self.clock;
            return match &kept.entry {
                Entry::Asked => Photo::Coming,
                Entry::Broken => Photo::Broken,
                Entry::Ready(texture) => Photo::Ready(texture.id(), texture.size()),
            };
        }
        // A full queue is no loss: a later frame asks again.
        if self.wishes.try_send((hash, side)).is_ok() {
            let used = self.clock;
            let entry = Entry::Asked;
            self.kept.insert((hash, side), Kept { entry, used });
        } else {
            self.ctx
                .request_repaint_after(std::time::Duration::from_millis(50));
        }
        Photo::Coming
    }

    /// The bytes of this picture are here now.
    pub fn arrived(&mut self, hash: BlobHash) {
        self.kept
            .retain(|(of, _), kept| *of != hash || !matches!(kept.entry, Entry::Broken));
    }

    fn make_room(&mut self) {
        let bytes = |kept: &Kept| match &kept.entry {
            Entry::Ready(texture) => texture.size()[0] * texture.size()[1] * 4,
            Entry::Asked | Entry::Broken => 0,
        };
        let mut all: usize = self.kept.values().map(bytes).sum();
        while all > TEXTURE_BYTES_MAX {
            let ready = self.kept.iter().filter(|(_, kept)| bytes(kept) > 0);
            let Some(oldest) = ready.min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key) else {
                return;
            };
            all -= self.kept.remove(&oldest).map_or(0, |kept| bytes(&kept));
        }
    }
}

/// Decodes a PNG, JPEG or WebP within the limits, upright, no longer than `side`; `None` when it cannot be.
#[must_use]
pub fn decode(bytes: &[u8], side: u32) -> Option<ColorImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)
    ) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > DECODE_BYTES_MAX {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    if image.width() > side || image.height() > side {
        image = image.resize(side, side, FilterType::Triangle);
    }
    image.apply_orientation(orientation);
    let rgba = image.into_rgba8();
    let size = [rgba.width() as usize, rgba.height() as usize];
    if size.contains(&0) {
        return None;
    }
    Some(ColorImage::from_rgba_unmultiplied(size, rgba.as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        DynamicImage::new_rgb8(width, height)
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .unwrap();
        bytes
    }

    #[test]
    fn a_picture_keeps_its_shape_and_a_hostile_one_is_none() {
        assert_eq!(decode(&png(1200, 300), 640).unwrap().size, [640, 160]);
        assert_eq!(decode(&png(30, 20), 640).unwrap().size, [30, 20]);
        assert!(decode(&png(SIDE_MAX + 1, 1), 640).is_none());
        let whole = png(64, 64);
        for bad in [&b""[..], b"GIF89a", b"MZ", &whole[..whole.len() / 2]] {
            assert!(decode(bad, 640).is_none());
        }
        let mut bomb = png(1, 1);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(decode(&bomb, 640).is_none());
    }
}
