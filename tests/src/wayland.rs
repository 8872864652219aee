//! A Wayland compositor without a screen: sway drawing into memory, with a keyboard, a clipboard, eyes and a list of windows.

use crate::wait;
use image::RgbImage;
use rustix::fs::{Gid, Uid, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Whom the compositor runs as when the tests run as root, which it refuses to.
const NOBODY: u32 = 65534;
const CONFIG: &str = "output HEADLESS-1 resolution 1280x800\ndefault_border normal\nxwayland disable\n";

/// The compositor; dies when dropped.
pub struct Compositor {
    runtime: TempDir,
    display: String,
    child: Child,
}

/// A window as the compositor knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its title.
    pub title: String,
    /// What the program calls itself.
    pub app: String,
    /// Who draws the title bar: `normal` is the compositor, `csd` the program.
    pub border: String,
}

impl Compositor {
    /// Starts one.
    ///
    /// # Panics
    /// When sway is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let runtime = tempfile::Builder::new()
            .prefix("breeze-wayland-")
            .permissions(mode)
            .tempdir()
            .expect("the temporary folder is writable");
        std::fs::write(runtime.path().join("config"), CONFIG).expect("it is");
        let mut command = if rustix::process::getuid().is_root() {
            let whom = (Some(Uid::from_raw(NOBODY)), Some(Gid::from_raw(NOBODY)));
            chown(runtime.path(), whom.0, whom.1).expect("root may give folders away");
            let id = NOBODY.to_string();
            let mut command = Command::new("setpriv");
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups", "sway"]);
            command
        } else {
            Command::new("sway")
        };
        command
            .arg("--config")
            .arg(runtime.path().join("config"))
            .env("XDG_RUNTIME_DIR", runtime.path())
            .env("HOME", runtime.path())
            .env("WLR_BACKENDS", "headless")
            .env("WLR_RENDERER", "pixman")
            .env("WLR_LIBINPUT_NO_DEVICES", "1")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().expect("sway is installed: apt-get install sway");
        let display = wait::until_blocking("the compositor", Duration::from_secs(20), || {
            found(runtime.path(), |name| {
                name.starts_with("wayland-") && !name.ends_with("lock")
            })
            .filter(|_| found(runtime.path(), |name| name.starts_with("sway-ipc")).is_some())
        });
        Self {
            runtime,
            display,
            child,
        }
    }

    /// Gives a program this screen and no other.
    pub fn dress(&self, command: &mut Command) {
        let socket = found(self.runtime.path(), |name| name.starts_with("sway-ipc"));
        command
            .env_remove("DISPLAY")
            .env("WAYLAND_DISPLAY", &self.display)
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .env("SWAYSOCK", self.runtime.path().join(socket.unwrap_or_default()));
    }

    /// A program of the compositor's, and what it prints.
    ///
    /// # Panics
    /// When it fails.
    fn output(&self, program: &str, words: &[&str]) -> Vec<u8> {
        let mut command = Command::new(program);
        self.dress(&mut command);
        let output = command
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .unwrap_or_else(|error| {
                panic!("{program}: {error}: apt-get install sway grim wtype wl-clipboard")
            });
        assert!(output.status.success(), "{program} {words:?} failed");
        output.stdout
    }

    /// The windows of a process.
    ///
    /// # Panics
    /// When the compositor does not say.
    #[must_use]
    pub fn windows_of(&self, pid: u32) -> Vec<Shown> {
        let tree = self.output("swaymsg", &["-t", "get_tree", "--raw"]);
        let tree: serde_json::Value = serde_json::from_slice(&tree).expect("sway speaks JSON");
        let mut found = Vec::new();
        gather(&tree, pid, &mut found);
        found
    }

    /// Asks the windows of a process to close, as their button does.
    pub fn close(&self, pid: u32) {
        self.output("swaymsg", &[&format!("[pid={pid}] kill")]);
    }

    /// Goes to a workspace with nothing on it.
    pub fn leave(&self) {
        self.output("swaymsg", &["workspace", "empty"]);
    }

    /// Presses keys and types, in the words of `wtype`. One keyboard for all of it: it is plugged in and out again.
    pub fn keys(&self, words: &[&str]) {
        // A program needs a moment to take up a keyboard that has just been plugged in.
        self.output("wtype", &[&["-s", "700"], words, &["-s", "300"]].concat());
    }

    /// Puts a text on the clipboard.
    pub fn copy(&self, text: &str) {
        self.output("wl-copy", &[text]);
    }

    /// What is on the clipboard.
    #[must_use]
    pub fn clipboard(&self) -> String {
        let text = self.output("wl-paste", &["--no-newline"]);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// What the screen shows.
    ///
    /// # Panics
    /// When `grim` fails.
    #[must_use]
    pub fn shot(&self) -> RgbImage {
        let png = self.output("grim", &["-t", "png", "-"]);
        image::load_from_memory(&png)
            .expect("grim writes good pictures")
            .into_rgb8()
    }

    /// Keeps a picture for people to look at.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn keep(&self, name: &str) -> PathBuf {
        let path = crate::programs::picture_folder("desktop-shots").join(format!("{name}.png"));
        self.shot().save(&path).expect("target is writable");
        path
    }
}

impl Drop for Compositor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn found(folder: &Path, fits: impl Fn(&str) -> bool) -> Option<String> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut names = entries
        .flatten()
        .map(|it| it.file_name().to_string_lossy().into_owned());
    names.find(|name| fits(name))
}

fn gather(node: &serde_json::Value, pid: u32, found: &mut Vec<Shown>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    if node["pid"].as_u64() == Some(u64::from(pid)) && node["app_id"].is_string() {
        found.push(Shown {
            title: text("name"),
            app: text("app_id"),
            border: text("border"),
        });
    }
    for list in ["nodes", "floating_nodes"] {
        for child in node[list].as_array().into_iter().flatten() {
            gather(child, pid, found);
        }
    }
}
