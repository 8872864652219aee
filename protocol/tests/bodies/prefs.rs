//! Values of how conversations are kept, of drafts and of pins, for proptest.

use super::{account, conv, mid, number, text};
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::message::pin::{MessagePin, Pin, Pins};
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};
use proptest::collection::vec;
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

pub(crate) fn message_pin() -> impl Strategy<Value = MessagePin> {
    (mid(), conv(), number(), any::<bool>()).prop_map(|(mid, conv, seq, pinned)| MessagePin {
        mid,
        conv,
        seq,
        pinned,
    })
}

pub(crate) fn pins() -> impl Strategy<Value = Pins> {
    let pin = (number(), account(), number()).prop_map(|(seq, by, ts)| Pin { seq, by, ts });
    (conv(), vec(pin, 0..4)).prop_map(|(conv, pins)| Pins { conv, pins })
}

pub(crate) fn conv_keep() -> impl Strategy<Value = ConvKeep> {
    (mid(), conv(), number()).prop_map(|(mid, conv, days)| ConvKeep { mid, conv, days })
}
