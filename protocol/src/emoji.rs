//! Whether a text is one emoji: what a reaction may be. By the shape of Unicode's emoji sequences (UTS 51), not by a list
//! of names, so that next year's emoji are not refused.

/// Joins emoji to one: a family, a profession.
const JOINER: char = '\u{200d}';
/// "As a picture, not as a letter."
const PICTURE: char = '\u{fe0f}';
/// The key drawn around a digit.
const KEY: char = '\u{20e3}';
/// The end of a flag of a part of a country.
const TAG_END: char = '\u{e007f}';

/// Whether `text` is exactly one emoji: one picture with its tone, several joined to one, a flag, or a key.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.split(JOINER).all(is_element)
}

/// One part between joiners.
fn is_element(part: &str) -> bool {
    let mut letters = part.chars();
    let Some(first) = letters.next() else {
        return false;
    };
    let rest = letters.as_str();
    if is_flag_letter(first) {
        let mut second = rest.chars();
        return second.next().is_some_and(is_flag_letter) && second.as_str().is_empty();
    }
    if matches!(first, '0'..='9' | '#' | '*') {
        let rest = rest.strip_prefix(PICTURE).unwrap_or(rest);
        return rest.chars().eq([KEY]);
    }
    is_picture(first) && is_trimming(rest)
}

/// What may follow a picture: how it is shown, a skin tone, or the tags of a flag.
fn is_trimming(rest: &str) -> bool {
    let rest = rest.strip_prefix(PICTURE).unwrap_or(rest);
    let rest = rest.strip_prefix(is_tone).unwrap_or(rest);
    let rest = rest.strip_prefix(PICTURE).unwrap_or(rest);
    let tags = rest.strip_suffix(TAG_END);
    rest.is_empty() || tags.is_some_and(|tags| !tags.is_empty() && tags.chars().all(is_tag))
}

fn is_flag_letter(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_tone(letter: char) -> bool {
    matches!(letter, '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_tag(letter: char) -> bool {
    matches!(letter, '\u{e0020}'..='\u{e007e}')
}

/// The blocks in which Unicode keeps pictures. Some of their signs are no emoji, and all are harmless.
fn is_picture(letter: char) -> bool {
    matches!(letter,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{24c2}' | '\u{3030}' | '\u{303d}'
        | '\u{3297}' | '\u{3299}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1f1e5}' | '\u{1f200}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_of_every_shape_is_one() {
        for emoji in [
            "👍",
            "❤️",
            "❤",
            "😂",
            "👍🏽",
            "🇩🇪",
            "1️⃣",
            "#⃣",
            "👨‍👩‍👧‍👦",
            "👩🏿‍❤️‍💋‍👨🏻",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "🏳️‍🌈",
            "☕",
            "‼️",
            "🫠",
            "✍🏻",
            "🕵️‍♀️",
            "ℹ️",
            "™️",
            "🥹",
        ] {
            assert!(is_one(emoji), "{emoji}");
            assert!(emoji.len() <= crate::limit::REACTION_BYTES_MAX, "{emoji}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            " ",
            "a",
            "1",
            "👍👍",
            "👍 ",
            "no",
            "é",
            "茶",
            "\u{200d}",
            "👍\u{200d}",
            "\u{200d}👍",
            "👍\u{202e}",
            "🇩",
            "🇩🇪🇫",
            "\u{fe0f}",
            "\n",
            "👍x",
            "12\u{20e3}",
            "🏴\u{e007f}",
            "🏴\u{e0067}",
        ] {
            assert!(!is_one(text), "{text:?}");
        }
    }
}
