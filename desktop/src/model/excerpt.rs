//! The part of a message that shows what was found in it.

use breeze_protocol::terms::Wanted;
use std::ops::Range;

/// Characters of a message shown around what was found in it.
const EXCERPT_CHARS: usize = 110;
/// Characters of it before the first place found.
const EXCERPT_BEFORE: usize = 24;

/// A part of a text around the first place that fits a query, on one line, and where in it the query fits.
#[must_use]
pub fn excerpt(text: &str, query: &str) -> (String, Vec<Range<usize>>) {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(wanted) = Wanted::of(query) else {
        return (line.chars().take(EXCERPT_CHARS).collect(), Vec::new());
    };
    let first = wanted.places(&line).first().map_or(0, |place| place.start);
    let before: Vec<usize> = line[..first].char_indices().map(|(at, _)| at).collect();
    let (from, cut) = match before.len().checked_sub(EXCERPT_BEFORE) {
        Some(at) if at > 0 => (word_start(&line, before[at], first), true),
        _ => (0, false),
    };
    let mut part = if cut { "\u{2026}".to_owned() } else { String::new() };
    part.extend(line[from..].chars().take(EXCERPT_CHARS));
    let places = wanted.places(&part);
    (part, places)
}

/// The beginning of a word at or after `from`, if one comes before `first`.
fn word_start(line: &str, from: usize, first: usize) -> usize {
    line[from..first].find(' ').map_or(from, |space| from + space + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, query: &str) -> String {
        let (part, places) = excerpt(text, query);
        let mut shown = String::new();
        let mut from = 0;
        for place in places {
            shown += &part[from..place.start];
            shown += &format!("[{}]", &part[place.clone()]);
            from = place.end;
        }
        shown + &part[from..]
    }

    #[test]
    fn an_excerpt_shows_what_was_found_on_one_line() {
        assert_eq!(marked("Dinner at\nthe Café?", "cafe"), "Dinner at the [Café]?");
        assert_eq!(marked("我明天去北京", "北京"), "我明天去[北京]");
        let long = format!("{}needle {}", "hay stack ".repeat(20), "more hay ".repeat(40));
        let shown = marked(&long, "needle");
        assert!(
            shown.starts_with("\u{2026}hay stack hay stack [needle] more"),
            "{shown}"
        );
        assert!(shown.chars().count() < EXCERPT_CHARS + 5);
        assert_eq!(marked("nothing here", "?"), "nothing here");
    }
}
