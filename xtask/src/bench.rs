//! `cargo xtask bench`: builds everything in release and runs the load program, which prints one table and stops.

use crate::run;
use crate::shell::{self, Fail};
use std::process::Command;

/// Runs `storm` with the arguments given.
pub(crate) fn bench(args: &[String]) -> Result<(), Fail> {
    run::build(&["-p", "breeze-tests", "--bin", "storm"])?;
    let mut command = Command::new(shell::release_binary("storm"));
    command.args(args).current_dir(shell::root());
    println!("$ {}", shell::spoken(&command));
    shell::run(&mut command)
}
