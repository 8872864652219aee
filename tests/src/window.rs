//! The real app in a real window: started, typed into, killed, started again, on one data folder of its own.

use crate::bus::Bus;
use crate::network::{self, Network};
use crate::pixels::Area;
use crate::programs;
use crate::screen::Screen;
use crate::wait;
use crate::wall_clock::WallClock;
use crate::wayland::Compositor;
use rustix::process::{Pid, Signal};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Places looked at along each side to see whether a window is covered.
const PROBES: u32 = 5;
/// So far inside the edge, so that rounding and a border do not matter.
const EDGE: u32 = 12;

/// Something over a window.
#[derive(Debug)]
pub struct Cover {
    /// Where on the screen.
    pub x: u32,
    /// Where on the screen.
    pub y: u32,
    /// What, as X11 numbers it; `None`: nothing at all is there.
    pub window: Option<String>,
}

/// A window; killed when dropped.
pub struct Window {
    home: TempDir,
    area: Area,
    child: Option<Child>,
    trace: Option<PathBuf>,
    bus: Option<String>,
    network: Option<u32>,
    clock: Option<WallClock>,
    installed: Option<Installed>,
}

/// The app of a package, in a Debian of its own, as one of its users.
#[derive(Debug, Clone)]
pub struct Installed {
    /// What leads into that Debian; the user's name follows, then the command.
    pub enter: Vec<String>,
    /// Who starts it there.
    pub user: String,
    /// What the menu entry starts.
    pub launcher: String,
}

impl Window {
    /// A data folder and a place on the screen; nothing runs yet.
    ///
    /// # Panics
    /// When the temporary folder is not writable.
    #[must_use]
    pub fn at(x: u32, y: u32) -> Self {
        let home = tempfile::Builder::new()
            .prefix("breeze-window-")
            .tempdir()
            .expect("the temporary folder is writable");
        Self {
            home,
            area: Area {
                x,
                y,
                width: 1120,
                height: 720,
            },
            child: None,
            trace: None,
            bus: None,
            network: None,
            clock: None,
            installed: None,
        }
    }

    /// The app as a package brought it: its own user's usual folders, nothing of the tests' but the place on the screen.
    #[must_use]
    pub fn of_package(mut self, installed: Installed) -> Self {
        self.installed = Some(installed);
        self
    }

    /// The next start finds a session bus at this address.
    pub fn on_bus_at(&mut self, address: &str) {
        self.bus = Some(address.to_owned());
    }

    /// The left one of two.
    #[must_use]
    pub fn left() -> Self {
        Self::at(20, 40)
    }

    /// The right one of two.
    #[must_use]
    pub fn right() -> Self {
        Self::at(1240, 40)
    }

    /// The next start writes a line per painted frame to this file.
    pub fn trace_to(&mut self, file: &Path) {
        self.trace = Some(file.to_owned());
    }

    /// The next start finds this session bus; without one it finds none.
    pub fn on_bus(&mut self, bus: &Bus) {
        self.bus = Some(bus.address().to_owned());
    }

    /// The next start is in this network and sees no other.
    pub fn in_network(&mut self, network: &Network) {
        self.network = Some(network.holder());
    }

    /// The next start has this wall clock.
    pub fn on_clock(&mut self, clock: &WallClock) {
        self.clock = Some(clock.clone());
    }

    /// Where it is on the screen.
    #[must_use]
    pub fn area(&self) -> Area {
        self.area
    }

    /// The part that shows the list of people.
    #[must_use]
    pub fn list(&self) -> Area {
        Area {
            x: self.area.x + 64,
            width: 304,
            ..self.area
        }
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Starts the app, with a link if there is one, and waits until its window shows.
    ///
    /// # Panics
    /// When it does not show.
    pub fn start(&mut self, screen: &Screen, link: Option<&str>) {
        let command = self.command(|command| screen.dress(command));
        self.run(command, link, |pid| screen.window_of(pid).is_some());
    }

    /// The same on a Wayland compositor.
    ///
    /// # Panics
    /// When it does not show.
    pub fn start_on_wayland(&mut self, compositor: &Compositor, link: Option<&str>) {
        let command = self.command(|command| compositor.dress(command));
        self.run(command, link, |pid| !compositor.windows_of(pid).is_empty());
    }

    fn run(&mut self, mut command: Command, link: Option<&str>, shows: impl Fn(u32) -> bool) {
        let child = command
            .args(link)
            .spawn()
            .expect("the app's program can be started");
        let pid = child.id();
        self.child = Some(child);
        wait::until_blocking("the window", Duration::from_secs(30), || {
            let ended = self.ended();
            assert!(ended.is_none(), "the app ended: {ended:?}: {}", self.log());
            shows(pid).then_some(())
        });
    }

    /// Starts the app once more on the same folder and waits until that one ends.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_second(&self, screen: &Screen, link: Option<&str>) -> ExitStatus {
        let mut command = self.command(|command| screen.dress(command));
        let status = command.args(link).status();
        status.expect("the app's program can be started")
    }

    /// Starts the app once more on the same folder, and lets it run.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_beside(&self, screen: &Screen) -> Child {
        let child = self.command(|command| screen.dress(command)).spawn();
        child.expect("the app's program can be started")
    }

    /// The app's command line and surroundings.
    fn command(&self, dress: impl Fn(&mut Command)) -> Command {
        let Area { x, y, width, height } = self.area;
        let home = self.home.path();
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(home.join("log"))
            .expect("a writable folder");
        let mut command = self.program();
        dress(&mut command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .args(["--geometry", &format!("{width}x{height}+{x}+{y}")]);
        if let Some(trace) = &self.trace {
            command.env("BREEZE_TRACE_FRAMES", trace);
        }
        match &self.bus {
            Some(bus) => command.env("DBUS_SESSION_BUS_ADDRESS", bus),
            None => command.env_remove("DBUS_SESSION_BUS_ADDRESS"),
        };
        if let Some(clock) = &self.clock {
            clock.dress(&mut command);
        }
        command
            .env("RUST_BACKTRACE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("LC_ALL", "C.UTF-8")
            .stderr(Stdio::from(log));
        if let Some(installed) = &self.installed {
            command
                .env("HOME", format!("/home/{}", installed.user))
                .env_remove("XDG_RUNTIME_DIR");
            return command;
        }
        command.env("HOME", home);
        for (name, folder) in [
            ("CONFIG", "config"),
            ("DATA", "share"),
            ("CACHE", "cache"),
            ("STATE", "state"),
        ] {
            command.env(format!("XDG_{name}_HOME"), home.join(folder));
        }
        command
    }

    /// What is started, and on which data.
    fn program(&self) -> Command {
        if let Some(installed) = &self.installed {
            let mut words = installed.enter.iter();
            let mut command = Command::new(words.next().expect("a way into that Debian"));
            command
                .args(words)
                .args([installed.user.as_str(), installed.launcher.as_str()]);
            return command;
        }
        let program = programs::find("breeze");
        let mut command = match self.network {
            Some(holder) => network::enter(holder, program.as_os_str()),
            None => Command::new(program),
        };
        command.arg("--data").arg(self.data());
        command
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let child = self.child.as_mut()?;
        child.try_wait().ok().flatten()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is not running.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        let pid = pid.expect("a process number");
        rustix::process::kill_process(pid, signal).expect("the app is this test's own child");
    }

    /// Gives it the keyboard.
    ///
    /// # Panics
    /// When it is not running.
    pub fn focus(&self, screen: &Screen) {
        let window = screen.window_of(self.pid()).expect("the window shows");
        screen.xdotool(&["windowactivate", "--sync", &window]);
    }

    /// The first place where something else lies over the window, and what. A covered window paints nothing, so pixels
    /// read there would judge another program. Leaves the pointer at the bottom of the screen.
    ///
    /// # Panics
    /// When it is not running.
    #[must_use]
    pub fn covered_by(&self, screen: &Screen) -> Option<Cover> {
        let own = screen.window_of(self.pid()).expect("the window shows");
        let Area { x, y, width, height } = self.area;
        let along = |from: u32, length: u32| {
            (0..PROBES).map(move |n| from + EDGE + (length - 2 * EDGE) * n / (PROBES - 1))
        };
        let places = along(x, width).flat_map(|x| along(y, height).map(move |y| (x, y)));
        let ours = |window: &String| *window == own || screen.lies_inside(&own, window);
        let cover = places
            .map(|(x, y)| (x, y, screen.window_under(x, y)))
            .find(|(_, _, window)| !window.as_ref().is_some_and(ours))
            .map(|(x, y, window)| Cover { x, y, window });
        screen.xdotool(&["mousemove", "0", &(y + height + 100).to_string()]);
        cover
    }

    /// Its process number.
    ///
    /// # Panics
    /// When it is not running.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the app has been started").id()
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// When it is not running.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the app has been started");
        child.kill().expect("the app is this test's own child");
        child.wait().expect("it has been started");
    }

    /// What it printed.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// Its folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the app's log ---\n{}", self.log());
        }
    }
}
