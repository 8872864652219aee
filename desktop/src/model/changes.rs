//! What became of messages after they were sent: edits, deletions, reactions, answers. Worked out from the entries at
//! hand, in whatever order they came.

use super::chat::{Chat, Message, Waiting};
use super::file_name;
use super::mention::Mention;
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::{EntryKind, Event as Entry};
use breeze_protocol::{AccountId, Mid};
use std::collections::BTreeMap;

/// One text a message had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// When (wall ms).
    pub ts: u64,
    /// The text from then on.
    pub text: String,
}

/// Quoted messages kept of a chat that are not in memory themselves: more than a screen shows.
const QUOTED_MAX: usize = 200;

/// What became of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Its edits, oldest first.
    pub edits: Vec<Edit>,
    /// An edit or a deletion of one's own that is not on the server's disk yet.
    pub waits: Option<Mid>,
    /// It is deleted.
    pub deleted: bool,
    /// The emoji under it, each person's, in the order in which they came; a taken back one is not among them.
    pub marks: Vec<(AccountId, String)>,
}

/// One emoji under a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chip {
    /// Which.
    pub emoji: String,
    /// Whose, in the order in which they came.
    pub who: Vec<AccountId>,
    /// Oneself is among them.
    pub own: bool,
}

/// The message another one answers, as far as it is known here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quote {
    /// Its place.
    pub seq: u64,
    /// Who wrote it; `None` when it is not in memory.
    pub who: Option<AccountId>,
    /// Its text now; empty when it is deleted or not in memory.
    pub text: String,
    /// It is deleted.
    pub deleted: bool,
}

/// What a bubble shows besides its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Extra {
    /// What it answers.
    pub quote: Option<Quote>,
    /// When it was last edited (wall ms).
    pub edited: Option<u64>,
    /// It is deleted: a quiet line stands in its place.
    pub deleted: bool,
    /// The emoji under it.
    pub chips: Vec<Chip>,
    /// Its files.
    pub files: Vec<Attachment>,
    /// It is pinned to the top of the chat.
    pub pinned: bool,
    /// Who is named in its text.
    pub mentions: Vec<Mention>,
}

impl Message {
    /// Whether it has a line of its own; the others change one that has.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.kind.counts() || self.kind == EntryKind::Other
    }

    /// A message of the server, as it is kept here.
    #[must_use]
    pub fn new(entry: Entry) -> Self {
        let unsupported = entry.kind == EntryKind::Other;
        Self {
            seq: entry.seq,
            prev_seq: entry.prev_seq,
            n: entry.n,
            sender: entry.sender,
            mid: entry.mid,
            ts: entry.ts,
            body: if unsupported { String::new() } else { entry.body },
            kind: entry.kind,
            target: entry.target,
            attachments: entry.attachments,
        }
    }

    /// Whether its words and files are gone.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        match self.kind {
            EntryKind::Text => self.body.is_empty(),
            EntryKind::File => self.attachments.is_empty(),
            _ => false,
        }
    }

    /// Its words, or the name of its first file, in one line of a list.
    #[must_use]
    pub fn said(&self) -> String {
        said(&self.body, &self.attachments)
    }

    fn erase(&mut self) {
        self.body.clear();
        self.attachments.clear();
    }

    /// The message that is gone when this one or what it changes is deleted: itself, or the one it edits.
    fn deleted_with(&self) -> Option<u64> {
        match self.kind {
            EntryKind::Text | EntryKind::File => Some(self.seq),
            EntryKind::Edit => self.target,
            _ => None,
        }
    }
}

/// What a message says where there is room for its words only: the caption, else the names of its files.
#[must_use]
pub fn said(body: &str, files: &[Attachment]) -> String {
    match files {
        [first, ..] if body.is_empty() => format!("📎 {}", file_name::shown(&first.name)),
        _ => body.to_owned(),
    }
}

impl Chat {
    /// Puts an entry in its place, whatever came before or after it. A deletion erases the text and its edits, and a text
    /// that comes after its deletion comes without its words. Whether it was not there before.
    pub fn take(&mut self, mut message: Message) -> bool {
        if let (EntryKind::Delete, Some(target)) = (message.kind, message.target) {
            self.quoted.remove(&target);
            let past = self.past.iter_mut();
            let past = past.flat_map(|past| past.messages.values_mut().chain(past.later.values_mut()));
            let newest = self.messages.range_mut(target..).map(|(_, entry)| entry);
            for entry in newest.chain(past) {
                if entry.deleted_with() == Some(target) && entry.sender == message.sender {
                    entry.erase();
                }
            }
        } else if let Some(place) = message.deleted_with()
            && self.messages.range(place..).any(|(_, entry)| {
                entry.kind == EntryKind::Delete
                    && entry.target == Some(place)
                    && entry.sender == message.sender
            })
        {
            message.erase();
        }
        self.messages.insert(message.seq, message).is_none()
    }

    /// What became of the messages in memory, one's own changes that wait among it.
    #[must_use]
    pub fn changes(&self, me: AccountId) -> BTreeMap<u64, Changes> {
        let mut all: BTreeMap<u64, Changes> = BTreeMap::new();
        for entry in self.entries() {
            if entry.is_erased() {
                all.entry(entry.seq).or_default().deleted = true;
            }
            let Some(target) = entry.target.filter(|_| !entry.is_shown()) else {
                continue;
            };
            let author = self.message(target).map(|message| message.sender);
            let change = (entry.kind, entry.sender, entry.ts, entry.body.as_str());
            all.entry(target).or_default().apply(author, change);
        }
        for waiting in self.waiting.iter().filter(|waiting| waiting.refused.is_none()) {
            let Some(target) = waiting.target.filter(|_| !waiting.kind.counts()) else {
                continue;
            };
            let changes = all.entry(target).or_default();
            changes.apply(Some(me), (waiting.kind, me, waiting.ts, &waiting.body));
            if waiting.kind != EntryKind::Reaction {
                changes.waits = Some(waiting.mid);
            }
        }
        all
    }

    /// What became of one message.
    #[must_use]
    pub fn changes_of(&self, me: AccountId, seq: u64) -> Changes {
        self.changes(me).remove(&seq).unwrap_or_default()
    }

    /// Whether a message is in memory and not deleted.
    #[must_use]
    pub fn is_there(&self, me: AccountId, seq: u64) -> bool {
        let message = self.messages.get(&seq).filter(|message| message.kind.counts());
        message.is_some() && !self.changes_of(me, seq).deleted
    }

    /// The text of a message as it is now; `None` when it is deleted, not in memory, or no text.
    #[must_use]
    pub fn text_now(&self, me: AccountId, seq: u64) -> Option<String> {
        let message = self
            .message(seq)
            .filter(|message| message.kind == EntryKind::Text)?;
        let changes = self.changes_of(me, seq);
        if changes.deleted {
            return None;
        }
        Some(changes.text(message).to_owned())
    }

    /// What a message says now, and its files; `None` when it is deleted or not in memory.
    #[must_use]
    pub fn said_now(&self, me: AccountId, seq: u64) -> Option<(String, Vec<Attachment>)> {
        let message = self.message(seq).filter(|message| message.kind.counts())?;
        let changes = self.changes_of(me, seq);
        let said = || (changes.text(message).to_owned(), message.attachments.clone());
        (!changes.deleted).then(said)
    }

    /// The newest message, and what became of it.
    #[must_use]
    pub fn newest(&self, me: AccountId) -> Option<(&Message, Changes)> {
        let message = self
            .messages
            .values()
            .rev()
            .find(|message| message.kind.counts())?;
        let changes = if self.messages.range(message.seq + 1..).next().is_none() && self.waiting.is_empty() {
            Changes {
                deleted: message.is_erased(),
                ..Changes::default()
            }
        } else {
            self.changes_of(me, message.seq)
        };
        Some((message, changes))
    }

    /// One's own newest message that can still be changed.
    #[must_use]
    pub fn last_own(&self, me: AccountId) -> Option<u64> {
        let changes = self.changes(me);
        let own = self
            .messages
            .values()
            .rev()
            .find(|message| message.kind == EntryKind::Text && message.sender == me)?;
        let deleted = changes.get(&own.seq).is_some_and(|changes| changes.deleted);
        (!deleted).then_some(own.seq)
    }

    /// The disk knows a message that is answered here.
    pub fn take_quoted(&mut self, seq: u64, who: AccountId, text: Option<String>) {
        self.quoted.insert(seq, (who, text));
        while self.quoted.len() > QUOTED_MAX {
            self.quoted.pop_first();
        }
    }

    /// The line above an answer.
    #[must_use]
    pub fn quote(&self, seq: u64, all: &BTreeMap<u64, Changes>) -> Quote {
        if let (None, Some((who, text))) = (self.message(seq), self.quoted.get(&seq)) {
            let newer = all.get(&seq).and_then(|changes| changes.edits.last());
            let text = newer.map_or(text.as_ref(), |edit| text.as_ref().map(|_| &edit.text));
            return Quote {
                seq,
                who: Some(*who),
                text: text.cloned().unwrap_or_default(),
                deleted: text.is_none() || all.get(&seq).is_some_and(|changes| changes.deleted),
            };
        }
        let message = self.message(seq);
        let changes = all.get(&seq);
        let deleted = changes.is_some_and(|changes| changes.deleted);
        let text = match (message, changes) {
            (Some(_), Some(changes)) if changes.deleted => String::new(),
            (Some(message), Some(changes)) if message.attachments.is_empty() => {
                changes.text(message).to_owned()
            }
            (Some(message), _) => message.said(),
            (None, _) => String::new(),
        };
        Quote {
            seq,
            who: message.map(|message| message.sender),
            text,
            deleted,
        }
    }

    /// What the bubble of a message shows besides its text.
    #[must_use]
    pub fn extra(&self, message: &Message, me: AccountId, all: &BTreeMap<u64, Changes>) -> Extra {
        let quote = |seq: u64| self.quote(seq, all);
        let files = message.attachments.clone();
        let Some(changes) = all.get(&message.seq) else {
            return Extra {
                quote: message.target.map(quote),
                files,
                pinned: self.is_pinned(message.seq),
                ..Extra::default()
            };
        };
        if changes.deleted {
            return Extra {
                deleted: true,
                ..Extra::default()
            };
        }
        Extra {
            quote: message.target.map(quote),
            edited: changes.edits.last().map(|edit| edit.ts),
            deleted: false,
            chips: changes.chips(me),
            files,
            pinned: self.is_pinned(message.seq),
            mentions: Vec::new(),
        }
    }
}

impl Changes {
    /// One entry that changes the message. An edit or a deletion by anybody but its author says nothing.
    fn apply(&mut self, author: Option<AccountId>, change: (EntryKind, AccountId, u64, &str)) {
        let (kind, sender, ts, body) = change;
        let by_author = author.is_none_or(|author| author == sender);
        match kind {
            EntryKind::Edit if by_author && !body.is_empty() => self.edits.push(Edit {
                ts,
                text: body.to_owned(),
            }),
            EntryKind::Delete if by_author => self.deleted = true,
            EntryKind::Reaction => {
                self.marks.retain(|(who, _)| *who != sender);
                if breeze_protocol::emoji::is_one(body) {
                    self.marks.push((sender, body.to_owned()));
                }
            }
            _ => {}
        }
    }

    /// The text now.
    #[must_use]
    pub fn text<'a>(&'a self, message: &'a Message) -> &'a str {
        self.edits.last().map_or(&message.body, |edit| &edit.text)
    }

    /// The emoji of one person.
    #[must_use]
    pub fn mark_of(&self, who: AccountId) -> Option<&str> {
        let found = self.marks.iter().find(|(account, _)| *account == who);
        found.map(|(_, emoji)| emoji.as_str())
    }

    /// The emoji, each once, in the order in which it first came.
    #[must_use]
    pub fn chips(&self, me: AccountId) -> Vec<Chip> {
        let mut chips: Vec<Chip> = Vec::new();
        for (who, emoji) in &self.marks {
            let at = chips.iter().position(|chip| chip.emoji == *emoji);
            let at = at.unwrap_or_else(|| {
                chips.push(Chip {
                    emoji: emoji.clone(),
                    who: Vec::new(),
                    own: false,
                });
                chips.len() - 1
            });
            chips[at].who.push(*who);
            chips[at].own |= *who == me;
        }
        chips
    }
}

impl Waiting {
    /// Whether it has a bubble of its own; the others change one that has.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.kind.counts()
    }
}
