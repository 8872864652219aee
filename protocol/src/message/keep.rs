//! How long the messages of a conversation are kept.

use crate::id::{ConvId, Mid};
use serde::{Deserialize, Serialize};

/// `conv_keep`: keeps the messages of a conversation for so long, for everybody in it. Answered by `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvKeep {
    /// Identity of this wish.
    pub mid: Mid,
    /// The conversation.
    pub conv: ConvId,
    /// Days, at most [`crate::limit::KEEP_DAYS_MAX`]; 0: for good.
    pub days: u64,
}
