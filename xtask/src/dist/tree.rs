//! A package's files as they will lie on the system, laid out below `target/dist/` before they are packed.

use crate::shell::{self, Fail};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everybody may read it.
pub(crate) const PLAIN: u32 = 0o644;
/// Everybody may read and run it.
pub(crate) const PROGRAM: u32 = 0o755;

/// The tree; its paths are relative, as in `usr/bin/breeze`.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Where it lies now.
    pub(crate) root: PathBuf,
    files: BTreeSet<String>,
}

impl Tree {
    /// An empty one; what lay there before goes.
    pub(crate) fn new(root: PathBuf) -> Result<Self, Fail> {
        let _ = fs::remove_dir_all(&root);
        let tree = Self {
            root,
            files: BTreeSet::new(),
        };
        tree.folder(&tree.root)?;
        Ok(tree)
    }

    /// A text.
    pub(crate) fn text(&mut self, path: &str, mode: u32, text: &str) -> Result<(), Fail> {
        let to = self.place(path)?;
        fs::write(&to, text).map_err(|e| unwritable(&to, &e))?;
        allow(&to, mode)
    }

    /// A copy of a file.
    pub(crate) fn copy(&mut self, from: &Path, path: &str, mode: u32) -> Result<(), Fail> {
        let to = self.place(path)?;
        fs::copy(from, &to).map_err(|e| Fail::new(format!("{} cannot be copied: {e}", from.display())))?;
        allow(&to, mode)
    }

    /// A text, packed with gzip as Debian wants its documents: no name and no time inside.
    pub(crate) fn gzip(&mut self, path: &str, text: &str) -> Result<(), Fail> {
        let plain = path.trim_end_matches(".gz").to_owned();
        self.text(&plain, PLAIN, text)?;
        shell::run(Command::new("gzip").arg("-9nf").arg(self.root.join(&plain)))?;
        self.files.remove(&plain);
        self.files.insert(path.to_owned());
        allow(&self.root.join(path), PLAIN)
    }

    /// A name that points to another.
    pub(crate) fn link(&mut self, path: &str, to: &str) -> Result<(), Fail> {
        let at = self.place(path)?;
        std::os::unix::fs::symlink(to, &at).map_err(|e| unwritable(&at, &e))
    }

    /// Every file by its path, sorted.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// What all files take, KiB, each rounded up as dpkg does.
    pub(crate) fn kib(&self) -> u64 {
        let size = |path: &str| fs::symlink_metadata(self.root.join(path)).map_or(0, |meta| meta.len());
        self.files().map(|path| size(path).div_ceil(1024)).sum()
    }

    fn place(&mut self, path: &str) -> Result<PathBuf, Fail> {
        let to = self.root.join(path);
        // From the top down, so that each folder is made with its own rights, whatever this shell's umask.
        let mut folder = self.root.clone();
        for part in Path::new(path).parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            self.folder(&folder)?;
        }
        self.files.insert(path.to_owned());
        Ok(to)
    }

    fn folder(&self, folder: &Path) -> Result<(), Fail> {
        if folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(|e| unwritable(folder, &e))?;
        allow(folder, PROGRAM)
    }
}

fn allow(path: &Path, mode: u32) -> Result<(), Fail> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fail {
    Fail::new(format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_where_they_will_be_with_the_rights_they_will_have() {
        let root = std::env::temp_dir().join(format!("breeze-tree-{}", std::process::id()));
        let mut tree = Tree::new(root.clone()).unwrap();
        tree.text("usr/share/doc/x/readme", PLAIN, "hello").unwrap();
        tree.gzip("usr/share/doc/x/changelog.gz", "words").unwrap();
        tree.copy(&root.join("usr/share/doc/x/readme"), "usr/bin/x", PROGRAM)
            .unwrap();
        let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("usr"), mode("usr/bin/x")), (0o755, 0o755));
        assert_eq!(mode("usr/share/doc/x/readme"), 0o644);
        assert_eq!(
            tree.files().collect::<Vec<_>>(),
            [
                "usr/bin/x",
                "usr/share/doc/x/changelog.gz",
                "usr/share/doc/x/readme"
            ]
        );
        assert_eq!(tree.kib(), 3);
        fs::remove_dir_all(root).unwrap();
    }
}
