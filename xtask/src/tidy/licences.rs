//! deny.toml held against what is really locked: banned crates, and licences that are not on the list.

use super::Finding;
use super::tree::Tree;
use crate::shell::{self, Fail};
use serde_json::Value;

const FILE: &str = "deny.toml";

/// Checks every package of the lock file, for all platforms.
pub(crate) fn check(tree: &Tree) -> Result<Vec<Finding>, Fail> {
    let Some(text) = tree.texts.get(FILE) else {
        return Ok(vec![Finding::new(
            FILE,
            0,
            "is missing: it lists banned crates and allowed licences",
        )]);
    };
    let rules: toml::Table = text
        .parse()
        .map_err(|e| Fail::new(format!("{FILE} cannot be read: {e}")))?;
    let data = shell::metadata(&[])?;
    let packages = data["packages"].as_array().cloned().unwrap_or_default();
    let (allowed, banned) = (allowed(&rules), banned(&rules));
    Ok(packages
        .iter()
        .filter_map(|package| judge(package, &allowed, &banned))
        .collect())
}

fn judge(package: &Value, allowed: &[String], banned: &[Ban]) -> Option<Finding> {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    let name = text("name");
    let version = text("version");
    if banned.iter().any(|ban| ban.covers(name, version)) {
        return Some(Finding::new(
            "Cargo.lock",
            0,
            format!("`{name}` {version} is banned; {FILE} says why"),
        ));
    }
    let licence = text("license");
    (!permits(licence, allowed)).then(|| {
        Finding::new(
            "Cargo.lock",
            0,
            format!("`{name}` is under {licence:?}, which {FILE} does not allow"),
        )
    })
}

/// A crate nobody may lock: every version of it, or the one named as `version = "=1.2.3"`.
struct Ban {
    name: String,
    version: Option<String>,
}

impl Ban {
    fn covers(&self, name: &str, version: &str) -> bool {
        self.name == name
            && self
                .version
                .as_deref()
                .is_none_or(|only| only.trim_start_matches('=') == version)
    }
}

fn allowed(rules: &toml::Table) -> Vec<String> {
    let list = rules
        .get("licenses")
        .and_then(|part| part.get("allow"))
        .and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

fn banned(rules: &toml::Table) -> Vec<Ban> {
    let list = rules
        .get("bans")
        .and_then(|part| part.get("deny"))
        .and_then(toml::Value::as_array);
    let ban = |entry: &toml::Value| {
        let field = |key: &str| entry.get(key)?.as_str().map(str::to_owned);
        Some(Ban {
            name: entry.as_str().map(str::to_owned).or_else(|| field("name"))?,
            version: field("version"),
        })
    };
    list.into_iter().flatten().filter_map(ban).collect()
}

/// Whether a licence expression (`OR`, `AND`, `WITH`, brackets, and `/` as the old way to write `OR`) can be met.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ")
        .replace(" WITH ", "+WITH+");
    let words: Vec<String> = spaced
        .split_whitespace()
        .map(|word| word.replace("+WITH+", " WITH "))
        .collect();
    let mut at = 0;
    any_of(&words, &mut at, allowed) && at == words.len()
}

fn any_of(words: &[String], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = all_of(words, at, allowed);
    while words.get(*at).is_some_and(|word| word == "OR") {
        *at += 1;
        // Not `||`: the other side must be read in any case.
        met |= all_of(words, at, allowed);
    }
    met
}

fn all_of(words: &[String], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = single(words, at, allowed);
    while words.get(*at).is_some_and(|word| word == "AND") {
        *at += 1;
        met &= single(words, at, allowed);
    }
    met
}

fn single(words: &[String], at: &mut usize, allowed: &[String]) -> bool {
    let word = words.get(*at).map_or("", String::as_str);
    *at += 1;
    if word != "(" {
        return allowed.iter().any(|name| name == word);
    }
    let met = any_of(words, at, allowed);
    let closed = words.get(*at).is_some_and(|word| word == ")");
    *at += 1;
    met && closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions_are_read_as_written() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned);
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-2.0-only OR MIT",
            "(MIT OR X) AND Unicode-3.0",
        ] {
            assert!(permits(good, &allowed), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR X) AND Y",
            "(MIT",
            "MIT MIT",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(!permits(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn a_ban_of_one_version_leaves_the_others() {
        let rules: toml::Table = "[bans]\ndeny = [{ name = \"pool\", version = \"=1.7.0\", reason = \"x\" }]"
            .parse()
            .unwrap();
        let judged = |version: &str| {
            let package = serde_json::json!({ "name": "pool", "version": version, "license": "MIT" });
            judge(&package, &["MIT".to_owned()], &banned(&rules)).is_some()
        };
        assert_eq!((judged("1.6.2"), judged("1.7.0")), (false, true));
    }

    #[test]
    fn banned_crates_are_found_in_both_ways_of_writing() {
        let rules: toml::Table = "[bans]\ndeny = [\"gtk\", { name = \"native-tls\", reason = \"x\" }]"
            .parse()
            .unwrap();
        let package = serde_json::json!({ "name": "native-tls", "license": "MIT" });
        assert!(
            judge(&package, &["MIT".to_owned()], &banned(&rules))
                .unwrap()
                .text
                .contains("banned")
        );
        assert!(judge(&package, &["MIT".to_owned()], &[]).is_none());
    }
}
