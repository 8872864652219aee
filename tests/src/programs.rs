//! Where the product's programs are: beside the one that runs now, `target/PROFILE/`.

use std::path::PathBuf;

/// The folder of the programs.
///
/// # Panics
/// When this program does not know where it is.
#[must_use]
pub fn folder() -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a path");
    let dir = own.parent().expect("a program lies in a folder");
    if dir.ends_with("deps") {
        dir.parent()
            .expect("deps lies in the profile's folder")
            .to_owned()
    } else {
        dir.to_owned()
    }
}

/// One program of the product.
///
/// # Panics
/// When it has not been built.
#[must_use]
pub fn find(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --release --workspace`",
        path.display()
    );
    path
}

/// A folder below `target/` for pictures people may look at.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn picture_folder(name: &str) -> PathBuf {
    let target = folder()
        .parent()
        .expect("a profile's folder lies in target")
        .to_owned();
    let dir = target.join(name);
    std::fs::create_dir_all(&dir).expect("target is writable");
    dir
}
