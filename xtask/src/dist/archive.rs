//! The archive for systems without dpkg: the same files below one folder, with a script that installs them.

use super::contents::{self, linux};
use super::deb::Facts;
use super::programs::Programs;
use super::tree::{PLAIN, PROGRAM, Tree};
use crate::shell::{self, Fail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lays the files out below `stage` and packs them into `into`.
pub(crate) fn pack(programs: &Programs, facts: &Facts, stage: &Path, into: &Path) -> Result<PathBuf, Fail> {
    let name = format!("breeze-im-{}-linux-{}", facts.version, std::env::consts::ARCH);
    let mut tree = Tree::new(stage.join(&name))?;
    // The tree's own root stands for the prefix: ~/.local or /usr/local.
    contents::app(&mut tree, ".", programs, facts)?;
    tree.link("bin/breeze-server", "../lib/breeze/breeze-server")?;
    tree.copy(&linux("install.sh"), "install.sh", PROGRAM)?;
    for page in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        tree.copy(&shell::root().join(page), page, PLAIN)?;
    }
    let archive = into.join(format!("{name}.tar.xz"));
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--format=gnu", "--numeric-owner"])
        .args(["--owner=0", "--group=0"])
        .arg(format!("--mtime=@{}", facts.moment.0))
        .args([
            "--use-compress-program",
            &format!("xz -{} --threads=1", facts.effort),
            "--file",
        ])
        .arg(&archive)
        .arg("--directory")
        .arg(stage)
        .arg(&name);
    shell::run(&mut tar)?;
    Ok(archive)
}
