//! Names: which usernames are taken as one and the same, and which names may be shown.

use breeze_protocol::limit::{DISPLAY_NAME_CHARS, USERNAME_CHARS};
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use unicode_security::{MixedScript, confusable_detection::skeleton};

/// A username as it is kept, and what must be unique about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Lower case, normalised (PRECIS `UsernameCaseMapped`).
    pub username: String,
    /// Equal for all names that look alike.
    pub skeleton: String,
}

/// Prepares a username; `None` when it is not allowed: 2 to 32 letters, digits, `.`, `-` or `_`, all of one script,
/// beginning with a letter or a digit.
#[must_use]
pub fn prepare(typed: &str) -> Option<Prepared> {
    // No character shrinks to less than a quarter when normalised, so longer input can be refused unread.
    if typed.len() > USERNAME_CHARS.end() * 16 {
        return None;
    }
    let username = UsernameCaseMapped::enforce(typed.trim()).ok()?.into_owned();
    let fits = USERNAME_CHARS.contains(&username.chars().count());
    let plain = username
        .chars()
        .all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let begins = username.chars().next().is_some_and(char::is_alphanumeric);
    if !(fits && plain && begins && username.as_str().is_single_script()) {
        return None;
    }
    let skeleton = folded_skeleton(&username);
    Some(Prepared { username, skeleton })
}

/// Whether a name may be shown: 1 to 64 characters, something to see in it, nothing that bends the text around it.
#[must_use]
pub fn display_name_ok(name: &str) -> bool {
    DISPLAY_NAME_CHARS.contains(&name.chars().count())
        && name.chars().any(|c| !c.is_whitespace() && !is_invisible(c))
        && !name.chars().any(bends_text)
}

/// Whether a line under a name may be shown: nothing in it that bends the text around it. Its length is the caller's.
#[must_use]
pub fn line_ok(line: &str) -> bool {
    !line.chars().any(bends_text)
}

/// Twice, because the look-alike of a lower-case character may be an upper-case one (`0` looks like `O`).
fn folded_skeleton(username: &str) -> String {
    let once: String = skeleton(username).collect::<String>().to_lowercase();
    skeleton(&once).collect::<String>().to_lowercase()
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{00ad}' | '\u{3164}' | '\u{115f}' | '\u{1160}'
    )
}

fn bends_text(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeleton_of(name: &str) -> String {
        prepare(name)
            .unwrap_or_else(|| panic!("{name} is allowed"))
            .skeleton
    }

    #[test]
    fn names_of_many_scripts_are_taken() {
        for name in ["ann", "Ann_B.9", "小明", "мария", "أحمد", "josé", "x-1"] {
            assert!(prepare(name).is_some(), "{name}");
        }
        assert_eq!(prepare(" ANN ").unwrap().username, "ann");
    }

    #[test]
    fn names_that_could_mislead_are_not() {
        for name in [
            "a",
            "",
            "has space",
            "a/b",
            "a@b",
            ".ann",
            "-ann",
            "аnn",
            "an\u{202e}n",
            "a\u{200b}nn",
            "ann\u{0}",
        ] {
            assert!(prepare(name).is_none(), "{name:?}");
        }
        assert!(prepare(&"x".repeat(33)).is_none());
        assert!(prepare(&"x".repeat(32)).is_some());
    }

    #[test]
    fn look_alikes_share_a_skeleton() {
        assert_eq!(skeleton_of("b0b"), skeleton_of("bob"));
        assert_eq!(skeleton_of("Bob"), skeleton_of("bob"));
        assert_eq!(skeleton_of("paypa1"), skeleton_of("paypal"));
        assert_eq!(skeleton_of("BIll"), skeleton_of("bill"));
        assert_eq!(skeleton_of("сосо"), skeleton_of("coco"), "Cyrillic all through");
        assert_ne!(skeleton_of("ann"), skeleton_of("anne"));
    }

    #[test]
    fn display_names_are_free_within_reason() {
        for name in ["Ann", "Ann Müller 🎈", "小明", "أحمد"] {
            assert!(display_name_ok(name), "{name}");
        }
        for name in ["", "   ", "a\nb", "x\u{202e}y", "\u{200b}\u{200b}"] {
            assert!(!display_name_ok(name), "{name:?}");
        }
        assert!(!display_name_ok(&"x".repeat(65)));
        assert!(line_ok("at lunch") && !line_ok("a\u{2066}b"));
    }
}
