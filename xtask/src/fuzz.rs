//! `cargo xtask fuzz`: hostile bytes against the wire. The seeded driver runs on stable; cargo-fuzz needs nightly.

use crate::shell::{self, Fail};
use std::process::Command;

/// How long the seeded driver runs, for each body.
const SECONDS: &str = "60";

/// Says how to run the long fuzzer, then runs the seeded driver.
pub(crate) fn fuzz(args: &[String]) -> Result<(), Fail> {
    if !args.is_empty() {
        return Err(Fail::usage("`cargo xtask fuzz` takes no arguments"));
    }
    if shell::root().join("protocol/fuzz").is_dir() {
        println!("Coverage-guided fuzzing needs nightly Rust and cargo-fuzz, and runs outside this command:");
        println!("  cargo install cargo-fuzz");
        println!("  cd protocol && cargo +nightly fuzz list && cargo +nightly fuzz run TARGET");
    }
    println!("Running the seeded driver on stable for {SECONDS} seconds.");
    shell::run(&mut seeded())
}

/// The seeded driver: every body for the whole time, all side by side, each seed printed. A step of `cargo xtask test`.
pub(crate) fn seeded() -> Command {
    let words = "test --release --workspace --test hostile -- --nocapture --test-threads=8";
    let mut command = shell::cargo(&words.split(' ').collect::<Vec<_>>());
    command.env("BREEZE_FUZZ_SECONDS", SECONDS);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeded_driver_gets_its_minute_and_says_its_seeds() {
        let command = seeded();
        let time = command
            .get_envs()
            .find(|(name, _)| *name == "BREEZE_FUZZ_SECONDS");
        assert_eq!(time.and_then(|(_, value)| value?.to_str()), Some("60"));
        assert!(command.get_args().any(|word| word == "--nocapture"));
    }
}
