//! Debian packages: the control files filled in, checksums, and `dpkg-deb`, so that two builders get the same bytes.

use super::contents::{debian, read};
use super::moment::Moment;
use super::tree::{PLAIN, PROGRAM, Tree};
use crate::shell::{self, Fail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which packaging of this version it is.
const REVISION: &str = "1";
/// Scripts and lists that dpkg knows by name, with the rights they need.
const PARTS: &[(&str, u32)] = &[
    ("conffiles", PLAIN),
    ("postinst", PROGRAM),
    ("prerm", PROGRAM),
    ("postrm", PROGRAM),
];

/// What is the same in all packages of one release.
#[derive(Debug)]
pub(crate) struct Facts {
    /// As in `0.1.0`.
    pub(crate) version: String,
    /// As dpkg calls it, `amd64`.
    pub(crate) arch: String,
    /// When it was made.
    pub(crate) moment: Moment,
    /// How hard xz tries, 0 to 9.
    pub(crate) effort: u8,
}

impl Facts {
    /// Of this checkout, on this machine. Only what is to be published is packed as small as it gets.
    pub(crate) fn gather(to_publish: bool) -> Result<Self, Fail> {
        let arch = shell::read(Command::new("dpkg").arg("--print-architecture"))
            .map_err(|_| Fail::usage("packages are made with dpkg: this needs a Debian or Ubuntu"))?;
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            arch: arch.trim().to_owned(),
            moment: Moment::of_release()?,
            effort: if to_publish { 9 } else { 1 },
        })
    }

    /// As dpkg counts it: ours, then Debian's.
    pub(crate) fn debian_version(&self) -> String {
        format!("{}-{REVISION}", self.version)
    }

    /// Puts version and date where a text leaves room for them.
    pub(crate) fn fill(&self, text: &str) -> String {
        text.replace("@VERSION@", &self.version)
            .replace("@DATE@", &self.moment.day())
    }

    /// Debian's own changelog; what changed for people is in the other one.
    pub(crate) fn changelog(&self, package: &str) -> String {
        format!(
            "{package} ({}) unstable; urgency=medium\n\n  * Version {}; its changes are in changelog.gz.\n\n -- {MAINTAINER}  {}\n",
            self.debian_version(),
            self.version,
            self.moment.in_full()
        )
    }
}

/// Who answers for the packages; the control files carry it too.
const MAINTAINER: &str = "The Breeze IM contributors <breeze-im@users.noreply.invalid>";

/// A package: whose parts in `packaging/debian` begin with `kind`, and what else it needs.
pub(crate) fn pack(
    kind: &str,
    mut tree: Tree,
    libraries: &str,
    facts: &Facts,
    into: &Path,
) -> Result<PathBuf, Fail> {
    let control = read(&debian(&format!("{kind}.control")))?
        .replace("@VERSION@", &facts.debian_version())
        .replace("@ARCH@", &facts.arch)
        .replace("@MAINTAINER@", MAINTAINER)
        .replace("@LIBRARIES@", libraries)
        .replace("@SIZE@", &tree.kib().to_string());
    let name = field(&control, "Package").to_owned();
    let sums = checksums(&tree)?;
    tree.text("DEBIAN/control", PLAIN, &control)?;
    tree.text("DEBIAN/md5sums", PLAIN, &sums)?;
    for (part, mode) in PARTS {
        let from = debian(&format!("{kind}.{part}"));
        if from.is_file() {
            tree.copy(&from, &format!("DEBIAN/{part}"), *mode)?;
        }
    }
    let deb = into.join(format!("{name}_{}_{}.deb", facts.debian_version(), facts.arch));
    let mut build = Command::new("dpkg-deb");
    build
        .args([
            "--root-owner-group",
            "-Zxz",
            &format!("-z{}", facts.effort),
            "--build",
        ])
        .arg(&tree.root)
        .arg(&deb);
    // Times later than the release's become the release's; one thread packs the same everywhere.
    build
        .env("SOURCE_DATE_EPOCH", facts.moment.0.to_string())
        .env("DPKG_DEB_THREADS_MAX", "1")
        .stdout(std::process::Stdio::null());
    shell::run(&mut build)?;
    Ok(deb)
}

/// The value of a one-line field.
pub(crate) fn field<'a>(control: &'a str, name: &str) -> &'a str {
    control
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_default()
}

fn checksums(tree: &Tree) -> Result<String, Fail> {
    let mut sums = Command::new("md5sum");
    // dpkg keeps its own sums of what the operator may change.
    sums.args(tree.files().filter(|path| !path.starts_with("etc/")))
        .current_dir(&tree.root);
    shell::read(&mut sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_whole_names_only() {
        let control = "Package: breeze-im\nPackage-Type: deb\nDepends: a, b\n";
        assert_eq!(field(control, "Package"), "breeze-im");
        assert_eq!(field(control, "Depends"), "a, b");
        assert_eq!(field(control, "Size"), "");
    }

    #[test]
    fn texts_are_filled_in() {
        let facts = Facts {
            version: "1.2.3".into(),
            arch: "amd64".into(),
            moment: Moment(0),
            effort: 1,
        };
        assert_eq!(facts.fill("@VERSION@ of @DATE@"), "1.2.3 of 1970-01-01");
        assert!(facts.changelog("x").starts_with("x (1.2.3-1) unstable;"));
    }
}
