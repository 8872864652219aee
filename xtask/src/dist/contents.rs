//! What each package holds, and where it lies on the system.

use super::deb::Facts;
use super::licences;
use super::programs::Programs;
use super::tree::{PLAIN, PROGRAM, Tree};
use crate::icons;
use crate::shell::{self, Fail};
use std::fs;
use std::path::{Path, PathBuf};

/// The app with the server it starts, below a prefix such as `usr`.
pub(crate) fn app(tree: &mut Tree, prefix: &str, programs: &Programs, facts: &Facts) -> Result<(), Fail> {
    tree.copy(&programs.app, &format!("{prefix}/bin/breeze"), PROGRAM)?;
    // Not in bin/: there lies the server of the other package, which runs as a service of the system.
    tree.copy(
        &programs.server,
        &format!("{prefix}/lib/breeze/breeze-server"),
        PROGRAM,
    )?;
    let share = format!("{prefix}/share");
    tree.copy(
        &linux("breeze.desktop"),
        &format!("{share}/applications/breeze.desktop"),
        PLAIN,
    )?;
    let metainfo = facts.fill(&read(&linux(METAINFO))?);
    tree.text(&format!("{share}/metainfo/{METAINFO}"), PLAIN, &metainfo)?;
    for size in icons::SIZES {
        let to = format!("{share}/icons/hicolor/{size}x{size}/apps/breeze-im.png");
        tree.copy(&icons::png(*size), &to, PLAIN)?;
    }
    let drawing = format!("{share}/icons/hicolor/scalable/apps/breeze-im.svg");
    tree.copy(&icons::file("icon.svg"), &drawing, PLAIN)?;
    pages(tree, &share, &programs.pages, "breeze")?;
    documents(
        tree,
        &share,
        "breeze-im",
        &["breeze-desktop", "breeze-server"],
        facts,
    )
}

/// The server alone, as a service of the system.
pub(crate) fn server(tree: &mut Tree, programs: &Programs, facts: &Facts) -> Result<(), Fail> {
    tree.copy(&programs.server, "usr/bin/breeze-server", PROGRAM)?;
    tree.copy(&linux(SERVICE), &format!("lib/systemd/system/{SERVICE}"), PLAIN)?;
    let config = shell::root().join("server/breeze-server.toml");
    tree.copy(&config, "etc/breeze-server/breeze-server.toml", PLAIN)?;
    pages(tree, "usr/share", &programs.pages, "breeze-server")?;
    documents(tree, "usr/share", "breeze-server", &["breeze-server"], facts)
}

/// The system service of the server.
pub(crate) const SERVICE: &str = "breeze-server.service";
/// What software centres show.
pub(crate) const METAINFO: &str = "im.breeze.app.metainfo.xml";

/// A file of `packaging/linux`.
pub(crate) fn linux(name: &str) -> PathBuf {
    shell::root().join("packaging/linux").join(name)
}

/// A file of `packaging/debian`.
pub(crate) fn debian(name: &str) -> PathBuf {
    shell::root().join("packaging/debian").join(name)
}

/// A text of the repository.
pub(crate) fn read(path: &Path) -> Result<String, Fail> {
    fs::read_to_string(path).map_err(|e| Fail::new(format!("{} cannot be read: {e}", path.display())))
}

/// The manual pages of a program and its subcommands, and completions for three shells.
fn pages(tree: &mut Tree, share: &str, from: &Path, program: &str) -> Result<(), Fail> {
    let of_program = |name: &str| match name.strip_prefix(program) {
        // `breeze` is also how `breeze-server` begins.
        Some(rest) => program != "breeze" || !rest.starts_with("-server"),
        None => false,
    };
    for name in names(from)? {
        if name.ends_with(".1") && of_program(&name) {
            let text = read(&from.join(&name))?;
            tree.gzip(&format!("{share}/man/man1/{name}.gz"), &text)?;
        }
    }
    for (made, to) in [
        (
            format!("{program}.bash"),
            format!("bash-completion/completions/{program}"),
        ),
        (
            format!("_{program}"),
            format!("zsh/vendor-completions/_{program}"),
        ),
        (
            format!("{program}.fish"),
            format!("fish/vendor_completions.d/{program}.fish"),
        ),
    ] {
        tree.copy(&from.join(made), &format!("{share}/{to}"), PLAIN)?;
    }
    Ok(())
}

/// Changelog, copyright, and the licences of everything compiled in.
fn documents(
    tree: &mut Tree,
    share: &str,
    package: &str,
    crates: &[&str],
    facts: &Facts,
) -> Result<(), Fail> {
    let doc = format!("{share}/doc/{package}");
    tree.gzip(&format!("{doc}/changelog.Debian.gz"), &facts.changelog(package))?;
    tree.gzip(
        &format!("{doc}/changelog.gz"),
        &read(&shell::root().join("CHANGELOG.md"))?,
    )?;
    tree.text(&format!("{doc}/copyright"), PLAIN, &copyright()?)?;
    tree.gzip(&format!("{doc}/licences.gz"), &licences::page(crates)?)
}

/// Debian's form of who owns what: our own part, then the licences in full.
fn copyright() -> Result<String, Fail> {
    let root = shell::root();
    let mit = read(&root.join("LICENSE-MIT"))?;
    let inter = read(&root.join("assets/fonts/Inter-LICENSE.txt"))?;
    let unicode = read(&root.join("assets/emoji/LICENSE-Unicode.txt"))?;
    Ok(format!(
        "{}\nLicense: MIT\n{}\nLicense: Apache-2.0\n On Debian systems the full text is in \
         /usr/share/common-licenses/Apache-2.0.\n\nLicense: OFL-1.1\n{}\nLicense: Unicode-3.0\n{}",
        read(&debian("copyright"))?.trim_end().to_owned() + "\n",
        indented(&mit),
        indented(&inter),
        indented(&unicode)
    ))
}

/// As a long field of Debian's files: each line one space in, empty ones a dot.
fn indented(text: &str) -> String {
    let line = |line: &str| match line.trim_end() {
        "" => " .\n".to_owned(),
        words => format!(" {words}\n"),
    };
    text.trim().lines().map(line).collect()
}

fn names(folder: &Path) -> Result<Vec<String>, Fail> {
    let entries =
        fs::read_dir(folder).map_err(|e| Fail::new(format!("{} cannot be read: {e}", folder.display())))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_fields_have_no_empty_lines() {
        assert_eq!(indented("a\n\n b  \n"), " a\n .\n  b\n");
    }
}
