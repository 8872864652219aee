//! The first two messages of a connection.

use super::sign_in::Secret;
use crate::id::{Epoch, ServerId};
use crate::limit::Limits;
use serde::{Deserialize, Serialize};

/// Newest protocol this crate speaks.
pub const PROTOCOL: u32 = 1;
/// Oldest protocol this crate speaks.
pub const PROTOCOL_MIN: u32 = 1;

/// `hello`: what the client speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Oldest protocol the client speaks.
    pub protocol_min: u32,
    /// Newest protocol the client speaks.
    pub protocol_max: u32,
    /// Name and version of the program, for the operator's eyes, at most 64 characters.
    pub client: String,
    /// What the connection is for; a server passes over roles it does not know by refusing them.
    #[serde(default)]
    pub role: Role,
    /// With `transfer`: the ticket a session of this device was given, in place of a sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Secret>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person's session.
    #[default]
    Main,
    /// Files, beside a session; needs a ticket.
    Transfer,
}

/// Who is on whose list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roster {
    /// Mutual friends only.
    #[default]
    Friends,
    /// All accounts are each other's friends unless blocked.
    Everyone,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Whoever holds a valid invite.
    #[default]
    Invite,
    /// Nobody; the operator adds people.
    Closed,
}

/// `hello_ok`: what the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloOk {
    /// The protocol both now speak.
    pub protocol: u32,
    /// Identity of the server's data.
    pub server_id: ServerId,
    /// Its name, for people.
    pub server_name: String,
    /// Which life of the data this is.
    pub epoch: Epoch,
    /// Which start of the server this is.
    pub boot: u64,
    /// What the client must obey.
    pub limits: Limits,
    /// Who is on whose list.
    pub roster: Roster,
    /// Who may make an account.
    pub registration: Registration,
    /// Newest client the server has heard of, empty if none.
    pub newest_client: String,
    /// The server's wall clock, milliseconds since 1970 UTC.
    pub now_ms: u64,
}
