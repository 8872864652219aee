//! Golden samples are promises to old clients and old data: they are added to, never changed or taken away.

use super::Finding;
use crate::shell;
use std::path::Path;
use std::process::Command;

/// Compares the working tree with the last commit and with the last release.
pub(crate) fn check(root: &Path, notes: &mut Vec<String>) -> Vec<Finding> {
    let mut points: Vec<String> = Vec::new();
    if git(root, &["rev-parse", "--verify", "-q", "HEAD"]).is_some() {
        points.push("HEAD".to_owned());
    }
    let tag = git(root, &["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    points.extend(tag.map(|tag| tag.trim().to_owned()));
    if points.is_empty() {
        notes.push("no commit to compare golden samples with".to_owned());
    }
    let differences = |point: &String| {
        let args = [
            "diff",
            "--no-renames",
            "--name-status",
            point,
            "--",
            ":(glob)**/golden/**",
        ];
        let listing = git(root, &args).unwrap_or_default();
        changed(&listing, point)
    };
    points.iter().flat_map(differences).collect()
}

/// Everything in git's `status path` lines that is not an addition.
fn changed(listing: &str, point: &str) -> Vec<Finding> {
    listing
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(status, _)| *status != "A")
        .map(|(_, path)| {
            let text = format!(
                "differs from {point}: a golden sample is never changed or removed, add another beside it"
            );
            Finding::new(path, 0, text)
        })
        .collect()
}

fn git(root: &Path, args: &[&str]) -> Option<String> {
    if !shell::on_path("git") {
        return None;
    }
    let output = Command::new("git").args(args).current_dir(root).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_additions_pass() {
        let listing =
            "A\tprotocol/tests/golden/new.json\nM\tprotocol/tests/golden/hello.json\nD\ta/golden/b.db\n";
        let files: Vec<_> = changed(listing, "HEAD")
            .into_iter()
            .map(|finding| finding.file)
            .collect();
        assert_eq!(files, ["protocol/tests/golden/hello.json", "a/golden/b.db"]);
    }
}
