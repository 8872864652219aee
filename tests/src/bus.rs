//! A session bus nobody else uses: dies when dropped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use zbus::blocking::{Connection, connection::Builder};

/// A private `dbus-daemon`.
pub struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    /// Starts one; nothing is on it yet, and it starts no services by itself.
    ///
    /// # Panics
    /// When `dbus-daemon` is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::of(Command::new("dbus-daemon"), None)
    }

    /// One started with this command, which may be another user's in another root. It listens on the socket `inside`,
    /// as it sees it; a place of its own choice when there is none.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn of(mut daemon: Command, inside: Option<&str>) -> Self {
        let mut daemon = daemon
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .args(inside.map(|path| format!("--address=unix:path={path}")))
            // Services of the machine's own session would answer in place of the test's.
            .env("XDG_DATA_DIRS", "/nonexistent")
            .env("XDG_DATA_HOME", "/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed: apt-get install dbus");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().expect("stdout is piped"))
            .read_line(&mut address)
            .expect("dbus-daemon tells its address");
        let address = address.trim().to_owned();
        assert!(!address.is_empty(), "dbus-daemon did not start");
        Self { daemon, address }
    }

    /// The same bus, met at this socket by those who see another root.
    #[must_use]
    pub fn seen_at(mut self, socket: &Path) -> Self {
        self.address = format!("unix:path={}", socket.display());
        self
    }

    /// As in `DBUS_SESSION_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A connection to it.
    ///
    /// # Panics
    /// When it is gone.
    pub fn connect(&self) -> Connection {
        self.builder().build().expect("the bus is there")
    }

    /// A connection in the making: with a name and objects.
    ///
    /// # Panics
    /// When the address is none.
    pub fn builder(&self) -> Builder<'static> {
        Builder::address(self.address.as_str()).expect("dbus-daemon tells good addresses")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
