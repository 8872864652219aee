//! What a request was asked for, so that its answer finds its way back.

use breeze_protocol::{AccountId, ConvId, Mid};

/// What was asked, so that the answer finds its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Nothing is shown for a yes.
    Plain,
    /// The chat with a friend.
    OpenConv(AccountId),
    /// A page of older messages.
    Older(ConvId),
    /// What is missing after this place.
    Hole(ConvId, u64),
    /// Messages that follow what is shown of the past.
    Newer(ConvId),
    /// Messages around one.
    Around(ConvId, u64),
    /// What the server finds: number of the question.
    Search(u64),
    /// What is missing in a conversation on this computer.
    Fill(ConvId),
    /// Somebody's friendship.
    Friend(String),
    /// An invite.
    Invite,
    /// The devices.
    Devices,
    /// One's own profile.
    Profile,
    /// What a dialog about a group says.
    Group,
    /// A page of a group's members.
    Members(ConvId),
    /// A draft.
    Draft(ConvId),
    /// How a conversation is kept: the wish's mid.
    Keep(ConvId, Mid),
    /// How long messages are kept.
    Keeping,
    /// A pinned message, or one less.
    Pin,
}
