//! Who may come in: connections in all, per address, and not yet signed in per address.

use super::Caps;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug)]
struct Door {
    count: usize,
    /// Turns to sign in; only while somebody wants one.
    unsigned: Option<Arc<Semaphore>>,
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
    pub(super) fn enter(&self, address: IpAddr, proxied: bool) -> Option<(Place, Turn)> {
        let mut count = locked(&self.count);
        if count.total >= self.caps.total {
            return None;
        }
        let fresh = || Door {
            count: 0,
            unsigned: None,
        };
        let door = count.doors.entry(address).or_insert_with(fresh);
        if door.count >= self.caps.per_address && !proxied {
            return None;
        }
        door.count += 1;
        let at_once = self.caps.unsigned_per_address;
        let turns = door
            .unsigned
            .get_or_insert_with(|| Arc::new(Semaphore::new(at_once)));
        let turns = Arc::clone(turns);
        count.total += 1;
        let count = || Arc::clone(&self.count);
        let turn = Turn {
            address,
            count: count(),
            turns,
            permit: None,
        };
        let place = Place {
            address,
            count: count(),
        };
        Some((place, turn))
    }
}

/// A turn to sign in; dropped, it is the next one's.
#[derive(Debug)]
pub(super) struct Turn {
    address: IpAddr,
    count: Arc<Mutex<Count>>,
    turns: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Waits until it comes.
    pub(super) async fn wait(mut self) -> Option<Self> {
        self.permit = Some(Arc::clone(&self.turns).acquire_owned().await.ok()?);
        Some(self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permit = None;
        // The door's own and this one: nobody else signs in or waits to.
        let last = Arc::strong_count(&self.turns) <= 2;
        if let Some(door) = locked(&self.count).doors.get_mut(&self.address).filter(|_| last) {
            door.unsigned = None;
        }
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

    #[tokio::test]
    async fn turns_go_round_and_leave_nothing_behind() {
        let doors = Doors::new(Caps {
            unsigned_per_address: 1,
            ..Caps::default()
        });
        let a = IpAddr::from([10, 0, 0, 1]);
        let (_one, first) = doors.enter(a, false).expect("room");
        let (_two, second) = doors.enter(a, false).expect("room");
        let first = first.wait().await.expect("the first turn");
        let mut second = std::pin::pin!(second.wait());
        let soon = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, &mut second).await.is_err(), "not yet");
        drop(first);
        let second = second.await.expect("now");
        drop(second);
        assert!(
            locked(&doors.count).doors[&a].unsigned.is_none(),
            "nothing is held"
        );
    }
}
