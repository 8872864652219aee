//! Everything tidy looks at, read once: all text files, and the Rust files taken apart.

use super::source::Source;
use crate::shell::Fail;
use std::collections::BTreeMap;
use std::path::Path;

/// A file larger than this is no text a person wrote.
const TEXT_MAX: u64 = 4 * 1024 * 1024;
/// Folders that are made, not written.
const SKIPPED: &[&str] = &["target", ".git", "node_modules"];

/// The repository's texts.
pub(crate) struct Tree {
    /// Every text file by its path below the root, with forward slashes.
    pub(crate) texts: BTreeMap<String, String>,
    /// The Rust files among them.
    pub(crate) sources: Vec<Source>,
}

impl Tree {
    /// Reads everything below `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, Fail> {
        let mut texts = BTreeMap::new();
        walk(root, "", &mut texts).map_err(|e| Fail::new(format!("the tree cannot be read: {e}")))?;
        Ok(Self::new(texts))
    }

    /// The same from texts in memory.
    pub(crate) fn new(texts: BTreeMap<String, String>) -> Self {
        let declared = test_modules(&texts);
        let sources = texts
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| Source::new(path, text, is_test(path, &declared)))
            .collect();
        Self { texts, sources }
    }
}

fn walk(dir: &Path, below: &str, texts: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() {
            name.clone()
        } else {
            format!("{below}/{name}")
        };
        // In a second working tree `.git` is a file.
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &path, texts)?;
        } else if kind.is_file()
            && entry.metadata()?.len() <= TEXT_MAX
            && let Ok(text) = String::from_utf8(std::fs::read(entry.path())?)
        {
            texts.insert(path, text);
        }
    }
    Ok(())
}

/// Files that some `#[cfg(test)] mod name;` brings in, as paths without the ending.
fn test_modules(texts: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            let name = pair[1]
                .strip_prefix("mod ")
                .or_else(|| pair[1].strip_prefix("pub(crate) mod "));
            if let (true, Some(name)) = (
                pair[0].starts_with("#[cfg(test)]"),
                name.and_then(|n| n.strip_suffix(';')),
            ) {
                found.push(format!("{}/{name}", module_folder(path)));
            }
        }
    }
    found
}

/// The folder in which the modules declared by this file lie.
fn module_folder(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    match stem.rsplit_once('/') {
        Some((folder, "lib" | "main")) => folder.to_owned(),
        _ => stem.to_owned(),
    }
}

/// The whole crate `tests`, every `tests/` folder, benches, fuzz targets and declared test modules.
fn is_test(path: &str, declared: &[String]) -> bool {
    let folder = |name: &str| path.starts_with(&format!("{name}/")) || path.contains(&format!("/{name}/"));
    let module = |stem: &String| path == format!("{stem}.rs") || path.starts_with(&format!("{stem}/"));
    ["tests", "benches", "fuzz"].into_iter().any(folder) || declared.iter().any(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_place_or_by_declaration() {
        let texts = [
            (
                "server/src/core/state.rs",
                "//! x\n#[cfg(test)]\nmod cases;\nfn f() {}",
            ),
            ("server/src/core/state/cases.rs", "//! x\nfn g() {}"),
            ("server/tests/store.rs", "//! x"),
            ("tests/src/wait.rs", "//! x"),
        ];
        let texts = texts
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .collect();
        let tree = Tree::new(texts);
        let tests: Vec<bool> = tree
            .sources
            .iter()
            .map(|source| source.program.trim().is_empty())
            .collect();
        assert_eq!(tests, [false, true, true, true]);
    }
}
