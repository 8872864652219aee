//! How long messages are kept: what is over is seen by nobody and erased, what is not stays, whatever the clock says.

use super::bench::{self, Bench, NOW, Told, mid};
use super::clocks::again;
use super::device::Device;
use super::files;
use super::groups::{change, create, seqs, trio};
use super::search::until_indexed;
use breeze_protocol::limit::{KEEP_DAYS_MAX, UPLOAD_KEPT_MS};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::{MemberAct, MemberChange};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::message::pin::MessagePin;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::keep::KeepStore;
use breeze_server::store::pins::PinStore;
use breeze_server::store::search::Search;
use breeze_server::store::sqlite::index::INDEX_FILE;
use breeze_server::store::sqlite::open::DATABASE_FILE;
use breeze_server::store::uploads::FileStore;
use breeze_server::store::{Change, GroupChange, Refusal, Store};

const DAY_MS: u64 = 24 * 3_600_000;

/// Wishes it, and passes over what is told of it.
async fn keep(bench: &mut Bench, me: AccountId, conv: ConvId, days: u64) -> Result<(), NackCode> {
    let mid = mid();
    let done = bench.store.keep(me, ConvKeep { mid, conv, days }).await;
    bench.changes().await;
    match done {
        Ok(()) => Ok(()),
        Err(Refusal::Nack(code)) => Err(code),
        Err(other) => panic!("{other}"),
    }
}

/// What the database holds of a conversation: the text of each entry, `None` where it is erased.
fn held(bench: &Bench, conv: ConvId) -> Vec<Option<String>> {
    let path = bench.dir.as_ref().unwrap().path().join(DATABASE_FILE);
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut rows = conn
        .prepare("SELECT body FROM messages WHERE conv = ?1 AND kind <> 5 ORDER BY seq")
        .unwrap();
    rows.query_map([conv.0.cast_signed()], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test]
async fn what_is_old_enough_is_over_for_everybody_and_erased() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let old = mid();
    bench.send(ann, conv, old, "the old one").await;
    keep(&mut bench, bob, conv, 2).await.unwrap();
    bench.days_pass(1, 0).await;
    bench.say(bob, conv, "the newer one").await;
    let mut stale = Device::fresh(&bench.store, ann).await;
    assert_eq!(
        held(&bench, conv).len(),
        2,
        "kept for a whole day, and then for another"
    );
    bench.days_pass(1, 0).await;
    assert_eq!(held(&bench, conv)[0].as_deref(), Some("the old one"));
    bench.changes().await;
    bench.days_pass(1, 0).await;

    assert_eq!(held(&bench, conv), [None, Some("the newer one".into())]);
    // The entry that tells of the days was written on the first day too.
    for who in [ann, bob] {
        let page = bench.store.history(who, conv, 0, 0, 50).await.unwrap().unwrap();
        let rows: Vec<_> = page.rows.iter().map(|row| (row.seq, row.prev_seq)).collect();
        assert_eq!((rows, page.gone), (vec![(3, 0)], vec![(1, 2)]));
    }
    let told = bench.changes().await;
    let items: Vec<_> = told
        .iter()
        .filter_map(|change| match change {
            Change::Item {
                to,
                state: ItemState::Conv(it),
                ..
            } => Some((to.clone(), it.from, it.keep_days)),
            _ => None,
        })
        .collect();
    assert_eq!(items, [(vec![ann, bob], 3, 2)]);
    let fresh = Device::fresh(&bench.store, ann).await;
    stale.catch_up(&bench.store, ann, fresh.cursor).await;
    assert_eq!(stale, fresh);

    // Its mid still tells a repeat from another message.
    let repeat = bench.send(ann, conv, old, "the old one").await;
    assert!(
        matches!(&repeat, Told::Sent(sent) if sent.dup && sent.seq == 1),
        "{repeat:?}"
    );
    assert_eq!(
        bench.send(ann, conv, old, "another").await.code(),
        NackCode::MidReused
    );
}

#[tokio::test]
async fn what_was_said_before_holds_too_from_the_moment_it_is_wished() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.say(ann, conv, "one").await;
        bench.days_pass(8, 0).await;
        bench.say(ann, conv, "two").await;
        assert_eq!(seqs(&bench, bob, conv).await, Some((vec![1, 2], vec![])));
        let wish = ConvKeep {
            mid: mid(),
            conv,
            days: 7,
        };
        bench.store.keep(ann, wish).await.unwrap();
        assert_eq!(seqs(&bench, bob, conv).await, Some((vec![2, 3], vec![(1, 1)])));
        bench.changes().await;
        bench.store.keep(ann, wish).await.unwrap();
        let again = ConvKeep { mid: mid(), ..wish };
        bench.store.keep(bob, again).await.unwrap();
        assert!(bench.changes().await.is_empty(), "it is so already");
        let page = bench.store.history(bob, conv, 0, 0, 9).await.unwrap().unwrap();
        let last = page.rows.last().unwrap();
        let told = MemberChange::from_body(&last.body).unwrap();
        assert_eq!((last.kind, last.sender), (EntryKind::Member, ann));
        assert_eq!((told.did, told.days), (MemberAct::Kept, Some(7)));
        // For good again: nothing more goes, and what is gone stays so.
        keep(&mut bench, bob, conv, 0).await.unwrap();
        bench.days_pass(20, 0).await;
        assert_eq!(seqs(&bench, bob, conv).await, Some((vec![2, 3, 4], vec![(1, 1)])));
        assert_eq!(
            keep(&mut bench, bob, conv, KEEP_DAYS_MAX + 1).await,
            Err(NackCode::TooLong)
        );
        assert_eq!(
            bench
                .store
                .keep(ann, ConvKeep { days: 9, ..wish })
                .await
                .map_err(|it| it.to_string()),
            Err("refused: MidReused".into())
        );
    }
}

#[tokio::test]
async fn an_operators_end_holds_where_a_conversation_has_none_or_a_later_one() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let notes = bench.store.conv_open(ann, mid(), ann, NOW).await.unwrap();
        keep(&mut bench, bob, conv, 90).await.unwrap();
        bench.say(ann, conv, "one").await;
        bench.say(ann, notes, "to myself").await;
        bench.days_pass(3, 0).await;
        assert_eq!(seqs(&bench, ann, notes).await, Some((vec![1], vec![])));
        bench.days_pass(1, 3).await;
        assert_eq!(seqs(&bench, bob, conv).await, Some((vec![], vec![(1, 2)])));
        assert_eq!(seqs(&bench, ann, notes).await, Some((vec![], vec![(1, 1)])));
        let unread = |items: Vec<ItemState>| {
            items.into_iter().find_map(|it| match it {
                ItemState::Mark(it) if it.conv == conv && it.mark.account == bob => Some(it.mark.read),
                _ => None,
            })
        };
        assert_eq!(
            unread(bench.items(bob).await),
            Some(2),
            "what is over is not unread"
        );
        assert_eq!(
            unread(bench.items(ann).await),
            None,
            "and nobody is told that it was read"
        );
    }
}

#[tokio::test]
async fn files_pins_and_the_index_go_with_it() {
    let mut bench = files::bench();
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    bench.bring(ann, 1, &files::bytes(1, 100)).await;
    let seq = bench.send_file(ann, conv, &files::bytes(1, 100)).await.unwrap();
    let words = bench.say(bob, conv, "unrepeatable words").await.seq;
    for seq in [seq, words] {
        let (mid, pinned) = (mid(), true);
        let wish = MessagePin {
            mid,
            conv,
            seq,
            pinned,
        };
        bench.store.pin_message(ann, wish, NOW).await.unwrap();
    }
    until_indexed(&bench, 2).await;
    let terms = |bench: &Bench| -> i64 {
        let path = bench.dir.as_ref().unwrap().path().join(INDEX_FILE);
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.query_row("SELECT count(*) FROM places", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(terms(&bench), 2);
    keep(&mut bench, ann, conv, 1).await.unwrap();
    bench.days_pass(1, 0).await;
    assert_eq!(bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap(), 0);
    bench.days_pass(1, 0).await;
    assert_eq!(
        bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap(),
        1,
        "its bytes too"
    );
    let items = bench.items(bob).await;
    assert!(
        !items.iter().any(|it| matches!(it, ItemState::Pins(_))),
        "{items:?}"
    );
    let left = bench.say(ann, conv, "something else").await.seq;
    until_indexed(&bench, left).await;
    for _ in 0..2_000_000 {
        if terms(&bench) == 1 {
            return;
        }
        bench.store.indexed().await.unwrap();
    }
    panic!("its terms are still in the index");
}

#[tokio::test]
async fn erasing_goes_in_short_turns_and_goes_on_after_a_start() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    keep(&mut bench, ann, conv, 1).await.unwrap();
    for n in 0..1200 {
        bench.hand(ann, conv, mid(), &n.to_string());
    }
    bench.changes().await;
    bench.days_pass(1, 0).await;
    bench
        .ahead_ms
        .fetch_add(DAY_MS, std::sync::atomic::Ordering::Relaxed);
    assert!(bench.store.expire(0).await.unwrap(), "it is over");
    assert!(bench.store.expire(0).await.unwrap(), "some of it is erased");
    let left = held(&bench, conv).into_iter().flatten().count();
    assert_eq!(
        left,
        1200 - 499,
        "five hundred a turn, one of them the entry of the days"
    );
    assert_eq!(
        seqs(&bench, ann, conv).await.unwrap().0,
        [0; 0],
        "nothing of it is seen"
    );
    let bench = again(bench, NOW).await;
    while bench.store.expire(0).await.unwrap() {}
    assert_eq!(held(&bench, conv).into_iter().flatten().count(), 0);
}

#[tokio::test]
async fn a_clock_that_is_years_ahead_ends_nothing() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    keep(&mut bench, ann, conv, 2).await.unwrap();
    bench.say(ann, conv, "here").await;
    for at_ms in [NOW + 3653 * DAY_MS, NOW - 3653 * DAY_MS, NOW] {
        bench = again(bench, at_ms).await;
        while bench.store.expire(0).await.unwrap() {}
        assert_eq!(
            seqs(&bench, bob, conv).await.unwrap().0,
            [1, 2],
            "a start at {at_ms}"
        );
    }
}

#[tokio::test]
async fn an_answer_to_what_is_over_by_now_is_taken_and_nothing_else() {
    for mut bench in bench::both() {
        let (ann, _, conv) = bench.friends("ann", "bob").await;
        let old = bench.say(ann, conv, "one").await.seq;
        bench.days_pass(2, 1).await;
        let to = |kind, body: &str| Send {
            kind,
            target: Some(old),
            ..Send::text(mid(), conv, body)
        };
        let told = bench.send_entry(ann, to(EntryKind::Text, "about that")).await;
        assert!(matches!(told, Told::Entry(_)), "{told:?}");
        for (kind, body) in [
            (EntryKind::Edit, "x"),
            (EntryKind::Delete, ""),
            (EntryKind::Reaction, "👍"),
        ] {
            let told = bench.send_entry(ann, to(kind, body)).await;
            assert_eq!(told.code(), NackCode::BadReference, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_group_goes_to_whoever_has_been_there_longest_whatever_is_over() {
    for mut bench in bench::both() {
        let ([ann, bob, cid], conv) = trio(&mut bench).await;
        change(&bench, ann, GroupChange::Remove(conv, bob)).await.unwrap();
        change(&bench, ann, GroupChange::Invite(conv, vec![bob]))
            .await
            .unwrap();
        bench.days_pass(2, 1).await;
        change(&bench, ann, GroupChange::Leave(conv)).await.unwrap();
        let owner = bench.items(cid).await.into_iter().find_map(|it| match it {
            ItemState::Conv(it) if it.conv == conv => it.group.map(|group| (group.owner, group.from)),
            _ => None,
        });
        assert_eq!(owner, Some((cid, 4)));
    }
}

#[tokio::test]
async fn a_group_that_everybody_has_left_is_erased() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, bob, _) = bench.friends("ann", "bob").await;
    let conv = change(&bench, ann, create("Tea", &[bob])).await.unwrap();
    bench.changes().await;
    bench.say(ann, conv, "among us").await;
    change(&bench, ann, GroupChange::Leave(conv)).await.unwrap();
    while bench.store.expire(0).await.unwrap() {}
    assert_eq!(
        held(&bench, conv),
        [Some("among us".into())],
        "bob is still there"
    );
    change(&bench, bob, GroupChange::Leave(conv)).await.unwrap();
    while bench.store.expire(0).await.unwrap() {}
    assert_eq!(held(&bench, conv), [None]);
}
