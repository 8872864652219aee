//! `cargo xtask bench` and `cargo xtask simulate`: the programs beside the tests, built in release and run.

use crate::run;
use crate::shell::{self, Fail};
use std::process::Command;

/// Runs the load program, which prints one table and stops.
pub(crate) fn bench(args: &[String]) -> Result<(), Fail> {
    built("storm", args)
}

/// Lives through pretend worlds, each in a process of its own.
pub(crate) fn simulate(args: &[String]) -> Result<(), Fail> {
    built("simulate", args)
}

fn built(program: &str, args: &[String]) -> Result<(), Fail> {
    run::build(&[program])?;
    let mut command = Command::new(shell::release_binary(program));
    command.args(args).current_dir(shell::root());
    println!("$ {}", shell::spoken(&command));
    shell::run(&mut command)
}
