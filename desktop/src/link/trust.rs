//! By what a typed address can be trusted: our own server's admin socket, the platform's roots, or the person's eyes.

use super::tls::Trust;
use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use breeze_protocol::link::InviteLink;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An admin socket answers within this time or is not ours: it is on this computer.
const ADMIN_WAIT: Duration = Duration::from_secs(2);
/// Longest answer read from an admin socket, bytes: a list of people may be long.
const ADMIN_ANSWER_MAX: u64 = 1024 * 1024;

/// Whether a host is this computer.
#[must_use]
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Decides how a server is known. In the local network nobody vouches for a name: the key is looked at, and the person
/// compares it.
pub(super) async fn decide(target: &InviteLink, data: &Path) -> Trust {
    if !target.pin.is_empty() {
        return Trust::Pins(vec![target.pin.clone()]);
    }
    if is_loopback(&target.host) {
        for socket in crate::platform::files::admin_sockets(data) {
            if let Some(start) = server_info(&socket).await
                && listens_on(&start, target.port)
                && !start.pin.is_empty()
            {
                return Trust::Pins(vec![start.pin]);
            }
        }
        return Trust::Look;
    }
    if target.host.parse::<IpAddr>().is_ok() || !target.host.contains('.') || target.host.ends_with(".local")
    {
        return Trust::Look;
    }
    Trust::Platform
}

fn listens_on(start: &StartLine, port: u16) -> bool {
    let ends = format!(":{port}");
    start.listening.iter().any(|address| address.ends_with(&ends))
}

async fn server_info(socket: &Path) -> Option<StartLine> {
    match ask_admin(socket.to_owned(), AdminRequest::Info).await? {
        AdminAnswer::Info { start, .. } => Some(start),
        _ => None,
    }
}

/// Asks a server on this computer through its admin socket.
pub(super) async fn ask_admin(socket: PathBuf, request: AdminRequest) -> Option<AdminAnswer> {
    let asked = tokio::task::spawn_blocking(move || ask_admin_blocking(&socket, &request));
    asked.await.ok()?
}

/// The same for a thread that may wait.
#[cfg(unix)]
#[must_use]
pub fn ask_admin_blocking(socket: &Path, request: &AdminRequest) -> Option<AdminAnswer> {
    use std::io::{BufRead, BufReader, Read, Write};
    let mut stream = std::os::unix::net::UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(ADMIN_WAIT)).ok()?;
    stream.set_write_timeout(Some(ADMIN_WAIT)).ok()?;
    let line = serde_json::to_string(request).ok()? + "\n";
    stream.write_all(line.as_bytes()).ok()?;
    let mut answer = String::new();
    BufReader::new(stream.take(ADMIN_ANSWER_MAX))
        .read_line(&mut answer)
        .ok()?;
    serde_json::from_str(&answer).ok()
}

/// The same for a thread that may wait.
#[cfg(not(unix))]
#[must_use]
pub fn ask_admin_blocking(_socket: &Path, _request: &AdminRequest) -> Option<AdminAnswer> {
    None
}
