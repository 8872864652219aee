//! Where the admin socket is, who may open it, and how a subcommand asks through it.

use crate::secret;
use crate::store::data_dir::{make_private, remove_if_there};
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// Name of the socket in the data directory.
const SOCKET_FILE: &str = "admin.sock";
/// Longest path a Unix socket may have, bytes, its closing zero not counted.
const PATH_BYTES_MAX: usize = 107;
/// How long an answer may take: hashing a password under load.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// How long a backup may take: some hundred GiB.
const BACKUP_MAX: Duration = Duration::from_secs(60 * 60);
/// Longest answer, bytes: a list of some ten thousand accounts.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Where operators come in.
pub type Listener = UnixListener;

/// Where the socket of a data directory is: in it, or, when that path is too long for a socket, in the runtime directory.
///
/// # Errors
/// A sentence, when there is no place for it.
pub fn place(data: &Path) -> Result<PathBuf, String> {
    let usual = data.join(SOCKET_FILE);
    if usual.as_os_str().len() <= PATH_BYTES_MAX {
        return Ok(usual);
    }
    let hash = secret::hash(&String::from_utf8_lossy(data.as_os_str().as_bytes()));
    let short = secret::base64url(&hash[..12]);
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let elsewhere = runtime.map(|runtime| runtime.join(format!("breeze-{short}.sock")));
    elsewhere.filter(|path| path.as_os_str().len() <= PATH_BYTES_MAX).ok_or_else(|| {
        format!(
            "{} is too long for the admin socket: choose a shorter data directory with --data, or set XDG_RUNTIME_DIR",
            usual.display()
        )
    })
}

/// Opens the socket. The data directory's lock is held, so one that is there already was left by a killed server.
///
/// # Errors
/// A sentence.
pub fn bind(path: &Path) -> Result<UnixListener, String> {
    let fail = |error: io::Error| format!("the admin socket {} cannot be made ({error})", path.display());
    remove_if_there(path).map_err(fail)?;
    let listener = UnixListener::bind(path).map_err(fail)?;
    make_private(path).map_err(fail)?;
    Ok(listener)
}

/// Takes the socket away when the server has stopped.
pub fn unbind(path: &Path) {
    if let Err(error) = remove_if_there(path) {
        tracing::debug!("the admin socket stays behind: {error}");
    }
}

/// Whether the other end belongs to the user who runs this server, or to root. Its process number does not matter, and
/// may be none at all: an operator outside the container the server runs in has no number in it.
#[must_use]
pub fn is_same_user(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

/// Whether a server answers on this data directory.
#[must_use]
pub fn runs(data: &Path) -> bool {
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    place(&absolute).is_ok_and(|path| StdUnixStream::connect(path).is_ok())
}

/// Asks a running server. `Ok(None)` when none runs on this data directory.
///
/// # Errors
/// A sentence, when one runs and does not answer.
pub fn ask(data: &Path, request: &AdminRequest) -> Result<Option<AdminAnswer>, String> {
    let path = place(data)?;
    let Ok(mut stream) = StdUnixStream::connect(&path) else {
        return Ok(None);
    };
    let patience = match request {
        AdminRequest::Backup { .. } => BACKUP_MAX,
        _ => ANSWER_MAX,
    };
    let converse = || -> io::Result<AdminAnswer> {
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(ANSWER_MAX))?;
        let mut line = serde_json::to_string(request)?;
        line.push('\n');
        stream.write_all(line.as_bytes())?;
        let mut answer = String::new();
        BufReader::new(&stream)
            .take(ANSWER_BYTES_MAX)
            .read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    };
    let mut converse = converse;
    converse().map(Some).map_err(|error| {
        format!(
            "the running server did not answer on {} ({error}): its log says more",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_path_is_used_as_it_is() {
        assert_eq!(place(Path::new("/tmp/x")), Ok(PathBuf::from("/tmp/x/admin.sock")));
    }

    #[test]
    fn a_long_path_finds_another_place_or_says_so() {
        let long = PathBuf::from("/tmp").join("x".repeat(120));
        match place(&long) {
            Ok(path) => assert!(
                path.as_os_str().len() <= PATH_BYTES_MAX && path.to_string_lossy().contains("breeze-")
            ),
            Err(sentence) => assert!(sentence.contains("choose a shorter data directory"), "{sentence}"),
        }
    }
}
