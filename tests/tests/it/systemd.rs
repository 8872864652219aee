//! What systemd hears from the server: ready once it listens, signs of life, and a stop that is no crash.

use breeze_tests::server::Plan;
use breeze_tests::wait::{SOON, until_blocking};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A server as systemd would start it, killed when dropped.
struct Service {
    child: Child,
    heard: UnixDatagram,
    _home: tempfile::TempDir,
}

impl Service {
    fn start(watchdog_us: Option<&str>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let socket = home.path().join("notify");
        let heard = UnixDatagram::bind(&socket).unwrap();
        heard.set_nonblocking(true).unwrap();
        let mut command = Plan::new().command(home.path(), "127.0.0.1:0");
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .env("NOTIFY_SOCKET", &socket)
            .env_remove("WATCHDOG_PID");
        match watchdog_us {
            Some(us) => command.env("WATCHDOG_USEC", us),
            None => command.env_remove("WATCHDOG_USEC"),
        };
        let child = command.spawn().unwrap();
        Self {
            child,
            heard,
            _home: home,
        }
    }

    fn next(&self) -> Option<String> {
        let mut buffer = [0; 1024];
        let length = self.heard.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    fn wait_for(&self, line: &str) {
        until_blocking(line, SOON, || {
            self.next().filter(|text| text.lines().any(|it| it == line))
        });
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn systemd_hears_ready_signs_of_life_and_a_stop_within_three_seconds() {
    let mut service = Service::start(Some("200000"));
    service.wait_for("READY=1");
    for _ in 0..3 {
        service.wait_for("WATCHDOG=1");
    }
    let begun = Instant::now();
    service.signal(Signal::TERM);
    service.wait_for("STOPPING=1");
    let status = until_blocking("the end", SOON, || service.child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    let took = begun.elapsed();
    assert!(took <= Duration::from_secs(3), "{took:?}");
}

#[test]
fn without_a_watchdog_it_says_ready_and_stop_and_nothing_between() {
    let service = Service::start(None);
    service.wait_for("READY=1");
    service.signal(Signal::TERM);
    let next = until_blocking("the next word", SOON, || service.next());
    assert!(next.lines().any(|line| line == "STOPPING=1"), "{next}");
}
