//! The window's life: hidden in the tray, found again, one for each folder; and what happens where there is no tray.

use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, ConvId, PresenceState};
use breeze_tests::bus::Bus;
use breeze_tests::client::Client;
use breeze_tests::notifications::Notifications;
use breeze_tests::scene::{invite, join, open_first, say};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
use breeze_tests::tray::{self, Manner, Tray};
use breeze_tests::window::Window;
use breeze_tests::{people, programs, wait};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);
/// Long enough for a window in software under load.
const WINDOW: Duration = Duration::from_secs(20);

/// Mira at a window on a bus, and a scripted friend with a chat.
struct Stage {
    screen: Screen,
    window: Window,
    server: Server,
    rosa: Client,
    conv: ConvId,
    bus: Bus,
}

impl Stage {
    async fn set() -> Self {
        let (screen, bus, server) = (Screen::private(), Bus::start(), Server::start());
        let mut window = Window::left();
        window.on_bus(&bus);
        let link = server.start_line().owner_link.clone().unwrap();
        window.start(&screen, Some(&link.0));
        join(&screen, &window, "Mira Ek");
        let there = || (server.sessions() == 1).then_some(());
        wait::until("Mira's session", WINDOW, there).await;
        let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
        let rosa = rosa.online(&server).await;
        let conv = rosa.conv(MIRA).await;
        Self {
            screen,
            window,
            server,
            rosa,
            conv,
            bus,
        }
    }

    fn shown(&self) -> bool {
        self.screen.window_of(self.window.pid()).is_some()
    }

    async fn until_shown(&self, shown: bool) {
        let what = if shown { "the window shows" } else { "no window" };
        wait::until(what, WINDOW, || (self.shown() == shown).then_some(())).await;
    }

    fn keep(&self, name: &str) {
        let folder = programs::picture_folder("desktop-shots");
        self.screen.keep(&self.screen.shot(), &folder, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_in_the_tray_the_chat_that_was_open_is_notified_of_and_a_click_shows_it() {
    let stage = Stage::set().await;
    let (notices, tray) = (Notifications::on(&stage.bus), Tray::on(&stage.bus));
    let _ = tray.item();
    open_first(&stage.screen, &stage.window);
    say(&stage.screen, &stage.window, "this chat is open");
    stage.rosa.until_text(stage.conv, "this chat is open").await;
    tray::close_and_keep(&stage.screen, &stage.window).await;
    stage.rosa.say(stage.conv, "written while hidden").await;
    let shown = notices.next(0).await;
    assert_eq!(shown.text, "written while hidden");
    notices.click(shown.number);
    stage.until_shown(true).await;
    notices.until_closed(shown.number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_in_the_tray_messages_arrive_are_acknowledged_and_are_there_when_shown() {
    let mut stage = Stage::set().await;
    let tray = Tray::on(&stage.bus);
    let item = tray.item();
    open_first(&stage.screen, &stage.window);
    say(&stage.screen, &stage.window, "hello from the window");
    stage.rosa.until_text(stage.conv, "hello from the window").await;
    tray::close_and_keep(&stage.screen, &stage.window).await;
    let sent = stage.rosa.say(stage.conv, "written while hidden").await;
    let mark = || stage.rosa.local().mark_of(stage.conv, MIRA);
    wait::until("two ticks", WINDOW, || {
        (mark().delivered >= sent.seq).then_some(())
    })
    .await;
    assert!(!stage.shown(), "nothing was mapped for it");
    assert!(mark().read < sent.seq, "nobody has read it");
    let unread = || (item.title() == "(1) Breeze").then_some(());
    wait::until("the tray counts it", WINDOW, unread).await;
    item.click("Open Breeze");
    stage.until_shown(true).await;
    wait::until("it is on the screen, and read", WINDOW, || {
        (mark().read >= sent.seq).then_some(())
    })
    .await;
    wait::until("the tray counts nothing", WINDOW, || {
        (item.title() == "Breeze").then_some(())
    })
    .await;
    stage.keep("shown-again");
    assert_eq!(tray.seen(), 1, "one item for the whole life");
    stage.server.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_shows_the_first_and_hands_its_link_over() {
    let mut stage = Stage::set().await;
    let tray = Tray::on(&stage.bus);
    let _item = tray.item();
    tray::close_and_keep(&stage.screen, &stage.window).await;
    let first = stage.window.pid();
    let begun = Instant::now();
    let ended = stage
        .window
        .start_second(&stage.screen, Some("breeze://127.0.0.1:9/?i=abc"));
    let took = begun.elapsed();
    assert!(ended.success(), "{ended}: {}", stage.window.log());
    println!("the second start took {took:?}");
    stage.until_shown(true).await;
    assert_eq!(stage.window.pid(), first);
    // The dialog's scrim darkens the list, where a lone window would be white.
    let corner = |shot: &image::RgbImage| {
        shot.get_pixel(stage.window.area().x + 300, stage.window.area().y + 600)
            .0
    };
    wait::until("the link is shown", WINDOW, || {
        (corner(&stage.screen.shot())[0] < 200).then_some(())
    })
    .await;
    stage.keep("link-opened");
    assert_eq!(stage.server.sessions(), 2, "the link was not followed");
    // Killed: its socket stays behind, and stands in nobody's way.
    stage.window.kill();
    stage.window.start(&stage.screen, None);
    assert!(stage.window.start_second(&stage.screen, None).success());
    // One that hangs answers nobody: the second opens its own window and says so.
    stage.window.signal(Signal::STOP);
    let mut other = stage.window.start_beside(&stage.screen);
    let pid = other.id();
    let there = || stage.screen.window_of(pid);
    wait::until("a window that says what is wrong", WINDOW, there).await;
    stage.window.signal(Signal::CONT);
    other.kill().unwrap();
    other.wait().unwrap();
}

/// Closing the window ends Breeze.
async fn closing_quits(bus: Option<&Bus>, screen: &Screen, within: Duration) {
    let mut window = Window::left();
    if let Some(bus) = bus {
        window.on_bus(bus);
    }
    window.start(screen, None);
    // It looks for a tray for 2 s at most.
    wait::run_for(Duration::from_millis(2500)).await;
    tray::close(screen, &window);
    let ended = wait::until("Breeze ends", within, || window.ended()).await;
    assert!(ended.success(), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_tray_closing_quits() {
    let screen = Screen::private();
    let within = Duration::from_secs(5);
    closing_quits(None, &screen, within).await;
    let bus = Bus::start();
    closing_quits(Some(&bus), &screen, within).await;
    for manner in [Manner::Failing, Manner::Slow] {
        let bus = Bus::start();
        let _tray = Tray::of_manner(&bus, manner);
        closing_quits(Some(&bus), &screen, within).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_s_coming_and_going_is_followed() {
    let stage = Stage::set().await;
    let tray = Tray::on(&stage.bus);
    let _item = tray.item();
    tray::close_and_keep(&stage.screen, &stage.window).await;
    drop(tray);
    stage.until_shown(true).await;
    stage.keep("tray-gone");
    let tray = Tray::on(&stage.bus);
    let item = tray.item();
    tray::close(&stage.screen, &stage.window);
    stage.until_shown(false).await;
    item.activate();
    stage.until_shown(true).await;
    assert!(item.menu().iter().any(|row| row.label == "Quit Breeze"));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_quit_work_from_the_tray_while_hidden() {
    let mut stage = Stage::set().await;
    let tray = Tray::on(&stage.bus);
    let item = tray.item();
    tray::close_and_keep(&stage.screen, &stage.window).await;
    item.click("Busy");
    stage.rosa.until_state(MIRA, PresenceState::Busy).await;
    let ticked = || {
        item.menu()
            .into_iter()
            .find(|row| row.checked)
            .map(|row| row.label)
    };
    wait::until("the menu marks it", WINDOW, || {
        (ticked()? == "Busy").then_some(())
    })
    .await;
    item.click("Quit Breeze");
    let ended = wait::until("Breeze ends", WINDOW, || stage.window.ended()).await;
    assert!(ended.success(), "{ended}");
    stage.rosa.until_state(MIRA, PresenceState::Offline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_comes_back_where_it_was() {
    let stage = Stage::set().await;
    let tray = Tray::on(&stage.bus);
    let item = tray.item();
    let place = || {
        let window = stage.screen.window_of(stage.window.pid()).unwrap();
        stage.screen.place_of(&window)
    };
    let before = place();
    tray::close_and_keep(&stage.screen, &stage.window).await;
    for _ in 0..3 {
        item.click("Open Breeze");
        stage.until_shown(true).await;
        wait::until("it stands where it stood", WINDOW, || {
            (place() == before).then_some(())
        })
        .await;
        wait::run_for(Duration::from_secs(1)).await;
        assert_eq!(place(), before);
        tray::close(&stage.screen, &stage.window);
        stage.until_shown(false).await;
    }
}
