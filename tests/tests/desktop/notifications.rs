//! Notifications of the real app, as a recording service on a private bus receives them.

use breeze_protocol::message::contact::{FriendRequest, ProfileSet};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, ConvId};
use breeze_tests::bus::Bus;
use breeze_tests::client::{Client, script};
use breeze_tests::notifications::{Manner, Notifications};
use breeze_tests::scene::{ROSA_RGB, invite, join, open_first, say};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
use breeze_tests::window::Window;
use breeze_tests::{blob, people, wait};
use std::time::{Duration, Instant};

/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);
/// No notification within this time is none: one takes a few milliseconds.
const NONE: Duration = Duration::from_millis(800);

/// The window on a private bus, and two scripted friends, of whom Rosa has a red picture. Jon's chat is open.
struct Stage {
    screen: Screen,
    window: Window,
    rosa: (Client, ConvId),
    jon: (Client, ConvId),
    bus: Bus,
    server: Server,
}

impl Stage {
    async fn set(bus: Bus) -> Self {
        let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
        window.on_bus(&bus);
        let link = server.start_line().owner_link.clone().unwrap();
        window.start(&screen, Some(&link.0));
        join(&screen, &window, "Mira Ek");
        let there = || (server.sessions() == 1).then_some(());
        wait::until("Mira's session", Duration::from_secs(20), there).await;
        let rosa = friend(&server, "rosa").await;
        let avatar = rosa.0.upload(&blob::picture(ROSA_RGB)).await.unwrap();
        let profile = ProfileSet {
            mid: script::mid(),
            display_name: "Rosa Silva".into(),
            avatar: Some(avatar),
            status_text: String::new(),
        };
        rosa.0.wish(profile).await.unwrap();
        let jon = friend(&server, "jon").await;
        let stage = Self {
            screen,
            window,
            rosa,
            jon,
            bus,
            server,
        };
        stage.open_jons_chat().await;
        stage
    }

    /// A to Z: Jon is the first of the list.
    async fn open_jons_chat(&self) {
        wait::until_async("Jon's chat to be open", wait::SOON, || async {
            open_first(&self.screen, &self.window);
            let open = open_chat(&self.window);
            (open == Some(self.jon.1)).then_some(())
        })
        .await;
    }

    async fn until_open(&self, conv: ConvId) {
        let open = || (open_chat(&self.window) == Some(conv)).then_some(());
        wait::until("the chat to open", wait::SOON, open).await;
    }

    /// The window goes out of sight and loses the keyboard.
    async fn minimize(&self) -> String {
        let window = self.screen.window_of(self.window.pid()).expect("it shows");
        self.screen.xdotool(&["windowminimize", "--sync", &window]);
        let gone = || (self.screen.active_window().as_ref() != Some(&window)).then_some(());
        wait::until("the window to be minimized", wait::SOON, gone).await;
        window
    }
}

async fn friend(server: &Server, name: &str) -> (Client, ConvId) {
    let person = people::join(&server.endpoint(), &Secret(invite(server)), name).await;
    let mut client = person.online(server).await;
    client.start_heartbeat();
    let conv = client.conv(MIRA).await;
    (client, conv)
}

/// The chat that is open, as the app keeps it.
fn open_chat(window: &Window) -> Option<ConvId> {
    let db = database(window)?;
    let open: Option<i64> = db
        .query_row("SELECT open_conv FROM accounts", [], |row| row.get(0))
        .ok()?;
    Some(ConvId(u64::try_from(open?).ok()?))
}

fn database(window: &Window) -> Option<rusqlite::Connection> {
    rusqlite::Connection::open(window.data().join("breeze.db")).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_one_notification_replaced_clicked_and_taken_back() {
    let bus = Bus::start();
    let notices = Notifications::on(&bus);
    let stage = Stage::set(bus).await;
    let ((rosa, rosas), (jon, jons)) = (&stage.rosa, &stage.jon);

    jon.say(*jons, "you are reading this").await;
    notices.hold(0, NONE).await;

    rosa.say(*rosas, "hello").await;
    let first = notices.next(0).await;
    assert_eq!(
        (first.title.as_str(), first.text.as_str()),
        ("Rosa Silva @rosa", "hello")
    );
    assert_eq!(first.replaces, 0);
    assert_eq!(first.actions, ["default", "Open"]);
    assert!(
        first.hints.iter().any(|hint| hint == "desktop-entry"),
        "{:?}",
        first.hints
    );
    let [r, g, b] = ROSA_RGB;
    assert_eq!(
        first.picture,
        Some((96, 96, [r, g, b, 255])),
        "her picture, in colour"
    );

    rosa.say(*rosas, "are you there?").await;
    let second = notices.next(1).await;
    assert_eq!(second.replaces, first.number, "one notification for each chat");
    assert_eq!(
        (second.title.as_str(), second.text.as_str()),
        ("Rosa Silva @rosa (2)", "are you there?")
    );

    notices.click(second.number);
    stage.until_open(*rosas).await;
    notices.until_closed(second.number).await;

    let window = stage.minimize().await;
    rosa.say(*rosas, "open, but out of sight").await;
    let third = notices.next(2).await;
    assert_eq!(third.title, "Rosa Silva @rosa", "the two before were read");
    notices.click(third.number);
    let back = || (stage.screen.active_window().as_ref() == Some(&window)).then_some(());
    wait::until("the window to show again, with the keyboard", wait::SOON, back).await;
    notices.until_closed(third.number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_reaches_the_service_as_text() {
    let bus = Bus::start();
    let notices = Notifications::on(&bus);
    let stage = Stage::set(bus).await;
    let (rosa, rosas) = &stage.rosa;
    let cases = [
        (
            "<b>bold</b> & <img src=x>",
            "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;img src=x&gt;",
        ),
        (
            "&amp; <a href=\"http://x\">y</a>",
            "&amp;amp; &lt;a href=&quot;http://x&quot;&gt;y&lt;/a&gt;",
        ),
        ("pay \u{202E}gnp.exe\u{2066}\u{200F}!", "pay gnp.exe!"),
        ("a\u{7}b\nc\td", "a b c d"),
    ];
    for (n, (written, told)) in cases.iter().enumerate() {
        rosa.say(*rosas, written).await;
        assert_eq!(notices.next(n).await.text, *told);
    }
    rosa.say(*rosas, &"x".repeat(10_000)).await;
    let long = notices.next(cases.len()).await.text;
    assert_eq!((long.chars().count(), long.ends_with('…')), (240, true));

    let kim = people::join(&stage.server.endpoint(), &rosa.invite(1, 3600).await.link, "kim").await;
    let kim = kim.online(&stage.server).await;
    let wish = FriendRequest {
        mid: script::mid(),
        username: "miraek".into(),
    };
    kim.wish(wish).await.unwrap();
    let request = notices.next(cases.len() + 1).await;
    assert_eq!(
        (request.title.as_str(), request.text.as_str()),
        ("kim @kim", "Wants to be your friend")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_text_plain_services_and_do_not_disturb() {
    let bus = Bus::start();
    let notices = Notifications::on(&bus);
    notices.reads_no_markup();
    let mut stage = Stage::set(bus).await;
    stage.rosa.0.say(stage.rosa.1, "a < b & c").await;
    assert_eq!(
        notices.next(0).await.text,
        "a < b & c",
        "a service that reads no markup gets none"
    );

    notices.inhibit(true);
    stage.rosa.0.say(stage.rosa.1, "not now").await;
    notices.hold(1, NONE).await;
    notices.inhibit(false);

    stage.window.kill();
    let db = database(&stage.window).unwrap();
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES ('hide_message_text', 1)";
    db.execute(sql, []).unwrap();
    drop(db);
    stage.window.start(&stage.screen, None);
    let there = || (stage.server.sessions() == 3).then_some(());
    wait::until("Mira's session", Duration::from_secs(20), there).await;
    stage.open_jons_chat().await;
    stage.rosa.0.say(stage.rosa.1, "the secret").await;
    let hidden = wait::until("a notification without text", wait::SOON, || {
        notices
            .record()
            .shown
            .iter()
            .find(|it| it.text == "3 new messages")
            .cloned()
    })
    .await;
    assert_eq!(hidden.title, "Rosa Silva @rosa");
    let told = notices.record().shown.iter().any(|it| it.text.contains("secret"));
    assert!(!told, "the text must not leave the app");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_or_failing_service_delays_nothing_and_a_restarted_one_is_used() {
    let bus = Bus::start();
    let failing = Notifications::behaving(&bus, Manner::Failing);
    let stage = Stage::set(bus).await;
    stage.rosa.0.say(stage.rosa.1, "to a failing service").await;
    let asked = || (failing.record().calls > 0).then_some(());
    wait::until("the failing service to be asked", wait::SOON, asked).await;
    stage.sends_in_time("while it fails").await;
    drop(failing);

    let silent = Notifications::behaving(&stage.bus, Manner::Silent);
    stage.rosa.0.say(stage.rosa.1, "to a silent service").await;
    let asked = || (silent.record().calls > 0).then_some(());
    wait::until("the silent service to be asked", wait::SOON, asked).await;
    stage.sends_in_time("while it hangs").await;
    drop(silent);

    let good = Notifications::on(&stage.bus);
    let told = wait::until_async(
        "a notification by the good service",
        Duration::from_secs(30),
        || async {
            stage.rosa.0.say(stage.rosa.1, "to a good service").await;
            wait::seek(NONE, || good.record().shown.last().cloned()).await
        },
    )
    .await;
    assert_eq!(told.replaces, 0, "its numbers are its own");
    drop(good);
    let again = Notifications::on(&stage.bus);
    stage.rosa.0.say(stage.rosa.1, "to a restarted service").await;
    let told = again.next(0).await;
    assert_eq!((told.text.as_str(), told.replaces), ("to a restarted service", 0));
}

impl Stage {
    /// The window takes keys and sends while the service does what it does: far sooner than the service is given up.
    async fn sends_in_time(&self, text: &str) {
        let begun = Instant::now();
        say(&self.screen, &self.window, text);
        self.jon.0.until_text(self.jon.1, text).await;
        let took = begun.elapsed();
        println!("typed and delivered {text} in {took:?}");
        assert!(took < Duration::from_millis(1900), "delivered after {took:?}");
    }
}
