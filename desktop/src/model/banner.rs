//! What stands above the window while the own link is not live, and when the window's words change by time alone.

use super::chat::LATE_MS;
use super::list::Second;
use super::person::Standing;
use super::{Link, Model, Now, Screen};

/// The own link is mourned after this long, milliseconds: a shorter loss changes nothing on the screen.
pub const UNSURE_AFTER_MS: u64 = 1000;
const SECOND_MS: u64 = 1000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// The line above the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Banner {
    /// The server hosted here ended by itself; whether it is being started again.
    HostDied {
        /// It is.
        starting: bool,
    },
    /// The system's secret store, which has the device's token, cannot be read.
    SecretsShut,
    /// The link is down.
    Reconnecting {
        /// Seconds until the next try; `None` while one is under way.
        next_try_s: Option<u64>,
    },
    /// The server said that it restarts.
    Restarting {
        /// Seconds until the next try; `None` while one is under way.
        next_try_s: Option<u64>,
    },
    /// The link is open and the server does not answer.
    Silent,
    /// Signed in, catching up.
    Syncing,
    /// The server's data is older than this device's: it takes no messages until its operator says so.
    RolledBack,
}

impl Model {
    /// The banner, if one is due.
    #[must_use]
    pub fn banner(&self, now: Now) -> Option<Banner> {
        if self.screen != Screen::Main {
            return None;
        }
        if let Some(hosting) = self.hosting.as_ref().filter(|hosting| hosting.died) {
            let starting = hosting.panel.busy == super::hosting::Busy::Starting;
            return Some(Banner::HostDied { starting });
        }
        // A link that had fallen silent before it was lost is mourned already.
        let mourned = |since: u64| self.unsure_since.is_some_and(|unsure| unsure < since);
        let due = |since: u64| now.mono_ms >= since.saturating_add(UNSURE_AFTER_MS) || mourned(since);
        match self.link {
            Link::Down { .. } if self.is_token_shut() => Some(Banner::SecretsShut),
            Link::Down {
                since,
                next_try,
                restarting,
            } if due(since) => {
                let wait = |at: u64| at.saturating_sub(now.mono_ms).div_ceil(SECOND_MS);
                let next_try_s = next_try.map(wait).filter(|s| *s > 0);
                Some(if restarting {
                    Banner::Restarting { next_try_s }
                } else {
                    Banner::Reconnecting { next_try_s }
                })
            }
            Link::Syncing { since } if due(since) => Some(Banner::Syncing),
            Link::Up if self.unsure_since.is_some() => Some(Banner::Silent),
            Link::Up if self.book.rolled_back => Some(Banner::RolledBack),
            _ => None,
        }
    }

    /// Milliseconds until something visible changes by time alone; `None`: no frame is needed.
    #[must_use]
    pub fn next_change_ms(&self, now: Now) -> Option<u64> {
        let until = |at: u64| at.checked_sub(now.mono_ms).filter(|ms| *ms > 0);
        let toasts = self.toasts.iter().filter_map(|toast| until(toast.until)).min();
        let chores = self
            .book
            .check_at
            .into_iter()
            .chain(self.book.drafts.values().copied())
            .chain(self.draft_says())
            .chain(self.search_due())
            .chain(self.fill_due())
            .chain(self.spot_ends());
        let toasts = toasts.into_iter().chain(chores.filter_map(until)).min();
        if self.screen != Screen::Main {
            return toasts;
        }
        let typing = self
            .chats
            .values()
            .filter_map(|chat| until(chat.typing_until))
            .min();
        let typing = typing.filter(|_| self.unsure_since.is_none());
        let open = self.open.and_then(|conv| self.chats.get(&conv));
        let late = open.and_then(|chat| {
            let tried = chat
                .waiting
                .iter()
                .filter(|waiting| waiting.refused.is_none())
                .filter_map(|w| w.tried);
            tried.filter_map(|tried| until(tried + LATE_MS)).min()
        });
        [
            toasts,
            typing,
            late,
            self.panel_change_ms(now),
            self.link_change_ms(now),
            self.relative_change_ms(now),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn link_change_ms(&self, now: Now) -> Option<u64> {
        let (since, next_try) = match self.link {
            Link::Down { since, next_try, .. } => (since, next_try),
            Link::Syncing { since } => (since, None),
            Link::Up => return None,
        };
        if let Some(wait) = (since + UNSURE_AFTER_MS)
            .checked_sub(now.mono_ms)
            .filter(|ms| *ms > 0)
        {
            return Some(wait);
        }
        let wait = next_try?.checked_sub(now.mono_ms).filter(|ms| *ms > 0)?;
        Some((wait - 1) % SECOND_MS + 1)
    }

    /// When the next "12 min ago" that is on the screen changes.
    fn relative_change_ms(&self, now: Now) -> Option<u64> {
        let mut shown: Vec<u64> = Vec::new();
        for (person, chat) in self.listed() {
            if let Second::LastSeen(at) = self.second(person, chat, now) {
                shown.push(at);
            }
        }
        if let Some(chat) = self.open.and_then(|conv| self.chats.get(&conv))
            && let Standing::LastSeen(at) = self.headline(chat.other).standing
        {
            shown.push(at);
        }
        shown
            .into_iter()
            .filter(|at| *at > 0)
            .filter_map(|at| relative_step_ms(now.wall_ms.saturating_sub(at)))
            .min()
    }
}

/// Milliseconds until the words for this age change.
fn relative_step_ms(age: u64) -> Option<u64> {
    let step = match age {
        0..HOUR_MS => MINUTE_MS,
        HOUR_MS..DAY_MS => HOUR_MS,
        _ => return None,
    };
    Some(step - age % step)
}
