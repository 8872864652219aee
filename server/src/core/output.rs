//! What the live half asks of the hub, in order.

use super::end::ConnectionEnd;
use crate::store::ConnId;
use breeze_protocol::message::chat::{Event, Receipts, TypingNotice};
use breeze_protocol::message::item::ItemState;
use breeze_protocol::{AccountId, EndReason, Instance, PresenceEntry, PresenceState, ServerMessage};

/// A row of the live feed: counted or re-read by its commit number.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// An entry of a conversation.
    Event(Event),
    /// An item.
    Item(ItemState),
    /// Marks.
    Receipts(Receipts),
}

/// What the hub has to do.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Tell a change of presence.
    Presence {
        /// Whom.
        to: Vec<ConnId>,
        /// The change.
        entry: PresenceEntry,
    },
    /// Give a connection everything it may know.
    Snapshot {
        /// Which.
        conn: ConnId,
        /// The rows.
        entries: Vec<PresenceEntry>,
        /// Whether its live feed begins with it.
        begin: bool,
    },
    /// Push a row to live connections.
    Row {
        /// Which.
        to: Vec<ConnId>,
        /// Commit number.
        num: u64,
        /// The row.
        row: Row,
    },
    /// Answer, or tell one connection something.
    Tell {
        /// Which.
        conn: ConnId,
        /// What.
        message: Box<ServerMessage>,
    },
    /// Tell that somebody types.
    Typing {
        /// Whom.
        to: Vec<ConnId>,
        /// Who and where.
        notice: TypingNotice,
    },
    /// End a connection.
    End {
        /// Which.
        conn: ConnId,
        /// Why.
        end: ConnectionEnd,
        /// With `replaced`: by whom.
        instance: Option<Instance>,
    },
    /// Ask when its last byte came; answered by [`Input::Heard`].
    Check(ConnId),
    /// Whether the next byte of it is news.
    Doubt {
        /// Which.
        conn: ConnId,
        /// Whether.
        doubtful: bool,
    },
    /// Whether what these do is kept from others.
    Invisible {
        /// Which.
        conns: Vec<ConnId>,
        /// Whether.
        invisible: bool,
    },
    /// Note when somebody was last seen.
    LastSeen {
        /// Who.
        account: AccountId,
        /// Wall clock, milliseconds.
        wall_ms: u64,
    },
    /// Show what was kept back while invisible.
    Publish {
        /// Whose.
        account: AccountId,
    },
}

/// What one input causes, in order.
pub type Outputs = Vec<Output>;

/// One change of what others see of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// Monotonic.
    pub at_ms: u64,
    /// Who.
    pub account: AccountId,
    /// Version after it.
    pub version: u64,
    /// State after it.
    pub state: PresenceState,
    /// Why.
    pub reason: Option<EndReason>,
}
