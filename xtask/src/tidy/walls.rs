//! Walls inside the crates: what pure parts never name, and where sockets, files, colours and formats live.

use super::Finding;
use super::lists::{self, within};
use super::paths::{self, Name, speaks};
use super::source::Source;

/// One wall: names that may be spoken only in their homes.
struct Wall {
    names: &'static [&'static str],
    homes: &'static [&'static str],
    text: &'static str,
}

const WALLS: &[Wall] = &[
    Wall {
        names: lists::SOCKET_NAMES,
        homes: lists::SOCKET_HOMES,
        text: "opens a socket outside the network's own files",
    },
    Wall {
        names: lists::FILE_NAMES,
        homes: lists::FILE_HOMES,
        text: "touches files outside store, config, identity, storage, platform",
    },
    Wall {
        names: lists::WALL_CLOCK_NAMES,
        homes: lists::WALL_CLOCK_HOMES,
        text: "asks the system for the wall clock: server/src/clock.rs and desktop/src/platform.rs do, in one place each",
    },
];

/// Checks one file against every wall.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let program = paths::names(&source.program);
    for name in paths::names(&source.code) {
        if lists::UNBOUNDED_NAMES
            .iter()
            .any(|wanted| speaks(&name.path, wanted))
            || is_std_channel(source, &name)
        {
            found.push(at(
                source,
                &name,
                "is a queue without an end: use one with a bound, and say what happens at it",
            ));
        }
    }
    if !is_product(&source.path) {
        return found;
    }
    for name in &program {
        pure(source, name, &mut found);
        for wall in WALLS {
            if wall.names.iter().any(|wanted| speaks(&name.path, wanted)) && !within(&source.path, wall.homes)
            {
                found.push(at(source, name, wall.text));
            }
        }
        colour(source, name, &mut found);
        format_names(source, name, &mut found);
    }
    colour_literals(source, &mut found);
    found
}

fn is_product(path: &str) -> bool {
    ["protocol/src/", "server/src/", "desktop/src/"]
        .iter()
        .any(|part| path.starts_with(part))
}

fn at(source: &Source, name: &Name, text: &str) -> Finding {
    Finding::new(
        &source.path,
        source.line(name.at),
        format!("`{}` {text}", name.path),
    )
}

fn after<'a>(source: &'a Source, name: &Name) -> &'a str {
    source.code.get(name.at + name.path.len()..).unwrap_or_default()
}

/// `mpsc::channel()` without a capacity; tokio's takes one.
fn is_std_channel(source: &Source, name: &Name) -> bool {
    speaks(&name.path, "mpsc::channel") && after(source, name).starts_with("()")
}

fn pure(source: &Source, name: &Name, found: &mut Vec<Finding>) {
    if !within(&source.path, lists::PURE) {
        return;
    }
    let impure = |wanted: &&str| {
        if wanted.contains("::") {
            speaks(&name.path, wanted)
        } else {
            name.path.split("::").next() == Some(*wanted)
        }
    };
    let called = name.path.contains("::") || after(source, name).starts_with("::");
    if called && lists::IMPURE_NAMES.iter().any(impure) {
        found.push(at(
            source,
            name,
            "has no place in a pure part: time, chance and the outside come in as arguments",
        ));
    }
}

fn colour(source: &Source, name: &Name, found: &mut Vec<Finding>) {
    if !source.path.starts_with("desktop/src/") || within(&source.path, lists::THEME) {
        return;
    }
    let Some((owner, last)) = name.path.rsplit_once("::") else {
        return;
    };
    if !(owner.ends_with("Color32") || owner.ends_with("Rgba") || owner.ends_with("Hsva")) {
        return;
    }
    let first = after(source, name).trim_start_matches('(').trim_start();
    let made_up = last.starts_with("from_") && first.starts_with(|c: char| c.is_ascii_digit());
    let named = last.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if made_up || (named && !["WHITE", "TRANSPARENT", "PLACEHOLDER"].contains(&last)) {
        found.push(at(source, name, "is a colour: give it a name in theme.rs"));
    }
}

fn colour_literals(source: &Source, found: &mut Vec<Finding>) {
    if !source.path.starts_with("desktop/src/") || within(&source.path, lists::THEME) {
        return;
    }
    for literal in &source.literals {
        let hex = literal.text.strip_prefix('#').unwrap_or_default();
        if matches!(hex.len(), 3 | 6 | 8) && hex.chars().all(|c| c.is_ascii_hexdigit()) {
            let text = format!("\"{}\" is a colour: give it a name in theme.rs", literal.text);
            found.push(Finding::new(&source.path, source.line(literal.at), text));
        }
    }
}

fn format_names(source: &Source, name: &Name, found: &mut Vec<Finding>) {
    let homes = [lists::WIRE_FILES, lists::CONFIG_FILES].concat();
    if within(&source.path, &homes) {
        return;
    }
    let first = name.path.split("::").next().unwrap_or_default();
    let last = name.path.rsplit("::").next().unwrap_or_default();
    if lists::SERDE_NAMES
        .iter()
        .any(|wanted| first == *wanted || last == *wanted)
    {
        found.push(at(
            source,
            name,
            "makes a format outside the wire's own files (protocol/src/message and its neighbours)",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(path: &str, text: &str) -> usize {
        check(&Source::new(path, text, false)).len()
    }

    #[test]
    fn pure_parts_name_no_clock_no_socket_no_chance() {
        for bad in [
            "use tokio::sync::mpsc;",
            "use std::{collections::HashMap, thread};",
            "fn f() { let t = Instant::now(); }",
            "fn f() { std::time::SystemTime::now(); }",
            "fn f() { getrandom::fill(&mut b); }",
            "use egui::Ui;",
        ] {
            assert!(flagged("server/src/core/state.rs", bad) > 0, "{bad}");
            assert!(flagged("desktop/src/model.rs", bad) > 0, "{bad}");
            assert_eq!(flagged("xtask/src/main.rs", bad), 0, "{bad}");
        }
        for good in [
            "use std::time::Duration; use core::net::IpAddr;",
            "// tokio::spawn\nfn f() { let s = \"std::fs\"; }",
            "#[cfg(test)]\nmod tests { use std::thread; }",
            "fn f(tokio: u8) -> u8 { tokio }",
        ] {
            assert_eq!(flagged("server/src/core/state.rs", good), 0, "{good}");
        }
    }

    #[test]
    fn sockets_and_files_stay_at_home() {
        let socket = "use tokio::net::TcpStream;";
        assert_eq!(flagged("server/src/net/accept.rs", socket), 0);
        assert!(flagged("server/src/hub.rs", socket) > 0);
        let file = "fn f() { std::fs::read(p); }";
        assert_eq!(flagged("desktop/src/storage/open.rs", file), 0);
        assert!(flagged("desktop/src/view/chat.rs", file) > 0);
    }

    #[test]
    fn the_wall_clock_is_asked_in_one_place_of_each_program() {
        let asks = "use std::time::SystemTime;\nfn f() { SystemTime::now(); }";
        assert_eq!(flagged("server/src/clock.rs", asks), 0);
        assert_eq!(flagged("desktop/src/platform.rs", asks), 0);
        for elsewhere in [
            "server/src/hub.rs",
            "server/src/store/sqlite/writer.rs",
            "desktop/src/platform/idle.rs",
        ] {
            assert_eq!(flagged(elsewhere, asks), 1, "{elsewhere}");
        }
    }

    #[test]
    fn colours_live_in_the_theme() {
        for bad in ["Color32::from_rgb(1, 2, 3)", "egui::Color32::RED", "\"#AABBCC\""] {
            let text = format!("fn f() {{ g({bad}); }}");
            assert_eq!(flagged("desktop/src/view/list.rs", &text), 1, "{bad}");
            assert_eq!(flagged("desktop/src/theme.rs", &text), 0, "{bad}");
        }
        assert_eq!(
            flagged(
                "desktop/src/view/list.rs",
                "fn f() { g(Color32::WHITE, Color32::from_gray(luma)); }"
            ),
            0
        );
    }

    #[test]
    fn formats_are_made_in_the_wire_files_only() {
        let derive = "use serde::Serialize;\n#[derive(Debug, Serialize)]\nstruct A;";
        assert!(flagged("server/src/hub.rs", derive) >= 1);
        for home in [
            "protocol/src/message/chat.rs",
            "protocol/src/admin.rs",
            "server/src/config.rs",
        ] {
            assert_eq!(flagged(home, derive), 0, "{home}");
        }
        assert_eq!(
            flagged("server/src/hub.rs", "fn f() { serde_json::to_string(&x); }"),
            0
        );
    }

    #[test]
    fn queues_have_an_end_even_in_tests() {
        for bad in [
            "tokio::sync::mpsc::unbounded_channel()",
            "mpsc::channel()",
            "std::sync::mpsc::channel::<u8>()",
        ] {
            assert!(
                flagged("tests/src/lib.rs", &format!("fn f() {{ {bad}; }}")) > 0,
                "{bad}"
            );
        }
        assert_eq!(
            flagged(
                "server/src/net.rs",
                "fn f() { mpsc::channel(64); sync_channel(1); }"
            ),
            0
        );
    }
}
