//! Search terms, on texts of chance: whatever the index would find fits, and whatever fits the index would find.

use breeze_protocol::limit::BODY_BYTES_MAX;
use breeze_protocol::terms::{TERM_CHARS_MAX, Wanted, terms};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Pieces that meet each other in real texts, close enough together that queries hit.
fn snippet() -> impl Strategy<Value = String> {
    let words = select(vec![
        "a",
        "ab",
        "Abc",
        "ABCD",
        "é",
        "e\u{301}",
        "ß",
        "Σς",
        "한",
        "한글",
        "\u{1112}\u{1161}",
        "中",
        "中文",
        "文字",
        "国",
        "カ",
        "か\u{3099}",
        "ไทย",
        "हिन्",
        "👍",
        "👍🏽",
        "❤\u{fe0f}",
        "ﬁ",
        "Ａ",
        "1",
        "①",
        " ",
        "  ",
        ",",
        "-",
        "\u{200d}",
        "\u{5b0}",
        "\u{591}",
        "ِ",
        "ّ",
        "\u{345}",
        "ª",
    ]);
    let any = any::<char>().prop_map(String::from);
    vec(prop_oneof![9 => words.prop_map(str::to_owned), 1 => any], 0..14).prop_map(|all| all.concat())
}

/// What an index that cuts at spaces would say.
fn index_has(text: &str, wanted: &Wanted) -> bool {
    let terms = terms(text);
    let held: BTreeSet<&str> = terms.split(' ').collect();
    wanted.terms().iter().all(|(term, open)| {
        if *open {
            held.iter().any(|it| it.starts_with(term.as_str()))
        } else {
            held.contains(term.as_str())
        }
    })
}

proptest! {
    #[test]
    fn what_fits_is_in_the_index(text in snippet(), query in snippet()) {
        if let Some(wanted) = Wanted::of(&query) {
            prop_assert!(!wanted.fits(&text) || index_has(&text, &wanted));
        }
    }

    #[test]
    fn a_text_is_found_by_itself_and_by_any_beginning_of_itself(text in snippet(), cut in 0..30_usize) {
        let beginning: String = text.chars().take(cut).collect();
        if let Some(wanted) = Wanted::of(&text) {
            prop_assert!(wanted.fits(&text), "{text:?}");
        }
        // A beginning that ends inside a character made of several is another text; one letter is no beginning of a word.
        let last_word = beginning.chars().rev().take_while(char::is_ascii_alphanumeric).count();
        if let Some(wanted) = Wanted::of(&beginning) && text.is_ascii() && last_word != 1 {
            prop_assert!(wanted.fits(&text), "{beginning:?} {text:?}");
        }
    }

    #[test]
    fn texts_that_mean_the_same_have_the_same_terms(text in snippet()) {
        let (c, d): (String, String) = (text.nfc().collect(), text.nfd().collect());
        prop_assert_eq!(terms(&c), terms(&text));
        prop_assert_eq!(terms(&d), terms(&text));
        prop_assert_eq!(terms(&text.nfkc().collect::<String>()), terms(&text));
    }

    #[test]
    fn terms_are_bounded_and_need_no_other_cutting(text in snippet()) {
        let all = terms(&text);
        let held: Vec<&str> = all.split(' ').filter(|term| !term.is_empty()).collect();
        prop_assert_eq!(held.join(" "), all.clone());
        prop_assert_eq!(held.iter().collect::<BTreeSet<_>>().len(), held.len());
        for term in held {
            prop_assert!(term.chars().count() <= TERM_CHARS_MAX);
            prop_assert!(term.chars().all(|c| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit()));
        }
    }

    #[test]
    fn places_lie_inside_the_text_apart_and_on_characters(text in snippet(), query in snippet()) {
        if let Some(wanted) = Wanted::of(&query) {
            let places = wanted.places(&text);
            prop_assert_eq!(wanted.fits(&text) && places.is_empty(), false);
            let mut end = 0;
            for (at, place) in places.iter().enumerate() {
                prop_assert!(at == 0 || place.start > end);
                prop_assert!(text.get(place.clone()).is_some());
                prop_assert!(place.start < place.end);
                end = place.end;
            }
        }
    }

    #[test]
    fn no_bytes_hold_it_up(bytes in vec(any::<u8>(), 0..2000)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = (terms(&text), Wanted::of(&text).map(|it| it.places(&text)));
    }
}

#[test]
fn the_longest_message_is_cut_whole() {
    // Every term different: pairs of characters that never come twice.
    let text: String = ('\u{4e00}'..).take(BODY_BYTES_MAX / 3).collect();
    assert_eq!(terms(&text).split(' ').count(), BODY_BYTES_MAX / 3);
}
