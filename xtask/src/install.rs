//! What the demonstration and the tests need from the system, and how it gets there: nothing is touched when all is present.

use crate::shell::{self, Fail};
use std::io::{BufRead, IsTerminal, Write};
use std::process::Command;

/// Who asks: the demonstration needs less than the tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Real windows on a private screen.
    Demo,
    /// The same, and pictures without a window, and a network that can be cut.
    Test,
}

/// Opened by the window at run time, so no linker would report them missing.
const WINDOW: &[&str] = &[
    "libx11-6",
    "libxcursor1",
    "libxi6",
    "libx11-xcb1",
    "libxkbcommon-x11-0",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libwayland-client0",
    "libwayland-egl1",
    "fonts-noto-core",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
];
/// A private screen, a window manager on it, hands and eyes.
const SCREEN: &[&str] = &[
    "xvfb",
    "xdotool",
    "imagemagick",
    "openbox",
    "dbus-x11",
    "x11-utils",
];
/// A Vulkan in software for pictures of widgets; a network that can be cut; a private bus; a Wayland compositor without a
/// screen, with a keyboard, a clipboard and eyes; a wall clock that can be set; what makes syncs fail and tells what was
/// written.
const TESTS: &[&str] = &[
    "mesa-vulkan-drivers",
    "libvulkan1",
    "iproute2",
    "iptables",
    "dbus-daemon",
    "sway",
    "grim",
    "wtype",
    "wl-clipboard",
    "faketime",
    "strace",
];
/// What makes packages, judges them, and makes the minimal system they are installed into.
const PACKAGES: &[&str] = &[
    "binutils",
    "xz-utils",
    "mmdebstrap",
    "desktop-file-utils",
    "appstream",
    "systemd",
    "lintian",
    "nsis",
    "libplist-utils",
];
/// Programs that stand for the packages on systems without apt.
const SCREEN_PROGRAMS: &[&str] = &[
    "Xvfb",
    "xdotool",
    "import",
    "openbox",
    "dbus-run-session",
    "xwininfo",
];
const TEST_PROGRAMS: &[&str] = &[
    "ip",
    "iptables",
    "dbus-daemon",
    "sway",
    "swaymsg",
    "grim",
    "wtype",
    "wl-copy",
    "faketime",
    "strace",
];

/// Runs as root. Nothing that is installed may start by itself (policy-rc.d answers 101), and the answer that was
/// there before comes back however this ends. Each apt call is tried twice: mirrors stumble.
const SCRIPT: &str = r#"
set -u
policy=/usr/sbin/policy-rc.d
if [ -e "$policy" ] && [ ! -e "$policy.breeze" ]; then mv "$policy" "$policy.breeze"; fi
restore() { rm -f "$policy"; if [ -e "$policy.breeze" ]; then mv "$policy.breeze" "$policy"; fi; }
trap restore EXIT
trap 'exit 130' INT TERM
printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" || exit 1
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -o DPkg::Lock::Timeout=120 "$@"; }
apt update || apt update || echo "apt-get update failed twice; trying with the lists that are here" >&2
apt -y --no-install-recommends install "$@" || apt -y --no-install-recommends install "$@"
"#;

/// Makes sure everything wanted is there, or says exactly what is missing.
pub(crate) fn install(wanted: Wanted) -> Result<(), Fail> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !shell::on_path("apt-get") || !shell::on_path("dpkg-query") {
        return without_apt(wanted);
    }
    let missing = missing(&packages(wanted), &installed(&packages(wanted)));
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this system: {}", missing.join(" "));
    if is_root() {
        return as_root(Command::new("sh"), &missing);
    }
    let line = format!(
        "sudo apt-get install --no-install-recommends {}",
        missing.join(" ")
    );
    if !(shell::on_path("sudo") && ask(&format!("Install with sudo now? It runs `{line}` [y/N] "))) {
        return Err(Fail::usage(format!(
            "install these first, then start again:\n  {line}"
        )));
    }
    let mut sudo = Command::new("sudo");
    sudo.arg("sh");
    as_root(sudo, &missing)
}

fn as_root(mut shell_command: Command, packages: &[&str]) -> Result<(), Fail> {
    println!("Installing with apt (no service is started).");
    shell_command
        .args(["-c", SCRIPT, "breeze-install"])
        .args(packages);
    shell::run(&mut shell_command).map_err(|_| {
        Fail::usage(format!(
            "apt could not install: {}. Its own words are above.",
            packages.join(" ")
        ))
    })
}

fn packages(wanted: Wanted) -> Vec<&'static str> {
    let tests: &[&[&str]] = if wanted == Wanted::Test {
        &[TESTS, PACKAGES]
    } else {
        &[]
    };
    [&[WINDOW, SCREEN], tests].concat().concat()
}

/// What dpkg reports, one `name status` line per package it knows.
fn installed(packages: &[&str]) -> String {
    let mut query = Command::new("dpkg-query");
    query
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(packages);
    // It fails when one is unknown, and still prints the others.
    query
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}

fn missing<'a>(packages: &[&'a str], report: &str) -> Vec<&'a str> {
    let there = |name: &str| report.lines().any(|line| line == format!("{name} installed"));
    packages.iter().copied().filter(|name| !there(name)).collect()
}

fn without_apt(wanted: Wanted) -> Result<(), Fail> {
    let tests: &[&str] = if wanted == Wanted::Test {
        TEST_PROGRAMS
    } else {
        &[]
    };
    let programs = [SCREEN_PROGRAMS, tests].concat();
    let missing: Vec<_> = programs
        .into_iter()
        .filter(|name| !shell::on_path(name))
        .collect();
    println!(
        "No apt here. What is needed, under Debian's names: {}",
        packages(wanted).join(" ")
    );
    if missing.is_empty() {
        return Ok(());
    }
    Err(Fail::usage(format!(
        "install these programs first, then start again: {}",
        missing.join(" ")
    )))
}

fn is_root() -> bool {
    shell::read(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}

fn ask(question: &str) -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return false;
    }
    print!("{question}");
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("y")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_really_installed_counts() {
        let report = "xvfb installed\nopenbox config-files\n";
        assert_eq!(
            missing(&["xvfb", "openbox", "xdotool"], report),
            ["openbox", "xdotool"]
        );
        assert!(missing(&["xvfb"], report).is_empty());
    }

    #[test]
    fn the_demo_wants_no_firewall() {
        assert!(!packages(Wanted::Demo).contains(&"iptables"));
        assert!(packages(Wanted::Test).contains(&"iptables"));
    }

    #[test]
    fn the_script_is_lawful_shell() {
        assert!(shell::quiet(Command::new("sh").args(["-n", "-c", SCRIPT])));
    }
}
