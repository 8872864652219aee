//! Words a person reads come from the catalogue, so that they can be translated: no sentence stands in a view.

use super::Finding;
use super::lists::{self, within};
use super::source::Source;

/// Around a literal, these say that nobody reads it on the screen.
const EXEMPT: &[&str] = &[
    "tr",
    "t",
    "words",
    "expect",
    "allow",
    "doc",
    "cfg",
    "cfg_attr",
    "unreachable",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "trace_span",
    "debug_span",
    "info_span",
    "instrument",
    "include_str",
    "include_bytes",
    "profile_function",
    "profile_scope",
];
/// Calls whose first argument is read on the screen even if it is a single word.
const SHOWN: &[&str] = &[
    "label",
    "button",
    "small_button",
    "heading",
    "small",
    "strong",
    "weak",
    "hint_text",
    "on_hover_text",
    "checkbox",
    "on_disabled_hover_text",
    "hyperlink_to",
    "RichText::new",
    "Button::new",
    "Label::new",
    "WidgetText::from",
];
/// How many calls outwards a literal is followed.
const DEPTH_MAX: usize = 8;

/// Checks the files that draw.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !within(&source.path, lists::WORD_PARTS) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for literal in &source.literals {
        let bare = without_placeholders(&literal.text);
        if !bare.chars().any(|c| c.is_ascii_alphabetic() || is_cjk(c)) {
            continue;
        }
        let around = callers(&source.program, literal.at);
        let exempt = |caller: &String| caller.split("::").any(|part| EXEMPT.contains(&part));
        if around.iter().any(exempt) {
            continue;
        }
        let shown =
            around.first().is_some_and(|caller| is_shown(caller)) && is_first(&source.program, literal.at);
        if bare.contains(' ') || shown {
            let text = format!(
                "\"{}\" is read by a person: it belongs in the catalogue of words",
                literal.text
            );
            found.push(Finding::new(&source.path, source.line(literal.at), text));
        }
    }
    found
}

fn is_cjk(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c)
}

fn is_shown(caller: &str) -> bool {
    SHOWN
        .iter()
        .any(|shown| caller == *shown || caller.ends_with(&format!("::{shown}")))
}

/// `"{name}: {n:>3}"` becomes `": "`; escapes such as `\n` go as well.
fn without_placeholders(text: &str) -> String {
    let (mut out, mut inside, mut chars) = (String::new(), false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => skip_escape(&mut chars),
            '{' => inside = true,
            '}' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

fn skip_escape(chars: &mut std::str::Chars<'_>) {
    if chars.next() == Some('u') {
        chars.by_ref().find(|c| *c == '}');
    }
}

fn is_first(program: &str, at: usize) -> bool {
    program
        .get(..at)
        .is_some_and(|before| before.trim_end_matches(['&', ' ', '\n']).ends_with('('))
}

/// The names of the calls and macros around an offset, from the inside out.
fn callers(program: &str, at: usize) -> Vec<String> {
    let bytes = program.as_bytes();
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    for place in (0..at.min(bytes.len())).rev() {
        match bytes[place] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' if depth == 0 => found.push(name_before(program, place)),
            b'{' | b';' if depth == 0 => break,
            b'(' | b'[' | b'{' => depth -= 1,
            _ => {}
        }
        if found.len() == DEPTH_MAX {
            break;
        }
    }
    found
}

fn name_before(program: &str, open: usize) -> String {
    let before = program.get(..open).unwrap_or_default().trim_end_matches('!');
    let start = before
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .map_or(0, |at| at + 1);
    before
        .get(start..)
        .unwrap_or_default()
        .trim_matches(':')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(line: &str) -> usize {
        check(&Source::new(
            "desktop/src/view/chat.rs",
            &format!("fn f() {{ {line}; }}"),
            false,
        ))
        .len()
    }

    #[test]
    fn sentences_and_single_words_on_widgets_are_found() {
        for bad in [
            "ui.label(\"No messages yet\")",
            "ui.button(\"Join\")",
            "egui::RichText::new(\"Online\")",
            "let x = format!(\"Last seen {ago}\")",
            "ui.label(format!(\"{n} people\"))",
            "ui.heading(\"\u{4e2d}\u{6587}\")",
        ] {
            assert_eq!(flagged(bad), 1, "{bad}");
        }
    }

    #[test]
    fn keys_invariants_logs_and_marks_pass() {
        for good in [
            "ui.label(tr!(\"chat-empty\"))",
            "ui.label(words::text(\"no such key\"))",
            "x.expect(\"a row always has a person\")",
            "tracing::warn!(\"the view was late by {ms}\")",
            "ui.push_id(\"chat-list\", g)",
            "ui.label(format!(\"{name}: {n:>3}\"))",
            "ui.label(\"\\u{e0a4}\")",
        ] {
            assert_eq!(flagged(good), 0, "{good}");
        }
        let elsewhere = Source::new(
            "desktop/src/link/task.rs",
            "const A: &str = \"two words\";",
            false,
        );
        assert!(check(&elsewhere).is_empty());
    }
}
