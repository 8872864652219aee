//! The server hosted from this app: its folder, its process, and how it is started and waited for.

use crate::platform::{self, files};
use crate::words::{tr, tr_with};
use breeze_protocol::admin::StartLine;
use breeze_protocol::link::DEFAULT_PORT;
use std::net::{Ipv6Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server says that it listens within this time, or it will not.
const START_WAIT_MS: u64 = 15_000;
/// A server that was told to stop is gone by then: it drains within three seconds.
const END_WAIT_MS: u64 = 6000;
/// How often it is looked at meanwhile.
const AGAIN: Duration = Duration::from_millis(25);
/// Ports tried after the usual one.
const PORTS: u16 = 50;

/// The server of one data folder.
pub(super) struct Own {
    data: PathBuf,
    child: Option<Child>,
}

impl Own {
    pub(super) fn new(data: PathBuf) -> Self {
        Self { data, child: None }
    }

    /// The app's data folder.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The server's data folder.
    pub(super) fn folder(&self) -> PathBuf {
        files::server_folder(&self.data)
    }

    /// Its admin socket: where it said, for a long path does not fit into a socket's name.
    pub(super) fn socket(&self) -> PathBuf {
        let said = self.last_start().map(|start| PathBuf::from(start.admin));
        said.filter(|path| path.is_absolute())
            .unwrap_or_else(|| self.folder().join("admin.sock"))
    }

    /// Whether it ran when it was last heard of, and nobody has stopped it since.
    pub(super) fn was_running(&self) -> bool {
        files::ServerFiles::last_start(&self.data).is_some()
    }

    /// Whether there is a server to be started.
    pub(super) fn has_data(&self) -> bool {
        self.folder().join("breeze.db").exists()
    }

    /// It is not to come back by itself.
    pub(super) fn forget(&self) {
        files::ServerFiles::forget_start(&self.data);
    }

    fn last_start(&self) -> Option<StartLine> {
        serde_json::from_str(&files::ServerFiles::last_start(&self.data)?).ok()
    }

    /// Makes its folder and its settings, unless it has them; returns its program.
    pub(super) fn prepare(&self, name: &str) -> Result<PathBuf, String> {
        let program = files::sibling("breeze-server").ok_or_else(|| tr("host-no-program"))?;
        let folder = self.folder();
        let port = self.last_start().as_ref().and_then(port_of).or_else(free_port);
        let port = port.ok_or_else(|| tr("host-no-port"))?;
        files::keep_server_settings(&folder, &settings(name, port)).map_err(|_| tr("host-no-folder"))?;
        Ok(program)
    }

    /// Starts it as a process that may outlive this one.
    pub(super) fn spawn(&mut self, name: &str) -> Result<StartLine, String> {
        let program = self.prepare(name)?;
        let files = files::ServerFiles::make(&self.data).map_err(|_| tr("host-no-folder"))?;
        let output = files.output.try_clone().map_err(|_| tr("host-no-folder"))?;
        let log = files.log.try_clone().map_err(|_| tr("host-no-folder"))?;
        let mut command = Command::new(program);
        command.arg("--json").arg("--data").arg(&files.data);
        // Files, not pipes: the server may outlive this program, and a broken pipe would kill it.
        command.stdin(Stdio::null()).stdout(output).stderr(log);
        let child = leave_group(&mut command)
            .spawn()
            .map_err(|_| tr("host-no-program"))?;
        self.reap();
        let child = self.child.insert(child);
        let deadline = platform::mono_ms() + START_WAIT_MS;
        loop {
            let line = files
                .start_line()
                .and_then(|line| serde_json::from_str::<StartLine>(&line).ok());
            if let Some(start) = line {
                return Ok(start);
            }
            let ended = child.try_wait().ok().flatten().is_some();
            if ended || platform::mono_ms() > deadline {
                if !ended {
                    drop(child.kill());
                    drop(child.wait());
                }
                self.child = None;
                self.forget();
                return Err(tr_with("host-failed", &[("why", files.last_words().into())]));
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// Waits for a server the system starts.
    pub(super) fn wait_for(&self, info: fn(&Path) -> Option<StartLine>) -> Result<StartLine, String> {
        let deadline = platform::mono_ms() + START_WAIT_MS;
        while platform::mono_ms() < deadline {
            if let Some(start) = info(&self.folder().join("admin.sock")) {
                return Ok(start);
            }
            std::thread::sleep(AGAIN);
        }
        Err(tr("host-silent"))
    }

    /// Takes in that the process has ended, if it has.
    pub(super) fn reap(&mut self) {
        if self
            .child
            .as_mut()
            .is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
        {
            self.child = None;
        }
    }

    /// Waits until it is gone; whether it is.
    pub(super) fn wait_end(&mut self, socket: &Path) -> bool {
        let deadline = platform::mono_ms() + END_WAIT_MS;
        while platform::mono_ms() < deadline {
            self.reap();
            // The socket's file goes last, after everything was written.
            if self.child.is_none() && !socket.exists() {
                return true;
            }
            std::thread::sleep(AGAIN);
        }
        false
    }
}

/// `breeze-server.toml` of a server hosted from the app: the same whoever starts it.
fn settings(name: &str, port: u16) -> String {
    let mut text = tr("host-settings-file") + "\n";
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    if !name.is_empty() {
        let quoted = serde_json::to_string(&name).expect("a text is plain data");
        text += &format!("name = {quoted}\n");
    }
    let listen = if has_ipv6() {
        format!("\"[::]:{port}\", \"0.0.0.0:{port}\"")
    } else {
        format!("\"0.0.0.0:{port}\"")
    };
    text + &format!("listen = [{listen}]\nroster = \"everyone\"\n")
}

/// The server is not to get the signals of this program's terminal.
#[cfg(unix)]
fn leave_group(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    command.process_group(0)
}

#[cfg(not(unix))]
fn leave_group(command: &mut Command) -> &mut Command {
    command
}

/// The port a server listened on.
fn port_of(start: &StartLine) -> Option<u16> {
    start.listening.first()?.rsplit(':').next()?.parse().ok()
}

/// The usual port, or the next free one.
fn free_port() -> Option<u16> {
    let free = |port: &u16| {
        let six = TcpListener::bind((Ipv6Addr::UNSPECIFIED, *port));
        six.is_ok() || TcpListener::bind(("0.0.0.0", *port)).is_ok_and(|_| !has_ipv6())
    };
    (DEFAULT_PORT..DEFAULT_PORT + PORTS).find(free)
}

fn has_ipv6() -> bool {
    Path::new("/proc/net/if_inet6").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let text = settings("a \"b\"\\\n\u{7f}name", 7463);
        assert!(text.contains("name = \"a \\\"b\\\"\\\\name\"\n"), "{text}");
        assert!(text.ends_with("roster = \"everyone\"\n"), "{text}");
        assert!(!settings("", 1).contains("name ="));
    }
}
