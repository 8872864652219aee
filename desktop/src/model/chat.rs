//! One conversation as this device knows it, and the lines it is drawn as.

use super::changes::{Changes, Extra};
use super::entry_acts::About;
use super::group::Group;
use super::past::{Past, Spot};
use super::{Model, Now};
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::{EntryKind, Mark};
use breeze_protocol::message::pin::Pin;
use breeze_protocol::message::prefs::{ItemSet, Prefs};
use breeze_protocol::{AccountId, ConvId, Mid};
use std::collections::BTreeMap;

/// One entry on the server's disk: a message, or what became of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Place.
    pub seq: u64,
    /// Place of the entry before it.
    pub prev_seq: u64,
    /// Countable messages up to here.
    pub n: u64,
    /// Author.
    pub sender: AccountId,
    /// The author's identity of it.
    pub mid: Mid,
    /// Server's clock (wall ms).
    pub ts: u64,
    /// Text, or a reaction's emoji; empty when it is erased, and for kinds this version does not know.
    pub body: String,
    /// What it is.
    pub kind: EntryKind,
    /// Place of the message it answers or changes.
    pub target: Option<u64>,
    /// Its files; none once it is erased.
    pub attachments: Vec<Attachment>,
}

/// One entry of one's own that is not on the server's disk yet, in the order it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Identity.
    pub mid: Mid,
    /// What it is.
    pub kind: EntryKind,
    /// Place of the message it answers or changes.
    pub target: Option<u64>,
    /// Text.
    pub body: String,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// When it was written (wall ms).
    pub ts: u64,
    /// When it was last handed to a live link (mono ms): 10 s later it turns amber.
    pub tried: Option<u64>,
    /// Refused for good: why, in words.
    pub refused: Option<String>,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chat {
    /// Number.
    pub conv: ConvId,
    /// The other member; oneself in the notes to oneself, nobody in a group.
    pub other: AccountId,
    /// What makes it a group.
    pub group: Option<Group>,
    /// Messages in memory, by seq, newest page always among them.
    pub messages: BTreeMap<u64, Message>,
    /// Own messages not stored yet.
    pub waiting: Vec<Waiting>,
    /// Everybody's marks.
    pub marks: Vec<Mark>,
    /// Place of the newest entry.
    pub head: u64,
    /// Countable messages up to the head.
    pub n: u64,
    /// Unread messages.
    pub unread: u64,
    /// Seq after which "New messages" stands, fixed when the chat was opened; `None` = no line.
    pub new_after: Option<u64>,
    /// Text in the composer.
    pub draft: String,
    /// What that text is for, when it is not a message of its own.
    pub about: Option<About>,
    /// Messages that are answered here and not in memory, as the disk has them: who wrote each, and what it says now
    /// (`None`: deleted).
    pub quoted: BTreeMap<u64, (AccountId, Option<String>)>,
    /// Somebody is typing until then (mono ms).
    pub typing_until: u64,
    /// Who, in a group, and each until when (mono ms).
    pub typists: Vec<(AccountId, u64)>,
    /// Older messages exist on the server or on disk.
    pub more: bool,
    /// A page of older messages is on its way.
    pub loading: bool,
    /// A part of the past that is shown in place of the newest messages.
    pub past: Option<Past>,
    /// The message one has jumped to.
    pub spot: Option<Spot>,
    /// What the server knows of that text, and what is on its way there.
    pub draft_known: String,
    /// See there.
    pub draft_sent: Option<String>,
    /// The message that text answers, as the disk has it.
    pub answers_kept: Option<u64>,
    /// How one keeps it, as the server has it.
    pub prefs: Prefs,
    /// How one wishes to keep it, until the server has it so.
    pub wish: Option<ItemSet>,
    /// What is pinned to its top, the oldest first.
    pub pins: Vec<Pin>,
    /// Days for which its messages are kept; 0: for good.
    pub keep_days: u64,
}

/// How far one's own message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// In the outbox (clock).
    Waiting,
    /// Not acknowledged for 10 s (amber, with retry).
    Late,
    /// Refused for good (red, with the reason).
    Refused,
    /// Written so long ago that the person is asked before it is sent.
    Old,
    /// On the server's disk (one tick).
    Stored,
    /// On a device of the other (two ticks).
    Delivered,
    /// Read (two coloured ticks).
    Read,
}

/// Names a bubble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BubbleKey {
    /// On the server.
    Stored(u64),
    /// In the outbox.
    Waiting(Mid),
}

/// One line of the chat, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly every line is a bubble")]
pub enum Line {
    /// A new day begins (wall ms of its first message).
    Day(u64),
    /// "New messages".
    New,
    /// A change of the group, or a message that is folded, told in a line: its place, and the words.
    Told(u64, String),
    /// A message.
    Bubble {
        /// Which.
        key: BubbleKey,
        /// Who wrote it.
        sender: AccountId,
        /// Whether oneself wrote it.
        own: bool,
        /// Its author's name and picture stand with it: others in a group.
        named: bool,
        /// First of a group (same author within 5 minutes).
        first: bool,
        /// Last of a group.
        last: bool,
        /// Text.
        text: String,
        /// A kind this version cannot show.
        unsupported: bool,
        /// Wall ms.
        ts: u64,
        /// For one's own.
        tick: Option<Tick>,
        /// Why it was refused, in words.
        why: Option<String>,
        /// What it shows besides its text.
        extra: Extra,
    },
}

/// Not acknowledged for so long, milliseconds, and the clock turns amber: longer than any honest fsync, short enough to act.
pub const LATE_MS: u64 = 10_000;
/// Messages of one author stand in one group while less than this lies between them, milliseconds: one train of thought.
const GROUP_MS: u64 = 5 * 60 * 1000;

/// Older than this, milliseconds, a message is not sent without asking (60 days): what it says may not be true any
/// more, and the server forgets after 90 days that it has it already.
const OLD_MS: u64 = 60 * 24 * 60 * 60 * 1000;

/// Whether a message written then is too old to be sent without asking. A change of one is not asked about: it says
/// nothing new, and a second time it changes nothing.
#[must_use]
pub fn is_old(kind: EntryKind, ts: u64, wall_ms: u64) -> bool {
    kind.counts() && wall_ms.saturating_sub(ts) > OLD_MS
}

impl Chat {
    /// The mark of a member.
    #[must_use]
    pub fn mark(&self, account: AccountId) -> Mark {
        let found = self.marks.iter().find(|mark| mark.account == account);
        found.copied().unwrap_or(Mark {
            account,
            delivered: 0,
            read: 0,
        })
    }

    /// Raises a member's mark; marks never fall. Returns whether it rose.
    pub fn raise(&mut self, new: Mark) -> bool {
        let Some(mark) = self.marks.iter_mut().find(|mark| mark.account == new.account) else {
            self.marks.push(new);
            return true;
        };
        let before = *mark;
        mark.delivered = mark.delivered.max(new.delivered);
        mark.read = mark.read.max(new.read);
        *mark != before
    }

    /// Counts the unread messages anew: n(head) - n(read), without one's own.
    pub fn count_unread(&mut self, me: AccountId) {
        let read = self.mark(me).read;
        let before = |first: &Message| first.n.saturating_sub(u64::from(first.is_shown()));
        let n_read = match self.messages.range(..=read).next_back() {
            Some((_, message)) if message.seq == read || self.messages.contains_key(&(read + 1)) => message.n,
            _ => match self.messages.range(read + 1..).next() {
                // What is between the mark and the oldest message in memory is not known here: take it as countable.
                Some((_, first)) => before(first).saturating_sub(first.seq - 1 - read),
                None => self.n.saturating_sub(self.head.saturating_sub(read)),
            },
        };
        let own = self
            .messages
            .range(read + 1..)
            .filter(|(_, message)| message.sender == me && message.is_shown())
            .count() as u64;
        self.unread = self.n.saturating_sub(n_read).saturating_sub(own);
    }

    fn stored_line(&self, message: &Message, me: AccountId, all: &BTreeMap<u64, Changes>) -> Line {
        let own = message.sender == me;
        let changes = all.get(&message.seq);
        let text = changes.map_or(message.body.as_str(), |changes| changes.text(message));
        let tick = match changes.and_then(|changes| changes.waits) {
            Some(_) => Tick::Waiting,
            None => self.tick(me, message.seq),
        };
        Line::Bubble {
            key: BubbleKey::Stored(message.seq),
            sender: message.sender,
            own,
            named: self.group.is_some() && !own,
            first: true,
            last: true,
            text: text.to_owned(),
            unsupported: message.kind == EntryKind::Other,
            ts: message.ts,
            tick: own.then_some(tick),
            why: None,
            extra: self.extra(message, me, all),
        }
    }

    fn waiting_line(
        &self,
        waiting: &Waiting,
        (me, now): (AccountId, Now),
        all: &BTreeMap<u64, Changes>,
    ) -> Line {
        Line::Bubble {
            key: BubbleKey::Waiting(waiting.mid),
            sender: me,
            own: true,
            named: false,
            first: true,
            last: true,
            text: waiting.body.clone(),
            unsupported: false,
            ts: waiting.ts,
            tick: Some(waiting.tick(now)),
            why: waiting.refused.clone(),
            extra: Extra {
                quote: waiting.target.map(|seq| self.quote(seq, all)),
                files: waiting.attachments.clone(),
                ..Extra::default()
            },
        }
    }

    /// How far one's own stored message is.
    #[must_use]
    pub fn tick(&self, me: AccountId, seq: u64) -> Tick {
        if let Some(group) = &self.group {
            return self.group_tick(group, me, seq);
        }
        if self.other == me {
            return Tick::Stored;
        }
        let mark = self.mark(self.other);
        if mark.read >= seq {
            Tick::Read
        } else if mark.delivered >= seq {
            Tick::Delivered
        } else {
            Tick::Stored
        }
    }
}

impl Waiting {
    /// How far it is.
    #[must_use]
    pub fn tick(&self, now: Now) -> Tick {
        if self.refused.is_some() {
            return Tick::Refused;
        }
        if is_old(self.kind, self.ts, now.wall_ms) {
            return Tick::Old;
        }
        let late = self
            .tried
            .is_some_and(|tried| now.mono_ms.saturating_sub(tried) >= LATE_MS);
        if late { Tick::Late } else { Tick::Waiting }
    }
}

impl Model {
    /// The lines of a chat, top to bottom. `day_of` tells the local day of a wall time, in days since any fixed day.
    #[must_use]
    pub fn lines(&self, conv: ConvId, now: Now, day_of: &dyn Fn(u64) -> i64) -> Vec<Line> {
        let Some(chat) = self.chats.get(&conv) else {
            return Vec::new();
        };
        let mut lines = Lines {
            out: Vec::with_capacity(chat.shown().len() + 8),
            day: None,
            author: None,
            day_of,
        };
        let mut new_after = chat.new_after;
        let me = self.me.account;
        let all = chat.changes(me);
        let told = |message: &&Message| message.is_shown() || message.kind == EntryKind::Member;
        for message in chat.shown().values().filter(told) {
            if let Some(words) = self.told_line(chat, message) {
                lines.day(message.ts);
                lines.author = None;
                lines.out.push(Line::Told(message.seq, words));
                continue;
            }
            lines.day(message.ts);
            if new_after.is_some_and(|after| message.seq > after && message.sender != me) {
                new_after = None;
                lines.out.push(Line::New);
                lines.author = None;
            }
            let line = self.with_mentions(chat, chat.stored_line(message, me, &all));
            lines.bubble(message.sender, message.ts, line);
        }
        let waiting = if chat.past.is_some() {
            &[][..]
        } else {
            &chat.waiting
        };
        for waiting in waiting.iter().filter(|waiting| waiting.is_shown()) {
            lines.day(waiting.ts);
            let line = self.with_mentions(chat, chat.waiting_line(waiting, (me, now), &all));
            lines.bubble(me, waiting.ts, line);
        }
        for file in self.files.preparing(conv) {
            lines.day(file.ts());
            lines.bubble(me, file.ts(), file.line(me));
        }
        lines.out
    }

    /// Whether the text in the composer can be sent as it is.
    #[must_use]
    pub fn can_send(&self, conv: ConvId) -> bool {
        let chat = self.chats.get(&conv);
        chat.is_some_and(|chat| self.can_send_text(conv, &chat.draft))
    }

    /// The same of a text the composer may hold next.
    #[must_use]
    pub fn can_send_text(&self, conv: ConvId, text: &str) -> bool {
        let body = text.trim();
        self.may_write(conv) && !body.is_empty() && body.len() <= self.body_limit()
    }

    /// Longest text of one message, bytes of UTF-8, as the server said.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.book
            .body_limit
            .unwrap_or(breeze_protocol::limit::BODY_BYTES_MAX)
    }
}

/// Lines in the making.
struct Lines<'a> {
    out: Vec<Line>,
    day: Option<i64>,
    author: Option<(AccountId, u64)>,
    day_of: &'a dyn Fn(u64) -> i64,
}

impl Lines<'_> {
    fn day(&mut self, ts: u64) {
        let day = (self.day_of)(ts);
        if self.day != Some(day) {
            self.day = Some(day);
            self.author = None;
            self.out.push(Line::Day(ts));
        }
    }

    fn bubble(&mut self, sender: AccountId, ts: u64, mut line: Line) {
        let grouped = self
            .author
            .is_some_and(|(author, last)| author == sender && ts.saturating_sub(last) < GROUP_MS);
        if grouped {
            if let Some(Line::Bubble { last, .. }) = self.out.last_mut() {
                *last = false;
            }
            if let Line::Bubble { first, .. } = &mut line {
                *first = false;
            }
        }
        self.author = Some((sender, ts));
        self.out.push(line);
    }
}
