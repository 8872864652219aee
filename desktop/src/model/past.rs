//! A part of the past shown in place of the newest messages: around a message one has jumped to, growing at both ends as one
//! scrolls, until it meets the newest again.

use super::chat::{Chat, Message};
use super::command::{Ask, Change, Commands, LinkCommand, StoreCommand};
use super::{Model, Now};
use breeze_protocol::ConvId;
use breeze_protocol::message::chat::{History, HistoryPage};
use std::collections::BTreeMap;

/// Messages of the past held at once; the far end is let go.
const ROWS_MAX: usize = 600;
/// Rows asked for at each end.
const PAGE: u32 = 100;
/// A message one has jumped to is marked so long, milliseconds.
pub const SPOT_MS: u64 = 2500;

/// A piece of history without gaps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Its messages, by seq.
    pub messages: BTreeMap<u64, Message>,
    /// What became of them further on: edits, deletions, reactions.
    pub later: BTreeMap<u64, Message>,
    /// What follows is on its way.
    pub loading: bool,
}

/// A message one has jumped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Which.
    pub seq: u64,
    /// When (mono ms); it is marked for a while.
    pub since: u64,
    /// Told apart from an earlier jump to the same message.
    pub jump: u64,
}

impl Chat {
    /// The messages shown now.
    #[must_use]
    pub fn shown(&self) -> &BTreeMap<u64, Message> {
        self.past.as_ref().map_or(&self.messages, |past| &past.messages)
    }

    /// A message in memory, wherever it is shown.
    #[must_use]
    pub fn message(&self, seq: u64) -> Option<&Message> {
        let past = self.past.as_ref().and_then(|past| past.messages.get(&seq));
        past.or_else(|| self.messages.get(&seq))
    }

    /// Every entry that may say what became of the messages shown, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<&Message> {
        let Some(past) = &self.past else {
            return self.messages.values().collect();
        };
        let all = past.later.iter().chain(&self.messages).chain(&past.messages);
        all.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// Whether older messages than those shown exist.
    #[must_use]
    pub fn has_older(&self) -> bool {
        match &self.past {
            Some(past) => past
                .messages
                .values()
                .next()
                .is_some_and(|first| first.prev_seq > 0),
            None => self.more,
        }
    }

    /// Where the newest messages begin.
    fn first_new(&self) -> Option<&Message> {
        self.messages.values().next()
    }

    /// Older rows for the past shown, which joins on without a gap. How many were taken.
    pub(super) fn extend_past_back(&mut self, rows: &mut Vec<Message>) -> usize {
        let Some(past) = &mut self.past else { return 0 };
        let mut took = 0;
        while let Some(row) = rows.pop() {
            let joins = past
                .messages
                .values()
                .next()
                .is_none_or(|first| first.prev_seq <= row.seq && row.seq < first.seq);
            if !joins {
                break;
            }
            past.messages.insert(row.seq, row);
            took += 1;
        }
        while past.messages.len() > ROWS_MAX {
            past.messages.pop_last();
        }
        took
    }

    /// Joins the past to the newest messages where they meet. Whether they did.
    fn rejoin(&mut self) -> bool {
        let (Some(past), Some(first)) = (&self.past, self.first_new()) else {
            return false;
        };
        let meets = past
            .messages
            .keys()
            .next_back()
            .is_some_and(|last| *last >= first.prev_seq.max(1));
        if meets && let Some(past) = self.past.take() {
            for (seq, message) in past.messages {
                self.messages.entry(seq).or_insert(message);
            }
            let oldest = self.first_new().map_or(0, |first| first.prev_seq);
            self.more = oldest > 0;
        }
        meets
    }
}

/// Keeps rows of history.
pub(super) fn keep_rows(conv: ConvId, rows: &[Message]) -> Commands {
    let keep = |row: &Message| Change::Message(conv, Box::new(row.clone()));
    let changes: Vec<Change> = rows.iter().map(keep).collect();
    if changes.is_empty() {
        return Commands::new();
    }
    let apply = StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    };
    vec![apply.into()]
}

/// The rows around one that follow one another without a gap; empty without that one.
fn unbroken(rows: Vec<Message>, seq: u64) -> BTreeMap<u64, Message> {
    let all: BTreeMap<u64, Message> = rows.into_iter().map(|row| (row.seq, row)).collect();
    let mut piece = BTreeMap::new();
    let Some(middle) = all.get(&seq) else { return piece };
    let mut first = middle.prev_seq;
    for (at, row) in all.range(..seq).rev() {
        if *at < first {
            break;
        }
        first = row.prev_seq;
        piece.insert(*at, row.clone());
    }
    let mut last = seq;
    for (at, row) in all.range(seq..) {
        if row.prev_seq > last {
            break;
        }
        last = *at;
        piece.insert(*at, row.clone());
    }
    piece
}

impl Model {
    /// Shows a message in its chat, with what is around it.
    pub(super) fn go_to(&mut self, now: Now, conv: ConvId, seq: u64) -> Commands {
        if !self.chats.contains_key(&conv) {
            return Commands::new();
        }
        let mut commands = self.show_chat(conv);
        self.book.jumps += 1;
        let jump = self.book.jumps;
        let Some(chat) = self.chats.get_mut(&conv) else {
            return commands;
        };
        chat.spot = Some(Spot {
            seq,
            since: now.mono_ms,
            jump,
        });
        if chat.messages.contains_key(&seq) {
            chat.past = None;
        } else if !chat.shown().contains_key(&seq) {
            commands.push(StoreCommand::Around { conv, seq }.into());
        }
        commands
    }

    /// What this computer holds around a message.
    pub(super) fn around_from_disk(
        &mut self,
        now: Now,
        conv: ConvId,
        seq: u64,
        rows: Vec<Message>,
    ) -> Commands {
        let piece = unbroken(rows, seq);
        if piece.is_empty() {
            let history = History {
                conv,
                before: seq + u64::from(PAGE / 2),
                after: 0,
                limit: PAGE,
            };
            return vec![LinkCommand::Request(Ask::Around(conv, seq), Box::new(history.into())).into()];
        }
        self.show_past(now, conv, seq, piece);
        self.ask_changed(conv)
    }

    /// Asks what became, further on, of the past shown.
    pub(super) fn ask_changed(&self, conv: ConvId) -> Commands {
        let past = self.chats.get(&conv).and_then(|chat| chat.past.as_ref());
        let ends =
            past.and_then(|past| Some((past.messages.keys().next()?, past.messages.keys().next_back()?)));
        let ask = |(from, to): (&u64, &u64)| StoreCommand::Changed {
            conv,
            from: *from,
            to: *to,
        };
        ends.map(|ends| ask(ends).into()).into_iter().collect()
    }

    /// What became of it.
    pub(super) fn past_changed(&mut self, conv: ConvId, rows: Vec<Message>) {
        if let Some(past) = self.chats.get_mut(&conv).and_then(|chat| chat.past.as_mut()) {
            past.later = rows.into_iter().map(|row| (row.seq, row)).collect();
        }
    }

    /// What the server holds around a message; it is kept like all history.
    pub(super) fn around_from_server(
        &mut self,
        now: Now,
        (conv, seq): (ConvId, u64),
        page: HistoryPage,
    ) -> Commands {
        let rows: Vec<Message> = page.rows.into_iter().map(Message::new).collect();
        let mut kept = keep_rows(conv, &rows);
        let piece = unbroken(rows, seq);
        if piece.is_empty() {
            self.jump_failed(now, conv);
        } else {
            self.show_past(now, conv, seq, piece);
            kept.extend(self.ask_changed(conv));
        }
        kept
    }

    /// The message cannot be shown: it is not here, and the server cannot be asked or does not have it.
    pub(super) fn jump_failed(&mut self, now: Now, conv: ConvId) {
        if let Some(chat) = self.chats.get_mut(&conv) {
            chat.spot = None;
        }
        self.toast(now, crate::words::tr("search-not-here"), true);
    }

    fn show_past(&mut self, now: Now, conv: ConvId, seq: u64, messages: BTreeMap<u64, Message>) {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return;
        };
        if chat.spot.is_none_or(|spot| spot.seq != seq) {
            return;
        }
        chat.past = Some(Past {
            messages,
            ..Past::default()
        });
        if let Some(spot) = &mut chat.spot {
            spot.since = now.mono_ms;
        }
        chat.loading = false;
        chat.rejoin();
    }

    /// The end of what is shown of the past came into view.
    pub(super) fn newer(&mut self, conv: ConvId) -> Commands {
        let Some(past) = self.chats.get_mut(&conv).and_then(|chat| chat.past.as_mut()) else {
            return Commands::new();
        };
        let Some(last) = past.messages.keys().next_back().copied() else {
            return Commands::new();
        };
        if std::mem::replace(&mut past.loading, true) {
            return Commands::new();
        }
        vec![StoreCommand::Newer { conv, after: last }.into()]
    }

    /// What this computer holds after the past shown; the rest comes from the server.
    pub(super) fn newer_from_disk(&mut self, conv: ConvId, rows: Vec<Message>) -> Commands {
        match self.extend_past(conv, rows) {
            Some((0, last)) => {
                let history = History {
                    conv,
                    before: 0,
                    after: last,
                    limit: PAGE,
                };
                vec![LinkCommand::Request(Ask::Newer(conv), Box::new(history.into())).into()]
            }
            _ => self.ask_changed(conv),
        }
    }

    /// What the server holds after it.
    pub(super) fn newer_from_server(&mut self, conv: ConvId, page: HistoryPage) -> Commands {
        let rows: Vec<Message> = page.rows.into_iter().map(Message::new).collect();
        let kept = keep_rows(conv, &rows);
        self.extend_past(conv, rows);
        self.newer_failed(conv);
        kept
    }

    /// No answer: asked again when the end comes into view again.
    pub(super) fn newer_failed(&mut self, conv: ConvId) {
        if let Some(past) = self.chats.get_mut(&conv).and_then(|chat| chat.past.as_mut()) {
            past.loading = false;
        }
    }

    /// Adds what follows without a gap. How many were added, and the end before; `None` without a past.
    fn extend_past(&mut self, conv: ConvId, rows: Vec<Message>) -> Option<(usize, u64)> {
        let chat = self.chats.get_mut(&conv)?;
        let past = chat.past.as_mut()?;
        let end = past.messages.keys().next_back().copied()?;
        let (mut last, mut took) = (end, 0);
        for row in rows {
            if row.seq <= last {
                continue;
            }
            if row.prev_seq > last {
                break;
            }
            last = row.seq;
            past.messages.insert(row.seq, row);
            took += 1;
        }
        if took > 0 {
            past.loading = false;
            while past.messages.len() > ROWS_MAX {
                past.messages.pop_first();
            }
        }
        chat.rejoin();
        Some((took, end))
    }

    /// When the mark of the message one has jumped to goes (mono ms).
    pub(super) fn spot_ends(&self) -> Option<u64> {
        let chat = self.open.and_then(|conv| self.chats.get(&conv))?;
        Some(chat.spot?.since + SPOT_MS)
    }
}
