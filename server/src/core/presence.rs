//! What others see of a person: the best of the sessions, its version, reason and age. See PRESENCE statements R1-R26.

use super::state::{Output, Outputs, State, Transition};
use crate::fault::Fault;
use crate::store::ConnId;
use breeze_protocol::{AccountId, DeviceId, EndReason, Instance, PresenceEntry, PresenceState, StatusKind};

/// Transitions kept for whoever wants to prove that no client settled on a wrong state.
const TRANSITIONS_MAX: usize = 4096;

/// One person, for the hub.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Mutual, unblocked friends, sorted.
    pub(super) friends: Vec<AccountId>,
    /// Sessions that count for presence or soon will, also dropped ones within their grace.
    pub(super) sessions: Vec<ConnId>,
    /// Sessions that get live traffic.
    pub(super) live: Vec<ConnId>,
    pub(super) seen: Seen,
    /// Here, and chose not to be seen.
    pub(super) invisible: bool,
    /// Nothing has been kept back since the last publish.
    pub(super) published: bool,
}

/// What others are told. Everything told about a person comes from here, so no path can tell more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) state: PresenceState,
    pub(super) reason: Option<EndReason>,
    /// When the state began, monotonic; for offline when the person was last seen, `None` = never.
    pub(super) since_ms: Option<i64>,
    /// What the store knew (wall ms), until the state changes.
    pub(super) stored_ms: Option<u64>,
    pub(super) version: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            state: PresenceState::Offline,
            reason: None,
            since_ms: None,
            stored_ms: None,
            version: 0,
        }
    }
}

impl Seen {
    /// Whether others see the person as there, or perhaps there.
    pub(super) fn is_visible(&self) -> bool {
        !matches!(self.state, PresenceState::Offline | PresenceState::Unknown)
    }

    /// The row that tells it; `None` for somebody who was never seen.
    pub(super) fn entry(&self, account: AccountId, now_ms: u64) -> Option<PresenceEntry> {
        let since = self.since_ms?;
        let age = u64::try_from(i64::try_from(now_ms).unwrap_or(i64::MAX).saturating_sub(since)).unwrap_or(0);
        Some(PresenceEntry(
            account,
            self.version,
            self.state,
            self.reason,
            age.min(breeze_protocol::limit::INTEGER_MAX),
        ))
    }
}

/// How a session's link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// There.
    Up,
    /// Replaced by a sign-in of the same device that has not resumed yet; its last state still counts.
    Held { until_ms: u64 },
    /// Dropped without goodbye at this time.
    Lost { at_ms: u64 },
    /// Given up by the kernel; over at this time.
    Dead { until_ms: u64 },
}

/// One signed-in connection, or what is left of it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
    pub(super) instance: Instance,
    pub(super) opened_ms: u64,
    /// Whether it has resumed: from then on it counts.
    pub(super) present: bool,
    /// How it wants to be seen, once it has said so.
    pub(super) status: Option<StatusKind>,
    pub(super) link: Link,
    pub(super) heard_ms: u64,
    /// Silence that was the server's own fault, since the last byte.
    pub(super) excused_ms: u64,
    /// How late the last check was.
    pub(super) late_ms: u64,
    /// When its lease is looked at next; timers of other times are stale.
    pub(super) lease_at_ms: u64,
    pub(super) silent: bool,
    pub(super) missing_pong: bool,
}

impl Session {
    /// What this session alone would show to others.
    fn shows(&self) -> Option<(PresenceState, Option<EndReason>)> {
        if !self.present {
            return None;
        }
        let chosen = match self.status.unwrap_or_default() {
            StatusKind::Online => PresenceState::Online,
            StatusKind::Away => PresenceState::Away,
            StatusKind::Busy => PresenceState::Busy,
            StatusKind::Invisible => return None,
        };
        Some(match self.link {
            Link::Lost { .. } => (PresenceState::Doubtful, Some(EndReason::LinkLost)),
            Link::Dead { .. } => (PresenceState::Doubtful, Some(EndReason::TimedOut)),
            Link::Up | Link::Held { .. } if self.silent || self.missing_pong => {
                (PresenceState::Doubtful, Some(EndReason::TimedOut))
            }
            Link::Up | Link::Held { .. } => (chosen, None),
        })
    }
}

fn rank(state: PresenceState) -> u8 {
    match state {
        PresenceState::Online => 5,
        PresenceState::Busy => 4,
        PresenceState::Away => 3,
        PresenceState::Doubtful => 2,
        PresenceState::Unknown => 1,
        PresenceState::Offline => 0,
    }
}

/// Why and since when nobody of this account is there, should that be the outcome.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastEnd {
    pub(super) reason: EndReason,
    pub(super) at_ms: u64,
}

impl State {
    /// Works out what others see now, and tells them if it changed. The one place presence changes.
    pub(super) fn recompute(&mut self, now_ms: u64, id: AccountId, end: LastEnd, out: &mut Outputs) {
        let Some(account) = self.accounts.get(&id) else {
            return;
        };
        let sessions = account.sessions.iter().filter_map(|conn| self.sessions.get(conn));
        let best = sessions
            .clone()
            .filter_map(Session::shows)
            .max_by_key(|(state, _)| rank(*state));
        let here = sessions
            .clone()
            .any(|session| session.present && session.link == Link::Up);
        let next = best.unwrap_or((PresenceState::Offline, Some(end.reason)));
        self.note_invisible(id, here && best.is_none(), out);
        self.see(now_ms, id, next, end.at_ms, out);
    }

    fn note_invisible(&mut self, id: AccountId, invisible: bool, out: &mut Outputs) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        if account.invisible != invisible {
            account.invisible = invisible;
            out.push(Output::Invisible {
                conns: account.live.clone(),
                invisible,
            });
        }
        account.published &= !invisible;
    }

    /// Records a new state and tells the friends. Offline stays what it is: nobody becomes "more offline".
    fn see(
        &mut self,
        now_ms: u64,
        id: AccountId,
        next: (PresenceState, Option<EndReason>),
        end_ms: u64,
        out: &mut Outputs,
    ) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let (state, reason) = next;
        let was_visible = account.seen.is_visible();
        let same = account.seen.state == state && account.seen.reason == reason;
        if same || (state == PresenceState::Offline && !was_visible) {
            return;
        }
        let since = if state == PresenceState::Offline {
            end_ms
        } else {
            now_ms
        };
        account.seen.state = state;
        account.seen.reason = reason;
        account.seen.since_ms = Some(i64::try_from(since).unwrap_or(i64::MAX));
        account.seen.stored_ms = None;
        account.seen.version += 1;
        if account.seen.is_visible() && !account.published {
            account.published = true;
            out.push(Output::Publish { account: id });
        }
        if state == PresenceState::Offline {
            out.push(Output::LastSeen {
                account: id,
                wall_ms: self.wall_of(since),
            });
        }
        self.announce(now_ms, id, out);
    }

    /// Tells every live session of every friend. Work grows with the friends, not with the users (R18).
    pub(super) fn announce(&mut self, now_ms: u64, id: AccountId, out: &mut Outputs) {
        let Some(account) = self.accounts.get(&id) else {
            return;
        };
        let seen = account.seen;
        if self.transitions.len() >= TRANSITIONS_MAX {
            self.transitions.pop_front();
        }
        let (version, state, reason) = (seen.version, seen.state, seen.reason);
        self.transitions.push_back(Transition {
            at_ms: now_ms,
            account: id,
            version,
            state,
            reason,
        });
        let Some(entry) = seen.entry(id, now_ms) else {
            return;
        };
        let watchers = account
            .friends
            .iter()
            .filter_map(|friend| self.accounts.get(friend));
        let to: Vec<ConnId> = watchers.flat_map(|friend| friend.live.iter().copied()).collect();
        if !to.is_empty() {
            out.push(Output::Presence { to, entry });
        }
    }

    /// Everything one account may know of others now.
    pub(super) fn snapshot(&self, now_ms: u64, id: AccountId) -> Vec<PresenceEntry> {
        let Some(account) = self.accounts.get(&id) else {
            return Vec::new();
        };
        let row = |friend: &AccountId| self.accounts.get(friend)?.seen.entry(*friend, now_ms);
        account.friends.iter().filter_map(row).collect()
    }

    /// Takes a session out and shows what is left. Every way a session can end comes through here, once (R10).
    pub(super) fn remove(&mut self, now_ms: u64, conn: ConnId, end: LastEnd, out: &mut Outputs) {
        let Some(session) = self.sessions.remove(&conn) else {
            return;
        };
        let Some(account) = self.accounts.get_mut(&session.account) else {
            return;
        };
        account.sessions.retain(|other| *other != conn);
        account.live.retain(|other| *other != conn);
        if !session.present || self.draining {
            return;
        }
        if self.fault == Fault::FirstEndIsGrey {
            let offline = (PresenceState::Offline, Some(end.reason));
            self.see(now_ms, session.account, offline, end.at_ms, out);
            return;
        }
        self.recompute(now_ms, session.account, end, out);
    }

    /// Takes a session off the live traffic while it may still come back.
    pub(super) fn unplug(&mut self, conn: ConnId) {
        let Some(session) = self.sessions.get(&conn) else {
            return;
        };
        if let Some(account) = self.accounts.get_mut(&session.account) {
            account.live.retain(|other| *other != conn);
        }
    }
}
