//! What is asked of the store about groups.

use breeze_protocol::message::group::Role;
use breeze_protocol::{AccountId, BlobHash, ConvId};

/// A change of a group somebody wishes.
#[derive(Debug, Clone)]
pub enum GroupChange {
    /// Make one with these friends.
    Create {
        /// What it is called.
        title: String,
        /// Who is in it besides the maker.
        members: Vec<AccountId>,
    },
    /// Add friends.
    Invite(ConvId, Vec<AccountId>),
    /// Remove a member.
    Remove(ConvId, AccountId),
    /// Leave.
    Leave(ConvId),
    /// Give it this name, and this picture or none.
    Rename(ConvId, String, Option<BlobHash>),
    /// Give a member this role.
    Role(ConvId, AccountId, Role),
}

/// Who may be told that somebody types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypingTo {
    /// The members, the one who types among them; nobody when that one is no member.
    pub members: Vec<AccountId>,
    /// Whether it is a group: its members need not be friends. Whoever blocks or is blocked by the one who types is not
    /// among them.
    pub group: bool,
}
