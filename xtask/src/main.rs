//! The commands of the README: one file per command, dispatched here.

mod bench;
mod campaign;
mod demo;
#[cfg(unix)]
mod dist;
mod fuzz;
mod icons;
mod install;
mod run;
mod shell;
mod steps;
mod test;
mod tidy;
mod times;
mod tour;

use shell::Fail;
use std::process::ExitCode;

const HELP: &str = "\
Breeze's commands, all of them in one place:

  cargo xtask run                     build app and server, open the app
  cargo xtask demo                    watch two windows and a server at work; pictures in target/demo/
  cargo xtask test [--only STEP]      everything that must pass; --list names the steps
  cargo xtask tidy [--bless]          the walls; --bless writes the wire's fingerprint into docs/protocol.md
  cargo xtask bench [ARGS..]          build in release and run the load program (storm) with ARGS
  cargo xtask campaign NAME --count N one fault test, N rounds (for example: campaign f1 --count 10000)
  cargo xtask simulate --seeds N      N pretend worlds in which everything breaks (for example: simulate --seeds 5000)
  cargo xtask fuzz                    hostile bytes against the wire for 60 seconds
  cargo xtask tour [demo] [tour] [walk]   make the pictures of README.md and docs/tour anew
  cargo xtask icons                   draw the icon's sizes and formats anew from assets/icon.svg
  cargo xtask dist [--check]          the packages of a release, and their sizes; --check installs and removes them
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => {
            if !fail.text.is_empty() {
                eprintln!("xtask: {}", fail.text);
            }
            ExitCode::from(fail.code)
        }
    }
}

fn dispatch(args: &[String]) -> Result<(), Fail> {
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", args),
    };
    match command {
        "run" => run::run(rest),
        "demo" => demo::demo(rest),
        "test" => test::test(rest),
        "tidy" => tidy::tidy(rest),
        "bench" => bench::bench(rest),
        "simulate" => bench::simulate(rest),
        "campaign" => campaign::campaign(rest),
        "fuzz" => fuzz::fuzz(rest),
        "tour" => tour::tour(rest),
        "icons" => icons::make(rest),
        #[cfg(unix)]
        "dist" => dist::dist(rest),
        #[cfg(not(unix))]
        "dist" => Err(Fail::usage(
            "packages are made on Linux; packaging/windows says what to do here",
        )),
        "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Fail::usage(format!(
            "there is no command {other:?}. Try: cargo xtask help"
        ))),
    }
}
