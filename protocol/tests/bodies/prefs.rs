//! Values of how conversations are kept and of drafts, for proptest.

use super::{conv, mid, number, text};
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};
use proptest::option;
use proptest::prelude::*;

pub(crate) fn prefs() -> impl Strategy<Value = Prefs> {
    (conv(), any::<[bool; 3]>(), number()).prop_map(|(conv, [pinned, archived, unread], muted_until)| Prefs {
        conv,
        pinned,
        archived,
        unread,
        muted_until,
    })
}

pub(crate) fn item_set() -> impl Strategy<Value = ItemSet> {
    let change = (any::<[Option<bool>; 3]>(), option::of(number())).prop_map(
        |([pinned, archived, unread], muted_until)| PrefsChange {
            pinned,
            archived,
            unread,
            muted_until,
        },
    );
    (mid(), conv(), change).prop_map(|(mid, conv, change)| ItemSet { mid, conv, change })
}

pub(crate) fn draft() -> impl Strategy<Value = Draft> {
    (conv(), text()).prop_map(|(conv, text)| Draft { conv, text })
}
