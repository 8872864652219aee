//! `breeze-server`: the program. Everything is in the library, so that tests and the sabotage binary run the same.

use breeze_server::cli;
use breeze_server::fault::Fault;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(Fault::None)
}
