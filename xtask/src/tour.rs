//! `cargo xtask tour`: plays the demonstration, the tour and the walk through a package, and takes over their screenshots as the pages' pictures.

use crate::shell::{self, Fail};
use crate::{demo, dist};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each page with pictures, where it keeps them, as written in it, and the program that makes them.
const PAGES: &[(&str, &str, &str)] = &[
    ("README.md", "docs/pictures/", "demo"),
    ("docs/tour/README.md", "docs/tour/", "tour"),
    ("docs/tour/package.md", "docs/tour/package/", WALK),
];
/// The program that walks through a package: it needs one, and a system to install it in.
const WALK: &str = "walk";

/// Makes every picture that a page names from the screenshot of the same name.
pub(crate) fn tour(args: &[String]) -> Result<(), Fail> {
    let wanted = |program: &str| args.is_empty() || args.iter().any(|arg| arg == program);
    if !args.iter().all(|arg| PAGES.iter().any(|page| page.2 == arg)) {
        return Err(Fail::usage("cargo xtask tour [demo] [tour] [walk]"));
    }
    for (page, folder, program) in PAGES.iter().filter(|page| wanted(page.2)) {
        let words = if *program == WALK {
            dist::walk()?
        } else {
            Vec::new()
        };
        demo::show(program, &words)?;
        take_over(page, folder, program)?;
    }
    Ok(())
}

fn take_over(page: &str, folder: &str, program: &str) -> Result<(), Fail> {
    let root = shell::root();
    let text =
        fs::read_to_string(root.join(page)).map_err(|e| Fail::new(format!("{page} cannot be read: {e}")))?;
    fs::create_dir_all(root.join(folder)).map_err(|e| Fail::new(format!("{folder} cannot be made: {e}")))?;
    let mut missing = Vec::new();
    for name in pictures_in(&text, folder) {
        let shot = shell::target().join(program).join(&name);
        match fs::copy(&shot, root.join(folder).join(&name)) {
            Ok(_) => println!("{folder}{name} is new"),
            Err(e) => missing.push(format!("{}: {e}", shot.display())),
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Fail::new(format!("no picture from {}", missing.join("; "))))
    }
}

/// The pictures a page names, by the folder or as lying beside it.
fn pictures_in(page: &str, folder: &str) -> BTreeSet<String> {
    let beside = Path::new(folder)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let starts = [folder.to_owned(), format!("../{beside}/"), format!("({beside}/")];
    let found = starts.iter().flat_map(|start| {
        page.match_indices(start.as_str())
            .filter_map(|(at, _)| page[at + start.len()..].split([')', '"', ' ', '\n']).next())
    });
    found
        .filter(|name| name.ends_with(".png") && !name.contains('/'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_in_both_ways_of_writing_them() {
        let page = "![main](docs/pictures/main-light.png) <img src=\"docs/pictures/main-dark.png\">";
        let names: Vec<_> = pictures_in(page, "docs/pictures/").into_iter().collect();
        assert_eq!(names, ["main-dark.png", "main-light.png"]);
    }
}
