//! Who may come in: connections in all, per address, and not yet signed in per address.

use super::Caps;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug)]
struct Door {
    count: usize,
    unsigned: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Count {
    total: usize,
    doors: HashMap<IpAddr, Door>,
}

/// The counts. Addresses without a connection are not held.
#[derive(Debug, Clone)]
pub(super) struct Doors {
    caps: Caps,
    count: Arc<Mutex<Count>>,
}

/// A place in the server; freed when dropped.
#[derive(Debug)]
pub(super) struct Place {
    address: IpAddr,
    count: Arc<Mutex<Count>>,
}

fn locked(count: &Mutex<Count>) -> MutexGuard<'_, Count> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Doors {
    pub(super) fn new(caps: Caps) -> Self {
        Self {
            caps,
            count: Arc::default(),
        }
    }

    /// Lets one more in, or not. `proxied`: the address is that of a proxy and says nothing.
    pub(super) fn enter(&self, address: IpAddr, proxied: bool) -> Option<Place> {
        let mut count = locked(&self.count);
        if count.total >= self.caps.total {
            return None;
        }
        let unsigned = self.caps.unsigned_per_address;
        let fresh = || Door {
            count: 0,
            unsigned: Arc::new(Semaphore::new(unsigned)),
        };
        let door = count.doors.entry(address).or_insert_with(fresh);
        if door.count >= self.caps.per_address && !proxied {
            return None;
        }
        door.count += 1;
        count.total += 1;
        Some(Place {
            address,
            count: Arc::clone(&self.count),
        })
    }
}

impl Place {
    /// Waits for a turn to sign in. Dropping the permit gives the turn to the next.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let unsigned = Arc::clone(&locked(&self.count).doors.get(&self.address)?.unsigned);
        unsigned.acquire_owned().await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut count = locked(&self.count);
        count.total -= 1;
        if let Some(door) = count.doors.get_mut(&self.address) {
            door.count -= 1;
            if door.count == 0 {
                count.doors.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let caps = Caps {
            total: 3,
            per_address: 2,
            handshakes: 1,
            unsigned_per_address: 1,
        };
        let doors = Doors::new(caps);
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = doors.enter(a, false);
        let second = doors.enter(a, false);
        assert!(first.is_some() && second.is_some());
        assert!(doors.enter(a, false).is_none(), "two of one address");
        let third = doors.enter(b, false);
        assert!(third.is_some());
        assert!(doors.enter(b, false).is_none(), "three in all");
        drop(first);
        assert!(doors.enter(a, false).is_some());
        drop((second, third));
        assert!(locked(&doors.count).doors.is_empty());
    }
}
