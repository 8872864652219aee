//! `cargo xtask tour walk`: the package on a fresh Debian, as a new person meets it: installed, launched, hosted, joined,
//! hidden, a notification clicked, logged out and in, removed; a picture of each.

use breeze_tests::bus::Bus;
use breeze_tests::notifications::POPUP_CLASS;
use breeze_tests::pixels::{self, Area};
use breeze_tests::programs;
use breeze_tests::scene;
use breeze_tests::screen::Screen;
use breeze_tests::tray::{self, Tray};
use breeze_tests::wait;
use breeze_tests::window::{Installed, Window};
use clap::Parser;
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// "Start hosting" on the first page, from the window's upper left corner.
const START_HOSTING: (u32, u32) = (856, 542);
/// "Invite a friend" while the list is empty, and "Copy link" in the dialog it opens.
const INVITE: (u32, u32) = (215, 358);
const COPY_LINK: (u32, u32) = (698, 490);
/// The field for a link on the first page.
const LINK: (u32, u32) = (264, 492);
/// A page that comes, or a dialog that opens, is whole after this.
const SETTLED: Duration = Duration::from_millis(1500);
/// A terminal; a minimal Debian has no pseudo-terminals until they are mounted.
const TERMINAL: &str = "mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts && exec xterm -T Terminal \
    -fa 'DejaVu Sans Mono' -fs 11 -geometry 110x32+40+40 -e sh -c \"$1\"";
const POLICY: &str = r#"<busconfig><policy context="default"><allow user="root"/></policy></busconfig>"#;
/// Packages are fetched and unpacked within this.
const APT: Duration = Duration::from_secs(600);
const SOON: Duration = Duration::from_secs(30);
/// Whatever a session has started is gone after this.
const LOGGED_OUT: Duration = Duration::from_secs(8);
/// A server that was started anew says for sure who is gone after this: until then everybody may still come back.
const SURE: Duration = Duration::from_secs(36);

/// Where the package is, and how to get into the Debian it belongs to.
#[derive(Parser)]
struct Words {
    /// The Debian's folder on this machine.
    #[arg(long)]
    root: PathBuf,
    /// The package, as that Debian sees it.
    #[arg(long)]
    deb: String,
    /// The command that leads in; a user's name and a command follow it.
    #[arg(last = true, required = true)]
    enter: Vec<String>,
}

impl Words {
    /// A command in that Debian, as one of its users.
    fn inside(&self, who: &str, words: &[&str]) -> Command {
        let mut command = Command::new(&self.enter[0]);
        command.args(&self.enter[1..]).arg(who).args(words);
        command
    }

    fn must(&self, words: &[&str]) {
        let status = self.inside("0:0", words).stdout(Stdio::null()).status();
        assert!(status.is_ok_and(|it| it.success()), "{words:?} failed");
    }

    /// What the menu entry starts: its `Exec` line without the place for a link.
    fn launcher(&self) -> String {
        let entry = self.root.join("usr/share/applications/breeze.desktop");
        let text = std::fs::read_to_string(&entry).expect("the package brings a menu entry");
        let line = text.lines().find_map(|line| line.strip_prefix("Exec="));
        let line = line.expect("an entry says what it starts");
        line.split(' ').next().unwrap_or_default().to_owned()
    }
}

/// Whatever the two people have started ends with this: also when a step does not come.
struct Ending<'a>(&'a Words);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        stop_everything(self.0);
    }
}

/// Ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One person's session: a bus, a tray, a service that shows notifications, and the app's window.
struct Session {
    bus: Bus,
    tray: Tray,
    popups: Option<Running>,
}

impl Session {
    fn open(words: &Words, screen: &Screen, user: &str, with_popups: bool) -> Self {
        let socket = format!("run/walk/{user}");
        let _ = std::fs::remove_file(words.root.join(&socket));
        let inside = format!("/{socket}");
        let daemon = words.inside(user, &["dbus-daemon"]);
        let bus = Bus::of(daemon, Some(&inside)).seen_at(&words.root.join(&socket));
        let popups = with_popups.then(|| {
            let mut command = words.inside(user, &["dunst"]);
            screen.dress_quietly(&mut command);
            command
                .env("HOME", format!("/home/{user}"))
                .env_remove("XDG_RUNTIME_DIR")
                .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={inside}"));
            Running(command.spawn().expect("dunst is installed"))
        });
        Self {
            tray: Tray::on(&bus),
            bus,
            popups,
        }
    }
}

/// The album, and what is done again and again.
struct Walk {
    words: Words,
    screen: Screen,
    folder: PathBuf,
}

impl Walk {
    fn keep_area(&self, name: &str, area: Area) {
        let shot = self.screen.shot();
        let cut = image::imageops::crop_imm(&shot, area.x, area.y, area.width, area.height).to_image();
        println!("{}", self.screen.keep(&cut, &self.folder, name).display());
    }

    fn keep(&self, window: &Window, name: &str) {
        let id = self.screen.window_of(window.pid()).expect("the window shows");
        let shot = self.screen.shot_of(&id);
        println!("{}", self.screen.keep(&shot, &self.folder, name).display());
    }

    fn click(&self, window: &Window, place: (u32, u32)) {
        window.focus(&self.screen);
        let area = window.area();
        self.screen.click(area.x + place.0, area.y + place.1);
        wait::run_for_blocking(SETTLED);
    }

    /// Types a command as root in a terminal of that Debian, waits for its end, and takes a picture.
    fn terminal(&self, line: &str, done: &Path, name: &str) {
        let script = format!(
            "echo '# {line}'; {line}; touch /srv/{}; sleep 600",
            done.display()
        );
        let mut command = self
            .words
            .inside("0:0", &["sh", "-c", TERMINAL, "terminal", &script]);
        self.screen.dress_quietly(&mut command);
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("LC_ALL", "C.UTF-8");
        let _terminal = Running(command.spawn().expect("the terminal starts"));
        let mark = self.words.root.join("srv").join(done);
        wait::until_blocking(line, APT, || mark.exists().then_some(()));
        wait::run_for_blocking(SETTLED);
        let id = self.screen.window_of_class("xterm").expect("the terminal shows");
        println!(
            "{}",
            self.screen
                .keep(&self.screen.shot_of(&id), &self.folder, name)
                .display()
        );
    }

    /// Starts the app and waits until it has painted something.
    fn launch(&self, window: &mut Window) {
        window.start(&self.screen, None);
        let area = window.area();
        let painted = || (pixels::colours(&self.screen.shot(), area) > 50).then_some(());
        wait::until_blocking("the first page", SOON, painted);
        wait::run_for_blocking(SETTLED);
    }

    fn person(&self, window: Window, user: &str) -> Window {
        window.of_package(Installed {
            enter: self.words.enter.clone(),
            user: user.to_owned(),
            launcher: self.words.launcher(),
        })
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let words = Words::parse();
    let walk = Walk {
        screen: Screen::shared(),
        folder: programs::picture_folder("walk"),
        words,
    };
    prepare(&walk.words);
    let ending = Ending(&walk.words);
    let install = format!("apt-get install -q -y --no-install-recommends {}", walk.words.deb);
    walk.terminal(&install, Path::new("installed"), "1-install");
    let (mut mira, mut lin) = (
        walk.person(Window::left(), "mira"),
        walk.person(Window::right(), "lin"),
    );
    let sessions = [
        Session::open(&walk.words, &walk.screen, "mira", true),
        Session::open(&walk.words, &walk.screen, "lin", false),
    ];
    begin(&walk, &mut mira, &mut lin);
    hide_and_hear(&walk, &mira, &lin, &sessions).await;
    log_out_and_in(&walk, &mut mira, lin, sessions);
    drop((mira, ending));
    walk.terminal("apt-get purge -q -y breeze-im", Path::new("removed"), "9-remove");
    let left = walk.words.root.join("usr/bin/breeze").exists();
    assert!(!left, "the program is still there");
}

/// What a desktop has and a minimal Debian has not: two people, a terminal, a session bus, notifications.
fn prepare(words: &Words) {
    println!("Making a desktop of the minimal Debian.");
    words.must(&["apt-get", "-q", "-y", "update"]);
    let mut apt = vec![
        "apt-get",
        "-q",
        "-y",
        "-o",
        "APT::Sandbox::User=root",
        "install",
        "--no-install-recommends",
    ];
    apt.extend(["xterm", "dbus-daemon", "dunst", "fonts-dejavu-core", "procps"]);
    words.must(&apt);
    for user in ["mira", "lin"] {
        words.must(&["useradd", "--create-home", user]);
    }
    words.must(&["mkdir", "-m", "1777", "/run/walk"]);
    // The walk's own tray sits on these people's buses.
    let policy = words.root.join("etc/dbus-1/session.d/walk.conf");
    std::fs::write(policy, POLICY).expect("the Debian is ours");
}

/// Launch, host, invite, join, chat.
fn begin(walk: &Walk, mira: &mut Window, lin: &mut Window) {
    let screen = &walk.screen;
    mira.on_bus_at("unix:path=/run/walk/mira");
    lin.on_bus_at("unix:path=/run/walk/lin");
    walk.launch(mira);
    walk.keep(mira, "2-launch");
    walk.click(mira, START_HOSTING);
    scene::introduce(screen, mira, "Mira Ek");
    wait::run_for_blocking(SETTLED);
    walk.click(mira, INVITE);
    walk.keep(mira, "3-host-and-invite");
    walk.click(mira, COPY_LINK);
    screen.key("Escape");
    walk.launch(lin);
    walk.click(lin, LINK);
    screen.key("ctrl+v");
    wait::run_for_blocking(SETTLED);
    walk.keep(lin, "4-join");
    scene::join(screen, lin, "Lin Mei");
    wait::run_for_blocking(SETTLED);
    scene::open_first(screen, mira);
    scene::say(screen, mira, "There you are!");
    wait::run_for_blocking(SETTLED);
    walk.keep(mira, "5-chat");
}

/// Both windows hide; one is shown again from its tray to write, and the other's person clicks the notification.
async fn hide_and_hear(walk: &Walk, mira: &Window, lin: &Window, sessions: &[Session; 2]) {
    let screen = &walk.screen;
    tray::close_and_keep(screen, mira).await;
    tray::close_and_keep(screen, lin).await;
    assert!(screen.window_of(mira.pid()).is_none() && screen.window_of(lin.pid()).is_none());
    sessions[1].tray.item().activate();
    let shown = || screen.window_of(lin.pid());
    wait::until("Lin's window is shown again", SOON, shown).await;
    wait::run_for(SETTLED).await;
    scene::open_first(screen, lin);
    scene::say(screen, lin, "Are you still there?");
    let popup = wait::until("the notification", SOON, || screen.window_of_class(POPUP_CLASS)).await;
    wait::run_for(SETTLED).await;
    let place = screen.place_of(&popup).map(|it| u32::try_from(it).unwrap_or(0));
    let around = Area {
        x: place[0].saturating_sub(420),
        y: 0,
        width: place[2] + 420 + 10,
        height: place[1] + place[3] + 60,
    };
    walk.keep_area("6-notification", around);
    let middle = (place[0] + place[2] / 2, place[1] + place[3] / 2);
    let (x, y) = (middle.0.to_string(), middle.1.to_string());
    // The middle button does what the notification is for; the left one only takes it away, in this service.
    screen.xdotool(&["mousemove", &x, &y, "click", "2"]);
    wait::until("Mira's window is shown again", SOON, || {
        screen.window_of(mira.pid())
    })
    .await;
    wait::run_for(SETTLED).await;
    walk.keep(mira, "7-clicked");
}

/// The session ends with everything in it, and begins anew with what the menu starts.
fn log_out_and_in(walk: &Walk, mira: &mut Window, lin: Window, sessions: [Session; 2]) {
    let [Session { bus, tray, popups }, other] = sessions;
    for window in [&*mira, &lin] {
        window.signal(Signal::TERM);
    }
    wait::until_blocking("the app ends when the session does", LOGGED_OUT, || mira.ended());
    drop((tray, popups, bus, other, lin));
    stop_everything(&walk.words);
    let again = Session::open(&walk.words, &walk.screen, "mira", true);
    walk.launch(mira);
    wait::run_for_blocking(SURE);
    scene::open_first(&walk.screen, mira);
    wait::run_for_blocking(SETTLED);
    walk.keep(mira, "8-logged-in-again");
    mira.signal(Signal::TERM);
    wait::until_blocking("the app ends", LOGGED_OUT, || mira.ended());
    drop(again);
}

/// What a session manager does at the end: everything that belongs to the people is told to go.
fn stop_everything(words: &Words) {
    for user in ["mira", "lin"] {
        // Nothing to end is fine.
        let _ = words.inside("0:0", &["pkill", "-TERM", "-u", user]).status();
    }
    wait::run_for_blocking(SETTLED);
}
