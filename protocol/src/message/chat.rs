//! One-to-one text: sending, receiving, marks, typing, history.

use super::code::NackCode;
use crate::id::{AccountId, ConvId, Mid};
use serde::{Deserialize, Serialize};

/// What an entry of a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A text message; counted in `n`.
    Text,
    /// A kind this version does not know: kept and shown as "unsupported message". Never sent by a client.
    #[serde(other)]
    Other,
}

/// `send`: answered by `sent` or `nack` with the same mid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// Identity of the message.
    pub mid: Mid,
    /// Where to.
    pub conv: ConvId,
    /// What it is.
    pub kind: EntryKind,
    /// The text, at most 16 KiB of UTF-8, not empty.
    pub body: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The text.
    pub body: String,
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

/// `conv_open`: answered by `conv_opened` or `nack{not_contact}`. The conversation also comes as an item.
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
