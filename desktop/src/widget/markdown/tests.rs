//! Every look is found, nothing is lost, and no text takes long.

use super::*;
use proptest::prelude::*;

/// What is drawn, with a letter for each look.
fn drawn(text: &str) -> Vec<(String, String)> {
    let parts = parse(text);
    let shown = parts.iter().filter(|part| part.show != Show::Nothing);
    shown
        .map(|part| {
            let looks = [
                (part.style.bold, 'b'),
                (part.style.italic, 'i'),
                (part.style.code, 'c'),
                (part.style.block, 'B'),
                (part.style.quote, 'q'),
                (part.style.link, 'l'),
            ];
            let looks = looks
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, letter)| letter)
                .collect();
            let letters = match part.show {
                Show::Dot => "•".to_owned(),
                _ => text[part.range.clone()].to_owned(),
            };
            (letters, looks)
        })
        .collect()
}

#[track_caller]
fn check(text: &str, wanted: &[(&str, &str)]) {
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect();
    assert_eq!(drawn(text), wanted, "{text:?}");
}

#[test]
fn each_look_is_found() {
    check("a **b** c", &[("a ", ""), ("b", "b"), (" c", "")]);
    check("a *b c* d", &[("a ", ""), ("b c", "i"), (" d", "")]);
    check("`x*y*`!", &[("x*y*", "c"), ("!", "")]);
    check("**a *b* c**", &[("a ", "b"), ("b", "bi"), (" c", "b")]);
    check("***a***", &[("a", "bi")]);
    check("> said\nnot", &[("said\n", "q"), ("not", "")]);
    check(
        "- one\n* two",
        &[("•", ""), (" one\n", ""), ("•", ""), (" two", "")],
    );
    check(
        "see https://x.org/a_*b* **now**",
        &[
            ("see ", ""),
            ("https://x.org/a_*b*", "l"),
            (" ", ""),
            ("now", "b"),
        ],
    );
    check(
        "```rust\nlet a = *b*;\n```\nso",
        &[("let a = *b*;\n", "cB"), ("so", "")],
    );
    check("```\nlast\n```", &[("last", "cB")]);
    check("```let a = 1;\nlet b;\n```", &[("let a = 1;\nlet b;", "cB")]);
    check("```one line```", &[("one line", "c")]);
    check(
        "**粗体**和*斜*。",
        &[("粗体", "b"), ("和", ""), ("斜", "i"), ("。", "")],
    );
}

#[test]
fn what_is_no_markdown_stays_as_it_is() {
    for text in [
        "2*3*4",
        "a * b * c",
        "**",
        "****",
        "* ",
        "-",
        "`",
        "``",
        "**open",
        "*open",
        "`open",
        "```\nopen",
        "x ``` y",
        "snake_case_name",
        ">no space",
        "a**b**c",
        "**  **",
        "```\n```",
    ] {
        let parts = drawn(text);
        let all: String = parts.iter().map(|(letters, _)| letters.as_str()).collect();
        assert!(
            parts.iter().all(|(_, looks)| looks.is_empty()) && all == text,
            "{text:?}: {parts:?}"
        );
    }
}

/// Texts made of what matters.
fn signs() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "*",
        "**",
        "***",
        "`",
        "```",
        "\n",
        "> ",
        "- ",
        " ",
        "a",
        "é",
        "茶",
        "👨‍👩‍👧",
        "https://x.org/(a)",
        "\u{202e}",
        "\r\n",
        "\t",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_is_in_one_part(text in prop_oneof![signs(), any::<String>()]) {
        let mut at = 0;
        for part in parse(&text) {
            prop_assert_eq!(part.range.start, at);
            prop_assert!(part.range.end > at && text.is_char_boundary(part.range.end));
            at = part.range.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn letters_are_never_hidden(text in signs()) {
        for part in parse(&text).iter().filter(|part| part.show != Show::Text) {
            let hidden = &text[part.range.clone()];
            let fence = hidden.trim_start().starts_with(FENCE);
            prop_assert!(fence || hidden.chars().all(|c| "*`>- \n\r".contains(c)), "{hidden:?}");
        }
    }
}

/// Sixteen thousand bytes of the worst take no longer than a text of that length may.
#[test]
fn the_worst_texts_are_parsed_in_time() {
    let begun = std::time::Instant::now();
    for piece in [
        "*a ", "**a ", "`a\n", "```\n", "```a\n", "*a**b ", "> *", "- *a", "***a ", "http://a", "*`", "**a*",
        ")", "http://(", "*a* ", "**a **b", "` *", "\n",
    ] {
        for tail in ["", "*", "**", "`", "\n```", ")"] {
            let text = piece.repeat(16 * 1024 / piece.len()) + tail;
            assert!(!parse(&text).is_empty());
            let closing = format!("http://x{}", ")".repeat(16_000));
            assert!(!parse(&closing).is_empty());
        }
    }
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}
