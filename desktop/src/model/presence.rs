//! Presence: what the server tells, what one's own link allows one to believe, and when a picture begins to change.

use super::command::{Change, Command, Commands, StoreCommand};
use super::person::{Paint, Presence};
use super::{Link, Model, Now};
use crate::model::banner::UNSURE_AFTER_MS;
use breeze_protocol::message::presence::{Presence as Frame, PresenceSnapshot};
use breeze_protocol::{AccountId, PresenceEntry, PresenceState};
use std::collections::BTreeMap;

/// Most people whose presence is kept: far above any list, so that a hostile server cannot fill the memory.
const HEARD_MAX: usize = 50_000;

impl Model {
    /// One chunk of a snapshot; the last one replaces everything known.
    pub(super) fn presence_snapshot(&mut self, now: Now, chunk: PresenceSnapshot) -> Commands {
        let rows = chunk.entries.into_iter().map(|entry| (entry.0, entry));
        let fits = |known: &(_, BTreeMap<_, _>)| known.0 == chunk.source && chunk.chunk > 0;
        let (_, mut entries) = self.book.chunks.take().filter(fits).unwrap_or_default();
        entries.extend(rows.take(HEARD_MAX.saturating_sub(entries.len())));
        if !chunk.last {
            self.book.chunks = Some((chunk.source, entries));
            return Commands::new();
        }
        self.book.source = Some(chunk.source);
        self.book.heard.clear();
        let known: Vec<AccountId> = self.people.keys().copied().collect();
        let mut changes = Vec::new();
        for account in known {
            match entries.remove(&account) {
                Some(entry) => self.believe(now, account, told(now, entry), &mut changes),
                None => self.believe(now, account, Presence::default(), &mut changes),
            }
        }
        self.book.heard = entries
            .into_iter()
            .map(|(account, entry)| (account, told(now, entry)))
            .collect();
        self.book.trusted = true;
        self.unsure_since = None;
        keep(changes)
    }

    /// Changes. Another source than the snapshot's is dropped, and so is a version that is not newer.
    pub(super) fn presence_frame(&mut self, now: Now, frame: Frame) -> Commands {
        if let Some((source, entries)) = &mut self.book.chunks
            && *source == frame.source
        {
            for entry in frame.entries {
                let newer = entries.get(&entry.0).is_none_or(|known| known.1 < entry.1);
                if newer && entries.len() < HEARD_MAX {
                    entries.insert(entry.0, entry);
                }
            }
            return Commands::new();
        }
        if self.book.source != Some(frame.source) {
            return Commands::new();
        }
        let mut changes = Vec::new();
        for entry in frame.entries {
            let account = entry.0;
            let known = self.people.get(&account).map(|person| &person.presence);
            let known = known
                .or(self.book.heard.get(&account))
                .map(|presence| presence.version);
            if known.is_some_and(|version| version >= entry.1) {
                continue;
            }
            if self.people.contains_key(&account) {
                self.believe(now, account, told(now, entry), &mut changes);
            } else if self.book.heard.len() < HEARD_MAX {
                self.book.heard.insert(account, told(now, entry));
            }
        }
        keep(changes)
    }

    /// Takes a state over: the picture begins to change in the next frame if it has to.
    pub(super) fn believe(&mut self, now: Now, account: AccountId, new: Presence, changes: &mut Vec<Change>) {
        let Some(person) = self.people.get(&account) else {
            return;
        };
        let old = person.presence;
        let old_paint = self.paint(person);
        if !sure(new.state) && sure(old.state) {
            self.book.steady.insert(account, old);
        } else if sure(new.state) {
            self.book.steady.remove(&account);
        }
        let person = self
            .people
            .get_mut(&account)
            .expect("the person was found just above");
        person.presence = Presence {
            changed_mono_ms: old.changed_mono_ms,
            ..new
        };
        let new_paint = self.paint(&self.people[&account]);
        let person = self
            .people
            .get_mut(&account)
            .expect("the person was found just above");
        if new_paint != old_paint {
            person.painted_before = old_paint;
            person.presence.changed_mono_ms = now.mono_ms;
        }
        if !matches!(
            new.state,
            PresenceState::Online | PresenceState::Away | PresenceState::Busy
        ) && let Some(chat) = self.chats.values_mut().find(|chat| chat.other == account)
        {
            chat.typing_until = 0;
        }
        let told_again = (old.state, old.since_wall_ms / 1000) == (new.state, new.since_wall_ms / 1000);
        if sure(new.state) && !told_again {
            changes.push(Change::Presence(account, new));
        }
    }

    /// Somebody is nobody's friend any more: nothing may be known of them.
    pub(super) fn unknow(&mut self, account: AccountId) {
        self.book.steady.remove(&account);
        if let Some(person) = self.people.get_mut(&account) {
            person.presence = Presence {
                version: person.presence.version,
                ..Presence::default()
            };
            person.painted_before = Paint::Grey;
        }
    }

    /// Time went on: a link lost for a second makes everybody "last known".
    pub(super) fn doubt_in_time(&mut self, now: Now) {
        let since = match self.link {
            Link::Down { since, .. } | Link::Syncing { since } => since,
            Link::Up => return,
        };
        if !self.book.trusted
            && self.unsure_since.is_none()
            && now.mono_ms >= since.saturating_add(UNSURE_AFTER_MS)
        {
            self.doubt(since + UNSURE_AFTER_MS);
        }
    }

    /// Nothing is sure any more; everybody keeps the state known last.
    pub(super) fn doubt(&mut self, at: u64) {
        self.unsure_since.get_or_insert(at);
        for chat in self.chats.values_mut() {
            chat.typing_until = 0;
        }
    }
}

fn told(now: Now, entry: PresenceEntry) -> Presence {
    let PresenceEntry(_, version, state, reason, age_ms) = entry;
    let since_wall_ms = now.wall_ms.saturating_sub(age_ms);
    Presence {
        version,
        state,
        reason,
        since_wall_ms,
        changed_mono_ms: now.mono_ms,
    }
}

fn sure(state: PresenceState) -> bool {
    !matches!(state, PresenceState::Doubtful | PresenceState::Unknown)
}

fn keep(changes: Vec<Change>) -> Commands {
    if changes.is_empty() {
        return Commands::new();
    }
    vec![Command::Store(StoreCommand::Apply {
        changes,
        stamp: None,
        place: None,
    })]
}
