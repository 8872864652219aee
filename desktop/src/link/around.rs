//! What happens around the link: the computer slept, or its addresses changed. Either way one looks at once.

use crate::platform;
use if_watch::tokio::IfWatcher;
use if_watch::{IfEvent, IpNet};
use std::future::{pending, poll_fn};
use std::time::Duration;
use tokio::time::sleep;

/// The computer slept if its clocks moved apart by more than this, milliseconds.
const SLEPT_MS: u64 = 3_000;
/// The clocks are compared this often, milliseconds. More often would wake an idle computer for nothing.
const CLOCKS_MS: u64 = 2_500;
/// Changes of addresses lead to one look in this time, milliseconds: they come in bursts.
const LOOK_MS: u64 = 1_000;
/// The addresses there are at the start are told as if they had just come; for so long, milliseconds, none counts.
const START_MS: u64 = 1_000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The computer slept and woke.
    Woke,
    /// An address came or went.
    Network,
}

/// What was seen of the clocks and the network, and when one looked last. Pure.
#[derive(Debug)]
struct Watch {
    began: u64,
    apart: u64,
    changed: bool,
    looked: Option<u64>,
}

impl Watch {
    /// `apart` is how far the clock that counts sleep is ahead of the one that does not.
    fn new(now: u64, apart: u64) -> Self {
        Self {
            began: now,
            apart,
            changed: false,
            looked: None,
        }
    }

    fn address(&mut self, now: u64, event: IfEvent) {
        let (IfEvent::Up(net) | IfEvent::Down(net)) = event;
        // Addresses that lead nowhere come and go with every container and every plugged cable.
        let leads_nowhere = match net {
            IpNet::V4(net) => net.addr().is_link_local() || net.addr().is_loopback(),
            IpNet::V6(net) => net.addr().is_unicast_link_local() || net.addr().is_loopback(),
        };
        self.changed |= !leads_nowhere && now >= self.began + START_MS;
    }

    /// What there is to react to now.
    fn look(&mut self, now: u64, apart: u64) -> Option<Change> {
        let slept = apart > self.apart + SLEPT_MS;
        self.apart = apart;
        if slept {
            return Some(Change::Woke);
        }
        if !self.changed || self.looked.is_some_and(|at| now < at + LOOK_MS) {
            return None;
        }
        self.changed = false;
        self.looked = Some(now);
        Some(Change::Network)
    }

    /// Milliseconds until there may be something to react to.
    fn wait_ms(&self, now: u64) -> u64 {
        let due = self.looked.filter(|_| self.changed).map(|at| at + LOOK_MS);
        due.map_or(CLOCKS_MS, |due| due.saturating_sub(now).clamp(1, CLOCKS_MS))
    }
}

/// Eyes on the clocks and on the system's addresses.
pub(super) struct Around {
    addresses: Option<IfWatcher>,
    watch: Watch,
}

impl Around {
    /// Begins to look. Called inside the link's runtime.
    pub(super) fn new() -> Self {
        let addresses = IfWatcher::new()
            .inspect_err(|error| tracing::info!(%error, "changes of the network are not seen"))
            .ok();
        Self {
            addresses,
            watch: Watch::new(platform::mono_ms(), apart()),
        }
    }

    /// What there is to react to now.
    pub(super) fn look(&mut self) -> Option<Change> {
        self.watch.look(platform::mono_ms(), apart())
    }

    /// Waits until it is worth looking again. May be given up at any point.
    pub(super) async fn wait(&mut self) {
        let wait = Duration::from_millis(self.watch.wait_ms(platform::mono_ms()));
        tokio::select! {
            event = next_address(&mut self.addresses) => self.watch.address(platform::mono_ms(), event),
            () = sleep(wait) => {}
        }
    }
}

async fn next_address(addresses: &mut Option<IfWatcher>) -> IfEvent {
    if let Some(watcher) = addresses {
        match poll_fn(|context| watcher.poll_if_event(context)).await {
            Ok(event) => return event,
            Err(error) => tracing::info!(%error, "changes of the network are not seen any more"),
        }
    }
    *addresses = None;
    pending().await
}

fn apart() -> u64 {
    platform::boot_ms().saturating_sub(platform::mono_ms())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpNet {
        text.parse().expect("an address with its prefix")
    }

    #[test]
    fn sleep_is_noticed_once_and_a_clock_set_by_a_little_is_not_sleep() {
        let mut watch = Watch::new(0, 100);
        assert_eq!(watch.look(1_000, 3_100), None);
        assert_eq!(watch.look(1_100, 60_000), Some(Change::Woke));
        assert_eq!(watch.look(1_100, 60_000), None);
    }

    #[test]
    fn sleep_that_begins_and_ends_between_two_looks_is_noticed_at_the_second() {
        let mut watch = Watch::new(0, 0);
        assert_eq!(watch.look(500, 0), None);
        assert_eq!(watch.look(501, 3_001), Some(Change::Woke));
    }

    #[test]
    fn an_address_gone_or_new_is_a_change_and_a_burst_of_them_is_one_look_a_second() {
        let mut watch = Watch::new(0, 0);
        let home = address("192.168.1.4/24");
        watch.address(5_000, IfEvent::Down(home));
        assert_eq!(watch.look(5_000, 0), Some(Change::Network));
        watch.address(5_200, IfEvent::Up(home));
        watch.address(5_300, IfEvent::Up(address("2001:db8::5/64")));
        assert_eq!(watch.look(5_300, 0), None);
        assert_eq!(watch.wait_ms(5_300), 700, "the last of a burst is not forgotten");
        assert_eq!(watch.look(6_000, 0), Some(Change::Network));
        assert_eq!(watch.look(9_000, 0), None);
    }

    #[test]
    fn what_is_there_at_the_start_or_leads_nowhere_is_no_change() {
        let mut watch = Watch::new(0, 0);
        watch.address(20, IfEvent::Up(address("192.168.1.4/24")));
        for nowhere in ["fe80::1/64", "169.254.3.4/16", "127.0.0.2/8", "::1/128"] {
            watch.address(5_000, IfEvent::Up(address(nowhere)));
        }
        assert_eq!(watch.look(6_000, 0), None);
    }
}
