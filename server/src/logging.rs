//! The log: one line a matter, to standard error, without secrets and without what people write. The newest lines
//! stay in memory, so that an operator can read them wherever standard error leads.

use breeze_protocol::admin::{LOG_BYTES_MAX, LOG_LINES_MAX};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// The variable that sets what is logged, over the configuration's `log`.
pub const VARIABLE: &str = "BREEZE_LOG";
/// Longest line kept in memory, bytes; standard error gets all of it.
const LINE_BYTES_MAX: usize = 1024;

/// The newest lines. One for the process, as the log is.
static TAIL: Mutex<Tail> = Mutex::new(Tail::new());

/// Starts the log. `wanted` is a filter such as `info` or `info,breeze_server::net=debug`.
///
/// # Errors
/// A sentence, when the filter cannot be read.
pub fn start(wanted: &str) -> Result<(), String> {
    let from_environment = std::env::var(VARIABLE).ok().filter(|filter| !filter.is_empty());
    let filter = from_environment.as_deref().unwrap_or(wanted);
    // Migrations speak at length; what they do is told by their errors.
    let parsed: Targets = format!("refinery_core=warn,{filter}").parse().map_err(|error| {
        format!("the log filter {filter:?} cannot be read ({error}): write for example \"info\"")
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| Both)
        .with_ansi(false)
        .with_target(false);
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(parsed))
        .try_init();
    Ok(())
}

/// At most so many of the newest lines, oldest first.
#[must_use]
pub fn tail(lines: usize) -> Vec<String> {
    let tail = TAIL.lock().unwrap_or_else(PoisonError::into_inner);
    let skip = tail.lines.len().saturating_sub(lines);
    tail.lines.iter().skip(skip).cloned().collect()
}

/// Standard error, and the lines in memory.
struct Both;

impl Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The log hands over one whole matter at a time.
        TAIL.lock().unwrap_or_else(PoisonError::into_inner).add(bytes);
        io::stderr().write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The newest lines, within [`LOG_LINES_MAX`] and [`LOG_BYTES_MAX`].
#[derive(Debug)]
struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Tail {
    const fn new() -> Self {
        Self {
            lines: VecDeque::new(),
            bytes: 0,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        for line in String::from_utf8_lossy(bytes).lines() {
            let mut line: String = line
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
            line.shrink_to_fit();
            self.bytes += line.len();
            self.lines.push_back(line);
            while self.lines.len() > LOG_LINES_MAX || self.bytes > LOG_BYTES_MAX {
                let gone = self.lines.pop_front().map_or(0, |line| line.len());
                self.bytes -= gone;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_bounded_in_lines_and_in_bytes() {
        let mut tail = Tail::new();
        for number in 0..2 * LOG_LINES_MAX {
            tail.add(format!("line {number}\n").as_bytes());
        }
        assert_eq!(tail.lines.len(), LOG_LINES_MAX);
        assert_eq!(tail.lines.back().map(String::as_str), Some("line 999"));
        for _ in 0..200 {
            tail.add("\u{e9}".repeat(3000).as_bytes());
        }
        let held: usize = tail.lines.iter().map(String::len).sum();
        assert_eq!(held, tail.bytes);
        assert!(held <= LOG_BYTES_MAX, "{held}");
        assert!(tail.lines.iter().all(|line| line.len() <= LINE_BYTES_MAX));
    }

    #[test]
    fn a_line_cannot_hold_another_or_a_terminal_s_orders() {
        let mut tail = Tail::new();
        tail.add(b"one\x1b[31m\n\xff two\n");
        assert_eq!(tail.lines, ["one [31m", "\u{fffd} two"]);
    }
}
