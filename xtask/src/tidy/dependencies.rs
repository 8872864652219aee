//! Which crate may lean on which, what every crate inherits, and that every dependency has been thought about.

use super::Finding;
use super::tree::Tree;
use crate::shell::{self, Fail};
use serde_json::Value;

/// The list in which every direct dependency stands with its reason.
const LIST: &str = "docs/dependencies.md";
/// Each crate, and the crates of this workspace it may lean on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("breeze-protocol", &[]),
    ("breeze-server", &["breeze-protocol"]),
    ("breeze-desktop", &["breeze-protocol"]),
    (
        "breeze-tests",
        &["breeze-protocol", "breeze-server", "breeze-desktop"],
    ),
    ("xtask", &[]),
];

/// One crate's direct dependencies.
struct Crate {
    name: String,
    folder: String,
    wants: Vec<String>,
}

/// Checks the crates' manifests.
pub(crate) fn check(tree: &Tree) -> Result<Vec<Finding>, Fail> {
    let data = shell::metadata(&["--no-deps"])?;
    let crates = crates(&data);
    let mut found = walls(&crates);
    found.extend(listed(&crates, tree.texts.get(LIST).map_or("", String::as_str)));
    for one in &crates {
        found.extend(inherits(&one.folder, tree));
    }
    found.extend(workspace_lints(
        tree.texts.get("Cargo.toml").map_or("", String::as_str),
    ));
    Ok(found)
}

fn crates(data: &Value) -> Vec<Crate> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    list(&data["packages"])
        .iter()
        .map(|package| Crate {
            name: text(&package["name"]),
            folder: folder(&text(&package["manifest_path"])),
            wants: list(&package["dependencies"])
                .iter()
                .map(|wanted| text(&wanted["name"]))
                .collect(),
        })
        .collect()
}

fn folder(manifest: &str) -> String {
    manifest
        .replace('\\', "/")
        .rsplit('/')
        .nth(1)
        .unwrap_or_default()
        .to_owned()
}

fn walls(crates: &[Crate]) -> Vec<Finding> {
    let ours = |name: &&String| crates.iter().any(|one| one.name == **name);
    let mut found = Vec::new();
    for one in crates {
        let file = format!("{}/Cargo.toml", one.folder);
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == one.name) else {
            found.push(Finding::new(
                &file,
                0,
                format!("`{}` is new: say in xtask's list what it may lean on", one.name),
            ));
            continue;
        };
        for wanted in one
            .wants
            .iter()
            .filter(ours)
            .filter(|wanted| !allowed.contains(&wanted.as_str()))
        {
            found.push(Finding::new(
                &file,
                0,
                format!("`{}` must not depend on `{wanted}`", one.name),
            ));
        }
        if one.name == "breeze-protocol" {
            for wanted in one
                .wants
                .iter()
                .filter(|wanted| wanted.starts_with("tokio") || *wanted == "getrandom")
            {
                found.push(Finding::new(
                    &file,
                    0,
                    format!("the wire is pure: it must not depend on `{wanted}`"),
                ));
            }
        }
    }
    found
}

fn listed(crates: &[Crate], page: &str) -> Vec<Finding> {
    let ours: Vec<&String> = crates.iter().map(|one| &one.name).collect();
    let mut wanted: Vec<&String> = crates
        .iter()
        .flat_map(|one| &one.wants)
        .filter(|name| !ours.contains(name))
        .collect();
    wanted.sort();
    wanted.dedup();
    wanted
        .into_iter()
        .filter(|name| {
            !page
                .lines()
                .any(|line| line.starts_with(&format!("| `{name}` |")))
        })
        .map(|name| {
            Finding::new(
                LIST,
                0,
                format!("a row for `{name}` is missing: version, licence, why"),
            )
        })
        .collect()
}

fn inherits(folder: &str, tree: &Tree) -> Option<Finding> {
    let file = format!("{folder}/Cargo.toml");
    let manifest: toml::Table = tree.texts.get(&file)?.parse().ok()?;
    let inherited = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool);
    (inherited != Some(true)).then(|| Finding::new(&file, 0, "needs `[lints] workspace = true`"))
}

fn workspace_lints(manifest: &str) -> Vec<Finding> {
    let table: toml::Table = manifest.parse().unwrap_or_default();
    let level = |name: &str| {
        let rust = table.get("workspace")?.get("lints")?.get("rust")?.get(name)?;
        rust.as_str().map(str::to_owned)
    };
    let mut found = Vec::new();
    if level("unsafe_code").as_deref() != Some("forbid") {
        found.push(Finding::new(
            "Cargo.toml",
            0,
            "[workspace.lints.rust] must say unsafe_code = \"forbid\"",
        ));
    }
    if !matches!(level("missing_docs").as_deref(), Some("warn" | "deny" | "forbid")) {
        found.push(Finding::new(
            "Cargo.toml",
            0,
            "[workspace.lints.rust] must say missing_docs = \"warn\"",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, wants: &[&str]) -> Crate {
        let wants = wants.iter().map(|name| (*name).to_owned()).collect();
        Crate {
            name: name.to_owned(),
            folder: name.to_owned(),
            wants,
        }
    }

    #[test]
    fn sides_never_lean_on_each_other() {
        let server = one("breeze-server", &["breeze-protocol", "breeze-desktop", "tokio"]);
        let protocol = one("breeze-protocol", &["serde", "tokio"]);
        let desktop = one("breeze-desktop", &["breeze-protocol", "breeze-tests"]);
        let found = walls(&[server, protocol, desktop, one("breeze-tests", &["breeze-server"])]);
        let texts: Vec<_> = found.iter().map(|finding| finding.text.as_str()).collect();
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert!(
            texts[0].contains("`breeze-desktop`")
                && texts[1].contains("`tokio`")
                && texts[2].contains("`breeze-tests`")
        );
    }

    #[test]
    fn each_dependency_has_its_row() {
        let crates = [one("breeze-protocol", &["serde", "bytes"])];
        assert_eq!(
            listed(
                &crates,
                "| `serde` | 1 | MIT | words |\n| `bytes` | 1 | MIT | sharing |"
            )
            .len(),
            0
        );
        assert_eq!(
            listed(&crates, "| `serde_json` | 1 | MIT | words |\nbytes").len(),
            2
        );
    }

    #[test]
    fn lints_come_from_one_place() {
        let manifest = |text: &str| {
            Tree::new(
                [("a/Cargo.toml".to_owned(), text.to_owned())]
                    .into_iter()
                    .collect(),
            )
        };
        assert!(inherits("a", &manifest("[lints]\nworkspace = true")).is_none());
        assert!(inherits("a", &manifest("[package]\nname = \"a\"")).is_some());
        assert_eq!(
            workspace_lints("[workspace.lints.rust]\nunsafe_code = \"deny\"").len(),
            2
        );
    }
}
