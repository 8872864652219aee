//! `simulate SEED`: one pretend world, lived through; what came of it in one line. `simulate --seeds N`: many of them, each in
//! a process of its own, since what a process has done before decides how its tables are ordered.

use breeze_server::fault::Fault;
use breeze_tests::simulation::{self, Outcome};
use breeze_tests::world::Chance;
use clap::Parser;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Of worlds with a promise broken on purpose, so many must be flagged, in a hundred.
const CAUGHT_PERCENT: u64 = 80;
/// Flagged worlds that are shown.
const SHOWN: usize = 10;

/// Pretend worlds for messages: the real server and store, devices, networks that break, a server that dies.
#[derive(Parser)]
#[command(version, about)]
struct Words {
    /// The world to live through.
    #[arg(required_unless_present = "seeds", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// How many worlds.
    #[arg(long)]
    seeds: Option<u64>,
    /// The first of them; without it one nobody has tried.
    #[arg(long, requires = "seeds")]
    from: Option<u64>,
    /// The promise to break (server/src/fault.rs); four fifths of the worlds must then be flagged.
    #[arg(long, default_value = "none")]
    fault: String,
}

fn main() -> ExitCode {
    let words = Words::parse();
    let Some(fault) = Fault::from_name(&words.fault) else {
        eprintln!(
            "there is no fault {:?}; server/src/fault.rs names them",
            words.fault
        );
        return ExitCode::from(2);
    };
    match (words.seed, words.seeds) {
        (Some(seed), _) => one(seed, fault),
        (None, Some(count)) => many(
            words.from.unwrap_or_else(Chance::seed),
            count,
            fault,
            &words.fault,
        ),
        (None, None) => ExitCode::from(2),
    }
}

fn one(seed: u64, fault: Fault) -> ExitCode {
    let outcome = simulation::live(seed, fault);
    println!(
        "{}",
        serde_json::to_string(&outcome).expect("numbers and sentences are JSON")
    );
    if outcome.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A world in a process of its own; the sentence says why there is no outcome.
fn apart(seed: u64, fault: &str) -> Result<Outcome, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .args([&seed.to_string(), "--fault", fault])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| format!("it ended with {}", output.status))
}

fn many(from: u64, count: u64, fault: Fault, name: &str) -> ExitCode {
    let next = AtomicU64::new(0);
    let (sum, flagged) = (Mutex::new(Outcome::default()), Mutex::new(Vec::new()));
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        return;
                    }
                    let seed = from.wrapping_add(at);
                    let outcome = apart(seed, name).unwrap_or_else(|why| Outcome {
                        wrong: vec![why],
                        ..Outcome::default()
                    });
                    if let Some(first) = outcome.wrong.first() {
                        let mut flagged = flagged.lock().unwrap_or_else(PoisonError::into_inner);
                        flagged.push((seed, first.clone()));
                    }
                    sum.lock().unwrap_or_else(PoisonError::into_inner).add(&outcome);
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let flagged = flagged.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (seed, first) in flagged.iter().take(SHOWN) {
        println!("simulate {seed} --fault {name}: {first}");
    }
    println!(
        "{count} worlds from seed {from}, fault {name}: {} flagged",
        flagged.len()
    );
    println!("{sum}");
    let caught = flagged.len() as u64 * 100 >= count * CAUGHT_PERCENT;
    let good = match fault {
        Fault::None => flagged.is_empty() && sum.is_evidence(),
        _ => caught,
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
