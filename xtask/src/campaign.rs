//! `cargo xtask campaign NAME --count N`: one fault test with many more rounds than the everyday run has.

use crate::shell::{self, Fail};
use crate::times;
use std::time::Instant;

/// The variable from which a fault test learns how many rounds are wanted.
const COUNT: &str = "BREEZE_CAMPAIGN_COUNT";
/// More rounds than anybody has a night for; a typing error beyond that.
const COUNT_MAX: u32 = 1_000_000;

/// Where fault tests are: most with the other faults, some beside what they harm.
const PROGRAMS: [&str; 3] = ["faults", "store", "it"];

/// Runs the fault tests whose name contains NAME, with the count in the environment.
pub(crate) fn campaign(args: &[String]) -> Result<(), Fail> {
    let (name, count) = parse(args)?;
    let key = format!("campaign {name} x{count}");
    println!("{count} rounds of {name} ({}).", times::expectation(&key));
    let start = Instant::now();
    crate::run::build(&["breeze-server-sabotage"])?;
    let mut tests = shell::cargo(&["test", "--release", "--workspace"]);
    tests.args(PROGRAMS.iter().flat_map(|program| ["--test", program]));
    tests.args([&name, "--", "--list"]);
    if !shell::read(&mut tests)?
        .lines()
        .any(|line| line.ends_with(": test"))
    {
        return Err(Fail::usage(format!("no fault test's name contains {name}")));
    }
    let mut command = shell::cargo(&["test", "--release", "--workspace"]);
    command
        .args(PROGRAMS.iter().flat_map(|program| ["--test", program]))
        .args([&name, "--", "--test-threads=1", "--nocapture"])
        .env(COUNT, count.to_string());
    shell::run(&mut command)?;
    times::remember(&key, start.elapsed());
    Ok(())
}

fn parse(args: &[String]) -> Result<(String, u32), Fail> {
    let usage = || Fail::usage("say which and how often: cargo xtask campaign NAME --count N");
    let [name, flag, count] = args else {
        return Err(usage());
    };
    let count: u32 = count.parse().map_err(|_| usage())?;
    if flag != "--count" || name.starts_with('-') {
        return Err(usage());
    }
    if count == 0 || count > COUNT_MAX {
        return Err(Fail::usage(format!(
            "the count must be between 1 and {COUNT_MAX}"
        )));
    }
    Ok((whole(&name.replace('-', "_")), count))
}

/// A fault by its number is that one alone: `f1` is not `f10` as well.
fn whole(name: &str) -> String {
    let number = name.strip_prefix('f').unwrap_or_default();
    let is_number = number.starts_with(|digit: char| digit.is_ascii_digit()) && !number.contains('_');
    if is_number {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_is_read_strictly() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            parse(&words("kill-server --count 20")).unwrap(),
            ("kill_server".to_owned(), 20)
        );
        for (name, wanted) in [
            ("f1", "f1_"),
            ("f3b", "f3b_"),
            ("f1_kills", "f1_kills"),
            ("flaps", "flaps"),
        ] {
            assert_eq!(whole(name), wanted);
        }
        for wrong in ["f1", "f1 20", "f1 --count x", "f1 --count 0", "--count 3 f1"] {
            assert_eq!(parse(&words(wrong)).unwrap_err().code, 2, "{wrong}");
        }
    }
}
