//! Starting the hosted server with the system: a unit of the person's own systemd, and `systemctl --user`.
//!
//! Everything here may wait, and is called on the hosting thread only; `systemctl` gets a limit each time.

use crate::model::hosting::Autostart;
use crate::words::{tr, tr_with};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The unit's name.
const UNIT: &str = "breeze-server.service";
/// Whether there is a systemd at all is asked this long, milliseconds.
const ASK_MAX_MS: u64 = 2000;
/// Starting and stopping a server may take this long.
const ACT_MAX_MS: u64 = 15_000;
/// How often the command is looked at.
const AGAIN: Duration = Duration::from_millis(10);
/// Of what it complains about, bytes.
const COMPLAINT_BYTES_MAX: u64 = 4096;

/// Whether the server of this folder starts with the system. Looks at files only.
#[must_use]
pub fn is_on(folder: &Path) -> bool {
    let wanted = units().map(|units| units.join("default.target.wants").join(UNIT));
    wanted.is_some_and(|link| link.symlink_metadata().is_ok()) && ours(folder) == Some(true)
}

/// The same, and whether it could.
#[must_use]
pub fn state(folder: &Path) -> Autostart {
    if ours(folder) == Some(false) {
        return Autostart::Cannot(tr("autostart-other"));
    }
    // It answers with a word for its state, also for "degraded"; what it cannot reach it calls "offline", or complains.
    match run(&["is-system-running"], ASK_MAX_MS) {
        Ok(said) if !matches!(said.trim(), "offline" | "unknown" | "") => {}
        Ok(_) | Err(_) => return Autostart::Cannot(tr("autostart-none")),
    }
    if is_on(folder) {
        Autostart::On
    } else {
        Autostart::Off
    }
}

/// Writes the unit and lets systemd read it.
///
/// # Errors
/// In words.
pub fn write(program: &Path, folder: &Path) -> Result<(), String> {
    if ours(folder) == Some(false) {
        return Err(tr("autostart-other"));
    }
    let units = units().ok_or_else(|| tr("autostart-none"))?;
    let failed = |error: std::io::Error| tr_with("autostart-failed", &[("why", error.to_string().into())]);
    std::fs::create_dir_all(&units).map_err(failed)?;
    std::fs::write(units.join(UNIT), unit(program, folder)).map_err(failed)?;
    act(&["daemon-reload"])
}

/// Starts the server now and with the system.
///
/// # Errors
/// In words; the unit is gone again then.
pub fn enable() -> Result<(), String> {
    act(&["enable", "--now", UNIT]).inspect_err(|_| drop(disable()))
}

/// Stops it, and it no longer starts with the system.
///
/// # Errors
/// In words.
pub fn disable() -> Result<(), String> {
    let disabled = act(&["disable", "--now", UNIT]);
    if let Some(units) = units() {
        // A file that stays behind is not read once it is disabled, and replaced the next time.
        drop(std::fs::remove_file(units.join(UNIT)));
    }
    drop(act(&["daemon-reload"]));
    disabled
}

/// Starts it through the system, which has it already if it runs.
///
/// # Errors
/// In words.
pub fn start() -> Result<(), String> {
    act(&["start", UNIT])
}

fn units() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.config_dir().join("systemd/user"))
}

/// Whether the unit that is there is for this folder; `None` when there is none.
fn ours(folder: &Path) -> Option<bool> {
    let text = std::fs::read_to_string(units()?.join(UNIT)).ok()?;
    Some(text.contains(&format!("--data {}\n", quoted(folder))))
}

fn unit(program: &Path, folder: &Path) -> String {
    format!(
        "[Unit]\n\
         Description=Breeze server of this user, hosted from the app\n\
         \n\
         [Service]\n\
         ExecStart={} --data {}\n\
         Restart=on-failure\n\
         RestartSec=2\n\
         NoNewPrivileges=yes\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        quoted(program),
        quoted(folder)
    )
}

/// A path as systemd reads it back: in quotes, without its own signs having a meaning.
fn quoted(path: &Path) -> String {
    let mut text = String::from("\"");
    for c in path.to_string_lossy().chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '%' => text.push_str("%%"),
            '$' => text.push_str("$$"),
            c => text.push(c),
        }
    }
    text + "\""
}

fn act(words: &[&str]) -> Result<(), String> {
    run(words, ACT_MAX_MS).map(drop)
}

/// Runs `systemctl --user` within a limit; what it said, or why not, in words.
fn run(words: &[&str], limit_ms: u64) -> Result<String, String> {
    let failed = |why: String| tr_with("autostart-failed", &[("why", why.into())]);
    let mut child = Command::new("systemctl")
        .args(["--user", "--no-pager", "--no-ask-password"])
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let deadline = super::mono_ms() + limit_ms;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if super::mono_ms() < deadline => std::thread::sleep(AGAIN),
            _ => {
                drop(child.kill());
                drop(child.wait());
                return Err(failed(tr("autostart-slow")));
            }
        }
    };
    let said = child.stdout.take().map(read).unwrap_or_default();
    let complaint = child.stderr.take().map(read).unwrap_or_default();
    // "degraded" and "starting" are answers as well, though they come with a failure.
    if status.success() || (words == ["is-system-running"] && complaint.trim().is_empty()) {
        return Ok(said);
    }
    let why = complaint.lines().next().unwrap_or_default().trim().to_owned();
    Err(failed(if why.is_empty() { status.to_string() } else { why }))
}

fn read(stream: impl Read) -> String {
    let mut text = String::new();
    // What is no text is no complaint a person could read.
    drop(stream.take(COMPLAINT_BYTES_MAX).read_to_string(&mut text));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_signs_to_itself() {
        let unit = unit(
            Path::new("/opt/a b/breeze-server"),
            Path::new("/home/u/100% \"mine\"$x"),
        );
        assert!(
            unit.contains("ExecStart=\"/opt/a b/breeze-server\" --data \"/home/u/100%% \\\"mine\\\"$$x\"\n"),
            "{unit}"
        );
        assert!(unit.contains("WantedBy=default.target"), "{unit}");
    }
}
