//! What the store has committed, on its way to those entitled, in commit order.

use super::receipts::Ready;
use super::state::{Output, Outputs, Row, State};
use super::timer::Timer;
use crate::fault::Fault;
use crate::store::{Change, Committed, ConnId};
use breeze_protocol::message::chat::Sent;
use breeze_protocol::{AccountId, ConvId};

impl State {
    pub(super) fn committed(&mut self, now_ms: u64, committed: Committed, out: &mut Outputs) {
        for change in committed.changes {
            self.change(now_ms, change, out);
        }
        self.head = self.head.max(committed.head);
    }

    fn change(&mut self, now_ms: u64, change: Change, out: &mut Outputs) {
        match change {
            Change::Entry {
                origin,
                event,
                members,
            } => {
                let sent = Sent {
                    mid: event.mid,
                    conv: event.conv,
                    seq: event.seq,
                    ts: event.ts,
                    dup: false,
                };
                if origin != ConnId::NOBODY {
                    out.push(Output::Tell {
                        conn: origin,
                        message: Box::new(sent.into()),
                    });
                }
                self.marks_first(&members, out);
                let to = self.live_of(&members);
                self.row(to, event.cursor, Row::Event(event), out);
            }
            Change::Item { num, to, state } => {
                self.marks_first(&to, out);
                let to = self.live_of(&to);
                self.row(to, num, Row::Item(state), out);
            }
            Change::Mark { num, to, conv, mark } => {
                let at = self.receipts.note(now_ms, conv, mark, to, num);
                if at <= now_ms {
                    self.receipts_due(now_ms, conv, out);
                } else {
                    self.timers.arm(at, Timer::Receipts(conv));
                }
            }
            Change::Edge { a, b, friends } => self.edge(now_ms, a, b, friends, out),
            Change::Account(account) => self.account_made(account),
            Change::Answer { conn, answer } => out.push(Output::Tell {
                conn,
                message: answer,
            }),
        }
    }

    pub(super) fn receipts_due(&mut self, now_ms: u64, conv: ConvId, out: &mut Outputs) {
        let ready = self.receipts.take(now_ms, conv, self.timing.receipts_ms);
        if ready.is_empty() {
            return;
        }
        self.timers
            .arm(now_ms + self.timing.receipts_ms, Timer::Receipts(conv));
        self.tell_marks(ready, out);
    }

    /// Marks that wait for one of these people go now: what is newer than they are must not come before them.
    fn marks_first(&mut self, accounts: &[AccountId], out: &mut Outputs) {
        if self.fault == Fault::MarksOvertaken {
            return;
        }
        for conv in self.receipts.awaited_by(accounts) {
            let ready = self.receipts.take_all(conv);
            self.tell_marks(ready, out);
        }
    }

    fn tell_marks(&self, ready: Vec<Ready>, out: &mut Outputs) {
        for Ready { to, num, receipts } in ready {
            let to = self.live_of(&to);
            self.row(to, num, Row::Receipts(receipts), out);
        }
    }

    fn row(&self, to: Vec<ConnId>, num: u64, row: Row, out: &mut Outputs) {
        if !to.is_empty() {
            out.push(Output::Row { to, num, row });
        }
    }

    fn live_of(&self, accounts: &[AccountId]) -> Vec<ConnId> {
        accounts
            .iter()
            .filter_map(|it| self.accounts.get(it))
            .flat_map(|it| it.live.iter().copied())
            .collect()
    }
}
