//! A server hosted from a real window: it outlives the window, and when it dies, the window says so and starts it again.

use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use breeze_tests::scene::PASSWORD;
use breeze_tests::screen::Screen;
use breeze_tests::window::Window;
use breeze_tests::{admin, pixels, wait};
use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;
use std::time::Duration;

/// "Start hosting" on the first page, from the window's upper left corner.
const START_HOSTING: (u32, u32) = (856, 542);
/// A place in the amber line above the chat, and its button.
const BANNER: (u32, u32) = (700, 26);
const START_AGAIN: (u32, u32) = (1070, 38);
const AMBER: [u8; 3] = [0xff, 0xf4, 0xdc];
const SOON: Duration = Duration::from_secs(20);

/// The hosted server, which nobody else would end.
struct Hosted(PathBuf);

impl Hosted {
    fn info(&self) -> Option<(StartLine, u64)> {
        match admin::ask(&self.0.join("server/admin.sock"), &AdminRequest::Info).ok()? {
            AdminAnswer::Info { start, sessions, .. } => Some((start, sessions)),
            _ => None,
        }
    }

    async fn until_connected(&self, what: &str, not: u32) -> u32 {
        let connected = || {
            let (start, sessions) = self.info()?;
            (sessions == 1 && start.pid != not).then_some(start.pid)
        };
        wait::until(what, SOON, connected).await
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let _ = admin::ask(&self.0.join("server/admin.sock"), &AdminRequest::Stop);
    }
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_server_outlives_the_window_and_its_death_is_noticed() {
    let screen = Screen::private();
    let mut window = Window::left();
    window.start(&screen, None);
    let hosted = Hosted(window.data());
    window.focus(&screen);
    let area = window.area();
    let painted = || (pixels::colours(&screen.shot(), area) > 50).then_some(());
    wait::until("the first page", SOON, painted).await;
    screen.click(area.x + START_HOSTING.0, area.y + START_HOSTING.1);
    wait::until("the server", SOON, || hosted.info()).await;
    wait::until("the page with three fields", SOON, || {
        let shot = screen.shot();
        // The third card's edge is gone.
        let card = shot.get_pixel(area.x + 990, area.y + 400).0;
        pixels::close(card, [0xee, 0xf3, 0xf5], 3).then_some(())
    })
    .await;
    screen.type_text("Mira Ek");
    screen.click(area.x + PASSWORD.0, area.y + PASSWORD.1);
    screen.type_text("wind and waves 7");
    screen.key("Return");
    let first = hosted.until_connected("the owner's session", 0).await;
    // The list is shown once the account is on its way to the disk; before that there is nothing to come back to.
    let list = || {
        let pixel = screen.shot().get_pixel(area.x + 200, area.y + 640).0;
        pixels::close(pixel, [0xf8, 0xfa, 0xfb], 2).then_some(())
    };
    wait::until("the list", SOON, list).await;
    // The window is killed and started again: the same server is found.
    window.kill();
    window.start(&screen, None);
    let same = hosted.until_connected("the owner, again", 0).await;
    assert_eq!(same, first);
    // The server is killed: the window says so, and starts it again when asked.
    let amber = || {
        let pixel = screen.shot().get_pixel(area.x + BANNER.0, area.y + BANNER.1).0;
        pixels::close(pixel, AMBER, 4)
    };
    window.focus(&screen);
    assert!(!amber());
    kill(first);
    wait::until("the line that says so", SOON, || amber().then_some(())).await;
    screen.click(area.x + START_AGAIN.0, area.y + START_AGAIN.1);
    let second = hosted.until_connected("the server, started again", first).await;
    assert_ne!(second, first);
    wait::until("no line any more", SOON, || (!amber()).then_some(())).await;
}
