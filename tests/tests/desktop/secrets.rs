//! Where the real app keeps its device's token: in the system's secret store while one is open, else in its database.

use breeze_protocol::message::session::SessionRevoke;
use breeze_protocol::{DeviceId, StatusKind};
use breeze_tests::bus::Bus;
use breeze_tests::client::{Client, Habits, script};
use breeze_tests::scene::join;
use breeze_tests::screen::Screen;
use breeze_tests::secrets::{Manner, Secrets};
use breeze_tests::server::Server;
use breeze_tests::window::Window;
use breeze_tests::{pixels, programs, wait};
use std::time::Duration;

/// The password that `join` types.
const PASSWORD: &str = "wind and waves 7";
/// Sign-in, with a store that is given up after 2 s on the way.
const SIGN_IN: Duration = Duration::from_secs(20);

/// A window that has joined on a bus with a secret store.
struct Stage {
    screen: Screen,
    window: Window,
    server: Server,
}

impl Stage {
    async fn set(bus: &Bus) -> Self {
        let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
        window.on_bus(bus);
        let link = server.start_line().owner_link.clone().unwrap();
        window.start(&screen, Some(&link.0));
        join(&screen, &window, "Mira Ek");
        let stage = Self {
            screen,
            window,
            server,
        };
        stage.until_sessions(1).await;
        // Killed any sooner, the app would not know its account.
        wait::until("the account on the disk", wait::SOON, || {
            stage.account().map(drop)
        })
        .await;
        stage
    }

    async fn until_sessions(&self, count: usize) {
        let there = || (self.server.sessions() == count).then_some(());
        wait::until("the window's session", SIGN_IN, there).await;
    }

    /// Ends the app and starts it again.
    async fn restart(&mut self) {
        self.window.kill();
        self.until_sessions(0).await;
        self.window.start(&self.screen, None);
    }

    /// Another device of the same account signs this one out.
    async fn sign_out_from_elsewhere(&self) {
        let db = rusqlite::Connection::open(self.window.data().join("breeze.db")).unwrap();
        let row = db.query_row("SELECT username, device FROM accounts", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
        });
        let (username, device) = row.unwrap();
        let mut client = Client::connect(&self.server.endpoint(), Habits::default())
            .await
            .unwrap();
        client.login(&username, PASSWORD).await.unwrap();
        client.resume(StatusKind::Online).await;
        let revoke = SessionRevoke {
            mid: script::mid(),
            device: DeviceId(device.into()),
        };
        client.wish(revoke).await.unwrap();
    }

    /// The token in the database.
    fn token(&self) -> Option<String> {
        self.account()?
    }

    /// Whether the database has the account, and its token if that is there too.
    fn account(&self) -> Option<Option<String>> {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let db = rusqlite::Connection::open_with_flags(self.window.data().join("breeze.db"), flags).ok()?;
        db.query_row("SELECT token FROM accounts", [], |row| row.get(0))
            .ok()
    }

    /// Whether any file of the data folder has this text in it.
    fn is_on_the_disk(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.window.data()).unwrap().flatten();
        files
            .filter_map(|file| std::fs::read(file.path()).ok())
            .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_moves_into_an_open_store_is_read_from_it_and_leaves_it_at_sign_out() {
    let bus = Bus::start();
    let store = Secrets::on(&bus, Manner::Locked);
    let mut stage = Stage::set(&bus).await;
    let token = wait::until("the token in the database", wait::SOON, || stage.token()).await;
    assert!(stage.is_on_the_disk(&token), "the search below could find it");
    assert!(store.record().kept.is_empty(), "a locked store is left alone");

    store.behave(Manner::Open);
    stage.restart().await;
    stage.until_sessions(1).await;
    let kept = wait::until("the token in the store", wait::SOON, || {
        store.record().kept.values().next().cloned()
    })
    .await;
    assert_eq!(kept.value, token);
    assert_eq!(kept.attributes["account"], "1");
    assert!(
        kept.attributes["server"].starts_with("sha256/"),
        "{:?}",
        kept.attributes
    );
    wait::until("no trace of it in the data folder", wait::SOON, || {
        (stage.token().is_none() && !stage.is_on_the_disk(&token)).then_some(())
    })
    .await;

    stage.restart().await;
    stage.until_sessions(1).await;
    wait::hold("it is not written down again", Duration::from_secs(1), || {
        stage.token().is_none() && !stage.is_on_the_disk(&token)
    })
    .await;
    assert_eq!(store.record().kept.len(), 1);

    stage.restart().await;
    stage.until_sessions(1).await;
    stage.sign_out_from_elsewhere().await;
    wait::until("the store to have forgotten it", wait::SOON, || {
        store.record().kept.is_empty().then_some(())
    })
    .await;
    assert_eq!(store.record().asked, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_shut_says_so_and_the_app_signs_in_once_it_opens() {
    let bus = Bus::start();
    let store = Secrets::on(&bus, Manner::Open);
    let mut stage = Stage::set(&bus).await;
    let kept = || store.record().kept.len() == 1;
    wait::until("the token in the store", wait::SOON, || kept().then_some(())).await;
    wait::until("it to leave the database", wait::SOON, || {
        stage.token().is_none().then_some(())
    })
    .await;
    store.behave(Manner::Locked);
    stage.restart().await;
    let banner = [255, 244, 220];
    let shot = wait::until("the banner", wait::SOON, || {
        let shot = stage.screen.shot();
        let area = stage.window.area();
        let pixel = shot.get_pixel(area.x + 940, area.y + 50).0;
        pixels::close(pixel, banner, 8).then_some(shot)
    })
    .await;
    stage
        .screen
        .keep(&shot, &programs::picture_folder("desktop-shots"), "secrets-shut");
    assert_eq!(stage.server.sessions(), 0);
    store.behave(Manner::Open);
    stage.until_sessions(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_failing_or_asking_store_leaves_the_token_in_the_database() {
    let bus = Bus::start();
    let store = Secrets::on(&bus, Manner::Silent);
    let mut stage = Stage::set(&bus).await;
    for manner in [Manner::Silent, Manner::Failing, Manner::Asking] {
        store.behave(manner);
        let before = store.record().calls;
        stage.restart().await;
        stage.until_sessions(1).await;
        wait::until("the store to be asked", wait::SOON, || {
            (store.record().calls > before).then_some(())
        })
        .await;
        wait::hold("the token stays", Duration::from_secs(3), || {
            stage.token().is_some()
        })
        .await;
    }
    let record = store.record();
    assert!(record.kept.is_empty());
    assert_eq!(
        (record.asked, record.dismissed > 0),
        (0, true),
        "a question is taken back, never asked"
    );
}
