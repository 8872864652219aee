//! Which packages of Debian a program needs from the loader on: read from the program itself.

use crate::shell::{self, Fail};
use std::path::Path;
use std::process::Command;

/// What the loader is asked for, by the start of its name, and the package that brings it.
const PACKAGES: &[(&str, &str)] = &[
    ("libc.so", LIBC),
    ("libm.so", LIBC),
    ("libdl.so", LIBC),
    ("libpthread.so", LIBC),
    ("librt.so", LIBC),
    ("ld-linux", LIBC),
    ("libgcc_s.so", "libgcc-s1"),
];
const LIBC: &str = "libc6";
/// How the C library marks the version a symbol came with.
const MARK: &[u8] = b"GLIBC_";

/// The part of `Depends:` that the programs' own needs make: as in `libc6 (>= 2.34), libgcc-s1 (>= 4.2)`.
pub(crate) fn depends(programs: &[&Path]) -> Result<String, Fail> {
    let (mut version, mut packages) = ((2, 0), Vec::new());
    for program in programs {
        let bytes = std::fs::read(program)
            .map_err(|e| Fail::new(format!("{} cannot be read: {e}", program.display())))?;
        version = version.max(newest_glibc(&bytes));
        let report = shell::read(Command::new("readelf").args(["-d", "-W"]).arg(program))?;
        for package in needed(&report)? {
            if !packages.contains(&package) {
                packages.push(package);
            }
        }
    }
    packages.sort_unstable();
    let versioned = packages.into_iter().map(|package| match package {
        LIBC => format!("{LIBC} (>= {}.{})", version.0, version.1),
        // The version from which on its unwinder is what Rust calls.
        other => format!("{other} (>= 4.2)"),
    });
    Ok(versioned.collect::<Vec<_>>().join(", "))
}

/// The packages behind the `NEEDED` lines of `readelf -d`.
fn needed(report: &str) -> Result<Vec<&'static str>, Fail> {
    let names = report
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split_once('[')?.1.split(']').next());
    names
        .map(|name| {
            let known = PACKAGES.iter().find(|(start, _)| name.starts_with(start));
            known.map(|(_, package)| *package).ok_or_else(|| {
                Fail::new(format!(
                    "a program needs {name} at start: say in xtask/src/dist/libraries.rs which package brings it"
                ))
            })
        })
        .collect()
}

/// The highest version of the C library named in a program: older systems cannot start it.
fn newest_glibc(program: &[u8]) -> (u32, u32) {
    let marks = program
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK);
    marks
        .filter_map(|(at, _)| version(&program[at + MARK.len()..]))
        .max()
        .unwrap_or((2, 0))
}

fn version(text: &[u8]) -> Option<(u32, u32)> {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
    let text = std::str::from_utf8(&text[..end]).ok()?;
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_symbol_decides() {
        let program = b"..GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.17\0GLIBC_ABI_DT_RELR\0GLIBC_2.9\0";
        assert_eq!(newest_glibc(program), (2, 34));
    }

    #[test]
    fn an_unknown_library_is_named_instead_of_forgotten() {
        let line = |name: &str| format!(" 0x01 (NEEDED)  Shared library: [{name}]\n");
        assert_eq!(
            needed(&(line("libm.so.6") + &line("libgcc_s.so.1"))).unwrap(),
            ["libc6", "libgcc-s1"]
        );
        assert!(
            needed(&line("libfoo.so.3"))
                .unwrap_err()
                .text
                .contains("libfoo.so.3")
        );
    }
}
