//! Pictures of people: found by hash, decoded on a worker, kept as small textures with a colour and a grey half.

pub mod bake;
pub mod photo;
mod worker;

use breeze_protocol::BlobHash;
use egui::{Context, TextureHandle, TextureId};
use std::collections::HashMap;

/// Textures kept. More people than this on one screen is not possible; older ones are made again.
const KEPT_MAX: usize = 256;

/// Which picture, at which size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Blob(BlobHash, u32),
    Gradient(u8, u32),
}

enum Entry {
    /// The worker has it.
    Asked,
    /// Not on this computer (yet), or not a picture.
    Missing,
    Ready(TextureHandle),
}

struct Kept {
    entry: Entry,
    used: u64,
}

/// The textures of avatars. Belongs to the window's thread; decoding does not.
pub struct Pictures {
    ctx: Context,
    worker: worker::Worker,
    kept: HashMap<Key, Kept>,
    /// Counts look-ups, to find the one not used for longest.
    clock: u64,
    photos: Option<photo::Photos>,
}

impl Pictures {
    /// `load` reads the bytes of a picture; it is called on the worker's thread.
    #[must_use]
    pub fn new(ctx: Context, load: Box<dyn Fn(BlobHash) -> Option<Vec<u8>> + Send>) -> Self {
        let worker = worker::Worker::start(ctx.clone(), load);
        Self {
            ctx,
            worker,
            kept: HashMap::new(),
            clock: 0,
            photos: None,
        }
    }

    /// The same with pictures in messages; `load` reads their bytes, on another worker.
    #[must_use]
    pub fn with_photos(mut self, load: photo::Load) -> Self {
        self.photos = Some(photo::Photos::new(self.ctx.clone(), load));
        self
    }

    /// A picture of a message, no longer than `side` pixels.
    pub fn photo(&mut self, hash: BlobHash, side: u32) -> photo::Photo {
        match &mut self.photos {
            Some(photos) => photos.get(hash, side),
            None => photo::Photo::Broken,
        }
    }

    /// The bytes of this picture are here now.
    pub fn arrived(&mut self, hash: BlobHash) {
        if let Some(photos) = &mut self.photos {
            photos.arrived(hash);
        }
        self.kept.retain(|key, kept| {
            !(matches!(key, Key::Blob(of, _) if *of == hash) && matches!(kept.entry, Entry::Missing))
        });
        self.ctx.request_repaint();
    }

    /// Take what the worker has finished. Called once per frame.
    pub fn collect(&mut self) {
        if let Some(photos) = &mut self.photos {
            photos.collect();
        }
        while let Some(done) = self.worker.next() {
            let key = Key::Blob(done.hash, done.pixels);
            let entry = match done.image {
                Some(image) => {
                    let name = format!("avatar {} {}", done.hash, done.pixels);
                    Entry::Ready(self.ctx.load_texture(name, image, egui::TextureOptions::LINEAR))
                }
                None => Entry::Missing,
            };
            self.keep(key, entry);
        }
    }

    /// The texture of a picture, colour left and grey right; `None` while it is not ready.
    pub fn picture(&mut self, hash: BlobHash, pixels: u32) -> Option<TextureId> {
        let key = Key::Blob(hash, pixels);
        self.clock += 1;
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.used = self.clock;
            return match &kept.entry {
                Entry::Ready(texture) => Some(texture.id()),
                Entry::Asked | Entry::Missing => None,
            };
        }
        // A full queue is no loss: the next frame asks again.
        if self.worker.ask(hash, pixels) {
            self.keep(key, Entry::Asked);
        } else {
            self.ctx
                .request_repaint_after(std::time::Duration::from_millis(50));
        }
        None
    }

    /// The texture of one of the eight gradients.
    pub fn gradient(&mut self, account: u64, pixels: u32) -> TextureId {
        let which = u8::try_from(account % 8).unwrap_or(0);
        let key = Key::Gradient(which, pixels);
        self.clock += 1;
        if let Some(Kept {
            entry: Entry::Ready(texture),
            used,
        }) = self.kept.get_mut(&key)
        {
            *used = self.clock;
            return texture.id();
        }
        let image = bake::gradient(which, pixels);
        let name = format!("gradient {which} {pixels}");
        let texture = self.ctx.load_texture(name, image, egui::TextureOptions::LINEAR);
        let id = texture.id();
        self.keep(key, Entry::Ready(texture));
        id
    }

    fn keep(&mut self, key: Key, entry: Entry) {
        let used = self.clock;
        self.kept.insert(key, Kept { entry, used });
        if self.kept.len() <= KEPT_MAX {
            return;
        }
        let oldest = self
            .kept
            .iter()
            .filter(|(_, kept)| !matches!(kept.entry, Entry::Asked))
            .min_by_key(|(_, kept)| kept.used)
            .map(|(key, _)| *key);
        if let Some(oldest) = oldest {
            self.kept.remove(&oldest);
        }
    }
}
