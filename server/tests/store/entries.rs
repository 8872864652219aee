//! Answers, edits, deletions and reactions: who may, what is refused, and that what is deleted is gone from everywhere.

use super::bench::{self, Bench, NOW, Told, mid};
use breeze_protocol::limit::{BODY_BYTES_MAX, REACTION_BYTES_MAX};
use breeze_protocol::message::chat::{EntryKind, Event, Send};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::sqlite::open::DATABASE_FILE;
use breeze_server::store::{ContactChange, Missed, Store};

use EntryKind::{Delete, Edit, Reaction, Text};

/// An entry that names another.
fn entry(kind: EntryKind, conv: ConvId, body: &str, target: u64) -> Send {
    Send {
        kind,
        target: Some(target),
        ..Send::text(mid(), conv, body)
    }
}

impl Bench {
    /// Sends an entry that is taken.
    async fn change(&mut self, who: AccountId, send: Send) -> Event {
        match self.send_entry(who, send).await {
            Told::Entry(event) => event,
            other => panic!("{other:?}"),
        }
    }

    /// Sends an entry that is refused.
    async fn refused(&mut self, who: AccountId, send: Send) -> NackCode {
        self.send_entry(who, send).await.code()
    }

    /// The newest page, as (seq, kind, body, target).
    async fn page(&self, who: AccountId, conv: ConvId) -> Vec<(u64, EntryKind, String, Option<u64>)> {
        let page = self.store.history(who, conv, 0, 0, 200).await.unwrap().unwrap();
        let rows = page.rows.into_iter();
        rows.map(|row| (row.seq, row.kind, row.body, row.target))
            .collect()
    }
}

#[tokio::test]
async fn every_entry_has_a_place_and_only_messages_are_counted() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.say(ann, conv, "tea at four?").await;
        let answer = bench.change(bob, entry(Text, conv, "five", 1)).await;
        assert_eq!((answer.seq, answer.n, answer.target), (2, 2, Some(1)));
        let edit = bench.change(ann, entry(Edit, conv, "tea at five?", 1)).await;
        assert_eq!((edit.seq, edit.prev_seq, edit.n, edit.kind), (3, 2, 2, Edit));
        let reaction = bench.change(bob, entry(Reaction, conv, "👍", 1)).await;
        assert_eq!((reaction.seq, reaction.n, reaction.body.as_str()), (4, 2, "👍"));
        let back = bench.change(bob, entry(Reaction, conv, "", 1)).await;
        assert_eq!((back.seq, back.n, back.body.as_str()), (5, 2, ""));
        let delete = bench.change(ann, entry(Delete, conv, "", 1)).await;
        assert_eq!((delete.seq, delete.n, delete.target), (6, 2, Some(1)));
        assert_eq!(bench.say(bob, conv, "next").await.n, 3);
        let wanted = [
            (1, Text, "", None),
            (2, Text, "five", Some(1)),
            (3, Edit, "", Some(1)),
            (4, Reaction, "👍", Some(1)),
            (5, Reaction, "", Some(1)),
            (6, Delete, "", Some(1)),
            (7, Text, "next", None),
        ];
        let wanted = wanted.map(|(seq, kind, body, target)| (seq, kind, body.to_owned(), target));
        assert_eq!(bench.page(ann, conv).await, wanted);
    }
}

#[tokio::test]
async fn only_the_author_edits_and_deletes_and_anybody_reacts() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let eve = bench.person("eve").await;
        bench.say(ann, conv, "mine").await;
        for kind in [Edit, Delete] {
            let body = if kind == Edit { "yours" } else { "" };
            assert_eq!(
                bench.refused(bob, entry(kind, conv, body, 1)).await,
                NackCode::NoRight
            );
            assert_eq!(
                bench.refused(eve, entry(kind, conv, body, 1)).await,
                NackCode::NotMember
            );
        }
        let like = |target| entry(Reaction, conv, "❤️", target);
        assert_eq!(bench.refused(eve, like(1)).await, NackCode::NotMember);
        bench.change(bob, like(1)).await;
        bench.change(ann, like(1)).await;
        bench.contact(bob, ContactChange::Unfriend(ann)).await.unwrap();
        bench.changes().await;
        for send in [
            entry(Edit, conv, "still mine", 1),
            entry(Delete, conv, "", 1),
            like(1),
        ] {
            assert_eq!(bench.refused(ann, send).await, NackCode::NotContact);
        }
        assert_eq!(bench.page(ann, conv).await[0].2, "mine");
    }
}

#[tokio::test]
async fn what_is_named_must_be_a_message_that_is_there() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let cid = bench.person("cid").await;
        bench.befriend(ann, cid, "cid").await;
        let other = bench.store.conv_open(ann, mid(), cid, NOW).await.unwrap();
        bench.changes().await;
        bench.say(ann, conv, "one").await;
        bench.say(ann, conv, "two").await;
        bench.change(ann, entry(Reaction, conv, "👍", 1)).await;
        bench.change(ann, entry(Delete, conv, "", 2)).await;
        bench.say(ann, other, "elsewhere").await;
        let bad = NackCode::BadReference;
        // Nothing is there, an entry that is no message, a deleted one, one that is only in another conversation.
        for (conv, target) in [(conv, 99), (conv, 3), (conv, 2), (other, 2)] {
            for (kind, body) in [(Edit, "x"), (Delete, ""), (Reaction, "👍")] {
                let refused = bench.refused(ann, entry(kind, conv, body, target)).await;
                assert_eq!(refused, bad, "{kind:?} of {target}");
            }
        }
        for target in [99, 3, 0] {
            assert_eq!(bench.refused(ann, entry(Text, conv, "re", target)).await, bad);
        }
        let late = bench
            .change(bob, entry(Text, conv, "an answer outlives it", 2))
            .await;
        assert_eq!(late.target, Some(2));
    }
}

#[tokio::test]
async fn what_is_wrong_by_itself_is_refused_and_changes_nothing() {
    let mut bench = bench::memory(Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    bench.say(ann, conv, "one").await;
    let long = &"x".repeat(BODY_BYTES_MAX + 1)[..];
    let chain = &("👨\u{200d}".repeat(REACTION_BYTES_MAX / 7) + "👨")[..];
    let (bad, too_long) = (NackCode::BadReference, NackCode::TooLong);
    for (kind, body, code) in [
        (Edit, "", bad),
        (Edit, long, too_long),
        (Delete, "x", bad),
        (Delete, long, too_long),
        (Reaction, "yes", bad),
        (Reaction, "👍👍", bad),
        (Reaction, "👍\u{202e}", bad),
        (Reaction, chain, too_long),
        (EntryKind::Other, "x", bad),
    ] {
        assert_eq!(
            bench.refused(ann, entry(kind, conv, body, 1)).await,
            code,
            "{kind:?}"
        );
    }
    for (kind, body) in [(Edit, "x"), (Delete, ""), (Reaction, "👍")] {
        let send = Send {
            target: None,
            ..entry(kind, conv, body, 1)
        };
        assert_eq!(bench.refused(ann, send).await, bad, "{kind:?} of nothing");
    }
    assert_eq!(bench.page(ann, conv).await.len(), 1);
}

#[tokio::test]
async fn a_repeat_is_known_also_when_its_body_is_erased() {
    for mut bench in bench::both() {
        let (ann, _, conv) = bench.friends("ann", "bob").await;
        let message = Send::text(mid(), conv, "secret");
        let edit = entry(Edit, conv, "more secret", 1);
        let delete = entry(Delete, conv, "", 1);
        let sends = [message, edit, delete];
        for send in &sends {
            bench.change(ann, send.clone()).await;
        }
        for (seq, send) in (1..).zip(&sends) {
            match bench.send_entry(ann, send.clone()).await {
                Told::Sent(sent) => assert_eq!((sent.seq, sent.dup), (seq, true)),
                other => panic!("{other:?}"),
            }
            let changed = [
                Send {
                    body: "another".into(),
                    ..send.clone()
                },
                Send {
                    target: Some(9),
                    ..send.clone()
                },
                Send {
                    kind: Reaction,
                    ..send.clone()
                },
            ];
            for send in changed {
                assert_eq!(bench.refused(ann, send).await, NackCode::MidReused);
            }
        }
        assert_eq!(bench.page(ann, conv).await.len(), 3, "nothing is stored twice");
    }
}

#[tokio::test]
async fn an_edited_message_keeps_so_many_edits_and_no_more() {
    let mut bench = bench::memory(Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    bench.say(ann, conv, "one").await;
    for n in 0..200 {
        bench.hand_entry(ann, entry(Edit, conv, &n.to_string(), 1));
    }
    assert_eq!(bench.changes().await.len(), 200);
    assert_eq!(
        bench.refused(ann, entry(Edit, conv, "one more", 1)).await,
        NackCode::Quota
    );
    bench.change(ann, entry(Delete, conv, "", 1)).await;
    let page = bench.store.history(ann, conv, 0, 0, 200).await.unwrap().unwrap();
    assert!(page.rows.iter().all(|row| row.body.is_empty()));
}

/// Everything the store would tell somebody who knows nothing, and somebody who was away for all of it.
async fn told(bench: &Bench, who: AccountId, conv: ConvId) -> String {
    let mut text = String::new();
    for page in 0.. {
        let page = bench.store.snapshot(who, page).await.unwrap();
        text += &format!("{:?}", page.rows);
        if !page.more {
            break;
        }
    }
    let missed = bench.store.missed(who, 0, 1_000_000).await.unwrap();
    let entries = missed.rows.iter().filter(|row| matches!(row, Missed::Entry(_)));
    assert_eq!(entries.count(), 5, "they are told that something was there");
    text += &format!("{:?}", missed.rows);
    text + &format!("{:?}", bench.page(who, conv).await)
}

#[tokio::test]
async fn what_is_deleted_is_told_to_nobody_and_is_not_in_the_file() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    // Long enough for pages of its own, which a deletion gives back.
    let secret = |word: &str| format!("{word} {}", "padding ".repeat(1500));
    bench.say(bob, conv, "stays").await;
    bench.say(ann, conv, &secret("rosebud")).await;
    bench.change(ann, entry(Edit, conv, &secret("daffodil"), 2)).await;
    bench.change(ann, entry(Edit, conv, "tulip", 2)).await;
    bench.change(ann, entry(Delete, conv, "", 2)).await;
    for who in [ann, bob] {
        let text = told(&bench, who, conv).await;
        assert!(text.contains("stays"));
        for word in ["rosebud", "daffodil", "tulip"] {
            assert!(!text.contains(word), "{word} is still told");
        }
    }
    let data = bench.dir.as_ref().unwrap().path().to_owned();
    bench.store.close().await;
    let found = |word: &str| {
        let bytes = std::fs::read(data.join(DATABASE_FILE)).unwrap();
        bytes.windows(word.len()).any(|part| part == word.as_bytes())
    };
    assert!(found("stays"), "the file is the one that holds messages");
    for word in ["rosebud", "daffodil", "tulip"] {
        assert!(!found(word), "{word} is still in the file");
    }
}
