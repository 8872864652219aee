//! How somebody keeps a conversation: pinned, muted, archived, marked as unread. The same on all devices of the person, and
//! nobody else's business.

use crate::id::{ConvId, Mid};
use serde::{Deserialize, Serialize};

/// How one keeps a conversation; the default until something was set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Prefs {
    /// The conversation.
    pub conv: ConvId,
    /// It stands above the others.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// It is put away. The server takes it out again with the next message, unless it is muted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archived: bool,
    /// It is to look unread, whatever was read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unread: bool,
    /// No notifications before this, milliseconds since 1970 UTC; 0 = not muted, 2^53 - 1 = for good.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub muted_until: u64,
}

/// What is to be kept otherwise; what is absent stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PrefsChange {
    /// Pinned, or no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Put away, or taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Marked as unread, or no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<bool>,
    /// Muted until then; 0 = no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<u64>,
}

/// `item_set`: keeps a conversation otherwise, on all devices. Answered by `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemSet {
    /// Identity of this wish.
    pub mid: Mid,
    /// The conversation.
    pub conv: ConvId,
    /// What is to change.
    #[serde(flatten)]
    pub change: PrefsChange,
}

impl Prefs {
    /// These, changed.
    #[must_use]
    pub fn with(self, change: PrefsChange) -> Self {
        Self {
            conv: self.conv,
            pinned: change.pinned.unwrap_or(self.pinned),
            archived: change.archived.unwrap_or(self.archived),
            unread: change.unread.unwrap_or(self.unread),
            muted_until: change.muted_until.unwrap_or(self.muted_until),
        }
    }

    /// Whether nothing of it is to raise a notification now.
    #[must_use]
    pub fn is_muted(self, now_ms: u64) -> bool {
        now_ms < self.muted_until
    }
}

impl PrefsChange {
    /// Both, the later one before the earlier one.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            pinned: later.pinned.or(self.pinned),
            archived: later.archived.or(self.archived),
            unread: later.unread.or(self.unread),
            muted_until: later.muted_until.or(self.muted_until),
        }
    }

    /// What of it is not so already.
    #[must_use]
    pub fn beyond(self, prefs: Prefs) -> Self {
        Self {
            pinned: self.pinned.filter(|it| *it != prefs.pinned),
            archived: self.archived.filter(|it| *it != prefs.archived),
            unread: self.unread.filter(|it| *it != prefs.unread),
            muted_until: self.muted_until.filter(|it| *it != prefs.muted_until),
        }
    }

    /// Whether nothing is to change.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_false(is: &bool) -> bool {
    !*is
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_wish_wins_and_what_is_so_already_is_no_wish() {
        let pin = PrefsChange {
            pinned: Some(true),
            muted_until: Some(5),
            ..PrefsChange::default()
        };
        let unpin = PrefsChange {
            pinned: Some(false),
            ..PrefsChange::default()
        };
        let both = pin.then(unpin);
        let prefs = Prefs::default().with(both);
        assert_eq!((prefs.pinned, prefs.muted_until), (false, 5));
        assert!(prefs.is_muted(4) && !prefs.is_muted(5));
        assert!(both.beyond(prefs).is_none());
        assert_eq!(both.beyond(Prefs::default()).muted_until, Some(5));
    }
}
