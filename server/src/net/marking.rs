//! Delivered and read marks of one connection on their way to the store: gathered for a moment, one task at a time.

use super::{Me, Net};
pub(super) use crate::core::ack::Counted;
use crate::core::ack::{Acks, BadAck, Marks};
use crate::core::outbox::{Note, Queued};
use crate::fault::Fault;
use crate::hub::pipe::Pipe;
use crate::store::{Audience, Store};
use breeze_protocol::ConvId;
use breeze_protocol::message::chat::Mark;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Marks are gathered for this long, milliseconds: a burst is one row per conversation.
const GATHER_MS: u64 = 250;
/// Pause after the store said no.
const RETRY: Duration = Duration::from_secs(1);
/// Tries before marks are given up: a disk may stand still for half a minute.
const TRIES: usize = 120;

/// Made when there is something to count or to keep, and gone when all of it is: idle connections have none.
pub(super) struct Marking {
    acks: Acks,
    marks: Marks,
    due_ms: Option<u64>,
    busy: Arc<AtomicBool>,
}

impl From<Counted> for Marking {
    fn from(counted: Counted) -> Self {
        Self {
            acks: Acks::from(counted),
            marks: Marks::default(),
            due_ms: None,
            busy: Arc::default(),
        }
    }
}

impl Marking {
    /// Counts frames that go to the socket.
    pub(super) fn wrote(&mut self, frames: &[Queued], me: &Me, fault: Fault, now_ms: u64) {
        for frame in frames {
            self.acks.wrote(frame.note, me.account);
            if fault == Fault::DeliveredOnSend
                && let Note::Entry { conv, seq, sender } = frame.note
                && sender != me.account
            {
                self.raise(
                    conv,
                    Mark {
                        account: me.account,
                        delivered: seq,
                        read: 0,
                    },
                    now_ms,
                );
            }
        }
    }

    pub(super) fn acked(&mut self, n: u64, me: &Me, now_ms: u64) -> Result<(), BadAck> {
        self.acks.acked(n, me.account, &mut self.marks)?;
        self.arm(now_ms);
        Ok(())
    }

    pub(super) fn raise(&mut self, conv: ConvId, mark: Mark, now_ms: u64) {
        self.marks.raise(conv, mark);
        self.arm(now_ms);
    }

    /// What is left of it when nothing waits, neither here nor on its way to the store.
    pub(super) fn at_rest(&self) -> Option<Counted> {
        let idle = self.marks.is_empty() && self.due_ms.is_none() && !self.busy.load(Ordering::Acquire);
        self.acks.at_rest().filter(|_| idle)
    }

    fn arm(&mut self, now_ms: u64) {
        if !self.marks.is_empty() {
            self.due_ms.get_or_insert(now_ms + GATHER_MS);
        }
    }

    pub(super) fn due_ms(&self) -> Option<u64> {
        self.due_ms
    }

    /// Hands the marks to the store if it is time. While the last ones are still on their way they gather.
    pub(super) fn flush<S: Store>(
        &mut self,
        net: &Arc<Net<S>>,
        me: &Arc<Me>,
        pipe: &Pipe,
        now_ms: u64,
        last: bool,
    ) {
        if self.due_ms.is_none_or(|due_ms| due_ms > now_ms && !last) {
            return;
        }
        if !last && self.busy.swap(true, Ordering::AcqRel) {
            self.due_ms = Some(now_ms + GATHER_MS);
            return;
        }
        self.due_ms = None;
        let marks = self.marks.take();
        let audience = pipe.audience();
        tokio::spawn(keep(
            Arc::clone(net),
            Arc::clone(me),
            marks,
            audience,
            Arc::clone(&self.busy),
        ));
    }
}

async fn keep<S: Store>(
    net: Arc<Net<S>>,
    me: Arc<Me>,
    marks: Vec<(ConvId, Mark)>,
    audience: Audience,
    busy: Arc<AtomicBool>,
) {
    for _ in 0..TRIES {
        match net.store.mark(me.account, marks.clone(), audience).await {
            Ok(()) => break,
            Err(error) => {
                tracing::debug!(%error, "marks wait for the store");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    busy.store(false, Ordering::Release);
}
