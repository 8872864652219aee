//! How long each thing took last time, so that a person knows what to expect. Kept in `target/xtask-times.json`.

use crate::shell;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;

fn file() -> PathBuf {
    shell::target().join("xtask-times.json")
}

fn load() -> Map<String, Value> {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The last time this took, if it is known.
pub(crate) fn last(name: &str) -> Option<Duration> {
    load()
        .get(name)
        .and_then(Value::as_f64)
        .and_then(|secs| Duration::try_from_secs_f64(secs).ok())
}

/// Remembers how long this took. A file that cannot be written is no reason to fail.
pub(crate) fn remember(name: &str, took: Duration) {
    let mut all = load();
    all.insert(
        name.to_owned(),
        Value::from((took.as_secs_f64() * 10.0).round() / 10.0),
    );
    let _ = std::fs::create_dir_all(shell::target());
    let _ = std::fs::write(file(), format!("{:#}\n", Value::Object(all)));
}

/// "last time 3.4 min", or an honest "first time".
pub(crate) fn expectation(name: &str) -> String {
    last(name).map_or_else(
        || "first time here".to_owned(),
        |took| format!("last time {}", spoken(took)),
    )
}

/// A length of time in the unit a person would use.
pub(crate) fn spoken(took: Duration) -> String {
    let secs = took.as_secs_f64();
    if secs < 90.0 {
        format!("{secs:.1} s")
    } else {
        format!("{:.1} min", secs / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spoken_in_seconds_then_minutes() {
        assert_eq!(spoken(Duration::from_secs(12)), "12.0 s");
        assert_eq!(spoken(Duration::from_secs(150)), "2.5 min");
    }
}
