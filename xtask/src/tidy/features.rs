//! What is really compiled: the tested window is the shipped window, and nothing that must be single exists twice.

use super::Finding;
use super::lists::ONE_VERSION;
use crate::shell::{self, Fail};
use std::collections::{BTreeMap, BTreeSet};

/// Reads cargo's own view of the tree. `cargo metadata` shows weak features as if they were on, `cargo tree` does not.
pub(crate) fn check() -> Result<Vec<Finding>, Fail> {
    let args = [
        "tree",
        "--workspace",
        "-e",
        "normal,dev,build",
        "--prefix",
        "none",
        "-f",
        "{p}|{f}",
    ];
    let listing = shell::read(&mut shell::cargo(&args))?;
    Ok(judge(&listing))
}

fn judge(listing: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in listing.lines() {
        let Some((package, features)) = line.split_once('|') else {
            continue;
        };
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            continue;
        };
        versions.entry(name).or_default().insert(version);
        let features: BTreeSet<&str> = features.trim_end_matches(" (*)").split(',').collect();
        if name == "eframe" && (features.contains("wgpu") || !features.contains("glow")) {
            found.push(Finding::new(
                "Cargo.toml",
                0,
                "eframe must be built with glow and without wgpu, or the tests see another window",
            ));
        }
        if name == "egui_kittest" && features.contains("eframe") {
            found.push(Finding::new(
                "Cargo.toml",
                0,
                "egui_kittest's feature `eframe` would switch the tested window to wgpu",
            ));
        }
    }
    for name in ONE_VERSION {
        let there = versions.get(name).cloned().unwrap_or_default();
        if there.len() > 1 {
            let list = there.into_iter().collect::<Vec<_>>().join(" and ");
            found.push(Finding::new(
                "Cargo.lock",
                0,
                format!("`{name}` is there twice: {list}"),
            ));
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_renderer_and_second_copies_are_found() {
        let good =
            "eframe v0.37.0|glow,x11\negui v0.37.0|\negui v0.37.0| (*)\negui_kittest v0.37.0|snapshot,wgpu\n";
        assert!(judge(good).is_empty());
        let bad = "eframe v0.37.0|glow,wgpu (*)\negui v0.37.0|\negui v0.36.0|\negui_kittest v0.37.0|eframe\n";
        assert_eq!(judge(bad).len(), 3);
    }
}
