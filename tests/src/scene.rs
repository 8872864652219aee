//! Two people at two real windows: they join with real keys, chat, one is killed, and the other's screen is measured.

use crate::blob;
use crate::client::Client;
use crate::people::{self, Person};
use crate::pixels::{self, Area};
use crate::proxy::Proxy;
use crate::screen::Screen;
use crate::server::Server;
use crate::wait;
use crate::window::Window;
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::contact::ProfileSet;
use image::RgbImage;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where "Join" is, from the window's upper left corner.
const JOIN: (u32, u32) = (264, 542);
/// Where the password's field is on the page with three fields. Clicked: on a busy machine two Tabs may fall into one
/// frame, and the password would be typed into the username.
pub const PASSWORD: (u32, u32) = (561, 432);
/// A place on the first page's third card, and what is there when it has gone.
const CARD: (u32, u32) = (990, 400);
const SURFACE_RGB: [u8; 3] = [0xee, 0xf3, 0xf5];
/// The left edge of the fields one joins with, from the window's left.
const FIELD_EDGE: u32 = 395;
/// Buttons, and the edge of the field that has the keyboard.
const ACCENT_RGB: [u8; 3] = [10, 113, 128];
/// Where the first row of the list is.
const FIRST_ROW: (u32, u32) = (150, 121);
/// Where the composer is.
const COMPOSER: (u32, u32) = (730, 702);
/// Half of what surely belongs to it, with its hint in letters.
const COMPOSER_HALF: (u32, u32) = (290, 20);
/// It has more colours than this; where no chat is open there is one.
const COMPOSER_COLOURS: usize = 8;
/// The initials' gradients are this saturated at least when in colour, and this little when grey.
const COLOUR_MIN: u32 = 60;
/// Largest difference of two channels in grey: the blend with a slightly blue surface.
const GREY_MAX: u32 = 12;
/// The list's surface is at least this bright.
const SURFACE_MIN: u8 = 240;
/// A window's next frame and the picture taken of it.
const SHOT_MS: u64 = 900;

/// Everything on stage.
pub struct Scene {
    /// The screen.
    pub screen: Screen,
    /// The server.
    pub server: Server,
    /// Mira, who watches.
    pub left: Window,
    /// Lin, who will vanish.
    pub right: Window,
    /// Rosa, a scripted friend who stays, with a red picture.
    pub rosa: (Person, Client),
    folder: PathBuf,
}

/// The colour of Rosa's picture.
pub const ROSA_RGB: [u8; 3] = [220, 20, 20];

impl Scene {
    /// Starts the server and both windows, and befriends everybody with everybody.
    ///
    /// # Panics
    /// When a step does not happen in time.
    pub async fn set(screen: Screen, folder: &str) -> Self {
        let server = Server::start();
        let owner_link = server
            .start_line()
            .owner_link
            .clone()
            .expect("a new server has one");
        let (mut left, mut right) = (Window::left(), Window::right());
        left.start(&screen, Some(&owner_link.0));
        join(&screen, &left, "Mira Ek");
        wait::until("Mira's session", Duration::from_secs(20), || {
            (server.sessions() == 1).then_some(())
        })
        .await;
        right.start(&screen, Some(&invite(&server)));
        join(&screen, &right, "Lin Mei");
        wait::until("Lin's session", Duration::from_secs(20), || {
            (server.sessions() == 2).then_some(())
        })
        .await;
        let link = breeze_protocol::message::sign_in::Secret(invite(&server));
        let rosa = people::join(&server.endpoint(), &link, "rosa").await;
        let mut client = rosa.online(&server).await;
        client.start_heartbeat();
        let hash = client
            .upload(&blob::picture(ROSA_RGB))
            .await
            .expect("a good picture is taken");
        let wish = ProfileSet {
            mid: crate::client::script::mid(),
            display_name: "Rosa Silva".into(),
            avatar: Some(hash),
            status_text: String::new(),
        };
        client.wish(wish).await.expect("the profile is set");
        let folder = crate::programs::picture_folder(folder);
        Self {
            screen,
            server,
            left,
            right,
            rosa: (rosa, client),
            folder,
        }
    }

    /// The picture of a row of the left list, by its place from the top of the "Online" section.
    #[must_use]
    pub fn portrait(&self, top: u32) -> Area {
        let area = self.left.area();
        Area {
            x: area.x + 64 + 16,
            y: area.y + top,
            width: 46,
            height: 46,
        }
    }

    /// Lin's picture on the left screen, in colour: a whole ring of gradient that is not Rosa's red.
    fn lin_colour(&self, shot: &RgbImage) -> Option<Area> {
        self.rows().into_iter().find(|area| {
            let ring = ring(shot, *area);
            let red = ring.iter().any(|pixel| pixels::close(*pixel, ROSA_RGB, 40));
            !red && ring.iter().all(|pixel| spread(*pixel) >= COLOUR_MIN)
        })
    }

    /// Lin's picture in grey: a whole ring that is neither coloured nor the list's own surface.
    fn lin_grey(&self, shot: &RgbImage) -> Option<Area> {
        self.rows().into_iter().find(|area| {
            let grey = |pixel: &[u8; 3]| spread(*pixel) <= GREY_MAX && pixel[1] < SURFACE_MIN;
            ring(shot, *area).iter().all(grey)
        })
    }

    /// Rosa's picture in full colour.
    fn rosa_at(&self, shot: &RgbImage) -> Option<Area> {
        self.rows().into_iter().find(|area| {
            let middle = shot.get_pixel(area.x + 20, area.y + 20).0;
            pixels::close(middle, ROSA_RGB, 12)
        })
    }

    /// Every place a picture can have: rows of 60 below headings of about 30.
    fn rows(&self) -> Vec<Area> {
        (0..80).map(|step| self.portrait(120 + step * 4)).collect()
    }

    /// Waits until both friends are in colour on the left window.
    pub async fn until_colour(&self, what: &str, within: Duration) -> Duration {
        let begun = Instant::now();
        wait::until(what, within, || {
            let shot = self.screen.shot();
            self.screen.keep(&shot, &self.folder, "latest");
            (self.lin_colour(&shot).is_some()
                && self.rosa_at(&shot).is_some()
                && self.lin_grey(&shot).is_none())
            .then_some(())
        })
        .await;
        begun.elapsed()
    }

    /// Waits until Lin is grey while Rosa is still in colour in the same shot; returns how long it took.
    pub async fn until_grey(&self, begun: Instant, within: Duration) -> Duration {
        let mut took = Duration::ZERO;
        let shot = wait::until("Lin's picture is grey and Rosa's is not", within, || {
            let shot = self.screen.shot();
            took = begun.elapsed();
            (self.lin_grey(&shot).is_some() && self.rosa_at(&shot).is_some()).then_some(shot)
        })
        .await;
        self.screen.keep(&shot, &self.folder, "grey");
        took
    }

    /// The bound for grey on the screen: the promise, a frame and the picture taken of it.
    #[must_use]
    pub fn grey_bound() -> Duration {
        Duration::from_millis(2300 + 250 + SHOT_MS)
    }

    /// Sends a text with real keys in the chat a window shows.
    pub fn say(&self, window: &Window, text: &str) {
        say(&self.screen, window, text);
    }

    /// Opens the first chat of the list.
    pub fn open_first(&self, window: &Window) {
        open_first(&self.screen, window);
    }

    /// Whether both windows can be seen whole, in words: pixels of a covered one would say nothing.
    ///
    /// # Errors
    /// The sentence that says which window is covered, where, and what to do.
    pub fn uncovered(&self) -> Result<(), String> {
        for (name, window) in [("Mira's", &self.left), ("Lin's", &self.right)] {
            if let Some(cover) = window.covered_by(&self.screen) {
                let what = cover
                    .window
                    .map_or_else(|| "nothing".to_owned(), |id| format!("window {id}"));
                return Err(format!(
                    "{name} window cannot be seen whole: at {}, {} of the screen there is {what}. \
                     Move everything else away and start again.",
                    cover.x, cover.y
                ));
            }
        }
        Ok(())
    }

    /// Keeps a picture of the whole screen.
    pub fn keep(&self, name: &str) -> PathBuf {
        self.screen.keep(&self.screen.shot(), &self.folder, name)
    }

    /// Keeps a picture of the left window alone.
    pub fn keep_left(&self, name: &str) -> PathBuf {
        let window = self
            .screen
            .window_of(self.left.pid())
            .expect("the left window shows");
        let cut = self.screen.shot_of(&window);
        self.screen.keep(&cut, &self.folder, name)
    }
}

/// Sends a text with real keys in the chat a window shows.
pub fn say(screen: &Screen, window: &Window, text: &str) {
    type_into(screen, window, text);
    screen.key("Return");
}

/// Types into the composer of the chat that is open.
pub fn type_into(screen: &Screen, window: &Window, text: &str) {
    window.focus(screen);
    let area = window.area();
    screen.click(area.x + COMPOSER.0, area.y + COMPOSER.1);
    screen.type_text(text);
}

/// Opens the first chat of the list, once there is one.
///
/// # Panics
/// When there is none in time.
pub fn open_first(screen: &Screen, window: &Window) {
    window.focus(screen);
    let area = window.area();
    let composer = Area {
        x: area.x + COMPOSER.0 - COMPOSER_HALF.0,
        y: area.y + COMPOSER.1 - COMPOSER_HALF.1,
        width: 2 * COMPOSER_HALF.0,
        height: 2 * COMPOSER_HALF.1,
    };
    // A row that has not come yet takes no click, so a click that opened nothing is made again.
    wait::until_blocking("the first chat", Duration::from_secs(20), || {
        screen.click(area.x + FIRST_ROW.0, area.y + FIRST_ROW.1);
        wait::seek_blocking(Duration::from_secs(2), || {
            (pixels::colours(&screen.shot(), composer) > COMPOSER_COLOURS).then_some(())
        })
    });
}

/// A link for one more friend of the owner's.
///
/// # Panics
/// When the server makes none.
#[must_use]
pub fn invite(server: &Server) -> String {
    match server.admin(&AdminRequest::Invite { uses: 1, ttl_s: 3600 }) {
        AdminAnswer::Invite { link, .. } => link.0,
        other => panic!("no invite: {other:?}"),
    }
}

/// The same link with a cable one can pull in front of the server.
///
/// # Panics
/// When the link is none.
#[must_use]
pub fn behind(link: &str, proxy: &Proxy) -> String {
    let mut link = InviteLink::parse(link).expect("the server prints good links");
    (link.host, link.port) = (proxy.address().ip().to_string(), proxy.address().port());
    link.to_string()
}

/// Starts the window with a new server's own link, and makes its person the owner.
///
/// # Panics
/// When a page or the session does not come.
pub async fn move_in(screen: &Screen, server: &Server, window: &mut Window) {
    let link = server.start_line().owner_link.clone();
    let link = link.expect("a new server has one");
    window.start(screen, Some(&link.0));
    join(screen, window, "Mira Ek");
    wait::until("the window's session", Duration::from_secs(20), || {
        (server.sessions() == 1).then_some(())
    })
    .await;
}

/// Joins with the link the window was started with: a click, a name, a password, Enter.
///
/// # Panics
/// When a page does not come.
pub fn join(screen: &Screen, window: &Window, name: &str) {
    window.focus(screen);
    let area = window.area();
    let painted = || (pixels::colours(&screen.shot(), area) > 50).then_some(());
    wait::until_blocking("the first screen", Duration::from_secs(20), painted);
    screen.click(area.x + JOIN.0, area.y + JOIN.1);
    wait::until_blocking("the page with three fields", Duration::from_secs(20), || {
        join_gone(&screen.shot(), area).then_some(())
    });
    fill_in(screen, area, name);
}

/// Fills in the page that asks who one is, once it has come after "Start hosting".
///
/// # Panics
/// When it does not come.
pub fn introduce(screen: &Screen, window: &Window, name: &str) {
    let area = window.area();
    wait::until_blocking("the page with three fields", Duration::from_secs(20), || {
        // The third card's edge is gone.
        let card = screen.shot().get_pixel(area.x + CARD.0, area.y + CARD.1).0;
        pixels::close(card, SURFACE_RGB, 3).then_some(())
    });
    fill_in(screen, area, name);
}

fn fill_in(screen: &Screen, area: Area, name: &str) {
    screen.type_text(name);
    screen.click(area.x + PASSWORD.0, area.y + PASSWORD.1);
    // A field takes letters from the frame after the click on: on a busy machine both would come in one frame.
    wait::until_blocking(
        "the password's field to be ready",
        Duration::from_secs(20),
        || {
            let edge = screen
                .shot()
                .get_pixel(area.x + FIELD_EDGE, area.y + PASSWORD.1)
                .0;
            pixels::close(edge, ACCENT_RGB, 10).then_some(())
        },
    );
    screen.type_text("wind and waves 7");
    screen.key("Return");
}

/// Whether the "Join" button is gone: its teal no longer fills its place.
fn join_gone(shot: &RgbImage, area: Area) -> bool {
    let pixel = shot.get_pixel(area.x + JOIN.0 - 80, area.y + JOIN.1).0;
    !pixels::close(pixel, ACCENT_RGB, 30)
}

/// Places on a ring inside a picture of 44: outside the initials, inside the edge, away from the presence dot.
fn ring(shot: &RgbImage, area: Area) -> [[u8; 3]; 7] {
    let offsets = [
        (18, 0),
        (-18, 0),
        (0, -18),
        (0, 18),
        (-13, 13),
        (-13, -13),
        (13, -13),
    ];
    offsets.map(|(dx, dy)| {
        let x = (area.x + area.width / 2).saturating_add_signed(dx);
        let y = (area.y + area.height / 2).saturating_add_signed(dy);
        shot.get_pixel(x, y).0
    })
}

/// Largest difference of two channels.
fn spread([r, g, b]: [u8; 3]) -> u32 {
    u32::from(r.max(g).max(b) - r.min(g).min(b))
}
