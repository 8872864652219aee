//! Files of messages: which are on this computer, which are on their way, and the words between their parts.

use super::changes::Extra;
use super::chat::{BubbleKey, Line, Tick};
use super::{Now, file_name};
use crate::words::tr;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::{AccountId, BlobHash, ConvId, Mid};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Files sent at once, by one choice or one drop: more is a mistake, or an archive.
pub const FILES_MAX: usize = 20;
/// A picture up to this size is fetched as soon as it is seen, bytes.
pub const FETCHED_AT_SIGHT_MAX: u64 = 8 * 1024 * 1024;
/// The rate is worked out anew after so long, milliseconds.
const RATE_MS: u64 = 500;

/// One file on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transfer {
    /// Up, for this message.
    Up(Mid),
    /// Down, under this hash.
    Down(BlobHash),
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes that have arrived.
    pub done: u64,
    /// Bytes in all.
    pub size: u64,
    /// Bytes in a second, lately; 0 when not known.
    pub rate: u64,
    /// When the rate was last worked out (mono ms), and the bytes then.
    looked: Option<(u64, u64)>,
}

/// A file that is being read into the shelf before its message is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preparing {
    /// The message it becomes.
    pub mid: Mid,
    /// Where to.
    pub conv: ConvId,
    /// Its name.
    pub name: String,
    pub(super) caption: String,
    pub(super) target: Option<u64>,
    pub(super) ts: u64,
}

/// What is known of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// Largest file the server takes, bytes; 0: none.
    pub bytes_max: u64,
    pub(super) here: BTreeSet<BlobHash>,
    pub(super) running: BTreeMap<Transfer, Progress>,
    pub(super) failed: BTreeMap<BlobHash, String>,
    pub(super) preparing: Vec<Preparing>,
    pub(super) saved: BTreeMap<BlobHash, PathBuf>,
}

/// How a file in a bubble is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// It is being read from the disk.
    Reading,
    /// It waits for the link.
    Waiting,
    /// It is on its way, up or down.
    Running(Progress),
    /// Only the server has it.
    Absent,
    /// It is on this computer.
    Here,
    /// It could not be fetched: why, in words.
    Failed(String),
}

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file of the person.
    Path(PathBuf),
    /// The composer's text, too long for a message.
    Text(String),
    /// A picture from the clipboard: width, height, RGBA.
    Picture(u32, u32, std::sync::Arc<Vec<u8>>),
}

impl Source {
    /// What the file is called.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self {
            Self::Path(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            Self::Text(_) => tr("file-text-name"),
            Self::Picture(..) => tr("file-picture-name"),
        };
        file_name::safe(&name)
    }
}

/// Files chosen and not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where to.
    pub conv: ConvId,
    /// Which.
    pub sources: Vec<Source>,
    /// What is said with the first of them.
    pub caption: String,
}

/// A wish about files.
#[derive(Debug, Clone, PartialEq)]
pub enum FileAct {
    /// Open the system's file dialog.
    Choose(ConvId),
    /// These were chosen, dropped or pasted: ask before they are sent.
    Offer(ConvId, Vec<Source>),
    /// Offer the composer's text as a file.
    OfferText(ConvId),
    /// The caption was typed.
    Caption(String),
    /// Leave one out.
    LeaveOut(usize),
    /// Send what was offered.
    Send,
    /// Fetch a file of a message.
    Fetch(FilePlace),
    /// Stop it, up or down.
    Cancel(Transfer),
    /// Save it where the person says.
    SaveAs(Attachment),
    /// Open it with the system's program; asks first when it may run.
    Open(Attachment),
    /// Open it after the warning.
    OpenAnyway(Attachment),
    /// Show the folder it was saved in.
    Folder(BlobHash),
    /// Show a picture large.
    Look(Attachment),
}

/// A window about files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileDialog {
    /// Send these?
    Offer(Draft),
    /// It may run: open it all the same?
    Risky(Attachment),
    /// A picture, large.
    Look(Attachment),
}

/// To whoever reads and writes files.
#[derive(Debug, Clone, PartialEq)]
pub enum FileCommand {
    /// Which files are here? The ones named are needed and stay.
    List(BTreeSet<BlobHash>),
    /// No message names any others: they go, unless they have just come.
    KeepOnly(BTreeSet<BlobHash>),
    /// Open the system's file dialog.
    Choose(ConvId),
    /// Copy these into the shelf, in order.
    Take(Vec<(Mid, ConvId, Source)>, u64),
    /// Save it where the person says.
    SaveAs(BlobHash, String),
    /// Open it with the system's program.
    Open(BlobHash, String),
    /// Show this file's folder.
    Folder(PathBuf),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum FileEvent {
    /// These are here.
    Here(Vec<BlobHash>),
    /// The person chose these.
    Chosen(ConvId, Vec<PathBuf>),
    /// It is in the shelf, for this message.
    Taken(Mid, Attachment),
    /// It could not be taken: why, in words.
    NotTaken(Mid, String),
    /// It moved.
    Moved(Transfer, u64, u64),
    /// It came whole.
    Came(BlobHash),
    /// It will not come or go: why, in words.
    Failed(Transfer, String),
    /// It was saved here.
    Saved(BlobHash, PathBuf),
    /// Something to tell the person.
    Said(String),
}

impl Files {
    /// Whether a file is being read for a message that is not written yet.
    #[must_use]
    pub fn is_preparing(&self) -> bool {
        !self.preparing.is_empty()
    }

    /// Whether the server takes files.
    #[must_use]
    pub fn are_taken(&self) -> bool {
        self.bytes_max > 0
    }

    /// How the file of a bubble is.
    #[must_use]
    pub fn state(&self, key: BubbleKey, file: &Attachment) -> FileState {
        match key {
            BubbleKey::Waiting(mid) if self.preparing.iter().any(|it| it.mid == mid) => FileState::Reading,
            BubbleKey::Waiting(mid) => match self.running.get(&Transfer::Up(mid)) {
                Some(progress) => FileState::Running(*progress),
                None => FileState::Waiting,
            },
            BubbleKey::Stored(_) => match (
                self.running.get(&Transfer::Down(file.hash)),
                self.failed.get(&file.hash),
            ) {
                _ if self.here.contains(&file.hash) => FileState::Here,
                (Some(progress), _) => FileState::Running(*progress),
                (None, Some(why)) => FileState::Failed(why.clone()),
                (None, None) => FileState::Absent,
            },
        }
    }

    /// Whether its bytes are on this computer.
    #[must_use]
    pub fn is_here(&self, hash: BlobHash) -> bool {
        self.here.contains(&hash)
    }

    /// Where it was saved, since the start.
    #[must_use]
    pub fn saved(&self, hash: BlobHash) -> Option<&PathBuf> {
        self.saved.get(&hash)
    }

    /// What is being read for this chat.
    pub fn preparing(&self, conv: ConvId) -> impl Iterator<Item = &Preparing> {
        self.preparing.iter().filter(move |it| it.conv == conv)
    }

    pub(super) fn moved(&mut self, now: Now, transfer: Transfer, done: u64, size: u64) {
        let progress = self.running.entry(transfer).or_default();
        (progress.done, progress.size) = (done, size);
        match progress.looked {
            Some((at, bytes)) if now.mono_ms >= at + RATE_MS => {
                let fresh = done.saturating_sub(bytes) * 1000 / (now.mono_ms - at);
                progress.rate = if progress.rate == 0 {
                    fresh
                } else {
                    (progress.rate + fresh) / 2
                };
                progress.looked = Some((now.mono_ms, done));
            }
            Some(_) => {}
            None => progress.looked = Some((now.mono_ms, done)),
        }
    }
}

impl Preparing {
    /// As the file of a bubble.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        Attachment {
            hash: BlobHash::default(),
            size: 0,
            name: self.name.clone(),
            media: String::new(),
            width: None,
            height: None,
        }
    }

    /// Its line in the chat.
    #[must_use]
    pub fn line(&self, me: AccountId) -> Line {
        Line::Bubble {
            key: BubbleKey::Waiting(self.mid),
            sender: me,
            own: true,
            named: false,
            first: true,
            last: true,
            text: self.caption.clone(),
            unsupported: false,
            ts: self.ts,
            tick: Some(Tick::Waiting),
            why: None,
            extra: Extra {
                files: vec![self.attachment()],
                ..Extra::default()
            },
        }
    }

    /// When it was chosen (wall ms).
    #[must_use]
    pub fn ts(&self) -> u64 {
        self.ts
    }
}
