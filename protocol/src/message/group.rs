//! Groups: making, joining, leaving, naming, roles. Each wish carries a mid; all but `group_create` and `members` are
//! answered by `done`.

use crate::id::{AccountId, BlobHash, ConvId, Mid};
use serde::{Deserialize, Serialize};

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Also gives and takes roles. There is always one.
    Owner,
    /// Also removes members, and changes name and picture.
    Admin,
    /// Writes, adds friends, leaves. Also what a role of a later version is taken for.
    #[default]
    #[serde(other)]
    Member,
}

/// `group_create`: answered by `conv_opened`, or `nack{not_contact}` when somebody is no friend now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCreate {
    /// Identity of this wish.
    pub mid: Mid,
    /// What it is called.
    pub title: String,
    /// Friends who are members from the start; the maker is one in any case.
    pub members: Vec<AccountId>,
}

/// `group_invite`: adds friends of one's own. Who is a member already is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupInvite {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which group.
    pub conv: ConvId,
    /// Whom.
    pub accounts: Vec<AccountId>,
}

/// `group_remove`: for the owner, and for admins with plain members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRemove {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which group.
    pub conv: ConvId,
    /// Whom.
    pub account: AccountId,
}

/// `group_leave`: the owner's place goes to the admin, or else the member, who has been there longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLeave {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which group.
    pub conv: ConvId,
}

/// `group_rename`: name and picture as they shall be, for owner and admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRename {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which group.
    pub conv: ConvId,
    /// What it is called.
    pub title: String,
    /// A picture this account has uploaded, or the one there is; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<BlobHash>,
}

/// `group_role`: for the owner. Giving `owner` away makes oneself an admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRole {
    /// Identity of this wish.
    pub mid: Mid,
    /// Which group.
    pub conv: ConvId,
    /// Whose role.
    pub account: AccountId,
    /// The new one.
    pub role: Role,
}

/// `members`: answered by `members_page`, or `error{not_found}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// Which conversation.
    pub conv: ConvId,
    /// Pages count from 0.
    #[serde(default)]
    pub page: u32,
}

/// `members_page`: members in the order of their numbers. Somebody who joins or leaves meanwhile may be missed or come
/// twice; the `conv` item that follows says that the list has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersPage {
    /// Which conversation.
    pub conv: ConvId,
    /// Which page.
    pub page: u32,
    /// The members.
    pub rows: Vec<MemberRow>,
    /// Whether another page follows.
    pub more: bool,
}

/// One member, as one may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// Who.
    pub account: AccountId,
    /// What they may do.
    pub role: Role,
    /// Unique name.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// The picture, if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<BlobHash>,
}

/// What makes a conversation a group, in the item `conv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What it is called.
    pub title: String,
    /// Its picture, if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<BlobHash>,
    /// What oneself may do.
    pub role: Role,
    /// How many members there are. Above [`crate::limit::MEMBERS_INLINE_MAX`] the item's `members` holds oneself alone.
    pub count: u64,
    /// Whose group it is.
    pub owner: AccountId,
    /// The admins, when the members are told.
    #[serde(default)]
    pub admins: Vec<AccountId>,
    /// First entry one may see: the one that tells of one's own joining, or the first that is still kept. Whatever is held
    /// below it is to be forgotten.
    pub from: u64,
}

/// What happened to a group: the body of an entry of kind `member`, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    /// What the entry's sender did.
    pub did: MemberAct,
    /// To whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// With `created` and `renamed`: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// With `role`: the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// With `left`, when the owner did: whose group it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// With `kept`: for how many days messages are kept from now on, 0 = for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
}

/// What somebody did to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberAct {
    /// Made it.
    Created,
    /// Added people.
    Added,
    /// Removed somebody.
    Removed,
    /// Left.
    Left,
    /// Gave it a new name.
    Renamed,
    /// Changed its picture.
    Pictured,
    /// Gave somebody a role.
    Role,
    /// Said for how long messages are kept. Told in every conversation, not in groups alone.
    Kept,
    /// Something this version does not know. Never sent.
    #[serde(other)]
    Other,
}

impl MemberChange {
    /// A change of these people and nothing more.
    #[must_use]
    pub fn new(did: MemberAct, accounts: Vec<AccountId>) -> Self {
        Self {
            did,
            accounts,
            title: None,
            role: None,
            owner: None,
            days: None,
        }
    }

    /// As the body of an entry.
    #[must_use]
    pub fn to_body(&self) -> String {
        serde_json::to_string(self).expect("a change is plain data with string keys")
    }

    /// Reads the body of an entry; `None` when it is none of this shape.
    #[must_use]
    pub fn from_body(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}
