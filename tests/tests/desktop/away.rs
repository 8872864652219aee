//! Away by itself, with the X server's own count of idle time and with the word of a Wayland compositor: the friend sees the change, and the return at once.

use breeze_protocol::AccountId;
use breeze_protocol::PresenceState::{Away, Online};
use breeze_protocol::message::sign_in::Secret;
use breeze_tests::scene::{invite, join};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
use breeze_tests::wayland::Compositor;
use breeze_tests::window::Window;
use breeze_tests::{people, programs, wait};
use std::time::{Duration, Instant};

/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);
/// The limit of this test, milliseconds; the settings offer minutes.
const LIMIT_MS: u32 = 4_000;
/// Beyond the limit: a round trip, and a busy machine.
const LATE_MAX: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn nobody_touches_anything_and_the_friend_sees_away_until_somebody_does() {
    let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
    let link = server.start_line().owner_link.clone().unwrap();
    window.start(&screen, Some(&link.0));
    join(&screen, &window, "Mira Ek");
    let there = || (server.sessions() == 1).then_some(());
    wait::until("Mira's session", Duration::from_secs(20), there).await;
    let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
    let mut rosa = rosa.online(&server).await;
    rosa.start_heartbeat();
    shorten(&mut window);
    window.start(&screen, None);
    let rosa = &rosa;
    let since = |state, at| move || rosa_sees(rosa, state, at);

    let touched = Instant::now();
    // Relative: a pointer that is put somewhere is no touch for the X server.
    screen.xdotool(&["mousemove_relative", "30", "40"]);
    let away = wait::until(
        "Rosa sees Mira away",
        Duration::from_secs(30),
        since(Away, touched),
    )
    .await;
    screen.keep(&screen.shot(), &programs::picture_folder("desktop-shots"), "away");
    let took = away - touched;
    println!("away {took:?} after the last touch");
    assert!(
        took >= Duration::from_millis(LIMIT_MS.into()),
        "away after only {took:?}"
    );
    assert!(
        took <= Duration::from_millis(LIMIT_MS.into()) + LATE_MAX,
        "away after {took:?}"
    );

    let shown = screen.window_of(window.pid()).unwrap();
    screen.xdotool(&["windowminimize", "--sync", &shown]);
    let touched = Instant::now();
    screen.xdotool(&["mousemove_relative", "40", "30"]);
    let back = wait::until(
        "Rosa sees Mira back",
        Duration::from_secs(30),
        since(Online, touched),
    )
    .await;
    println!(
        "back {:?} after the first touch, elsewhere, the window minimized",
        back - touched
    );
    assert!(back - touched <= LATE_MAX, "back after {:?}", back - touched);
    let again = wait::until(
        "Rosa sees Mira away again",
        Duration::from_secs(30),
        since(Away, back),
    )
    .await;
    assert!(again - touched >= Duration::from_millis(LIMIT_MS.into()));
}

/// Ends the app and gives it the limit of this test.
fn shorten(window: &mut Window) {
    window.kill();
    let db = rusqlite::Connection::open(window.data().join("breeze.db")).unwrap();
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES ('away_after_ms', ?1)";
    db.execute(sql, [LIMIT_MS]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_wayland_the_compositor_tells_and_keys_in_another_window_count() {
    let (compositor, server, mut window) = (Compositor::start(), Server::start(), Window::left());
    let link = server.start_line().owner_link.clone().unwrap();
    window.start_on_wayland(&compositor, Some(&link.0));
    wait::run_for(Duration::from_secs(2)).await;
    super::wayland::join(&compositor, "Mira Ek");
    let there = || (server.sessions() == 1).then_some(());
    wait::until("Mira's session", Duration::from_secs(20), there).await;
    let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
    let mut rosa = rosa.online(&server).await;
    rosa.start_heartbeat();
    shorten(&mut window);
    window.start_on_wayland(&compositor, None);
    let rosa = &rosa;
    let started = Instant::now();
    let seen = |state, after| move || rosa_sees(rosa, state, after);
    let long = Duration::from_secs(30);
    let away = wait::until("Rosa sees Mira away", long, seen(Away, started)).await;
    // The other workspace has no window: these keys are nobody's, and yet somebody is there.
    compositor.leave();
    assert!(rosa_sees(rosa, Online, away).is_none());
    let touched = Instant::now();
    compositor.keys(&["-k", "Shift_L"]);
    let back = wait::until("Rosa sees Mira back", long, seen(Online, touched)).await;
    println!("back {:?} after keys elsewhere were begun", back - touched);
    let again = wait::until("Rosa sees Mira away again", long, seen(Away, back)).await;
    assert!(again - touched >= Duration::from_millis(LIMIT_MS.into()));
}

fn rosa_sees(
    rosa: &breeze_tests::client::Client,
    state: breeze_protocol::PresenceState,
    after: Instant,
) -> Option<Instant> {
    rosa.state().presence.when(MIRA, state, after)
}
