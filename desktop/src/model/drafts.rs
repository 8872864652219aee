//! Drafts on all devices: what is kept here of a composer is said to the server a little later, and what was written elsewhere
//! comes into a composer that nobody has touched since.

use super::command::{Ask, Change, Command, Commands, LinkCommand, StoreCommand};
use super::entry_acts::About;
use super::event::Reply;
use super::{Link, Model};
use breeze_protocol::limit::DRAFT_BYTES_MAX;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::{ConvId, ServerMessage};

/// So long after a draft was stored here it is said, milliseconds: between two thoughts, not between two words.
const SAY_PAUSE_MS: u64 = 2500;

impl Model {
    /// Drafts among these commands are said in a while, at once when nothing is left; and those that are due.
    pub(super) fn say_drafts(&mut self, mono_ms: u64, commands: &mut Commands) {
        for command in &*commands {
            if let Command::Store(StoreCommand::Draft(conv, text)) = command {
                let pause = if text.is_empty() { 0 } else { SAY_PAUSE_MS };
                self.book.draft_says.insert(*conv, mono_ms + pause);
            }
        }
        if self.link != Link::Up {
            return;
        }
        let due: Vec<ConvId> = {
            let says = self.book.draft_says.iter();
            says.filter(|(_, at)| **at <= mono_ms)
                .map(|(conv, _)| *conv)
                .collect()
        };
        for conv in due {
            self.book.draft_says.remove(&conv);
            commands.extend(self.say_draft(conv));
        }
    }

    /// What composers answer outlives the program, as their text does.
    pub(super) fn keep_answers(&mut self) -> Commands {
        let mut commands = Commands::new();
        for chat in self.chats.values_mut() {
            let answers = match chat.about {
                Some(About::Reply(seq)) => Some(seq),
                _ => None,
            };
            if chat.answers_kept != answers {
                chat.answers_kept = answers;
                commands.push(StoreCommand::Answers(chat.conv, answers).into());
            }
        }
        commands
    }

    /// When drafts are to be said (mono ms); without a connection never.
    pub(super) fn draft_says(&self) -> impl Iterator<Item = u64> {
        let up = self.link == Link::Up;
        self.book.draft_says.values().copied().filter(move |_| up)
    }

    /// Says one, unless the server knows it, one is on its way already, or it is too long and stays here.
    fn say_draft(&mut self, conv: ConvId) -> Option<Command> {
        let chat = self.chats.get_mut(&conv)?;
        let text = chat.kept_draft().to_owned();
        if chat.draft_sent.is_some() || text == chat.draft_known || text.len() > DRAFT_BYTES_MAX {
            return None;
        }
        chat.draft_sent = Some(text.clone());
        Some(LinkCommand::Request(Ask::Draft(conv), Box::new(Draft { conv, text }.into())).into())
    }

    /// The connection is new: what was on its way may not have arrived.
    pub(super) fn say_drafts_again(&mut self, mono_ms: u64) {
        for chat in self.chats.values_mut() {
            chat.draft_sent = None;
            if chat.kept_draft() != chat.draft_known {
                self.book.draft_says.insert(chat.conv, mono_ms);
            }
        }
    }

    /// The server has a draft, or not; what was written since is said next.
    pub(super) fn draft_answered(&mut self, mono_ms: u64, conv: ConvId, reply: &Reply) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let Some(sent) = chat.draft_sent.take() else {
            return Commands::new();
        };
        let done = matches!(reply, Reply::Message(message) if matches!(**message, ServerMessage::Done(_)));
        if !done {
            // Said again with the next key or the next connection.
            return Commands::new();
        }
        chat.draft_known.clone_from(&sent);
        if chat.kept_draft() != sent {
            self.book.draft_says.entry(conv).or_insert(mono_ms);
        }
        vec![
            StoreCommand::Apply {
                changes: vec![Change::DraftKnown(conv, sent)],
                stamp: None,
                place: None,
            }
            .into(),
        ]
    }

    /// The server says what one has begun to write, here or elsewhere.
    pub(super) fn draft_told(&mut self, draft: Draft, after: &mut Commands) -> Vec<Change> {
        let Draft { conv, text } = draft;
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Vec::new();
        };
        let untouched = chat.draft_sent.is_none() && chat.kept_draft() == chat.draft_known;
        chat.draft_known.clone_from(&text);
        if untouched && chat.kept_draft() != text {
            match &mut chat.about {
                Some(About::Edit { before, .. }) => before.clone_from(&text),
                _ => chat.draft.clone_from(&text),
            }
            after.push(StoreCommand::Draft(conv, text.clone()).into());
        }
        vec![Change::DraftKnown(conv, text)]
    }
}
