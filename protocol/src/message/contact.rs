//! Friends: asking, answering, ending, blocking; and one's own profile. Each wish carries a mid and is answered by `done`.

use crate::id::{AccountId, BlobHash, Mid};
use serde::{Deserialize, Serialize};

/// `friend_request`: always answered by `done`, whether the name exists or not (or `nack{slow_down}` over 20 a day).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendRequest {
    /// Identity of this wish.
    pub mid: Mid,
    /// The exact username.
    pub username: String,
}

/// `friend_answer`. With `accept: false` on an outgoing request it takes that request back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendAnswer {
    /// Identity of this wish.
    pub mid: Mid,
    /// Whose request.
    pub account: AccountId,
    /// Yes or no.
    pub accept: bool,
}

/// `unfriend`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfriend {
    /// Identity of this wish.
    pub mid: Mid,
    /// Whom.
    pub account: AccountId,
}

/// `block`: cuts messages, presence, typing, receipts, profile changes and requests, both ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Identity of this wish.
    pub mid: Mid,
    /// Whom.
    pub account: AccountId,
}

/// `unblock`: takes the block back; a friendship from before comes back with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unblock {
    /// Identity of this wish.
    pub mid: Mid,
    /// Whom.
    pub account: AccountId,
}

/// `profile_set`: the whole profile as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSet {
    /// Identity of this wish.
    pub mid: Mid,
    /// The name others see.
    pub display_name: String,
    /// A picture this account has uploaded, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<BlobHash>,
    /// A line under the name; empty when none.
    #[serde(default)]
    pub status_text: String,
}
