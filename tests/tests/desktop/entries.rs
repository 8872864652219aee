//! What becomes of messages, in a real window: an edit by the keyboard that outlives `kill -9` and a server that is away,
//! and a friend's deletion that leaves nothing on the disk.

use breeze_protocol::message::chat::EntryKind::{Delete, Edit, Reaction, Text};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, ConvId};
use breeze_tests::people::{self, Person};
use breeze_tests::pixels::Area;
use breeze_tests::scene::{invite, join, open_first, say};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
use breeze_tests::window::Window;
use breeze_tests::{programs, wait};
use std::path::Path;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);

/// The texts on the window's disk with their kinds, and how many entries wait in its outbox.
fn kept(data: &Path) -> Option<(Vec<(i64, String)>, i64)> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(data.join("breeze.db"), flags).ok()?;
    let mut rows = db
        .prepare("SELECT kind, body FROM messages ORDER BY conv, seq")
        .ok()?;
    let texts = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
    let texts = texts.collect::<Result<_, _>>().ok()?;
    let waiting = db
        .query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))
        .ok()?;
    Some((texts, waiting))
}

async fn until_kept(data: &Path, what: &str, fits: impl Fn(&[(i64, String)], i64) -> bool) {
    let come = || {
        let (texts, waiting) = kept(data)?;
        fits(&texts, waiting).then_some(())
    };
    wait::until(what, SOON, come).await;
}

/// A right click on the newest message, which stands on the composer.
fn open_menu(screen: &Screen, area: Area) {
    let (x, y) = (area.x + 410, area.y + area.height - 92);
    screen.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "3"]);
}

struct Stage {
    screen: Screen,
    window: Window,
    rosa: Person,
    server: Server,
    conv: ConvId,
}

impl Stage {
    /// A window whose person has written to a scripted friend.
    async fn set() -> Self {
        let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
        let link = server.start_line().owner_link.clone().unwrap();
        window.start(&screen, Some(&link.0));
        join(&screen, &window, "Mira Ek");
        let there = || (server.sessions() == 1).then_some(());
        wait::until("Mira's session", SOON, there).await;
        let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
        let client = rosa.online(&server).await;
        let conv = client.conv(MIRA).await;
        client.say(conv, "hello").await;
        until_kept(&window.data(), "hello", |texts, _| texts.len() == 1).await;
        open_first(&screen, &window);
        say(&screen, &window, "tea at four?");
        client.until_text(conv, "tea at four?").await;
        // Only what the window knows to be stored can be edited.
        let stored = |texts: &[(i64, String)], waiting| texts.len() == 2 && waiting == 0;
        until_kept(&window.data(), "its own text", stored).await;
        client.bye().await;
        Self {
            screen,
            window,
            rosa,
            server,
            conv,
        }
    }

    fn keep(&self, name: &str) {
        let folder = programs::picture_folder("entries");
        self.screen.keep(&self.screen.shot(), &folder, name);
    }
}

#[tokio::test]
async fn an_edit_outlives_a_kill_and_a_server_that_is_away() {
    let mut stage = Stage::set().await;
    let data = stage.window.data();
    stage.server.kill();
    stage.screen.key("Up");
    stage.screen.type_text(" Or five?");
    stage.screen.key("Return");
    until_kept(&data, "the edit in the outbox", |_, waiting| waiting == 1).await;
    stage.window.kill();
    stage.server.start_again();
    stage.window.start(&stage.screen, None);
    let client = stage.rosa.online(&stage.server).await;
    let conv = stage.conv;
    let edited = || {
        let shown = client.local().shown(conv);
        (shown.last()?.0 == "tea at four? Or five?").then_some(())
    };
    wait::until("the edit", SOON, edited).await;
    until_kept(&data, "an empty outbox", |_, waiting| waiting == 0).await;
    let edits = client
        .local()
        .rows
        .values()
        .filter(|row| row.kind == Edit)
        .count();
    assert_eq!(edits, 1, "once");
    assert_eq!(client.local().texts(conv), ["hello", "tea at four?"]);
}

#[tokio::test]
async fn a_friends_deletion_leaves_nothing_on_the_disk_of_the_window() {
    let stage = Stage::set().await;
    let data = stage.window.data();
    let client = stage.rosa.online(&stage.server).await;
    let conv = stage.conv;
    let secret = client.say(conv, "rosebud").await.seq;
    client.change(conv, Reaction, 2, "🍵").await.unwrap();
    client.change(conv, Text, 2, "better five").await.unwrap();
    let told = |texts: &[(i64, String)], _| texts.iter().any(|(_, body)| body == "better five");
    until_kept(&data, "the answer", told).await;
    stage.keep("answered");
    open_menu(&stage.screen, stage.window.area());
    wait::run_for(Duration::from_millis(700)).await;
    stage.keep("menu");
    stage.screen.key("Escape");
    client.change(conv, Edit, secret, "rosebud again").await.unwrap();
    client.change(conv, Delete, secret, "").await.unwrap();
    let gone = |texts: &[(i64, String)], _| {
        let deleted = texts.iter().any(|(kind, _)| *kind == 2);
        deleted && !texts.iter().any(|(_, body)| body.contains("rosebud"))
    };
    until_kept(&data, "the deletion", gone).await;
    wait::run_for(Duration::from_millis(700)).await;
    stage.keep("deleted");
}
