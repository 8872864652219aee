//! Reading samples: JSON, hex, envelopes and the lists of names.

use super::samples;
use breeze_protocol::codec::{DecodeError, Decoded, Envelope};
use breeze_protocol::frame;
use serde_json::Value;
use std::fmt::Debug;

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn known<M: Debug>(decoded: Result<Decoded<M>, DecodeError>, name: &str) -> Envelope<M> {
    match decoded {
        Ok(Decoded::Known(envelope)) => envelope,
        other => panic!("{name} is not known: {other:?}"),
    }
}

/// Takes the frame's head off; the head itself is checked by the frames' own samples.
pub(crate) fn payload(frame: &[u8]) -> &str {
    std::str::from_utf8(&frame[frame::LENGTH_BYTES + 1..]).expect("JSON is UTF-8")
}

/// One list of names: first those of version 1, then what later files (`names_2.json`) add.
pub(crate) fn names(list: &str) -> Vec<String> {
    let mut files = samples::all("names_", ".json");
    files.sort_by_key(|(version, _)| version.parse::<u32>().expect("lists are numbered"));
    let rows = files
        .iter()
        .filter_map(|(_, text)| json(text).get(list)?.as_array().cloned())
        .flatten();
    let names: Vec<_> = rows
        .map(|name| name.as_str().expect("names are strings").to_owned())
        .collect();
    assert!(!names.is_empty(), "no list of names {list}");
    names
}

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "an odd number of hex digits: {hex}");
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits"))
        .collect()
}

pub(crate) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
