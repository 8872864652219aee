//! Away by itself, with the X server's own count of idle time: the friend sees the change, and the return at once.

use breeze_protocol::AccountId;
use breeze_protocol::PresenceState::{Away, Online};
use breeze_protocol::message::sign_in::Secret;
use breeze_tests::scene::{invite, join};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
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
    window.kill();
    let db = rusqlite::Connection::open(window.data().join("breeze.db")).unwrap();
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES ('away_after_ms', ?1)";
    db.execute(sql, [LIMIT_MS]).unwrap();
    drop(db);
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

fn rosa_sees(
    rosa: &breeze_tests::client::Client,
    state: breeze_protocol::PresenceState,
    after: Instant,
) -> Option<Instant> {
    rosa.state().presence.when(MIRA, state, after)
}
