//! `cargo xtask demo`: installs and builds what the demonstration needs, then hands over to `tests/src/bin/demo.rs`.

use crate::shell::{self, Fail};
use crate::{install, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Shows two windows and a server at work; extra arguments go to the demonstration itself.
pub(crate) fn demo(args: &[String]) -> Result<(), Fail> {
    show("demo", args)
}

/// Plays a program of the harness that shows windows; its pictures go to the folder of its name below `target/`.
pub(crate) fn show(name: &str, args: &[String]) -> Result<(), Fail> {
    install::install(install::Wanted::Demo)?;
    run::build(&[name])?;
    let runtime = RuntimeDir::make()?;
    println!("Starting the {name}. Its pictures go to target/{name}/.");
    let mut command = session(&shell::release_binary(name), shell::on_path("dbus-run-session"));
    command.args(args).current_dir(shell::root());
    command
        .env("XDG_RUNTIME_DIR", &runtime.0)
        .env_remove("WAYLAND_DISPLAY");
    shell::run(&mut command)
}

/// The program on a message bus of its own, where there is one to be had.
fn session(program: &Path, with_bus: bool) -> Command {
    if !with_bus {
        return Command::new(program);
    }
    let mut command = Command::new("dbus-run-session");
    command.arg("--").arg(program);
    command
}

/// A private folder for sockets, gone when the demonstration is.
struct RuntimeDir(PathBuf);

impl RuntimeDir {
    fn make() -> Result<Self, Fail> {
        let dir = std::env::temp_dir().join(format!("breeze-demo-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&dir)
            .map_err(|e| Fail::usage(format!("could not make the folder {}: {e}", dir.display())))?;
        Ok(Self(dir))
    }
}

impl Drop for RuntimeDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_is_used_only_where_it_exists() {
        assert_eq!(
            shell::spoken(&session(Path::new("/x/demo"), true)),
            "dbus-run-session -- /x/demo"
        );
        assert_eq!(shell::spoken(&session(Path::new("/x/demo"), false)), "demo");
    }

    #[cfg(unix)]
    #[test]
    fn the_runtime_folder_is_private_and_goes_away() {
        use std::os::unix::fs::PermissionsExt;
        let dir = RuntimeDir::make().unwrap();
        let path = dir.0.clone();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o700
        );
        drop(dir);
        assert!(!path.exists());
    }
}
