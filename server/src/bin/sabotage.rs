//! `breeze-server-sabotage`: the same program with one promise broken, named in `BREEZE_FAULT`. Never packaged.

use breeze_server::cli;
use breeze_server::fault::Fault;
use std::process::ExitCode;

fn main() -> ExitCode {
    let named = std::env::var("BREEZE_FAULT").unwrap_or_default();
    match Fault::from_name(&named) {
        Some(fault) => cli::main(fault),
        None => {
            eprintln!(
                "breeze-server-sabotage: set BREEZE_FAULT to a switch of server/src/fault.rs, not {named:?}"
            );
            ExitCode::FAILURE
        }
    }
}
