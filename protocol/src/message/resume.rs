//! Catching up after sign-in: what was missed, then live.

use super::presence::Status;
use crate::id::Epoch;
use serde::{Deserialize, Serialize};

/// `resume`: the client's place. Before it, a session gets no live traffic and is not present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Epoch the cursor belongs to; all zero on a new device.
    pub epoch: Epoch,
    /// Boot last seen; 0 on a new device.
    pub boot: u64,
    /// Last cursor stored; 0 on a new device.
    pub cursor: u64,
    /// How the person wants to be seen, from the first moment on.
    pub status: Status,
}

/// How a resume is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumeMode {
    /// Everything above the cursor follows.
    Delta,
    /// Heads, every live item and the newest entries of each conversation follow; forget what is not among them.
    Snapshot,
    /// The server's data is older than this client's; a snapshot follows and sends are refused.
    RolledBack,
}

/// `resumed`: first answer. `presence_snapshot`, `event` and `item` follow, then `synced`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// What follows.
    pub mode: ResumeMode,
    /// Why it is not a delta, for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `synced`: everything missed has been sent; live from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// Everything up to here has been sent to this device.
    pub cursor: u64,
}
