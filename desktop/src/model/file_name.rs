//! Names of files, which are strangers' words: what to save one as, what it seems to be, and whether opening it is risky.

use std::path::PathBuf;

/// Longest name made, bytes: file systems take 255, and a number and a suffix must still fit.
pub const NAME_BYTES_MAX: usize = 200;
/// Longest ending that is kept when a name is shortened, bytes.
const ENDING_BYTES_MAX: usize = 16;
/// What a file is called when nothing is left of its name.
const NAMELESS: &str = "file";
/// Names some systems keep for devices, whatever follows a dot.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];
/// Endings of what runs, or makes something run, when it is opened.
const RISKY: &[&str] = &[
    "exe",
    "com",
    "bat",
    "cmd",
    "scr",
    "pif",
    "msi",
    "msp",
    "msc",
    "cpl",
    "dll",
    "lnk",
    "url",
    "hta",
    "vbs",
    "vbe",
    "js",
    "jse",
    "wsf",
    "wsh",
    "ps1",
    "psm1",
    "reg",
    "inf",
    "jar",
    "jnlp",
    "class",
    "app",
    "command",
    "workflow",
    "action",
    "pkg",
    "dmg",
    "desktop",
    "sh",
    "bash",
    "zsh",
    "fish",
    "csh",
    "ksh",
    "run",
    "bin",
    "out",
    "elf",
    "so",
    "appimage",
    "deb",
    "rpm",
    "flatpakref",
    "snap",
    "apk",
    "py",
    "pyc",
    "pyw",
    "pl",
    "rb",
    "php",
    "lua",
    "tcl",
    "awk",
    "service",
    "xpi",
    "crx",
    "docm",
    "xlsm",
    "pptm",
    "dotm",
    "xltm",
    "html",
    "htm",
    "xhtml",
    "svg",
    "mht",
    "iso",
    "img",
    "vhd",
];

/// What a file seems to be, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture that can be shown.
    Picture,
    /// Sound.
    Sound,
    /// A film.
    Film,
    /// Several files in one.
    Archive,
    /// Something to read.
    Document,
    /// Something that runs.
    Program,
    /// Anything else.
    Other,
}

/// A name under which a file may be saved here: the last part of the way only, without characters that some system keeps
/// for itself or that make a name look like another, never empty, never hidden, never longer than [`NAME_BYTES_MAX`].
#[must_use]
pub fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().map(|c| if is_bad(c) { '_' } else { c }).collect();
    let plain = plain.trim().trim_end_matches(['.', ' ']);
    // A first dot hides a file, a first dash makes it an option, a tilde a home.
    let mut name = match plain.chars().next() {
        None => NAMELESS.to_owned(),
        Some('.' | '-' | '~') => format!("_{}", plain.trim_start_matches(['.', '-', '~', ' '])),
        Some(_) => plain.to_owned(),
    };
    if name == "_" {
        NAMELESS.clone_into(&mut name);
    }
    if is_device(&name) {
        name.insert(0, '_');
    }
    shortened(&name, NAME_BYTES_MAX)
}

/// The same name with a number, for when the first is taken.
#[must_use]
pub fn numbered(name: &str, number: u32) -> String {
    let (stem, ending) = split(name);
    format!("{stem} ({number}){ending}")
}

/// The last part of a name with its dot, lower case; empty when there is none.
#[must_use]
pub fn ending(name: &str) -> String {
    split(name).1.trim_start_matches('.').to_lowercase()
}

/// Whether opening it may run something.
#[must_use]
pub fn is_risky(name: &str) -> bool {
    let safe = safe(name);
    let ending = ending(&safe);
    ending.is_empty() || RISKY.contains(&ending.as_str())
}

/// What it seems to be.
#[must_use]
pub fn kind(name: &str) -> FileKind {
    match ending(&safe(name)).as_str() {
        "png" | "jpg" | "jpeg" | "webp" => FileKind::Picture,
        "mp3" | "ogg" | "oga" | "opus" | "flac" | "wav" | "m4a" | "aac" | "mid" => FileKind::Sound,
        "mp4" | "mkv" | "webm" | "mov" | "avi" | "ogv" | "m4v" => FileKind::Film,
        "zip" | "tar" | "gz" | "tgz" | "xz" | "bz2" | "zst" | "7z" | "rar" => FileKind::Archive,
        "pdf" | "txt" | "md" | "odt" | "ods" | "odp" | "doc" | "docx" | "xls" | "xlsx" | "ppt" | "pptx"
        | "epub" | "rtf" | "csv" => FileKind::Document,
        ending if RISKY.contains(&ending) => FileKind::Program,
        _ => FileKind::Other,
    }
}

/// What a file of this name says it is, for the receiver's eyes.
#[must_use]
pub fn media(name: &str) -> &'static str {
    match ending(name).as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain",
        "zip" => "application/zip",
        "mp3" => "audio/mpeg",
        "ogg" | "opus" => "audio/ogg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        _ => "",
    }
}

/// A name to show: without characters that turn the direction of the text or hide something.
#[must_use]
pub fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|c| if is_deceiving(c) { '_' } else { c })
        .collect();
    if plain.trim().is_empty() {
        NAMELESS.to_owned()
    } else {
        plain
    }
}

/// The file that an address of a file manager names: `file:///a%20b`.
#[must_use]
pub fn of_uri(uri: &str) -> Option<PathBuf> {
    let coded = uri.strip_prefix("file://")?;
    let mut parts = coded.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    let path = PathBuf::from(String::from_utf8(bytes).ok()?);
    path.is_absolute().then_some(path)
}

/// Characters some system keeps for itself, or that deceive.
fn is_bad(c: char) -> bool {
    is_deceiving(c) || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

/// Control characters, and those that are not seen but change what is seen around them.
fn is_deceiving(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{00ad}' | '\u{180e}' | '\u{feff}' | '\u{fffc}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        let rest = stem.strip_prefix(device).unwrap_or_default();
        rest.chars().count() == 1
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'))
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// Stem and ending, the dot with the ending.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= ENDING_BYTES_MAX && at + 1 < name.len() => name.split_at(at),
        _ => (name, ""),
    }
}

fn shortened(name: &str, bytes_max: usize) -> String {
    if name.len() <= bytes_max {
        return name.to_owned();
    }
    let (stem, ending) = split(name);
    let mut end = bytes_max - ending.len();
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", stem[..end].trim_end_matches([' ', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What must hold of a name before anything is saved under it.
    fn check(name: &str) {
        let safe = safe(name);
        let told = format!("{name:?} became {safe:?}");
        assert!(!safe.is_empty() && safe.len() <= NAME_BYTES_MAX, "{told}");
        assert!(!safe.chars().any(is_bad), "{told}");
        assert!(
            !safe.starts_with(['.', '-', '~', ' ']) && !safe.ends_with(['.', ' ']),
            "{told}"
        );
        assert!(!is_device(&safe), "{told}");
        assert_eq!(super::safe(&safe), safe, "once is enough: {told}");
        let path = std::path::Path::new("/folder").join(&safe);
        assert_eq!(path.parent(), Some(std::path::Path::new("/folder")), "{told}");
        assert_eq!(path.components().count(), 3, "{told}");
        let second = numbered(&safe, 4_000_000_000);
        assert!(second.len() <= 255 && second != safe, "{told}");
        assert!(!shown(name).chars().any(is_deceiving), "{told}");
    }

    /// Ways in front of a name from hell.
    const BEFORE: &[&str] = &[
        "",
        "../",
        "..\\..\\",
        "/etc/",
        "C:\\Windows\\",
        "\\\\server\\share\\",
        "~/",
        "./",
        " ",
        ".",
        "-rf ",
        "\u{202e}",
        "\0",
    ];
    /// Names from hell.
    const NAMES: &[&str] = &[
        "",
        ".",
        "..",
        "...",
        "con",
        "CON",
        "nul.txt",
        "NUL .png",
        "aux.tar.gz",
        "com1",
        "LPT9.doc",
        "com¹",
        "clock$",
        "passwd",
        ".bashrc",
        ".desktop",
        "photo.jpg",
        "a:b",
        "a|b",
        "what?",
        "<b>",
        "\"quoted\"",
        "star*",
        "tab\there",
        "line\nbreak",
        "\u{7f}",
        "\u{85}",
        "半路.png",
        "🙂.gif",
        "e\u{301}",
        "\u{200b}",
        "gpj.\u{202e}exe",
        "x\u{2066}y",
        "\u{feff}bom",
        "\u{e0041}",
        "%2e%2e%2f",
        "$(reboot)",
        "`id`",
        "a;b",
        "&amp;",
    ];
    /// What stands behind one.
    const AFTER: &[&str] = &[
        "",
        ".",
        " ",
        ". .",
        ".exe",
        ".png.exe",
        ".\u{202e}gpj",
        "/",
        "\\",
        ":stream",
        "\0.png",
        "\r\n",
    ];

    /// Every way in front, every name, every end behind.
    fn names_from_hell() -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for before in BEFORE {
            for name in NAMES {
                all.extend(AFTER.iter().map(|after| format!("{before}{name}{after}")));
            }
        }
        all.extend((1..40).map(|n| "x".repeat(n * 13)));
        all.extend((1..40).map(|n| "半".repeat(n * 13) + ".png"));
        all.extend((1..20).map(|n| format!("a.{}", "b".repeat(n * 13))));
        all
    }

    #[test]
    fn thousands_of_names_from_hell_become_names_one_can_save() {
        let names = names_from_hell();
        assert!(names.len() > 5000, "{}", names.len());
        names.iter().for_each(|name| check(name));
    }

    proptest! {
        #[test]
        fn any_name_becomes_one(name in ".{0,300}") {
            check(&name);
        }

        #[test]
        fn any_characters_become_one(name in proptest::collection::vec(any::<char>(), 0..120)) {
            check(&String::from_iter(name));
        }
    }

    #[test]
    fn good_names_stay() {
        for name in [
            "photo.jpg",
            "Plan of the house (2).pdf",
            "茶房 の写真.png",
            "a.tar.gz",
            "no ending",
            "🙂.webp",
            "v1.2",
        ] {
            assert_eq!(safe(name), name);
        }
        assert_eq!(safe("../../etc/passwd"), "passwd");
        assert_eq!(safe("C:\\temp\\x.txt"), "x.txt");
        assert_eq!(safe(".bashrc"), "_bashrc");
        assert_eq!(safe("nul.txt"), "_nul.txt");
        assert_eq!(safe(".."), "file");
        assert_eq!(safe("gpj.\u{202e}exe"), "gpj._exe");
        assert_eq!(safe(&format!("{}.jpeg", "x".repeat(400))).len(), NAME_BYTES_MAX);
        assert!(safe(&format!("{}.jpeg", "x".repeat(400))).ends_with("x.jpeg"));
        assert_eq!(numbered("photo.jpg", 2), "photo (2).jpg");
    }

    #[test]
    fn what_runs_is_warned_of() {
        for name in [
            "setup.exe",
            "a.SH",
            "photo.jpg.exe",
            "photo.exe ",
            "photo.exe.",
            "x.desktop",
            "noending",
            "page.html",
        ] {
            assert!(is_risky(name), "{name}");
        }
        for name in ["photo.jpg", "notes.txt", "a.pdf", "song.mp3", "a.zip"] {
            assert!(!is_risky(name), "{name}");
        }
        assert_eq!(kind("a.PNG"), FileKind::Picture);
        assert_eq!(kind("a.png.exe"), FileKind::Program);
    }
}
