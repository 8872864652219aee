//! Searching a million messages on one's own computer: the app's index as the app makes it, asked as the app asks.

use super::search::text;
use super::window::{cache, unfound};
use super::{all_online, table};
use crate::people;
use crate::scene::{invite, move_in};
use crate::screen::Screen;
use crate::server::Server;
use crate::wait;
use crate::window::Window;
use breeze_desktop::model::event::Event;
use breeze_desktop::model::search::{Found, Look};
use breeze_desktop::storage::search::Searcher;
use breeze_protocol::limit::SEARCH_ROWS_MAX;
use breeze_protocol::message::sign_in::Secret;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Chats the messages are spread over.
const FRIENDS: usize = 10;
/// How often each question is asked.
const ASKED: u64 = 30;

/// Measures and prints.
///
/// # Panics
/// When the window does not come.
pub async fn run(messages: u64) {
    let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
    move_in(&screen, &server, &mut window).await;
    let mut others = Vec::new();
    for n in 0..FRIENDS {
        let link = Secret(invite(&server));
        others.push(people::join(&server.endpoint(), &link, &format!("friend{n}")).await);
    }
    drop(all_online(&server, &others, None).await);
    wait::run_for(Duration::from_secs(2)).await;
    window.kill();
    let data = window.data();
    let (mut seed, mut n) = (1, 0);
    cache(&data, messages, |_| {
        n += 1;
        text(n, &mut seed)
    });
    let start = Instant::now();
    window.start(&screen, None);
    wait::until("the index", Duration::from_secs(600), || {
        (unfound(&data) == 0).then_some(())
    })
    .await;
    let indexed = start.elapsed();
    window.kill();
    table::head(
        "The app's search",
        &["question", "hits", "samples", "median", "p99", "max"],
    );
    let (told, answers) = sync_channel(1);
    let searcher = Searcher::start(
        data.join("breeze.db"),
        Box::new(move |event| {
            if let Event::Found(found) = event {
                let _ = told.send(*found);
            }
        }),
    )
    .expect("a thread");
    for (what, query) in [
        ("English word, rare", "zebra"),
        ("English word, in a third of all", "train"),
        ("beginning of a word", "tick"),
        ("two Chinese characters, rare", "北极"),
        ("two Chinese characters, in a third", "明天"),
        ("one Chinese character", "站"),
    ] {
        let (hits, mut samples) = ask(&searcher, &answers, query);
        let spread = table::spread(&mut samples);
        table::row(&[[what.to_owned(), hits.to_string()].as_slice(), &spread].concat());
    }
    println!(
        "\n{messages} messages, indexed {:.1} s after the start",
        indexed.as_secs_f64()
    );
    println!("database with its index: {} MiB", size(&data) >> 20);
}

/// Hits on the first page, and how long each answer took.
fn ask(searcher: &Searcher, answers: &Receiver<Found>, query: &str) -> (usize, Vec<Duration>) {
    let (mut hits, mut samples) = (0, Vec::new());
    for no in 1..=ASKED {
        let start = Instant::now();
        searcher.hand(Look {
            no,
            query: query.to_owned(),
            conv: None,
            before: 0,
            limit: SEARCH_ROWS_MAX,
        });
        let found = answers.recv().expect("the thread lives");
        assert!(!found.failed, "the search failed");
        hits = found.rows.len();
        samples.push(start.elapsed());
    }
    (hits, samples)
}

fn size(data: &Path) -> u64 {
    std::fs::metadata(data.join("breeze.db")).map_or(0, |it| it.len())
}
