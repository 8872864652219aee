//! One Breeze for each data folder: a second start hands its link to the first over a local socket and goes.
//!
//! Whoever holds the folder's lock owns the socket, so one left behind by a killed Breeze stands in nobody's way.

use crate::link::Sink;
use crate::model::event::{Event, SystemEvent};
use crate::platform::mono_ms;
use breeze_protocol::link::InviteLink;
use interprocess::local_socket::traits::{Listener as _, Stream as _};
use interprocess::local_socket::{GenericFilePath, Listener, ListenerOptions, Name, Stream, ToFsName};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// First line of what a second start says.
const HELLO: &str = "breeze open 1";
/// What the first answers once the window has been asked to show.
const ANSWER: &str = "shown\n";
/// Longest hand-over read, bytes: the greeting and a link of at most 1024.
const BYTES_MAX: usize = 1100;
/// All of it must have come within this, milliseconds: a stuck start must not keep others out.
const WHOLE_MS: u64 = 1000;
/// The first has so long to answer; a Breeze that hangs is told from one that lives.
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// Longest path a socket may have on every Unix, bytes.
const PATH_BYTES_MAX: usize = 100;

/// The socket of the first Breeze on a data folder. Dropping it takes the socket away.
pub struct Instance {
    path: PathBuf,
}

impl Instance {
    /// Listens for second starts. The caller holds the folder's lock.
    ///
    /// # Errors
    /// When there can be no such socket there, or no thread.
    pub fn listen(data: &Path, sink: Sink) -> io::Result<Self> {
        let path = socket_path(data);
        remove(&path);
        let options = ListenerOptions::new().name(name(&path)?).reclaim_name(false);
        let listener = closed_to_others(options).create_sync()?;
        std::thread::Builder::new()
            .name("breeze-instance".into())
            .spawn(move || serve(&listener, &sink))?;
        Ok(Self { path })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Hands a link to the Breeze that uses this folder. Whether it has answered.
#[must_use]
pub fn hand_over(data: &Path, link: Option<&str>) -> bool {
    say(data, link).is_ok_and(|answer| answer == ANSWER)
}

fn say(data: &Path, link: Option<&str>) -> io::Result<String> {
    let path = socket_path(data);
    let mut stream = Stream::connect(name(&path)?)?;
    stream.set_recv_timeout(Some(ANSWER_WAIT))?;
    stream.set_send_timeout(Some(ANSWER_WAIT))?;
    // What is no link is not handed over: the first would only refuse it.
    let link = link.and_then(|link| InviteLink::parse(link).ok());
    let link = link.map(|link| link.to_string()).unwrap_or_default();
    stream.write_all(format!("{HELLO}\n{link}\n").as_bytes())?;
    let mut answer = [0; ANSWER.len()];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn serve(listener: &Listener, sink: &Sink) {
    while let Ok(mut stream) = listener.accept() {
        match heard(&mut stream) {
            Ok(Some(link)) => {
                sink.put_waiting(Event::System(SystemEvent::Open(link)));
                // When it has gone meanwhile, nobody is there to be told.
                drop(stream.write_all(ANSWER.as_bytes()));
            }
            Ok(None) => tracing::warn!("a second start said something that is no hand-over"),
            Err(error) => tracing::debug!(%error, "a second start went away"),
        }
    }
}

/// What a second start says; `None` when it is not in order.
fn heard(stream: &mut Stream) -> io::Result<Option<Option<Box<InviteLink>>>> {
    let deadline = mono_ms() + WHOLE_MS;
    let mut said = Vec::new();
    let mut piece = [0; 256];
    while said.iter().filter(|byte| **byte == b'\n').count() < 2 {
        let left = deadline.saturating_sub(mono_ms());
        if left == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_recv_timeout(Some(Duration::from_millis(left)))?;
        let count = stream.read(&mut piece)?;
        said.extend_from_slice(&piece[..count]);
        if count == 0 || said.len() > BYTES_MAX {
            return Ok(None);
        }
    }
    stream.set_send_timeout(Some(Duration::from_millis(WHOLE_MS)))?;
    Ok(parse(&said))
}

/// Nothing but the greeting and a good link, or none, is taken.
fn parse(said: &[u8]) -> Option<Option<Box<InviteLink>>> {
    let text = std::str::from_utf8(said).ok()?;
    let link = text.strip_prefix(HELLO)?.strip_prefix('\n')?.strip_suffix('\n')?;
    if link.is_empty() {
        return Some(None);
    }
    InviteLink::parse(link).ok().map(|link| Some(Box::new(link)))
}

/// In the data folder, which is closed to others; where that path is too long, in the session's own folder.
fn socket_path(data: &Path) -> PathBuf {
    let path = data.join("instance.sock");
    if path.as_os_str().len() <= PATH_BYTES_MAX {
        return path;
    }
    match std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => Path::new(&folder).join(format!("breeze-{}.sock", short_hash(data))),
        None => path,
    }
}

fn short_hash(data: &Path) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(data.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn name(path: &Path) -> io::Result<Name<'_>> {
    path.to_fs_name::<GenericFilePath>()
}

#[cfg(windows)]
fn name(path: &Path) -> io::Result<Name<'static>> {
    format!(r"\\.\pipe\breeze-{}", short_hash(path)).to_fs_name::<GenericFilePath>()
}

#[cfg(unix)]
fn closed_to_others(options: ListenerOptions<'_>) -> ListenerOptions<'_> {
    use interprocess::os::unix::local_socket::ListenerOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn closed_to_others(options: ListenerOptions<'_>) -> ListenerOptions<'_> {
    options
}

fn remove(path: &Path) {
    // It may not be there; and where it cannot be removed, listening says so.
    drop(std::fs::remove_file(path));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    const LINK: &str = "breeze://127.0.0.1:7463/?i=abc";

    fn said(text: &str) -> Option<Option<String>> {
        parse(text.as_bytes()).map(|link| link.map(|link| link.to_string()))
    }

    #[test]
    fn only_the_greeting_and_a_good_link_are_taken() {
        assert_eq!(said("breeze open 1\n\n"), Some(None));
        assert_eq!(said(&format!("{HELLO}\n{LINK}\n")), Some(Some(LINK.to_owned())));
        for bad in [
            "",
            "\n\n",
            "breeze open 1\n",
            "breeze open 2\n\n",
            "breeze open 1\nhttp://127.0.0.1/\n",
            "breeze open 1\nbreeze://h/?i=a\nrm -rf\n",
            "breeze open 1\nbreeze://h\u{7}x/\n",
        ] {
            assert_eq!(said(bad), None, "{bad:?}");
        }
        assert_eq!(parse(b"breeze open 1\n\xff\n"), None);
    }

    #[test]
    fn a_second_start_hands_its_link_over_and_a_stale_socket_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!hand_over(folder.path(), None), "nobody listens");
        // As a killed Breeze leaves it: bound once, and nobody behind it.
        drop(std::os::unix::net::UnixListener::bind(socket_path(folder.path())).unwrap());
        assert!(!hand_over(folder.path(), None), "nobody is behind it");
        let (sink, mut events) = Sink::new(Arc::new(|| {}));
        let instance = Instance::listen(folder.path(), sink).unwrap();
        let mode = std::fs::metadata(&instance.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(hand_over(folder.path(), Some(LINK)));
        let Some(Event::System(SystemEvent::Open(Some(link)))) = events.blocking_recv() else {
            panic!("no link came")
        };
        assert_eq!(link.to_string(), LINK);
        assert!(hand_over(folder.path(), Some("no link at all")));
        assert!(matches!(
            events.blocking_recv(),
            Some(Event::System(SystemEvent::Open(None)))
        ));
        let path = instance.path.clone();
        drop(instance);
        assert!(!path.exists());
    }

    #[test]
    fn nonsense_and_silence_do_not_keep_others_out() {
        let folder = tempfile::tempdir().unwrap();
        let (sink, mut events) = Sink::new(Arc::new(|| {}));
        let _instance = Instance::listen(folder.path(), sink).unwrap();
        let connect = || std::os::unix::net::UnixStream::connect(socket_path(folder.path())).unwrap();
        let silent = connect();
        connect().write_all(&[b'x'; 4096]).unwrap();
        assert!(hand_over(folder.path(), None), "the next one is served");
        assert!(matches!(
            events.blocking_recv(),
            Some(Event::System(SystemEvent::Open(None)))
        ));
        drop(silent);
    }

    #[test]
    fn a_long_path_has_a_short_socket() {
        let long = PathBuf::from("/").join("x".repeat(200));
        let path = socket_path(&long);
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty());
        assert_eq!(path.starts_with(&long), runtime.is_none());
    }
}
