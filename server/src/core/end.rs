//! Every way a connection ends: its name, its sentence, what the peer is told, and what its friends see.

use breeze_protocol::EndReason;
use breeze_protocol::message::code::GoodbyeCode;

/// What the end of a connection means for the presence of its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The session is over at once.
    Over(EndReason),
    /// The link is lost: doubtful at once, over after the grace unless the device comes back.
    Lost,
    /// The kernel gave the link up: doubtful at once, over when the lease would have run out.
    Dead,
}

macro_rules! ends {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $goodbye:expr, $effect:expr, $sentence:literal;)+) => {
        /// Why one connection ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ConnectionEnd { $($(#[$doc])* $variant,)+ }

        impl ConnectionEnd {
            /// Every end, in the order of its counters.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in logs and counters.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// One sentence for a person.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }

            /// What the peer is told before the socket closes, if it can still be told.
            #[must_use]
            pub fn goodbye(self) -> Option<GoodbyeCode> {
                match self { $(Self::$variant => $goodbye,)+ }
            }

            /// What it means for the person's presence.
            #[must_use]
            pub fn effect(self) -> Effect {
                match self { $(Self::$variant => $effect,)+ }
            }
        }
    };
}

ends! {
    /// The client said `bye`.
    Left: "left", None, Effect::Over(EndReason::Left), "The person closed Breeze.";
    /// The peer closed the socket without `bye`.
    PeerClosed: "peer_closed", None, Effect::Lost, "The connection was closed without a goodbye.";
    /// The socket failed.
    Reset: "reset", None, Effect::Lost, "The connection broke.";
    /// The kernel saw no acknowledgement for too long.
    KernelTimeout: "kernel_timeout", None, Effect::Dead, "The network stopped answering.";
    /// No byte came for the whole lease.
    LeaseOver: "lease_over", Some(GoodbyeCode::TimedOut), Effect::Over(EndReason::TimedOut), "Nothing was heard from the app for too long.";
    /// The client hears nothing of us.
    PongsMissing: "pongs_missing", Some(GoodbyeCode::TimedOut), Effect::Over(EndReason::TimedOut), "The app no longer hears the server.";
    /// The same device signed in again.
    Replaced: "replaced", Some(GoodbyeCode::Replaced), Effect::Over(EndReason::Replaced), "This device signed in again.";
    /// The operator signed the account out.
    Kicked: "kicked", Some(GoodbyeCode::Kicked), Effect::Over(EndReason::Kicked), "The operator signed this account out.";
    /// The person signed this device out elsewhere.
    Revoked: "revoked", Some(GoodbyeCode::Revoked), Effect::Over(EndReason::Kicked), "This device was signed out on another device.";
    /// The operator disabled the account.
    Disabled: "disabled", Some(GoodbyeCode::Disabled), Effect::Over(EndReason::Kicked), "The operator has disabled this account.";
    /// The client did not read for too long.
    Slow: "slow", Some(GoodbyeCode::Slow), Effect::Lost, "The app did not take what it was sent.";
    /// What came was no frame.
    BadFrame: "bad_frame", Some(GoodbyeCode::BadFrame), Effect::Lost, "The app sent something that is not a Breeze frame.";
    /// A frame was over its limit.
    FrameTooLarge: "frame_too_large", Some(GoodbyeCode::BadFrame), Effect::Lost, "The app sent a frame over the limit.";
    /// A frame held no message.
    BadMessage: "bad_message", Some(GoodbyeCode::BadFrame), Effect::Lost, "The app sent something that is not a Breeze message.";
    /// A message came when it is not lawful.
    OutOfOrder: "out_of_order", Some(GoodbyeCode::BadFrame), Effect::Lost, "The app sent a message at the wrong time.";
    /// An `ack` counted more than was sent.
    BadAck: "bad_ack", Some(GoodbyeCode::BadFrame), Effect::Lost, "The app acknowledged what it was never sent.";
    /// The TLS handshake failed.
    TlsFailed: "tls_failed", None, Effect::Lost, "A secure connection could not be made.";
    /// The TLS handshake took too long.
    TlsTooLong: "tls_too_long", None, Effect::Lost, "The secure connection took too long to make.";
    /// Nobody signed in in time.
    SignInTooLong: "sign_in_too_long", Some(GoodbyeCode::TimedOut), Effect::Lost, "Signing in took too long.";
    /// The client speaks no protocol that the server speaks.
    NoProtocol: "no_protocol", None, Effect::Lost, "The app and the server are of versions that do not understand each other.";
    /// The connection was for something this server does not serve.
    RoleRefused: "role_refused", None, Effect::Lost, "The app asked for a kind of connection this server does not have.";
    /// The ticket of a transfer connection was used, too old, or never given.
    TicketRefused: "ticket_refused", None, Effect::Lost, "The app's ticket for a file connection was not good any more.";
    /// The server is full.
    Overload: "overload", Some(GoodbyeCode::Overload), Effect::Lost, "The server has too many connections.";
    /// The server stops.
    Restarting: "restarting", Some(GoodbyeCode::Restarting), Effect::Over(EndReason::ServerRestart), "The server restarts and will be back.";
    /// A fault of the server's own.
    Fault: "fault", None, Effect::Lost, "The server made a mistake; the operator's log has it.";
}

impl ConnectionEnd {
    /// Its place in [`Self::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The end that goes with a goodbye the operator or the person caused.
    #[must_use]
    pub fn from_goodbye(code: GoodbyeCode) -> Self {
        match code {
            GoodbyeCode::Restarting | GoodbyeCode::Moving => Self::Restarting,
            GoodbyeCode::Replaced => Self::Replaced,
            GoodbyeCode::Revoked => Self::Revoked,
            GoodbyeCode::Disabled => Self::Disabled,
            GoodbyeCode::Slow => Self::Slow,
            GoodbyeCode::TimedOut => Self::LeaseOver,
            GoodbyeCode::BadFrame => Self::BadFrame,
            GoodbyeCode::Overload => Self::Overload,
            GoodbyeCode::Kicked | GoodbyeCode::Other => Self::Kicked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_end_has_its_own_name_and_sentence() {
        let names: HashSet<_> = ConnectionEnd::ALL.iter().map(|end| end.name()).collect();
        let sentences: HashSet<_> = ConnectionEnd::ALL.iter().map(|end| end.sentence()).collect();
        assert_eq!(names.len(), ConnectionEnd::ALL.len());
        assert_eq!(sentences.len(), ConnectionEnd::ALL.len());
        assert!(
            ConnectionEnd::ALL
                .iter()
                .enumerate()
                .all(|(at, end)| end.index() == at)
        );
    }
}
