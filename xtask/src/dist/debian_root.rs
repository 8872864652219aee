//! A minimal Debian in a folder, for packages to be installed into. Made once, then unpacked anew for each check.

use crate::shell::{self, Fail};
use crate::times;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Enters the root with everything that must not stay: in namespaces of its own, mounts and processes end with the command.
const ENTER: &str = r#"
set -e
root=$1 archives=$2 who=$3
shift 3
mount -t proc proc "$root/proc"
mount --bind "$archives" "$root/var/cache/apt/archives"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
if [ -d /tmp/.X11-unix ]; then
    mkdir "$root/tmp/.X11-unix"
    mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
fi
exec chroot --userspec="$who" "$root" "$@"
"#;
/// Where this machine names the mirrors it uses; a stranger's repositories are no part of a minimal Debian.
const SOURCES: &[&str] = &[
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/debian.sources",
    "/etc/apt/sources.list.d/ubuntu.sources",
];
/// The only things the root hears of this machine's environment.
const PROXIES: &[&str] = &["http_proxy", "https_proxy", "no_proxy"];
/// What comes and goes without any package: apt's and dpkg's own books, caches, logs, people's folders, the kernel's,
/// and the copies that are made of the lists of users whenever one is added.
const UNSTEADY: &[&str] = &[
    "dev",
    "etc/group-",
    "etc/gshadow-",
    "etc/passwd-",
    "etc/shadow-",
    "home",
    "proc",
    "run",
    "sys",
    "tmp",
    "var/cache",
    "var/lib/apt",
    "var/lib/dpkg",
    "var/log",
];

/// The unpacked root.
#[derive(Debug)]
pub(crate) struct DebianRoot {
    /// Its folder on this machine.
    pub(crate) path: PathBuf,
    archives: PathBuf,
}

impl DebianRoot {
    /// A fresh one below `out`, with apt ready to install.
    pub(crate) fn fresh(out: &Path) -> Result<Self, Fail> {
        let folder = out.join("debian");
        let (base, root) = (folder.join("base.tar"), folder.join("root"));
        let fresh = Self {
            path: root,
            archives: folder.join("archives"),
        };
        for dir in [&folder, &fresh.archives, &fresh.archives.join("partial")] {
            fs::create_dir_all(dir)
                .map_err(|e| Fail::new(format!("{} cannot be made: {e}", dir.display())))?;
        }
        if !base.is_file() {
            bootstrap(&base)?;
        }
        let _ = fs::remove_dir_all(&fresh.path);
        fs::create_dir_all(&fresh.path)
            .map_err(|e| Fail::new(format!("{} cannot be made: {e}", fresh.path.display())))?;
        let mut unpack = Command::new("tar");
        unpack.arg("-xpf").arg(&base).arg("-C").arg(&fresh.path);
        shell::run(&mut unpack)?;
        fresh.lend_network()?;
        Ok(fresh)
    }

    /// How this machine reaches its mirrors: names, and apt's settings such as a proxy.
    fn lend_network(&self) -> Result<(), Fail> {
        let dump = shell::read(Command::new("apt-config").arg("dump"))?;
        let wanted = ["Acquire::http", "Acquire::Check-", "Acquire::Retries"];
        let settings: Vec<&str> = dump
            .lines()
            .filter(|line| wanted.iter().any(|start| line.starts_with(start)))
            .collect();
        let to = |path: &str| self.path.join(path);
        let write = |path: &str, text: &[u8]| {
            fs::write(to(path), text).map_err(|e| Fail::new(format!("the root cannot be written: {e}")))
        };
        write(
            "etc/apt/apt.conf.d/99machine",
            (settings.join("\n") + "\n").as_bytes(),
        )?;
        write(
            "etc/resolv.conf",
            &fs::read("/etc/resolv.conf").unwrap_or_default(),
        )
    }

    /// A command inside, as `who` (`0:0`, a name, or numbers), with nothing of this machine's environment.
    pub(crate) fn command(&self, who: &str, words: &[&str]) -> Command {
        self.enter(&[], who, words)
    }

    /// The same with a network of its own, in which every port is free and nobody else listens.
    pub(crate) fn cut_off(&self, who: &str, words: &[&str]) -> Command {
        self.enter(&["--net"], who, words)
    }

    fn enter(&self, walls: &[&str], who: &str, words: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command
            .args(walls)
            .args(["--mount", "--pid", "--ipc", "--fork", "--kill-child", "--"])
            .args(["sh", "-c", ENTER, "enter"])
            .arg(&self.path)
            .arg(&self.archives)
            .arg(who)
            .args(words)
            .stdin(Stdio::null())
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("LC_ALL", "C.UTF-8")
            .env("DEBIAN_FRONTEND", "noninteractive");
        for name in PROXIES {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    /// What leads in for whoever wants the program's own process: a user's name and a command follow it. Mounts end with
    /// the command; processes, and the network, are this machine's.
    pub(crate) fn way_in(&self) -> Vec<String> {
        let words = ["unshare", "--mount", "--", "sh", "-c", ENTER, "enter"];
        let folders = [&self.path, &self.archives].map(|path| path.display().to_string());
        words.into_iter().map(str::to_owned).chain(folders).collect()
    }

    /// Runs a command inside as root and returns what it printed; complaints come along when it fails.
    pub(crate) fn read(&self, words: &[&str]) -> Result<String, Fail> {
        let output = self
            .command("0:0", words)
            .output()
            .map_err(|e| Fail::usage(format!("unshare cannot be started: {e}")))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        Err(Fail::new(format!(
            "in the minimal Debian, `{}` failed ({}):\n{text}{}",
            words.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )))
    }

    /// apt-get, told to be brief.
    pub(crate) fn apt(&self, words: &[&str]) -> Result<String, Fail> {
        // Its own user may not read packages lent from outside.
        let usual = ["apt-get", "-q", "-y", "-o", "APT::Sandbox::User=root"];
        self.read(&[&usual, words].concat())
    }

    /// Puts a file of this machine into the root's /srv, and returns where it is inside.
    pub(crate) fn lend(&self, file: &Path) -> Result<String, Fail> {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        fs::copy(file, self.path.join("srv").join(&name))
            .map_err(|e| Fail::new(format!("{} cannot be copied: {e}", file.display())))?;
        Ok(format!("/srv/{name}"))
    }

    /// Every file and folder that belongs to the system, by its path.
    pub(crate) fn files(&self) -> Result<BTreeSet<String>, Fail> {
        let mut find = Command::new("find");
        find.arg(&self.path).args(["-mindepth", "1", "-printf", "%P\\n"]);
        let list = shell::read(&mut find)?;
        Ok(list
            .lines()
            .filter(|path| is_steady(path))
            .map(str::to_owned)
            .collect())
    }
}

fn is_steady(path: &str) -> bool {
    let below = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !UNSTEADY.iter().any(|folder| below(folder)) && !path.starts_with("srv/")
}

/// Makes the archive of the root from this machine's own release and mirrors.
fn bootstrap(base: &Path) -> Result<(), Fail> {
    println!(
        "Making a minimal Debian with mmdebstrap ({}).",
        times::expectation("minimal Debian")
    );
    let start = Instant::now();
    let partial = base.with_extension("partial.tar");
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--variant=minbase", &suite()?])
        .arg(&partial);
    let sources = SOURCES.iter().filter(|file| {
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines()
            .any(|line| line.starts_with("deb ") || line.starts_with("Types:"))
    });
    make.args(sources);
    shell::run(&mut make)?;
    fs::rename(&partial, base).map_err(|e| Fail::new(format!("{} cannot be made: {e}", base.display())))?;
    times::remember("minimal Debian", start.elapsed());
    Ok(())
}

/// This machine's release, as in `bookworm`.
fn suite() -> Result<String, Fail> {
    let text = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    name.map(|name| name.trim_matches('"').to_owned())
        .ok_or_else(|| Fail::usage("/etc/os-release names no release: the check needs a Debian or Ubuntu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_packages_own_is_compared() {
        for path in [
            "usr/bin/breeze",
            "etc/breeze-server",
            "var/lib/breeze-server",
            "device",
        ] {
            assert!(is_steady(path), "{path}");
        }
        for path in ["dev", "dev/null", "var/lib/dpkg/info/x.list", "srv/x.deb"] {
            assert!(!is_steady(path), "{path}");
        }
    }
}
