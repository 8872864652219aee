//! The licences of everything that is compiled into a program, as its packages must carry them: names, and full texts.

use crate::shell::{self, Fail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// How the files are called that hold a crate's licence.
const FILES: &[&str] = &["licen", "copying", "notice", "unlicense", "copyright"];
/// A larger file is no licence, bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// One page for the crates `roots` and all they are built from.
pub(crate) fn page(roots: &[&str]) -> Result<String, Fail> {
    let data = shell::metadata(&["--filter-platform", &host()?])?;
    let packages = packages(&data);
    let mut list = String::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for id in reachable(&data, roots, &packages) {
        let Some(package) = packages.get(id.as_str()) else {
            continue;
        };
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        // What has no place to come from is part of Breeze itself.
        if package["source"].is_null() {
            continue;
        }
        let name = format!("{} {}", text("name"), text("version"));
        let _ = writeln!(list, "{name}: {}", text("license"));
        let folder = Path::new(text("manifest_path")).parent();
        for words in folder.map(licence_texts).unwrap_or_default() {
            texts.entry(words).or_default().insert(name.clone());
        }
    }
    let mut page = format!("The libraries compiled into this program, and their licences.\n\n{list}");
    for (words, names) in &texts {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = write!(page, "\n\n==== {}\n\n{words}\n", names.join(", "));
    }
    Ok(page)
}

/// This compiler's own platform.
fn host() -> Result<String, Fail> {
    let report = shell::read(std::process::Command::new("rustc").arg("-vV"))?;
    let line = report.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned)
        .ok_or_else(|| Fail::new("`rustc -vV` names no host"))
}

fn packages(data: &Value) -> BTreeMap<&str, &Value> {
    let list = data["packages"].as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect()
}

/// The ids of everything the roots need when they run, sorted by name and version.
fn reachable(data: &Value, roots: &[&str], packages: &BTreeMap<&str, &Value>) -> Vec<String> {
    let nodes = data["resolve"]["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    let nodes: BTreeMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let is_root = |id: &&&str| {
        roots
            .iter()
            .any(|root| packages.get(**id).is_some_and(|p| p["name"] == *root))
    };
    let mut wanted: Vec<&str> = nodes.keys().filter(is_root).copied().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id) {
            continue;
        }
        let deps = nodes.get(id).and_then(|node| node["deps"].as_array());
        let needed = deps.into_iter().flatten().filter(|dep| runs(dep));
        wanted.extend(needed.filter_map(|dep| dep["pkg"].as_str()));
    }
    let key = |id: &str| {
        let package = packages.get(id);
        let text = |key: &str| {
            package
                .and_then(|p| p[key].as_str())
                .unwrap_or_default()
                .to_owned()
        };
        (text("name"), text("version"))
    };
    let mut ids: Vec<String> = seen.into_iter().map(str::to_owned).collect();
    ids.sort_by_key(|id| key(id));
    ids
}

/// A dependency of the program, not only of its tests or its build script: cargo gives such a kind no name.
fn runs(dep: &Value) -> bool {
    let kinds = dep["dep_kinds"].as_array();
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

fn licence_texts(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<String> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            FILES.iter().any(|start| name.starts_with(start))
                && entry
                    .metadata()
                    .is_ok_and(|meta| meta.is_file() && meta.len() <= FILE_BYTES_MAX)
        })
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .map(|text| text.replace('\r', "").trim_matches('\n').to_owned())
        .collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_tests_or_builds_need_is_left_out() {
        let data = serde_json::json!({
            "packages": [
                { "id": "app", "name": "app", "version": "1" }, { "id": "b", "name": "b", "version": "1" },
                { "id": "t", "name": "t", "version": "1" }, { "id": "a", "name": "a", "version": "1" },
            ],
            "resolve": { "nodes": [
                { "id": "app", "deps": [
                    { "pkg": "b", "dep_kinds": [{ "kind": null }] },
                    { "pkg": "t", "dep_kinds": [{ "kind": "dev" }, { "kind": "build" }] } ] },
                { "id": "b", "deps": [{ "pkg": "a", "dep_kinds": [{ "kind": "build" }, { "kind": null }] }] },
                { "id": "a", "deps": [] }, { "id": "t", "deps": [] },
            ] },
        });
        assert_eq!(reachable(&data, &["app"], &packages(&data)), ["a", "app", "b"]);
    }
}
