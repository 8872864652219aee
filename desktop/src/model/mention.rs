//! People named in messages: `@name`, where the name is the username of somebody in the conversation. It is text and nothing
//! else, so that it can be edited, searched and read on every client.

use super::Model;
use super::chat::{Chat, Line, Message};
use breeze_protocol::limit::USERNAME_CHARS;
use breeze_protocol::{AccountId, ConvId};
use std::ops::Range;

/// Most people offered while a name is typed: more are not looked through, another letter is typed.
const OFFERED_MAX: usize = 6;

/// Somebody named in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mention {
    /// Where, in bytes, the sign included.
    pub range: Range<usize>,
    /// Who.
    pub account: AccountId,
    /// It is oneself.
    pub me: bool,
}

/// Where a name begins that is being typed just before this place (bytes): the place of its sign.
#[must_use]
pub fn begun(text: &str, caret: usize) -> Option<usize> {
    let before = text.get(..caret)?;
    let at = before.rfind('@')?;
    let typed = &before[at + 1..];
    let fits = typed.chars().all(is_name) && typed.chars().count() <= *USERNAME_CHARS.end();
    (fits && begins(text, at)).then_some(at)
}

/// What may be names in a text, each with its sign.
fn candidates(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.match_indices('@')
        .filter(|(at, _)| begins(text, *at))
        .filter_map(|(at, _)| {
            let rest = &text[at + 1..];
            let letters = rest
                .chars()
                .take_while(|c| is_name(*c))
                .take(*USERNAME_CHARS.end());
            let end = at + 1 + letters.map(char::len_utf8).sum::<usize>();
            (end > at + 1).then_some(at..end)
        })
}

/// Whether a sign here can begin a name: not inside a word or an address.
fn begins(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    !before.is_some_and(|c| is_name(c) || c == '@' || c == '/')
}

/// What usernames are made of.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// The people named in a text; `who` tells who has a username (lower case).
fn find(text: &str, who: &dyn Fn(&str) -> Option<AccountId>) -> Vec<(Range<usize>, AccountId)> {
    let mut found = Vec::new();
    for place in candidates(text) {
        let typed = &text[place.start + 1..place.end];
        let mut name = typed.to_lowercase();
        // The end of a sentence stands right after a name, and a name may end like one.
        loop {
            if let Some(account) = who(&name) {
                // Lower case may take other bytes; the last letters cut off are ASCII, so they count the same from the end.
                let cut = typed.to_lowercase().len() - name.len();
                found.push((place.start..place.end - cut, account));
                break;
            }
            if !name.ends_with(['.', '-', '_']) {
                break;
            }
            name.pop();
        }
    }
    found
}

impl Model {
    /// Somebody's username; empty when it is not known.
    fn username(&self, account: AccountId) -> &str {
        if account == self.me.account {
            return &self.me.username;
        }
        self.people
            .get(&account)
            .map_or("", |person| person.username.as_str())
    }

    /// Whether somebody is in a conversation, as far as it is known.
    fn is_in(&self, chat: &Chat, account: AccountId) -> bool {
        if account == self.me.account {
            return true;
        }
        match &chat.group {
            // Of a large group not every member is known.
            Some(group) => group.members.contains(&account) || group.count > group.members.len() as u64,
            None => account == chat.other,
        }
    }

    fn by_username(&self, chat: &Chat, name: &str) -> Option<AccountId> {
        if name == self.me.username {
            return Some(self.me.account);
        }
        let mut people = self.people.values();
        let found = people.find(|person| person.username == name)?;
        self.is_in(chat, found.account).then_some(found.account)
    }

    /// The people named in a text of this chat.
    #[must_use]
    pub fn mentions(&self, chat: &Chat, text: &str) -> Vec<Mention> {
        if !text.contains('@') {
            return Vec::new();
        }
        let me = self.me.account;
        find(text, &|name| self.by_username(chat, name))
            .into_iter()
            .map(|(range, account)| Mention {
                range,
                account,
                me: account == me,
            })
            .collect()
    }

    /// A line of a chat, with the people named in it.
    pub(super) fn with_mentions(&self, chat: &Chat, mut line: Line) -> Line {
        if let Line::Bubble { text, extra, .. } = &mut line
            && !extra.deleted
        {
            extra.mentions = self.mentions(chat, text);
        }
        line
    }

    /// Whether a message of a group names oneself. Of two there is nobody else to speak to.
    #[must_use]
    pub fn names_me(&self, chat: &Chat, message: &Message) -> bool {
        let me = self.me.account;
        chat.group.is_some()
            && message.sender != me
            && message.kind.counts()
            && self.mentions(chat, &message.body).iter().any(|it| it.me)
    }

    /// Whether an unread message names oneself.
    #[must_use]
    pub fn is_named(&self, chat: &Chat) -> bool {
        let me = self.me.account;
        if chat.unread == 0 || chat.group.is_none() {
            return false;
        }
        let unread = chat.messages.range(chat.mark(me).read + 1..);
        let mut named = unread.filter(|(_, message)| self.names_me(chat, message));
        named.any(|(seq, _)| chat.is_there(me, *seq))
    }

    /// Members of a group whose name or username begins like this, to complete it; by name.
    #[must_use]
    pub fn offered(&self, conv: ConvId, typed: &str) -> Vec<AccountId> {
        let Some((chat, group)) = self
            .chats
            .get(&conv)
            .and_then(|chat| Some((chat, chat.group.as_ref()?)))
        else {
            return Vec::new();
        };
        let typed = typed.to_lowercase();
        let fits = |account: &AccountId| {
            let username = self.username(*account);
            let name = self.name_of(*account).to_lowercase();
            !username.is_empty()
                && (username.starts_with(&typed)
                    || name.starts_with(&typed)
                    || name.split_whitespace().any(|word| word.starts_with(&typed)))
        };
        let writers = chat.messages.values().map(|message| message.sender);
        let mut all: Vec<AccountId> = group.members.iter().copied().chain(writers).collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|it| *it != self.me.account && self.is_in(chat, *it) && !self.is_blocked(*it) && fits(it));
        all.sort_by_cached_key(|it| (self.name_of(*it).to_lowercase(), *it));
        all.truncate(OFFERED_MAX);
        all
    }

    /// The text with somebody's username in place of what was typed of it, from its sign at `at` to the caret (bytes), and
    /// where the caret stands then.
    #[must_use]
    pub fn complete(&self, text: &str, (at, caret): (usize, usize), account: AccountId) -> (String, usize) {
        let mut whole = format!("{}@{}", &text[..at], self.username(account));
        let rest = &text[caret..];
        if !rest.starts_with(' ') {
            whole.push(' ');
        }
        let caret = whole.len() + usize::from(rest.starts_with(' '));
        whole.push_str(rest);
        (whole, caret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<&str> {
        let known = ["ada", "bo.", "li-na", "小林"];
        let who = |name: &str| {
            let at = known.iter().position(|it| *it == name)?;
            Some(AccountId(at as u64))
        };
        let found = find(text, &who);
        found.into_iter().map(|(range, _)| &text[range]).collect()
    }

    #[test]
    fn names_are_found_where_they_begin_and_end() {
        assert_eq!(named("@ada, are you there?"), ["@ada"]);
        assert_eq!(named("ask @Ada. Or @ADA..."), ["@Ada", "@ADA"]);
        assert_eq!(named("(@li-na)"), ["@li-na"]);
        assert_eq!(named("@bo. and @bo"), ["@bo."]);
        assert_eq!(named("\u{4f60}好 @小林 "), ["@小林"]);
        assert!(named("mail ada@ada.org or x@ada").is_empty());
        assert!(named("@@ada @adam @ ada https://x.org/@ada").is_empty());
        assert!(named("").is_empty());
    }

    #[test]
    fn a_name_is_begun_at_the_caret_only() {
        assert_eq!(begun("hi @a", 5), Some(3));
        assert_eq!(begun("hi @", 4), Some(3));
        assert_eq!(begun("hi @a b", 7), None);
        assert_eq!(begun("x@a", 3), None);
        assert_eq!(begun("hi @ada", 5), Some(3));
        assert_eq!(begun("hi", 2), None);
        assert_eq!(begun("@", 9), None);
    }
}
