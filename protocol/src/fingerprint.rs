//! A server's pin as eight words that two people can read to each other: 88 of its bits, eleven a word.

/// The 2,048 words of BIP-39 English, one a line.
const LIST: &str = include_str!("../../assets/fingerprint/english.txt");
/// How many words are read out. Eight are 88 bits: nobody makes a second key with the same ones.
pub const WORDS: usize = 8;
/// Bits a word stands for: 2,048 words.
const BITS: usize = 11;
/// Letters of the base64url alphabet that hold [`WORDS`] times [`BITS`] bits.
const LETTERS: usize = (WORDS * BITS).div_ceil(6);

/// The words of a pin (`sha256/..`); `None` when it is not one.
#[must_use]
pub fn words(pin: &str) -> Option<[&'static str; WORDS]> {
    let digest = pin.strip_prefix("sha256/")?.as_bytes();
    if digest.len() < LETTERS {
        return None;
    }
    let mut bits = Vec::with_capacity(LETTERS * 6);
    for letter in &digest[..LETTERS] {
        let value = value_of(*letter)?;
        bits.extend((0..6).rev().map(|place| value >> place & 1));
    }
    let list: Vec<&'static str> = LIST.lines().collect();
    let mut words = [""; WORDS];
    for (word, bits) in words.iter_mut().zip(bits.chunks(BITS)) {
        let number = bits
            .iter()
            .fold(0_usize, |number, bit| number << 1 | usize::from(*bit));
        *word = list.get(number).copied()?;
    }
    Some(words)
}

fn value_of(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_known_one() {
        let words: Vec<_> = LIST.lines().collect();
        assert_eq!(words.len(), 2048);
        assert!(words.is_sorted(), "in order, so no word twice");
        assert_eq!((words[0], words[1024], words[2047]), ("abandon", "length", "zoo"));
        // Four letters tell every word from every other: a slip of the ear is noticed.
        let short: std::collections::BTreeSet<_> = words.iter().map(|it| &it[..it.len().min(4)]).collect();
        assert_eq!(short.len(), 2048);
    }

    #[test]
    fn eleven_bits_make_a_word() {
        let zeros = format!("sha256/{}", "A".repeat(43));
        assert_eq!(words(&zeros), Some(["abandon"; WORDS]));
        let ones = format!("sha256/{}", "_".repeat(43));
        assert_eq!(words(&ones), Some(["zoo"; WORDS]));
        // The first word is the first eleven bits: 000000 00001 -> 1, "ability".
        let one = format!("sha256/AC{}", "A".repeat(41));
        assert_eq!(words(&one).map(|it| (it[0], it[1])), Some(("ability", "abandon")));
        // The last one is bits 77 to 88, in the fifteenth letter.
        let last = format!("sha256/{}E{}", "A".repeat(14), "A".repeat(28));
        assert_eq!(
            words(&last).map(|it| (it[6], it[7])),
            Some(("abandon", "ability"))
        );
    }

    #[test]
    fn what_is_no_pin_has_no_words() {
        for text in [
            "",
            "sha256/",
            "sha256/short",
            "md5/AAAAAAAAAAAAAAAAAAAAAA",
            "sha256/!!!!!!!!!!!!!!!!!!!!",
        ] {
            assert_eq!(words(text), None, "{text}");
        }
    }
}
