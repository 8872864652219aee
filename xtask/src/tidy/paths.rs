//! The names a program speaks, as paths: `use a::{b, c as d};` becomes `a::b` and `a::c`, expressions stay as they are.

/// A path and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Segments joined by `::`.
    pub(crate) path: String,
    /// Offset in the text.
    pub(crate) at: usize,
}

/// Every path in masked code; plain identifiers are paths of one segment.
pub(crate) fn names(code: &str) -> Vec<Name> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].0 == "use" {
            at = use_tree(&tokens, at + 1, "", &mut found);
        } else if is_word(tokens[at].0) {
            at = plain(&tokens, at, &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Whether the path contains `wanted` as whole segments: `a::std::fs::read` contains `std::fs`.
pub(crate) fn speaks(path: &str, wanted: &str) -> bool {
    format!("::{path}::").contains(&format!("::{wanted}::"))
}

type Token<'a> = (&'a str, usize);

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            let mut end = start + c.len_utf8();
            while let Some((at, next)) = chars.next_if(|(_, next)| next.is_alphanumeric() || *next == '_') {
                end = at + next.len_utf8();
            }
            out.push((&code[start..end], start));
        } else if c == ':' && chars.next_if(|(_, next)| *next == ':').is_some() {
            out.push((&code[start..start + 2], start));
        } else if !c.is_whitespace() {
            out.push((&code[start..start + c.len_utf8()], start));
        }
    }
    out
}

fn plain(tokens: &[Token<'_>], from: usize, found: &mut Vec<Name>) -> usize {
    let mut path = tokens[from].0.to_owned();
    let mut at = from + 1;
    while at + 1 < tokens.len() && tokens[at].0 == "::" && is_word(tokens[at + 1].0) {
        path = format!("{path}::{}", tokens[at + 1].0);
        at += 2;
    }
    found.push(Name {
        path,
        at: tokens[from].1,
    });
    at
}

/// Reads one branch of a `use` tree and returns the index behind it.
fn use_tree(tokens: &[Token<'_>], from: usize, prefix: &str, found: &mut Vec<Name>) -> usize {
    let mut path = prefix.to_owned();
    let mut at = from;
    let start = tokens.get(from).map_or(0, |token| token.1);
    while let Some((token, _)) = tokens.get(at) {
        match *token {
            "::" => at += 1,
            "as" => at += 2,
            "{" => return use_group(tokens, at + 1, &path, found),
            word if is_word(word) || word == "*" => {
                path = if path.is_empty() {
                    word.to_owned()
                } else {
                    format!("{path}::{word}")
                };
                at += 1;
            }
            _ => break,
        }
    }
    found.push(Name { path, at: start });
    at
}

fn use_group(tokens: &[Token<'_>], from: usize, prefix: &str, found: &mut Vec<Name>) -> usize {
    let mut at = from;
    while let Some((token, _)) = tokens.get(at) {
        match *token {
            "}" => return at + 1,
            "," => at += 1,
            _ => at = use_tree(tokens, at, prefix, found).max(at + 1),
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(code: &str) -> Vec<String> {
        names(code).into_iter().map(|name| name.path).collect()
    }

    #[test]
    fn use_trees_are_spread_out() {
        assert_eq!(
            paths("use std::{fs, net::{TcpStream as T, *}};"),
            ["std::fs", "std::net::TcpStream", "std::net::*"]
        );
        assert_eq!(paths("use a::b; x::y(z)"), ["a::b", "x::y", "z"]);
    }

    #[test]
    fn only_whole_segments_count() {
        assert!(speaks("std::fs::read", "std::fs") && speaks("tokio::net", "tokio"));
        assert!(!speaks("my_tokio::x", "tokio") && !speaks("std::fsx", "std::fs"));
    }
}
