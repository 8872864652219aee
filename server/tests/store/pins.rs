//! Pinned messages: who may pin what, who is told, and what takes a pin off.

use super::bench::{self, Bench, NOW, mid};
use super::groups::change;
use breeze_protocol::limit::PINS_MAX;
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::Role;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::pin::{MessagePin, Pin};
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::pins::PinStore;
use breeze_server::store::{Change, ContactChange, GroupChange, Refusal};

fn wish(conv: ConvId, seq: u64, pinned: bool) -> MessagePin {
    MessagePin {
        mid: mid(),
        conv,
        seq,
        pinned,
    }
}

async fn pin(bench: &Bench, account: AccountId, conv: ConvId, seq: u64) -> Result<(), NackCode> {
    set(bench, account, wish(conv, seq, true)).await
}

async fn set(bench: &Bench, account: AccountId, wish: MessagePin) -> Result<(), NackCode> {
    match bench.store.pin_message(account, wish, NOW).await {
        Ok(()) => Ok(()),
        Err(Refusal::Nack(code)) => Err(code),
        Err(other) => panic!("{other:?}"),
    }
}

/// Places that stand pinned for somebody, as a fresh device is told.
async fn seen(bench: &Bench, account: AccountId, conv: ConvId) -> Vec<u64> {
    let items = bench.items(account).await;
    let pins = items.into_iter().find_map(|item| match item {
        ItemState::Pins(pins) if pins.conv == conv => Some(pins.pins),
        _ => None,
    });
    pins.unwrap_or_default().iter().map(|pin| pin.seq).collect()
}

/// Who was told what is pinned, and which places.
fn told(changes: &[Change]) -> Vec<(Vec<AccountId>, Vec<u64>)> {
    let of = |change: &Change| match change {
        Change::Item { to, state, .. } => match state {
            ItemState::Pins(pins) => Some((to.clone(), pins.pins.iter().map(|pin| pin.seq).collect())),
            ItemState::PinsGone(_) => Some((to.clone(), Vec::new())),
            _ => None,
        },
        _ => None,
    };
    changes.iter().filter_map(of).collect()
}

#[tokio::test]
async fn both_are_told_and_a_repeat_changes_nothing() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let seq = bench.say(ann, conv, "the door code is 4711").await.seq;
        bench.changes().await;
        let first = wish(conv, seq, true);
        assert_eq!(set(&bench, bob, first).await, Ok(()));
        let changes = bench.changes().await;
        let want = Pin {
            seq,
            by: bob,
            ts: NOW,
        };
        assert!(
            matches!(&changes[..], [Change::Item { to, state: ItemState::Pins(it), .. }]
                if *to == [ann, bob] && it.conv == conv && it.pins == [want]),
            "{changes:?}"
        );
        assert_eq!(set(&bench, bob, first).await, Ok(()));
        assert_eq!(pin(&bench, ann, conv, seq).await, Ok(()), "it is pinned already");
        assert!(bench.changes().await.is_empty(), "nothing is new");
        let other = MessagePin {
            pinned: false,
            ..first
        };
        assert_eq!(set(&bench, bob, other).await, Err(NackCode::MidReused));
        assert_eq!(seen(&bench, ann, conv).await, [seq]);
        assert_eq!(set(&bench, ann, wish(conv, seq, false)).await, Ok(()));
        assert_eq!(
            told(&bench.changes().await),
            [(vec![ann], Vec::new()), (vec![bob], Vec::new())]
        );
        assert!(seen(&bench, bob, conv).await.is_empty());
    }
}

#[tokio::test]
async fn only_what_is_a_message_and_there_can_be_pinned() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let seq = bench.say(ann, conv, "hello").await.seq;
        let delete = Send {
            mid: mid(),
            conv,
            kind: EntryKind::Delete,
            target: Some(seq),
            ..Send::default()
        };
        assert_eq!(pin(&bench, bob, conv, seq).await, Ok(()));
        bench.changes().await;
        bench.hand_entry(ann, delete);
        let changes = bench.changes().await;
        assert_eq!(
            told(&changes),
            [(vec![ann], Vec::new()), (vec![bob], Vec::new())],
            "a deletion takes it off"
        );
        for nothing in [seq, seq + 1, seq + 2, 0, 1 << 52] {
            let refused = pin(&bench, ann, conv, nothing).await;
            assert_eq!(refused, Err(NackCode::BadReference), "{nothing}");
        }
    }
}

#[tokio::test]
async fn past_the_limit_one_has_to_go_first() {
    for mut bench in bench::both() {
        let (ann, _, conv) = bench.friends("ann", "bob").await;
        for _ in 0..PINS_MAX {
            let seq = bench.say(ann, conv, "of note").await.seq;
            assert_eq!(pin(&bench, ann, conv, seq).await, Ok(()));
            bench.changes().await;
        }
        let seq = bench.say(ann, conv, "one more").await.seq;
        assert_eq!(pin(&bench, ann, conv, seq).await, Err(NackCode::Quota));
        let first = seen(&bench, ann, conv).await[0];
        assert_eq!(set(&bench, ann, wish(conv, first, false)).await, Ok(()));
        assert_eq!(pin(&bench, ann, conv, seq).await, Ok(()));
    }
}

#[tokio::test]
async fn every_relation_to_a_conversation_has_its_answer() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let cat = bench.person("cat").await;
        bench.befriend(ann, cat, "cat").await;
        let eve = bench.person("eve").await;
        let seq = bench.say(ann, conv, "hello").await.seq;
        assert_eq!(
            pin(&bench, eve, conv, seq).await,
            Err(NackCode::NotMember),
            "stranger"
        );
        assert_eq!(
            pin(&bench, ann, ConvId(99), 1).await,
            Err(NackCode::NotMember),
            "nowhere"
        );
        bench.contact(ann, ContactChange::Block(bob)).await.unwrap();
        for side in [ann, bob] {
            assert_eq!(
                pin(&bench, side, conv, seq).await,
                Err(NackCode::NotContact),
                "blocked"
            );
        }
        let group = GroupChange::Create {
            title: "Tea".into(),
            members: vec![cat],
        };
        let group = change(&bench, ann, group).await.unwrap();
        bench.changes().await;
        let seq = bench.say(cat, group, "green, please").await.seq;
        assert_eq!(
            pin(&bench, cat, group, seq).await,
            Err(NackCode::NoRight),
            "member"
        );
        change(&bench, ann, GroupChange::Role(group, cat, Role::Admin))
            .await
            .unwrap();
        assert_eq!(pin(&bench, cat, group, seq).await, Ok(()), "admin");
        assert_eq!(set(&bench, ann, wish(group, seq, false)).await, Ok(()), "owner");
        change(&bench, cat, GroupChange::Leave(group)).await.unwrap();
        assert_eq!(
            pin(&bench, cat, group, seq).await,
            Err(NackCode::NotMember),
            "former member"
        );
    }
}

#[tokio::test]
async fn whoever_joins_later_sees_no_pin_from_before_and_whoever_leaves_sees_none() {
    for mut bench in bench::both() {
        let (ann, bob, _) = bench.friends("ann", "bob").await;
        let cat = bench.person("cat").await;
        bench.befriend(ann, cat, "cat").await;
        let group = GroupChange::Create {
            title: "Tea".into(),
            members: vec![bob],
        };
        let group = change(&bench, ann, group).await.unwrap();
        bench.changes().await;
        let old = bench.say(ann, group, "before").await.seq;
        pin(&bench, ann, group, old).await.unwrap();
        change(&bench, ann, GroupChange::Invite(group, vec![cat]))
            .await
            .unwrap();
        bench.changes().await;
        let new = bench.say(ann, group, "after").await.seq;
        pin(&bench, ann, group, new).await.unwrap();
        let mut heard = told(&bench.changes().await);
        heard.sort();
        assert_eq!(heard, [(vec![ann, bob], vec![old, new]), (vec![cat], vec![new])]);
        assert_eq!(seen(&bench, cat, group).await, [new]);
        assert_eq!(pin(&bench, cat, group, old).await, Err(NackCode::NoRight));
        change(&bench, ann, GroupChange::Role(group, cat, Role::Admin))
            .await
            .unwrap();
        assert_eq!(
            set(&bench, cat, wish(group, old, false)).await,
            Err(NackCode::BadReference)
        );
        change(&bench, ann, GroupChange::Remove(group, bob))
            .await
            .unwrap();
        assert!(seen(&bench, bob, group).await.is_empty());
        assert_eq!(seen(&bench, ann, group).await, [old, new]);
    }
}
