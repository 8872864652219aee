//! `cargo xtask fuzz`: hostile bytes against the wire. The seeded driver runs on stable; cargo-fuzz needs nightly.

use crate::shell::{self, Fail};

/// How long the seeded driver runs.
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
    let mut command = shell::cargo(&["test", "--release", "-p", "breeze-protocol", "--test", "hostile"]);
    shell::run(command.env("BREEZE_FUZZ_SECONDS", SECONDS))
}
