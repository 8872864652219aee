//! From "I have stored so many" to "delivered up to here": counts what was written, and believes no more than that.

use super::outbox::Note;
use breeze_protocol::message::chat::Mark;
use breeze_protocol::{AccountId, ConvId};
use std::collections::{BTreeMap, VecDeque};

/// Most entries that wait for their acknowledgement. Past it the oldest are forgotten: a tick comes late, never early.
const UNACKED_MAX: usize = 4096;
/// Most conversations whose marks wait for the store.
const MARKS_MAX: usize = 1024;

/// An `ack` counted more than was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadAck;

/// How many entries and items one connection was sent, and has acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    sent: u64,
    acked: u64,
}

/// What one connection was sent and has acknowledged.
#[derive(Debug, Default)]
pub struct Acks {
    counted: Counted,
    waiting: VecDeque<(u64, ConvId, u64)>,
}

impl From<Counted> for Acks {
    fn from(counted: Counted) -> Self {
        Self {
            counted,
            waiting: VecDeque::new(),
        }
    }
}

impl Acks {
    /// Counts a frame that goes to the socket.
    pub fn wrote(&mut self, note: Note, me: AccountId) {
        match note {
            Note::Plain | Note::Snapshot => {}
            Note::Item => self.counted.sent += 1,
            Note::Entry { conv, seq, sender } => {
                self.counted.sent += 1;
                if sender != me {
                    if self.waiting.len() >= UNACKED_MAX {
                        self.waiting.pop_front();
                    }
                    self.waiting.push_back((self.counted.sent, conv, seq));
                }
            }
        }
    }

    /// How many entries and items were sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.counted.sent
    }

    /// The counts, when they are all there is.
    #[must_use]
    pub fn at_rest(&self) -> Option<Counted> {
        self.waiting.is_empty().then_some(self.counted)
    }

    /// Takes an `ack`; what is newly delivered goes into `marks`.
    ///
    /// # Errors
    /// [`BadAck`] when so many were never sent.
    pub fn acked(&mut self, n: u64, me: AccountId, marks: &mut Marks) -> Result<(), BadAck> {
        if n > self.counted.sent {
            return Err(BadAck);
        }
        self.counted.acked = self.counted.acked.max(n);
        while let Some((at, conv, seq)) = self.waiting.front().copied()
            && at <= self.counted.acked
        {
            self.waiting.pop_front();
            marks.raise(
                conv,
                Mark {
                    account: me,
                    delivered: seq,
                    read: 0,
                },
            );
        }
        if self.waiting.is_empty() {
            self.waiting = VecDeque::new();
        }
        Ok(())
    }
}

/// Marks of one account on their way to the store: the highest per conversation.
#[derive(Debug, Default)]
pub struct Marks {
    marks: BTreeMap<ConvId, Mark>,
}

impl Marks {
    /// Raises one mark. What finds no room is dropped: marks are repeated by later acknowledgements.
    pub fn raise(&mut self, conv: ConvId, mark: Mark) {
        if self.marks.len() >= MARKS_MAX && !self.marks.contains_key(&conv) {
            return;
        }
        let known = self.marks.entry(conv).or_insert(mark);
        known.delivered = known.delivered.max(mark.delivered);
        known.read = known.read.max(mark.read);
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Takes all.
    pub fn take(&mut self) -> Vec<(ConvId, Mark)> {
        std::mem::take(&mut self.marks).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: AccountId = AccountId(1);
    const YOU: AccountId = AccountId(2);

    fn entry(seq: u64, sender: AccountId) -> Note {
        Note::Entry {
            conv: ConvId(9),
            seq,
            sender,
        }
    }

    #[test]
    fn r15_only_what_was_acknowledged_is_delivered() {
        let (mut acks, mut marks) = (Acks::default(), Marks::default());
        for note in [
            entry(1, YOU),
            Note::Item,
            Note::Plain,
            entry(2, ME),
            entry(3, YOU),
        ] {
            acks.wrote(note, ME);
        }
        assert_eq!(acks.sent(), 4);
        assert!(marks.is_empty(), "written is not delivered");
        assert_eq!(acks.acked(3, ME, &mut marks), Ok(()));
        assert_eq!(
            marks.take(),
            [(
                ConvId(9),
                Mark {
                    account: ME,
                    delivered: 1,
                    read: 0
                }
            )]
        );
        assert_eq!(acks.acked(5, ME, &mut marks), Err(BadAck));
        assert_eq!(acks.acked(4, ME, &mut marks), Ok(()));
        assert_eq!(marks.take()[0].1.delivered, 3);
        let counted = acks.at_rest().expect("all is acknowledged");
        let mut later = Acks::from(counted);
        later.wrote(entry(4, YOU), ME);
        assert_eq!(later.at_rest(), None, "one waits");
        assert_eq!(later.acked(6, ME, &mut marks), Err(BadAck));
        assert_eq!(later.acked(5, ME, &mut marks), Ok(()));
        assert_eq!(marks.take()[0].1.delivered, 4);
    }
}
