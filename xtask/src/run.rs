//! `cargo xtask run`: builds app and server side by side and opens the app.

use crate::shell::{self, Fail};
use crate::times;
use std::process::Command;
use std::time::Instant;

/// Builds `breeze` and `breeze-server`, then starts the app with whatever arguments follow.
pub(crate) fn run(args: &[String]) -> Result<(), Fail> {
    if !has_display(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return Err(Fail::usage(
            "there is no screen here (neither WAYLAND_DISPLAY nor DISPLAY is set): \
             start this from a desktop session, or watch `cargo xtask demo`, which brings its own screen.",
        ));
    }
    build(&[])?;
    println!("Opening Breeze.");
    shell::run(Command::new(shell::release_binary("breeze")).args(args))
}

/// Builds the two programs of the product, and with them the named tools, in one go. Alone they are built as they ship;
/// with tools as the tests build them, or each would compile every dependency again in other features.
pub(crate) fn build(tools: &[&str]) -> Result<(), Fail> {
    let (name, which): (_, &[&str]) = if tools.is_empty() {
        (
            "build the programs",
            &["-p", "breeze-desktop", "-p", "breeze-server"],
        )
    } else {
        ("build the programs and tools", &["--workspace"])
    };
    println!(
        "Building breeze and breeze-server in release ({}).",
        times::expectation(name)
    );
    let start = Instant::now();
    let mut args = vec!["build", "--release"];
    args.extend(which);
    args.extend(["--bin", "breeze", "--bin", "breeze-server"]);
    args.extend(tools.iter().flat_map(|tool| ["--bin", tool]));
    shell::run(&mut shell::cargo(&args))?;
    times::remember(name, start.elapsed());
    println!("Built in {}.", times::spoken(start.elapsed()));
    Ok(())
}

fn has_display(is_set: impl Fn(&str) -> bool) -> bool {
    !cfg!(target_os = "linux") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_kind_of_display_will_do() {
        assert!(has_display(|name| name == "DISPLAY"));
        assert!(has_display(|name| name == "WAYLAND_DISPLAY"));
        assert_eq!(has_display(|_| false), !cfg!(target_os = "linux"));
    }
}
