//! A link as a QR code for the terminal: two modules to a character, with the quiet zone that readers need.

use qrcode::{Color, EcLevel, QrCode};

/// Modules of quiet zone on each side. The standard asks for four; cameras are content with two on a dark terminal.
const QUIET: i32 = 2;

/// The code as lines of block characters, light on dark; `None` when the text is too long for one.
#[must_use]
pub fn blocks(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = i32::try_from(code.width()).ok()?;
    let light = |x: i32, y: i32| {
        let inside = (0..width).contains(&x) && (0..width).contains(&y);
        let at = |n: i32| usize::try_from(n).ok();
        !inside || at(x).zip(at(y)).is_some_and(|place| code[place] == Color::Light)
    };
    let mut lines = String::new();
    for y in (-QUIET..width + QUIET).step_by(2) {
        for x in -QUIET..width + QUIET {
            lines.push(match (light(x, y), light(x, y + 1)) {
                (true, true) => '\u{2588}',
                (true, false) => '\u{2580}',
                (false, true) => '\u{2584}',
                (false, false) => ' ',
            });
        }
        lines.push('\n');
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_square_and_has_its_quiet_zone() {
        let code = blocks("breeze://127.0.0.1:7463/?i=abc").unwrap();
        let lines: Vec<&str> = code.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == '\u{2588}'), "{code}");
        assert_eq!(blocks(&"x".repeat(5000)), None);
    }
}
