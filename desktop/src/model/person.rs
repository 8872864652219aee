//! A friend as this device knows them, and how their picture is painted.

use super::{Model, Now};
use breeze_protocol::message::item::{Direction, Relation};
use breeze_protocol::{AccountId, BlobHash, EndReason, PresenceState, StatusKind};

/// What is known of somebody's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Version within the source of the last snapshot.
    pub version: u64,
    /// The state.
    pub state: PresenceState,
    /// Why.
    pub reason: Option<EndReason>,
    /// When the state began (wall ms, from its age); for offline: when last seen. 0 = never seen.
    pub since_wall_ms: u64,
    /// When the picture began to change to this state (mono ms): the cross-fade starts here.
    pub changed_mono_ms: u64,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Number.
    pub account: AccountId,
    /// Username.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// Picture.
    pub avatar: Option<BlobHash>,
    /// Line under the name.
    pub status_text: String,
    /// Friend, blocked, or neither.
    pub relation: Option<Relation>,
    /// Presence as last told.
    pub presence: Presence,
    /// How the picture was painted before `presence` (the cross-fade starts from it).
    pub painted_before: Paint,
}

/// How a picture is painted, before fades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paint {
    /// Full colour.
    Colour,
    /// Half-way to grey (doubtful).
    Half,
    /// Luma at 50 % opacity.
    #[default]
    Grey,
}

/// The mark at the picture's lower right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dot {
    /// Filled green.
    Online,
    /// Amber crescent.
    Away,
    /// Red disc with bar.
    Busy,
    /// Hollow ring; oneself only.
    Invisible,
    /// No presence: a group.
    Group,
    /// No presence: the notes to oneself.
    Saved,
}

/// Everything needed to paint one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portrait {
    /// Chooses the gradient when there is no picture.
    pub account: AccountId,
    /// The picture.
    pub avatar: Option<BlobHash>,
    /// How it is painted at the end of the fade.
    pub paint: Paint,
    /// How it was painted before.
    pub before: Paint,
    /// When the fade began (mono ms).
    pub since_mono_ms: u64,
    /// 75 % opacity: last known.
    pub unsure: bool,
    /// The mark.
    pub dot: Option<Dot>,
}

impl Portrait {
    /// A picture in colour, without a mark: of somebody whose presence is not the point.
    #[must_use]
    pub fn still(account: AccountId, avatar: Option<BlobHash>) -> Self {
        Self {
            account,
            avatar,
            paint: Paint::Colour,
            before: Paint::Colour,
            since_mono_ms: 0,
            unsure: false,
            dot: None,
        }
    }
}

/// A friend request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The other.
    pub account: AccountId,
    /// Which way.
    pub direction: Direction,
    /// Username.
    pub username: String,
    /// Display name; empty when outgoing.
    pub display_name: String,
    /// When (wall ms).
    pub ts: u64,
}

/// What the chat's header says about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// Their presence.
    pub standing: Standing,
    /// The line under the name; empty when none.
    pub status_text: String,
}

/// Presence in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There.
    Online,
    /// Not at the keyboard.
    Away,
    /// Do not disturb.
    Busy,
    /// The link was lost then (mono ms).
    Doubtful {
        /// Since when (mono ms).
        since_mono: u64,
    },
    /// Offline, last seen then (wall ms).
    LastSeen(u64),
    /// Offline, and never seen.
    NeverSeen,
    /// The own link is down, or the server is not sure yet: this was known last.
    LastKnown(Known),
    /// Nobody one may know anything about: a stranger or a blocked person.
    Nothing,
}

/// What was known last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// There.
    Online,
    /// Not at the keyboard.
    Away,
    /// Do not disturb.
    Busy,
    /// Offline, last seen then (wall ms); 0 = never.
    Offline(u64),
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            version: 0,
            state: PresenceState::Offline,
            reason: None,
            since_wall_ms: 0,
            changed_mono_ms: 0,
        }
    }
}

impl Person {
    /// Somebody of whom only the number is known.
    #[must_use]
    pub fn unknown(account: AccountId) -> Self {
        Self {
            account,
            username: String::new(),
            display_name: String::new(),
            avatar: None,
            status_text: String::new(),
            relation: None,
            presence: Presence::default(),
            painted_before: Paint::Grey,
        }
    }

    /// The name to show: the display name, else the username.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.display_name.is_empty() {
            &self.username
        } else {
            &self.display_name
        }
    }
}

impl Model {
    /// How somebody's picture is painted; also one's own.
    #[must_use]
    pub fn portrait(&self, account: AccountId, now: Now) -> Portrait {
        let unsure = self.unsure_since.is_some();
        if account == self.me.account {
            let dot = match self.seen_status() {
                StatusKind::Online => Dot::Online,
                StatusKind::Away => Dot::Away,
                StatusKind::Busy => Dot::Busy,
                StatusKind::Invisible => Dot::Invisible,
            };
            return Portrait {
                dot: (!unsure).then_some(dot),
                ..Portrait::still(account, self.me.avatar)
            };
        }
        let Some(person) = self.people.get(&account) else {
            let (paint, before) = (Paint::Grey, Paint::Grey);
            return Portrait {
                account,
                avatar: None,
                paint,
                before,
                since_mono_ms: 0,
                unsure,
                dot: None,
            };
        };
        let known = person.relation == Some(Relation::Friend);
        let unsure = unsure || person.presence.state == PresenceState::Unknown;
        Portrait {
            account,
            avatar: person.avatar,
            paint: self.paint(person),
            before: person.painted_before,
            since_mono_ms: person.presence.changed_mono_ms.min(now.mono_ms),
            unsure,
            dot: if known && !unsure {
                dot(person.presence.state)
            } else {
                None
            },
        }
    }

    /// How somebody's picture is painted at the end of its fade.
    #[must_use]
    pub fn paint(&self, person: &Person) -> Paint {
        match self.known_state(person) {
            PresenceState::Online | PresenceState::Away | PresenceState::Busy => Paint::Colour,
            PresenceState::Doubtful => Paint::Half,
            PresenceState::Offline | PresenceState::Unknown => Paint::Grey,
        }
    }

    /// The state as told, or what was known before the server lost count of somebody.
    fn known_state(&self, person: &Person) -> PresenceState {
        match person.presence.state {
            PresenceState::Unknown => self
                .book
                .steady
                .get(&person.account)
                .map_or(PresenceState::Offline, |before| before.state),
            state => state,
        }
    }

    /// What the header says about somebody.
    #[must_use]
    pub fn headline(&self, account: AccountId) -> Headline {
        let Some(person) = self.people.get(&account) else {
            return Headline {
                standing: Standing::Nothing,
                status_text: String::new(),
            };
        };
        let presence = &person.presence;
        let unsure = self.unsure_since.is_some() || presence.state == PresenceState::Unknown;
        let standing = match presence.state {
            _ if person.relation != Some(Relation::Friend) => Standing::Nothing,
            _ if unsure => Standing::LastKnown(self.last_known(person)),
            PresenceState::Online => Standing::Online,
            PresenceState::Away => Standing::Away,
            PresenceState::Busy => Standing::Busy,
            PresenceState::Doubtful => Standing::Doubtful {
                since_mono: presence.changed_mono_ms,
            },
            PresenceState::Offline | PresenceState::Unknown if presence.since_wall_ms == 0 => {
                Standing::NeverSeen
            }
            PresenceState::Offline | PresenceState::Unknown => Standing::LastSeen(presence.since_wall_ms),
        };
        Headline {
            standing,
            status_text: person.status_text.clone(),
        }
    }

    fn last_known(&self, person: &Person) -> Known {
        let steady = self.book.steady.get(&person.account);
        let presence = match person.presence.state {
            PresenceState::Doubtful | PresenceState::Unknown => steady.unwrap_or(&person.presence),
            _ => &person.presence,
        };
        match presence.state {
            PresenceState::Online => Known::Online,
            PresenceState::Away => Known::Away,
            PresenceState::Busy => Known::Busy,
            PresenceState::Doubtful => Known::Online,
            PresenceState::Offline | PresenceState::Unknown => Known::Offline(presence.since_wall_ms),
        }
    }
}

fn dot(state: PresenceState) -> Option<Dot> {
    match state {
        PresenceState::Online => Some(Dot::Online),
        PresenceState::Away => Some(Dot::Away),
        PresenceState::Busy => Some(Dot::Busy),
        PresenceState::Doubtful | PresenceState::Offline | PresenceState::Unknown => None,
    }
}
