//! The server's package in a minimal Debian: user, folder and service are made, the service's own line works, all goes.

use super::{Running, same_files, wait};
use crate::dist::Packages;
use crate::dist::contents::{self, linux, read};
use crate::dist::debian_root::DebianRoot;
use crate::shell::Fail;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Who the service runs as.
const USER: &str = "breeze-server";
/// Its data, inside.
const DATA: &str = "/var/lib/breeze-server";
/// Where it tells how it is, inside.
const NOTIFY: &str = "/srv/notify";
/// It makes a key and a database first, on a machine with other work.
const READY_MAX: Duration = Duration::from_secs(20);
/// What systemd grants a stop; the promise is half of it.
const STOP_MAX: Duration = Duration::from_secs(3);

/// Installs, starts as systemd would, asks, stops, removes and purges.
pub(super) fn check(root: &DebianRoot, packages: &Packages) -> Result<(), Fail> {
    let before = root.files()?;
    let deb = root.lend(&packages.server)?;
    println!("Installing the server's package into the minimal Debian.");
    root.apt(&["install", "--no-install-recommends", &deb])?;
    installed(root)?;
    serves(root)?;
    root.apt(&["remove", "breeze-server"])?;
    if !root.path.join("var/lib/breeze-server/breeze.db").is_file() {
        return Err(Fail::new(
            "removing the package took messages away: only purging may",
        ));
    }
    println!("ok: removing the package keeps accounts and messages");
    root.apt(&["purge", "breeze-server"])?;
    if read(&root.path.join("etc/passwd"))?.contains(USER) {
        return Err(Fail::new("purging left the user breeze-server"));
    }
    root.apt(&["autoremove", "--purge"])?;
    same_files("purging the server's package", &before, &root.files()?)
}

/// What must be there when the package is.
fn installed(root: &DebianRoot) -> Result<(), Fail> {
    let must = |holds: bool, words: &str| {
        if holds {
            println!("ok: {words}");
            Ok(())
        } else {
            Err(Fail::new(format!("not so after installing: {words}")))
        }
    };
    must(
        read(&root.path.join("etc/passwd"))?.contains("\nbreeze-server:"),
        "there is a user breeze-server",
    )?;
    let wanted = format!("etc/systemd/system/multi-user.target.wants/{}", contents::SERVICE);
    must(
        root.path.join(wanted).symlink_metadata().is_ok(),
        "the service starts with the system",
    )?;
    let rights = std::fs::metadata(root.path.join(DATA.trim_start_matches('/')));
    must(
        rights.is_ok_and(|meta| meta.permissions().mode() & 0o777 == 0o700),
        "its folder is nobody else's",
    )?;
    let listed = root.read(&["dpkg-query", "-W", "-f", "${Conffiles}", "breeze-server"])?;
    must(
        listed.contains("/etc/breeze-server/breeze-server.toml"),
        "its configuration survives an upgrade",
    )
}

/// Starts the service's own line as its own user; it says when it is ready, answers, and stops in time.
fn serves(root: &DebianRoot) -> Result<(), Fail> {
    let unit = read(&linux(contents::SERVICE))?;
    let line = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .ok_or_else(|| Fail::new("the service has no ExecStart"))?;
    let words: Vec<&str> = line.split(' ').collect();
    let socket = root.path.join(NOTIFY.trim_start_matches('/'));
    let cannot = |e: std::io::Error| Fail::new(format!("{} cannot be listened on: {e}", socket.display()));
    let heard = UnixDatagram::bind(&socket).map_err(cannot)?;
    heard.set_nonblocking(true).map_err(cannot)?;
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o777)).map_err(cannot)?;
    let mut command = root.cut_off(&format!("{USER}:{USER}"), &words);
    command
        .env("NOTIFY_SOCKET", NOTIFY)
        .env("BREEZE_LOG", "warn")
        .stdout(Stdio::null());
    let mut server = Running::start(command)?;
    let says = |wanted: &str| {
        wait(wanted, READY_MAX, || {
            let mut buffer = [0; 1024];
            let length = heard.recv(&mut buffer).ok()?;
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            text.lines().any(|line| line == wanted).then_some(())
        })
    };
    says("READY=1")?;
    let said = server.beside(USER, &["breeze-server", "--data", DATA, "user", "add", "ann"])?;
    if !said.starts_with("ann\n") {
        return Err(Fail::new(format!(
            "`breeze-server user add ann` answered {said:?}"
        )));
    }
    let start = Instant::now();
    server.signal("TERM")?;
    says("STOPPING=1")?;
    let status = wait("the end of the server", READY_MAX, || {
        server.0.try_wait().ok().flatten()
    })?;
    let took = start.elapsed();
    if !status.success() || took > STOP_MAX {
        return Err(Fail::new(format!(
            "the server ended with {status} after {took:?}"
        )));
    }
    println!(
        "ok: `{line}` as {USER}: ready, answers the operator, stopped in {} ms",
        took.as_millis()
    );
    Ok(())
}
