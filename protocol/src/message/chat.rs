//! Messages: sending, receiving, changing, marks, typing, history.

use super::attachment::Attachment;
use super::code::NackCode;
use crate::emoji;
use crate::id::{AccountId, ConvId, Mid};
use crate::limit::{ATTACHMENTS_MAX, BODY_BYTES_MAX, REACTION_BYTES_MAX};
use serde::{Deserialize, Serialize};

/// What an entry of a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A text message; counted in `n`. With an empty body: erased, by a later `delete`.
    #[default]
    Text,
    /// Another text in place of that of the message `target`, by its author. With an empty body: erased with it.
    Edit,
    /// The message `target` is erased, by its author.
    Delete,
    /// One emoji of one person under the message `target`, in place of that person's earlier one; empty: none any more.
    Reaction,
    /// A change of who is in a group; its body is a [`super::group::MemberChange`]. Made by the server, not counted.
    Member,
    /// One or more files, with a caption that may be empty; counted in `n`. Without files: erased, by a later `delete`.
    File,
    /// A kind this version does not know: kept and shown as "unsupported message". Never sent by a client.
    #[serde(other)]
    Other,
}

impl EntryKind {
    /// Whether such an entry is a message of its own, counted in `n`; the others change one.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Text | Self::File)
    }

    /// The number a kind is kept as, on either side. Never changes, and is never on the wire.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Text => 0,
            Self::Edit => 1,
            Self::Delete => 2,
            Self::Reaction => 3,
            Self::File => 4,
            Self::Member => 5,
            Self::Other => -1,
        }
    }

    /// The kind kept as this number; [`Self::Other`] for one that a newer version has kept.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Text,
            1 => Self::Edit,
            2 => Self::Delete,
            3 => Self::Reaction,
            4 => Self::File,
            5 => Self::Member,
            _ => Self::Other,
        }
    }
}

/// `send`: answered by `sent` or `nack` with the same mid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Send {
    /// Identity of the message.
    pub mid: Mid,
    /// Where to.
    pub conv: ConvId,
    /// What it is.
    pub kind: EntryKind,
    /// The text of a `text` or an `edit`: at most 16 KiB of UTF-8, not empty. Empty for a `delete`. One emoji, or
    /// nothing, for a `reaction`. The caption of a `file`, which may be empty.
    pub body: String,
    /// Place of the message that is answered by a `text` or `file`, or changed by another kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<u64>,
    /// The files of a `file`, 1 to 10; of nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Send {
    /// A plain text.
    #[must_use]
    pub fn text(mid: Mid, conv: ConvId, body: impl Into<String>) -> Self {
        let body = body.into();
        Self {
            mid,
            conv,
            body,
            ..Self::default()
        }
    }

    /// What is wrong with it by itself, whoever sends it and wherever to; `None` when nothing is.
    #[must_use]
    pub fn flaw(&self) -> Option<NackCode> {
        let bytes_max = match self.kind {
            EntryKind::Reaction => REACTION_BYTES_MAX,
            _ => BODY_BYTES_MAX,
        };
        let good = match self.kind {
            EntryKind::Text => !self.body.is_empty() && self.target != Some(0),
            EntryKind::Edit => !self.body.is_empty() && self.target.is_some(),
            EntryKind::Delete => self.body.is_empty() && self.target.is_some(),
            EntryKind::Reaction => {
                (self.body.is_empty() || emoji::is_one(&self.body)) && self.target.is_some()
            }
            EntryKind::File => !self.attachments.is_empty() && self.target != Some(0),
            EntryKind::Member | EntryKind::Other => false,
        };
        let most = if self.kind == EntryKind::File {
            ATTACHMENTS_MAX
        } else {
            0
        };
        let good =
            good && self.attachments.len() <= most && self.attachments.iter().all(Attachment::is_lawful);
        if self.body.len() > bytes_max {
            Some(NackCode::TooLong)
        } else if good {
            None
        } else {
            Some(NackCode::BadReference)
        }
    }
}

/// `sent`: the message is on the server's disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Which message.
    pub mid: Mid,
    /// Its conversation.
    pub conv: ConvId,
    /// Its place there.
    pub seq: u64,
    /// The server's wall clock at the commit, milliseconds since 1970 UTC.
    pub ts: u64,
    /// Whether the server had it already.
    pub dup: bool,
}

/// `nack`: a change was refused. Also answers other requests that carry a mid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nack {
    /// Which wish.
    pub mid: Mid,
    /// Why.
    pub code: NackCode,
    /// Whether the same wish may succeed later.
    pub transient: bool,
    /// Try again after this many milliseconds, when transient.
    #[serde(default)]
    pub retry_ms: u64,
}

/// `event`: one entry of a conversation, stored and numbered. Also a row of a history page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Event {
    /// Commit number: everything up to here has been sent once this is stored. 0 in a history page.
    pub cursor: u64,
    /// The conversation.
    pub conv: ConvId,
    /// Place in it, dense, from 1.
    pub seq: u64,
    /// Place of the entry before it that this account may see; 0 for the first.
    pub prev_seq: u64,
    /// Countable messages up to and with this one.
    pub n: u64,
    /// What it is.
    pub kind: EntryKind,
    /// Who wrote it.
    pub sender: AccountId,
    /// The author's identity of it.
    pub mid: Mid,
    /// The server's wall clock at the commit, milliseconds since 1970 UTC.
    pub ts: u64,
    /// The text; for a `reaction` the emoji. Empty once it is erased.
    pub body: String,
    /// Place of the message that is answered by a `text` or `file`, or changed by another kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<u64>,
    /// The files of a `file`; none once it is erased.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// `ack`: entries and items of this connection that are stored on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// How many, counted from the connection's first `event` or `item`.
    pub n: u64,
}

/// `read`: this account has read up to `seq`. Not answered; marks only rise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The conversation.
    pub conv: ConvId,
    /// Last entry read.
    pub seq: u64,
}

/// How far one member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Whose mark.
    pub account: AccountId,
    /// Last entry stored on one of the member's devices.
    pub delivered: u64,
    /// Last entry read.
    pub read: u64,
}

/// `receipts`: marks that have risen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// The conversation.
    pub conv: ConvId,
    /// The marks.
    pub marks: Vec<Mark>,
}

/// `typing` from the client: at most every 3 s while typing; not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Where.
    pub conv: ConvId,
}

/// `typing` from the server: shown for 6 s, or until a message of that person comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingNotice {
    /// Where.
    pub conv: ConvId,
    /// Who.
    pub account: AccountId,
}

/// `history`: a page before or after a place; both 0 means the newest page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The conversation.
    pub conv: ConvId,
    /// Entries with a smaller seq, newest first in choice, told in rising order.
    #[serde(default)]
    pub before: u64,
    /// Entries with a larger seq, told in rising order.
    #[serde(default)]
    pub after: u64,
    /// At most so many rows, up to 200.
    pub limit: u32,
}

/// `history_page`: rows in rising order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The conversation.
    pub conv: ConvId,
    /// The entries.
    pub rows: Vec<Event>,
    /// Whether there are more in the direction asked for.
    pub more: bool,
    /// Ranges of seq that are erased or not one's own to see, each `[from, to]`, both included.
    #[serde(default)]
    pub gone: Vec<(u64, u64)>,
}

/// `conv_open`: answered by `conv_opened` or `nack{not_contact}`. With one's own account: the notes to oneself, one
/// conversation per account. The conversation also comes as an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvOpen {
    /// Identity of this wish.
    pub mid: Mid,
    /// With whom.
    pub account: AccountId,
}

/// `conv_opened`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvOpened {
    /// The conversation.
    pub conv: ConvId,
}
