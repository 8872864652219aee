//! The real app on Wayland: started, typed into, pasted into, hidden, found again in the tray.

use breeze_protocol::AccountId;
use breeze_protocol::message::sign_in::Secret;
use breeze_tests::bus::Bus;
use breeze_tests::scene::invite;
use breeze_tests::server::Server;
use breeze_tests::tray::Tray;
use breeze_tests::wayland::Compositor;
use breeze_tests::window::Window;
use breeze_tests::{people, wait};
use std::time::Duration;

/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);
/// Long enough for a window in software under load.
const WINDOW: Duration = Duration::from_secs(20);

/// Joins by the keyboard alone, with the link the window was started with.
pub(super) fn join(compositor: &Compositor, name: &str) {
    compositor.keep("wayland-first");
    compositor.keys(&["-k", "Tab", "-s", "400", "-k", "Return", "-s", "2500"]);
    compositor.keep("wayland-register");
    compositor.keys(&[
        name, "-s", "500", "-k", "Tab", "-s", "500", "-k", "Tab", "-s", "500",
    ]);
    compositor.keys(&["wind and waves 7", "-s", "500", "-k", "Return"]);
}

/// Opens the first chat, types, pastes, copies all of it, and sends it.
async fn type_paste_and_send(compositor: &Compositor) {
    compositor.copy("from the clipboard");
    compositor.keys(&[
        "-M",
        "alt",
        "-k",
        "Down",
        "-m",
        "alt",
        "-s",
        "1000",
        "typed, then ",
    ]);
    compositor.keys(&["-M", "ctrl", "-k", "v", "-m", "ctrl", "-s", "500"]);
    compositor.keep("wayland-typed");
    compositor.keys(&["-M", "ctrl", "-k", "a", "-k", "c", "-m", "ctrl", "-s", "500"]);
    let copied = || (compositor.clipboard() == "typed, then from the clipboard").then_some(());
    wait::until("the composer's text on the clipboard", WINDOW, copied).await;
    compositor.keys(&["-k", "End", "-k", "Return"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_wayland_it_starts_takes_keys_and_pastes_hides_and_comes_back() {
    let (compositor, bus, mut server) = (Compositor::start(), Bus::start(), Server::start());
    let tray = Tray::on(&bus);
    let mut window = Window::left();
    window.on_bus(&bus);
    let link = server.start_line().owner_link.clone().unwrap();
    window.start_on_wayland(&compositor, Some(&link.0));
    let pid = window.pid();
    // The title bar is the compositor's, once the two have agreed on it.
    let agreed = || {
        let shown = compositor.windows_of(pid).pop()?;
        (shown.app == "breeze" && shown.border == "normal").then_some(())
    };
    wait::until("a window with the system's title bar", WINDOW, agreed).await;
    wait::run_for(Duration::from_secs(2)).await;
    join(&compositor, "Mira Ek");
    let there = || (server.sessions() == 1).then_some(());
    wait::until("Mira's session", WINDOW, there).await;
    let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
    let rosa = rosa.online(&server).await;
    let conv = rosa.conv(MIRA).await;
    rosa.say(conv, "hello").await;
    type_paste_and_send(&compositor).await;
    rosa.until_text(conv, "typed, then from the clipboard").await;
    let item = tray.item();
    compositor.close(pid);
    wait::run_for(Duration::from_secs(1)).await;
    compositor.keep("wayland-closing");
    compositor.keys(&["-k", "Tab", "-s", "300", "-k", "Return"]);
    let gone = || compositor.windows_of(pid).is_empty().then_some(());
    wait::until("no window", WINDOW, gone).await;
    let sent = rosa.say(conv, "written while hidden").await;
    let mark = || rosa.local().mark_of(conv, MIRA);
    let delivered = || (mark().delivered >= sent.seq).then_some(());
    wait::until("two ticks", WINDOW, delivered).await;
    assert!(compositor.windows_of(pid).is_empty() && mark().read < sent.seq);
    item.click("Open Breeze");
    let back = || (!compositor.windows_of(pid).is_empty()).then_some(());
    wait::until("the window again", WINDOW, back).await;
    // The keyboard comes, and with it the window's attention: what is on the screen is read.
    compositor.keys(&["-k", "Shift_L"]);
    wait::until("it is read", WINDOW, || (mark().read >= sent.seq).then_some(())).await;
    compositor.keep("wayland-again");
    server.assert_sound();
}
