//! Messages pinned to the top of a conversation, for everybody in it.

use crate::id::{AccountId, ConvId, Mid};
use serde::{Deserialize, Serialize};

/// One pinned message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pin {
    /// Its place.
    pub seq: u64,
    /// Who pinned it.
    pub by: AccountId,
    /// When, milliseconds since 1970 UTC.
    pub ts: u64,
}

/// The item `pins`: the pinned messages of a conversation that this member may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// The conversation.
    pub conv: ConvId,
    /// By place, the oldest message first; at most [`crate::limit::PINS_MAX`].
    pub pins: Vec<Pin>,
}

/// `message_pin`: pins a message, or takes it off. Answered by `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePin {
    /// Identity of this wish.
    pub mid: Mid,
    /// The conversation.
    pub conv: ConvId,
    /// Place of the message.
    pub seq: u64,
    /// Pinned, or no longer.
    pub pinned: bool,
}
