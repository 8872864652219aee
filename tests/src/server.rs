//! The real server as a process of its own, in a temporary folder, on a port the system chose.

use crate::client::Endpoint;
use crate::network::{self, Network};
use crate::programs;
use crate::strace::{self, Tracing};
use crate::wait;
use crate::wall_clock::WallClock;
use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// What a server shall be like.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    plain: bool,
    everyone: bool,
    fault: Option<&'static str>,
    config: String,
    timing: Vec<(&'static str, u64)>,
    disk_kib: Option<u64>,
    network: Option<u32>,
    clock: Option<WallClock>,
    tracing: Option<Tracing>,
}

/// A running server; killed when dropped.
pub struct Server {
    plan: Plan,
    home: TempDir,
    line: StartLine,
    child: Child,
    log: Arc<Mutex<String>>,
    port: u16,
}

/// A server that did not start: what it printed, and how it ended.
#[derive(Debug)]
pub struct Refused {
    /// Its exit code.
    pub status: ExitStatus,
    /// Everything it printed.
    pub text: String,
}

impl Plan {
    /// As shipped: TLS, friends only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Without TLS.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// With all accounts as each other's friends.
    #[must_use]
    pub fn everyone(mut self) -> Self {
        self.everyone = true;
        self
    }

    /// The sabotaged program with this promise broken.
    #[must_use]
    pub fn fault(mut self, name: &'static str) -> Self {
        self.fault = Some(name);
        self
    }

    /// One time of the table `[timing]`, milliseconds.
    #[must_use]
    pub fn timing(mut self, key: &'static str, ms: u64) -> Self {
        self.timing.push((key, ms));
        self
    }

    /// Other lines of the configuration, before its tables.
    #[must_use]
    pub fn config(mut self, lines: &str) -> Self {
        self.config.push_str(lines);
        self.config.push('\n');
        self
    }

    /// On a disk of its own, this small, which ends with the process: a tmpfs in a private mount namespace.
    #[must_use]
    pub fn small_disk(mut self, kib: u64) -> Self {
        self.disk_kib = Some(kib);
        self
    }

    /// In a network of its own: only the admin socket reaches it from here.
    #[must_use]
    pub fn in_network(mut self, network: &Network) -> Self {
        self.network = Some(network.holder());
        self
    }

    /// With a wall clock that can be set.
    #[must_use]
    pub fn wall_clock(mut self, clock: &WallClock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Under strace.
    #[must_use]
    pub fn traced(mut self, tracing: Tracing) -> Self {
        self.tracing = Some(tracing);
        self
    }

    /// No longer under strace.
    #[must_use]
    pub fn untraced(mut self) -> Self {
        self.tracing = None;
        self
    }

    /// Starts it in a folder of its own.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(self) -> Server {
        let home = tempfile::Builder::new()
            .prefix("breeze-it-")
            .tempdir()
            .expect("the temporary folder is writable");
        self.start_in(home, 0)
            .unwrap_or_else(|refused| panic!("the server did not start: {refused:?}"))
    }

    fn start_in(self, home: TempDir, port: u16) -> Result<Server, Refused> {
        let log = Arc::new(Mutex::new(String::new()));
        let host = if self.network.is_some() {
            network::ADDRESS
        } else {
            "127.0.0.1"
        };
        let (child, line) = self.spawn(home.path(), &format!("{host}:{port}"), &log)?;
        let port = listening(&line).port();
        Ok(Server {
            plan: self,
            home,
            line,
            child,
            log,
            port,
        })
    }

    /// The command line for a home folder, for tests of starts that fail.
    ///
    /// # Panics
    /// When the configuration cannot be written.
    #[must_use]
    pub fn command(&self, home: &Path, listen: &str) -> Command {
        let program = programs::find(if self.fault.is_some() {
            "breeze-server-sabotage"
        } else {
            "breeze-server"
        });
        let mut command = match self.disk_kib {
            Some(kib) => {
                const MOUNT: &str =
                    r#"mount -t tmpfs -o "size=$1k,mode=700" tmpfs "$2" && shift 2 && exec "$@""#;
                let disk = home.join("disk");
                std::fs::create_dir_all(&disk).expect("the home folder is writable");
                let mut mounted = Command::new("unshare");
                mounted
                    .args(["-rm", "sh", "-c", MOUNT, "sh", &kib.to_string()])
                    .arg(disk)
                    .arg(program);
                mounted
            }
            None => match (self.network, &self.tracing) {
                (Some(holder), _) => network::enter(holder, program.as_os_str()),
                (None, Some(tracing)) => strace::command(tracing, home, &self.data(home), &program),
                (None, None) => Command::new(program),
            },
        };
        command
            .arg("--data")
            .arg(self.data(home))
            .args(["--listen", listen, "--json"]);
        if self.plain {
            command.args(["--tls", "off"]);
        }
        if self.everyone {
            command.args(["--roster", "everyone"]);
        }
        let times: String = self
            .timing
            .iter()
            .map(|(key, ms)| format!("{key} = {ms}\n"))
            .collect();
        if !times.is_empty() || !self.config.is_empty() {
            let path = home.join("breeze-server.toml");
            let table = if times.is_empty() { "" } else { "[timing]\n" };
            std::fs::write(&path, format!("{}{table}{times}", self.config))
                .expect("the home folder is writable");
            command.arg("--config").arg(path);
        }
        command
            .env_remove("BREEZE_FAULT")
            .env("RUST_BACKTRACE", "1")
            .env("HOME", home);
        if let Some(fault) = self.fault {
            command.env("BREEZE_FAULT", fault);
        }
        if let Some(clock) = &self.clock {
            clock.dress(&mut command);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn data(&self, home: &Path) -> PathBuf {
        if self.disk_kib.is_some() {
            home.join("disk/data")
        } else {
            home.join("data")
        }
    }

    fn spawn(
        &self,
        home: &Path,
        listen: &str,
        log: &Arc<Mutex<String>>,
    ) -> Result<(Child, StartLine), Refused> {
        let mut child = self
            .command(home, listen)
            .spawn()
            .expect("the server's program can be started");
        let stderr = child.stderr.take().expect("stderr is piped");
        let reader = copy_to(stderr, Arc::clone(log));
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("a pipe can be read");
        match serde_json::from_str(&first) {
            Ok(line) => {
                copy_to(stdout, Arc::clone(log));
                Ok((child, line))
            }
            Err(_) => {
                let _ = stdout.read_to_string(&mut first);
                let status = child.wait().expect("it has been started");
                let _ = reader.join();
                let text = format!("{first}{}", log.lock().unwrap_or_else(PoisonError::into_inner));
                Err(Refused { status, text })
            }
        }
    }

    /// Starts it where it must fail; what it says.
    ///
    /// # Panics
    /// When it starts.
    #[must_use]
    pub fn refused(&self, home: &Path, listen: &str) -> Refused {
        match self.spawn(home, listen, &Arc::default()) {
            Err(refused) => refused,
            Ok((mut child, line)) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("it started, and should not have: {line:?}");
            }
        }
    }
}

fn copy_to(mut from: impl Read + Send + 'static, log: Arc<Mutex<String>>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n) = from.read(&mut buffer) {
            if n == 0 {
                return;
            }
            let text = String::from_utf8_lossy(&buffer[..n]);
            log.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
    })
}

fn listening(line: &StartLine) -> SocketAddr {
    line.listening
        .first()
        .expect("it listens somewhere")
        .parse()
        .expect("an address and a port")
}

impl Server {
    /// A server as shipped.
    #[must_use]
    pub fn start() -> Self {
        Plan::new().start()
    }

    /// What it printed.
    #[must_use]
    pub fn start_line(&self) -> &StartLine {
        &self.line
    }

    /// Where it is and how to know it.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        let pin = (!self.line.pin.is_empty()).then(|| self.line.pin.clone());
        Endpoint {
            address: listening(&self.line),
            pin,
            from: None,
        }
    }

    /// Its folder: `data/` below it is the server's.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Its data folder, as this process sees it.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        let data = self.plan.data(self.home.path());
        if self.plan.disk_kib.is_none() {
            return data;
        }
        let inside = data
            .strip_prefix("/")
            .expect("temporary folders have whole paths");
        PathBuf::from(format!("/proc/{}/root", self.pid())).join(inside)
    }

    /// Its process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has printed since the first start.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks over the admin socket.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn admin(&self, request: &AdminRequest) -> AdminAnswer {
        crate::admin::ask(Path::new(&self.line.admin), request).expect("the admin socket answers")
    }

    /// Live sessions, as the operator sees them.
    ///
    /// # Panics
    /// When the answer is another.
    #[must_use]
    pub fn sessions(&self) -> usize {
        match self.admin(&AdminRequest::Info) {
            AdminAnswer::Info { sessions, .. } => usize::try_from(sessions).unwrap_or(usize::MAX),
            other => panic!("info was answered by {other:?}"),
        }
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("the server is this test's own child");
    }

    /// `kill -9`, and waits for the end.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server is this test's own child");
        self.child.wait().expect("it has been started");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn wait(&mut self, within: Duration) -> ExitStatus {
        wait::until_blocking("the server's end", within, || {
            self.child.try_wait().expect("a child can be asked")
        })
    }

    /// Whether it runs.
    ///
    /// # Panics
    /// When the system cannot tell.
    pub fn alive(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }

    /// Starts it again after its end: same data, same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let again = self.plan.spawn(self.home.path(), &listen, &self.log);
        (self.child, self.line) =
            again.unwrap_or_else(|refused| panic!("it did not start again: {refused:?}"));
    }

    /// `kill -9` and a new start.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.kill();
        self.start_again();
    }

    /// Changes what it shall be like from the next start on.
    pub fn replan(&mut self, change: impl FnOnce(Plan) -> Plan) {
        self.plan = change(std::mem::take(&mut self.plan));
    }

    /// Fails when the log shows a panic.
    ///
    /// # Panics
    /// When it does.
    pub fn assert_sound(&mut self) {
        assert!(self.alive(), "the server has ended: {}", self.log());
        assert!(
            !self.log().contains("panicked at"),
            "a panic in the server: {}",
            self.log()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let tail = log.char_indices().rev().nth(4000).map_or(0, |(at, _)| at);
            eprintln!("--- the server's log ---\n{}", &log[tail..]);
        }
    }
}
