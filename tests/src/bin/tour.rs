//! `cargo xtask tour`: the way of a new person in pictures: launch, host, invite, join, chat, and a friend who is gone.

use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_tests::scene;
use breeze_tests::screen::Screen;
use breeze_tests::wait;
use breeze_tests::window::Window;
use breeze_tests::{admin, programs};
use std::path::PathBuf;
use std::time::Duration;

/// Where "Start hosting" is, from the window's upper left corner.
const START_HOSTING: (u32, u32) = (856, 521);
/// Where "Invite a friend" is while the list is empty.
const INVITE: (u32, u32) = (215, 358);
/// Where the host panel opens.
const HOST_PANEL: (u32, u32) = (32, 662);
/// A page that comes, or a dialog that opens, is whole after this.
const SETTLED: Duration = Duration::from_millis(1500);
/// A killed window's grace and fade are over after this.
const GONE: Duration = Duration::from_secs(4);

/// The server that the left window started; it would outlive us.
struct Hosted(PathBuf);

impl Hosted {
    fn invite(&self) -> String {
        let request = AdminRequest::Invite { uses: 1, ttl_s: 3600 };
        match admin::ask(&self.0, &request) {
            Ok(AdminAnswer::Invite { link, .. }) => link.0,
            other => panic!("no invite: {other:?}"),
        }
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        // Where it does not answer, it is gone already.
        drop(admin::ask(&self.0, &AdminRequest::Stop));
    }
}

fn main() {
    let screen = Screen::private();
    let folder = programs::picture_folder("tour");
    let keep = |window: &Window, name: &str| {
        let id = screen.window_of(window.pid()).expect("the window shows");
        let path = screen.keep(&screen.shot_of(&id), &folder, name);
        println!("{}", path.display());
    };
    let click = |window: &Window, place: (u32, u32)| {
        window.focus(&screen);
        screen.click(window.area().x + place.0, window.area().y + place.1);
        wait::run_for_blocking(SETTLED);
    };
    let (mut left, mut right) = (Window::left(), Window::right());
    left.start(&screen, None);
    wait::run_for_blocking(SETTLED);
    keep(&left, "1-launch");
    let hosted = Hosted(left.data().join("server/admin.sock"));
    click(&left, START_HOSTING);
    wait::until_blocking("the hosted server", Duration::from_secs(20), || {
        admin::ask(&hosted.0, &AdminRequest::Info).ok()
    });
    wait::run_for_blocking(SETTLED);
    keep(&left, "2-host");
    introduce(&screen, "Mira Ek");
    click(&left, INVITE);
    keep(&left, "3-invite");
    screen.key("Escape");
    click(&left, HOST_PANEL);
    keep(&left, "4-host-panel");
    screen.key("Escape");
    right.start(&screen, Some(&hosted.invite()));
    wait::run_for_blocking(SETTLED);
    keep(&right, "5-join");
    scene::join(&screen, &right, "Lin Mei");
    wait::run_for_blocking(GONE);
    scene::open_first(&screen, &left);
    scene::say(
        &screen,
        &left,
        "There you are. This runs on the box under my desk.",
    );
    scene::open_first(&screen, &right);
    scene::say(&screen, &right, "And your picture is in colour!");
    wait::run_for_blocking(SETTLED);
    keep(&left, "6-chat");
    left.focus(&screen);
    screen.key("ctrl+comma");
    wait::run_for_blocking(SETTLED);
    keep(&left, "7-settings");
    screen.key("Escape");
    right.kill();
    wait::run_for_blocking(GONE);
    keep(&left, "8-gone");
}

/// Fills in the page that asks who one is, and waits for the main window.
fn introduce(screen: &Screen, name: &str) {
    screen.type_text(name);
    screen.key("Tab");
    screen.key("Tab");
    screen.type_text("wind and waves 7");
    screen.key("Return");
    wait::run_for_blocking(GONE);
}
