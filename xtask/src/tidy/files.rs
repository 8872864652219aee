//! Rules about files as such: a purpose in the first line, a length a person can hold, names that say something.

use super::Finding;
use super::source::Source;
use super::tree::Tree;
use crate::icons;

/// A longer file is two files.
const FILE_LINES_MAX: usize = 500;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["mod", "utils", "util", "common", "helpers", "misc"];
/// Folders of the machine somebody worked on; written so that this file does not find itself.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Checks one Rust file.
pub(crate) fn check_source(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    if !source
        .text
        .lines()
        .next()
        .is_some_and(|line| line.starts_with("//! "))
    {
        found.push(Finding::new(
            &source.path,
            1,
            "the first line must be `//!` and say what the file is for",
        ));
    }
    let lines = source.text.lines().count();
    if lines > FILE_LINES_MAX {
        found.push(Finding::new(
            &source.path,
            0,
            format!("has {lines} lines; at most {FILE_LINES_MAX}"),
        ));
    }
    let stem = source
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    if EMPTY_NAMES.contains(&stem) {
        let text = format!("a file called {stem}.rs says nothing: name it after what it holds");
        found.push(Finding::new(&source.path, 0, text));
    }
    found
}

/// Checks every text for paths that exist on one machine only.
pub(crate) fn check_texts(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in &tree.texts {
        for (index, line) in text.lines().enumerate() {
            if MACHINE_PATHS.iter().any(|machine| starts_path(line, machine)) {
                found.push(Finding::new(
                    path,
                    index + 1,
                    "names a path of one particular machine",
                ));
            }
        }
    }
    found
}

/// Checks that the icon's pictures are those of its drawing.
pub(crate) fn check_icons(tree: &Tree) -> Option<Finding> {
    let text = |name: &str| tree.texts.get(&format!("assets/{name}")).map(String::as_str);
    let source = text(icons::SOURCE)?;
    let words = icons::stale(source, text(icons::RECORD))?;
    Some(Finding::new(format!("assets/{}", icons::SOURCE), 0, words))
}

/// Whether the path stands there from its root, not as the tail of another path or address.
fn starts_path(line: &str, machine: &str) -> bool {
    let tail = |c: char| c.is_alphanumeric() || "._-/}~$)".contains(c);
    line.match_indices(machine)
        .any(|(at, _)| !line[..at].ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_say_what_they_are_and_stay_short() {
        let texts = |path: &str, text: &str| check_source(&Source::new(path, text, false)).len();
        assert_eq!(texts("a/b.rs", "//! Does one thing.\nfn f() {}\n"), 0);
        assert_eq!(texts("a/b.rs", "fn f() {}\n"), 1);
        assert_eq!(texts("a/b.rs", &format!("//! x\n{}", "\n".repeat(500))), 1);
        assert_eq!(texts("a/mod.rs", "//! x\n"), 1);
        assert_eq!(texts("a/utils.rs", "//! x\n"), 1);
    }

    #[test]
    fn machine_paths_are_found_and_lookalikes_are_not() {
        for machine in MACHINE_PATHS {
            assert!(starts_path(&format!("open(\"{machine}x\")"), machine));
            assert!(!starts_path(
                &format!("https://example.org{machine}x and $HOME{machine}"),
                machine
            ));
        }
    }
}
