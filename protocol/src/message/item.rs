//! State that is kept and caught up on: an item's row carries the commit number of its last change.

use super::chat::Mark;
use super::draft::Draft;
use super::group::Group;
use super::pin::Pins;
use super::prefs::Prefs;
use crate::codec::{DecodeError, parse};
use crate::id::{AccountId, BlobHash, ConvId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// `item`: one piece of state as it is now, or gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// Commit number of its last change.
    pub cursor: u64,
    /// What it is: `profile`, `contact`, `request`, `conv`, `mark`, `prefs`, `draft` or `pins`.
    pub kind: String,
    /// Which one: the account for the first three, the conversation for `conv`, `prefs`, `draft` and `pins`,
    /// `conv:account` for `mark`.
    pub key: String,
    /// Its value now; absent when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        let text = |item: &Self| item.value.as_ref().map(|value| value.get().to_owned());
        (self.cursor, &self.kind, &self.key, text(self))
            == (other.cursor, &other.kind, &other.key, text(other))
    }
}

/// An item's key and value, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    /// A person as others see them; also one's own.
    Profile(Profile),
    /// A friend or a blocked person.
    Contact(Contact),
    /// A friend request that waits.
    Request(Request),
    /// A conversation one is a member of.
    Conv(Conv),
    /// How far a member of a conversation is.
    Mark(ConvMark),
    /// How one keeps a conversation.
    Prefs(Prefs),
    /// What one has begun to write.
    Draft(Draft),
    /// What is pinned in a conversation.
    Pins(Pins),
    /// No longer a contact.
    ContactGone(AccountId),
    /// The request no longer waits.
    RequestGone(AccountId),
    /// The person is no longer to be seen.
    ProfileGone(AccountId),
    /// No longer a member.
    ConvGone(ConvId),
    /// One keeps it as everything else.
    PrefsGone(ConvId),
    /// Nothing is begun.
    DraftGone(ConvId),
    /// Nothing is pinned.
    PinsGone(ConvId),
}

/// A person as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Who.
    pub account: AccountId,
    /// Unique name.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// The picture, if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<BlobHash>,
    /// A line under the name; empty when none.
    #[serde(default)]
    pub status_text: String,
}

/// How one stands to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Mutual friends.
    Friend,
    /// Blocked by oneself. Never told to the blocked person.
    Blocked,
}

/// A friend or a blocked person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who.
    pub account: AccountId,
    /// How one stands to them.
    pub relation: Relation,
    /// Since when, milliseconds since 1970 UTC.
    pub since: u64,
}

/// Which way a friend request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Somebody asks oneself.
    In,
    /// Oneself asks somebody.
    Out,
}

/// A friend request that waits. An outgoing one to a name that does not exist looks the same:
/// its `account` is a number that names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The other person.
    pub account: AccountId,
    /// Which way.
    pub direction: Direction,
    /// The other's username (as typed, when outgoing).
    pub username: String,
    /// The other's display name; empty when outgoing.
    pub display_name: String,
    /// When it was made, milliseconds since 1970 UTC.
    pub ts: u64,
}

/// A conversation one is a member of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conv {
    /// Which.
    pub conv: ConvId,
    /// Its members, oneself among them; only oneself in notes to oneself and in a large group.
    pub members: Vec<AccountId>,
    /// Place of its newest entry at the last change of this item; 0 when empty.
    pub head: u64,
    /// Countable messages up to `head`.
    pub n: u64,
    /// Entries above this one came after the last restore.
    pub base_seq: u64,
    /// What makes it a group; absent between two people and with oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Days for which its messages are kept; absent = for good.
    #[serde(default, skip_serializing_if = "super::blob::is_zero")]
    pub keep_days: u64,
    /// First entry that is still kept, of a conversation that is no group (of one, [`Group::from`] says it); absent = all
    /// are. Whatever is held below it is to be forgotten.
    #[serde(default, skip_serializing_if = "super::blob::is_zero")]
    pub from: u64,
}

/// How far a member of a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvMark {
    /// The conversation.
    pub conv: ConvId,
    /// The mark.
    pub mark: Mark,
}

impl ItemState {
    /// Packs a state into its wire form.
    #[must_use]
    pub fn into_item(self, cursor: u64) -> Item {
        let (kind, key, value) = match &self {
            Self::Profile(it) => ("profile", it.account.to_string(), Some(raw(it))),
            Self::Contact(it) => ("contact", it.account.to_string(), Some(raw(it))),
            Self::Request(it) => ("request", it.account.to_string(), Some(raw(it))),
            Self::Conv(it) => ("conv", it.conv.to_string(), Some(raw(it))),
            Self::Mark(it) => ("mark", format!("{}:{}", it.conv, it.mark.account), Some(raw(it))),
            Self::Prefs(it) => ("prefs", it.conv.to_string(), Some(raw(it))),
            Self::Draft(it) => ("draft", it.conv.to_string(), Some(raw(it))),
            Self::Pins(it) => ("pins", it.conv.to_string(), Some(raw(it))),
            Self::ProfileGone(account) => ("profile", account.to_string(), None),
            Self::ContactGone(account) => ("contact", account.to_string(), None),
            Self::RequestGone(account) => ("request", account.to_string(), None),
            Self::ConvGone(conv) => ("conv", conv.to_string(), None),
            Self::PrefsGone(conv) => ("prefs", conv.to_string(), None),
            Self::DraftGone(conv) => ("draft", conv.to_string(), None),
            Self::PinsGone(conv) => ("pins", conv.to_string(), None),
        };
        Item {
            cursor,
            kind: kind.to_owned(),
            key,
            value,
        }
    }

    /// Unpacks a wire item. `Ok(None)` for a kind this version does not know, which is passed over (and counted).
    ///
    /// # Errors
    /// [`DecodeError`] when the kind is known and the value is not of its shape.
    pub fn from_item(item: &Item) -> Result<Option<Self>, DecodeError> {
        let Some(value) = &item.value else {
            let Ok(key) = item.key.parse() else {
                return Ok(None);
            };
            return Ok(match item.kind.as_str() {
                "profile" => Some(Self::ProfileGone(AccountId(key))),
                "contact" => Some(Self::ContactGone(AccountId(key))),
                "request" => Some(Self::RequestGone(AccountId(key))),
                "conv" => Some(Self::ConvGone(ConvId(key))),
                "prefs" => Some(Self::PrefsGone(ConvId(key))),
                "draft" => Some(Self::DraftGone(ConvId(key))),
                "pins" => Some(Self::PinsGone(ConvId(key))),
                _ => None,
            });
        };
        Ok(match item.kind.as_str() {
            "profile" => Some(Self::Profile(parse(value)?)),
            "contact" => Some(Self::Contact(parse(value)?)),
            "request" => Some(Self::Request(parse(value)?)),
            "conv" => Some(Self::Conv(parse(value)?)),
            "mark" => Some(Self::Mark(parse(value)?)),
            "prefs" => Some(Self::Prefs(parse(value)?)),
            "draft" => Some(Self::Draft(parse(value)?)),
            "pins" => Some(Self::Pins(parse(value)?)),
            _ => None,
        })
    }
}

fn raw<T: Serialize>(value: &T) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("items are plain data with string keys")
}
