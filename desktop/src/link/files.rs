//! What the session does for files: tickets for the connection they travel on, and messages that wait for theirs.

use super::conn::Place;
use super::task::Task;
use super::tls::Trust;
use super::transfers::{News, Order, Transfers};
use super::trust::is_loopback;
use crate::model::command::Account;
use crate::model::event::Event;
use crate::model::files::{FileEvent, Transfer};
use crate::storage::shelf::Shelf;
use crate::words::tr;
use breeze_protocol::message::blob::Ticket;
use std::collections::VecDeque;

/// Orders that may wait for the transfers; past it a wish to fetch is forgotten, and can be wished again.
const ORDERS_MAX: usize = 20_000;

/// The session's side of the transfers.
pub(super) struct Files {
    transfers: Transfers,
    orders: VecDeque<Order>,
    /// The transfers want a ticket that no session has asked for yet.
    pub(super) ticket_wanted: bool,
}

impl Files {
    /// Starts the transfers on the runtime one is in.
    pub(super) fn start(shelf: Shelf) -> Self {
        Self {
            transfers: Transfers::start(shelf),
            orders: VecDeque::new(),
            ticket_wanted: false,
        }
    }

    /// One more order, in turn.
    pub(super) fn order(&mut self, order: Order) {
        if self.orders.len() < ORDERS_MAX {
            self.orders.push_back(order);
        }
        self.hand_over();
    }

    /// Hands over what waits, as far as there is room.
    pub(super) fn hand_over(&mut self) {
        while let Some(order) = self.orders.pop_front() {
            if let Err(order) = self.transfers.order(order) {
                self.orders.push_front(order);
                return;
            }
        }
    }

    /// The next news of the transfers.
    pub(super) async fn next(&mut self) -> News {
        self.transfers.next().await
    }
}

impl Task {
    /// Orders the uploads of messages that came into the outbox.
    pub(super) fn order_uploads(&mut self) {
        for (mid, files, again) in self.outbox.bring_now() {
            self.files.order(Order::Up(mid, files, again));
        }
        self.files.hand_over();
    }

    /// Stops a file, up or down.
    pub(super) fn cancel_file(&mut self, transfer: Transfer) {
        if let Transfer::Up(mid) = transfer {
            self.outbox.done(mid);
        }
        self.files.order(Order::Cancel(transfer));
    }

    /// Takes in what the transfers say.
    pub(super) fn file_news(&mut self, news: News) {
        let event = match news {
            News::WantTicket => {
                self.files.ticket_wanted = true;
                return;
            }
            News::Brought(mid) => {
                self.outbox.brought(mid);
                return;
            }
            News::Moved(transfer, done, size) => FileEvent::Moved(transfer, done, size),
            News::Came(hash) => FileEvent::Came(hash),
            News::Failed(transfer, sentence) => {
                if let Transfer::Up(mid) = transfer {
                    self.outbox.done(mid);
                }
                FileEvent::Failed(transfer, tr(sentence))
            }
        };
        self.emit(Event::File(event));
    }

    /// Gives the transfers the ticket they wanted, or the word that there is none.
    pub(super) fn give_ticket(&mut self, ticket: Option<Ticket>) {
        let place = self.account.as_ref().map(|account| self.place(account));
        self.files.order(match (ticket, place) {
            (Some(ticket), Some(place)) => Order::Ticket(Box::new(place), ticket.ticket),
            _ => Order::NoTicket,
        });
    }

    /// Where an account's server is, and how it is known.
    pub(super) fn place(&self, account: &Account) -> Place {
        let pins = [&account.pin, &account.next_pin]
            .into_iter()
            .filter(|pin| !pin.is_empty());
        Place {
            plain: self.options.plain && is_loopback(&account.host),
            host: account.host.clone(),
            port: account.port,
            trust: if account.pin.is_empty() {
                Trust::Platform
            } else {
                Trust::Pins(pins.cloned().collect())
            },
        }
    }
}
