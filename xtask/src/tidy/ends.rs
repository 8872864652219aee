//! Each way a connection ends has its own name, its own counter and its own sentence; none hides behind a wildcard.

use super::Finding;
use super::source::{Source, closing};
use super::tree::Tree;

const FILE: &str = "server/src/core/end.rs";

/// Checks that every variant of `ConnectionEnd` is named in the functions that speak about it.
pub(crate) fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let Some(source) = tree.sources.iter().find(|source| source.path == FILE) else {
        notes.push(format!("{FILE} is not there yet, so the reasons are not checked"));
        return Vec::new();
    };
    let Some((_, list)) = block(source, "enum ConnectionEnd") else {
        return vec![Finding::new(
            FILE,
            0,
            "there must be an `enum ConnectionEnd` with every way a connection ends",
        )];
    };
    let variants = variants(list);
    let mut found = Vec::new();
    for name in ["sentence", "counter"] {
        let Some((at, body)) = block(source, &format!("fn {name}(")) else {
            found.push(Finding::new(
                FILE,
                0,
                format!("`ConnectionEnd` needs `fn {name}`, one arm per reason"),
            ));
            continue;
        };
        if body.contains("_ =>") {
            found.push(Finding::new(
                FILE,
                source.line(at),
                format!("`fn {name}` has a wildcard: name every reason"),
            ));
        }
        for variant in variants.iter().filter(|variant| !has_word(body, variant)) {
            let text = format!("`fn {name}` says nothing about `{variant}`");
            found.push(Finding::new(FILE, source.line(at), text));
        }
    }
    found
}

/// The block in braces that follows `head`.
fn block<'a>(source: &'a Source, head: &str) -> Option<(usize, &'a str)> {
    let at = source.program.find(head)?;
    let open = at + source.program[at..].find('{')?;
    let close = closing(source.program.as_bytes(), open)?;
    Some((at, &source.program[open + 1..close]))
}

/// The variants' names: the first word of each entry, attributes and payloads passed over.
fn variants(list: &str) -> Vec<&str> {
    let bytes = list.as_bytes();
    let (mut found, mut at, mut fresh) = (Vec::new(), 0, true);
    while at < bytes.len() {
        match bytes[at] {
            b',' => fresh = true,
            b'{' | b'(' | b'[' => at = closing(bytes, at).unwrap_or(bytes.len()),
            byte if fresh && byte.is_ascii_uppercase() => {
                let len = list[at..]
                    .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .unwrap_or(list.len() - at);
                found.push(&list[at..at + len]);
                fresh = false;
                at += len - 1;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn has_word(body: &str, word: &str) -> bool {
    body.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        let texts = [(FILE.to_owned(), text.to_owned())].into_iter().collect();
        check(&Tree::new(texts), &mut Vec::new()).len()
    }

    #[test]
    fn every_reason_has_a_sentence_and_a_counter() {
        let list =
            "//! x\npub enum ConnectionEnd {\n /// a\n Left,\n #[x(Y)]\n Slow { bytes: u64 },\n Bad(Code),\n}\n";
        let sentence = "fn sentence(self) { match self { Self::Left => \"a\", Self::Slow { .. } => \"b\", Self::Bad(_) => \"c\" } }";
        let counter = sentence.replace("sentence", "counter");
        assert_eq!(findings(&format!("{list}{sentence}{counter}")), 0);
        assert_eq!(findings(&format!("{list}{sentence}")), 1);
        assert_eq!(
            findings(&format!("{list}{sentence}{}", counter.replace("Self::Left", "_"))),
            2
        );
        assert_eq!(findings("//! x\n"), 1);
    }
}
