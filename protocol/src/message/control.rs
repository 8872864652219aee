//! Heartbeat, plain answers, and the two ways to say goodbye.

use super::code::{ErrorCode, GoodbyeCode};
use serde::{Deserialize, Serialize};

/// `ping`: every 5 s whatever else flows. `got` is the last pong received, so the server hears of a cut in its own direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Number of this ping, from 1, rising by one.
    pub n: u64,
    /// Number of the last pong received; 0 when none.
    pub got: u64,
}

/// `pong`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// Number of the ping.
    pub n: u64,
    /// The server's wall clock, milliseconds since 1970 UTC.
    pub now_ms: u64,
}

/// `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

/// `error`: a request cannot be carried out; the connection goes on unless `goodbye` follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Why.
    pub code: ErrorCode,
    /// One sentence in English for logs; clients show their own words by code.
    #[serde(default)]
    pub text: String,
}

/// `goodbye`: the server ends this connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// Why.
    pub reason: GoodbyeCode,
    /// Come back after this many milliseconds; 0 means by one's own backoff.
    #[serde(default)]
    pub retry_after_ms: u64,
    /// Plus a random part of this many.
    #[serde(default)]
    pub jitter_ms: u64,
    /// With `replaced`: the process that took the device's place, as hex. Obeyed only when it is not oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<crate::id::Instance>,
}

/// `bye`: the person leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {}
