//! What can be judged without installing: by the system's own checkers, each of which knows its file better than we do.

use crate::dist::Packages;
use crate::dist::contents::{self, linux};
use crate::dist::deb::Facts;
use crate::shell::{self, Fail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Highest exposure of the service that `systemd-analyze security` may find, in tenths.
const EXPOSURE_TENTHS_MAX: u32 = 12;
/// What lintian finds and we know, each with its reason.
const KNOWN: &[&str] = &[
    // There is no bug in Debian's tracker to close: Breeze is not in Debian.
    "initial-upload-closes-no-bugs",
    // The address is nobody's, on purpose, until somebody publishes these packages.
    "bogus-mail-host",
];

/// Runs every checker.
pub(super) fn check(packages: &Packages, facts: &Facts, out: &Path) -> Result<(), Fail> {
    let root = shell::root();
    let dummies = out.join("dummies");
    std::fs::create_dir_all(&dummies)
        .map_err(|e| Fail::new(format!("{} cannot be made: {e}", dummies.display())))?;
    pass(Command::new("desktop-file-validate").arg(linux("breeze.desktop")))?;
    let metainfo = out.join("stage/app/usr/share/metainfo").join(contents::METAINFO);
    pass(
        Command::new("appstreamcli")
            .args(["validate", "--no-net", "--strict"])
            .arg(metainfo),
    )?;
    pass(
        Command::new("systemd-analyze")
            .args(["security", "--offline=true"])
            .arg(format!("--threshold={EXPOSURE_TENTHS_MAX}"))
            .arg(linux(contents::SERVICE)),
    )?;
    service(out)?;
    for script in scripts(&root)? {
        pass(Command::new("sh").arg("-n").arg(script))?;
    }
    windows(&root, facts, &dummies)?;
    macos(&root, facts, &dummies)?;
    archive(packages, &out.join("unpacked"))?;
    pass(
        Command::new("lintian")
            .args(["--fail-on", "error,warning", "--suppress-tags", &KNOWN.join(",")])
            .args([&packages.app, &packages.server]),
    )
}

/// systemd reads the service as it will lie on a system: beside this machine's own units, with the program in its place.
fn service(out: &Path) -> Result<(), Fail> {
    let root = out.join("verify");
    let _ = std::fs::remove_dir_all(&root);
    pass(
        Command::new("cp")
            .arg("-r")
            .arg(out.join("stage/server"))
            .arg(&root),
    )?;
    // What is ours stays ours.
    pass(
        Command::new("cp")
            .args(["-rn", "/lib/systemd/system"])
            .arg(root.join("lib/systemd")),
    )?;
    let mut verify = Command::new("systemd-analyze");
    verify
        .args(["verify", "--man=no"])
        .arg(format!("--root={}", root.display()))
        .arg(contents::SERVICE);
    let words = shell::spoken(&verify);
    let output = verify
        .output()
        .map_err(|e| Fail::usage(format!("could not start `{words}`: {e}")))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // A key it does not know is only worth a word to it, and would be a wall that is not there.
    if output.status.success() && !said.contains(contents::SERVICE) {
        println!("ok: {words}");
        return Ok(());
    }
    Err(Fail::new(format!(
        "`{words}` does not pass ({}):\n{said}",
        output.status
    )))
}

/// Every shell script of the packages.
fn scripts(root: &Path) -> Result<Vec<PathBuf>, Fail> {
    let list = shell::read(
        Command::new("grep")
            .args(["-rlx", "#!/bin/sh"])
            .arg(root.join("packaging")),
    )?;
    Ok(list.lines().map(PathBuf::from).collect())
}

/// The installer's script compiles. What it installs here are empty files: the programs are built on Windows.
fn windows(root: &Path, facts: &Facts, dummies: &Path) -> Result<(), Fail> {
    for name in ["breeze.exe", "breeze-server.exe"] {
        write(&dummies.join(name), "")?;
    }
    let installer = dummies.join(format!("breeze-{}-windows.exe", facts.version));
    pass(
        Command::new("makensis")
            .args(["-V2", "-WX", &format!("-DVERSION={}", facts.version)])
            .arg(format!("-DPROGRAMS={}", dummies.display()))
            .arg(format!("-DOUT={}", installer.display()))
            .arg(root.join("packaging/windows/breeze.nsi")),
    )
}

/// The bundle lays itself out, and its list of properties is one.
fn macos(root: &Path, facts: &Facts, dummies: &Path) -> Result<(), Fail> {
    for name in ["breeze", "breeze-server"] {
        write(&dummies.join(name), "")?;
    }
    pass(
        Command::new(root.join("packaging/macos/bundle.sh"))
            .arg(&facts.version)
            .args([dummies, dummies]),
    )?;
    let list = dummies.join("Breeze.app/Contents/Info.plist");
    pass(Command::new("plistutil").arg("-i").arg(list))
}

/// The archive installs for one person, works from there, and goes without a trace.
fn archive(packages: &Packages, into: &Path) -> Result<(), Fail> {
    let _ = std::fs::remove_dir_all(into);
    let home = into.join("home");
    std::fs::create_dir_all(&home)
        .map_err(|e| Fail::new(format!("{} cannot be made: {e}", home.display())))?;
    pass(
        Command::new("tar")
            .args(["--strip-components=1", "-xf"])
            .arg(&packages.archive)
            .arg("-C")
            .arg(into),
    )?;
    let script = |word: &str| {
        let mut command = Command::new(into.join("install.sh"));
        command.arg(word).env("HOME", &home).env_remove("XDG_DATA_HOME");
        command.env("XDG_CONFIG_HOME", home.join("config"));
        pass(&mut command)
    };
    script("--user")?;
    // A second time is an update.
    script("--user")?;
    for program in ["bin/breeze", "bin/breeze-server", "lib/breeze/breeze-server"] {
        pass(Command::new(home.join(".local").join(program)).arg("--version"))?;
    }
    pass(Command::new("desktop-file-validate").arg(home.join(".local/share/applications/breeze.desktop")))?;
    script("--uninstall")?;
    let left = shell::read(
        Command::new("find")
            .arg(home.join(".local"))
            .args(["-mindepth", "1"]),
    )?;
    if left.trim().is_empty() {
        println!("ok: the archive installs, runs, and leaves nothing behind");
        return Ok(());
    }
    Err(Fail::new(format!("install.sh --uninstall left behind:\n{left}")))
}

/// Runs a checker in silence; what it said is only of interest when it does not pass.
fn pass(command: &mut Command) -> Result<(), Fail> {
    let words = shell::spoken(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Fail::usage(format!("could not start `{words}`: {e}")))?;
    if output.status.success() {
        println!("ok: {words}");
        return Ok(());
    }
    Err(Fail::new(format!(
        "`{words}` does not pass ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}

fn write(path: &Path, text: &str) -> Result<(), Fail> {
    std::fs::write(path, text).map_err(|e| Fail::new(format!("{} cannot be written: {e}", path.display())))
}
