//! The threads of an open store: one writes; readers, checkpoints and the search index work beside it.

use super::writer::Writer;
use super::{index, readers};
use crate::store::Identity;
use crate::store::data_dir::DataDir;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

/// What works beside the writer, on a file.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) readers: Option<readers::Readers>,
    pub(super) checkpoint: Option<SyncSender<()>>,
    pub(super) index: Option<index::Index>,
    pub(super) filling: Option<index::Filling>,
}

impl Beside {
    /// `served`: for a server; a subcommand that only looks in needs no index.
    pub(super) fn start(path: &std::path::Path, identity: &Identity, served: bool) -> Result<Self, String> {
        let readers = readers::Readers::start(path)?;
        let checkpoint = readers::start_checkpoints(path)?;
        let index = served.then(|| index::Index::start(path, identity));
        let (index, filling) = index.transpose()?.unzip();
        Ok(Self {
            readers: Some(readers),
            checkpoint: Some(checkpoint),
            index,
            filling,
        })
    }
}

/// Starts the thread that writes; `filling` is the one that fills the index beside it.
pub(super) fn start_writing(
    writer: Writer,
    filling: Option<JoinHandle<()>>,
    dir: Option<DataDir>,
) -> std::io::Result<()> {
    let work = move || {
        let waits = writer.run();
        // It ends with the writer, after at most one more batch.
        let _ = filling.map(JoinHandle::join);
        // Only now may another process have the directory.
        drop(dir);
        waits.map(|reply| reply.send(()))
    };
    std::thread::Builder::new()
        .name("store-write".to_owned())
        .spawn(work)
        .map(drop)
}
