//! What people do in groups at random, for the tests that live through it.

use super::bench::{Bench, mid};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::group::Role;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::message::pin::MessagePin;
use breeze_protocol::message::prefs::{ItemSet, PrefsChange};
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::keep::KeepStore;
use breeze_server::store::pins::PinStore;
use breeze_server::store::prefs::PrefsStore;
use breeze_server::store::{Audience, GroupChange, Store};
use proptest::prelude::*;

/// What somebody does in a group, to somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    Say,
    Invite,
    Remove,
    Leave,
    Rename(u8),
    Role(u8),
    Mark(u64, bool),
    Keep(u8),
    Draft(u8),
    Pin(u64, bool),
    Unsay(u64),
    KeepFor(u64),
}

pub(crate) fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => Just(Deed::Say),
        4 => Just(Deed::Invite),
        2 => Just(Deed::Remove),
        2 => Just(Deed::Leave),
        1 => any::<u8>().prop_map(Deed::Rename),
        1 => (0..3_u8).prop_map(Deed::Role),
        4 => (0..12_u64, any::<bool>()).prop_map(|(n, all)| Deed::Mark(n, all)),
        2 => any::<u8>().prop_map(Deed::Keep),
        2 => (0..3_u8).prop_map(Deed::Draft),
        3 => (1..12_u64, prop::bool::weighted(0.7)).prop_map(|(seq, pinned)| Deed::Pin(seq, pinned)),
        1 => (1..12_u64).prop_map(Deed::Unsay),
        3 => (0..3_u64).prop_map(Deed::KeepFor),
    ]
}

/// Makes a group of two, if they are friends.
pub(crate) async fn make(bench: &Bench, me: AccountId, other: AccountId) -> Option<ConvId> {
    let change = GroupChange::Create {
        title: "Tea".into(),
        members: vec![other],
    };
    bench.store.group(me, mid(), change).await.ok()
}

/// Does it, whether or not it may be done.
pub(crate) async fn carry_out(bench: &Bench, me: AccountId, (conv, other): (ConvId, AccountId), deed: Deed) {
    let change = match deed {
        Deed::Say => return bench.hand(me, conv, mid(), "hello, all"),
        Deed::Mark(n, all) => {
            let audience = if all { Audience::All } else { Audience::OwnDevices };
            return bench.mark(me, conv, (n, n / 2), audience).await;
        }
        Deed::Keep(n) => {
            let bit = |at: u8| Some(n >> at & 1 == 1);
            let change = PrefsChange {
                pinned: bit(0),
                archived: bit(1),
                unread: bit(2),
                muted_until: Some(u64::from(n >> 3)),
            };
            let mid = mid();
            return drop(bench.store.set_prefs(me, ItemSet { mid, conv, change }).await);
        }
        Deed::Draft(n) => {
            let text = "x".repeat(usize::from(n));
            return drop(bench.store.set_draft(me, Draft { conv, text }).await);
        }
        Deed::Pin(seq, pinned) => {
            let mid = mid();
            let wish = MessagePin {
                mid,
                conv,
                seq,
                pinned,
            };
            return drop(bench.store.pin_message(me, wish, 1).await);
        }
        Deed::Unsay(target) => {
            let delete = Send {
                mid: mid(),
                conv,
                kind: EntryKind::Delete,
                target: Some(target),
                ..Send::default()
            };
            return bench.hand_entry(me, delete);
        }
        Deed::KeepFor(days) => {
            let mid = mid();
            return drop(bench.store.keep(me, ConvKeep { mid, conv, days }).await);
        }
        Deed::Invite => GroupChange::Invite(conv, vec![other]),
        Deed::Remove => GroupChange::Remove(conv, other),
        Deed::Leave => GroupChange::Leave(conv),
        Deed::Rename(n) => GroupChange::Rename(conv, format!("Group {n}"), None),
        Deed::Role(n) => {
            let role = [Role::Owner, Role::Admin, Role::Member][usize::from(n)];
            GroupChange::Role(conv, other, role)
        }
    };
    drop(bench.store.group(me, mid(), change).await);
}
