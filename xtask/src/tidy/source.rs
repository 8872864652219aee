//! A Rust file as the checks see it: comments and the insides of strings blanked out, test code set apart.

/// A string literal of the program (not of its tests or comments).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Where its opening quote stands in the text.
    pub(crate) at: usize,
    /// What stands between the quotes, as written.
    pub(crate) text: String,
}

/// One Rust file, taken apart. All texts have the same length, so one offset fits all.
#[derive(Debug)]
pub(crate) struct Source {
    /// Path below the root, with forward slashes.
    pub(crate) path: String,
    /// The file as it is.
    pub(crate) text: String,
    /// Without comments and without the insides of strings and characters.
    pub(crate) code: String,
    /// Like `code`, and without test modules; empty for a file that is all test.
    pub(crate) program: String,
    /// The program's string literals.
    pub(crate) literals: Vec<Literal>,
}

impl Source {
    /// Takes a file apart. `is_test` says that all of it is test code.
    pub(crate) fn new(path: &str, text: &str, is_test: bool) -> Self {
        let (code, literals) = mask(text);
        let program = if is_test {
            blank_all(&code)
        } else {
            without_tests(&code)
        };
        let kept = |at: usize| program.as_bytes().get(at).is_some_and(|byte| *byte == b'"');
        let literals = literals.into_iter().filter(|literal| kept(literal.at)).collect();
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            program,
            literals,
        }
    }

    /// The line of an offset, counted from one.
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self
            .text
            .as_bytes()
            .iter()
            .take(at)
            .filter(|byte| **byte == b'\n')
            .count()
    }
}

/// Blanks comments and the insides of literals; collects the string literals.
fn mask(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let end = find(bytes, at, b"\n");
                blank(&mut out, at, end);
                end
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = block_comment(bytes, at);
                blank(&mut out, at, end);
                end
            }
            b'"' => {
                let hashes = raw_hashes(bytes, at);
                let (inner_end, end) = string_end(bytes, at, hashes);
                literals.push(Literal {
                    at,
                    text: text[at + 1..inner_end].to_owned(),
                });
                blank(&mut out, at + 1, inner_end);
                end
            }
            b'\'' => {
                let end = char_end(text, at);
                if end > at + 1 {
                    blank(&mut out, at + 1, end - 1);
                }
                end
            }
            _ => at + 1,
        };
        at = end.max(at + 1);
    }
    (String::from_utf8_lossy(&out).into_owned(), literals)
}

fn blank(out: &mut [u8], from: usize, to: usize) {
    out.iter_mut()
        .take(to)
        .skip(from)
        .filter(|byte| **byte != b'\n')
        .for_each(|byte| *byte = b' ');
}

fn blank_all(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    let end = out.len();
    blank(&mut out, 0, end);
    String::from_utf8_lossy(&out).into_owned()
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(what.len())
        .position(|window| window == what)
        .map_or(bytes.len(), |found| from + found)
}

fn block_comment(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < bytes.len() {
        match &bytes[at..bytes.len().min(at + 2)] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// `Some(n)` for a raw string with n hashes before this quote, `None` for one with escapes.
fn raw_hashes(bytes: &[u8], quote: usize) -> Option<usize> {
    let hashes = bytes[..quote]
        .iter()
        .rev()
        .take_while(|byte| **byte == b'#')
        .count();
    let before = |back: usize| quote.checked_sub(hashes + back).map(|at| bytes[at]);
    let word = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let raw = before(1) == Some(b'r')
        && (!word(before(2)) || (matches!(before(2), Some(b'b' | b'c')) && !word(before(3))));
    raw.then_some(hashes)
}

/// Where the inside ends, and where the literal ends.
fn string_end(bytes: &[u8], quote: usize, raw: Option<usize>) -> (usize, usize) {
    if let Some(hashes) = raw {
        let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
        let inner = find(bytes, quote + 1, &close);
        return (inner, bytes.len().min(inner + close.len()));
    }
    let mut at = quote + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    let inner = at.min(bytes.len());
    (inner, bytes.len().min(inner + 1))
}

/// The end of a character literal, or the next offset for a lifetime.
fn char_end(text: &str, quote: usize) -> usize {
    let rest = &text[quote + 1..];
    if rest.starts_with('\\') {
        let close = rest.char_indices().skip(2).find(|(_, c)| *c == '\'');
        return close.map_or(quote + 1, |(at, _)| quote + 1 + at + 1);
    }
    let mut chars = rest.char_indices();
    match (chars.next(), chars.next()) {
        (Some(_), Some((at, '\''))) => quote + 1 + at + 1,
        _ => quote + 1,
    }
}

/// Blanks every item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    for marker in ["#[cfg(test)]", "#[cfg(all(test", "#[cfg(any(test", "#[test]"] {
        for (at, _) in code.match_indices(marker) {
            let end = item_end(code.as_bytes(), at + marker.len());
            blank(&mut out, at, end);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The end of the item that starts here: its `;`, or the brace that closes it.
fn item_end(code: &[u8], from: usize) -> usize {
    let mut nested = 0_i32;
    for (at, byte) in code.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested -= 1,
            b';' if nested <= 0 => return at + 1,
            b'{' => return closing(code, at).map_or(code.len(), |end| end + 1),
            _ => {}
        }
    }
    code.len()
}

/// The bracket that closes the one at `open`, in text without comments and strings.
pub(crate) fn closing(code: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.iter().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new("a.rs", text, false).code
    }

    #[test]
    fn comments_strings_and_characters_are_blank_and_lifetimes_stay() {
        assert_eq!(code("a // tokio\nb"), "a         \nb");
        assert_eq!(code("a /* x /* y */ z */ b"), "a                   b");
        assert_eq!(
            code(r#"f("a \" {", '{', '\'', 'é')"#),
            r#"f("      ", ' ', '  ', '  ')"#
        );
        assert_eq!(code("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
        assert_eq!(
            code("r#\"} \" {\"# + br\"\\\" + 'x'"),
            "r#\"     \"# + br\" \" + ' '"
        );
    }

    #[test]
    fn literals_of_the_program_are_kept_with_their_place() {
        let source = Source::new(
            "a.rs",
            "fn f() { g(\"one\"); }\n#[cfg(test)]\nmod t { const A: &str = \"two\"; }",
            false,
        );
        assert_eq!(
            source.literals,
            [Literal {
                at: 11,
                text: "one".to_owned()
            }]
        );
        assert_eq!(source.line(source.text.find("two").unwrap()), 3);
    }

    #[test]
    fn test_modules_are_no_part_of_the_program() {
        let source = Source::new(
            "a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests { fn f() { x.unwrap() } }\nfn b() {}",
            false,
        );
        assert!(!source.program.contains("unwrap") && source.code.contains("unwrap"));
        assert!(source.program.contains("fn a()") && source.program.contains("fn b()"));
        assert_eq!(Source::new("t.rs", "fn a() {}", true).program.trim(), "");
    }
}
