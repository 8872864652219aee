//! A server on this computer: started beside the app, asked through its admin socket, stopped or left running.

use crate::link::{Sink, ask_admin};
use crate::model::command::HostCommand;
use crate::model::event::{Event, HostEvent};
use crate::platform::{self, files};
use crate::words::{tr, tr_with};
use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use breeze_protocol::link::DEFAULT_PORT;
use std::net::{Ipv6Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Commands that may wait: the person presses buttons.
const QUEUE: usize = 16;
/// A server says that it listens within this time, or it will not.
const START_WAIT_MS: u64 = 15_000;
/// How often its start line is looked for.
const START_AGAIN: Duration = Duration::from_millis(25);
/// Ports tried after the usual one.
const PORTS: u16 = 50;
/// People who may join with one link made in the window.
const INVITE_USES: u32 = 100;
/// Such a link is valid for a week, seconds.
const INVITE_TTL_S: u64 = 7 * 24 * 3600;

/// The thread that hosts.
pub struct Host {
    sender: Option<SyncSender<HostCommand>>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// Starts the thread; it looks for a server left running from here.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(data: PathBuf, sink: Sink) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("breeze-host".into())
            .spawn(move || {
                Work {
                    data,
                    sink,
                    child: None,
                }
                .run(&receiver);
            })?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Hands a command over without waiting.
    pub fn hand(&self, command: HostCommand) {
        if let Some(sender) = &self.sender
            && let Err(TrySendError::Full(command)) = sender.try_send(command)
        {
            tracing::warn!(?command, "pressed too often");
        }
    }

    /// Waits until what was handed over is done.
    pub fn finish(mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Work {
    data: PathBuf,
    sink: Sink,
    child: Option<Child>,
}

impl Work {
    fn run(mut self, receiver: &Receiver<HostCommand>) {
        self.find();
        while let Ok(command) = receiver.recv() {
            match command {
                HostCommand::Start(name) => self.start(&name),
                HostCommand::Invite => self.invite(),
                HostCommand::Stop => self.stop(),
            }
        }
    }

    /// Finds the server left running from here; one that went down with the computer is started again,
    /// at the same port, for it runs until it is stopped.
    fn find(&mut self) {
        if let Some(start) = self.info() {
            return self.tell(HostEvent::Running(Box::new(start), false));
        }
        let Some(last) = files::ServerFiles::last_start(&self.data) else {
            return;
        };
        let port = serde_json::from_str::<StartLine>(&last)
            .ok()
            .as_ref()
            .and_then(port_of);
        match self.spawn("", port) {
            Ok(start) => self.tell(HostEvent::Running(Box::new(start), false)),
            Err(words) => self.tell(HostEvent::Failed(words)),
        }
    }

    fn tell(&self, event: HostEvent) {
        self.sink.put_waiting(Event::Host(event));
    }

    fn socket(&self) -> PathBuf {
        self.data.join("server").join("admin.sock")
    }

    /// The server hosted from here, if it runs.
    fn info(&self) -> Option<StartLine> {
        match ask_admin(&self.socket(), &AdminRequest::Info)? {
            AdminAnswer::Info { start, .. } => Some(start),
            _ => None,
        }
    }

    fn start(&mut self, name: &str) {
        if let Some(start) = self.info() {
            return self.tell(HostEvent::Running(Box::new(start), true));
        }
        match self.spawn(name, None) {
            Ok(start) => self.tell(HostEvent::Running(Box::new(start), true)),
            Err(words) => self.tell(HostEvent::Failed(words)),
        }
    }

    fn spawn(&mut self, name: &str, port: Option<u16>) -> Result<StartLine, String> {
        let program = files::sibling("breeze-server").ok_or_else(|| tr("host-no-program"))?;
        let files = files::ServerFiles::make(&self.data).map_err(|_| tr("host-no-folder"))?;
        let port = port.or_else(free_port).ok_or_else(|| tr("host-no-port"))?;
        let output = files.output.try_clone().map_err(|_| tr("host-no-folder"))?;
        let log = files.log.try_clone().map_err(|_| tr("host-no-folder"))?;
        let mut command = Command::new(program);
        command.arg("--json").arg("--data").arg(&files.data);
        command.args(["--roster", "everyone", "--listen", &format!("0.0.0.0:{port}")]);
        if has_ipv6() {
            command.args(["--listen", &format!("[::]:{port}")]);
        }
        if !name.is_empty() {
            command.args(["--name", name]);
        }
        // Files, not pipes: the server may outlive this program, and a broken pipe would kill it.
        command.stdin(Stdio::null()).stdout(output).stderr(log);
        let child = leave_group(&mut command)
            .spawn()
            .map_err(|_| tr("host-no-program"))?;
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
                return Err(tr_with("host-failed", &[("why", files.last_words().into())]));
            }
            std::thread::sleep(START_AGAIN);
        }
    }

    fn invite(&mut self) {
        let request = AdminRequest::Invite {
            uses: INVITE_USES,
            ttl_s: INVITE_TTL_S,
        };
        match ask_admin(&self.socket(), &request) {
            Some(AdminAnswer::Invite { link, expires_ms }) => {
                self.tell(HostEvent::Invite(link.0, expires_ms))
            }
            Some(AdminAnswer::Error { text }) => self.tell(HostEvent::Failed(text)),
            _ => self.tell(HostEvent::Failed(tr("host-silent"))),
        }
    }

    fn stop(&mut self) {
        match ask_admin(&self.socket(), &AdminRequest::Stop) {
            Some(AdminAnswer::Done) | None => {}
            Some(_) => return self.tell(HostEvent::Failed(tr("host-silent"))),
        }
        files::ServerFiles::forget_start(&self.data);
        if let Some(mut child) = self.child.take() {
            // It drains within three seconds; afterwards nobody is left to wait for.
            drop(child.wait());
        }
        self.tell(HostEvent::Stopped);
    }
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
