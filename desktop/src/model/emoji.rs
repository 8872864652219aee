//! The emoji by name: what a picker shows, what is found by a word, what `:tea:` means.

use std::sync::LazyLock;

/// Emoji and their names, by group: `cargo` brings the newest with the crate of this name, see the test below.
const LIST: &str = include_str!("../../../assets/emoji/emoji.txt");
/// Letters typed after the colon before anything is offered: fewer are rather a face made of letters.
const TYPED_MIN: usize = 2;
/// No short name is longer.
const TYPED_MAX: usize = 40;
/// Those used last that are kept.
pub const RECENT_MAX: usize = 24;

/// One emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emoji {
    /// Itself.
    pub glyph: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Short names, separated by spaces; some have none.
    codes: &'static str,
    /// Place of its group among [`GROUPS`].
    pub group: usize,
    /// Its own place in the list.
    pub place: usize,
}

/// The groups, in the order of the list; `emoji-group-…` are their words.
pub const GROUPS: [&str; 9] = [
    "SmileysAndEmotion",
    "PeopleAndBody",
    "AnimalsAndNature",
    "FoodAndDrink",
    "TravelAndPlaces",
    "Activities",
    "Objects",
    "Symbols",
    "Flags",
];

static ALL: LazyLock<Vec<Emoji>> = LazyLock::new(|| {
    let mut group = 0;
    let mut all = Vec::with_capacity(2_000);
    for line in LIST.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            group = GROUPS.iter().position(|it| *it == name).unwrap_or(group);
            continue;
        }
        let mut parts = line.split('\t');
        if let (Some(glyph), Some(name)) = (parts.next(), parts.next()) {
            all.push(Emoji {
                glyph,
                name,
                codes: parts.next().unwrap_or_default(),
                group,
                place: all.len(),
            });
        }
    }
    all
});

/// Every emoji, group by group.
#[must_use]
pub fn all() -> &'static [Emoji] {
    &ALL
}

/// The emoji that is written like this.
#[must_use]
pub fn of(glyph: &str) -> Option<&'static Emoji> {
    ALL.iter().find(|it| it.glyph == glyph)
}

impl Emoji {
    /// Short names, the best known first.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.codes.split_whitespace()
    }

    /// How well a word fits: the smaller the better. `word` is in lower case, with spaces.
    fn fits(&self, word: &str) -> Option<u8> {
        if self.codes().any(|code| same(code, word)) {
            return Some(0);
        }
        if self.codes().any(|code| begins(code, word)) {
            return Some(1);
        }
        if begins(self.name, word) {
            return Some(2);
        }
        let mut words = self.codes().chain([self.name]).flat_map(tails);
        words.any(|tail| begins(tail, word)).then_some(3)
    }
}

/// What begins at each word of a name.
fn tails(name: &'static str) -> impl Iterator<Item = &'static str> {
    let inner = |letter: &u8| matches!(letter, b' ' | b'_' | b'-' | b'(');
    let starts = name.bytes().enumerate().filter(move |(_, it)| inner(it));
    starts.filter_map(|(at, _)| name.get(at + 1..))
}

fn plain(letter: u8) -> u8 {
    if letter == b'_' {
        b' '
    } else {
        letter.to_ascii_lowercase()
    }
}

fn same(name: &str, word: &str) -> bool {
    name.len() == word.len() && begins(name, word)
}

fn begins(name: &str, word: &str) -> bool {
    let start = name.as_bytes().get(..word.len());
    start.is_some_and(|start| start.iter().copied().map(plain).eq(word.bytes()))
}

/// Emoji with a name or a short name in which a word begins like this, those that fit best first; all of them for nothing.
#[must_use]
pub fn search(query: &str) -> Vec<&'static Emoji> {
    let word = query.trim().trim_matches(':').to_lowercase().replace('_', " ");
    if word.is_empty() {
        return ALL.iter().collect();
    }
    let fits = |it: &'static Emoji| Some((it.fits(&word)?, it));
    let mut found: Vec<_> = ALL.iter().filter_map(fits).collect();
    found.sort_by_key(|(fits, _)| *fits);
    found.into_iter().map(|(_, it)| it).collect()
}

/// Where a short name begins that is being typed just before this place (bytes): the place of its colon.
#[must_use]
pub fn begun(text: &str, caret: usize) -> Option<usize> {
    let before = text.get(..caret)?;
    let at = before.rfind(':')?;
    let typed = &before[at + 1..];
    let fits = (TYPED_MIN..=TYPED_MAX).contains(&typed.len()) && typed.bytes().all(is_code);
    let apart = !before[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, ':' | '/' | '_'));
    (fits && apart).then_some(at)
}

/// The short name that has just been closed with a second colon before this place: where it begins, and what it means.
#[must_use]
pub fn closed(text: &str, caret: usize) -> Option<(usize, &'static Emoji)> {
    let before = text.get(..caret)?.strip_suffix(':')?;
    let at = begun(text, before.len())?;
    let typed = before[at + 1..].to_ascii_lowercase();
    let emoji = ALL.iter().find(|it| it.codes().any(|code| code == typed))?;
    Some((at, emoji))
}

fn is_code(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'+' | b'-')
}

/// Puts one in front of those used last.
pub fn used(recent: &mut Vec<String>, glyph: &str) {
    recent.retain(|it| it != glyph);
    recent.insert(0, glyph.to_owned());
    recent.truncate(RECENT_MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first few found for a word.
    fn found(query: &str) -> String {
        search(query).iter().take(3).map(|it| it.glyph).collect()
    }

    /// `BLESS=1` writes the list anew, after the crate brought new emoji.
    #[test]
    fn the_list_is_the_crates() {
        let mut made = String::new();
        let mut group = None;
        for emoji in emojis::iter() {
            if group != Some(emoji.group()) {
                group = Some(emoji.group());
                made.push_str(&format!("# {:?}\n", emoji.group()));
            }
            let codes: Vec<&str> = emoji.shortcodes().collect();
            let line = format!("{}\t{}\t{}", emoji.as_str(), emoji.name(), codes.join(" "));
            made.push_str(line.trim_end());
            made.push('\n');
        }
        if std::env::var_os("BLESS").is_some() {
            let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/emoji/emoji.txt");
            std::fs::write(place, &made).expect("the list can be written");
            return;
        }
        assert!(
            made == LIST,
            "assets/emoji/emoji.txt is of another `emojis`: BLESS=1 writes it"
        );
    }

    #[test]
    fn each_is_one_emoji_with_a_name_in_a_known_group() {
        assert!(all().len() > 1_900);
        for emoji in all() {
            assert!(breeze_protocol::emoji::is_one(emoji.glyph), "{emoji:?}");
            assert!(!emoji.name.is_empty(), "{emoji:?}");
            assert!(emoji.codes().all(|code| code.bytes().all(is_code)), "{emoji:?}");
        }
        let last = all().last().map(|it| it.group);
        assert_eq!(last, Some(GROUPS.len() - 1), "every group was met");
    }

    #[test]
    fn what_fits_best_comes_first() {
        assert!(found("tea").starts_with('🍵'), "{}", found("tea"));
        assert!(found("+1").starts_with('👍'));
        assert!(found(":heart:").starts_with('❤'));
        assert!(found("thumbs_d").starts_with('👎') && found("Thumbs D").starts_with('👎'));
        assert!(found("noodl").contains('🍜') || found("steaming bowl") == "🍜");
        assert_eq!(found("no such thing"), "");
        assert_eq!(search(" ").len(), all().len());
    }

    #[test]
    fn a_short_name_is_begun_after_a_colon_that_stands_apart() {
        assert_eq!(begun("hi :te", 6), Some(3));
        assert_eq!(begun(":+1", 3), Some(0));
        for none in [
            "hi :t",
            "10:30",
            "a:te",
            "http://tea",
            "::te",
            ": tea",
            ":t e",
            ":D",
        ] {
            assert_eq!(begun(none, none.len()), None, "{none}");
        }
        let closed_to = |text: &str| closed(text, text.len()).map(|(at, it)| (at, it.glyph));
        assert_eq!(closed_to("hi :tea:"), Some((3, "🍵")));
        assert_eq!(closed_to("hi :Tea:"), Some((3, "🍵")));
        assert_eq!(closed_to("hi :nothing_like_it:"), None);
        assert_eq!(closed_to("hi :tea"), None);
    }

    #[test]
    fn the_last_used_stands_first_and_once() {
        let mut recent = vec!["🍵".to_owned(), "🙏".to_owned()];
        used(&mut recent, "🙏");
        assert_eq!(recent, ["🙏", "🍵"]);
        for emoji in all() {
            used(&mut recent, emoji.glyph);
        }
        assert_eq!(recent.len(), RECENT_MAX);
    }
}
