//! Each way a connection ends has its own name (its counter's too) and its own sentence; none is shared, none is empty.

use super::Finding;
use super::source::closing;
use super::tree::Tree;
use std::collections::HashSet;

const FILE: &str = "server/src/core/end.rs";

/// Checks the table of ends: one line per reason, a name first and a sentence last.
pub(crate) fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let Some(source) = tree.sources.iter().find(|source| source.path == FILE) else {
        notes.push(format!("{FILE} is not there yet, so the reasons are not checked"));
        return Vec::new();
    };
    let Some(table) = table(&source.text) else {
        return vec![Finding::new(
            FILE,
            0,
            "there must be a table `ends! { .. }` of every way a connection ends",
        )];
    };
    let (mut names, mut sentences, mut found) = (HashSet::new(), HashSet::new(), Vec::new());
    for entry in table.lines().map(str::trim).filter(|line| line.ends_with(';')) {
        let texts: Vec<&str> = entry.split('"').skip(1).step_by(2).collect();
        let (Some(name), Some(sentence)) = (texts.first(), texts.get(1)) else {
            found.push(Finding::new(
                FILE,
                0,
                format!("an end needs a name and a sentence: `{entry}`"),
            ));
            continue;
        };
        if name.is_empty() || !names.insert(*name) {
            found.push(Finding::new(
                FILE,
                0,
                format!("the name and counter `{name}` stands twice"),
            ));
        }
        if !sentence.ends_with('.') || !sentences.insert(*sentence) {
            found.push(Finding::new(
                FILE,
                0,
                format!("`{name}` needs a sentence of its own"),
            ));
        }
    }
    if names.is_empty() {
        found.push(Finding::new(FILE, 0, "the table of ends is empty"));
    }
    found
}

/// What stands between the braces of `ends! { .. }`.
fn table(text: &str) -> Option<&str> {
    let open = text.find("\nends! {")? + "\nends! ".len();
    let close = closing(text.as_bytes(), open)?;
    Some(&text[open + 1..close])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        let texts = [(FILE.to_owned(), text.to_owned())].into_iter().collect();
        check(&Tree::new(texts), &mut Vec::new()).len()
    }

    #[test]
    fn every_end_has_its_own_name_and_sentence() {
        let good = "//! x\n\nends! {\n    /// a\n    Left: \"left\", None, \"Gone.\";\n    /// b\n    Slow: \"slow\", None, \"Too slow.\";\n}\n";
        assert_eq!(findings(good), 0);
        assert_eq!(findings(&good.replace("\"slow\"", "\"left\"")), 1);
        assert_eq!(findings(&good.replace("Too slow.", "Gone.")), 1);
        assert_eq!(findings(&good.replace(", \"Gone.\"", "")), 1);
        assert_eq!(findings("//! x\n"), 1);
    }
}
