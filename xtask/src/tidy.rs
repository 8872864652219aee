//! `cargo xtask tidy`: the walls of ARCHITECTURE.md as checks. Each names the file, the line and what to do instead.

mod dependencies;
mod ends;
mod features;
mod files;
mod fingerprint;
mod golden;
mod licences;
mod lists;
mod paths;
mod shape;
mod sleep;
mod source;
mod tree;
mod walls;
mod words;

use crate::shell::{self, Fail};
use crate::times;
use std::path::Path;
use std::time::Instant;
use tree::Tree;

/// What is wrong, where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Path below the root, with forward slashes.
    pub(crate) file: String,
    /// Line, counted from one; zero for the file as a whole.
    pub(crate) line: usize,
    /// One sentence that says what to do.
    pub(crate) text: String,
}

impl Finding {
    /// A finding about one line, or about the whole file with line 0.
    pub(crate) fn new(file: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line,
            text: text.into(),
        }
    }
}

/// Runs every check; `--bless` first writes the wire's present fingerprint into docs/protocol.md.
pub(crate) fn tidy(args: &[String]) -> Result<(), Fail> {
    let bless = match args {
        [] => false,
        [flag] if flag == "--bless" => true,
        _ => return Err(Fail::usage("cargo xtask tidy [--bless]")),
    };
    let start = Instant::now();
    let root = shell::root();
    if bless {
        fingerprint::bless(&Tree::read(&root)?, &root)?;
    }
    let tree = Tree::read(&root)?;
    let (mut findings, notes) = check(&tree, &root)?;
    findings.sort();
    notes.iter().for_each(|note| println!("note: {note}"));
    for Finding { file, line, text } in &findings {
        let place = if *line == 0 {
            file.clone()
        } else {
            format!("{file}:{line}")
        };
        println!("{place}: {text}");
    }
    if !findings.is_empty() {
        return Err(Fail::new(format!("tidy found {}", counted(findings.len()))));
    }
    println!(
        "tidy: {} files, nothing found ({})",
        tree.texts.len(),
        times::spoken(start.elapsed())
    );
    Ok(())
}

fn check(tree: &Tree, root: &Path) -> Result<(Vec<Finding>, Vec<String>), Fail> {
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for source in &tree.sources {
        all.extend(files::check_source(source));
        all.extend(shape::check(source));
        all.extend(walls::check(source));
        all.extend(words::check(source));
        all.extend(sleep::check(source));
    }
    all.extend(files::check_texts(tree));
    all.extend(files::check_icons(tree));
    all.extend(fingerprint::check(tree, &mut notes));
    all.extend(ends::check(tree, &mut notes));
    all.extend(golden::check(root, &mut notes));
    all.extend(dependencies::check(tree)?);
    all.extend(features::check()?);
    all.extend(licences::check(tree)?);
    Ok((all, notes))
}

fn counted(count: usize) -> String {
    if count == 1 {
        "one thing".to_owned()
    } else {
        format!("{count} things")
    }
}
