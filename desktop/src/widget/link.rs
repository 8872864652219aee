//! Finds web addresses in a text. Pure.

use std::ops::Range;

/// A text longer than this is searched for links up to here only, bytes.
const SEARCHED_MAX: usize = 16 * 1024;

/// Byte ranges of the addresses in a text.
#[must_use]
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut end_max = text.len().min(SEARCHED_MAX);
    while !text.is_char_boundary(end_max) {
        end_max -= 1;
    }
    let searched = &text[..end_max];
    let mut from = 0;
    while let Some(start) = next_start(searched, from) {
        let rest = &searched[start..];
        let stop =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\u{3002}' | '\u{ff0c}'));
        let word = &rest[..stop.unwrap_or(rest.len())];
        let trimmed = trim_end(word);
        let head = if trimmed.starts_with("https") { 8 } else { 7 };
        if trimmed.len() > head {
            found.push(start..start + trimmed.len());
        }
        from = start + word.len().max(1);
        while from < searched.len() && !searched.is_char_boundary(from) {
            from += 1;
        }
    }
    found
}

fn next_start(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let http = rest.find("http://");
    let https = rest.find("https://");
    let first = match (http, https) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    Some(from + first)
}

/// Punctuation that ends a sentence is not part of an address; a closing bracket is when one was opened.
fn trim_end(word: &str) -> &str {
    let mut word = word;
    // Counted once: a long row of brackets would take the square of its length.
    let more = |close: char, open: char| {
        word.matches(close)
            .count()
            .saturating_sub(word.matches(open).count())
    };
    let (mut round, mut square) = (more(')', '('), more(']', '['));
    while let Some(last) = word.chars().next_back() {
        let spare = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' => true,
            ')' if round > 0 => {
                round -= 1;
                true
            }
            ']' if square > 0 => {
                square -= 1;
                true
            }
            _ => false,
        };
        if !spare {
            break;
        }
        word = &word[..word.len() - last.len_utf8()];
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn addresses_are_found_without_the_punctuation_around_them() {
        check(
            "see https://example.org/a_(b), or http://x.de.",
            &["https://example.org/a_(b)", "http://x.de"],
        );
        check("(https://example.org)", &["https://example.org"]);
        check("看https://例子.cn。好", &["https://例子.cn"]);
        check("http:// and https:// alone", &[]);
        check("no link", &[]);
    }
}
