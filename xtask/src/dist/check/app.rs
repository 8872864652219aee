//! The app's package in a minimal Debian: it comes with what it needs, opens its window, says what is missing, and goes.

use super::{Running, same_files, wait};
use crate::dist::Packages;
use crate::dist::debian_root::DebianRoot;
use crate::dist::screen::Screen;
use crate::shell::{self, Fail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Somebody without any rights.
const GUEST: &str = "guest";
/// Where the app writes a line for each frame, inside.
const FRAMES: &str = "/home/guest/frames";
/// An empty window has few colours; the first page has a gradient and smoothed letters.
const COLOURS_MIN: usize = 100;
/// A cold start in software, on a machine with other work.
const START_MAX: Duration = Duration::from_secs(30);
/// How long a start without a library may take until it has said so, seconds.
const REFUSAL_S: &str = "15";
/// `timeout` ended it: it was running.
const STILL_RUNNING: i32 = 124;
/// What the window opens by name, and the package that must be named when it is missing. Either GL will do.
const LIBRARIES: &[(&[&str], &str)] = &[
    (&["libX11.so.6"], "libx11-6"),
    (&["libX11-xcb.so.1"], "libx11-xcb1"),
    (&["libXcursor.so.1"], "libxcursor1"),
    (&["libXi.so.6"], "libxi6"),
    (&["libxkbcommon-x11.so.0"], "libxkbcommon-x11-0"),
    (&["libxkbcommon.so.0"], "libxkbcommon0"),
    (&["libEGL.so.1", "libGL.so.1"], "libegl1"),
];
/// Without these the window may open all the same; if it does not, it says so.
const EITHER: &[&str] = &["libEGL.so.1", "libGL.so.1"];

/// Installs, starts, breaks, mends and purges.
pub(super) fn check(root: &DebianRoot, packages: &Packages, out: &Path) -> Result<(), Fail> {
    root.read(&["useradd", "--create-home", GUEST])?;
    let before = root.files()?;
    let deb = root.lend(&packages.app)?;
    let wanted = root.apt(&["install", "-s", &deb])?;
    println!("Installing the app's package into the minimal Debian.");
    let said = root.apt(&["install", "--no-install-recommends", &deb])?;
    report("with what it needs", &said);
    report("with what it recommends too (not installed)", &wanted);
    let screen = Screen::start()?;
    let shots = out.join("shots");
    std::fs::create_dir_all(&shots)
        .map_err(|e| Fail::new(format!("{} cannot be made: {e}", shots.display())))?;
    first_frame(root, &screen, &shots.join("first-start.png"))?;
    for program in ["/usr/bin/breeze", "/usr/lib/breeze/breeze-server"] {
        let version = root.read(&[program, "--version"])?;
        println!("ok: {program} is {}", version.trim());
    }
    for (names, package) in LIBRARIES {
        without(root, &screen, names, Some(package))?;
    }
    for name in EITHER {
        without(root, &screen, &[name], None)?;
    }
    root.apt(&["purge", "breeze-im"])?;
    root.apt(&["autoremove", "--purge"])?;
    same_files("purging the app's package", &before, &root.files()?)
}

/// How much apt brings, in its own words.
fn report(what: &str, said: &str) {
    let telling = ["newly installed", "Need to get", "After this operation"];
    let lines = said
        .lines()
        .filter(|line| telling.iter().any(|words| line.contains(words)));
    println!("{what}:");
    lines.for_each(|line| println!("  {line}"));
    let count = said.lines().filter(|line| line.starts_with("Inst ")).count();
    if count > 0 {
        println!("  {count} packages");
    }
}

/// The app as the guest on this screen.
fn start(root: &DebianRoot, screen: &Screen, words: &[&str]) -> Command {
    let mut command = root.command(GUEST, words);
    command
        .env("DISPLAY", &screen.display)
        .env("HOME", "/home/guest")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("BREEZE_TRACE_FRAMES", FRAMES);
    command
}

/// Waits for a painted window, and keeps a picture of it.
fn first_frame(root: &DebianRoot, screen: &Screen, picture: &Path) -> Result<(), Fail> {
    let mut command = start(root, screen, &["breeze"]);
    command.stdout(Stdio::null());
    let app = Running::start(command)?;
    let frames = root.path.join(FRAMES.trim_start_matches('/'));
    let painted = wait("the first frame", START_MAX, || {
        let text = std::fs::read_to_string(&frames).unwrap_or_default();
        text.lines().next().map(str::to_owned)
    })?;
    let colours = wait("a painted window", START_MAX, || {
        screen
            .shot(picture)
            .ok()
            .filter(|colours| *colours >= COLOURS_MIN)
    })?;
    // The first process of a namespace is deaf to TERM; left alive, it would take the next start over.
    app.signal("KILL")?;
    println!(
        "ok: first frame {painted} ms after the start, {colours} colours: {}",
        picture.display()
    );
    Ok(())
}

/// Starts the app while some libraries are away: it must say which package is missing, in words.
/// With no package named, it may also open its window with what is left.
fn without(root: &DebianRoot, screen: &Screen, names: &[&str], package: Option<&str>) -> Result<(), Fail> {
    let hidden = hide(root, names)?;
    root.read(&["ldconfig"])?;
    let output = start(root, screen, &["timeout", REFUSAL_S, "breeze"]).output();
    for (from, to) in &hidden {
        std::fs::rename(to, from).map_err(|e| Fail::new(format!("{} is lost: {e}", from.display())))?;
    }
    root.read(&["ldconfig"])?;
    let output = output.map_err(|e| Fail::usage(format!("unshare cannot be started: {e}")))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (names, runs) = (names.join(" and "), output.status.code() == Some(STILL_RUNNING));
    if package.is_none() && runs {
        println!("ok: without {names} the window opens all the same");
        return Ok(());
    }
    let in_words = !runs && !output.status.success() && !said.contains("panicked");
    if in_words && said.contains(package.unwrap_or("Breeze")) {
        println!("ok: without {names} it says: {}", said.trim());
        return Ok(());
    }
    Err(Fail::new(format!(
        "without {names} it must name {package:?} in words and end; it {} and said:\n{said}",
        if runs {
            "ran on".to_owned()
        } else {
            format!("ended ({})", output.status)
        }
    )))
}

/// Moves the libraries out of the loader's sight; from where to where.
fn hide(root: &DebianRoot, names: &[&str]) -> Result<Vec<(PathBuf, PathBuf)>, Fail> {
    let mut hidden = Vec::new();
    for name in names {
        let mut find = Command::new("find");
        find.arg(root.path.join("usr/lib"))
            .args(["-name", &format!("{name}*")]);
        for from in shell::read(&mut find)?.lines().map(PathBuf::from) {
            let to = root.path.join("srv").join(from.file_name().unwrap_or_default());
            std::fs::rename(&from, &to)
                .map_err(|e| Fail::new(format!("{} cannot be moved: {e}", from.display())))?;
            hidden.push((from, to));
        }
    }
    if hidden.is_empty() {
        return Err(Fail::new(format!(
            "the minimal Debian has no {}",
            names.join(" or ")
        )));
    }
    Ok(hidden)
}
