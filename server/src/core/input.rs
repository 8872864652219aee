//! Everything that can happen to the live half, in one closed list.

use super::end::ConnectionEnd;
use crate::store::{Committed, ConnId};
use breeze_protocol::{AccountId, ConvId, DeviceId, Instance, ServerMessage, StatusKind};
use std::sync::Arc;

/// Everything that can happen to the live half.
#[derive(Debug)]
pub enum Input {
    /// A device signed in on a connection. It is not present before [`Input::Resume`].
    Open(Open),
    /// It gets live traffic from now on, and is seen like this.
    Resume {
        /// The connection.
        conn: ConnId,
        /// How it wants to be seen.
        status: StatusKind,
    },
    /// It wants to be seen differently.
    Status {
        /// The connection.
        conn: ConnId,
        /// How it wants to be seen.
        status: StatusKind,
    },
    /// It wants a fresh snapshot.
    Query(ConnId),
    /// How many pongs in a row it has not got.
    Pongs {
        /// The connection.
        conn: ConnId,
        /// How many.
        missing: u64,
    },
    /// When its last byte came: the answer to [`Output::Check`], or news of a session that was doubtful.
    Heard {
        /// The connection.
        conn: ConnId,
        /// Monotonic time of the last byte.
        heard_ms: u64,
    },
    /// The person types.
    Typing {
        /// The connection.
        conn: ConnId,
        /// Where.
        conv: ConvId,
        /// Members of the conversation who may be told.
        members: Arc<[AccountId]>,
        /// Whether it is a group: its members need not be friends.
        group: bool,
    },
    /// The connection is over.
    Closed {
        /// The connection.
        conn: ConnId,
        /// The device that was signed in on it.
        device: (AccountId, DeviceId),
        /// Why.
        end: ConnectionEnd,
    },
    /// The store has committed.
    Committed(Committed),
    /// End every session of an account, or of one device of it.
    EndSessions {
        /// Whose.
        account: AccountId,
        /// Only this device.
        device: Option<DeviceId>,
        /// Why.
        end: ConnectionEnd,
    },
    /// The server stops: tell everybody, and nobody about anybody.
    Drain,
    /// Time passed.
    Tick,
}

/// A device that signed in.
#[derive(Debug, Clone)]
pub struct Open {
    /// On this connection.
    pub conn: ConnId,
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub device: DeviceId,
    /// Which process of it.
    pub instance: Instance,
    /// When the sign-in asked the store, so that an end in between is not missed.
    pub began_ms: u64,
    /// What the account's other devices are told, after a sign-in by password.
    pub notice: Option<Box<ServerMessage>>,
}
