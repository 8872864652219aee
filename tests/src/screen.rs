//! A screen: a private Xvfb with a window manager of its own, or the one there is if it is wide enough.

use crate::wait;
use image::RgbImage;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Width of the private screen: two windows side by side; a covered window paints nothing.
pub const WIDTH: u32 = 2400;
/// Height of the private screen.
pub const HEIGHT: u32 = 900;

/// A screen; what it started dies when dropped.
pub struct Screen {
    display: String,
    runtime: TempDir,
    children: Vec<Child>,
}

impl Screen {
    /// A screen nobody else uses.
    ///
    /// # Panics
    /// When Xvfb or openbox is not installed or does not start.
    #[must_use]
    pub fn private() -> Self {
        Self::with(&[])
    }

    /// The same for every user of this machine: nobody on it is kept from drawing there.
    ///
    /// # Panics
    /// When Xvfb or openbox is not installed or does not start.
    #[must_use]
    pub fn shared() -> Self {
        Self::with(&["-ac"])
    }

    fn with(words: &[&str]) -> Self {
        let runtime = runtime_folder();
        let mut xvfb = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{WIDTH}x{HEIGHT}x24"),
                "-nolisten",
                "tcp",
                // Without it the server begins anew when its last client goes, and takes a window manager that is just
                // coming with it.
                "-noreset",
            ])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .expect("Xvfb is installed: apt-get install xvfb openbox xdotool imagemagick");
        let mut number = String::new();
        let stdout = xvfb.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("Xvfb tells its number");
        assert!(!number.trim().is_empty(), "Xvfb did not start");
        let mut screen = Self {
            display: format!(":{}", number.trim()),
            runtime,
            children: vec![xvfb],
        };
        let manager = screen.quiet("openbox").spawn().expect("openbox is installed");
        screen.children.push(manager);
        let managed = || screen.try_xdotool(&["get_num_desktops"]).map(drop);
        wait::until_blocking("the window manager", Duration::from_secs(10), managed);
        screen
    }

    /// The screen of this session, when there is one that is wide enough.
    #[must_use]
    pub fn existing() -> Option<Self> {
        let display = std::env::var("DISPLAY")
            .ok()
            .filter(|display| !display.is_empty())?;
        let screen = Self {
            display,
            runtime: runtime_folder(),
            children: Vec::new(),
        };
        let size = screen.try_xdotool(&["getdisplaygeometry"])?;
        let (width, height) = size.trim().split_once(' ')?;
        let wide = width.parse::<u32>().ok()? >= WIDTH && height.parse::<u32>().ok()? >= 780;
        wide.then_some(screen)
    }

    /// Its number, as in `DISPLAY`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A program on this screen, its output thrown away.
    #[must_use]
    pub fn quiet(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        self.dress_quietly(&mut command);
        command
    }

    /// The same for a program named already.
    pub fn dress_quietly(&self, command: &mut Command) {
        self.dress(command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    }

    /// Gives a program this screen and no other.
    pub fn dress(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_RUNTIME_DIR", self.runtime.path());
    }

    fn try_xdotool(&self, words: &[&str]) -> Option<String> {
        let output = self
            .quiet("xdotool")
            .args(words)
            .stdout(Stdio::piped())
            .output()
            .expect("xdotool is installed");
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Keyboard and mouse.
    ///
    /// # Panics
    /// When xdotool fails.
    pub fn xdotool(&self, words: &[&str]) -> String {
        self.try_xdotool(words)
            .unwrap_or_else(|| panic!("xdotool {words:?} failed"))
    }

    /// The window that has the keyboard.
    #[must_use]
    pub fn active_window(&self) -> Option<String> {
        let found = self.try_xdotool(&["getactivewindow"])?;
        Some(found.trim().to_owned())
    }

    /// Presses a key, as xdotool names it.
    pub fn key(&self, key: &str) {
        self.xdotool(&["key", "--clearmodifiers", key]);
    }

    /// Types a text on the real keyboard.
    pub fn type_text(&self, text: &str) {
        self.xdotool(&["type", "--clearmodifiers", "--delay", "12", "--", text]);
    }

    /// Clicks at a place of the screen.
    pub fn click(&self, x: u32, y: u32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// The first window of a program, by its class, once it shows.
    #[must_use]
    pub fn window_of_class(&self, class: &str) -> Option<String> {
        let found = self.try_xdotool(&["search", "--onlyvisible", "--class", class])?;
        found.lines().next().map(str::to_owned)
    }

    /// The window of a process, once it shows.
    #[must_use]
    pub fn window_of(&self, pid: u32) -> Option<String> {
        let found = self.try_xdotool(&["search", "--onlyvisible", "--pid", &pid.to_string()])?;
        found.lines().last().map(str::to_owned)
    }

    /// The topmost window at a place of the screen. Moves the pointer there.
    #[must_use]
    pub fn window_under(&self, x: u32, y: u32) -> Option<String> {
        let words = [
            "mousemove",
            &x.to_string(),
            &y.to_string(),
            "getmouselocation",
            "--shell",
        ];
        let told = self.xdotool(&words);
        let window = told.lines().find_map(|line| line.strip_prefix("WINDOW="));
        window.map(str::to_owned)
    }

    /// Whether a window lies inside another, as in the frame a window manager draws around it.
    #[must_use]
    pub fn lies_inside(&self, window: &str, outer: &str) -> bool {
        let output = self
            .quiet("xwininfo")
            .args(["-tree", "-id", outer])
            .stdout(Stdio::piped())
            .output()
            .expect("xwininfo (x11-utils) is installed");
        let inner = window.parse::<u64>().map(|id| format!("0x{id:x} "));
        inner.is_ok_and(|inner| String::from_utf8_lossy(&output.stdout).contains(&inner))
    }

    /// Where a window's content is on the screen: left, top, width, height.
    ///
    /// # Panics
    /// When there is no such window.
    #[must_use]
    pub fn place_of(&self, window: &str) -> [i32; 4] {
        let output = self
            .quiet("xwininfo")
            .args(["-id", window])
            .stdout(Stdio::piped())
            .output()
            .expect("xwininfo (x11-utils) is installed");
        let text = String::from_utf8_lossy(&output.stdout);
        let number = |name: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
            line.and_then(|value| value.trim().parse().ok())
                .unwrap_or_else(|| panic!("{name} in {text}"))
        };
        [
            number("Absolute upper-left X:"),
            number("Absolute upper-left Y:"),
            number("Width:"),
            number("Height:"),
        ]
    }

    /// What the screen shows.
    ///
    /// # Panics
    /// When `import` fails.
    #[must_use]
    pub fn shot(&self) -> RgbImage {
        self.shot_of("root")
    }

    /// What one window shows, without its decorations.
    ///
    /// # Panics
    /// When `import` fails.
    #[must_use]
    pub fn shot_of(&self, window: &str) -> RgbImage {
        let output = self
            .quiet("import")
            .args(["-silent", "-window", window, "-depth", "8", "ppm:-"])
            .stdout(Stdio::piped())
            .output()
            .expect("import (imagemagick) is installed");
        assert!(output.status.success(), "import failed");
        read_ppm(&output.stdout).expect("import writes good pictures")
    }

    /// Keeps a picture for people to look at.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn keep(&self, shot: &RgbImage, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(format!("{name}.png"));
        shot.save(&path).expect("target is writable");
        path
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn runtime_folder() -> TempDir {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let folder = tempfile::Builder::new()
        .prefix("breeze-screen-")
        .permissions(mode)
        .tempdir();
    folder.expect("the temporary folder is writable")
}

/// Binary PPM: no compression, so that a shot is quick; `image` is built without it.
fn read_ppm(bytes: &[u8]) -> Option<RgbImage> {
    let mut at = 0;
    let mut words = Vec::new();
    while words.len() < 4 {
        let end = at + bytes.get(at..)?.iter().position(u8::is_ascii_whitespace)?;
        words.push(std::str::from_utf8(&bytes[at..end]).ok()?);
        at = end + 1;
    }
    let (width, height) = (words[1].parse().ok()?, words[2].parse().ok()?);
    RgbImage::from_raw(width, height, bytes[at..].to_vec()).filter(|_| words[0] == "P6" && words[3] == "255")
}
