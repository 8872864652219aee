//! `cargo xtask dist`: the binaries as a release carries them (whole-program optimised, stripped), and their sizes.

use crate::shell::{self, Fail};
use crate::times;
use std::time::Instant;

/// Builds with the `dist` profile and prints the size of each program.
pub(crate) fn dist(args: &[String]) -> Result<(), Fail> {
    if !args.is_empty() {
        return Err(Fail::usage("`cargo xtask dist` takes no arguments"));
    }
    println!("Building the release binaries ({}).", times::expectation("dist"));
    let start = Instant::now();
    let mut build = shell::cargo(&[
        "build",
        "--profile",
        "dist",
        "-p",
        "breeze-desktop",
        "-p",
        "breeze-server",
    ]);
    shell::run(build.args(["--bin", "breeze", "--bin", "breeze-server"]))?;
    times::remember("dist", start.elapsed());
    for name in ["breeze", "breeze-server"] {
        let path = shell::target()
            .join("dist")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let meta = std::fs::metadata(&path)
            .map_err(|e| Fail::new(format!("{} is not there after the build: {e}", path.display())))?;
        println!(
            "{:<14} {:>10} bytes  {:>6.1} MiB",
            name,
            meta.len(),
            mib(meta.len())
        );
    }
    Ok(())
}

fn mib(bytes: u64) -> f64 {
    let tenths = u32::try_from(bytes * 10 / (1024 * 1024)).unwrap_or(u32::MAX);
    f64::from(tenths) / 10.0
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_in_mebibytes() {
        assert!((super::mib(15 * 1024 * 1024 + 600 * 1024) - 15.5).abs() < 0.01);
    }
}
