//! `cargo xtask dist`: the packages of a release in `target/dist/packages`, their sizes, and whether they keep their word.

mod archive;
mod check;
mod contents;
mod deb;
mod debian_root;
mod libraries;
mod licences;
mod moment;
mod programs;
mod screen;
mod tree;

use crate::shell::{self, Fail};
use crate::times;
use deb::Facts;
use debian_root::DebianRoot;
use programs::Programs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tree::Tree;

const USAGE: &str = "cargo xtask dist [--profile NAME] [--as-built] [--check]";
/// The cargo profile of what is published.
const RELEASE: &str = "dist";
/// Most bytes of a package that we allow ourselves.
const PACKAGE_AIM: u64 = 12 * 1024 * 1024;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    /// The cargo profile of the programs; only `dist` is held against the aims of size.
    profile: String,
    /// Takes the programs as they lie in `target/PROFILE`, instead of building them.
    as_built: bool,
    /// Installs the packages in a minimal Debian, starts what is in them, and removes them again.
    check: bool,
}

/// The packages of one release.
#[derive(Debug)]
struct Packages {
    app: PathBuf,
    server: PathBuf,
    archive: PathBuf,
}

/// Makes the packages, prints their sizes, and checks them if asked to.
pub(crate) fn dist(args: &[String]) -> Result<(), Fail> {
    let wish = Wish::read(args)?;
    let out = shell::target().join("dist");
    let programs = Programs::make(&wish.profile, wish.as_built, &out.join("programs"))?;
    let facts = Facts::gather(wish.profile == RELEASE)?;
    let start = Instant::now();
    let packages = pack(&programs, &facts, &out)?;
    println!(
        "Packed in {}; target/dist/packages holds:",
        times::spoken(start.elapsed())
    );
    let over = report(&programs, &packages);
    if over && wish.profile == RELEASE {
        return Err(Fail::new("something is larger than its aim"));
    }
    if wish.check {
        check::all(&packages, &programs, &facts, &out)?;
    }
    Ok(())
}

/// Everything that must hold for the packages, on the programs the tests have just run: a step of `cargo xtask test`.
pub(crate) fn check_as_built() -> Result<(), Fail> {
    dist(&["--profile", "release", "--as-built", "--check"].map(str::to_owned))
}

/// A fresh minimal Debian with the app's package lent to it: what `walk`, of the harness, is started with.
pub(crate) fn walk() -> Result<Vec<String>, Fail> {
    dist(&["--profile", "release"].map(str::to_owned))?;
    let out = shell::target().join("dist");
    let root = DebianRoot::fresh(&out)?;
    let app = "breeze-im_";
    let found = std::fs::read_dir(out.join("packages"))
        .into_iter()
        .flatten()
        .flatten();
    let deb = found
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name()
                .is_some_and(|it| it.to_string_lossy().starts_with(app))
        })
        .ok_or_else(|| Fail::new("target/dist/packages holds no package of the app"))?;
    let mut words = vec![
        "--root".to_owned(),
        root.path.display().to_string(),
        "--deb".to_owned(),
        root.lend(&deb)?,
        "--".to_owned(),
    ];
    words.extend(root.way_in());
    Ok(words)
}

impl Wish {
    fn read(args: &[String]) -> Result<Self, Fail> {
        let mut wish = Self {
            profile: RELEASE.to_owned(),
            as_built: false,
            check: false,
        };
        let mut words = args.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--profile" => wish.profile = words.next().ok_or_else(|| Fail::usage(USAGE))?.clone(),
                "--as-built" => wish.as_built = true,
                "--check" => wish.check = true,
                _ => return Err(Fail::usage(USAGE)),
            }
        }
        Ok(wish)
    }
}

fn pack(programs: &Programs, facts: &Facts, out: &Path) -> Result<Packages, Fail> {
    let (stage, into) = (out.join("stage"), out.join("packages"));
    let _ = std::fs::remove_dir_all(&into);
    std::fs::create_dir_all(&into)
        .map_err(|e| Fail::new(format!("{} cannot be made: {e}", into.display())))?;
    Ok(Packages {
        app: pack_app(programs, facts, &stage, &into)?,
        server: pack_server(programs, facts, &stage, &into)?,
        archive: archive::pack(programs, facts, &stage, &into)?,
    })
}

fn pack_app(programs: &Programs, facts: &Facts, stage: &Path, into: &Path) -> Result<PathBuf, Fail> {
    let mut tree = Tree::new(stage.join("app"))?;
    contents::app(&mut tree, "usr", programs, facts)?;
    let libraries = libraries::depends(&[&programs.app, &programs.server])?;
    deb::pack("app", tree, &libraries, facts, into)
}

fn pack_server(programs: &Programs, facts: &Facts, stage: &Path, into: &Path) -> Result<PathBuf, Fail> {
    let mut tree = Tree::new(stage.join("server"))?;
    contents::server(&mut tree, programs, facts)?;
    deb::pack(
        "server",
        tree,
        &libraries::depends(&[&programs.server])?,
        facts,
        into,
    )
}

/// Prints the sizes and says whether one is above its aim.
fn report(programs: &Programs, packages: &Packages) -> bool {
    let (table, mut over) = programs.sizes();
    print!("{table}");
    for path in [&packages.app, &packages.server, &packages.archive] {
        let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        print!("{}", programs::line(&name, bytes, PACKAGE_AIM));
        over |= bytes > PACKAGE_AIM;
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Wish, Fail> {
        Wish::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn wishes_are_read_or_refused() {
        assert_eq!(
            read("--profile release --as-built --check").unwrap(),
            Wish {
                profile: "release".to_owned(),
                as_built: true,
                check: true
            }
        );
        assert_eq!(read("").unwrap().profile, "dist");
        assert!(read("--profile").is_err() && read("everything").is_err());
    }
}
