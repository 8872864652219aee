//! Invites, devices and live sessions.

use super::sign_in::Secret;
use crate::id::{DeviceId, Mid};
use serde::{Deserialize, Serialize};

/// `invite_create`: answered by `invite`. Whoever joins with it becomes a friend of its maker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreate {
    /// Identity of this wish.
    pub mid: Mid,
    /// How many may join with it, 1 to 1,000.
    pub uses: u32,
    /// For how many seconds it is valid, at most 30 days.
    pub ttl_s: u64,
}

/// `invite`: the link to hand out. A repeated mid gets a fresh code in place of the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Number of the invite.
    pub invite: u64,
    /// The whole link, code and pin in it.
    pub link: Secret,
    /// End of its validity, milliseconds since 1970 UTC.
    pub expires_ms: u64,
}

/// `invite_list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteList {}

/// One invite; its code is known only to whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    /// Number of the invite.
    pub invite: u64,
    /// How many may still join with it.
    pub uses_left: u32,
    /// End of its validity, milliseconds since 1970 UTC.
    pub expires_ms: u64,
}

/// `invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invites {
    /// The valid ones, newest first.
    pub rows: Vec<InviteRow>,
}

/// `invite_revoke`: answered by `done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRevoke {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which.
    pub invite: u64,
}

/// `sessions_list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsList {}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Which device.
    pub device: DeviceId,
    /// What its owner calls it.
    pub name: String,
    /// Whether it is the one that asks.
    pub this: bool,
    /// Address of its live connection; absent when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Milliseconds since its last byte, when it has a live connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_ms: Option<u64>,
    /// When it was signed in, milliseconds since 1970 UTC.
    pub since_ms: u64,
}

/// `sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// Every device of the account.
    pub rows: Vec<SessionRow>,
}

/// `session_revoke`: signs a device out; its socket is closed within a second. Answered by `done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRevoke {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which device.
    pub device: DeviceId,
}

/// `sign_in_notice`: another device signed in to this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInNotice {
    /// What it is called.
    pub device: String,
    /// Where from.
    pub address: String,
}
