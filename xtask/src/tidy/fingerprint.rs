//! The wire and its page move together: docs/protocol.md carries a fingerprint of protocol/src.

use super::Finding;
use super::tree::Tree;
use crate::shell::Fail;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;

const PAGE: &str = "docs/protocol.md";
const SOURCES: &str = "protocol/src/";
const OPEN: &str = "<!-- wire fingerprint: sha256:";
const CLOSE: &str = " -->";

/// Compares the page's line with the sources.
pub(crate) fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let Some(page) = tree.texts.get(PAGE) else {
        notes.push(format!(
            "{PAGE} is not there yet, so the wire's fingerprint is not checked"
        ));
        return Vec::new();
    };
    if recorded(page) == Some(of(tree).as_str()) {
        return Vec::new();
    }
    let line = 1 + page.lines().position(|line| line.contains(OPEN)).unwrap_or(0);
    let text = "the wire changed and its page did not say so: bring the page up to date, then `cargo xtask tidy --bless`";
    vec![Finding::new(PAGE, line, text)]
}

/// Writes the present fingerprint into the page.
pub(crate) fn bless(tree: &Tree, root: &Path) -> Result<(), Fail> {
    let page = tree
        .texts
        .get(PAGE)
        .ok_or_else(|| Fail::new(format!("{PAGE} is not there yet")))?;
    let new = blessed(page, &of(tree));
    if new != *page {
        std::fs::write(root.join(PAGE), new)
            .map_err(|e| Fail::new(format!("{PAGE} cannot be written: {e}")))?;
        println!("{PAGE}: fingerprint written");
    }
    Ok(())
}

fn blessed(page: &str, fingerprint: &str) -> String {
    let line = format!("{OPEN}{fingerprint}{CLOSE}");
    match recorded(page) {
        Some(old) => page.replace(&format!("{OPEN}{old}{CLOSE}"), &line),
        None => format!("{}\n\n{line}\n", page.trim_end()),
    }
}

fn recorded(page: &str) -> Option<&str> {
    let start = page.find(OPEN)? + OPEN.len();
    let end = page[start..].find(CLOSE)?;
    Some(&page[start..start + end])
}

/// What counts is the program: comments, tests and white space may change freely.
fn of(tree: &Tree) -> String {
    let mut sha = Sha256::new();
    for source in tree
        .sources
        .iter()
        .filter(|source| source.path.starts_with(SOURCES))
    {
        sha.update(source.path.as_bytes());
        sha.update([0]);
        for word in source.program.split_whitespace() {
            sha.update(word.as_bytes());
            sha.update(b" ");
        }
        for literal in &source.literals {
            sha.update(literal.text.as_bytes());
            sha.update([0]);
        }
    }
    sha.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(code: &str, page: Option<&str>) -> Tree {
        let mut texts = vec![("protocol/src/frame.rs".to_owned(), code.to_owned())];
        texts.extend(page.map(|page| (PAGE.to_owned(), page.to_owned())));
        Tree::new(texts.into_iter().collect())
    }

    #[test]
    fn a_changed_wire_needs_a_blessed_page() {
        let code = "//! x\nconst A: &str = \"ping\";";
        let page = blessed("# Protocol\n", &of(&tree(code, None)));
        assert!(check(&tree(code, Some(&page)), &mut Vec::new()).is_empty());
        for changed in [
            "//! x\nconst A: &str = \"pong\";",
            "//! x\nconst B: &str = \"ping\";",
        ] {
            assert_eq!(
                check(&tree(changed, Some(&page)), &mut Vec::new()).len(),
                1,
                "{changed}"
            );
        }
        let same =
            "//! y\n// more words\nconst A:  &str = \"ping\";\n#[cfg(test)]\nmod t { const B: u8 = 1; }";
        assert!(check(&tree(same, Some(&page)), &mut Vec::new()).is_empty());
    }

    #[test]
    fn blessing_replaces_the_line_and_keeps_the_page() {
        let once = blessed("# Protocol\n\ntext\n", "aa");
        assert_eq!(blessed(&once, "bb"), once.replace("sha256:aa", "sha256:bb"));
        assert_eq!(check(&tree("//! x", Some("# no line")), &mut Vec::new()).len(), 1);
    }
}
