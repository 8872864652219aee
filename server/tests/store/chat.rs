//! Messages: order, dedupe, refusals, marks, history.

use super::bench::{self, NOW, Told, mid};
use breeze_protocol::ConvId;
use breeze_protocol::limit::{BODY_BYTES_MAX, PAGE_BYTES_MAX};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::item::ItemState;
use breeze_server::fault::Fault;
use breeze_server::store::prefs::PrefsStore;
use breeze_server::store::{Audience, Change, ConnId, Store};

#[tokio::test]
async fn entries_are_dense_and_numbered_in_commit_order() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        for n in 0..600 {
            bench.hand(if n % 2 == 0 { ann } else { bob }, conv, mid(), &format!("m{n}"));
        }
        let mut last = 0;
        let entries: Vec<_> = bench.changes().await.into_iter().filter_map(Told::of).collect();
        assert_eq!(entries.len(), 600);
        for (n, told) in entries.into_iter().enumerate() {
            let Told::Entry(event) = told else {
                panic!("{told:?}")
            };
            let seq = n as u64 + 1;
            assert_eq!((event.seq, event.prev_seq, event.n), (seq, seq - 1, seq));
            assert_eq!(event.body, format!("m{n}"));
            assert!(event.cursor > last);
            last = event.cursor;
        }
    }
}

#[tokio::test]
async fn a_repeated_message_is_stored_once() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let once = mid();
        let Told::Entry(first) = bench.send(ann, conv, once, "hello").await else {
            panic!("not stored")
        };
        let Told::Sent(again) = bench.send(ann, conv, once, "hello").await else {
            panic!("not known")
        };
        assert_eq!(
            (again.dup, again.seq, again.ts, again.conv),
            (true, first.seq, first.ts, conv)
        );
        assert_eq!(
            bench.send(ann, conv, once, "other").await.code(),
            NackCode::MidReused
        );
        let Told::Entry(_) = bench.send(bob, conv, once, "mine").await else {
            panic!("a mid is its sender's")
        };
        let page = bench.store.history(ann, conv, 0, 0, 10).await.unwrap().unwrap();
        assert_eq!(page.rows.len(), 2);
    }
}

#[tokio::test]
async fn without_dedupe_the_suite_would_notice() {
    let mut bench = bench::broken(Fault::DedupeOff);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    let once = mid();
    bench.send(ann, conv, once, "hello").await;
    assert!(matches!(
        bench.send(ann, conv, once, "hello").await,
        Told::Entry(_)
    ));
}

#[tokio::test]
async fn what_may_not_be_sent_is_refused_for_good() {
    for mut bench in bench::both() {
        let (ann, _, conv) = bench.friends("ann", "bob").await;
        let eve = bench.person("eve").await;
        let long = "x".repeat(BODY_BYTES_MAX + 1);
        bench.changes().await;
        assert_eq!(
            bench.send(ann, conv, mid(), &long).await.code(),
            NackCode::TooLong
        );
        assert_eq!(
            bench.send(ann, conv, mid(), "").await.code(),
            NackCode::BadReference
        );
        assert_eq!(
            bench.send(eve, conv, mid(), "x").await.code(),
            NackCode::NotMember
        );
        assert_eq!(
            bench.send(eve, ConvId(99), mid(), "x").await.code(),
            NackCode::NotMember
        );
        let odd = Send {
            kind: EntryKind::Other,
            ..Send::text(mid(), conv, "x")
        };
        assert_eq!(bench.send_entry(ann, odd).await.code(), NackCode::BadReference);
        bench
            .say(ann, conv, "a permanent refusal holds nothing back")
            .await;
        assert!(matches!(
            bench.send(ann, conv, mid(), &"x".repeat(BODY_BYTES_MAX)).await,
            Told::Entry(_)
        ));
    }
}

#[tokio::test]
async fn nothing_overtakes_a_message_the_connection_refused() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let (first, second) = (mid(), mid());
        bench.store.hold(ConnId(ann.0), conv, first);
        assert_eq!(bench.send(ann, conv, second, "two").await.code(), NackCode::Busy);
        bench.say(bob, conv, "another connection goes on").await;
        assert!(matches!(
            bench.send(ann, conv, first, "one").await,
            Told::Entry(_)
        ));
        assert!(matches!(
            bench.send(ann, conv, second, "two").await,
            Told::Entry(_)
        ));
    }
}

#[tokio::test]
async fn a_message_goes_to_all_members_and_its_answer_to_its_connection() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.hand(ann, conv, mid(), "hello");
        let changes = bench.changes().await;
        let [
            Change::Entry {
                origin,
                members,
                event,
            },
        ] = &changes[..]
        else {
            panic!("{changes:?}")
        };
        assert_eq!(
            (*origin, members.as_slice()),
            (ConnId(ann.0), [ann, bob].as_slice())
        );
        assert_eq!((event.sender, event.ts), (ann, NOW));
    }
}

#[tokio::test]
async fn marks_only_rise_and_never_pass_the_head() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        for n in 0..3 {
            bench.say(ann, conv, &n.to_string()).await;
        }
        bench.mark(bob, conv, (2, 0), Audience::All).await;
        bench.mark(bob, conv, (1, 1), Audience::All).await;
        bench.mark(bob, conv, (0, 99), Audience::All).await;
        bench.mark(bob, conv, (3, 3), Audience::All).await;
        bench.mark(bob, ConvId(77), (3, 3), Audience::All).await;
        let marks: Vec<_> = bench.changes().await.into_iter().collect();
        let marks: Vec<_> = marks
            .iter()
            .map(|it| match it {
                Change::Mark { to, mark, .. } => (mark.delivered, mark.read, to.as_slice()),
                other => panic!("{other:?}"),
            })
            .collect();
        let both = [ann, bob];
        assert_eq!(marks, [(2, 0, &both[..]), (2, 1, &both[..]), (3, 3, &both[..])]);
    }
}

#[tokio::test]
async fn what_lies_below_a_cursor_and_is_not_marked_is_found() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let mut cursors = Vec::new();
        for (sender, text) in [(ann, "one"), (ann, "two"), (bob, "own"), (ann, "four")] {
            cursors.push(bench.say(sender, conv, text).await.cursor);
        }
        let cases = [
            (cursors[0] - 1, None),
            (cursors[0], Some(1)),
            (cursors[2], Some(2)),
            (cursors[3], Some(4)),
        ];
        for (cursor, found) in cases {
            let found: Vec<_> = found.map(|seq| (conv, seq)).into_iter().collect();
            assert_eq!(bench.store.undelivered(bob, cursor).await.unwrap(), found);
        }
        bench.mark(bob, conv, (2, 0), Audience::All).await;
        assert_eq!(bench.store.undelivered(bob, cursors[2]).await.unwrap(), []);
        assert_eq!(
            bench.store.undelivered(bob, cursors[3]).await.unwrap(),
            [(conv, 4)]
        );
    }
}

#[tokio::test]
async fn history_comes_in_pages_both_ways() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let eve = bench.person("eve").await;
        for n in 1..=30 {
            bench.hand(ann, conv, mid(), &n.to_string());
        }
        bench.changes().await;
        let store = bench.store.clone();
        let page = |before, after, limit| {
            let store = store.clone();
            async move {
                let page = store
                    .history(bob, conv, before, after, limit)
                    .await
                    .unwrap()
                    .unwrap();
                assert!(page.rows.iter().all(|row| row.cursor == 0));
                (page.rows.iter().map(|row| row.seq).collect::<Vec<_>>(), page.more)
            }
        };
        assert_eq!(page(0, 0, 3).await, (vec![28, 29, 30], true));
        assert_eq!(page(28, 0, 3).await, (vec![25, 26, 27], true));
        assert_eq!(page(3, 0, 3).await, (vec![1, 2], false));
        assert_eq!(page(0, 28, 3).await, (vec![29, 30], false));
        assert_eq!(page(0, 10, 3).await, (vec![11, 12, 13], true));
        assert_eq!(page(0, 0, 0).await, (vec![30], true));
        assert!(store.history(eve, conv, 0, 0, 3).await.unwrap().is_none());
        assert!(store.history(eve, ConvId(99), 0, 0, 3).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_page_of_long_messages_stays_within_its_bytes() {
    let mut bench = bench::memory(breeze_protocol::message::hello::Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    let body = "\u{1}".repeat(BODY_BYTES_MAX);
    for _ in 0..5 {
        bench.hand(ann, conv, mid(), &body);
    }
    bench.changes().await;
    let page = bench.store.history(ann, conv, 0, 0, 200).await.unwrap().unwrap();
    assert_eq!(page.rows.len(), 1, "each is six times as long on the wire");
    let bytes = serde_json::to_string(&page.rows).unwrap().len();
    assert!(bytes <= PAGE_BYTES_MAX, "{bytes}");
    let missed = bench.store.missed(ann, 0, 1000).await.unwrap();
    assert!(missed.more);
}

/// The first and last character of each length in UTF-8, those that stand for nothing, and everything of ASCII: also those
/// that end a text elsewhere.
fn every_kind_of_character() -> String {
    let two_and_three = "\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{fdd0}\u{feff}\u{fffe}\u{ffff}";
    let four = "\u{10000}\u{1fffe}\u{10ffff}";
    let ascii: String = ('\0'..='\u{7f}').collect();
    [&ascii, two_and_three, four].concat()
}

#[tokio::test]
async fn every_character_is_kept_as_it_came() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let text = every_kind_of_character();
        assert_eq!(bench.say(ann, conv, &text).await.body, text);
        let page = bench.store.history(bob, conv, 0, 0, 10).await.unwrap().unwrap();
        assert_eq!(page.rows[0].body, text);
        let draft = Draft { conv, text };
        bench.store.set_draft(ann, draft.clone()).await.unwrap();
        assert!(bench.items(ann).await.contains(&ItemState::Draft(draft)));
        // A name nobody can have is asked like any other.
        let before = bench.items(ann).await.len();
        bench.ask(ann, "no\0body").await;
        assert_eq!(bench.items(ann).await.len(), before + 1);
    }
}
