//! What the person is told by a notification: when, in which words, and when it is taken back.
//!
//! Raised from rows that were not here before, never from what is drawn; one notification for each chat.

use super::changes::said;
use super::chat::Message;
use super::command::{Commands, PlatformCommand};
use super::person::Paint;
use super::{Dialog, Link, Model, NotifyOf, Now, Screen};
use crate::words::{tr, tr_with};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::item::{Direction, Relation};
use breeze_protocol::{AccountId, BlobHash, ConvId, StatusKind};
use std::collections::BTreeSet;
use unicode_segmentation::UnicodeSegmentation;

/// Longest title, characters: a name, a username, a count; notifications show one line of it.
const TITLE_CHARS_MAX: usize = 80;
/// Longest text, characters: what a notification shows without being opened.
const TEXT_CHARS_MAX: usize = 240;

/// What a notification is about. There is at most one for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Unread messages of a chat.
    Chat(ConvId),
    /// Somebody asks to be a friend.
    Request(AccountId),
    /// Everything that came while this device was away, when it is more than one thing.
    Missed,
}

/// One notification, ready to be shown. Its words are plain text: whoever shows them escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What it is about; an earlier one about the same is replaced.
    pub subject: Subject,
    /// One line: who.
    pub title: String,
    /// What.
    pub text: String,
    /// The picture of who it is from, and whether it is grey.
    pub picture: Option<(BlobHash, bool)>,
}

/// To the part that shows notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationCommand {
    /// Show it, or put it in place of the one about the same.
    Show(Box<Notification>),
    /// Take it back.
    Close(Subject),
}

/// From the part that shows notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationEvent {
    /// The person clicked it.
    Opened(Subject),
}

/// What the model remembers of notifications.
#[derive(Debug, Clone, Default)]
pub struct Notified {
    /// Those that may be on the screen.
    shown: BTreeSet<Subject>,
    /// Chats in which something came while catching up.
    missed: BTreeSet<ConvId>,
    /// Requests that came while catching up.
    asked: BTreeSet<AccountId>,
}

impl Model {
    /// A message that was not here before.
    pub(super) fn notify_message(&mut self, conv: ConvId, message: &Message) -> Commands {
        let me = self.me.account;
        let Some(chat) = self.chats.get(&conv) else {
            return Commands::new();
        };
        let blocked = self
            .people
            .get(&message.sender)
            .is_some_and(|person| person.relation == Some(Relation::Blocked));
        // Whoever speaks to somebody by name is heard, as loud as the group may be.
        let named = self.names_me(chat, message);
        let muted = !named && chat.kept().is_muted(self.book.wall_ms);
        let unasked = !named && chat.group.is_some() && self.settings.notify_of == NotifyOf::Mentions;
        if message.sender == me
            || blocked
            || muted
            || unasked
            || message.seq <= chat.mark(me).read
            || self.is_reading(conv)
        {
            return Commands::new();
        }
        if self.is_catching_up() {
            self.book.notified.missed.insert(conv);
            return Commands::new();
        }
        self.notify_chat(conv)
    }

    /// A friend request that was not here before.
    pub(super) fn notify_request(&mut self, account: AccountId) -> Commands {
        if self.is_catching_up() {
            self.book.notified.asked.insert(account);
            return Commands::new();
        }
        let Some(request) = self
            .requests
            .get(&account)
            .filter(|request| request.direction == Direction::In)
        else {
            return Commands::new();
        };
        let title = title(&request.display_name, &request.username);
        self.show_notification(Notification {
            subject: Subject::Request(account),
            title,
            text: tr("notification-request"),
            picture: None,
        })
    }

    /// Everything missed has come: one notification, however much it was.
    pub(super) fn notify_missed(&mut self) -> Commands {
        let missed = std::mem::take(&mut self.book.notified.missed);
        let asked = std::mem::take(&mut self.book.notified.asked);
        // Somebody at the window sees it there; somebody who has just joined has missed nothing.
        if self.book.fresh || self.focused {
            return Commands::new();
        }
        let unread = |conv: &ConvId| self.chats.get(conv).is_some_and(|chat| chat.unread > 0);
        let chats: Vec<ConvId> = missed
            .into_iter()
            .filter(|conv| unread(conv) && !self.is_reading(*conv))
            .collect();
        let asks = |account: &AccountId| {
            let request = self.requests.get(account);
            request.is_some_and(|request| request.direction == Direction::In)
        };
        let asked: Vec<AccountId> = asked.into_iter().filter(asks).collect();
        match (chats.as_slice(), asked.as_slice()) {
            ([], []) => Commands::new(),
            ([conv], []) => self.notify_chat(*conv),
            ([], [account]) => self.notify_request(*account),
            _ => {
                let messages: u64 = chats
                    .iter()
                    .filter_map(|conv| Some(self.chats.get(conv)?.unread))
                    .sum();
                let text = match (messages, asked.len()) {
                    (0, requests) => tr_with("notification-requests", &[("count", requests.into())]),
                    (messages, 0) => tr_with(
                        "notification-missed",
                        &[("count", messages.into()), ("chats", chats.len().into())],
                    ),
                    (messages, requests) => tr_with(
                        "notification-missed-both",
                        &[("count", messages.into()), ("requests", requests.into())],
                    ),
                };
                self.show_notification(Notification {
                    subject: Subject::Missed,
                    title: tr("notification-missed-title"),
                    text,
                    picture: None,
                })
            }
        }
    }

    fn notify_chat(&mut self, conv: ConvId) -> Commands {
        let me = self.me.account;
        let Some(chat) = self.chats.get(&conv) else {
            return Commands::new();
        };
        let all = chat.changes(me);
        let deleted = |message: &Message| all.get(&message.seq).is_some_and(|changes| changes.deleted);
        let told = |message: &&Message| message.sender != me && message.is_shown() && !deleted(message);
        let Some(last) = chat.messages.values().rev().find(told) else {
            return Commands::new();
        };
        let count = chat.unread.max(1);
        let text = if self.settings.hide_message_text {
            tr_with("notification-hidden", &[("count", count.into())])
        } else if last.kind == EntryKind::Other {
            tr("message-unsupported")
        } else {
            let text = all
                .get(&last.seq)
                .map_or(last.body.as_str(), |changes| changes.text(last));
            clean(&said(text, &last.attachments), TEXT_CHARS_MAX)
        };
        let (mut title, picture) = match (&chat.group, self.people.get(&chat.other)) {
            (Some(group), _) => {
                let who = clean(&self.name_of(last.sender), TITLE_CHARS_MAX / 2);
                let words = [
                    ("who", who.into()),
                    ("group", clean(&group.title, TITLE_CHARS_MAX / 2).into()),
                ];
                let picture = group.avatar.map(|hash| (hash, false));
                (tr_with("notification-group", &words), picture)
            }
            (None, Some(person)) => {
                let grey = self.paint(person) == Paint::Grey;
                let title = title(&person.display_name, &person.username);
                (title, person.avatar.map(|hash| (hash, grey)))
            }
            (None, None) => (tr("notification-somebody"), None),
        };
        if count > 1 && !self.settings.hide_message_text {
            let words = [("title", title.into()), ("count", count.into())];
            title = tr_with("notification-count", &words);
        }
        self.show_notification(Notification {
            subject: Subject::Chat(conv),
            title,
            text,
            picture,
        })
    }

    fn show_notification(&mut self, notification: Notification) -> Commands {
        let disturbs_nobody =
            self.settings.notify_of == NotifyOf::Nothing || self.me.status == StatusKind::Busy;
        if disturbs_nobody {
            return Commands::new();
        }
        self.book.notified.shown.insert(notification.subject);
        vec![NotificationCommand::Show(Box::new(notification)).into()]
    }

    /// A message was deleted: a notification that may still say it says the one before, or goes.
    pub(super) fn withdraw_text(&mut self, conv: ConvId) -> Commands {
        let (me, subject) = (self.me.account, Subject::Chat(conv));
        let Some(chat) = self.chats.get(&conv) else {
            return Commands::new();
        };
        let read = chat.mark(me).read;
        let others = |message: &&Message| message.sender != me && message.is_shown();
        let mut unread = chat
            .messages
            .range(read + 1..)
            .map(|(_, message)| message)
            .filter(others);
        let gone = |message: &Message| !chat.is_there(me, message.seq);
        if !self.book.notified.shown.contains(&subject) || !unread.clone().next_back().is_some_and(gone) {
            return Commands::new();
        }
        if unread.any(|message| !gone(message)) {
            return self.notify_chat(conv);
        }
        self.book.notified.shown.remove(&subject);
        vec![NotificationCommand::Close(subject).into()]
    }

    /// Whether the person has this chat before their eyes.
    fn is_reading(&self, conv: ConvId) -> bool {
        self.focused && self.open == Some(conv) && self.screen == Screen::Main
    }

    fn is_catching_up(&self) -> bool {
        self.link != Link::Up || self.book.named.is_some()
    }

    /// Takes back what is not so any more: read here or on another device, answered, gone, signed out.
    pub(super) fn withdraw_notifications(&mut self) -> Commands {
        if self.book.notified.shown.is_empty() {
            return Commands::new();
        }
        let mut shown = std::mem::take(&mut self.book.notified.shown);
        let mut commands = Commands::new();
        shown.retain(|subject| {
            let stands = self.stands(*subject);
            if !stands {
                commands.push(NotificationCommand::Close(*subject).into());
            }
            stands
        });
        self.book.notified.shown = shown;
        commands
    }

    fn stands(&self, subject: Subject) -> bool {
        match subject {
            Subject::Chat(conv) => self.chats.get(&conv).is_some_and(|chat| chat.unread > 0),
            Subject::Request(account) => self.requests.contains_key(&account),
            Subject::Missed => {
                let unread = self.chats.values().any(|chat| chat.unread > 0);
                !self.focused && (unread || !self.requests.is_empty())
            }
        }
    }

    /// What the person did with a notification.
    pub(super) fn notification_event(&mut self, _now: Now, event: NotificationEvent) -> Commands {
        let NotificationEvent::Opened(subject) = event;
        let mut commands: Commands = vec![PlatformCommand::ShowWindow.into()];
        if self.screen != Screen::Main {
            return commands;
        }
        match subject {
            Subject::Chat(conv) if self.chats.contains_key(&conv) => {
                self.dialog = None;
                commands.extend(self.show_chat(conv));
            }
            Subject::Request(account) if self.requests.contains_key(&account) => {
                self.dialog = Some(Dialog::People {
                    add: String::new(),
                    said: None,
                });
            }
            Subject::Chat(_) | Subject::Request(_) | Subject::Missed => {}
        }
        commands
    }
}

impl Notified {
    /// What is on the screen stays known when an account is left, so that it can be taken back.
    pub(super) fn after_leaving(&mut self) -> Self {
        Self {
            shown: std::mem::take(&mut self.shown),
            ..Self::default()
        }
    }
}

/// Who, so that nobody passes for another: the name and, always, the username.
fn title(display_name: &str, username: &str) -> String {
    let username = clean(username, TITLE_CHARS_MAX / 2);
    let name = clean(display_name, TITLE_CHARS_MAX / 2);
    if name.is_empty() {
        format!("@{username}")
    } else {
        format!("{name} @{username}")
    }
}

/// A text as one line without anything that acts on what stands around it, cut to a bound between two letters.
#[must_use]
pub fn clean(text: &str, chars_max: usize) -> String {
    // Whatever is sent, no more is looked at than could be shown: a letter may carry hidden characters, not hundreds.
    let near: String = text.chars().take(chars_max * 4).collect();
    let mut line = String::new();
    for c in near.chars() {
        if c.is_whitespace() || c.is_control() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !steers(c) {
            line.push(c);
        }
    }
    let line = line.trim_end();
    let more = line.chars().count() > chars_max || text.chars().nth(chars_max * 4).is_some();
    if !more {
        return line.to_owned();
    }
    let mut cut = String::new();
    let mut chars = 0;
    for letter in line.graphemes(true) {
        chars += letter.chars().count();
        if chars >= chars_max {
            break;
        }
        cut.push_str(letter);
    }
    format!("{}…", cut.trim_end())
}

/// Characters that order or hide what stands around them: bidi marks, overrides and isolates, zero width, annotations.
fn steers(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}')
}
