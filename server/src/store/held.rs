//! The promise of order: after a message was refused for now, none of its connection and conversation overtakes it.

use super::ConnId;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::{ConvId, Mid};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most (connection, conversation) pairs held at once; past it the oldest connection's are let go. At 64 bytes each, 4 MiB.
const HELD_MAX: usize = 65_536;

/// When a message was handed over, counted over all connections. What was handed over before a refused message may
/// still wait for the writer, and is not held back by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

#[derive(Debug, Clone, Copy)]
struct Refused {
    mid: Mid,
    ticket: Ticket,
    code: NackCode,
}

type Map = BTreeMap<(ConnId, ConvId), Refused>;

/// The refused messages that others wait behind.
#[derive(Debug, Default)]
pub(super) struct Held {
    map: Mutex<Map>,
    tickets: AtomicU64,
}

impl Held {
    /// A ticket for a message that is handed over now.
    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.tickets.fetch_add(1, Ordering::Relaxed))
    }

    /// Holds back what was handed over after `mid`. The first refused message of a pair is the one to wait for.
    pub(super) fn hold(&self, conn: ConnId, conv: ConvId, mid: Mid, ticket: Ticket, code: NackCode) {
        let mut map = self.lock();
        let refused = Refused { mid, ticket, code };
        let first = map.entry((conn, conv)).or_insert(refused);
        if ticket < first.ticket {
            *first = refused;
        }
        if map.len() > HELD_MAX {
            map.pop_first();
        }
    }

    /// What `mid` must be refused with now; `None` lets it pass. The one that was waited for lets all others pass.
    pub(super) fn check(&self, conn: ConnId, conv: ConvId, mid: Mid, ticket: Ticket) -> Option<NackCode> {
        let mut map = self.lock();
        let first = *map.get(&(conn, conv))?;
        if first.mid == mid {
            map.remove(&(conn, conv));
            return None;
        }
        (ticket > first.ticket).then_some(first.code)
    }

    fn lock(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONN: ConnId = ConnId(1);
    const CONV: ConvId = ConvId(2);

    fn mid(n: u8) -> Mid {
        Mid([n; 16])
    }

    #[test]
    fn nothing_overtakes_the_first_refused_message() {
        let held = Held::default();
        held.hold(CONN, CONV, mid(1), held.ticket(), NackCode::StorageFull);
        held.hold(CONN, CONV, mid(2), held.ticket(), NackCode::Busy);
        let now = held.ticket();
        assert_eq!(held.check(CONN, CONV, mid(2), now), Some(NackCode::StorageFull));
        assert_eq!(
            held.check(CONN, ConvId(3), mid(2), now),
            None,
            "another conversation goes on"
        );
        assert_eq!(
            held.check(ConnId(9), CONV, mid(2), now),
            None,
            "another connection goes on"
        );
        assert_eq!(held.check(CONN, CONV, mid(1), now), None);
        assert_eq!(held.check(CONN, CONV, mid(2), now), None);
    }

    #[test]
    fn what_was_handed_over_before_is_not_held_back_and_takes_the_place_when_it_fails_too() {
        let held = Held::default();
        let earlier = held.ticket();
        held.hold(CONN, CONV, mid(2), held.ticket(), NackCode::Busy);
        assert_eq!(held.check(CONN, CONV, mid(1), earlier), None);
        held.hold(CONN, CONV, mid(1), earlier, NackCode::StorageFull);
        assert_eq!(
            held.check(CONN, CONV, mid(2), held.ticket()),
            Some(NackCode::StorageFull)
        );
        assert_eq!(held.check(CONN, CONV, mid(1), held.ticket()), None);
        assert_eq!(held.check(CONN, CONV, mid(2), held.ticket()), None);
    }

    #[test]
    fn it_never_grows_without_end() {
        let held = Held::default();
        for n in 0..HELD_MAX as u64 + 10 {
            held.hold(ConnId(n), CONV, mid(1), held.ticket(), NackCode::Busy);
        }
        assert_eq!(held.lock().len(), HELD_MAX);
    }
}
