//! How conversations are kept: pinned, muted, put away, marked as unread. What is wished shows at once, is kept on this
//! computer, and is said to the server until it answers.

use super::chat::Chat;
use super::command::{Ask, Change, Command, Commands, LinkCommand, Mint, StoreCommand};
use super::entries::nack_words;
use super::event::Reply;
use super::{Link, Model, Now};
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};
use breeze_protocol::{ConvId, Mid, ServerMessage};

impl Chat {
    /// How it is kept, wishes included.
    #[must_use]
    pub fn kept(&self) -> Prefs {
        self.wish.map_or(self.prefs, |wish| self.prefs.with(wish.change))
    }
}

impl Model {
    /// How a conversation is kept; as everything else when there is none.
    #[must_use]
    pub fn kept(&self, conv: Option<ConvId>) -> Prefs {
        let chat = conv.and_then(|conv| self.chats.get(&conv));
        chat.map(Chat::kept).unwrap_or_default()
    }

    /// Keeps a conversation otherwise.
    pub(super) fn keep(&mut self, conv: ConvId, change: PrefsChange, mint: &mut dyn Mint) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let fresh = change.beyond(chat.kept());
        if fresh.is_none() {
            return Commands::new();
        }
        // What was wished before and is still on its way is wished again with it: the later word wins at the server.
        let change = chat.wish.map(|wish| wish.change).unwrap_or_default().then(fresh);
        let wish = ItemSet {
            mid: mint.mid(),
            conv,
            change,
        };
        chat.wish = Some(wish);
        let mut commands = vec![apply(vec![Change::PrefsWish(conv, Some(Box::new(wish)))])];
        if self.link == Link::Up {
            commands.push(say(wish));
        }
        // Whoever marks what is open as unread, or puts it away, wants it from before their eyes.
        let leaves = fresh.unread == Some(true) || fresh.archived == Some(true);
        if leaves && self.open == Some(conv) {
            self.close_chat();
            commands.push(StoreCommand::Open(None).into());
        }
        commands
    }

    /// What is open is not marked as unread any more.
    pub(super) fn unmark_open(&mut self, mint: &mut dyn Mint) -> Commands {
        match self.open {
            Some(conv) if self.kept(Some(conv)).unread => {
                let read = PrefsChange {
                    unread: Some(false),
                    ..PrefsChange::default()
                };
                self.keep(conv, read, mint)
            }
            _ => Commands::new(),
        }
    }

    /// The server says how a conversation is kept.
    pub(super) fn prefs(&mut self, prefs: Prefs) -> Vec<Change> {
        match self.chats.get_mut(&prefs.conv) {
            Some(chat) => {
                chat.prefs = prefs;
                vec![Change::Prefs(prefs)]
            }
            // Of a conversation one is no longer in.
            None => Vec::new(),
        }
    }

    /// The server has answered a wish, or the connection ended first.
    pub(super) fn keep_answered(&mut self, now: Now, (conv, mid): (ConvId, Mid), reply: Reply) -> Commands {
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let Some(wish) = chat.wish.filter(|wish| wish.mid == mid) else {
            return Commands::new();
        };
        let Reply::Message(message) = reply else {
            return Commands::new();
        };
        match *message {
            ServerMessage::Done(_) => {
                chat.prefs = Prefs {
                    conv,
                    ..chat.prefs.with(wish.change)
                };
            }
            ServerMessage::Nack(nack) if nack.code.is_transient() => return Commands::new(),
            ServerMessage::Nack(nack) => self.toast(now, nack_words(nack.code), true),
            // An older server, which knows nothing of it: it stays on this computer.
            _ => return Commands::new(),
        }
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        chat.wish = None;
        vec![apply(vec![
            Change::Prefs(chat.prefs),
            Change::PrefsWish(conv, None),
        ])]
    }

    /// Says again what was never answered.
    pub(super) fn say_wishes(&self) -> Commands {
        let wishes = self.chats.values().filter_map(|chat| chat.wish);
        wishes.map(say).collect()
    }
}

fn say(wish: ItemSet) -> Command {
    LinkCommand::Request(Ask::Keep(wish.conv, wish.mid), Box::new(wish.into())).into()
}

fn apply(changes: Vec<Change>) -> Command {
    StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    }
    .into()
}
