//! "Here is a server": told to the local network by mDNS, as a hint. Whoever finds it still checks the key.

use breeze_protocol::link::NEARBY_SERVICE;
use mdns_sd::{ServiceDaemon, ServiceInfo};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Longest name of one, bytes: a DNS label.
const LABEL_BYTES_MAX: usize = 63;
/// How often new network cards are looked for, seconds. The library's five would wake a sleeping server.
const CARDS_EVERY_S: u32 = 60;
/// How long the goodbye may take.
const BYE_MAX: Duration = Duration::from_millis(300);

/// A server announced on the network, until it is dropped.
pub struct Announcement {
    daemon: ServiceDaemon,
    fullname: String,
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The server's name.
    pub name: &'a str,
    /// What tells this server from another of the same name: some letters of its identity.
    pub mark: &'a str,
    /// Where it listens.
    pub listening: &'a [SocketAddr],
    /// Its pin.
    pub pin: &'a str,
}

/// Announces a server.
///
/// # Errors
/// A sentence for the log: the server runs without it.
pub fn announce(about: About<'_>) -> Result<Announcement, String> {
    let fail = |error: mdns_sd::Error| format!("this server cannot be announced on the network ({error})");
    let info = info(about)?;
    let fullname = info.get_fullname().to_owned();
    let daemon = ServiceDaemon::new().map_err(fail)?;
    daemon.set_ip_check_interval(CARDS_EVERY_S).map_err(fail)?;
    daemon.register(info).map_err(fail)?;
    Ok(Announcement { daemon, fullname })
}

fn info(about: About<'_>) -> Result<ServiceInfo, String> {
    let open: Vec<&SocketAddr> = about
        .listening
        .iter()
        .filter(|it| !it.ip().is_loopback())
        .collect();
    // Told to announce a server on loopback, one tells this computer alone.
    let first = open.first().copied().or(about.listening.first());
    let port = first
        .ok_or("a server that listens nowhere cannot be announced")?
        .port();
    let own: Vec<IpAddr> = about
        .listening
        .iter()
        .filter(|it| it.port() == port && !it.ip().is_unspecified())
        .map(SocketAddr::ip)
        .collect();
    let host = format!("breeze-{}.local.", about.mark);
    let hints = [("v", "1"), ("pin", about.pin)];
    let made = ServiceInfo::new(
        NEARBY_SERVICE,
        &label(about.name, about.mark),
        &host,
        own.as_slice(),
        port,
        &hints[..],
    );
    let info = made.map_err(|error| format!("this server cannot be announced on the network ({error})"))?;
    let everywhere = about.listening.iter().any(|it| it.ip().is_unspecified());
    Ok(if everywhere { info.enable_addr_auto() } else { info })
}

/// The server's name, and the mark that makes it the only one, within the length of a label.
fn label(name: &str, mark: &str) -> String {
    let mark = format!(" ({mark})");
    let name = name.trim();
    let end = name.floor_char_boundary(LABEL_BYTES_MAX - mark.len());
    format!("{}{mark}", &name[..end])
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Others forget it at once in place of after two minutes. When it cannot be said, they forget it then.
        if let Ok(said) = self.daemon.unregister(&self.fullname) {
            let _ = said.recv_timeout(BYE_MAX);
        }
        let _ = self.daemon.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about<'a>(name: &'a str, listening: &'a [SocketAddr]) -> About<'a> {
        About {
            name,
            mark: "1f2e",
            listening,
            pin: "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        }
    }

    #[test]
    fn a_long_name_fits_a_label_and_keeps_its_mark() {
        let long = "\u{8336}".repeat(64);
        let label = label(&long, "1f2e");
        assert!(
            label.len() <= LABEL_BYTES_MAX && label.ends_with(" (1f2e)"),
            "{label}"
        );
    }

    #[test]
    fn what_is_told_is_the_port_and_a_hint() {
        let listening = ["0.0.0.0:7463".parse().unwrap(), "[::]:7463".parse().unwrap()];
        let it = info(about("Tea. House", &listening)).unwrap();
        assert_eq!((it.get_port(), it.is_addr_auto()), (7463, true));
        assert_eq!(it.get_property_val_str("v"), Some("1"));
        let listening = ["127.0.0.1:9".parse().unwrap(), "192.0.2.7:7".parse().unwrap()];
        let it = info(about("One card", &listening)).unwrap();
        assert_eq!((it.get_port(), it.is_addr_auto()), (7, false));
        assert_eq!(it.get_addresses_v4().len(), 1);
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
    fn a_server_is_found_by_its_announcement_and_goes_with_it() {
        alone("net::announce::tests::inside_a_network_of_its_own");
    }

    #[test]
    #[ignore = "run by the test above, in a network of its own"]
    fn inside_a_network_of_its_own() {
        use mdns_sd::ServiceEvent;
        let listening = ["0.0.0.0:7463".parse().unwrap()];
        let told = announce(about("Tea House", &listening)).unwrap();
        let other = ServiceDaemon::new().unwrap();
        let heard = other.browse(NEARBY_SERVICE).unwrap();
        let next = || heard.recv_timeout(Duration::from_secs(20)).unwrap();
        let own = "10.77.0.2".parse().unwrap();
        // Cards are told of one after the other, so the address may come with a second answer.
        let service = loop {
            if let ServiceEvent::ServiceResolved(service) = next()
                && service.get_addresses_v4().contains(&own)
            {
                break service;
            }
        };
        assert_eq!(service.get_port(), 7463);
        assert!(service.get_fullname().starts_with("Tea House (1f2e)"));
        drop(told);
        loop {
            if let ServiceEvent::ServiceRemoved(..) = next() {
                break;
            }
        }
    }
}
