//! How people keep their conversations: told to their own devices only, taken out by the next message, gone with the member.

use super::bench::{self, Bench, NOW, mid};
use super::groups::change;
use breeze_protocol::limit::{DRAFT_BYTES_MAX, INTEGER_MAX};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::prefs::PrefsStore;
use breeze_server::store::{Change, GroupChange, Refusal};

fn wish(conv: ConvId, change: PrefsChange) -> ItemSet {
    ItemSet {
        mid: mid(),
        conv,
        change,
    }
}

const ARCHIVE: PrefsChange = PrefsChange {
    pinned: None,
    archived: Some(true),
    unread: None,
    muted_until: None,
};

async fn prefs(bench: &Bench, account: AccountId, conv: ConvId) -> Option<Prefs> {
    let items = bench.items(account).await;
    items.into_iter().find_map(|item| match item {
        ItemState::Prefs(prefs) if prefs.conv == conv => Some(prefs),
        _ => None,
    })
}

#[tokio::test]
async fn they_are_told_to_ones_own_devices_and_a_repeat_changes_nothing() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let pin = wish(
            conv,
            PrefsChange {
                pinned: Some(true),
                muted_until: Some(u64::MAX),
                ..PrefsChange::default()
            },
        );
        bench.store.set_prefs(ann, pin).await.unwrap();
        let want = Prefs {
            conv,
            pinned: true,
            muted_until: INTEGER_MAX,
            ..Prefs::default()
        };
        let changes = bench.changes().await;
        assert!(
            matches!(&changes[..], [Change::Item { to, state: ItemState::Prefs(it), .. }] if *to == [ann] && *it == want),
            "{changes:?}"
        );
        bench.store.set_prefs(ann, pin).await.unwrap();
        bench.store.set_prefs(ann, wish(conv, pin.change)).await.unwrap();
        assert!(bench.changes().await.is_empty(), "nothing is new");
        let other = ItemSet {
            mid: pin.mid,
            ..wish(conv, ARCHIVE)
        };
        assert!(matches!(
            bench.store.set_prefs(ann, other).await,
            Err(Refusal::Nack(NackCode::MidReused))
        ));
        assert_eq!(prefs(&bench, ann, conv).await, Some(want));
        assert_eq!(prefs(&bench, bob, conv).await, None);
        let eve = bench.person("eve").await;
        for nowhere in [conv, ConvId(99)] {
            assert!(matches!(
                bench.store.set_prefs(eve, wish(nowhere, ARCHIVE)).await,
                Err(Refusal::Nack(NackCode::NotMember))
            ));
        }
    }
}

#[tokio::test]
async fn the_next_message_takes_a_conversation_out_unless_it_is_muted() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.store.set_prefs(ann, wish(conv, ARCHIVE)).await.unwrap();
        let muted = PrefsChange {
            muted_until: Some(NOW + 1_000_000_000),
            ..ARCHIVE
        };
        bench.store.set_prefs(bob, wish(conv, muted)).await.unwrap();
        bench.changes().await;
        bench.say(bob, conv, "are you there?").await;
        assert!(!prefs(&bench, ann, conv).await.unwrap().archived);
        assert!(prefs(&bench, bob, conv).await.unwrap().archived);
    }
}

#[tokio::test]
async fn whoever_leaves_keeps_nothing_of_it() {
    for mut bench in bench::both() {
        let (ann, bob, _) = bench.friends("ann", "bob").await;
        let create = GroupChange::Create {
            title: "Tea".into(),
            members: vec![bob],
        };
        let conv = change(&bench, ann, create).await.unwrap();
        bench.store.set_prefs(bob, wish(conv, ARCHIVE)).await.unwrap();
        bench.changes().await;
        change(&bench, bob, GroupChange::Leave(conv)).await.unwrap();
        let gone = ItemState::PrefsGone(conv);
        let changes = bench.changes().await;
        let told = |change: &Change| matches!(change, Change::Item { to, state, .. } if *to == [bob] && *state == gone);
        assert!(changes.iter().any(told), "{changes:?}");
        assert!(matches!(
            bench.store.set_prefs(bob, wish(conv, ARCHIVE)).await,
            Err(Refusal::Nack(NackCode::NotMember))
        ));
        change(&bench, ann, GroupChange::Invite(conv, vec![bob]))
            .await
            .unwrap();
        assert_eq!(prefs(&bench, bob, conv).await, None);
    }
}

#[tokio::test]
async fn a_draft_is_told_to_ones_own_devices_until_it_is_empty() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let draft = |text: &str| Draft {
            conv,
            text: text.to_owned(),
        };
        let begun = |items: Vec<ItemState>| {
            items.into_iter().find_map(|item| match item {
                ItemState::Draft(draft) => Some(draft.text),
                _ => None,
            })
        };
        bench.store.set_draft(ann, draft("I am on the ")).await.unwrap();
        bench.store.set_draft(ann, draft("I am on the ")).await.unwrap();
        let changes = bench.changes().await;
        assert!(
            matches!(&changes[..], [Change::Item { to, state: ItemState::Draft(it), .. }] if *to == [ann] && *it == draft("I am on the ")),
            "{changes:?}"
        );
        let long = draft(&"x".repeat(DRAFT_BYTES_MAX + 1));
        assert!(matches!(
            bench.store.set_draft(ann, long).await,
            Err(Refusal::Nack(NackCode::TooLong))
        ));
        assert_eq!(begun(bench.items(ann).await).as_deref(), Some("I am on the "));
        assert_eq!(begun(bench.items(bob).await), None);
        bench.store.set_draft(ann, draft("")).await.unwrap();
        bench.store.set_draft(ann, draft("")).await.unwrap();
        let changes = bench.changes().await;
        assert!(
            matches!(&changes[..], [Change::Item { state: ItemState::DraftGone(it), .. }] if *it == conv),
            "{changes:?}"
        );
        let eve = bench.person("eve").await;
        assert!(matches!(
            bench.store.set_draft(eve, draft("hello")).await,
            Err(Refusal::Nack(NackCode::NotMember))
        ));
    }
}
