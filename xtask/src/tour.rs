//! `cargo xtask tour`: runs the demonstration and takes over its screenshots as the pictures the pages show.

use crate::demo;
use crate::shell::{self, Fail};
use std::collections::BTreeSet;
use std::fs;

/// Where the pages look for pictures, as written in them.
const PICTURES: &str = "docs/pictures/";

/// Makes every picture that README.md names from the screenshot of the same name.
pub(crate) fn tour(args: &[String]) -> Result<(), Fail> {
    if !args.is_empty() {
        return Err(Fail::usage("`cargo xtask tour` takes no arguments"));
    }
    let root = shell::root();
    let readme = fs::read_to_string(root.join("README.md"))
        .map_err(|e| Fail::new(format!("README.md cannot be read: {e}")))?;
    let wanted = pictures_in(&readme);
    demo::demo(&[])?;
    fs::create_dir_all(root.join(PICTURES))
        .map_err(|e| Fail::new(format!("{PICTURES} cannot be made: {e}")))?;
    let mut missing = Vec::new();
    for name in &wanted {
        let shot = shell::target().join("demo").join(name);
        match fs::copy(&shot, root.join(PICTURES).join(name)) {
            Ok(_) => println!("{PICTURES}{name} is new"),
            Err(e) => missing.push(format!("{}: {e}", shot.display())),
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Fail::new(format!("no picture from {}", missing.join("; "))))
    }
}

fn pictures_in(page: &str) -> BTreeSet<String> {
    page.match_indices(PICTURES)
        .filter_map(|(at, _)| page[at + PICTURES.len()..].split([')', '"', ' ', '\n']).next())
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
        let names: Vec<_> = pictures_in(page).into_iter().collect();
        assert_eq!(names, ["main-dark.png", "main-light.png"]);
    }
}
