//! Messages of conversations as they come: exactly once, in order, without silent gaps; and everybody's marks.

use super::chat::{Chat, Message, Waiting};
use super::command::{Ask, Change, Command, Commands, LinkCommand, OutRow, StoreCommand};
use super::event::Stamp;
use super::{Model, Now};
use crate::words::tr;
use breeze_protocol::message::chat::{
    EntryKind, Event as Entry, History, HistoryPage, Mark, Nack, Read, Receipts, Sent, TypingNotice,
};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::{AccountId, ClientMessage, ConvId, Mid};

/// "typing..." stands so long, milliseconds, unless it is said again.
const TYPING_MS: u64 = 6000;
/// Rows asked for in one page: two screens.
const PAGE_ROWS: u32 = 100;
/// Failed tries to fill a hole before the connection is given up.
const HOLE_TRIES_MAX: u32 = 3;
/// Messages kept in memory of a chat that is not shown: enough to open it at once.
const ROWS_AT_REST: usize = 200;

impl Model {
    /// One entry, live or caught up.
    pub(super) fn entry(&mut self, stamp: Stamp, entry: Entry) -> Commands {
        let (conv, seq, cursor, sender) = (entry.conv, entry.seq, entry.cursor, entry.sender);
        let deletes = entry.kind == EntryKind::Delete;
        if let Some(named) = &mut self.book.named {
            named.entries.insert((conv, seq));
        }
        let message = Message::new(entry);
        let changes = vec![Change::Message(conv, Box::new(message.clone()))];
        let before = self
            .chats
            .get(&conv)
            .and_then(|chat| chat.messages.range(..seq).next_back());
        let before = before.map(|(seq, _)| *seq);
        let new = self.insert(conv, message.clone());
        if let Some(chat) = self.chats.get_mut(&conv) {
            if chat.group.is_some() {
                chat.typed(sender);
            } else if chat.other == sender {
                chat.typing_until = 0;
            }
        }
        let mut commands = self.store(changes, stamp, cursor);
        if new && message.is_shown() {
            commands.extend(self.notify_message(conv, &message));
        } else if new && deletes {
            commands.extend(self.withdraw_text(conv));
        }
        let hole = before.filter(|before| self.book.named.is_none() && message.prev_seq > *before);
        if let Some(after) = hole {
            commands.push(hole_request(conv, after));
        }
        commands
    }

    /// Puts a message in its place. It is known by (conv, seq), so it is there once however often it comes.
    /// Whether it was not there before.
    fn insert(&mut self, conv: ConvId, message: Message) -> bool {
        let me = self.me.account;
        let other = if message.sender == me {
            AccountId::default()
        } else {
            message.sender
        };
        let open = self.open == Some(conv) && !self.focused;
        let chat = self.chats.entry(conv).or_insert_with(|| Chat {
            conv,
            other,
            ..Chat::default()
        });
        chat.waiting.retain(|waiting| waiting.mid != message.mid);
        let unseen = message.sender != me && message.is_shown() && !chat.messages.contains_key(&message.seq);
        if open && unseen && chat.unread == 0 {
            chat.new_after = Some(message.seq.saturating_sub(1).max(chat.mark(me).read));
        }
        chat.head = chat.head.max(message.seq);
        chat.n = chat.n.max(message.n);
        if message.prev_seq > 0
            && chat
                .messages
                .keys()
                .next()
                .is_none_or(|first| message.seq <= *first)
        {
            chat.more = true;
        }
        let new = chat.take(message);
        chat.count_unread(me);
        let at_rest = self.open != Some(conv);
        while at_rest && chat.messages.len() > ROWS_AT_REST {
            chat.messages.pop_first();
            chat.more = true;
        }
        new
    }

    /// A message of one's own is on the server's disk.
    pub(super) fn sent(&mut self, sent: &Sent) -> Commands {
        self.upload_over(sent.mid);
        let Some(chat) = self.chats.get_mut(&sent.conv) else {
            return Commands::new();
        };
        let Some(at) = chat.waiting.iter().position(|waiting| waiting.mid == sent.mid) else {
            return Commands::new();
        };
        let waiting = chat.waiting.remove(at);
        if chat.messages.contains_key(&sent.seq) {
            return vec![StoreCommand::OutboxDrop(sent.mid).into()];
        }
        // Its own `event` follows with the true numbers; these stand until then.
        let last = chat.messages.range(..sent.seq).next_back();
        let (prev_seq, n) = last.map_or((0, chat.n), |(seq, last)| (*seq, last.n + (sent.seq - seq - 1)));
        let message = Message {
            seq: sent.seq,
            prev_seq,
            n: n + u64::from(waiting.is_shown()),
            sender: self.me.account,
            mid: sent.mid,
            ts: sent.ts,
            body: waiting.body,
            kind: waiting.kind,
            target: waiting.target,
            attachments: waiting.attachments,
        };
        self.insert(sent.conv, message.clone());
        vec![Change::Message(sent.conv, Box::new(message)).alone()]
    }

    /// A message was refused for good. (A refusal that may pass is the link's business.)
    pub(super) fn send_refused(&mut self, now: Now, nack: &Nack) -> Commands {
        if let Some(commands) = self.change_refused(now, nack) {
            return commands;
        }
        let why = nack_words(nack.code);
        match self.waiting_mut(nack.mid) {
            Some(waiting) => {
                waiting.refused = Some(why.clone());
                vec![StoreCommand::OutboxRefused(nack.mid, why).into()]
            }
            None => Commands::new(),
        }
    }

    /// The server lost these messages: they wait again, before everything written since. What has come back meanwhile, from
    /// another device of one's own, is there already.
    pub(super) fn returned(&mut self, conv: ConvId, rows: Vec<OutRow>) {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return;
        };
        let named = self.book.named.as_ref();
        let there = |mid: Mid, chat: &Chat| {
            let kept = |seq: &u64| named.is_none_or(|named| named.entries.contains(&(conv, *seq)));
            chat.waiting.iter().any(|waiting| waiting.mid == mid)
                || chat
                    .messages
                    .iter()
                    .any(|(seq, message)| message.mid == mid && kept(seq))
        };
        let back = rows
            .into_iter()
            .filter(|row| !there(row.mid, chat))
            .map(|row| Waiting::new(&row));
        let back: Vec<Waiting> = back.collect();
        // Until the snapshot is over they would stand twice: as what was held, and as what waits.
        chat.messages
            .retain(|_, message| back.iter().all(|waiting| waiting.mid != message.mid));
        chat.waiting.splice(0..0, back);
    }

    /// The server's data was replaced by older data: what others had read of the newer is not true any more.
    pub(super) fn forget_marks(&mut self) {
        for chat in self.chats.values_mut() {
            chat.marks.clear();
        }
    }

    /// A message that waits, by its identity.
    pub(super) fn waiting_mut(&mut self, mid: Mid) -> Option<&mut super::chat::Waiting> {
        self.chats
            .values_mut()
            .flat_map(|chat| chat.waiting.iter_mut())
            .find(|waiting| waiting.mid == mid)
    }

    /// Marks have risen.
    pub(super) fn receipts(&mut self, receipts: Receipts) -> Commands {
        let mut changes = Vec::new();
        for mark in receipts.marks {
            self.mark(receipts.conv, mark, &mut changes);
        }
        if changes.is_empty() {
            return Commands::new();
        }
        vec![
            StoreCommand::Apply {
                changes,
                stamp: None,
                place: None,
            }
            .into(),
        ]
    }

    /// One mark, and what it changes.
    pub(super) fn mark(&mut self, conv: ConvId, mark: Mark, changes: &mut Vec<Change>) {
        let me = self.me.account;
        if mark.account == me && self.book.reads.get(&conv).is_some_and(|seq| *seq <= mark.read) {
            self.book.reads.remove(&conv);
            changes.push(Change::ReadSaid(conv, mark.read));
        }
        let Some(chat) = self.chats.get_mut(&conv) else {
            return;
        };
        if !chat.raise(mark) {
            return;
        }
        if mark.account == me {
            chat.count_unread(me);
        }
        changes.push(Change::Mark(conv, chat.mark(mark.account)));
    }

    /// Entries up to here were on screen in a focused window.
    pub(super) fn seen(&mut self, conv: ConvId, seq: u64) -> Commands {
        let me = self.me.account;
        if !self.focused || self.open != Some(conv) {
            return Commands::new();
        }
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let seq = seq.min(chat.head);
        if chat.mark(me).read >= seq {
            return Commands::new();
        }
        chat.raise(Mark {
            account: me,
            delivered: 0,
            read: seq,
        });
        chat.count_unread(me);
        let changes = vec![Change::Mark(conv, chat.mark(me)), Change::ReadUnsaid(conv, seq)];
        self.book.reads.insert(conv, seq);
        let apply = StoreCommand::Apply {
            changes,
            stamp: None,
            place: None,
        };
        vec![apply.into(), say(Read { conv, seq })]
    }

    /// After a snapshot: what was read beyond the head belongs to a life of the server's data that is gone, and must
    /// not mark as read what comes in its place.
    pub(super) fn cap_reads(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        let chats = &self.chats;
        self.book.reads.retain(|conv, seq| {
            let head = chats.get(conv).map_or(0, |chat| chat.head);
            if *seq > head {
                changes.push(Change::ReadSaid(*conv, *seq));
                *seq = head;
                if head > 0 {
                    changes.push(Change::ReadUnsaid(*conv, head));
                }
            }
            *seq > 0
        });
        changes
    }

    /// After catching up: what was read while the link was down is said now.
    pub(super) fn say_reads(&self) -> Commands {
        self.book
            .reads
            .iter()
            .map(|(conv, seq)| {
                say(Read {
                    conv: *conv,
                    seq: *seq,
                })
            })
            .collect()
    }

    /// Somebody types.
    pub(super) fn typing(&mut self, now: Now, notice: &TypingNotice) {
        if self.unsure_since.is_some() {
            return;
        }
        let until = now.mono_ms + TYPING_MS;
        if let Some(chat) = self.chats.get_mut(&notice.conv) {
            if chat.group.is_some() {
                chat.types(notice.account, until);
            } else if chat.other == notice.account {
                chat.typing_until = until;
            }
        }
    }

    /// The top of what is in memory came into view: the disk first, then the server.
    pub(super) fn older(&mut self, conv: ConvId) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        if chat.loading || !chat.has_older() {
            return Commands::new();
        }
        chat.loading = true;
        let before = chat.shown().keys().next().copied().unwrap_or(0);
        vec![StoreCommand::Older { conv, before }.into()]
    }

    /// Older messages from the disk. Only what joins on without a gap is taken; the rest comes from the server.
    pub(super) fn older_from_disk(&mut self, conv: ConvId, mut rows: Vec<Message>, more: bool) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let mut took = chat.extend_past_back(&mut rows);
        while chat.past.is_none()
            && let Some(row) = rows.pop()
        {
            let joins = chat
                .messages
                .values()
                .next()
                .is_none_or(|first| first.prev_seq <= row.seq);
            if !joins {
                break;
            }
            took += 1;
            chat.take(row);
        }
        let first = chat.messages.values().next();
        let prev = first.map_or(chat.head, |first| first.prev_seq);
        if chat.past.is_none() {
            chat.more = more || prev > 0;
        }
        if took > 0 || !chat.has_older() {
            chat.loading = false;
            chat.count_unread(self.me.account);
            return self.ask_changed(conv);
        }
        let before = chat.shown().keys().next().copied().unwrap_or(0);
        let history = History {
            conv,
            before,
            after: 0,
            limit: PAGE_ROWS,
        };
        vec![LinkCommand::Request(Ask::Older(conv), Box::new(history.into())).into()]
    }

    /// A page of history.
    pub(super) fn history_page(&mut self, ask: &Ask, page: HistoryPage) -> Commands {
        let conv = page.conv;
        let me = self.me.account;
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let mut rows: Vec<Message> = page.rows.into_iter().map(Message::new).collect();
        let reached = rows.last().map(|row| row.seq);
        let mut commands = super::past::keep_rows(conv, &rows);
        chat.waiting
            .retain(|waiting| rows.iter().all(|row| row.mid != waiting.mid));
        if matches!(ask, Ask::Older(_)) {
            chat.loading = false;
            if chat.past.is_some() {
                chat.extend_past_back(&mut rows);
                return commands;
            }
            // A page for a past that is not shown any more joins nothing.
            let first = chat.messages.values().next();
            if first.is_some_and(|first| reached.is_none_or(|reached| reached < first.prev_seq)) {
                chat.more = chat.more && reached.is_some();
                return commands;
            }
        }
        for row in rows {
            chat.take(row);
        }
        match ask {
            Ask::Hole(_, after) => {
                let left = hole_after(chat, *after, &page.gone);
                chat.count_unread(me);
                match left {
                    None => drop(self.book.holes.remove(&conv)),
                    Some(hole) if reached.is_some_and(|seq| seq > *after) => {
                        commands.push(hole_request(conv, hole))
                    }
                    Some(hole) => commands.extend(self.hole_failed(conv, hole)),
                }
            }
            _ => {
                chat.more = page.more;
                chat.count_unread(me);
            }
        }
        commands
    }

    /// A hole could not be filled; after three tries the connection is not to be believed.
    pub(super) fn hole_failed(&mut self, conv: ConvId, after: u64) -> Commands {
        let tries = self.book.holes.entry(conv).or_default();
        *tries += 1;
        if *tries >= HOLE_TRIES_MAX {
            self.book.holes.remove(&conv);
            return vec![LinkCommand::Reconnect.into()];
        }
        vec![hole_request(conv, after)]
    }

    /// Keeps what a counted server message brought, and with it how far this device is.
    pub(super) fn store(&mut self, changes: Vec<Change>, stamp: Stamp, cursor: u64) -> Commands {
        let place = if self.book.named.is_none() {
            self.book.place.cursor = self.book.place.cursor.max(cursor);
            Some(self.book.place)
        } else {
            None
        };
        vec![
            StoreCommand::Apply {
                changes,
                stamp: Some(stamp),
                place,
            }
            .into(),
        ]
    }
}

/// The first place after which something is missing, from `after` on.
fn hole_after(chat: &Chat, after: u64, gone: &[(u64, u64)]) -> Option<u64> {
    let mut last = after;
    for message in chat.messages.range(after + 1..).map(|(_, message)| message) {
        let erased = gone
            .iter()
            .any(|(from, to)| *from <= last + 1 && message.prev_seq <= *to);
        if message.prev_seq > last && !erased {
            return Some(last);
        }
        last = message.seq;
    }
    None
}

fn hole_request(conv: ConvId, after: u64) -> Command {
    let history = History {
        conv,
        before: 0,
        after,
        limit: PAGE_ROWS,
    };
    LinkCommand::Request(Ask::Hole(conv, after), Box::new(history.into())).into()
}

/// A message that is said once if the link is live.
pub(super) fn say(message: impl Into<ClientMessage>) -> Command {
    LinkCommand::Say(Box::new(message.into())).into()
}

/// Why a change was refused, in words.
#[must_use]
pub fn nack_words(code: NackCode) -> String {
    tr(match code {
        NackCode::NotContact => "nack-not-contact",
        NackCode::NotMember => "nack-not-member",
        NackCode::NoRight => "nack-no-right",
        NackCode::TooLong => "nack-too-long",
        NackCode::MidReused => "nack-mid-reused",
        NackCode::BadReference => "nack-bad-reference",
        NackCode::Quota => "nack-quota",
        NackCode::BadPassword => "nack-bad-password",
        NackCode::WeakPassword => "refused-weak-password",
        NackCode::StorageFull => "nack-storage-full",
        NackCode::Busy => "refused-busy",
        NackCode::SlowDown => "refused-slow-down",
        NackCode::StoreDown => "nack-store-down",
        NackCode::Other => "error-unknown",
    })
}
