//! What must hold for the packages: that the system's own checkers pass them, and that they come, work and go cleanly.

mod app;
mod service;
mod texts;

use super::Packages;
use super::deb::Facts;
use super::debian_root::DebianRoot;
use super::programs::Programs;
use crate::shell::{self, Fail};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const STEP: Duration = Duration::from_millis(50);

/// Every check. What cannot be done here is a failure where a failure is noticed, under `CI`, and a sentence elsewhere.
pub(super) fn all(packages: &Packages, programs: &Programs, facts: &Facts, out: &Path) -> Result<(), Fail> {
    texts::check(packages, facts, out)?;
    same_bytes(packages, programs, facts, out)?;
    if shell::read(Command::new("id").arg("-u"))?.trim() != "0" {
        let words = "installing into a minimal Debian needs root: sudo -E cargo xtask dist --check";
        if std::env::var_os("CI").is_some() {
            return Err(Fail::usage(words));
        }
        println!("NOT CHECKED: {words}");
        return Ok(());
    }
    let root = DebianRoot::fresh(out)?;
    println!("Updating the minimal Debian's lists.");
    root.apt(&["update"])?;
    app::check(&root, packages, out)?;
    service::check(&root, packages)
}

/// Packs the server once more, in another folder: the bytes must be the same.
fn same_bytes(packages: &Packages, programs: &Programs, facts: &Facts, out: &Path) -> Result<(), Fail> {
    let again = out.join("again");
    std::fs::create_dir_all(&again)
        .map_err(|e| Fail::new(format!("{} cannot be made: {e}", again.display())))?;
    let second = super::pack_server(programs, facts, &out.join("stage-again"), &again)?;
    if std::fs::read(&second).ok() != std::fs::read(&packages.server).ok() {
        return Err(Fail::new(format!(
            "packing twice gave different bytes: compare {} with {}",
            second.display(),
            packages.server.display()
        )));
    }
    println!("ok: packing twice gives the same bytes");
    Ok(())
}

/// What is there afterwards and was not before, and the other way round, must be nothing.
fn same_files(what: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Result<(), Fail> {
    let left: Vec<&str> = after.difference(before).map(String::as_str).collect();
    let lost: Vec<&str> = before.difference(after).map(String::as_str).collect();
    if left.is_empty() && lost.is_empty() {
        println!(
            "ok: {what} leaves nothing behind ({} files compared)",
            before.len()
        );
        return Ok(());
    }
    Err(Fail::new(format!(
        "{what} left behind [{}] and took away [{}]",
        left.join(" "),
        lost.join(" ")
    )))
}

/// Looks until there is a value, or says for what it waited in vain.
fn wait<T>(what: &str, within: Duration, mut probe: impl FnMut() -> Option<T>) -> Result<T, Fail> {
    let start = Instant::now();
    loop {
        if let Some(value) = probe() {
            return Ok(value);
        }
        if start.elapsed() > within {
            return Err(Fail::new(format!("waited {within:?} in vain for {what}")));
        }
        std::thread::sleep(STEP);
    }
}

/// A command inside the root, ended when dropped, with all it has started.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Result<Self, Fail> {
        let words = shell::spoken(&command);
        let child = command.spawn();
        child
            .map(Self)
            .map_err(|e| Fail::usage(format!("could not start `{words}`: {e}")))
    }

    /// Sends a signal to the program itself.
    fn signal(&self, name: &str) -> Result<(), Fail> {
        shell::run(Command::new("kill").args(["-s", name, &self.pid()?]))
    }

    /// What another program says beside it: in the same namespaces, where each sees the other's process.
    fn beside(&self, who: &str, words: &[&str]) -> Result<String, Fail> {
        let mut command = Command::new("nsenter");
        command
            .args([
                "--target",
                &self.pid()?,
                "--mount",
                "--pid",
                "--root",
                "--wd",
                "--",
            ])
            .args(["chroot", &format!("--userspec={who}:{who}"), "/"])
            .args(words);
        shell::read(&mut command)
    }

    /// The first process of its namespace, one below `unshare`.
    fn pid(&self) -> Result<String, Fail> {
        let below = shell::children(self.0.id());
        let pid = below.first().map(ToString::to_string);
        pid.ok_or_else(|| Fail::new("the program has ended by itself"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_behind_is_named() {
        let set = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        same_files("x", &set(&["a"]), &set(&["a"])).unwrap();
        let fail = same_files("removing", &set(&["a", "b"]), &set(&["b", "c"])).unwrap_err();
        assert_eq!(fail.text, "removing left behind [c] and took away [a]");
    }
}
