//! Running other programs: where the repository is, how a command is started, and what a failure looks like.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a running step is looked at to see whether it has ended.
const POLL: Duration = Duration::from_millis(100);

/// Why a command stops: one sentence for the person and the exit code for a script.
#[derive(Debug)]
pub(crate) struct Fail {
    /// 1 = something is wrong with the tree, 2 = something is missing on this machine or in the call.
    pub(crate) code: u8,
    /// One sentence that says what to do; empty when everything has been said already.
    pub(crate) text: String,
}

impl Fail {
    /// The tree is wrong.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            code: 1,
            text: text.into(),
        }
    }

    /// The machine lacks something, or the call was wrong.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self {
            code: 2,
            text: text.into(),
        }
    }
}

/// The repository's root: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .map_or_else(|| here.to_path_buf(), Path::to_path_buf)
}

/// Where cargo puts its output.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The path of a program built with the release profile.
pub(crate) fn release_binary(name: &str) -> PathBuf {
    target()
        .join("release")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A `cargo` command at the root of the repository.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// The command as a person would type it.
pub(crate) fn spoken(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
}

/// Runs the command with this terminal; anything but success is a failure.
pub(crate) fn run(command: &mut Command) -> Result<(), Fail> {
    run_until(command, None)
}

/// Like [`run`], but ends the command and everything below it at `deadline`.
pub(crate) fn run_until(command: &mut Command, deadline: Option<Instant>) -> Result<(), Fail> {
    let words = spoken(command);
    let mut child = command
        .spawn()
        .map_err(|e| Fail::usage(format!("could not start `{words}`: {e}")))?;
    loop {
        let state = child
            .try_wait()
            .map_err(|e| Fail::new(format!("lost sight of `{words}`: {e}")))?;
        if let Some(status) = state {
            return if status.success() {
                Ok(())
            } else {
                Err(Fail::new(format!("`{words}` failed ({status})")))
            };
        }
        if deadline.is_some_and(|end| Instant::now() >= end) {
            end_tree(child.id());
            let _ = child.wait();
            return Err(Fail::new(format!(
                "`{words}` was stopped: the time for the whole run is over"
            )));
        }
        std::thread::sleep(POLL);
    }
}

/// Runs the command and hands back what it printed; its complaints go to this terminal.
pub(crate) fn read(command: &mut Command) -> Result<String, Fail> {
    let words = spoken(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| Fail::usage(format!("could not start `{words}`: {e}")))?;
    if !output.status.success() {
        return Err(Fail::new(format!("`{words}` failed ({})", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What cargo knows about the workspace.
pub(crate) fn metadata(args: &[&str]) -> Result<Value, Fail> {
    let text = read(cargo(&["metadata", "--format-version", "1"]).args(args))?;
    serde_json::from_str(&text).map_err(|e| Fail::new(format!("cargo metadata cannot be read: {e}")))
}

/// Runs the command silently and says whether it succeeded.
pub(crate) fn quiet(command: &mut Command) -> bool {
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// Whether a program of this name is on the PATH.
pub(crate) fn on_path(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(sbin)
        .any(|dir| dir.join(program).is_file())
}

/// Ends a process and all its descendants.
fn end_tree(pid: u32) {
    let mut pids = vec![pid];
    let mut next = 0;
    while let Some(&parent) = pids.get(next) {
        pids.extend(children(parent));
        next += 1;
    }
    for pid in pids {
        quiet(Command::new("kill").args(["-9", &pid.to_string()]));
    }
}

/// The processes a process has started (Linux keeps the list under /proc).
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|n| n.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_over_its_time_is_ended_with_its_children() {
        let start = Instant::now();
        let deadline = start + Duration::from_millis(200);
        let end = run_until(
            Command::new("sh").args(["-c", "tail -f /dev/null; true"]),
            Some(deadline),
        );
        assert!(end.unwrap_err().text.contains("was stopped"));
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn spoken_shows_what_a_person_would_type() {
        assert_eq!(
            spoken(Command::new("/usr/bin/cargo").args(["fmt", "--all"])),
            "cargo fmt --all"
        );
    }
}
