//! The thread that reads, decodes and shrinks pictures, so that no frame waits for it. Both queues are bounded.

use super::bake;
use breeze_protocol::BlobHash;
use egui::{ColorImage, Context};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Pictures waiting in either direction. When it is full the window asks again in a later frame.
const QUEUE_MAX: usize = 64;

/// Reads the bytes of a picture.
pub(super) type Load = Box<dyn Fn(BlobHash) -> Option<Vec<u8>> + Send>;

/// What came of a wish.
pub(super) struct Done {
    pub(super) hash: BlobHash,
    pub(super) pixels: u32,
    pub(super) image: Option<ColorImage>,
}

pub(super) struct Worker {
    wishes: SyncSender<(BlobHash, u32)>,
    done: Receiver<Done>,
}

impl Worker {
    /// Start the thread. It ends when the window drops its side of the queue.
    pub(super) fn start(ctx: Context, load: Load) -> Self {
        let (wishes, to_do) = sync_channel::<(BlobHash, u32)>(QUEUE_MAX);
        let (finished, done) = sync_channel(QUEUE_MAX);
        let work = move || {
            for (hash, pixels) in to_do {
                let image = load(hash)
                    .and_then(|bytes| bake::decode(&bytes))
                    .map(|picture| bake::halves(&picture, pixels));
                if finished.send(Done { hash, pixels, image }).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("pictures".to_owned())
            .spawn(work)
        {
            tracing::warn!(%error, "no thread for pictures: initials are shown");
        }
        Self { wishes, done }
    }

    /// Ask for a picture; `false` when the queue is full.
    pub(super) fn ask(&self, hash: BlobHash, pixels: u32) -> bool {
        self.wishes.try_send((hash, pixels)).is_ok()
    }

    /// The next finished one.
    pub(super) fn next(&self) -> Option<Done> {
        self.done.try_recv().ok()
    }
}
