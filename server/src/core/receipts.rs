//! Marks on their way to the members of a conversation: the highest wins, told at most once a second.

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
        let waiting = std::mem::take(&mut gate.waiting);
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
