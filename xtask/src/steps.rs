//! A list of named steps run in order: what each took, a table of it, and a limit on the whole.

use crate::shell::{self, Fail};
use crate::times;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a step does when its turn comes.
pub(crate) enum Work {
    /// Commands, one after the other.
    Commands(Vec<Command>),
    /// Commands that are only known when their turn comes.
    Found(fn() -> Result<Vec<Command>, Fail>),
    /// Something of our own.
    Own(fn() -> Result<(), Fail>),
}

/// One step of a run.
pub(crate) struct Step {
    /// How it is called in the table and after `--only`.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) work: Work,
}

/// Runs all steps. The table is printed before the last one, so that the last step's own summary ends the output;
/// the complete table goes to `target/test-steps.txt`.
pub(crate) fn run(steps: Vec<Step>, limit: Duration) -> Result<(), Fail> {
    let (start, count) = (Instant::now(), steps.len());
    let deadline = start + limit;
    let mut took: Vec<(&'static str, Duration)> = Vec::new();
    for (index, step) in steps.into_iter().enumerate() {
        if index + 1 == count && count > 1 {
            print!(
                "\nMinutes per step so far ({} is next, and last):\n{}",
                step.name,
                table(&took)
            );
        }
        println!(
            "\n== [{}/{count}] {} ({})",
            index + 1,
            step.name,
            times::expectation(&key(step.name))
        );
        let begin = Instant::now();
        let end = perform(step.work, deadline);
        took.push((step.name, begin.elapsed()));
        let _ = std::fs::write(shell::target().join("test-steps.txt"), table(&took));
        if let Err(fail) = end {
            eprint!("\nMinutes per step:\n{}", table(&took));
            return Err(Fail {
                text: format!("step {}: {}", step.name, fail.text),
                ..fail
            });
        }
        times::remember(&key(step.name), begin.elapsed());
    }
    if Instant::now() > deadline {
        let minutes = limit.as_secs() / 60;
        return Err(Fail::new(format!(
            "all steps passed, but together they took more than {minutes} minutes"
        )));
    }
    Ok(())
}

fn key(name: &str) -> String {
    format!("test {name}")
}

fn perform(work: Work, deadline: Instant) -> Result<(), Fail> {
    let commands = match work {
        Work::Own(function) => return function(),
        Work::Found(function) => function()?,
        Work::Commands(commands) => commands,
    };
    for mut command in commands {
        println!("$ {}", shell::spoken(&command));
        shell::run_until(&mut command, Some(deadline))?;
    }
    Ok(())
}

fn table(took: &[(&'static str, Duration)]) -> String {
    let mut text = String::new();
    for (name, time) in took {
        let _ = writeln!(text, "  {name:<8} {:>6.1}", time.as_secs_f64() / 60.0);
    }
    let total: Duration = took.iter().map(|(_, time)| *time).sum();
    let _ = writeln!(text, "  {:<8} {:>6.1}", "together", total.as_secs_f64() / 60.0);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &'static str, own: fn() -> Result<(), Fail>) -> Step {
        Step {
            name,
            work: Work::Own(own),
        }
    }

    #[test]
    fn a_failing_step_names_itself_and_ends_the_run() {
        let steps = vec![
            step("one", || Err(Fail::new("broken"))),
            step("two", || panic!("never reached")),
        ];
        let fail = run(steps, Duration::from_secs(60)).unwrap_err();
        assert_eq!(fail.text, "step one: broken");
    }

    #[test]
    fn too_long_is_a_failure_of_its_own() {
        let fail = run(vec![step("slow", || Ok(()))], Duration::ZERO).unwrap_err();
        assert!(fail.text.contains("more than 0 minutes"));
    }

    #[test]
    fn the_table_adds_up() {
        let text = table(&[("fmt", Duration::from_secs(60)), ("it", Duration::from_secs(90))]);
        assert!(text.contains("fmt         1.0"), "{text}");
        assert!(text.contains("together    2.5"), "{text}");
    }
}
