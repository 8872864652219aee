//! `cargo xtask test`: everything that must pass, in an order that fails early. Continuous integration calls exactly this.

use crate::shell::{self, Fail};
use crate::steps::{self, Step, Work};
use crate::{fuzz, install, tidy};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

/// A run that takes longer has become a defect itself.
const LIMIT: Duration = Duration::from_secs(45 * 60);

/// Runs every step, or the one named after `--only` (with a build before it where that matters).
pub(crate) fn test(args: &[String]) -> Result<(), Fail> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut steps = all();
    match words.as_slice() {
        [] => {}
        ["--list"] => {
            steps.iter().for_each(|step| println!("{}", step.name));
            return Ok(());
        }
        ["--only", name] => {
            let known: Vec<&str> = steps.iter().map(|step| step.name).collect();
            if !known.contains(name) {
                return Err(Fail::usage(format!(
                    "no step {name:?}; there are: {}",
                    known.join(" ")
                )));
            }
            // The harness starts the programs it finds beside itself: they must be of today.
            let needs_build = ["it", "faults", "packages", "desktop"].contains(name);
            steps.retain(|step| step.name == *name || (needs_build && step.name == "build"));
        }
        _ => return Err(Fail::usage("cargo xtask test [--only STEP | --list]")),
    }
    steps::run(steps, LIMIT)
}

/// Every cargo command names the whole workspace and then picks targets: picking packages would pick other features
/// of shared crates and compile them again.
fn all() -> Vec<Step> {
    let commands = |name, list: &[&str]| Step {
        name,
        work: Work::Commands(list.iter().map(|words| line(words)).collect()),
    };
    vec![
        Step {
            name: "install",
            work: Work::Own(prepare),
        },
        commands("fmt", &["fmt --all --check"]),
        Step {
            name: "tidy",
            work: Work::Own(|| tidy::tidy(&[])),
        },
        commands(
            "clippy",
            &["clippy --release --workspace --all-targets -- -D warnings"],
        ),
        commands(
            "build",
            &[
                "build --release --workspace --all-targets",
                "test --release --workspace --no-run",
            ],
        ),
        Step {
            name: "unit",
            work: Work::Found(unit),
        },
        Step {
            name: "fuzz",
            work: Work::Commands(vec![fuzz::seeded()]),
        },
        commands("it", &["test --release --workspace --test it"]),
        commands(
            "faults",
            &["test --release --workspace --test faults -- --test-threads=1"],
        ),
        Step {
            name: "packages",
            work: Work::Own(packages),
        },
        commands(
            "desktop",
            &["test --release --workspace --test desktop -- --test-threads=1"],
        ),
    ]
}

/// The packages, of the programs that were just tested: the release profile, for the other one takes long to build.
fn packages() -> Result<(), Fail> {
    #[cfg(unix)]
    if shell::on_path("dpkg-deb") {
        return crate::dist::check_as_built();
    }
    println!("Packages are made on Debian and its relatives only.");
    Ok(())
}

/// Everything quick: the tests beside the code, each crate's own test programs, and the examples in the documentation.
fn unit() -> Result<Vec<Command>, Fail> {
    let data = shell::metadata(&["--no-deps"])?;
    let mut tests = line("test --release --workspace --lib --bins");
    for name in own_tests(&data) {
        tests.args(["--test", &name]);
    }
    Ok(vec![tests, line("test --release --workspace --doc")])
}

/// A test program with a step of its own, since it takes a minute.
const FUZZ: &str = "hostile";

/// The test programs of all crates but those with steps of their own: the driver of hostile bytes, the harness's three.
fn own_tests(data: &Value) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    list(&data["packages"])
        .iter()
        .filter(|package| package["name"] != "breeze-tests")
        .flat_map(|package| list(&package["targets"]))
        .filter(|target| list(&target["kind"]).iter().any(|kind| kind == "test"))
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .filter(|name| name != FUZZ)
        .collect()
}

/// A cargo command that sees no screen: each window test brings its own.
fn line(words: &str) -> Command {
    let mut command = shell::cargo(&words.split(' ').collect::<Vec<_>>());
    command.env_remove("WAYLAND_DISPLAY").env_remove("DISPLAY");
    command
}

/// The system's packages, and the two tools a minimal Rust comes without.
fn prepare() -> Result<(), Fail> {
    install::install(install::Wanted::Test)?;
    let there = || {
        ["fmt", "clippy"]
            .iter()
            .all(|tool| shell::quiet(&mut shell::cargo(&[tool, "--version"])))
    };
    if there() {
        return Ok(());
    }
    if shell::on_path("rustup") {
        println!("Adding rustfmt and clippy to this Rust.");
        let _ = shell::run(Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]));
    }
    if there() {
        return Ok(());
    }
    Err(Fail::usage(
        "this Rust has no rustfmt or no clippy: run `rustup component add rustfmt clippy` and start again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_steps_come_first_and_the_runner_has_the_last_word() {
        let names: Vec<_> = all().iter().map(|step| step.name).collect();
        assert_eq!(names[..3], ["install", "fmt", "tidy"]);
        assert_eq!(names.last(), Some(&"desktop"));
        let steps = all();
        let Work::Commands(last) = &steps[steps.len() - 1].work else {
            panic!("the last step is cargo's")
        };
        assert!(shell::spoken(&last[0]).contains(" test --release"));
    }

    #[test]
    fn each_crate_s_own_test_programs_are_found() {
        let data = serde_json::json!({ "packages": [
            { "name": "breeze-tests", "targets": [{ "kind": ["test"], "name": "faults" }] },
            { "name": "breeze-protocol", "targets": [{ "kind": ["test"], "name": "hostile" }] },
            { "name": "breeze-server", "targets": [
                { "kind": ["test"], "name": "store" }, { "kind": ["bin"], "name": "breeze-server" } ] },
        ]});
        assert_eq!(own_tests(&data).into_iter().collect::<Vec<_>>(), ["store"]);
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_list() {
        let fail = test(&["--only".to_owned(), "nonsense".to_owned()]).unwrap_err();
        assert!(fail.text.contains("fmt tidy clippy"), "{}", fail.text);
    }
}
