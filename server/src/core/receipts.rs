//! Marks on their way to the members of a conversation: the highest wins, told at most once a second, and never after
//! something newer: a device that has the newer thing and loses its connection asks for nothing below it.

use breeze_protocol::message::chat::{Mark, Receipts};
use breeze_protocol::{AccountId, ConvId};
use std::collections::HashMap;

/// Marks of one conversation for one set of people.
#[derive(Debug)]
struct Waiting {
    to: Vec<AccountId>,
    marks: Vec<Mark>,
    num: u64,
}

#[derive(Debug, Default)]
struct Gate {
    next_ms: u64,
    waiting: Vec<Waiting>,
}

/// One frame of receipts and who gets it.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) to: Vec<AccountId>,
    pub(super) num: u64,
    pub(super) receipts: Receipts,
}

/// What waits, by conversation. A conversation without recent marks is not held.
#[derive(Debug, Default)]
pub(super) struct ReceiptGates {
    gates: HashMap<ConvId, Gate>,
    /// Who waits for marks, of which conversations.
    waiting: HashMap<AccountId, Vec<ConvId>>,
}

impl ReceiptGates {
    /// Notes a mark. Returns when to come back for it, if it does not go at once.
    pub(super) fn note(
        &mut self,
        now_ms: u64,
        conv: ConvId,
        mark: Mark,
        to: Vec<AccountId>,
        num: u64,
    ) -> u64 {
        for account in &to {
            let convs = self.waiting.entry(*account).or_default();
            if !convs.contains(&conv) {
                convs.push(conv);
            }
        }
        let gate = self.gates.entry(conv).or_default();
        let waiting = match gate.waiting.iter().position(|waiting| waiting.to == to) {
            Some(at) => &mut gate.waiting[at],
            None => {
                gate.waiting.push(Waiting {
                    to,
                    marks: Vec::new(),
                    num,
                });
                let last = gate.waiting.len() - 1;
                &mut gate.waiting[last]
            }
        };
        waiting.num = waiting.num.max(num);
        match waiting
            .marks
            .iter_mut()
            .find(|known| known.account == mark.account)
        {
            Some(known) => {
                known.delivered = known.delivered.max(mark.delivered);
                known.read = known.read.max(mark.read);
            }
            None => waiting.marks.push(mark),
        }
        gate.next_ms.max(now_ms)
    }

    /// What may go now; the conversation is then quiet for `every_ms`. An empty answer means it is forgotten.
    pub(super) fn take(&mut self, now_ms: u64, conv: ConvId, every_ms: u64) -> Vec<Ready> {
        let Some(gate) = self.gates.get_mut(&conv) else {
            return Vec::new();
        };
        if gate.next_ms > now_ms {
            return Vec::new();
        }
        if gate.waiting.is_empty() {
            self.gates.remove(&conv);
            return Vec::new();
        }
        gate.next_ms = now_ms + every_ms;
        self.take_all(conv)
    }

    /// Conversations whose marks must go before anything newer goes to these people.
    pub(super) fn awaited_by(&self, accounts: &[AccountId]) -> Vec<ConvId> {
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let mut convs: Vec<ConvId> = accounts
            .iter()
            .filter_map(|account| self.waiting.get(account))
            .flatten()
            .copied()
            .collect();
        convs.sort_unstable();
        convs.dedup();
        convs
    }

    /// Everything that waits, whether it may go yet or not; what comes next waits as long as it would have.
    pub(super) fn take_all(&mut self, conv: ConvId) -> Vec<Ready> {
        let Some(gate) = self.gates.get_mut(&conv) else {
            return Vec::new();
        };
        let waiting = std::mem::take(&mut gate.waiting);
        for account in waiting.iter().flat_map(|it| &it.to) {
            if let Some(convs) = self.waiting.get_mut(account) {
                convs.retain(|it| *it != conv);
                if convs.is_empty() {
                    self.waiting.remove(account);
                }
            }
        }
        let ready = |it: Waiting| Ready {
            to: it.to,
            num: it.num,
            receipts: Receipts {
                conv,
                marks: it.marks,
            },
        };
        waiting.into_iter().map(ready).collect()
    }
}
