//! The contact list as it is drawn: sections of rows. Computed from the model, once per change.

use super::changes::said;
use super::chat::{Chat, Message};
use super::person::{Person, Portrait, Presence};
use super::{Model, Now};
use crate::words::tr;
use breeze_protocol::message::item::Relation;
use breeze_protocol::{AccountId, ConvId, PresenceState};
use std::cmp::Reverse;

/// A heading of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// Online.
    Online,
    /// Offline.
    Offline,
    /// Last known online: the own link is down.
    LastKnownOnline,
    /// Last known offline.
    LastKnownOffline,
    /// By recency: one section.
    Recent,
    /// Above the others.
    Pinned,
    /// Put away.
    Archived,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is called.
    pub heading: Heading,
    /// Its rows; none while it is folded.
    pub rows: Vec<Row>,
    /// How many there are.
    pub count: usize,
}

/// The second line of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Second {
    /// "typing..."
    Typing,
    /// The newest message.
    Preview {
        /// Whether oneself wrote it.
        own: bool,
        /// Who wrote it, in a group.
        name: Option<String>,
        /// One line.
        text: String,
    },
    /// Last seen then (wall ms); 0 = never.
    LastSeen(u64),
    /// The line under the name, or nothing.
    StatusText(String),
    /// A draft waits in the composer.
    Draft(String),
}

/// Whose row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// A person's.
    Person(AccountId),
    /// A group's, or that of the notes to oneself.
    Chat(ConvId),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub key: RowKey,
    /// The conversation, if there is one.
    pub conv: Option<ConvId>,
    /// The name.
    pub name: String,
    /// The picture.
    pub portrait: Portrait,
    /// The name is dim (offline).
    pub dim: bool,
    /// Second line.
    pub second: Second,
    /// When the newest message came (wall ms); 0 = none.
    pub time_ms: u64,
    /// Unread messages.
    pub unread: u64,
    /// It is marked as unread, and nothing is.
    pub marked: bool,
    /// An unread message names oneself.
    pub named: bool,
    /// It raises no notifications now.
    pub muted: bool,
    /// Whether this chat is shown now.
    pub selected: bool,
}

/// Longest preview, characters: more than the widest list shows.
const PREVIEW_CHARS_MAX: usize = 120;

impl Model {
    /// The list as it is drawn: filtered, in sections, in order. Friends, and strangers one has a chat with.
    /// While the own link is down nothing changes its place.
    #[must_use]
    pub fn sections(&self, now: Now) -> Vec<Section> {
        let unsure = self.unsure_since.is_some();
        let filter = fold(self.filter.trim());
        let mut rows: Vec<(bool, Row)> = self
            .listed()
            .filter(|(person, _)| filter.is_empty() || matches(person, &filter))
            .map(|(person, chat)| (self.is_here(person), self.row(person, chat, now)))
            .collect();
        rows.extend(self.group_rows(&filter, now));
        let kept = |row: &Row| self.kept(row.conv);
        let (away, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| kept(row).archived);
        let (pinned, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| kept(row).pinned);
        let mut sections = vec![(Heading::Pinned, self.in_order(pinned, unsure))];
        let rows = self.in_order(rows, unsure);
        if self.settings.by_recency {
            sections.push((Heading::Recent, rows));
        } else {
            let (here, gone): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(here, _)| *here);
            let (first, second) = if unsure {
                (Heading::LastKnownOnline, Heading::LastKnownOffline)
            } else {
                (Heading::Online, Heading::Offline)
            };
            sections.extend([(first, here), (second, gone)]);
        }
        sections.push((Heading::Archived, self.in_order(away, unsure)));
        let unfolded = self.show_archived || !filter.is_empty();
        sections
            .into_iter()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(heading, rows)| Section {
                heading,
                count: rows.len(),
                rows: if heading != Heading::Archived || unfolded {
                    rows.into_iter().map(|(_, row)| row).collect()
                } else {
                    Vec::new()
                },
            })
            .collect()
    }

    /// By recency or by name, whoever is there first.
    fn in_order(&self, mut rows: Vec<(bool, Row)>, unsure: bool) -> Vec<(bool, Row)> {
        if self.settings.by_recency {
            let newest = |row: &Row| {
                row.conv
                    .and_then(|conv| self.chats.get(&conv))
                    .map_or(0, |c| newest_ms(c, !unsure))
            };
            rows.sort_by_cached_key(|(_, row)| (Reverse(newest(row)), fold(&row.name), row.key));
        } else {
            rows.sort_by_cached_key(|(here, row)| (!here, fold(&row.name), row.key));
        }
        rows
    }

    /// Everybody who has a row, with their chat.
    pub(super) fn listed(&self) -> impl Iterator<Item = (&Person, Option<&Chat>)> {
        let direct = self.chats.values().filter(|chat| chat.group.is_none());
        let chats: std::collections::BTreeMap<AccountId, &Chat> =
            direct.map(|chat| (chat.other, chat)).collect();
        self.people.values().filter_map(move |person| {
            let chat = chats.get(&person.account).copied();
            let shown = match person.relation {
                Some(Relation::Friend) => true,
                Some(Relation::Blocked) => false,
                None => chat
                    .is_some_and(|chat| chat.head > 0 || !chat.waiting.is_empty() || !chat.draft.is_empty()),
            };
            (shown && person.account != self.me.account).then_some((person, chat))
        })
    }

    /// Rows of groups and of the notes to oneself. These show when there is something in them, or when they are looked for.
    pub(super) fn group_rows(&self, filter: &str, now: Now) -> Vec<(bool, Row)> {
        let mut rows = Vec::new();
        for chat in self.chats.values() {
            let saved = chat.is_saved(self.me.account);
            let name = self.chat_name(chat);
            let found = filter.is_empty() || fold(&name).contains(filter);
            let used = chat.head > 0 || !chat.waiting.is_empty() || !chat.draft.is_empty();
            let shown = chat.group.is_some()
                || (saved && (used || !filter.is_empty() || self.open == Some(chat.conv)));
            if !shown || !found {
                continue;
            }
            let here = saved || chat.group.as_ref().is_some_and(|group| self.is_group_here(group));
            let row = Row {
                key: RowKey::Chat(chat.conv),
                conv: Some(chat.conv),
                name,
                portrait: self.chat_portrait(chat, now),
                dim: false,
                second: self.second_of_chat(chat, now),
                time_ms: newest_ms(chat, true),
                unread: chat.unread,
                marked: chat.unread == 0 && chat.kept().unread,
                named: self.is_named(chat),
                muted: chat.kept().is_muted(now.wall_ms),
                selected: self.open == Some(chat.conv),
            };
            rows.push((here, row));
        }
        rows
    }

    fn second_of_chat(&self, chat: &Chat, now: Now) -> Second {
        if let Some(second) = self.second_of(chat, now) {
            return second;
        }
        if let Some((own, sender, text)) = newest_text(chat, self.me.account) {
            if chat.group.is_some() && self.is_blocked(sender) {
                return Second::StatusText(self.folded(sender));
            }
            let name = (!own && chat.group.is_some()).then(|| self.name_of(sender));
            let own = own && chat.group.is_some();
            return Second::Preview { own, name, text };
        }
        let members = chat.group.as_ref().map(|group| self.group_headline(group));
        Second::StatusText(members.unwrap_or_else(|| tr("saved-about")))
    }

    pub(super) fn row(&self, person: &Person, chat: Option<&Chat>, now: Now) -> Row {
        Row {
            key: RowKey::Person(person.account),
            conv: chat.map(|chat| chat.conv),
            name: person.name().to_owned(),
            portrait: self.portrait(person.account, now),
            dim: !self.is_here(person),
            second: self.second(person, chat, now),
            time_ms: chat.map_or(0, |chat| newest_ms(chat, true)),
            unread: chat.map_or(0, |chat| chat.unread),
            marked: chat.is_some_and(|chat| chat.unread == 0 && chat.kept().unread),
            named: false,
            muted: chat.is_some_and(|chat| chat.kept().is_muted(now.wall_ms)),
            selected: chat.is_some_and(|chat| self.open == Some(chat.conv)),
        }
    }

    /// The second line of somebody's row.
    pub(super) fn second(&self, person: &Person, chat: Option<&Chat>, now: Now) -> Second {
        if let Some(chat) = chat {
            if let Some(second) = self.second_of(chat, now) {
                return second;
            }
            if let Some((own, _, text)) = newest_text(chat, self.me.account)
                && (own || chat.unread > 0 || self.is_here(person))
            {
                let name = None;
                return Second::Preview { own, name, text };
            }
        }
        if !self.is_here(person) && person.relation == Some(Relation::Friend) {
            return Second::LastSeen(person.presence.since_wall_ms);
        }
        Second::StatusText(person.status_text.clone())
    }

    /// What goes before the newest message: somebody types, or a draft waits.
    fn second_of(&self, chat: &Chat, now: Now) -> Option<Second> {
        if self.unsure_since.is_none() && chat.typing_until > now.mono_ms {
            return Some(Second::Typing);
        }
        let draft = !chat.draft.trim().is_empty() && self.open != Some(chat.conv);
        draft.then(|| Second::Draft(one_line(&chat.draft)))
    }

    /// Whether somebody stands in the section of those who are there: a link that is lost for a moment,
    /// or a server that has just started, moves nobody.
    #[must_use]
    pub fn is_here(&self, person: &Person) -> bool {
        match person.presence.state {
            PresenceState::Online | PresenceState::Away | PresenceState::Busy => true,
            PresenceState::Offline => false,
            PresenceState::Doubtful | PresenceState::Unknown => {
                let before: Option<&Presence> = self.book.steady.get(&person.account);
                before.map_or(person.presence.state == PresenceState::Doubtful, |p| {
                    p.state != PresenceState::Offline
                })
            }
        }
    }

    /// Unread messages of every chat shown in the list, but of those that are muted; one that is marked as unread counts as
    /// one.
    #[must_use]
    pub fn unread_total(&self) -> u64 {
        let blocked = |chat: &Chat| {
            self.people
                .get(&chat.other)
                .is_some_and(|p| p.relation == Some(Relation::Blocked))
        };
        self.chats
            .values()
            .filter(|chat| !blocked(chat) && !chat.kept().is_muted(self.book.wall_ms))
            .map(|chat| chat.unread.max(u64::from(chat.kept().unread)))
            .sum()
    }
}

/// When the newest message of a chat came; own ones that wait are counted when nothing forbids a change of place.
fn newest_ms(chat: &Chat, with_waiting: bool) -> u64 {
    let shown = |message: &&Message| message.is_shown();
    let stored = chat
        .messages
        .values()
        .rev()
        .find(shown)
        .map_or(0, |message| message.ts);
    let waiting = if with_waiting {
        let last = chat.waiting.iter().rev().find(|waiting| waiting.is_shown());
        last.map_or(0, |waiting| waiting.ts)
    } else {
        0
    };
    stored.max(waiting)
}

fn newest_text(chat: &Chat, me: AccountId) -> Option<(bool, AccountId, String)> {
    if let Some(waiting) = chat.waiting.iter().rev().find(|waiting| waiting.is_shown()) {
        return Some((true, me, one_line(&said(&waiting.body, &waiting.attachments))));
    }
    let (message, changes) = chat.newest(me)?;
    let text = if changes.deleted {
        tr("message-deleted")
    } else {
        one_line(&said(changes.text(message), &message.attachments))
    };
    Some((message.sender == me, message.sender, text))
}

fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > PREVIEW_CHARS_MAX {
            return line.chars().take(PREVIEW_CHARS_MAX).collect();
        }
    }
    line
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn matches(person: &Person, filter: &str) -> bool {
    fold(&person.display_name).contains(filter) || fold(&person.username).contains(filter)
}
