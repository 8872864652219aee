//! Whether kept data, or a backup of it, is whole: a sentence for each thing that is not.

use super::files;
use super::manifest::{Manifest, hash_file};
use super::sqlite::check::{Checked, check};
use super::sqlite::open::DATABASE_FILE;
use breeze_protocol::BlobHash;
use std::path::Path;

/// Files that are told by name; a lost folder alone can make thousands.
const FILES_MAX: usize = 20;

/// What a look at everything came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// A sentence for each thing that is wrong.
    pub findings: Vec<String>,
    /// A sentence for each file of a message that is lost or damaged. Everything else can be used all the same.
    pub lost: Vec<String>,
    /// What was looked at, for people.
    pub looked_at: Vec<String>,
}

/// Looks at a data directory. A server may run on it.
#[must_use]
pub fn data(dir: &Path) -> Report {
    let database = dir.join(DATABASE_FILE);
    let mut report = Report::default();
    if !database.is_file() {
        report
            .findings
            .push(format!("{} holds no data of breeze-server.", dir.display()));
        return report;
    }
    report.database(dir, check(&database));
    report
}

/// Looks at a backup: every file against the list, then the database as above.
#[must_use]
pub fn backup(dir: &Path) -> Report {
    let mut report = Report::default();
    let manifest = match Manifest::read(dir) {
        Ok(manifest) => manifest,
        Err(sentence) => {
            report.findings.push(sentence);
            return report;
        }
    };
    report.looked_at.push(format!("made {}", manifest.made));
    if !manifest.files.iter().any(|(name, _)| name == DATABASE_FILE) {
        report.findings.push(format!(
            "The list of files of {} names no database.",
            dir.display()
        ));
    }
    for (name, hash) in &manifest.files {
        match hash_file(&dir.join(name)) {
            Ok(found) if found == *hash => report.looked_at.push(format!("{name} is as it was written")),
            Ok(_) => report.findings.push(format!("{name} is not as it was written.")),
            Err(error) => report.findings.push(format!("{name} cannot be read ({error}).")),
        }
    }
    if report.findings.is_empty() {
        report.database(dir, check(&dir.join(DATABASE_FILE)));
    }
    report
}

impl Report {
    fn database(&mut self, dir: &Path, checked: Checked) {
        self.findings.extend(checked.findings);
        self.looked_at.push(format!(
            "{} accounts, {} messages, {} pictures, {} files, {} rows of audit, schema {}",
            checked.accounts,
            checked.messages,
            checked.pictures,
            checked.files.len(),
            checked.audit.0,
            checked.schema
        ));
        self.files(dir, &checked.files);
    }

    /// Reads every file to its end: its name is what it must hash to.
    fn files(&mut self, dir: &Path, named: &[(BlobHash, u64)]) {
        let mut more = 0;
        for (hash, size) in named {
            match files::look(dir, *hash, *size) {
                None => {}
                Some(wrong) if self.lost.len() < FILES_MAX => {
                    self.lost.push(format!("The file {hash} {wrong}."))
                }
                Some(_) => more += 1,
            }
        }
        if more > 0 {
            self.lost.push(format!("So are {more} more."));
        }
    }
}
