//! Searching over the wire: what comes back, and what is refused.

use breeze_desktop::model::chat::Message;
use breeze_desktop::model::command::{Account, Change, StoreCommand};
use breeze_desktop::model::event::Event as AppEvent;
use breeze_desktop::model::search::Look;
use breeze_desktop::storage;
use breeze_desktop::storage::folder::Folder;
use breeze_desktop::storage::search::Searcher;
use breeze_desktop::storage::writer::{Told, Writer};
use breeze_protocol::message::chat::Event;
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::message::search::{Search, SearchPage};
use breeze_protocol::{AccountId, ConvId, ServerMessage};
use breeze_tests::client::Client;
use breeze_tests::people::star;
use breeze_tests::server::Server;
use breeze_tests::wait;
use std::path::Path;

fn words(query: &str) -> Search {
    Search {
        query: query.to_owned(),
        conv: None,
        before: 0,
        limit: 50,
    }
}

async fn found(client: &Client, ask: Search) -> SearchPage {
    match client.ask(ask).await.unwrap() {
        ServerMessage::SearchPage(page) => page,
        other => panic!("a search was answered by {other:?}"),
    }
}

async fn refused(client: &Client, ask: Search) -> ErrorCode {
    match client.ask(ask).await.unwrap() {
        ServerMessage::Error(error) => error.code,
        other => panic!("a search was answered by {other:?}"),
    }
}

#[tokio::test]
async fn messages_are_found_right_after_they_are_stored_and_by_members_only() {
    let server = Server::start();
    let (ann, [bob, eve]) = star(&server, "ann", ["bob", "eve"]).await;
    let ann = ann.online(&server).await;
    let (with_bob, with_eve) = (ann.conv(bob.account).await, ann.conv(eve.account).await);
    ann.say(with_bob, "Dinner at the Café?").await;
    ann.say(with_eve, "明天去北京").await;
    let both = found(&ann, words("北京")).await;
    assert_eq!(
        (both.rows.len(), both.rows[0].conv, both.more),
        (1, with_eve, false)
    );
    let (bob, eve) = (bob.online(&server).await, eve.online(&server).await);
    assert_eq!(
        found(&bob, words("cafe")).await.rows[0].body,
        "Dinner at the Café?"
    );
    assert!(found(&eve, words("cafe")).await.rows.is_empty());
    let elsewhere = Search {
        conv: Some(with_bob),
        ..words("cafe")
    };
    assert_eq!(refused(&eve, elsewhere).await, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_query_of_nothing_finds_nothing_and_one_too_long_or_too_often_is_refused() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let ann = ann.online(&server).await;
    let conv = ann.conv(bob.account).await;
    ann.say(conv, "hello").await;
    for query in ["", "  ?!", "\u{200d}\u{301}"] {
        assert!(found(&ann, words(query)).await.rows.is_empty());
    }
    assert_eq!(refused(&ann, words(&"x".repeat(201))).await, ErrorCode::TooLarge);
    assert_eq!(found(&ann, words("\" OR hello AND (NEAR")).await.rows.len(), 0);
    assert_eq!(found(&ann, words("\"hello*\"")).await.rows.len(), 1);
    let mut answers = Vec::new();
    for _ in 0..80 {
        answers.push(ann.ask(words("hello")).await.unwrap());
    }
    let refused = |answer: &ServerMessage| matches!(answer, ServerMessage::Error(it) if it.code == ErrorCode::OutOfOrder);
    assert!(answers.iter().any(refused), "there is a limit");
    assert_eq!(found_later(&ann).await, 1);
}

/// The bucket fills again; asked until it has.
async fn found_later(client: &Client) -> usize {
    loop {
        match client.ask(words("hello")).await.unwrap() {
            ServerMessage::SearchPage(page) => return page.rows.len(),
            ServerMessage::Error(_) => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
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
async fn the_app_finds_in_what_it_holds_what_the_server_finds() {
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
    let server = Server::start();
    let (ann, [bob, eve]) = star(&server, "ann", ["bob", "eve"]).await;
    let (ann_account, ann) = (ann.account, ann.online(&server).await);
    let convs = [ann.conv(bob.account).await, ann.conv(eve.account).await];
    let mut seed = 11;
    for _ in 0..150 {
        let count = 1 + dice(&mut seed, 4);
        let text: Vec<&str> = (0..count).map(|_| words[dice(&mut seed, 12)]).collect();
        let joint = ["", " "][dice(&mut seed, 2)];
        ann.say(convs[dice(&mut seed, 2)], &text.join(joint)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let held = Held::new(folder.path(), ann_account);
    for conv in convs {
        held.keep(conv, ann.history(conv, 0, 0, 200).await.rows);
    }
    let held = held.done();
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
    ] {
        let mut there = everything(&ann, query).await;
        let mut here = held.find(query);
        there.sort_unstable();
        here.sort_unstable();
        assert_eq!(here, there, "{query}");
        hits += here.len();
    }
    assert!(hits > 200, "the queries find something: {hits}");
}

/// Every page of what the server finds.
async fn everything(client: &Client, query: &str) -> Vec<(u64, u64)> {
    let (mut places, mut ask) = (Vec::new(), words(query));
    loop {
        let page = found(client, ask.clone()).await;
        places.extend(page.rows.iter().map(|row| (row.conv.0, row.seq)));
        if !page.more {
            return places;
        }
        ask.before = page.before;
    }
}

/// What an app holds on its disk, without the app.
struct Held {
    folder: std::path::PathBuf,
    writer: Writer,
}

impl Held {
    fn new(folder: &Path, account: AccountId) -> Self {
        let taken = Folder::take(folder).unwrap();
        let (connection, _) = storage::open(&taken).unwrap();
        let told = Told {
            event: Box::new(move |_| {
                let _locked = &taken;
            }),
            link: Box::new(drop),
        };
        let writer = Writer::start(connection, told).unwrap();
        let account = Account {
            account,
            ..Account::default()
        };
        writer.hand(StoreCommand::SaveAccount(Box::new(account))).unwrap();
        Self {
            folder: folder.to_owned(),
            writer,
        }
    }

    fn keep(&self, conv: ConvId, rows: Vec<Event>) {
        let changes = rows
            .into_iter()
            .map(|row| Change::Message(conv, Box::new(Message::new(row))));
        let apply = StoreCommand::Apply {
            changes: changes.collect(),
            stamp: None,
            place: None,
        };
        self.writer.hand(apply).unwrap();
    }

    /// Waits until all is on the disk.
    fn done(self) -> Finder {
        drop(self.writer);
        let (told, found) = std::sync::mpsc::sync_channel(8);
        let told = Box::new(move |event| told.send(event).unwrap());
        Finder {
            searcher: Searcher::start(self.folder.join("breeze.db"), told).unwrap(),
            found,
        }
    }
}

struct Finder {
    searcher: Searcher,
    found: std::sync::mpsc::Receiver<AppEvent>,
}

impl Finder {
    /// Every page of what is found here.
    fn find(&self, query: &str) -> Vec<(u64, u64)> {
        let (mut places, mut before) = (Vec::new(), 0);
        loop {
            self.searcher.hand(Look {
                no: 1,
                query: query.to_owned(),
                conv: None,
                before,
                limit: 50,
            });
            let AppEvent::Found(found) = self.found.recv_timeout(wait::SOON).unwrap() else {
                panic!("not an answer")
            };
            places.extend(found.rows.iter().map(|hit| (hit.conv.0, hit.message.seq)));
            if !found.more {
                return places;
            }
            before = found.before;
        }
    }
}
