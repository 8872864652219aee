//! Light markdown: which parts of a text are bold, italic, code, quoted, a list, a link. Pure, and in time proportional to
//! the text's length. Every byte of the text is in exactly one part, in order, so nothing is ever lost.

#[cfg(test)]
mod tests;

use super::link;
use std::ops::Range;

/// How a part looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// `**bold**`.
    pub bold: bool,
    /// `*italic*`.
    pub italic: bool,
    /// In backquotes, or in a block of code.
    pub code: bool,
    /// In a block of code, between lines of three backquotes.
    pub block: bool,
    /// On a line that begins with `> `.
    pub quote: bool,
    /// An address.
    pub link: bool,
}

/// What is drawn of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Its letters.
    Text,
    /// Nothing: it only says how others look.
    Nothing,
    /// A dot, in place of the sign that begins an item of a list.
    Dot,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// How it looks.
    pub style: Style,
    /// What is drawn.
    pub show: Show,
}

/// What begins and ends a block of code.
const FENCE: &str = "```";

/// The parts of a text.
#[must_use]
pub fn parse(text: &str) -> Vec<Part> {
    let mut parser = Parser {
        text,
        links: link::find(text),
        link: 0,
        parts: Vec::new(),
    };
    parser.lines();
    parser.parts
}

/// The letters of a text without the signs, on one line: for where there is room for a glance only.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut line = String::new();
    for part in parse(text) {
        match part.show {
            Show::Nothing => {}
            Show::Dot => line.push('•'),
            Show::Text => line.push_str(&text[part.range]),
        }
    }
    line
}

struct Parser<'a> {
    text: &'a str,
    links: Vec<Range<usize>>,
    /// The next link not passed yet.
    link: usize,
    parts: Vec<Part>,
}

impl Parser<'_> {
    fn lines(&mut self) {
        let (mut at, mut fences) = (0, true);
        while at < self.text.len() {
            let end = self.line_end(at);
            let line = &self.text[at..end];
            if fences && line.trim_start().starts_with(FENCE) {
                match self.block(at, end) {
                    Some(after) => {
                        at = after;
                        continue;
                    }
                    // Where none ends, none further down does either.
                    None => fences = self.has_fence(end),
                }
            }
            self.line(at, end);
            at = end;
        }
    }

    /// The end of the line that begins here, its line end included.
    fn line_end(&self, from: usize) -> usize {
        self.text[from..]
            .find('\n')
            .map_or(self.text.len(), |at| from + at + 1)
    }

    fn has_fence(&self, from: usize) -> bool {
        self.text[from..].lines().any(|line| line.trim() == FENCE)
    }

    /// A block of code whose first line is this; `None` when it has no last line, or nothing between the two.
    fn block(&mut self, from: usize, first_end: usize) -> Option<usize> {
        let mut at = first_end;
        let (close, after) = loop {
            if at >= self.text.len() {
                return None;
            }
            let end = self.line_end(at);
            if self.text[at..end].trim() == FENCE {
                break (at, end);
            }
            at = end;
        };
        let line = &self.text[from..first_end];
        let open = from + (line.len() - line.trim_start().len()) + FENCE.len();
        // The name of a language is not shown; anything else on the first line is code already.
        let begin = if is_language(self.text[open..first_end].trim()) {
            first_end
        } else {
            open
        };
        if close == begin {
            return None;
        }
        let code = Style {
            code: true,
            block: true,
            ..Style::default()
        };
        self.part(from..begin, Style::default(), Show::Nothing);
        // The line end before the last fence separates the block from what follows; at the end of all it is nothing.
        let last = if after == self.text.len() {
            close - 1
        } else {
            close
        };
        self.part(begin..last, code, Show::Text);
        self.part(last..close, code, Show::Nothing);
        self.part(close..after, Style::default(), Show::Nothing);
        while self.links.get(self.link).is_some_and(|link| link.start < after) {
            self.link += 1;
        }
        Some(after)
    }

    fn line(&mut self, from: usize, end: usize) {
        let line = &self.text[from..end];
        let content = line.strip_suffix('\n').unwrap_or(line);
        let stop = from + content.len();
        let mut style = Style::default();
        let mut at = from;
        let inside = content
            .strip_prefix(FENCE)
            .and_then(|rest| rest.strip_suffix(FENCE));
        if inside.is_some_and(|code| !code.is_empty() && !code.contains('`')) {
            self.part(from..from + FENCE.len(), style, Show::Nothing);
            self.part(
                from + FENCE.len()..stop - FENCE.len(),
                Style { code: true, ..style },
                Show::Text,
            );
            self.part(stop - FENCE.len()..stop, style, Show::Nothing);
            self.part(stop..end, style, Show::Text);
            return;
        }
        if let Some(rest) = content.strip_prefix('>')
            && (rest.is_empty() || rest.starts_with(' '))
        {
            style.quote = true;
            at += 1 + usize::from(rest.starts_with(' '));
            self.part(from..at, style, Show::Nothing);
        }
        let indent = self.text[at..stop].len() - self.text[at..stop].trim_start_matches(' ').len();
        let item = &self.text[at + indent..stop];
        let is_item = item.strip_prefix("- ").or_else(|| item.strip_prefix("* "));
        if is_item.is_some_and(|rest| !rest.trim().is_empty()) {
            self.part(at..at + indent, style, Show::Text);
            self.part(at + indent..at + indent + 1, style, Show::Dot);
            at += indent + 1;
        }
        self.inline(at..stop, style);
        self.part(stop..end, style, Show::Text);
    }

    /// Signs inside a line. What has no end is a plain letter, and is looked for once only.
    fn inline(&mut self, range: Range<usize>, style: Style) {
        let bytes = self.text.as_bytes();
        let (mut at, mut plain) = (range.start, range.start);
        let (mut code, mut bold, mut italic) = (true, !style.bold, !style.italic);
        let mut both = bold && italic;
        while at < range.end {
            if let Some(link) = self.link_at(at).filter(|link| link.end <= range.end) {
                self.part(plain..at, style, Show::Text);
                self.part(link.clone(), Style { link: true, ..style }, Show::Text);
                at = link.end;
                plain = at;
                continue;
            }
            let run = bytes[at..range.end]
                .iter()
                .take_while(|byte| **byte == b'*')
                .count();
            let ended = match (bytes[at], run) {
                (b'`', _) if code => ended(&mut code, self.code_end(at, range.end), 1),
                (b'*', 3) if both && self.opens(at, 3, &range) => {
                    ended(&mut both, self.star_end(at + 3, 3, range.end), 3)
                }
                (b'*', 2) if bold && self.opens(at, 2, &range) => {
                    ended(&mut bold, self.star_end(at + 2, 2, range.end), 2)
                }
                (b'*', 1) if italic && self.opens(at, 1, &range) => {
                    ended(&mut italic, self.star_end(at + 1, 1, range.end), 1)
                }
                _ => None,
            };
            let Some((close, width)) = ended else {
                at += run.max(1);
                continue;
            };
            self.part(plain..at, style, Show::Text);
            self.part(at..at + width, style, Show::Nothing);
            let inside = at + width..close;
            match (bytes[at], width) {
                (b'`', _) => self.part(inside, Style { code: true, ..style }, Show::Text),
                (_, 3) => self.inline(
                    inside,
                    Style {
                        bold: true,
                        italic: true,
                        ..style
                    },
                ),
                (_, 2) => self.inline(inside, Style { bold: true, ..style }),
                _ => self.inline(
                    inside,
                    Style {
                        italic: true,
                        ..style
                    },
                ),
            }
            self.part(close..close + width, style, Show::Nothing);
            at = close + width;
            plain = at;
        }
        self.part(plain..range.end, style, Show::Text);
    }

    /// The link that begins exactly here. Links before it are passed for good.
    fn link_at(&mut self, at: usize) -> Option<Range<usize>> {
        while self.links.get(self.link).is_some_and(|link| link.start < at) {
            self.link += 1;
        }
        self.links.get(self.link).filter(|link| link.start == at).cloned()
    }

    fn code_end(&self, at: usize, end: usize) -> Option<usize> {
        let close = self.text[at + 1..end].find('`')?;
        (close > 0).then_some(at + 1 + close)
    }

    /// Whether stars here can begin something: not inside a word, and with a letter right after them.
    fn opens(&self, at: usize, width: usize, range: &Range<usize>) -> bool {
        let before = self.text[range.start..at].chars().next_back();
        let after = self.text[at + width..range.end].chars().next();
        !before.is_some_and(is_inside) && after.is_some_and(|c| !c.is_whitespace() && c != '*')
    }

    /// Where stars of this width end: right after a letter, not inside a word.
    fn star_end(&self, from: usize, width: usize, end: usize) -> Option<usize> {
        let mut at = from;
        while let Some(star) = self.text[at..end].find('*') {
            let star = at + star;
            let run = self.text[star..end]
                .bytes()
                .take_while(|byte| *byte == b'*')
                .count();
            let before = self.text[from..star].chars().next_back();
            let after = self.text[star + run..end].chars().next();
            let fits = run == width || (run == 3 && width <= 2);
            if fits
                && before.is_some_and(|c| !c.is_whitespace())
                && !after.is_some_and(is_inside)
                && !self.in_link(star)
            {
                return Some(star + run - width);
            }
            at = star + run;
        }
        None
    }

    fn in_link(&self, at: usize) -> bool {
        let before = self.links.partition_point(|link| link.start <= at);
        before > 0 && at < self.links[before - 1].end
    }

    fn part(&mut self, range: Range<usize>, style: Style, show: Show) {
        if range.is_empty() {
            return;
        }
        if let Some(last) = self.parts.last_mut()
            && last.range.end == range.start
            && (last.style, last.show) == (style, show)
            && show == Show::Text
            && !style.link
        {
            last.range.end = range.end;
            return;
        }
        self.parts.push(Part { range, style, show });
    }
}

/// Whether what follows an opening fence names a language.
fn is_language(word: &str) -> bool {
    word.len() <= 20
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+#-._".contains(&byte))
}

/// An end that was found, with the width of the sign; one that was not is not looked for again on this line.
fn ended(may: &mut bool, close: Option<usize>, width: usize) -> Option<(usize, usize)> {
    *may = close.is_some();
    close.map(|close| (close, width))
}

/// Whether a star beside this letter stands inside a word, as in `2*3` or `a*b`.
fn is_inside(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '*'
}
