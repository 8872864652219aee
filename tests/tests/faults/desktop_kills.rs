//! F8: `kill -9` of the real window at random moments while it sends and receives: each message appears exactly once.

use breeze_protocol::ConvId;
use breeze_protocol::message::sign_in::Secret;
use breeze_tests::client::Client;
use breeze_tests::people;
use breeze_tests::scene::{invite, join, open_first, say};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
use breeze_tests::wait;
use breeze_tests::window::Window;
use std::path::Path;
use std::time::Duration;

/// Kills in the everyday run; a campaign sets more.
const KILLS: usize = 20;
/// A kill comes at most so long after the window was told to send, in milliseconds.
const MOMENT_MS: u64 = 120;

fn kills() -> usize {
    let wanted = std::env::var("BREEZE_CAMPAIGN_COUNT").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(KILLS)
}

fn random_moment() -> Duration {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system has chance");
    Duration::from_millis(u64::from_le_bytes(bytes) % MOMENT_MS)
}

/// Every text the window has on its disk, in order; and how many wait in its outbox.
fn kept(data: &Path) -> Option<(Vec<String>, i64)> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(data.join("breeze.db"), flags).ok()?;
    let mut rows = db.prepare("SELECT body FROM messages ORDER BY conv, seq").ok()?;
    let texts = rows
        .query_map([], |row| row.get(0))
        .ok()?
        .collect::<Result<_, _>>()
        .ok()?;
    let waiting = db
        .query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))
        .ok()?;
    Some((texts, waiting))
}

fn starting_with(texts: &[String], head: char) -> Vec<usize> {
    let numbers = texts
        .iter()
        .filter_map(|text| text.strip_prefix(head)?.parse().ok());
    numbers.collect()
}

/// One round: both sides send, then the window is killed and started again. Whether the kill hit before delivery.
async fn round(n: usize, screen: &Screen, window: &mut Window, rosa: &Client, conv: ConvId) -> bool {
    open_first(screen, window);
    rosa.say(conv, &format!("r{}", 2 * n)).await;
    say(screen, window, &format!("w{n}"));
    rosa.say(conv, &format!("r{}", 2 * n + 1)).await;
    wait::run_for(random_moment()).await;
    let before = starting_with(&rosa.local().texts(conv), 'w').contains(&n);
    window.kill();
    window.start(screen, None);
    !before
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_a_killed_window_loses_nothing_and_shows_nothing_twice() {
    let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
    let link = server
        .start_line()
        .owner_link
        .clone()
        .expect("a new server has one");
    window.start(&screen, Some(&link.0));
    join(&screen, &window, "Mira Ek");
    wait::until("Mira's session", Duration::from_secs(20), || {
        (server.sessions() == 1).then_some(())
    })
    .await;
    let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
    let mut client = rosa.online(&server).await;
    client.start_heartbeat();
    let mira = breeze_protocol::AccountId(1);
    let conv = client.conv(mira).await;
    wait::run_for(Duration::from_secs(1)).await;
    let (count, mut early) = (kills(), 0);
    for n in 0..count {
        early += usize::from(round(n, &screen, &mut window, &client, conv).await);
    }
    let data = window.data();
    let texts = wait::until(
        "everything is on the window's disk",
        Duration::from_secs(30),
        || {
            let (texts, waiting) = kept(&data)?;
            let whole = starting_with(&texts, 'r').len() >= 2 * count && waiting == 0;
            whole.then_some(texts)
        },
    )
    .await;
    let all: Vec<usize> = (0..2 * count).collect();
    assert_eq!(starting_with(&texts, 'r'), all, "received exactly once, in order");
    let written = starting_with(&texts, 'w');
    assert!(
        written.is_sorted_by(|a, b| a < b),
        "sent at most once, in order: {written:?}"
    );
    assert_eq!(
        starting_with(&client.local().texts(conv), 'w'),
        written,
        "both sides agree"
    );
    println!(
        "{count} kills, {} of the window's own texts arrived, {early} kills came before delivery",
        written.len()
    );
    assert!(
        written.len() * 2 >= count,
        "the window hardly sent anything: {written:?}"
    );
}
