//! What a message of kind `file` carries beside its text: the names of bytes, not the bytes.

use crate::id::{BlobHash, ConvId};
use crate::limit::{FILE_NAME_BYTES_MAX, INTEGER_MAX, MEDIA_BYTES_MAX};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One file of a message. All but hash and size is what its sender says of it: never to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attachment {
    /// SHA-256 of its bytes.
    pub hash: BlobHash,
    /// Bytes in all.
    pub size: u64,
    /// The name it had, 1 to 255 bytes of UTF-8 without control characters and slashes.
    pub name: String,
    /// What kind of file it is, as `image/png`; a hint, at most 100 bytes of ASCII, empty when unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media: String,
    /// Of a picture: pixels across, a hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of a picture: pixels down, a hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// Where a file is: the `index`-th attachment, from 0, of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FilePlace {
    /// The conversation.
    pub conv: ConvId,
    /// The entry's place in it.
    pub seq: u64,
    /// Which of its attachments.
    pub index: u32,
}

impl Attachment {
    /// Whether its words are of a shape a server takes.
    #[must_use]
    pub fn is_lawful(&self) -> bool {
        let name = !self.name.is_empty()
            && self.name.len() <= FILE_NAME_BYTES_MAX
            && !self
                .name
                .chars()
                .any(|c| c.is_control() || matches!(c, '/' | '\\'));
        let media =
            self.media.len() <= MEDIA_BYTES_MAX && self.media.bytes().all(|byte| byte.is_ascii_graphic());
        name && media && self.size <= INTEGER_MAX
    }
}

/// What a message is found by: its text, and the names of its files, each on a line of its own. Server and app search in
/// the same words.
#[must_use]
pub fn sought<'a>(body: &'a str, files: &[Attachment]) -> Cow<'a, str> {
    if files.is_empty() {
        return Cow::Borrowed(body);
    }
    let mut words = body.to_owned();
    for file in files {
        words.push('\n');
        words.push_str(&file.name);
    }
    Cow::Owned(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Attachment {
        Attachment {
            hash: BlobHash([1; 32]),
            size: 3,
            name: name.to_owned(),
            media: String::new(),
            width: None,
            height: None,
        }
    }

    #[test]
    fn names_with_ways_and_control_characters_are_not_lawful() {
        for good in ["a", "notes.txt", "茶 房.png", &"x".repeat(255)] {
            assert!(named(good).is_lawful(), "{good}");
        }
        for bad in [
            "",
            "a/b",
            "a\\b",
            "../x",
            "a\0",
            "a\nb",
            "a\u{85}",
            &"x".repeat(256),
        ] {
            assert!(!named(bad).is_lawful(), "{bad}");
        }
        let media = |media: &str| Attachment {
            media: media.to_owned(),
            ..named("a")
        };
        assert!(media("image/png").is_lawful());
        assert!(!media("image png").is_lawful() && !media(&"m".repeat(101)).is_lawful());
    }
}
