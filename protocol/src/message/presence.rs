//! Presence on the wire. See `docs/protocol.md` for what each state promises.

use crate::presence::{PresenceEntry, PresenceSource, StatusKind};
use serde::{Deserialize, Serialize};

/// `presence_snapshot`: replaces everything the client knew; sent in chunks, the last one marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceSnapshot {
    /// Who tells. Later frames of another source are dropped.
    pub source: PresenceSource,
    /// Number of this chunk, from 0.
    pub chunk: u32,
    /// Whether it is the last one. People not named in any chunk are offline, never seen.
    pub last: bool,
    /// The rows.
    pub entries: Vec<PresenceEntry>,
}

/// `presence`: changes, latest state per person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who tells.
    pub source: PresenceSource,
    /// The rows.
    pub entries: Vec<PresenceEntry>,
}

/// `status`: how the person wants to be seen. Answered by `done` when it has an `id`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Status {
    /// The choice.
    pub state: StatusKind,
}

/// `presence_query`: answered by `presence_snapshot` chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceQuery {}
