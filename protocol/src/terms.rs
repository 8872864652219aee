//! What a search finds: the terms of a text, cut alike for the server's index and the app's, so that both find the same.
//!
//! A text is brought to one form (compatibility decomposition, full case folding, accents U+0300 to U+036F left out), then
//! cut. A word is a run of letters and digits. Scripts written without spaces (Chinese, Japanese, Korean, Thai, Lao,
//! Burmese, Khmer) are cut into overlapping pairs, and the last character of a run stands alone too, so that one character
//! is found wherever it stands. A symbol such as an emoji is a term of its own. Everything else only separates.

use crate::limit::QUERY_CHARS_MAX;
use std::collections::BTreeSet;
use std::ops::Range;
use unicode_normalization::char::{
    canonical_combining_class, compose, decompose_compatible, is_combining_mark,
};

/// Changes whenever the same text would be cut differently: an index made by another version is made anew.
pub const VERSION: u32 = 1;
/// Longest word that is told apart, in characters: no language needs more, and addresses are found by their beginning.
pub const TERM_CHARS_MAX: usize = 40;
/// Most different terms of one text. No message of lawful length has more.
pub const TERMS_MAX: usize = 8192;
/// Most parts of one query; what comes after is not looked for.
pub const PARTS_MAX: usize = 16;

/// The terms of a text for an index: different from one another, with one space between them. Letters of ASCII are small,
/// and no term holds another ASCII character than letters and digits, so an index need cut at spaces only.
#[must_use]
pub fn terms(text: &str) -> String {
    let mut found = BTreeSet::new();
    cut(text, &mut |kind, piece| {
        if found.len() >= TERMS_MAX {
            return;
        }
        match kind {
            Kind::Word => drop(found.insert(string(&piece[..piece.len().min(TERM_CHARS_MAX)]))),
            Kind::Sign => drop(found.insert(string(piece))),
            Kind::Run => {
                found.extend(piece.windows(2).map(string));
                found.extend(piece.last().map(|last| last.c.to_string()));
            }
        }
    });
    let mut joined = String::with_capacity(text.len() + 8);
    for term in found.into_iter().take(TERMS_MAX) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(&term);
    }
    joined
}

/// What a query asks for. A text fits when it holds every part of it, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    kind: Kind,
    chars: Vec<char>,
    /// A word that may go on: the last one, as long as no space follows it. Not a single letter: half of all words begin
    /// with it.
    open: bool,
}

impl Wanted {
    /// Reads a query; `None` when it holds nothing that could be found. Only its first [`QUERY_CHARS_MAX`] characters and
    /// [`PARTS_MAX`] parts count.
    #[must_use]
    pub fn of(query: &str) -> Option<Self> {
        let query = match query.char_indices().nth(QUERY_CHARS_MAX) {
            Some((end, _)) => &query[..end],
            None => query,
        };
        let mut parts = Vec::new();
        cut(query, &mut |kind, piece| {
            if parts.len() < PARTS_MAX {
                let most = if kind == Kind::Word {
                    TERM_CHARS_MAX
                } else {
                    usize::MAX
                };
                parts.push(Part {
                    kind,
                    chars: piece.iter().take(most).map(|it| it.c).collect(),
                    open: kind == Kind::Word
                        && piece.len() > 1
                        && piece.last().is_some_and(|last| last.to == query.len()),
                });
            }
        });
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// The same for names, typed in a hurry: every word may go on, also after one letter.
    #[must_use]
    pub fn loosely(query: &str) -> Option<Self> {
        let mut wanted = Self::of(query)?;
        for part in &mut wanted.parts {
            part.open = part.kind == Kind::Word;
        }
        Some(wanted)
    }

    /// The terms an index is asked for, all of them; with `true`, every term that begins so. A text that fits has them
    /// all. One that has them all need not fit: pairs of a run may stand apart.
    #[must_use]
    pub fn terms(&self) -> Vec<(String, bool)> {
        let mut terms = Vec::new();
        for part in &self.parts {
            match (part.kind, part.chars.as_slice()) {
                (Kind::Run, [_, _, ..]) => {
                    terms.extend(part.chars.windows(2).map(|pair| (pair.iter().collect(), false)));
                }
                (Kind::Run, one) => terms.push((one.iter().collect(), true)),
                (_, chars) => terms.push((chars.iter().collect(), part.open)),
            }
        }
        terms
    }

    /// Whether a text holds everything that is asked for.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let mut missing: Vec<&Part> = self.parts.iter().collect();
        cut(text, &mut |kind, piece| {
            missing.retain(|part| part.find(kind, piece, 0).is_none());
        });
        missing.is_empty()
    }

    /// Where a text holds what is asked for: byte ranges, in order, apart from one another.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        cut(text, &mut |kind, piece| {
            for part in &self.parts {
                let mut from = 0;
                while let Some(at) = part.find(kind, piece, from) {
                    let held = &piece[at..(at + part.chars.len()).min(piece.len())];
                    places.extend(held.iter().map(|it| it.from..it.to));
                    from = at + 1;
                }
            }
        });
        places.sort_by_key(|place| (place.start, place.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for place in places {
            match apart.last_mut() {
                Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
                _ => apart.push(place),
            }
        }
        apart
    }
}

impl Part {
    /// The first place from `from` on at which a piece holds this part. A word does so at its beginning only.
    fn find(&self, kind: Kind, piece: &[Char], from: usize) -> Option<usize> {
        if kind != self.kind {
            return None;
        }
        let is_at = |at: usize| {
            let rest = piece.get(at..).unwrap_or_default();
            rest.len() >= self.chars.len() && rest.iter().zip(&self.chars).all(|(it, c)| it.c == *c)
        };
        if kind == Kind::Run {
            return (from..piece.len()).find(|at| is_at(*at));
        }
        let whole = self.open || piece.len().min(TERM_CHARS_MAX) == self.chars.len();
        (from == 0 && whole && is_at(0)).then_some(0)
    }
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Letters and digits.
    Word,
    /// Characters of a script that is written without spaces.
    Run,
    /// One symbol.
    Sign,
}

/// A character in its one form, and the bytes of the text it comes from.
#[derive(Debug, Clone, Copy)]
struct Char {
    c: char,
    from: usize,
    to: usize,
}

fn string(chars: &[Char]) -> String {
    chars.iter().map(|it| it.c).collect()
}

/// Cuts a text into pieces. Texts that mean the same in Unicode's eyes are cut the same.
fn cut(text: &str, each: &mut dyn FnMut(Kind, &[Char])) {
    let mut cutter = Cutter {
        kind: Kind::Word,
        piece: Vec::new(),
        marks: Vec::new(),
        each,
    };
    for (from, c) in text.char_indices() {
        let to = from + c.len_utf8();
        if c.is_ascii() {
            let c = c.to_ascii_lowercase();
            cutter.take(Char { c, from, to });
        } else if !is_invisible(c) {
            decompose_compatible(c, |part| {
                if !is_accent(part) {
                    // Up, then down: the two together are what case folding is ("ß" is "ss", every sigma is one).
                    let folded = part.to_uppercase().flat_map(char::to_lowercase);
                    folded.for_each(|c| cutter.take(Char { c, from, to }));
                }
            });
        }
    }
    cutter.put_marks();
    cutter.end();
}

struct Cutter<'e> {
    kind: Kind,
    piece: Vec<Char>,
    /// Marks on the character before, until all have come: their order in the text says nothing.
    marks: Vec<Char>,
    each: &'e mut dyn FnMut(Kind, &[Char]),
}

impl Cutter<'_> {
    fn take(&mut self, it: Char) {
        if canonical_combining_class(it.c) != 0 {
            self.marks.push(it);
            return;
        }
        self.put_marks();
        self.put(it);
    }

    fn put_marks(&mut self) {
        if self.marks.is_empty() {
            return;
        }
        let mut marks = std::mem::take(&mut self.marks);
        marks.sort_by_key(|mark| canonical_combining_class(mark.c));
        for mark in marks.drain(..) {
            self.put(mark);
        }
        self.marks = marks;
    }

    fn put(&mut self, it: Char) {
        let is_mark = !it.c.is_ascii() && is_combining_mark(it.c);
        if (is_mark || is_hangul_part(it.c))
            && let Some(last) = self.piece.last_mut()
            && let Some(whole) = compose(last.c, it.c)
        {
            (last.c, last.to) = (whole, it.to);
            return;
        }
        let kind = match kind_of(it.c) {
            Some(kind) => kind,
            None if is_mark && !self.piece.is_empty() => self.kind,
            None => return self.end(),
        };
        if kind != self.kind || kind == Kind::Sign {
            self.end();
        }
        self.kind = kind;
        self.piece.push(it);
        if kind == Kind::Sign {
            self.end();
        }
    }

    fn end(&mut self) {
        if !self.piece.is_empty() {
            (self.each)(self.kind, &self.piece);
            self.piece.clear();
        }
    }
}

fn kind_of(c: char) -> Option<Kind> {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric().then_some(Kind::Word);
    }
    if c.is_alphanumeric() {
        return Some(if is_unspaced(c) { Kind::Run } else { Kind::Word });
    }
    is_sign(c).then_some(Kind::Sign)
}

/// Accents over and under letters: "resume" finds "résumé".
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Joiners, direction marks, variation selectors: they change how a text looks, not what it says.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters of scripts that put no spaces between words, or hang so much onto a word that its beginning is not enough.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3035}' | '\u{3041}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Vowels and final consonants of Korean written apart: they join the consonant before them to one character.
fn is_hangul_part(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{11ff}')
}

/// Pictures among the characters.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_into(text: &str, expected: &[&str]) {
        let terms = terms(text);
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(terms.split_whitespace().collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_text_is_cut_into_words_pairs_and_symbols() {
        cut_into("Hello, hello WORLD!", &["hello", "world"]);
        cut_into(
            "don't stop 3.14 foo_bar",
            &["don", "t", "stop", "3", "14", "foo", "bar"],
        );
        cut_into("明天去北京吗？", &["明天", "天去", "去北", "北京", "京吗", "吗"]);
        cut_into("好", &["好"]);
        cut_into(
            "用Rust写的2个程序",
            &["用", "rust", "写的", "的", "2", "个程", "程序", "序"],
        );
        cut_into(
            "カタカナとひらがな",
            &[
                "カタ", "タカ", "カナ", "ナと", "とひ", "ひら", "らが", "がな", "な",
            ],
        );
        cut_into("안녕하세요", &["안녕", "녕하", "하세", "세요", "요"]);
        cut_into("well 👍🏽👍 done ❤️", &["well", "👍", "done", "❤"]);
        cut_into("हिन्दी में", &["हिन्दी", "में"]);
        cut_into(" \t\n.,;", &[]);
    }

    #[test]
    fn one_form_stands_for_all() {
        for (one, other) in [
            ("Résumé", "resume"),
            ("re\u{301}sume\u{301}", "résumé"),
            ("STRASSE", "straße"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("ＡＢＣ１２", "abc12"),
            ("ﬁne", "fine"),
            ("ｶﾞｷﾞ", "ガギ"),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("İstanbul", "istanbul"),
            ("Ё", "е"),
        ] {
            assert_eq!(terms(one), terms(other), "{one} {other}");
        }
    }

    #[test]
    fn the_last_word_may_go_on_and_the_others_may_not() {
        let finds = |query: &str, text: &str| Wanted::of(query).is_some_and(|it| it.fits(text));
        assert!(finds("hel", "say hello"));
        assert!(!finds("hel ", "say hello"));
        assert!(!finds("sa hello", "say hello"));
        assert!(finds("hello say", "say hello"));
        assert!(finds("CAFE", "Ein Café am See"));
        assert!(finds("北京", "我明天去北京"));
        assert!(finds("京", "我明天去北京"));
        assert!(finds("明", "我明天去北京"));
        assert!(!finds("北京大学", "北京的大学"));
        assert!(!finds("京北", "北京"));
        assert!(finds("rust语言", "学习 Rust 语言"));
        assert!(finds("👍", "ok 👍🏿"));
        assert!(!finds("ello", "hello"));
        let name = |query: &str| Wanted::loosely(query).is_some_and(|it| it.fits("Rosa Silva"));
        assert!(name("r s") && name("SIL") && !name("os"));
        assert!(Wanted::of("?! ").is_none());
        assert!(Wanted::of("").is_none());
    }

    #[test]
    fn places_are_byte_ranges_of_the_text_as_written() {
        let places = |query: &str, text: &'static str| -> Vec<&str> {
            let wanted = Wanted::of(query).expect("a query");
            wanted.places(text).into_iter().map(|it| &text[it]).collect()
        };
        assert_eq!(places("cafe", "Café, cafés"), ["Café", "café"]);
        assert_eq!(places("cafe ", "Café, cafés"), ["Café"]);
        assert_eq!(places("北京", "北京，在北京！"), ["北京", "北京"]);
        assert_eq!(places("天天", "天天天"), ["天天天"]);
        assert_eq!(places("fin", "ﬁne"), ["ﬁn"]);
        assert_eq!(
            places("한글", "\u{1112}\u{1161}\u{11ab}글"),
            ["\u{1112}\u{1161}\u{11ab}글"]
        );
    }

    #[test]
    fn a_hostile_text_costs_no_more_than_its_length() {
        let long = "x".repeat(16 * 1024);
        assert_eq!(terms(&long), "x".repeat(TERM_CHARS_MAX));
        assert!(Wanted::of(&long).is_some_and(|it| it.fits(&long)));
        let marks = format!("a{}", "\u{5b0}\u{591}".repeat(4000));
        assert!(Wanted::of(&marks).is_some_and(|it| it.fits(&marks)));
        let many = "一".repeat(5461);
        assert_eq!(terms(&many), "一 一一");
        let wide = Wanted::of(&"w ".repeat(300)).expect("a query");
        assert_eq!(wide.terms().len(), PARTS_MAX);
    }
}
