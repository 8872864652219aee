//! The icon in every size and format, all made from `assets/icon.svg`: `cargo xtask icons`.

use crate::shell::{self, Fail};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one source.
pub(crate) const SOURCE: &str = "icon.svg";
/// Says from which source the others were made; tidy holds the two together.
pub(crate) const RECORD: &str = "icon.made-from";
/// Edges in pixels that launchers, menus and docks ask for.
pub(crate) const SIZES: &[u32] = &[16, 22, 24, 32, 48, 64, 128, 256, 512];
/// What Windows shows, from the title bar to the largest view of a folder.
const WINDOWS_SIZES: &[u32] = &[16, 24, 32, 48, 64, 128, 256];
/// What macOS shows, with the four letters it knows each by.
const MACOS_SIZES: &[(u32, &[u8; 4])] = &[
    (16, b"icp4"),
    (32, b"icp5"),
    (64, b"icp6"),
    (128, b"ic07"),
    (256, b"ic08"),
    (512, b"ic09"),
];

/// A file of the icon, by its name in `assets/`.
pub(crate) fn file(name: &str) -> PathBuf {
    shell::root().join("assets").join(name)
}

/// The icon at one size.
pub(crate) fn png(size: u32) -> PathBuf {
    file(&format!("icon-{size}.png"))
}

/// Makes them all anew.
pub(crate) fn make(args: &[String]) -> Result<(), Fail> {
    if !args.is_empty() {
        return Err(Fail::usage("`cargo xtask icons` takes no arguments"));
    }
    for size in SIZES {
        let edge = size.to_string();
        let mut draw = Command::new("rsvg-convert");
        draw.args(["-w", &edge, "-h", &edge])
            .arg(file(SOURCE))
            .arg("-o")
            .arg(png(*size));
        shell::run(&mut draw)?;
    }
    let mut ico = Command::new("icotool");
    ico.args(["-c", "-o"]).arg(file("breeze.ico"));
    // Windows reads large pictures as PNG and small ones only as bitmaps.
    for size in WINDOWS_SIZES {
        ico.args((*size >= 256).then_some("--raw")).arg(png(*size));
    }
    shell::run(&mut ico)?;
    write("breeze.icns", &icns()?)?;
    write(RECORD, record(&read(SOURCE)?).as_bytes())?;
    println!(
        "assets: {} sizes, breeze.ico and breeze.icns are new",
        SIZES.len()
    );
    Ok(())
}

/// Whether the pictures are those of the source as it is now; else what to do.
pub(crate) fn stale(source: &str, record_text: Option<&str>) -> Option<String> {
    (record_text != Some(record(source.as_bytes()).as_str()))
        .then(|| format!("{SOURCE} has changed since its pictures were made: run `cargo xtask icons`"))
}

fn record(source: &[u8]) -> String {
    let hash = Sha256::digest(source);
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n"
}

/// Apple's format: a length, then one block per size, each holding a PNG as it is.
fn icns() -> Result<Vec<u8>, Fail> {
    let mut blocks = Vec::new();
    for (size, name) in MACOS_SIZES {
        blocks.extend(block(name, &read(&format!("icon-{size}.png"))?));
    }
    Ok(block(b"icns", &blocks))
}

fn block(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inside.len() + 8).expect("an icon is far below 4 GiB");
    [name.as_slice(), &length.to_be_bytes(), inside].concat()
}

fn read(name: &str) -> Result<Vec<u8>, Fail> {
    std::fs::read(file(name)).map_err(|e| Fail::new(format!("assets/{name} cannot be read: {e}")))
}

fn write(name: &str, bytes: &[u8]) -> Result<(), Fail> {
    let path: &Path = &file(name);
    std::fs::write(path, bytes).map_err(|e| Fail::new(format!("assets/{name} cannot be written: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_carry_their_whole_length() {
        assert_eq!(block(b"ic07", b"png"), b"ic07\0\0\0\x0bpng");
    }

    #[test]
    fn a_changed_drawing_asks_for_new_pictures() {
        assert_eq!(stale("<svg/>", Some(&record(b"<svg/>"))), None);
        assert!(
            stale("<svg />", Some(&record(b"<svg/>")))
                .unwrap()
                .contains("cargo xtask icons")
        );
        assert!(stale("<svg/>", None).is_some());
    }

    #[test]
    fn every_size_of_the_table_is_there() {
        for size in SIZES {
            assert!(png(*size).is_file(), "{size}");
        }
    }
}
