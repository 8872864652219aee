//! What a backup holds: one line per file with its SHA-256, as `sha256sum --check` reads it. Without it, it is none.

use super::sqlite::check::hex;
use crate::stamp;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Name of the manifest. Written last, so that a backup that has one was written to its end.
pub const MANIFEST_FILE: &str = "MANIFEST";
/// First line. A later format gets another number.
const FIRST_LINE: &str = "# breeze-server backup 1";
/// Last line: a list that lost its end is no list.
const LAST_LINE: &str = "# end";
/// Bytes hashed at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// Longest manifest, bytes: four files take half a KiB.
const MANIFEST_BYTES_MAX: u64 = 64 * 1024;

/// A list of files and what they must hash to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Name and SHA-256, in hexadecimal.
    pub files: Vec<(String, String)>,
    /// When it was made, for people.
    pub made: String,
}

impl Manifest {
    /// As text. `notes` are lines for people.
    #[must_use]
    pub fn text(&self, now_ms: u64, notes: &[String]) -> String {
        let made = stamp::words(now_ms);
        let mut text = format!(
            "{FIRST_LINE}\n# made {made} by breeze-server {}\n",
            env!("CARGO_PKG_VERSION")
        );
        for note in notes {
            text += &format!("# {note}\n");
        }
        for (name, hash) in &self.files {
            text += &format!("{hash}  {name}\n");
        }
        text + LAST_LINE + "\n"
    }

    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// A sentence: there is none, or it is not understood.
    pub fn read(dir: &Path) -> Result<Self, String> {
        let path = dir.join(MANIFEST_FILE);
        let mut text = String::new();
        File::open(&path)
            .and_then(|file| file.take(MANIFEST_BYTES_MAX).read_to_string(&mut text))
            .map_err(|error| {
                format!(
                    "{} is not a whole backup: its list of files cannot be read ({error}).",
                    dir.display()
                )
            })?;
        Self::parse(&text).ok_or_else(|| {
            format!(
                "{} is not understood: it was changed, or made by a newer version.",
                path.display()
            )
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.strip_suffix(LAST_LINE)?.lines();
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let mut manifest = Self::default();
        for line in lines {
            if let Some(note) = line.strip_prefix("# ") {
                if let Some(made) = note.strip_prefix("made ") {
                    made.clone_into(&mut manifest.made);
                }
                continue;
            }
            let (hash, name) = line.split_once("  ")?;
            let plain = !name.is_empty() && !name.contains('/') && name != ".." && name != ".";
            if hash.len() != 64 || !plain {
                return None;
            }
            manifest.files.push((name.to_owned(), hash.to_owned()));
        }
        Some(manifest)
    }
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// What the system says.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&chunk[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written_and_never_half() {
        let manifest = Manifest {
            files: vec![
                ("breeze.db".into(), "ab".repeat(32)),
                ("key.pem".into(), "cd".repeat(32)),
            ],
            made: String::new(),
        };
        let text = manifest.text(0, &["schema 2".into()]);
        let read = Manifest::parse(&text).unwrap();
        assert_eq!(read.files, manifest.files);
        assert!(read.made.starts_with("1970-01-01 00:00:00 UTC by breeze-server "));
        for end in 0..text.len() {
            assert_eq!(Manifest::parse(&text[..end]), None, "{end}");
        }
        for name in ["../key.pem", "a/b", "..", ""] {
            let bad = format!("{FIRST_LINE}\n{}  {name}\n{LAST_LINE}\n", "ab".repeat(32));
            assert_eq!(Manifest::parse(&bad), None, "{name}");
        }
    }
}
