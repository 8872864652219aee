//! The live half of the server as a pure machine: who is there, who is told, how fast, and why a connection ended.
//!
//! Nothing here reads a clock, a socket or chance: `now_ms` is monotonic and comes from outside.
//! `state::State::apply(now, Input) -> Outputs` is the whole of it; `outbox` is each connection's queue.

pub mod ack;
pub mod end;
mod feed;
mod friends;
pub mod input;
pub mod outbox;
pub mod output;
mod presence;
pub mod rate;
mod receipts;
pub mod session;
pub mod state;
mod timer;
mod typing;

#[cfg(test)]
mod tests;

/// Every interval of the live half, in milliseconds. Configuration may change them, within its stated limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Silence after which a session is doubtful: one ping and a half.
    pub doubtful_ms: u64,
    /// Silence after which a session is over: three pings.
    pub lease_ms: u64,
    /// How long a dropped link may stay away before its person is offline: a Wi-Fi blip fits.
    pub grace_ms: u64,
    /// Least time between two presence frames to one receiver: three frames of a screen.
    pub coalesce_ms: u64,
    /// How long people may take to come back after a short outage.
    pub settle_short_ms: u64,
    /// The longest outage that counts as short: clients still retry every few seconds.
    pub settle_short_outage_ms: u64,
    /// How long people may take to come back after a long outage: the longest reconnect wait and a bit.
    pub settle_long_ms: u64,
    /// Least time between two receipts of one conversation.
    pub receipts_ms: u64,
    /// How long a receiver may make no progress before it is told goodbye.
    pub slow_ms: u64,
    /// How long a connection may take to sign in.
    pub sign_in_ms: u64,
    /// How long a TLS handshake may take.
    pub tls_ms: u64,
    /// How long the kernel waits for an acknowledgement, or for room at the receiver, before it gives the connection up.
    /// Longer than `slow_ms`, or a receiver that takes nothing would never be told so.
    pub tcp_user_timeout_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            doubtful_ms: 7500,
            lease_ms: 15_000,
            grace_ms: 2000,
            coalesce_ms: 60,
            settle_short_ms: 30_000,
            settle_short_outage_ms: 20_000,
            settle_long_ms: 75_000,
            receipts_ms: 1000,
            slow_ms: 60_000,
            sign_in_ms: 10_000,
            tls_ms: 5000,
            tcp_user_timeout_ms: 75_000,
        }
    }
}
