//! The shape of code: functions a screen long, failures that are handled, invariants that are spelled out.

use super::Finding;
use super::source::{Source, closing};

/// A function longer than this hides something.
const FUNCTION_LINES_MAX: usize = 70;
/// Shorter than this, the text of an `expect` is no invariant.
const EXPECT_CHARS_MIN: usize = 12;

/// Checks one file.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut found = functions(source);
    for macro_name in ["todo!", "unimplemented!"] {
        refuse(
            source,
            &source.code,
            macro_name,
            "is work left over: finish it or take it out",
            &mut found,
        );
    }
    for call in [".unwrap()", ".unwrap_err()"] {
        refuse(
            source,
            &source.program,
            call,
            "outside tests: pass the failure on, or `expect` the invariant",
            &mut found,
        );
    }
    refuse(
        source,
        &source.program,
        "panic!",
        "outside tests: pass the failure on",
        &mut found,
    );
    found.extend(expectations(source));
    found
}

fn refuse(source: &Source, code: &str, what: &str, text: &str, found: &mut Vec<Finding>) {
    for (at, _) in code.match_indices(what) {
        let inside_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !inside_word || what.starts_with('.') {
            found.push(Finding::new(
                &source.path,
                source.line(at),
                format!("`{what}` {text}"),
            ));
        }
    }
}

fn expectations(source: &Source) -> Vec<Finding> {
    const CALL: &str = ".expect(";
    let text_at = |from: usize| {
        let gap = source.program[from..].len() - source.program[from..].trim_start().len();
        source.literals.iter().find(|literal| literal.at == from + gap)
    };
    source
        .program
        .match_indices(CALL)
        .filter_map(|(at, _)| text_at(at + CALL.len()))
        .filter(|literal| literal.text.chars().count() < EXPECT_CHARS_MIN)
        .map(|literal| {
            let text = format!("`expect(\"{}\")` does not say why it cannot happen", literal.text);
            Finding::new(&source.path, source.line(literal.at), text)
        })
        .collect()
}

fn functions(source: &Source) -> Vec<Finding> {
    let code = &source.code;
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let inside_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let Some(open) = body(code.as_bytes(), at).filter(|_| !inside_word) else {
            continue;
        };
        let Some(close) = closing(code.as_bytes(), open) else {
            continue;
        };
        let lines = source.line(close) + 1 - source.line(at);
        if lines > FUNCTION_LINES_MAX {
            let name = code[at + 3..]
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next()
                .unwrap_or_default();
            let text = format!("`fn {name}` has {lines} lines; at most {FUNCTION_LINES_MAX} fit a screen");
            found.push(Finding::new(&source.path, source.line(at), text));
        }
    }
    found
}

/// The brace that opens the function's body, if it has one.
fn body(code: &[u8], from: usize) -> Option<usize> {
    let mut nested = 0_i32;
    for (at, byte) in code.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested -= 1,
            b';' | b',' | b'=' if nested < 0 => return None,
            b';' if nested == 0 => return None,
            b'{' if nested == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(text: &str) -> Vec<String> {
        check(&Source::new("server/src/hub.rs", text, false))
            .into_iter()
            .map(|finding| finding.text)
            .collect()
    }

    #[test]
    fn a_function_over_seventy_lines_is_named() {
        let long = |lines: usize| {
            format!(
                "fn outer() {{\n{}}}\n",
                "    let s = \"}\"; // }\n".repeat(lines - 2)
            )
        };
        assert!(flagged(&long(70)).is_empty());
        assert!(flagged(&long(71))[0].contains("`fn outer` has 71 lines"));
        assert!(flagged("trait A { fn a(); }\ntype F = fn (u8) -> u8;").is_empty());
    }

    #[test]
    fn failures_are_handled_outside_tests() {
        for bad in [
            "x.unwrap();",
            "panic!(\"no\");",
            "todo!();",
            "x.expect(\"short\");",
            "x\n.expect(\n\"oops\");",
        ] {
            assert_eq!(flagged(&format!("fn f() {{ {bad} }}")).len(), 1, "{bad}");
        }
        let fine =
            "fn f() { x.expect(\"the hub outlives its connections\"); y.unwrap_or(1); std::panic::catch(); }";
        assert!(flagged(fine).is_empty());
        assert!(flagged("#[cfg(test)]\nmod tests { fn f() { x.unwrap(); panic!(\"x\"); } }").is_empty());
        assert_eq!(flagged("#[cfg(test)]\nmod tests { fn f() { todo!() } }").len(), 1);
    }
}
