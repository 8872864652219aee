//! What the person does with a message: answer, edit, delete, mark, forward.

use super::apply::joined;
use super::chat::{Chat, Waiting};
use super::command::{Commands, Mint, OutRow, StoreCommand};
use super::entries::nack_words;
use super::{Dialog, Model, Now};
use breeze_protocol::message::attachment::Attachment;
use breeze_protocol::message::chat::{EntryKind, Nack};
use breeze_protocol::message::item::Relation;
use breeze_protocol::{ConvId, emoji};

/// A wish about one message of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryAct {
    /// The next text answers this message.
    Reply(u64),
    /// Bring one's own message into the composer.
    Edit(u64),
    /// The same for one's own newest message.
    EditLast,
    /// Neither answer nor edit.
    Cancel,
    /// Put this emoji under the message, or take it back when it is there.
    React(u64, String),
    /// Ask whether to delete it.
    AskDelete(u64),
    /// Delete it.
    Delete(u64),
    /// Show the texts it had.
    ShowEdits(u64),
    /// Choose where to send its text.
    Forward(u64),
    /// Send its text there.
    ForwardTo(u64, ConvId),
    /// Choose an emoji for it.
    PickEmoji(u64),
    /// It is answered on the screen and not in memory: look on the disk.
    Quote(u64),
    /// Pin it to the top of the chat, or take it off.
    Pin(u64, bool),
}

/// A window about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryDialog {
    /// Delete it?
    Delete,
    /// The texts it had.
    Edits,
    /// Where to send its text.
    Forward,
    /// Every emoji.
    Emoji,
}

/// What the composer's text is for, when it is not a message of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// It answers this message.
    Reply(u64),
    /// It takes the place of this message's text.
    Edit {
        /// Which.
        seq: u64,
        /// What stood in the composer before; it comes back.
        before: String,
    },
}

impl Chat {
    /// What to keep of the composer's text: an edit that is not finished is no draft of a message.
    #[must_use]
    pub fn kept_draft(&self) -> &str {
        match &self.about {
            Some(About::Edit { before, .. }) => before,
            _ => &self.draft,
        }
    }

    /// A change that could not be made gives its words back; a reaction and a deletion have none.
    pub(super) fn give_back(&mut self, waiting: &Waiting) {
        match (waiting.kind, waiting.target) {
            (EntryKind::Delete | EntryKind::Reaction, _) => {}
            (EntryKind::Edit, Some(seq)) if self.about.is_none() => {
                let before = std::mem::replace(&mut self.draft, waiting.body.clone());
                self.about = Some(About::Edit { seq, before });
            }
            _ => self.draft = joined(&waiting.body, &self.draft),
        }
    }
}

impl Model {
    /// Carries a wish about a message out.
    pub(super) fn act_entry(
        &mut self,
        now: Now,
        conv: ConvId,
        act: EntryAct,
        mint: &mut dyn Mint,
    ) -> Commands {
        let reads = matches!(
            act,
            EntryAct::Cancel | EntryAct::ShowEdits(_) | EntryAct::Quote(_)
        );
        if !self.may_write(conv) && !reads {
            return Commands::new();
        }
        match act {
            EntryAct::Quote(seq) => return vec![StoreCommand::Quote(conv, seq).into()],
            EntryAct::Pin(seq, pinned) => return self.pin(now, (conv, seq), pinned, mint),
            EntryAct::Reply(seq) => self.reply(conv, seq),
            EntryAct::Edit(seq) => self.edit(conv, seq),
            EntryAct::EditLast => {
                let last = self
                    .chats
                    .get(&conv)
                    .and_then(|chat| chat.last_own(self.me.account));
                if let Some(seq) = last {
                    self.edit(conv, seq);
                }
            }
            EntryAct::Cancel => self.cancel(conv),
            EntryAct::React(seq, emoji) => return self.react(now, conv, seq, &emoji, mint),
            EntryAct::AskDelete(seq) if self.is_own(conv, seq) => {
                self.dialog = Some(Dialog::Entry(conv, seq, EntryDialog::Delete));
            }
            EntryAct::AskDelete(_) => {}
            EntryAct::Delete(seq) => {
                self.dialog = None;
                if self.is_own(conv, seq) {
                    return self.hand_over(now, conv, (EntryKind::Delete, Some(seq)), String::new(), mint);
                }
            }
            EntryAct::ShowEdits(seq) => self.dialog = Some(Dialog::Entry(conv, seq, EntryDialog::Edits)),
            EntryAct::Forward(seq) => self.dialog = Some(Dialog::Entry(conv, seq, EntryDialog::Forward)),
            EntryAct::PickEmoji(seq) => self.dialog = Some(Dialog::Entry(conv, seq, EntryDialog::Emoji)),
            EntryAct::ForwardTo(seq, to) => return self.forward(now, (conv, seq), to, mint),
        }
        Commands::new()
    }

    /// Whether anything may be written there: not to somebody one has blocked.
    #[must_use]
    pub fn may_write(&self, conv: ConvId) -> bool {
        let Some(chat) = self.chats.get(&conv) else {
            return false;
        };
        let person = self.people.get(&chat.other);
        person.is_none_or(|person| person.relation != Some(Relation::Blocked))
    }

    /// Whether this is a message of one's own that is not deleted.
    #[must_use]
    pub fn is_own(&self, conv: ConvId, seq: u64) -> bool {
        let me = self.me.account;
        let Some(chat) = self.chats.get(&conv) else {
            return false;
        };
        let own = chat.message(seq).is_some_and(|message| message.sender == me);
        own && chat.is_there(me, seq)
    }

    fn reply(&mut self, conv: ConvId, seq: u64) {
        self.cancel(conv);
        let me = self.me.account;
        if let Some(chat) = self.chats.get_mut(&conv)
            && chat.is_there(me, seq)
        {
            chat.about = Some(About::Reply(seq));
        }
    }

    fn edit(&mut self, conv: ConvId, seq: u64) {
        if !self.is_own(conv, seq) {
            return;
        }
        self.cancel(conv);
        let me = self.me.account;
        if let Some(chat) = self.chats.get_mut(&conv)
            && let Some(text) = chat.text_now(me, seq)
        {
            let before = std::mem::replace(&mut chat.draft, text);
            chat.about = Some(About::Edit { seq, before });
        }
    }

    fn cancel(&mut self, conv: ConvId) {
        if let Some(chat) = self.chats.get_mut(&conv)
            && let Some(About::Edit { before, .. }) = chat.about.take()
        {
            chat.draft = before;
        }
    }

    fn react(&mut self, now: Now, conv: ConvId, seq: u64, wish: &str, mint: &mut dyn Mint) -> Commands {
        let me = self.me.account;
        if matches!(self.dialog, Some(Dialog::Entry(_, _, EntryDialog::Emoji))) {
            self.dialog = None;
        }
        let Some(chat) = self.chats.get(&conv) else {
            return Commands::new();
        };
        if !emoji::is_one(wish) || !chat.is_there(me, seq) {
            return Commands::new();
        }
        let there = chat.changes_of(me, seq).mark_of(me) == Some(wish);
        let body = if there { String::new() } else { wish.to_owned() };
        self.hand_over(now, conv, (EntryKind::Reaction, Some(seq)), body, mint)
    }

    fn forward(&mut self, now: Now, from: (ConvId, u64), to: ConvId, mint: &mut dyn Mint) -> Commands {
        self.dialog = None;
        let said = self
            .chats
            .get(&from.0)
            .and_then(|chat| chat.said_now(self.me.account, from.1));
        let Some((text, files)) = said.filter(|_| self.may_write(to)) else {
            return Commands::new();
        };
        let kind = if files.is_empty() {
            EntryKind::Text
        } else {
            EntryKind::File
        };
        let mut commands = self.put(now, to, (kind, None), (text, files), mint);
        commands.extend(self.show_chat(to));
        commands
    }

    /// Puts an entry into the outbox; the store hands it to the link once it is on the disk.
    pub(super) fn hand_over(
        &mut self,
        now: Now,
        conv: ConvId,
        (kind, target): (EntryKind, Option<u64>),
        body: String,
        mint: &mut dyn Mint,
    ) -> Commands {
        self.put(now, conv, (kind, target), (body, Vec::new()), mint)
    }

    fn put(
        &mut self,
        now: Now,
        conv: ConvId,
        (kind, target): (EntryKind, Option<u64>),
        (body, attachments): (String, Vec<Attachment>),
        mint: &mut dyn Mint,
    ) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let row = OutRow {
            mid: mint.mid(),
            conv,
            kind,
            target,
            body,
            attachments,
            ts: now.wall_ms,
        };
        chat.waiting.push(Waiting::new(&row));
        vec![StoreCommand::Outbox(row).into()]
    }

    /// What the composer's text becomes: a message, an answer, or another text of a message. `None`: nothing changed.
    pub(super) fn finish_about(&mut self, conv: ConvId, body: &str) -> Option<(EntryKind, Option<u64>)> {
        let me = self.me.account;
        let chat = self.chats.get_mut(&conv)?;
        match chat.about.take() {
            None => Some((EntryKind::Text, None)),
            Some(About::Reply(seq)) => Some((EntryKind::Text, Some(seq))),
            Some(About::Edit { seq, before }) => {
                chat.draft = before;
                let now = chat.text_now(me, seq);
                (now.as_deref() != Some(body)).then_some((EntryKind::Edit, Some(seq)))
            }
        }
    }

    /// A change of a message was refused for good: it is not shown any more, and its words are given back. `None` when
    /// the refused is a message of its own.
    pub(super) fn change_refused(&mut self, now: Now, nack: &Nack) -> Option<Commands> {
        let found = self.chats.values_mut().find_map(|chat| {
            let changes = |waiting: &Waiting| waiting.mid == nack.mid && !waiting.is_shown();
            let at = chat.waiting.iter().position(changes)?;
            Some((chat.waiting.remove(at), chat))
        });
        let (waiting, chat) = found?;
        chat.give_back(&waiting);
        // Deleted meanwhile, perhaps on another device of one's own: as it was wished.
        if waiting.kind != EntryKind::Delete {
            self.toast(now, nack_words(nack.code), true);
        }
        Some(vec![StoreCommand::OutboxDrop(nack.mid).into()])
    }
}

impl Waiting {
    /// A row of the outbox, not tried yet.
    #[must_use]
    pub fn new(row: &OutRow) -> Self {
        Self {
            mid: row.mid,
            kind: row.kind,
            target: row.target,
            body: row.body.clone(),
            attachments: row.attachments.clone(),
            ts: row.ts,
            tried: None,
            refused: None,
        }
    }

    /// The same as a row of the outbox.
    #[must_use]
    pub fn row(&self, conv: ConvId) -> OutRow {
        OutRow {
            mid: self.mid,
            conv,
            kind: self.kind,
            target: self.target,
            body: self.body.clone(),
            attachments: self.attachments.clone(),
            ts: self.ts,
        }
    }
}
