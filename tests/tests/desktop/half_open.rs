//! R13, R17: the cable of a real window is pulled, both ways and each way alone; both sides notice within the bounds.

use breeze_protocol::AccountId;
use breeze_protocol::PresenceState::{Doubtful, Offline, Online};
use breeze_protocol::message::contact::ProfileSet;
use breeze_protocol::message::sign_in::Secret;
use breeze_tests::client::{Client, script};
use breeze_tests::proxy::{Flow, Proxy};
use breeze_tests::scene::{ROSA_RGB, behind, invite, join};
use breeze_tests::screen::Screen;
use breeze_tests::server::Server;
use breeze_tests::window::Window;
use breeze_tests::{blob, people, pixels, programs, wait};
use image::RgbImage;
use std::time::{Duration, Instant};

/// The window's owner: the first account.
const MIRA: AccountId = AccountId(1);
/// Rosa's red at 75 % on the list's surface: "last known".
const LAST_KNOWN_RGB: [u8; 3] = [227, 78, 78];
/// Own window to "last known", two-way and one-way cuts alike.
const LAST_KNOWN_MAX: Duration = Duration::from_secs(11);
/// Cut to grey, as the friend sees it.
const GREY_MAX: Duration = Duration::from_secs(16);

/// A way to cut, and when the friend must see "doubtful".
struct Cut {
    name: &'static str,
    up: Flow,
    down: Flow,
    doubtful_max: Duration,
}

const CUTS: [Cut; 3] = [
    Cut {
        name: "both ways",
        up: Flow::Mute,
        down: Flow::Mute,
        doubtful_max: Duration::from_secs(9),
    },
    Cut {
        name: "client to server alone",
        up: Flow::Mute,
        down: Flow::Pass,
        doubtful_max: Duration::from_secs(9),
    },
    Cut {
        name: "server to client alone",
        up: Flow::Pass,
        down: Flow::Mute,
        doubtful_max: Duration::from_secs(11),
    },
];

/// A window behind a cable, and a scripted friend with a red picture whose own cable is whole.
struct Stage {
    screen: Screen,
    window: Window,
    proxy: Proxy,
    rosa: Client,
    server: Server,
}

impl Stage {
    async fn set() -> Self {
        let (screen, server, mut window) = (Screen::private(), Server::start(), Window::left());
        let proxy = Proxy::before(&server.endpoint()).await;
        let link = server.start_line().owner_link.clone().unwrap();
        window.start(&screen, Some(&behind(&link.0, &proxy)));
        join(&screen, &window, "Mira Ek");
        let there = || (server.sessions() == 1).then_some(());
        wait::until("Mira's session", Duration::from_secs(20), there).await;
        let rosa = people::join(&server.endpoint(), &Secret(invite(&server)), "rosa").await;
        let rosa = rosa.online(&server).await;
        let avatar = rosa.upload(&blob::picture(ROSA_RGB)).await.unwrap();
        let profile = ProfileSet {
            mid: script::mid(),
            display_name: "Rosa Silva".into(),
            avatar: Some(avatar),
            status_text: String::new(),
        };
        rosa.wish(profile).await.unwrap();
        Self {
            screen,
            window,
            proxy,
            rosa,
            server,
        }
    }

    /// Whether a shot shows Rosa's picture in the list in this colour.
    fn shows(&self, shot: &RgbImage, rgb: [u8; 3]) -> bool {
        pixels::find_disc(shot, self.window.list(), rgb, 6, 14.0).is_some()
    }

    async fn until_whole(&self) {
        let what = "Rosa in full colour and Mira online";
        wait::until(what, Duration::from_secs(75), || {
            let online = self.rosa.state().presence.state(MIRA) == Online;
            (online && self.shows(&self.screen.shot(), ROSA_RGB)).then_some(())
        })
        .await;
    }

    /// Pulls the cable; when the window painted "last known", when Rosa saw "doubtful" and grey.
    async fn pull(&self, cut: &Cut) -> [Duration; 3] {
        let (up, down) = (self.proxy.dropped_up(), self.proxy.dropped_down());
        let begun = Instant::now();
        self.proxy.set_up(cut.up);
        self.proxy.set_down(cut.down);
        let shot = wait::until("the window paints `last known`", Duration::from_secs(20), || {
            let shot = self.screen.shot();
            self.shows(&shot, LAST_KNOWN_RGB).then_some(shot)
        })
        .await;
        let last_known = begun.elapsed();
        let name = format!("last-known {}", cut.name).replace(' ', "-");
        self.screen
            .keep(&shot, &programs::picture_folder("desktop-shots"), &name);
        let grey = self.rosa.until("Rosa sees Mira go", |state| {
            state.presence.when(MIRA, Offline, begun)
        });
        let grey = grey.await - begun;
        let doubtful = self.rosa.state().presence.when(MIRA, Doubtful, begun);
        let doubtful = doubtful.expect("doubtful comes before grey") - begun;
        let lost_up = cut.up == Flow::Pass || self.proxy.dropped_up() > up;
        let lost_down = cut.down == Flow::Pass || cut.up == Flow::Mute || self.proxy.dropped_down() > down;
        assert!(
            lost_up && lost_down,
            "no evidence: nothing was lost on the cut cable"
        );
        [last_known, doubtful, grey]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r13_r17_a_pulled_cable_is_noticed_in_the_own_window_and_by_the_friend() {
    let mut stage = Stage::set().await;
    for cut in &CUTS {
        stage.until_whole().await;
        let [last_known, doubtful, grey] = stage.pull(cut).await;
        println!(
            "{}: own window last known after {last_known:?}; friend: doubtful {doubtful:?}, grey {grey:?}",
            cut.name
        );
        assert!(
            last_known <= LAST_KNOWN_MAX,
            "{}: last known after {last_known:?}",
            cut.name
        );
        assert!(
            doubtful <= cut.doubtful_max,
            "{}: doubtful after {doubtful:?}",
            cut.name
        );
        assert!(grey <= GREY_MAX, "{}: grey after {grey:?}", cut.name);
        stage.proxy.heal();
    }
    stage.until_whole().await;
    stage.server.assert_sound();
}
