//! The lines of strace, as calls: which, with what, and from which line to which they took.

use std::collections::HashMap;
use std::io::BufRead;

/// From the line where a call began to the one where it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Line, counted from 0.
    pub(super) begun: usize,
    /// Line; `usize::MAX` when it never ended, since the process was killed.
    pub(super) ended: usize,
}

/// What a line ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A call.
    Call(Call),
    /// A thread; of the process itself if it has the process's number.
    End,
}

/// One call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// As strace writes them; texts in hexadecimal, between quotation marks.
    pub(super) args: Vec<String>,
    /// What the system answered; `None` when the process did not live to hear it.
    pub(super) result: Option<i64>,
    pub(super) span: Span,
}

/// Puts calls together that other threads' lines have cut in two.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// When each line was written, microseconds since 1970 UTC.
    pub(super) times: Vec<u64>,
    open: HashMap<u32, (usize, String)>,
}

impl Lines {
    /// Takes the next line: whose it is, and what it ends, if it ends anything.
    ///
    /// # Errors
    /// The line, when it is none of strace's.
    pub(super) fn take(&mut self, line: &str) -> Result<(u32, Option<Heard>), String> {
        let shown = || line.chars().take(200).collect::<String>();
        let strange = || format!("not a line of strace: {}", shown());
        let mut parts = line.trim_end().splitn(2, ' ');
        let number = parts.next().and_then(|it| it.parse().ok()).ok_or_else(strange)?;
        let (time, text) = parts
            .next()
            .and_then(|it| it.trim_start().split_once(' '))
            .ok_or_else(strange)?;
        let at = self.times.len();
        self.times.push(micros(time).ok_or_else(strange)?);
        if text.starts_with("+++") {
            return Ok((number, Some(Heard::End)));
        }
        if text.starts_with("---") {
            return Ok((number, None));
        }
        let (begun, whole) = match text.strip_prefix("<... ") {
            Some(rest) => {
                let (_, tail) = rest.split_once(" resumed>").ok_or_else(strange)?;
                let (begun, head) = self.open.remove(&number).ok_or_else(strange)?;
                (begun, head + tail)
            }
            None => (at, text.to_owned()),
        };
        if let Some(head) = whole.strip_suffix(" <unfinished ...>") {
            self.open.insert(number, (begun, head.to_owned()));
            return Ok((number, None));
        }
        let (name, args, result) = split(&whole).ok_or_else(strange)?;
        let ended = if result.is_some() { at } else { usize::MAX };
        let span = Span { begun, ended };
        let call = Call {
            name,
            args,
            result,
            span,
        };
        Ok((number, Some(Heard::Call(call))))
    }

    /// Reads a whole record; `each` gets what each line ends.
    ///
    /// # Errors
    /// What cannot be read, or what `each` says.
    pub(super) fn read(
        mut from: impl BufRead,
        mut each: impl FnMut(u32, Heard) -> Result<(), String>,
    ) -> Result<Self, String> {
        let mut lines = Self::default();
        let mut line = String::new();
        while from.read_line(&mut line).map_err(|error| error.to_string())? > 0 {
            if let (number, Some(heard)) = lines.take(&line)? {
                each(number, heard)?;
            }
            line.clear();
        }
        Ok(lines)
    }
}

/// `SECONDS.MICROSECONDS`.
fn micros(text: &str) -> Option<u64> {
    let (seconds, micros) = text.split_once('.')?;
    Some(seconds.parse::<u64>().ok()? * 1_000_000 + micros.parse::<u64>().ok()?)
}

/// `name(arg, arg) = result ...`; killed inside, the result is `?`.
fn split(text: &str) -> Option<(String, Vec<String>, Option<i64>)> {
    let (name, rest) = text.split_once('(')?;
    let (args, result) = rest.rsplit_once(" = ")?;
    let args = args.trim_end();
    let args = args.strip_suffix(')').unwrap_or(args);
    let args = args.strip_suffix(" <unfinished ...>").unwrap_or(args);
    let args = args.split(", ").map(str::to_owned).collect();
    let result = result.split(' ').next()?;
    let result = if result == "?" {
        None
    } else {
        Some(result.parse().ok()?)
    };
    Some((name.to_owned(), args, result))
}

/// The bytes of a text in hexadecimal.
///
/// # Errors
/// When it is none, or not all of it was recorded.
pub(super) fn bytes(arg: &str) -> Result<Vec<u8>, String> {
    let cut = || {
        format!(
            "not wholly recorded: {}",
            arg.chars().take(80).collect::<String>()
        )
    };
    let inside = arg
        .strip_prefix('"')
        .and_then(|it| it.strip_suffix('"'))
        .ok_or_else(cut)?;
    let digit = |at: u8| char::from(at).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let (pairs, rest) = inside.as_bytes().as_chunks::<4>();
    let read = pairs.iter().map(|pair| match pair {
        [b'\\', b'x', high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    });
    let read: Option<Vec<u8>> = read.collect();
    read.filter(|_| rest.is_empty()).ok_or_else(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_cut_in_two_by_another_thread_is_one() {
        let mut lines = Lines::default();
        let mut take = |line| lines.take(line).unwrap();
        assert_eq!(take("7 10.000001 fdatasync(5 <unfinished ...>\n"), (7, None));
        let (number, other) = take("8 10.000002 pwrite64(6, \"\\x61\\x62\", 2, 4096) = 2\n");
        let Some(Heard::Call(other)) = other else {
            panic!("{other:?}")
        };
        assert_eq!(
            (number, other.name.as_str(), other.result),
            (8, "pwrite64", Some(2))
        );
        assert_eq!(bytes(&other.args[1]).unwrap(), b"ab");
        let (_, sync) =
            take("7 10.000003 <... fdatasync resumed>) = -1 EIO (Input/output error) (INJECTED)\n");
        let wanted = Call {
            name: "fdatasync".into(),
            args: vec!["5".into()],
            result: Some(-1),
            span: Span { begun: 0, ended: 2 },
        };
        assert_eq!(sync, Some(Heard::Call(wanted)));
        assert_eq!(lines.times, [10_000_001, 10_000_002, 10_000_003]);
    }

    #[test]
    fn a_kill_leaves_calls_without_an_answer() {
        let mut lines = Lines::default();
        let (_, heard) = lines.take("7 10.000001 fsync(5) = ?").unwrap();
        let Some(Heard::Call(call)) = heard else {
            panic!("{heard:?}")
        };
        assert_eq!((call.result, call.span.ended), (None, usize::MAX));
        assert_eq!(
            lines.take("7 10.000002 +++ killed by SIGKILL +++").unwrap(),
            (7, Some(Heard::End))
        );
        let signal = "8 10.000003 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER} ---";
        assert_eq!(lines.take(signal).unwrap(), (8, None));
        assert!(lines.take("strace: cannot").is_err());
    }

    #[test]
    fn what_was_not_wholly_recorded_is_an_error() {
        assert_eq!(bytes("\"\"").unwrap(), b"");
        assert!(bytes("\"\\x61\"...").is_err());
        assert!(bytes("NULL").is_err());
    }
}
