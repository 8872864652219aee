//! Servers on this network, heard by mDNS while somebody looks for them. Whoever shouts too much is not listened to.

use crate::link::Sink;
use crate::model::event::{Event, HostEvent};
use crate::model::near::{self, Near};
use breeze_protocol::link::NEARBY_SERVICE;
use mdns_sd::{Receiver, ResolvedService, ServiceDaemon, ServiceEvent};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Answers kept: the list shows half as many.
const KEPT_MAX: usize = 2 * near::SHOWN_MAX;
/// Answers listened to. A network with more of them is not asking to be believed; what came first is shown.
const HEARD_MAX: usize = 2000;
/// Longest name taken in, bytes: what DNS allows.
const NAME_BYTES_MAX: usize = 255;
/// Answers come in bursts: the list is told when so long nothing has come.
const PAUSE: Duration = Duration::from_millis(150);
/// Without any news, the thread sleeps so long at a time.
const QUIET: Duration = Duration::from_secs(60);

/// Listens until it is dropped.
pub(super) struct Nearby {
    daemon: ServiceDaemon,
}

impl Nearby {
    /// Starts to listen; `None` when this computer has no network to listen to.
    pub(super) fn start(sink: &Sink) -> Option<Self> {
        let begin = || -> mdns_sd::Result<(ServiceDaemon, Receiver<ServiceEvent>)> {
            let daemon = ServiceDaemon::new()?;
            let heard = daemon.browse(NEARBY_SERVICE)?;
            Ok((daemon, heard))
        };
        let (daemon, heard) = match begin() {
            Ok(begun) => begun,
            Err(error) => {
                tracing::info!(%error, "this network cannot be listened to");
                return None;
            }
        };
        let (sink, stop) = (sink.clone(), daemon.clone());
        let thread = std::thread::Builder::new().name("breeze-nearby".into());
        let started = thread.spawn(move || listen(&heard, &sink, &stop));
        started.ok().map(|_| Self { daemon })
    }
}

impl Drop for Nearby {
    fn drop(&mut self) {
        // It ends with the program at the latest.
        drop(self.daemon.shutdown());
    }
}

fn listen(heard: &Receiver<ServiceEvent>, sink: &Sink, daemon: &ServiceDaemon) {
    let mut list = List::default();
    loop {
        let wait = if list.changed { PAUSE } else { QUIET };
        match heard.recv_timeout(wait) {
            Ok(event) => {
                if !list.take_in(event) {
                    // Loud enough: the list stands as it is.
                    drop(daemon.shutdown());
                    return tell(&list, sink);
                }
            }
            Err(_) if heard.is_disconnected() => return,
            Err(_) => {
                if std::mem::take(&mut list.changed) {
                    tell(&list, sink);
                }
            }
        }
    }
}

fn tell(list: &List, sink: &Sink) {
    let (found, more) = near::shown(list.kept.values().cloned().collect());
    sink.put_waiting(Event::Host(HostEvent::Nearby(found, more || list.full)));
}

/// What was heard, by the full name it goes by.
#[derive(Default)]
struct List {
    kept: BTreeMap<String, Near>,
    heard: usize,
    full: bool,
    changed: bool,
}

impl List {
    /// Takes one answer in; `false` when there were too many.
    fn take_in(&mut self, event: ServiceEvent) -> bool {
        self.heard += 1;
        match event {
            ServiceEvent::ServiceResolved(service) => self.resolved(&service),
            ServiceEvent::ServiceRemoved(_, name) => self.changed |= self.kept.remove(&name).is_some(),
            _ => {}
        }
        self.full |= self.heard > HEARD_MAX;
        !self.full
    }

    fn resolved(&mut self, service: &ResolvedService) {
        let ips: Vec<IpAddr> = service
            .addresses
            .iter()
            .take(near::SHOWN_MAX)
            .map(mdns_sd::ScopedIp::to_ip_addr)
            .collect();
        self.named(&service.fullname, &ips, service.port);
    }

    fn named(&mut self, fullname: &str, ips: &[IpAddr], port: u16) {
        if fullname.len() > NAME_BYTES_MAX * 2 {
            return;
        }
        if self.kept.len() >= KEPT_MAX && !self.kept.contains_key(fullname) {
            self.full = true;
            return;
        }
        if let Some(near) = Near::heard(&label_of(fullname), ips, port) {
            self.changed |= self.kept.get(fullname) != Some(&near);
            self.kept.insert(fullname.to_owned(), near);
        }
    }
}

/// `Tea\. House (1f2e)._breeze._tcp.local.` is called `Tea. House`.
fn label_of(fullname: &str) -> String {
    let label = fullname
        .strip_suffix(NEARBY_SERVICE)
        .unwrap_or(fullname)
        .trim_end_matches('.');
    let mut plain = String::with_capacity(label.len());
    let mut chars = label.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    match plain.rsplit_once(" (") {
        Some((name, mark)) if is_mark(mark) && !name.is_empty() => name.to_owned(),
        _ => plain,
    }
}

/// Four hex digits and a bracket.
fn is_mark(text: &str) -> bool {
    text.len() == 5 && text.ends_with(')') && text[..4].chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u32) -> [IpAddr; 1] {
        [IpAddr::from((0x0a00_0000 + last).to_be_bytes())]
    }

    #[test]
    fn a_server_is_called_by_its_name_alone() {
        for (full, name) in [
            ("Tea\\. House (1f2e)._breeze._tcp.local.", "Tea. House"),
            ("Plain._breeze._tcp.local.", "Plain"),
            ("Home (old)._breeze._tcp.local.", "Home (old)"),
            (" (1f2e)._breeze._tcp.local.", " (1f2e)"),
            (
                "\u{8336}\u{1f375} (\u{e9}\u{e9})._breeze._tcp.local.",
                "\u{8336}\u{1f375} (\u{e9}\u{e9})",
            ),
        ] {
            assert_eq!(label_of(full), name);
        }
    }

    #[test]
    fn ten_thousand_answers_take_little_and_end_the_listening() {
        let mut list = List::default();
        let mut listened = 0;
        for number in 0..10_000 {
            list.named(&format!("n{number}.{NEARBY_SERVICE}"), &ip(number + 1), 7463);
            let removed = ServiceEvent::ServiceRemoved(NEARBY_SERVICE.into(), format!("other {number}"));
            if !list.take_in(removed) {
                break;
            }
            listened += 1;
        }
        assert_eq!(list.kept.len(), KEPT_MAX);
        assert!(list.full && listened <= HEARD_MAX, "{listened}");
        let huge = "x".repeat(100_000);
        let mut list = List::default();
        list.named(&huge, &ip(1), 7463);
        assert!(list.kept.is_empty());
    }

    /// A network of its own: two cards with a cable between them, and nobody else.
    const ALONE: &str = "ip link set lo up && ip link add d0 type veth peer name d1 && ip addr add 10.77.0.2/24 dev d0 \
                         && ip link set d0 up && ip link set d1 up && exec \"$@\"";

    fn alone(test: &str) {
        let output = std::process::Command::new("unshare")
            .args(["-rn", "sh", "-c", ALONE, "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}{why}"
        );
    }

    #[test]
    fn an_announced_server_is_heard_and_its_goodbye_too() {
        alone("host::nearby::tests::inside_a_network_of_its_own");
    }

    fn service(name: &str, host: &str, text: &[(&str, &str)]) -> mdns_sd::ServiceInfo {
        mdns_sd::ServiceInfo::new(NEARBY_SERVICE, name, host, "10.77.0.2", 7463, text).unwrap()
    }

    #[test]
    #[ignore = "run by the test above, in a network of its own"]
    fn inside_a_network_of_its_own() {
        let other = ServiceDaemon::new().unwrap();
        let huge = "x".repeat(240);
        let texts: Vec<(String, &str)> = (0..30).map(|n| (format!("k{n}"), huge.as_str())).collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let honest = service("Tea. House (1f2e)", "tea.local.", &[("v", "1")]);
        let fullname = honest.get_fullname().to_owned();
        other.register(honest).unwrap();
        other
            .register(service("Ev\u{202e}il", "evil.local.", &texts))
            .unwrap();
        let (sink, mut events) = Sink::new(std::sync::Arc::new(|| {}));
        let _nearby = Nearby::start(&sink).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let mut until = |what: &str, enough: fn(&[Near]) -> bool| {
            let heard = async {
                loop {
                    if let Some(Event::Host(HostEvent::Nearby(found, _))) = events.recv().await
                        && enough(&found)
                    {
                        return found;
                    }
                }
            };
            runtime
                .block_on(async { tokio::time::timeout(Duration::from_secs(20), heard).await })
                .unwrap_or_else(|_| panic!("not heard: {what}"))
        };
        let found = until("both", |found| found.len() == 2);
        assert_eq!(
            (found[0].name.as_str(), found[1].name.as_str()),
            ("Evil", "Tea. House")
        );
        assert_eq!(found[1].address, "10.77.0.2:7463");
        let _said = other.unregister(&fullname).unwrap();
        until("the goodbye", |found| found.len() == 1);
    }
}
