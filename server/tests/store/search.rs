//! Searching: what is found, in which order, by whom; and that an index is never needed for the answer.

use super::bench::{self, Bench, NOW, mid};
use super::groups::change;
use breeze_protocol::limit::{PAGE_BYTES_MAX, SEARCH_ROWS_MAX};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::search::SearchPage;
use breeze_protocol::terms::Wanted;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::search::{Search, SearchAsk};
use breeze_server::store::sqlite::index::INDEX_FILE;
use breeze_server::store::{ContactChange, GroupChange, Store};

fn ask(query: &str) -> SearchAsk {
    SearchAsk {
        wanted: Wanted::of(query).unwrap(),
        conv: None,
        before: 0,
        limit: SEARCH_ROWS_MAX,
    }
}

async fn page(bench: &Bench, who: AccountId, ask: SearchAsk) -> SearchPage {
    bench.store.search(who, ask).await.unwrap().unwrap()
}

async fn bodies(bench: &Bench, who: AccountId, query: &str) -> Vec<String> {
    let page = page(bench, who, ask(query)).await;
    assert!(!page.more);
    page.rows.into_iter().map(|row| row.body).collect()
}

/// Waits until the index holds so many entries. Each look is an answer of the thread that searches, not a sleep.
pub(crate) async fn until_indexed(bench: &Bench, entries: u64) {
    for _ in 0..2_000_000 {
        match bench.store.indexed().await.unwrap() {
            None => return,
            Some(held) if held >= entries => return,
            Some(_) => tokio::task::yield_now().await,
        }
    }
    panic!("the index never held {entries} entries");
}

#[tokio::test]
async fn words_pairs_and_accents_are_found_newest_first() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let texts = [
            "Meet me at the Café",
            "明天去北京吗？",
            "the train to Berlin",
            "北京很大 cafe",
            "👍",
        ];
        for (n, text) in texts.iter().enumerate() {
            bench.say(if n % 2 == 0 { ann } else { bob }, conv, text).await;
        }
        // Once right after the commits, once from the index alone.
        for _ in 0..2 {
            assert_eq!(bodies(&bench, ann, "cafe").await, [texts[3], texts[0]]);
            assert_eq!(bodies(&bench, bob, "北京").await, [texts[3], texts[1]]);
            assert_eq!(bodies(&bench, bob, "吗").await, [texts[1]]);
            assert_eq!(bodies(&bench, ann, "the ber").await, [texts[2]]);
            assert_eq!(bodies(&bench, ann, "北京 CAFÉ").await, [texts[3]]);
            assert_eq!(bodies(&bench, ann, "👍").await, [texts[4]]);
            assert!(bodies(&bench, ann, "京北").await.is_empty());
            assert!(bodies(&bench, ann, "nothing").await.is_empty());
            until_indexed(&bench, texts.len() as u64).await;
        }
        let row = page(&bench, ann, ask("berlin")).await.rows.remove(0);
        assert_eq!((row.conv, row.seq, row.cursor, row.sender), (conv, 3, 0, ann));
    }
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_read() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let eve = bench.person("eve").await;
        bench.befriend(eve, bob, "bob").await;
        let other = bench.store.conv_open(eve, mid(), bob, NOW).await.unwrap();
        bench.changes().await;
        bench.say(ann, conv, "the secret garden").await;
        bench.say(eve, other, "another garden").await;
        for _ in 0..2 {
            assert_eq!(bodies(&bench, eve, "garden").await, ["another garden"]);
            assert_eq!(bodies(&bench, ann, "garden").await, ["the secret garden"]);
            assert_eq!(
                bodies(&bench, bob, "garden").await,
                ["another garden", "the secret garden"]
            );
            for conv in [conv, ConvId(99)] {
                let named = SearchAsk {
                    conv: Some(conv),
                    ..ask("garden")
                };
                assert!(bench.store.search(eve, named).await.unwrap().is_none());
            }
            let named = SearchAsk {
                conv: Some(conv),
                ..ask("garden")
            };
            let rows = page(&bench, bob, named).await.rows;
            assert_eq!((rows.len(), rows[0].conv), (1, conv));
            until_indexed(&bench, 2).await;
        }
        // Who ends a friendship keeps the conversation, and so what is found in it.
        bench.contact(bob, ContactChange::Unfriend(ann)).await.unwrap();
        assert_eq!(bodies(&bench, ann, "garden").await, ["the secret garden"]);
    }
}

#[tokio::test]
async fn pages_join_without_a_gap_while_messages_come() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        for n in 0..600 {
            let text = if n % 3 == 0 {
                format!("plum number{n}")
            } else {
                "pear".to_owned()
            };
            bench.hand(ann, conv, mid(), &text);
        }
        bench.changes().await;
        let (mut found, mut before) = (Vec::new(), 0);
        loop {
            let asked = SearchAsk {
                before,
                limit: 7,
                ..ask("plum")
            };
            let page = page(&bench, bob, asked).await;
            assert!(page.rows.len() <= 7);
            found.extend(page.rows.into_iter().map(|row| row.seq));
            if !page.more {
                break;
            }
            assert!(before == 0 || page.before < before, "it goes on");
            before = page.before;
            bench.say(ann, conv, "plum that came meanwhile").await;
        }
        let expected: Vec<u64> = (0..600).rev().filter(|n| n % 3 == 0).map(|n| n + 1).collect();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_page_fits_a_frame() {
    for mut bench in bench::both() {
        let (ann, _, conv) = bench.friends("ann", "bob").await;
        for _ in 0..20 {
            bench.hand(ann, conv, mid(), &format!("long {}", "x".repeat(16_000)));
        }
        bench.changes().await;
        let page = page(&bench, ann, ask("long")).await;
        let bytes: usize = page.rows.iter().map(|row| row.body.len()).sum();
        assert!(page.more && bytes <= PAGE_BYTES_MAX && page.rows.len() > 6);
        let unlimited = SearchAsk {
            limit: usize::MAX,
            ..ask("long")
        };
        assert!(self::page(&bench, ann, unlimited).await.rows.len() <= SEARCH_ROWS_MAX);
    }
}

/// Small numbers from a seed, the same in every run.
fn dice(seed: &mut u64, sides: u64) -> usize {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*seed >> 33) % sides).unwrap()
}

#[tokio::test]
async fn the_index_finds_what_looking_through_everything_finds() {
    let words = [
        "plum",
        "Plüm",
        "plumage",
        "北京",
        "北",
        "京都",
        "東京都",
        "no",
        "on",
        "👍",
        "한국어",
        "国",
    ];
    let mut benches = [bench::file(Roster::Friends), bench::memory(Roster::Friends)];
    let mut people = Vec::new();
    for bench in &mut benches {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let eve = bench.person("eve").await;
        bench.befriend(eve, bob, "bob").await;
        let other = bench.store.conv_open(eve, mid(), bob, NOW).await.unwrap();
        let mut seed = 7;
        for _ in 0..800 {
            let text: Vec<&str> = (0..=dice(&mut seed, 4))
                .map(|_| words[dice(&mut seed, 12)])
                .collect();
            let (who, to) = [(ann, conv), (bob, conv), (eve, other)][dice(&mut seed, 3)];
            bench.hand(who, to, mid(), &text.join(["", " "][dice(&mut seed, 2)]));
        }
        bench.changes().await;
        until_indexed(bench, 800).await;
        people.push([ann, bob, eve]);
    }
    assert_eq!(people[0], people[1]);
    let mut hits = 0;
    for query in [
        "plum",
        "pl",
        "plum ",
        "北",
        "北京",
        "京",
        "都",
        "京都 on",
        "no on",
        "👍 plu",
        "국어",
        "国国",
    ] {
        for who in people[0] {
            let mut pages = Vec::new();
            for bench in &benches {
                let found = page(bench, who, ask(query)).await;
                pages.push(
                    found
                        .rows
                        .iter()
                        .map(|row| (row.conv, row.seq))
                        .collect::<Vec<_>>(),
                );
            }
            assert_eq!(pages[0], pages[1], "{query}");
            hits += pages[0].len();
        }
    }
    assert!(hits > 500, "the queries find something: {hits}");
}

#[tokio::test]
async fn an_index_that_is_missing_damaged_or_foreign_is_made_anew() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    for n in 0..50 {
        bench.say(ann, conv, &format!("apple {n}")).await;
    }
    until_indexed(&bench, 50).await;
    let dir = bench.dir.take().unwrap();
    let index = dir.path().join(INDEX_FILE);
    let spoil: [fn(&std::path::Path); 4] = [
        |_| {},
        |path| std::fs::remove_file(path).unwrap(),
        |path| {
            std::fs::write(
                path,
                b"this is no database, and it is longer than a header of one would be",
            )
            .unwrap()
        },
        |path| {
            let conn = rusqlite::Connection::open(path).unwrap();
            conn.execute("UPDATE meta SET epoch = x'00112233445566778899aabbccddeeff'", [])
                .unwrap();
            conn.execute("DELETE FROM places", []).unwrap();
        },
    ];
    for spoil in spoil {
        bench.store.close().await;
        spoil(&index);
        bench = bench::open(bench::options(dir.path(), Roster::Friends));
        assert_eq!(page(&bench, ann, ask("apple")).await.rows.len(), 50);
        until_indexed(&bench, 50).await;
        assert_eq!(page(&bench, ann, ask("apple")).await.rows.len(), 50);
        assert_eq!(bodies(&bench, ann, "apple 7 ").await, ["apple 7"]);
    }
    bench.store.close().await;
    drop(dir);
}

#[tokio::test]
async fn an_edited_message_is_found_by_what_it_says_now_and_a_deleted_one_not_at_all() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        bench.say(ann, conv, "tea at four").await;
        bench.say(bob, conv, "four sounds good").await;
        let about = |kind, body: &str, target| Send {
            kind,
            target: Some(target),
            ..Send::text(mid(), conv, body)
        };
        bench
            .send_entry(ann, about(EntryKind::Edit, "tea at six", 1))
            .await;
        bench
            .send_entry(ann, about(EntryKind::Edit, "coffee at six", 1))
            .await;
        bench.send_entry(bob, about(EntryKind::Reaction, "👍", 1)).await;
        // Once right after the commits, once from the index alone.
        for _ in 0..2 {
            assert_eq!(bodies(&bench, bob, "four").await, ["four sounds good"]);
            assert!(bodies(&bench, bob, "tea").await.is_empty());
            assert!(bodies(&bench, bob, "👍").await.is_empty());
            let page = page(&bench, bob, ask("coffee")).await;
            let found: Vec<_> = page
                .rows
                .iter()
                .map(|row| (row.seq, row.kind, row.body.as_str()))
                .collect();
            assert_eq!(found, [(1, EntryKind::Text, "coffee at six")]);
            until_indexed(&bench, 5).await;
        }
        bench.send_entry(ann, about(EntryKind::Delete, "", 1)).await;
        for _ in 0..2 {
            assert!(bodies(&bench, ann, "coffee").await.is_empty());
            assert!(bodies(&bench, ann, "tea").await.is_empty());
            assert_eq!(bodies(&bench, ann, "four").await, ["four sounds good"]);
            until_indexed(&bench, 6).await;
        }
    }
}

#[tokio::test]
async fn no_term_of_a_deleted_message_outlives_the_next_start() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    bench.say(ann, conv, "the password is xylophonequartz").await;
    bench.say(ann, conv, "stays").await;
    until_indexed(&bench, 2).await;
    let send = Send {
        kind: EntryKind::Delete,
        target: Some(1),
        ..Send::text(mid(), conv, "")
    };
    bench.send_entry(ann, send).await;
    until_indexed(&bench, 3).await;
    let dir = bench.dir.take().unwrap();
    bench.store.close().await;
    let bench = bench::open(bench::options(dir.path(), Roster::Friends));
    // The start merges before it looks for anything new.
    let mut bench = bench;
    bench.say(ann, conv, "after the start").await;
    until_indexed(&bench, 4).await;
    assert_eq!(bodies(&bench, ann, "stays").await, ["stays"]);
    bench.store.close().await;
    drop(bench);
    // The log of the index goes when nobody has it open any more.
    let index = rusqlite::Connection::open(dir.path().join(INDEX_FILE)).unwrap();
    index
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(index);
    for end in ["", "-wal"] {
        let path = dir.path().join(format!("{INDEX_FILE}{end}"));
        let bytes = std::fs::read(path).unwrap_or_default();
        // Words that share a beginning are kept without it.
        let held = bytes.windows(8).any(|bytes| bytes == b"ophonequ");
        assert!(!held, "{INDEX_FILE}{end}");
    }
}

#[tokio::test]
async fn a_newcomer_finds_nothing_from_before_the_joining() {
    for mut bench in bench::both() {
        let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
        let cid = bench.person("cid").await;
        bench.befriend(ann, bob, "bob").await;
        bench.befriend(ann, cid, "cid").await;
        let made = GroupChange::Create {
            title: "Tea House".into(),
            members: vec![bob],
        };
        let conv = change(&bench, ann, made).await.unwrap();
        bench.changes().await;
        let early = bench.say(ann, conv, "jasmine early").await;
        change(&bench, ann, GroupChange::Invite(conv, vec![cid]))
            .await
            .unwrap();
        bench.changes().await;
        bench.say(bob, conv, "jasmine late").await;
        let edit = Send {
            kind: EntryKind::Edit,
            target: Some(early.seq),
            ..Send::text(mid(), conv, "jasmine early, edited")
        };
        bench.send_entry(ann, edit).await;
        for _ in 0..2 {
            assert_eq!(bodies(&bench, cid, "jasmine").await, ["jasmine late"]);
            let all = ["jasmine early, edited", "jasmine late"];
            assert_eq!(bodies(&bench, bob, "jasmine").await, all);
            until_indexed(&bench, 5).await;
        }
        // Whoever left finds nothing of it any more.
        change(&bench, cid, GroupChange::Leave(conv)).await.unwrap();
        assert!(bodies(&bench, cid, "jasmine").await.is_empty());
    }
}
