//! The table goes on: what somebody may do with a message that is there, and with a conversation that is theirs.

use super::authorisation::{Cell, IN_GROUP, InGroup, TOWARDS, Towards, cell, pair, refusal, scene};
use super::bench::{self, Bench, NOW, Told, mid};
use Cell::{Contact, Member, Out, Right, Yes};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::message::pin::MessagePin;
use breeze_protocol::message::prefs::{ItemSet, PrefsChange};
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::Store;
use breeze_server::store::keep::KeepStore;
use breeze_server::store::pins::PinStore;
use breeze_server::store::prefs::PrefsStore;
use std::fmt::Debug;

/// What is done with the newest message of a conversation, or with the conversation.
#[derive(Debug, Clone, Copy)]
enum With {
    Reply,
    React,
    Edit,
    Delete,
    Pin,
    Keep,
    Begin,
    Limit,
}

/// With the other's message in a chat of two; alone with oneself it is one's own.
#[rustfmt::skip]
const OF_TWO: [(With, [Cell; 9]); 8] = [
    //              myself friend stranger blocked  blocking fellow  former  admin   disabled
    (With::Reply,  [Yes,   Yes,   Member,  Contact, Contact, Member, Member, Member, Contact]),
    (With::React,  [Yes,   Yes,   Member,  Contact, Contact, Member, Member, Member, Contact]),
    (With::Edit,   [Yes,   Right, Member,  Contact, Contact, Member, Member, Member, Contact]),
    (With::Delete, [Yes,   Right, Member,  Contact, Contact, Member, Member, Member, Contact]),
    (With::Pin,    [Yes,   Yes,   Member,  Contact, Contact, Member, Member, Member, Contact]),
    (With::Keep,   [Yes,   Yes,   Member,  Yes,     Yes,     Member, Member, Member, Yes]),
    (With::Begin,  [Yes,   Yes,   Member,  Yes,     Yes,     Member, Member, Member, Yes]),
    (With::Limit,  [Yes,   Yes,   Member,  Contact, Contact, Member, Member, Member, Contact]),
];

/// With a plain member's message in a group.
#[rustfmt::skip]
const IN_A_GROUP: [(With, [Cell; 9]); 8] = [
    //              owner  friend  stranger blocked blocking member former  admin disabled
    (With::Reply,  [Yes,   Member, Member,  Yes,    Yes,     Yes,   Member, Yes,   Out]),
    (With::React,  [Yes,   Member, Member,  Yes,    Yes,     Yes,   Member, Yes,   Out]),
    (With::Edit,   [Right, Member, Member,  Right,  Right,   Right, Member, Right, Out]),
    (With::Delete, [Right, Member, Member,  Right,  Right,   Right, Member, Right, Out]),
    (With::Pin,    [Yes,   Member, Member,  Right,  Right,   Right, Member, Yes,   Out]),
    (With::Keep,   [Yes,   Member, Member,  Yes,    Yes,     Yes,   Member, Yes,   Out]),
    (With::Begin,  [Yes,   Member, Member,  Yes,    Yes,     Yes,   Member, Yes,   Out]),
    (With::Limit,  [Yes,   Member, Member,  Right,  Right,   Right, Member, Yes,   Out]),
];

async fn does(bench: &mut Bench, what: With, me: AccountId, conv: ConvId, target: u64) -> Cell {
    let store = bench.store.clone();
    let (kind, body) = match what {
        With::Reply => (EntryKind::Text, "so it is"),
        With::React => (EntryKind::Reaction, "\u{1f44d}"),
        With::Edit => (EntryKind::Edit, "something else"),
        With::Delete => (EntryKind::Delete, ""),
        With::Pin => {
            let (mid, seq, pinned) = (mid(), target, true);
            let wish = MessagePin {
                mid,
                conv,
                seq,
                pinned,
            };
            let done = store.pin_message(me, wish, NOW).await;
            return cell(done, &bench.changes().await);
        }
        With::Limit => {
            let wish = ConvKeep {
                mid: mid(),
                conv,
                days: 7,
            };
            let done = store.keep(me, wish).await;
            return cell(done, &bench.changes().await);
        }
        With::Keep => {
            let change = PrefsChange {
                pinned: Some(true),
                ..PrefsChange::default()
            };
            let done = store
                .set_prefs(
                    me,
                    ItemSet {
                        mid: mid(),
                        conv,
                        change,
                    },
                )
                .await;
            return cell(done, &bench.changes().await);
        }
        With::Begin => {
            let text = "well".to_owned();
            let done = store.set_draft(me, Draft { conv, text }).await;
            return cell(done, &bench.changes().await);
        }
    };
    let send = Send {
        kind,
        target: Some(target),
        ..Send::text(mid(), conv, body)
    };
    match bench.send_entry(me, send).await {
        Told::Entry(_) => Yes,
        other => refusal(other.code()),
    }
}

async fn of_two(what: With, towards: Towards) -> Cell {
    let bench = &mut bench::memory(Roster::Friends);
    let (me, _, conv) = pair(bench, towards).await;
    does(bench, what, me, conv, 1).await
}

async fn in_a_group(what: With, role: InGroup) -> Cell {
    let bench = &mut bench::memory(Roster::Friends);
    let it = scene(bench, role).await;
    let device = bench.store.device_by_token(it.token).await.unwrap();
    if device.is_none_or(|device| device.disabled) {
        return Out;
    }
    let target = bench.say(it.member, it.group, "hello").await.seq;
    does(bench, what, it.actor, it.group, target).await
}

/// Every cell of a table against what is found.
pub(crate) async fn judge<W: Copy + Debug, R: Copy + Debug>(
    table: &[(W, [Cell; 9])],
    relations: [R; 9],
    find: impl AsyncFn(W, R) -> Cell,
) {
    let mut wrong = Vec::new();
    for (what, row) in table {
        for (relation, expected) in relations.into_iter().zip(row) {
            let found = find(*what, relation).await;
            let words = || format!("{what:?} {relation:?}: {found:?}, not {expected:?}");
            wrong.extend((found != *expected).then(words));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_one_may_do_with_the_message_of_another() {
    judge(&OF_TWO, TOWARDS, of_two).await;
}

#[tokio::test]
async fn what_one_may_do_with_a_message_in_a_group() {
    judge(&IN_A_GROUP, IN_GROUP, in_a_group).await;
}
