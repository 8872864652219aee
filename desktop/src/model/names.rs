//! Finding people and conversations by name: for the switcher, and above the messages a search finds.

use super::list::Row;
use super::search::Hit;
use super::{Model, Now};
use breeze_protocol::terms::Wanted;
use std::cmp::Reverse;

/// People shown above the messages.
const PEOPLE_MAX: usize = 5;
/// People offered by the switcher.
const SWITCH_MAX: usize = 8;

impl Model {
    /// People whose names fit, those one talks to first. For the panel.
    #[must_use]
    pub fn people_found(&self, now: Now, query: &str) -> Vec<Row> {
        if query.trim().is_empty() {
            return Vec::new();
        }
        self.named(now, query, PEOPLE_MAX)
    }

    /// People and conversations for the switcher: with nothing typed those talked to last.
    #[must_use]
    pub fn switch_rows(&self, now: Now, query: &str) -> Vec<Row> {
        self.named(now, query, SWITCH_MAX)
    }

    fn named(&self, now: Now, query: &str, most: usize) -> Vec<Row> {
        let wanted = Wanted::loosely(query);
        if wanted.is_none() && !query.trim().is_empty() {
            return Vec::new();
        }
        let fits = |name: &str, also: &str| match &wanted {
            Some(wanted) => rank(name, also, wanted),
            None => Some(0),
        };
        let mut found: Vec<(u8, Row)> = Vec::new();
        for (person, chat) in self.listed() {
            if let Some(rank) = fits(person.name(), &person.username) {
                found.push((rank, self.row(person, chat, now)));
            }
        }
        for (_, row) in self.group_rows("", now) {
            if let Some(rank) = fits(&row.name, "") {
                found.push((rank, row));
            }
        }
        found.sort_by_cached_key(|(rank, row)| (*rank, Reverse(row.time_ms), row.name.clone()));
        found.truncate(most);
        found.into_iter().map(|(_, row)| row).collect()
    }

    /// The name of whoever wrote a message, and of the chat it is in.
    #[must_use]
    pub fn hit_names(&self, hit: &Hit) -> (Option<String>, String) {
        let own = hit.message.sender == self.me.account;
        let author = (!own).then(|| self.name_of(hit.message.sender));
        let chat = self.chats.get(&hit.conv).map(|chat| self.chat_name(chat));
        (author, chat.unwrap_or_default())
    }
}

/// How well a name fits: its beginning before a later part of it, the username last.
fn rank(name: &str, also: &str, wanted: &Wanted) -> Option<u8> {
    if wanted.fits(name) {
        return Some(u8::from(
            wanted.places(name).first().is_none_or(|place| place.start > 0),
        ));
    }
    wanted.fits(&format!("{name} {also}")).then_some(2)
}
