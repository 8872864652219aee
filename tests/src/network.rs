//! A network nobody else uses, with one address that can be taken away and given back: a network namespace.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The one address, and how many bits of it are the network's.
pub const ADDRESS: &str = "10.77.0.1";
const CIDR: &str = "10.77.0.1/24";
/// The card that has it: every namespace has this one.
const CARD: &str = "lo";

/// The namespace; gone when dropped and left by everybody.
pub struct Network {
    holder: Child,
}

impl Network {
    /// Makes it, with its address.
    ///
    /// # Panics
    /// When this system allows no namespaces.
    #[must_use]
    pub fn private() -> Self {
        let setup = format!("ip link set {CARD} up && echo ready && read end");
        let mut holder = Command::new("unshare")
            .args(["-rn", "sh", "-c", &setup])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare is installed: apt-get install util-linux iproute2");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().expect("stdout is piped"))
            .read_line(&mut line)
            .expect("a pipe can be read");
        assert_eq!(line.trim(), "ready", "no network namespace");
        let network = Self { holder };
        network.give_address();
        network
    }

    /// A program in it.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        enter(self.holder.id(), program.as_ref())
    }

    /// A process that is in it, for `Plan::in_network` and `Window::in_network`.
    #[must_use]
    pub fn holder(&self) -> u32 {
        self.holder.id()
    }

    /// Takes the address away.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn take_address(&self) {
        self.ip(&["address", "del", CIDR, "dev", CARD]);
    }

    /// Gives the address back.
    ///
    /// # Panics
    /// When it is there.
    pub fn give_address(&self) {
        self.ip(&["address", "add", CIDR, "dev", CARD]);
    }

    fn ip(&self, words: &[&str]) {
        let status = self.command("ip").args(words).status().expect("ip is installed");
        assert!(status.success(), "ip {words:?}");
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A program in the network of another process.
#[must_use]
pub fn enter(holder: u32, program: &OsStr) -> Command {
    let mut command = Command::new("nsenter");
    command
        .args(["--preserve-credentials", "--user", "--net", "--target"])
        .arg(holder.to_string())
        .arg("--")
        .arg(program);
    command
}
