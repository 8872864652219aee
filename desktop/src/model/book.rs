//! What the model keeps for itself and no view reads: sources, snapshots in the making, what was asked for.

use super::command::Place;
use super::group_acts::Packed;
use super::notification::Notified;
use super::person::Presence;
use super::token::TokenBook;
use breeze_protocol::link::InviteLink;
use breeze_protocol::presence::PresenceSource;
use breeze_protocol::{AccountId, ConvId, Mid, PresenceEntry};
use std::collections::{BTreeMap, BTreeSet};

/// Bookkeeping.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// When the last event came (wall ms): what is muted until then is muted no longer.
    pub wall_ms: u64,
    /// The same by the clock that never jumps (mono ms).
    pub mono_ms: u64,
    /// The last sure state of those who are doubtful or unknown now: their section and colour come from it.
    pub steady: BTreeMap<AccountId, Presence>,
    /// Presence of people whose profile has not come yet.
    pub heard: BTreeMap<AccountId, Presence>,
    /// Who told the last whole snapshot on this connection.
    pub source: Option<PresenceSource>,
    /// A snapshot whose last chunk has not come.
    pub chunks: Option<(PresenceSource, BTreeMap<AccountId, PresenceEntry>)>,
    /// A whole presence snapshot has come since the link was lost.
    pub trusted: bool,
    /// Longest message text the server takes, bytes.
    pub body_limit: Option<usize>,
    /// The server's data is older than this device's.
    pub rolled_back: bool,
    /// How far this device is, as handed to the store.
    pub place: Place,
    /// What a snapshot has named so far; what it does not name is forgotten at its end.
    pub named: Option<Named>,
    /// Places read here that the server has not confirmed.
    pub reads: BTreeMap<ConvId, u64>,
    /// Failed tries to fill a hole.
    pub holes: BTreeMap<ConvId, u32>,
    /// Composers whose text is not stored yet, and when it is to be (mono ms).
    pub drafts: BTreeMap<ConvId, u64>,
    /// Drafts that are to be said to the server, and when (mono ms).
    pub draft_says: BTreeMap<ConvId, u64>,
    /// When this device last said that its person types (mono ms).
    pub typing_said: Option<(ConvId, u64)>,
    /// The chat to open when it comes.
    pub opening: Option<AccountId>,
    /// The group to open when it comes: it was just made.
    pub opening_conv: Option<ConvId>,
    /// The picture of a group that is being made, and the wish that gives it.
    pub group_picture: Option<(Mid, String, Packed)>,
    /// An account was just made: open the chat with whoever invited.
    pub fresh: bool,
    /// The server to join.
    pub target: Option<InviteLink>,
    /// What is to be done as soon as the server is reached.
    pub then: super::onboarding::Then,
    /// When the username is to be checked (mono ms).
    pub check_at: Option<u64>,
    /// The wish to register: repeated with the same words it is the same wish.
    pub register: Option<(Mid, String, String)>,
    /// The wish to set a new password by a code, as it was sent: repeated with the same words it is the same wish.
    pub recover: Option<(Mid, [String; 3])>,
    /// The wish to change the profile, while its picture is packed.
    pub profile: Option<Mid>,
    /// The network is being listened to.
    pub looking: bool,
    /// Notifications.
    pub notified: Notified,
    /// Nobody has touched anything for as long as the settings say.
    pub idle: bool,
    /// Where the device's token is.
    pub token: TokenBook,
    /// How far the filling of gaps is.
    pub fill: super::fill::Fill,
    /// Searches begun.
    pub searches: u64,
    /// Jumps to messages made.
    pub jumps: u64,
    /// Breeze is ending.
    pub quitting: bool,
    /// When the tray vanished (mono ms).
    pub tray_gone: Option<u64>,
    /// Pin of the server one is signed in to; empty when its name is vouched for.
    pub pin: String,
}

/// What a snapshot has named.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// Profiles.
    pub people: BTreeSet<AccountId>,
    /// Contacts.
    pub contacts: BTreeSet<AccountId>,
    /// Requests.
    pub requests: BTreeSet<AccountId>,
    /// Conversations.
    pub convs: BTreeSet<ConvId>,
    /// Entries.
    pub entries: BTreeSet<(ConvId, u64)>,
}
