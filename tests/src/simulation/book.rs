//! What everybody in the pretend world knows of it: who is there, what was promised, what went wrong.

use crate::local::Local;
use breeze_protocol::message::chat::{EntryKind, Receipts, Sent};
use breeze_protocol::{AccountId, ConvId, PresenceState};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which part of the world's life it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Part {
    /// Everybody does something, and everything breaks.
    #[default]
    Storm,
    /// Nobody does anything, and nothing breaks any more.
    Calm,
    /// Some leave, each in another way.
    Leaving,
}

/// What one device sees of others.
pub(super) type Seen = HashMap<AccountId, PresenceState>;

/// The book.
#[derive(Default)]
pub(super) struct Book {
    pub(super) part: Part,
    pub(super) convs: Vec<ConvId>,
    pub(super) devices: Vec<(AccountId, Arc<Mutex<Local>>)>,
    /// By device: what it sees while it is connected.
    pub(super) seen: HashMap<usize, Seen>,
    /// Promises, with the device they were made to.
    pub(super) sent: Vec<(usize, Sent)>,
    /// Wishes that wait, by device.
    pub(super) waiting: HashMap<usize, usize>,
    pub(super) sent_again: u64,
    pub(super) dups: u64,
    pub(super) refused: u64,
    pub(super) deaths: u64,
    pub(super) wrong: Vec<String>,
}

/// The book, shared.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Book>>);

impl Shared {
    pub(super) fn open(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Nobody may be told that a message has arrived which none of the receiver's devices holds (R15). Marks begin at the
    /// entry of a joining, which is no message.
    pub(super) fn judge_receipts(&mut self, receipts: &Receipts, told: &Mutex<Local>) {
        let is_message = |seq: u64| {
            let told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let row = told.rows.get(&(receipts.conv, seq));
            row.is_some_and(|row| row.kind != EntryKind::Member)
        };
        for mark in receipts.marks.iter().filter(|mark| is_message(mark.delivered)) {
            let held = self
                .devices
                .iter()
                .filter(|(account, _)| *account == mark.account);
            let newest = held.filter_map(|(_, local)| {
                let local = local.lock().unwrap_or_else(PoisonError::into_inner);
                local.reached.get(&receipts.conv).copied()
            });
            let newest = newest.max().unwrap_or(0);
            if mark.delivered > newest {
                self.wrong.push(format!(
                    "{} of conversation {} is told to have arrived at {}, where {newest} is the newest",
                    mark.delivered, receipts.conv, mark.account
                ));
            }
        }
    }
}
