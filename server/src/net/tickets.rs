//! Tickets for transfer connections, and their seats: a session of a device hands out one, and one connection may use it.

use crate::store::SecretHash;
use breeze_protocol::limit::TICKET_MS;
use breeze_protocol::{AccountId, DeviceId};
use std::collections::HashMap;
use tokio::sync::oneshot;

#[derive(Debug)]
struct Ticket {
    account: AccountId,
    device: DeviceId,
    until_ms: u64,
}

/// Every ticket not used yet: one per device at most, so no more than there were sessions within a minute.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    tickets: HashMap<SecretHash, Ticket>,
}

impl Tickets {
    /// Notes a ticket; an older one of the same device is worth nothing any more.
    pub(super) fn issue(&mut self, account: AccountId, device: DeviceId, hash: SecretHash, now_ms: u64) {
        self.tickets
            .retain(|_, ticket| ticket.device != device && now_ms < ticket.until_ms);
        let until_ms = now_ms + TICKET_MS;
        self.tickets.insert(
            hash,
            Ticket {
                account,
                device,
                until_ms,
            },
        );
    }

    /// Uses a ticket up. Whose it was.
    pub(super) fn redeem(&mut self, hash: SecretHash, now_ms: u64) -> Option<(AccountId, DeviceId)> {
        let ticket = self.tickets.remove(&hash)?;
        (now_ms < ticket.until_ms).then_some((ticket.account, ticket.device))
    }
}

/// Who transfers: one connection per device. A newer one ends the older, whose other end may be long gone.
#[derive(Debug, Default)]
pub(super) struct Seats {
    seats: HashMap<DeviceId, (u64, oneshot::Sender<()>)>,
    given: u64,
}

/// One connection's seat.
#[derive(Debug)]
pub(super) struct Seat {
    /// Never given twice.
    pub(super) number: u64,
    /// Comes to an end when somebody else has it.
    pub(super) lost: oneshot::Receiver<()>,
}

impl Seats {
    pub(super) fn take(&mut self, device: DeviceId) -> Seat {
        self.given += 1;
        let (number, (sender, lost)) = (self.given, oneshot::channel());
        self.seats.insert(device, (number, sender));
        Seat { number, lost }
    }

    pub(super) fn leave(&mut self, device: DeviceId, number: u64) {
        if self.seats.get(&device).is_some_and(|(taken, _)| *taken == number) {
            self.seats.remove(&device);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: AccountId = AccountId(1);

    #[test]
    fn a_ticket_is_good_once_and_for_a_minute() {
        let mut tickets = Tickets::default();
        tickets.issue(ME, DeviceId(1), [1; 32], 0);
        tickets.issue(ME, DeviceId(2), [2; 32], 0);
        assert_eq!(tickets.redeem([3; 32], 1), None);
        assert_eq!(tickets.redeem([1; 32], TICKET_MS - 1), Some((ME, DeviceId(1))));
        assert_eq!(tickets.redeem([1; 32], TICKET_MS - 1), None, "used");
        assert_eq!(tickets.redeem([2; 32], TICKET_MS), None, "too late");
        tickets.issue(ME, DeviceId(1), [4; 32], 0);
        tickets.issue(ME, DeviceId(1), [5; 32], 1);
        assert_eq!(tickets.redeem([4; 32], 2), None, "a newer one took its place");
        assert_eq!(tickets.redeem([5; 32], 2), Some((ME, DeviceId(1))));
    }

    #[test]
    fn a_device_has_one_seat() {
        let mut seats = Seats::default();
        let mut first = seats.take(DeviceId(1));
        let mut other = seats.take(DeviceId(2));
        let mut second = seats.take(DeviceId(1));
        assert_eq!(first.lost.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        seats.leave(DeviceId(1), first.number);
        for seat in [&mut other, &mut second] {
            assert_eq!(seat.lost.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        }
        seats.leave(DeviceId(1), second.number);
        seats.leave(DeviceId(2), other.number);
        assert!(seats.seats.is_empty(), "nothing is held");
    }
}
