//! Who is there, and how sure we are of it. A state travels with its reason and its age, never with a wall-clock time.

use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// What a watcher is told about a friend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// A live session says: here.
    Online,
    /// A live session says: not at the keyboard.
    Away,
    /// A live session says: do not disturb.
    Busy,
    /// The link dropped without goodbye, or has been silent for 7.5 s.
    Doubtful,
    /// Not there. Told with its reason.
    Offline,
    /// The server itself is not sure yet (it has just started).
    Unknown,
}

/// What a person chose to be seen as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// Here.
    #[default]
    Online,
    /// Not at the keyboard.
    Away,
    /// Do not disturb.
    Busy,
    /// Seen by others exactly as offline.
    Invisible,
}

/// Why somebody is offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Said goodbye.
    Left,
    /// The link dropped and did not come back within the grace.
    LinkLost,
    /// No byte for the whole lease.
    TimedOut,
    /// The same device signed in again. Never told of the last session.
    Replaced,
    /// Signed out by the person elsewhere, or by the operator.
    Kicked,
    /// Had not come back when the server stopped waiting after its restart.
    ServerRestart,
    /// The node that held the session is gone.
    NodeLost,
}

/// One person's presence as one row on the wire: `[account, version, state, reason, age_ms]`.
///
/// `version` rises by one per change of the account and is compared only within one `source`.
/// `age_ms` is how long ago the state began, by the server's monotonic clock, when the frame was made;
/// for `offline` it is the time since the person was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceEntry(
    /// Whose presence.
    pub AccountId,
    /// Version of it.
    pub u64,
    /// The state.
    pub PresenceState,
    /// Why, when offline or doubtful.
    pub Option<EndReason>,
    /// Age of the state, milliseconds.
    pub u64,
);

/// Who tells presence: one start of one node. Versions of different sources say nothing about each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct PresenceSource {
    /// The node; 0 when there is only one.
    pub node: u64,
    /// Which start of it.
    pub boot: u64,
}
