//! `docs/protocol.md` is held to the wire: its example byte by byte, its tables by name.

#[path = "bodies/reading.rs"]
mod reading;
#[path = "bodies/samples.rs"]
mod samples;

use breeze_protocol::codec;
use breeze_protocol::frame::{self, Decoder};
use breeze_protocol::limit as l;
use reading::{bytes_of, hex_of, json, known, names, payload};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md");
    std::fs::read_to_string(path).expect("docs/protocol.md is part of the source")
}

/// What the heading line of a message's own frame says: the frame the product writes for it.
fn frame_of(line: &str) -> Option<Vec<u8>> {
    let (direction, said) = line.split_once(' ')?;
    if let Some(chunk) = said.strip_prefix("chunk ") {
        let mut words = chunk.splitn(3, ' ');
        let transfer = words.next()?.parse().expect("a transfer id");
        let offset = words.next()?.parse().expect("an offset");
        return Some(frame::encode_chunk(transfer, offset, words.next()?.as_bytes()).to_vec());
    }
    Some(match direction {
        "C>S" => codec::encode_client(&known(codec::decode_client(said.as_bytes()), line)).to_vec(),
        "S>C" => codec::encode_server(&known(codec::decode_server(said.as_bytes()), line)).to_vec(),
        _ => return None,
    })
}

#[test]
fn the_documents_example_session_is_what_the_product_writes() {
    let document = document();
    let mut written: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in document.lines() {
        if line.starts_with("```") {
            inside = line == "```session";
        } else if inside && line.starts_with(' ') {
            let (_, hex) = written.last_mut().expect("hex follows what it spells");
            hex.extend(line.chars().filter(|c| !c.is_whitespace()));
        } else if inside {
            written.push((line.to_owned(), String::new()));
        }
    }
    assert!(
        written.len() > 30,
        "the example has only {} frames",
        written.len()
    );
    let mut stream = Vec::new();
    for (line, hex) in &written {
        let frame = frame_of(line).unwrap_or_else(|| panic!("neither direction: {line}"));
        assert_eq!(*hex, hex_of(&frame), "{line}");
        if !line.contains(" chunk ") {
            let said = line.split_once(' ').expect("direction, then JSON").1;
            assert_eq!(payload(&frame), said, "the JSON beside the bytes");
        }
        stream.extend(bytes_of(hex));
    }
    let mut decoder = Decoder::new(256 * 1024);
    decoder.buffer_mut().extend_from_slice(&stream);
    let mut frames = 0;
    while decoder.next_frame().expect("lawful frames").is_some() {
        frames += 1;
    }
    assert_eq!((frames, decoder.is_mid_frame()), (written.len(), false));
}

/// Every key of every object in `value`.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        Value::Array(rows) => rows.iter().for_each(|row| keys(row, into)),
        _ => {}
    }
}

/// The part of `text` from the line `start` to the next line that begins with `end`.
fn section<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let marker = format!("\n{start}\n");
    let from = text
        .find(&marker)
        .unwrap_or_else(|| panic!("the document has no line {start:?}"))
        + marker.len();
    let rest = &text[from..];
    rest.find(&format!("\n{end}")).map_or(rest, |to| &rest[..to])
}

#[test]
fn the_document_names_every_message_and_field() {
    let document = document();
    for (prefix, chapter) in [
        ("client_", "## 7. Messages from the client"),
        ("server_", "## 8. Messages from the server"),
    ] {
        let chapter = section(&document, chapter, "## ");
        for (name, text) in samples::all(prefix, ".json") {
            let sample = json(&text);
            let kind = name.split('.').next().unwrap_or_default();
            let own = section(chapter, &format!("#### `{kind}`"), "####");
            let items = if kind == "item" {
                section(&document, "## 9. Items", "## ")
            } else {
                ""
            };
            let rows = if kind == "history_page" {
                section(chapter, "#### `event`", "####")
            } else {
                ""
            };
            let mut fields = BTreeSet::new();
            keys(&sample["d"], &mut fields);
            for field in fields {
                let told = [own, items, rows]
                    .iter()
                    .any(|part| part.contains(&format!("`{field}`")));
                assert!(told, "the document's {kind} does not name `{field}`");
            }
        }
    }
}

#[test]
fn the_document_names_every_code_state_item_and_limit() {
    let document = document();
    let codes = section(&document, "## 10. Codes", "## ");
    for list in ["refused", "nack", "error", "goodbye"] {
        let table = section(
            codes,
            codes
                .lines()
                .find(|line| line.starts_with(&format!("**`{list}`")))
                .expect(list),
            "**",
        );
        let told: BTreeSet<_> = table
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .map(str::to_owned)
            .collect();
        assert_eq!(
            told,
            names(list).into_iter().collect(),
            "the document's table of {list}"
        );
    }
    let presence = section(&document, "## 11. Presence", "## ");
    for list in ["presence_state", "end_reason"] {
        for name in names(list) {
            assert!(presence.contains(&format!("| `{name}` |")), "{list} {name}");
        }
    }
    let items = section(&document, "## 9. Items", "## ");
    for (_, text) in samples::all("item_", ".json") {
        let item = &json(&text)["d"];
        assert!(
            items.contains(&format!("| `{}` |", item["kind"].as_str().unwrap_or_default())),
            "{text}"
        );
    }
    let told = section(&document, "## 4. Limits", "## ");
    let limits = [
        l::FRAME_BYTES_MAX_UNSIGNED,
        l::FRAME_BYTES_MAX,
        l::BODY_BYTES_MAX,
        l::AVATAR_BYTES_MAX,
        l::REQUESTS_IN_FLIGHT_MAX,
        l::PAGE_ROWS_MAX,
        l::PAGE_BYTES_MAX,
        l::PRESENCE_CHUNK_MAX,
        l::BLOB_CHUNK_BYTES,
        l::STATUS_TEXT_CHARS_MAX,
        l::SNAPSHOT_ENTRIES,
    ];
    for limit in limits {
        assert!(
            told.contains(&grouped(limit)),
            "the document's limits do not name {}",
            grouped(limit)
        );
    }
    for range in [l::USERNAME_CHARS, l::DISPLAY_NAME_CHARS, l::PASSWORD_CHARS] {
        assert!(
            told.contains(&format!("{} to {}", range.start(), range.end())),
            "{range:?}"
        );
    }
    assert!(document.contains(&l::INTEGER_MAX.to_string()));
}

#[test]
fn the_document_names_every_limit_of_groups() {
    let document = document();
    let told = section(&document, "## 4. Limits", "## ");
    for limit in [
        l::GROUP_MEMBERS_MAX,
        l::MEMBERS_INLINE_MAX,
        l::GROUP_ADD_MAX,
        l::RECEIPT_MEMBERS_MAX,
        l::TYPING_MEMBERS_MAX,
    ] {
        let row = format!("| {} | accounts |", grouped(limit));
        assert!(told.contains(&row), "the document's limits have no {row}");
    }
    let title = format!("{} to {}", l::TITLE_CHARS.start(), l::TITLE_CHARS.end());
    assert!(told.contains(&format!("| name of a group | {title} |")));
}

/// 262144 as `262,144`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let with_commas = digits.char_indices().map(|(at, digit)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        format!("{}{digit}", if comma { "," } else { "" })
    });
    with_commas.collect()
}
