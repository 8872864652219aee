//! The programs that go into the packages: built with a profile, or taken as they lie there, then stripped.

use crate::shell::{self, Fail};
use crate::times;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Most bytes of the app and of the server that we allow ourselves, built as a release.
const AIMS: [(&str, u64); 2] = [("breeze", 20 * MIB), ("breeze-server", 8 * MIB)];
const MIB: u64 = 1024 * 1024;

/// Where the stripped programs and the generated pages are.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The app.
    pub(crate) app: PathBuf,
    /// The server.
    pub(crate) server: PathBuf,
    /// Manual pages and completions.
    pub(crate) pages: PathBuf,
}

impl Programs {
    /// Builds them with a cargo profile, unless they are to be taken as they are, and strips copies below `into`.
    pub(crate) fn make(profile: &str, as_built: bool, into: &Path) -> Result<Self, Fail> {
        if !as_built {
            build(profile)?;
        }
        let folder = shell::target().join(profile);
        std::fs::create_dir_all(into)
            .map_err(|e| Fail::new(format!("{} cannot be made: {e}", into.display())))?;
        let strip = |name: &str| {
            let to = into.join(name);
            let mut strip = Command::new("strip");
            strip.arg("-o").arg(&to).arg(folder.join(name));
            shell::run(&mut strip).map(|()| to)
        };
        Ok(Self {
            app: strip("breeze")?,
            server: strip("breeze-server")?,
            pages: pages(&into.join("pages"))?,
        })
    }

    /// The sizes as a table; whether one is above its aim.
    pub(crate) fn sizes(&self) -> (String, bool) {
        let (mut text, mut over) = (String::new(), false);
        for (path, (name, aim)) in [&self.app, &self.server].into_iter().zip(AIMS) {
            let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
            text += &line(name, bytes, aim);
            over |= bytes > aim;
        }
        (text, over)
    }
}

/// One line of the table of sizes.
pub(crate) fn line(name: &str, bytes: u64, aim: u64) -> String {
    format!(
        "  {name:<44} {bytes:>10} bytes  {:>5.1} MiB  (aim {:.0})\n",
        mib(bytes),
        mib(aim)
    )
}

fn build(profile: &str) -> Result<(), Fail> {
    let name = format!("packages ({profile})");
    println!(
        "Building the programs with the profile {profile} ({}).",
        times::expectation(&name)
    );
    let start = Instant::now();
    let mut args = vec!["build", "--profile", profile];
    args.extend(["-p", "breeze-desktop", "-p", "breeze-server"]);
    args.extend(["--bin", "breeze", "--bin", "breeze-server"]);
    shell::run(&mut shell::cargo(&args))?;
    // The pages come from the same sources; nobody waits for their speed.
    let mut pages = vec!["build", "--release", "--workspace"];
    pages.extend(PAGES.iter().flat_map(|name| ["--example", *name]));
    shell::run(&mut shell::cargo(&pages))?;
    times::remember(&name, start.elapsed());
    println!("Built in {}.", times::spoken(start.elapsed()));
    Ok(())
}

/// The programs that know the command lines.
const PAGES: [&str; 2] = ["breeze-pages", "breeze-server-pages"];

/// Manual pages and completions, made twice: what differs from one run to the next would differ from one builder to the next.
fn pages(into: &Path) -> Result<PathBuf, Fail> {
    let again = into.with_extension("again");
    for folder in [into, &again] {
        let _ = std::fs::remove_dir_all(folder);
        for name in PAGES {
            let program = shell::target().join("release").join("examples").join(name);
            shell::run(Command::new(program).arg(folder))?;
        }
    }
    shell::run(Command::new("diff").arg("-r").arg(into).arg(&again))?;
    Ok(into.to_owned())
}

fn mib(bytes: u64) -> f64 {
    let tenths = u32::try_from(bytes * 10 / MIB).unwrap_or(u32::MAX);
    f64::from(tenths) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_mebibytes_beside_their_aim() {
        let text = line("breeze", 15 * MIB + 600 * 1024, 20 * MIB);
        assert!(
            text.contains("15.5 MiB") && text.trim_end().ends_with("(aim 20)"),
            "{text}"
        );
    }
}
