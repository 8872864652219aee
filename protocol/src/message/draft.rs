//! Texts begun on one device and not sent: the same on all devices of the person, and nobody else's business.

use crate::id::ConvId;
use serde::{Deserialize, Serialize};

/// `draft`, and the item of that name: what stands in the composer of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The conversation.
    pub conv: ConvId,
    /// The text; empty: there is none any more.
    #[serde(default)]
    pub text: String,
}
