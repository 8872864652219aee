//! Messages on their way, in the order they were written: at most 32 unanswered, and none overtakes another in its chat. Pure.

use crate::model::chat::is_old;
use crate::model::command::OutRow;
use breeze_protocol::limit::REQUESTS_IN_FLIGHT_MAX;
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::{ConvId, Mid};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A refusal that may pass is not tried again before this, milliseconds.
const HOLD_MS_MIN: u64 = 500;
/// Rows kept here; the rest of a longer outbox stays on the disk until the next start.
const ROWS_MAX: usize = 10_000;
/// The files of one message are brought so often before the server's refusal counts.
const BRINGS_MAX: u32 = 3;

/// The rows the store has confirmed and the server has not.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    rows: VecDeque<(OutRow, bool)>,
    holds: BTreeMap<ConvId, u64>,
    /// A row found no room: none after it may overtake it.
    cut: bool,
    /// Rows whose files the server does not have yet, and how often they were brought. They hold nothing up.
    files: BTreeMap<Mid, Bringing>,
}

#[derive(Debug, Default)]
struct Bringing {
    times: u32,
    ordered: bool,
    done: bool,
}

impl Outbox {
    /// A row is safely stored; or is stored anew, because the person wants it sent after all.
    pub(super) fn add(&mut self, row: OutRow) {
        if let Some((known, _)) = self.rows.iter_mut().find(|(known, _)| known.mid == row.mid) {
            known.ts = row.ts;
            return;
        }
        if self.cut {
            return;
        }
        if self.rows.len() >= ROWS_MAX {
            tracing::warn!(
                max = ROWS_MAX,
                "the rest of the outbox stays on the disk until the next start"
            );
            self.cut = true;
            return;
        }
        self.bring(&row);
        self.rows.push_back((row, false));
    }

    fn bring(&mut self, row: &OutRow) {
        if !row.attachments.is_empty() {
            self.files.insert(row.mid, Bringing::default());
        }
    }

    /// Messages whose files are to be brought now, each told once, and whether the server has said that it lacks them.
    pub(super) fn bring_now(&mut self) -> Vec<(Mid, Vec<Attachment>, bool)> {
        let files = &mut self.files;
        if files.values().all(|it| it.ordered) {
            return Vec::new();
        }
        let wanted = self.rows.iter().filter_map(|(row, _)| {
            let bringing = files.get_mut(&row.mid).filter(|it| !it.ordered)?;
            bringing.ordered = true;
            Some((row.mid, row.attachments.clone(), bringing.times > 0))
        });
        wanted.collect()
    }

    /// The server has the files of this message: it may be sent.
    pub(super) fn brought(&mut self, mid: Mid) {
        if let Some(bringing) = self.files.get_mut(&mid) {
            bringing.done = true;
        }
    }

    /// The server does not have the files of this message any more. Whether they are worth bringing again.
    pub(super) fn bring_again(&mut self, mid: Mid) -> bool {
        let Some(bringing) = self.files.get_mut(&mid).filter(|it| it.times < BRINGS_MAX) else {
            return false;
        };
        *bringing = Bringing {
            times: bringing.times + 1,
            ..Bringing::default()
        };
        if let Some((_, sent)) = self.rows.iter_mut().find(|(row, _)| row.mid == mid) {
            *sent = false;
        }
        true
    }

    /// Rows that go before all others: the server had them once and lost them.
    pub(super) fn put_first(&mut self, rows: Vec<OutRow>) {
        for row in rows.into_iter().rev() {
            if !self.holds(row.mid) {
                self.bring(&row);
                self.rows.push_front((row, false));
            }
        }
        if self.rows.len() > ROWS_MAX {
            self.rows.truncate(ROWS_MAX);
            self.cut = true;
        }
    }

    /// The next row that may be sent now; it counts as sent. Too old a row waits for the person's word, and holds
    /// nothing up.
    pub(super) fn next(&mut self, now: u64, wall_ms: u64) -> Option<OutRow> {
        if self.rows.iter().filter(|(_, sent)| *sent).count() >= REQUESTS_IN_FLIGHT_MAX {
            return None;
        }
        // What was sent after the refused row is refused as well; until the server has said so, sending on would
        // let a newer row slip in between.
        let rows = &self.rows;
        let unsettled = |conv: &ConvId| rows.iter().any(|(row, sent)| *sent && row.conv == *conv);
        self.holds.retain(|conv, until| *until > now || unsettled(conv));
        let files = &self.files;
        let found = self.rows.iter_mut().find(|(row, sent)| {
            let ready = files.get(&row.mid).is_none_or(|it| it.done) && !is_old(row.kind, row.ts, wall_ms);
            !sent && ready && !self.holds.contains_key(&row.conv)
        })?;
        found.1 = true;
        Some(found.0.clone())
    }

    /// Whether the row is here.
    pub(super) fn holds(&self, mid: Mid) -> bool {
        self.rows.iter().any(|(row, _)| row.mid == mid)
    }

    /// The server has it, or will never take it.
    pub(super) fn done(&mut self, mid: Mid) {
        self.rows.retain(|(row, _)| row.mid != mid);
        self.files.remove(&mid);
    }

    /// The server refuses it for now: its chat waits.
    pub(super) fn refused_for_now(&mut self, mid: Mid, retry_ms: u64, now: u64) {
        let Some((row, sent)) = self.rows.iter_mut().find(|(row, _)| row.mid == mid) else {
            return;
        };
        *sent = false;
        self.holds.insert(row.conv, now + retry_ms.max(HOLD_MS_MIN));
    }

    /// The person wants it sent again: it, and what was written after it in its chat.
    pub(super) fn resend(&mut self, mid: Mid) {
        let Some(at) = self.rows.iter().position(|(row, _)| row.mid == mid) else {
            return;
        };
        let conv = self.rows[at].0.conv;
        self.holds.remove(&conv);
        for (row, sent) in self.rows.iter_mut().skip(at) {
            if row.conv == conv {
                *sent = false;
            }
        }
    }

    /// The connection is gone: everything unanswered is to be sent again.
    pub(super) fn lost(&mut self) {
        self.holds.clear();
        for (_, sent) in &mut self.rows {
            *sent = false;
        }
    }

    /// Forget everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// When a chat may be tried again (mono ms).
    pub(super) fn due(&self) -> Option<u64> {
        let waiting: BTreeSet<ConvId> = self
            .rows
            .iter()
            .filter(|(_, sent)| !sent)
            .map(|(row, _)| row.conv)
            .collect();
        self.holds
            .iter()
            .filter(|(conv, _)| waiting.contains(conv))
            .map(|(_, until)| *until)
            .min()
    }
}

#[cfg(test)]
mod order {
    use super::*;

    #[test]
    fn nothing_slips_between_a_refused_row_and_those_sent_after_it() {
        let row = |n| OutRow {
            mid: Mid([n; 16]),
            conv: ConvId(1),
            ..OutRow::default()
        };
        let mut outbox = Outbox::default();
        [1, 2].into_iter().for_each(|n| outbox.add(row(n)));
        assert_eq!(std::iter::from_fn(|| outbox.next(0, 0)).count(), 2);
        outbox.refused_for_now(Mid([1; 16]), 1000, 0);
        outbox.add(row(3));
        assert_eq!(outbox.next(1000, 0), None, "2 was sent and is not answered yet");
        outbox.refused_for_now(Mid([2; 16]), 0, 1000);
        let again: Vec<u8> = std::iter::from_fn(|| outbox.next(1500, 0))
            .map(|row| row.mid.0[0])
            .collect();
        assert_eq!(again, [1, 2, 3]);
    }

    #[test]
    fn what_finds_no_room_is_not_overtaken() {
        let mut outbox = Outbox::default();
        for n in 0..=ROWS_MAX as u128 {
            outbox.add(OutRow {
                mid: Mid(n.to_be_bytes()),
                conv: ConvId(1),
                ..OutRow::default()
            });
        }
        outbox.done(Mid([0; 16]));
        outbox.add(OutRow {
            mid: Mid([9; 16]),
            conv: ConvId(1),
            ..OutRow::default()
        });
        assert_eq!(outbox.rows.len(), ROWS_MAX - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use breeze_protocol::message::chat::EntryKind;

    fn row(n: u8, conv: u64) -> OutRow {
        OutRow {
            mid: Mid([n; 16]),
            conv: ConvId(conv),
            ..OutRow::default()
        }
    }

    #[test]
    fn a_refused_message_is_not_overtaken_in_its_chat() {
        let mut outbox = Outbox::default();
        for (n, conv) in [(1, 1), (2, 1), (3, 2)] {
            outbox.add(row(n, conv));
        }
        for n in [1, 2, 3] {
            assert_eq!(outbox.next(0, 0).map(|row| row.mid.0[0]), Some(n));
        }
        outbox.refused_for_now(Mid([1; 16]), 1000, 0);
        outbox.refused_for_now(Mid([2; 16]), 1000, 0);
        outbox.add(row(4, 1));
        assert_eq!(outbox.next(999, 0), None);
        assert_eq!(outbox.due(), Some(1000));
        let again: Vec<u8> = std::iter::from_fn(|| outbox.next(1000, 0))
            .map(|row| row.mid.0[0])
            .collect();
        assert_eq!(again, [1, 2, 4]);
    }

    #[test]
    fn what_the_server_lost_goes_before_what_was_written_since() {
        let mut outbox = Outbox::default();
        for n in [5, 6] {
            outbox.add(row(n, 1));
        }
        outbox.put_first([2, 3, 5].map(|n| row(n, 1)).to_vec());
        let order: Vec<u8> = std::iter::from_fn(|| outbox.next(0, 0))
            .map(|row| row.mid.0[0])
            .collect();
        assert_eq!(order, [2, 3, 5, 6], "once each");
    }

    #[test]
    fn at_most_32_are_unanswered_and_a_loss_sends_all_again_in_order() {
        let mut outbox = Outbox::default();
        for n in 0..40 {
            outbox.add(row(n, 1));
        }
        assert_eq!(
            std::iter::from_fn(|| outbox.next(0, 0)).count(),
            REQUESTS_IN_FLIGHT_MAX
        );
        outbox.done(Mid([0; 16]));
        assert_eq!(outbox.next(0, 0).map(|row| row.mid.0[0]), Some(32));
        outbox.lost();
        assert_eq!(outbox.next(0, 0).map(|row| row.mid.0[0]), Some(1));
    }

    #[test]
    fn a_row_older_than_sixty_days_waits_for_the_person_and_holds_nothing_up() {
        const DAY_MS: u64 = 24 * 60 * 60 * 1000;
        let wall_ms = 100 * DAY_MS;
        let mut outbox = Outbox::default();
        let old = OutRow {
            ts: 39 * DAY_MS,
            ..row(1, 1)
        };
        outbox.add(old.clone());
        outbox.add(OutRow {
            ts: 41 * DAY_MS,
            ..row(2, 1)
        });
        let sent = |outbox: &mut Outbox| outbox.next(0, wall_ms).map(|row| row.mid.0[0]);
        assert_eq!(sent(&mut outbox), Some(2));
        assert_eq!(sent(&mut outbox), None);
        outbox.add(OutRow {
            ts: wall_ms,
            ..old.clone()
        });
        assert_eq!(sent(&mut outbox), Some(1), "the person said so");
        outbox.add(OutRow {
            kind: EntryKind::Delete,
            mid: Mid([3; 16]),
            ..old
        });
        assert_eq!(sent(&mut outbox), Some(3), "a change of a message asks nobody");
    }
}
