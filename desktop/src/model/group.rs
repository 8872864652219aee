//! Groups and notes to oneself as this device knows them: names, members, what the history says of them.

use super::chat::{Chat, Message, Tick};
use super::past::Past;
use super::person::{Dot, Portrait};
use super::{Model, Now};
use crate::words::{tr, tr_with};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::message::group::{self as wire, MemberAct, MemberChange, Role};
use breeze_protocol::message::item::{Conv, Relation};
use breeze_protocol::{AccountId, BlobHash, ConvId};

/// Names in one line of the history; the rest is a number.
const NAMES_MAX: usize = 3;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// What it is called.
    pub title: String,
    /// Its picture.
    pub avatar: Option<BlobHash>,
    /// What oneself may do.
    pub role: Role,
    /// How many members there are.
    pub count: u64,
    /// Whose it is.
    pub owner: AccountId,
    /// The admins, as far as they are known.
    pub admins: Vec<AccountId>,
    /// First entry oneself may see.
    pub from: u64,
    /// The members, as far as they are known: all of a small group, the pages that have come of a large one.
    pub members: Vec<AccountId>,
}

impl Group {
    /// As the server told it. The members of a large group are those known before.
    #[must_use]
    pub fn new(told: &Conv, group: &wire::Group, before: Option<&Self>) -> Self {
        let whole = told.members.len() as u64 == group.count;
        let members = match before {
            Some(before) if !whole => before.members.clone(),
            _ => told.members.clone(),
        };
        Self {
            title: group.title.clone(),
            avatar: group.avatar,
            role: group.role,
            count: group.count,
            owner: group.owner,
            admins: group.admins.clone(),
            from: group.from,
            members,
        }
    }

    /// As the server would tell it, were all who are known the members.
    #[must_use]
    pub fn told(&self, conv: ConvId) -> Conv {
        let group = wire::Group {
            title: self.title.clone(),
            avatar: self.avatar,
            role: self.role,
            count: self.count,
            owner: self.owner,
            admins: self.admins.clone(),
            from: self.from,
        };
        Conv {
            conv,
            members: self.members.clone(),
            head: 0,
            n: 0,
            base_seq: 0,
            group: Some(group),
            keep_days: 0,
            from: 0,
        }
    }

    /// What a member may do.
    #[must_use]
    pub fn role_of(&self, account: AccountId) -> Role {
        if account == self.owner {
            Role::Owner
        } else if self.admins.contains(&account) {
            Role::Admin
        } else {
            Role::Member
        }
    }

    /// Whether oneself may change name and picture.
    #[must_use]
    pub fn may_rename(&self) -> bool {
        self.role != Role::Member
    }

    /// Whether oneself, who is `me`, may remove this member.
    #[must_use]
    pub fn may_remove(&self, me: AccountId, account: AccountId) -> bool {
        let theirs = self.role_of(account);
        account != me
            && match self.role {
                Role::Owner => true,
                Role::Admin => theirs == Role::Member,
                Role::Member => false,
            }
    }

    /// Whether all members are known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.members.len() as u64 >= self.count
    }
}

/// Whose picture it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PictureOf {
    /// A person's.
    Person(AccountId),
    /// A group's.
    Group(ConvId),
}

impl Chat {
    /// Whether these are the notes to oneself, who is `me`.
    #[must_use]
    pub fn is_saved(&self, me: AccountId) -> bool {
        self.group.is_none() && self.other == me
    }

    /// How far all other members of a group are with one's own message; of a large one nothing is told.
    #[must_use]
    pub(super) fn group_tick(&self, group: &Group, me: AccountId, seq: u64) -> Tick {
        let others = || group.members.iter().filter(|account| **account != me);
        if others().next().is_none() || !group.is_whole() {
            return Tick::Stored;
        }
        if others().all(|account| self.mark(*account).read >= seq) {
            Tick::Read
        } else if others().all(|account| self.mark(*account).delivered >= seq) {
            Tick::Delivered
        } else {
            Tick::Stored
        }
    }

    /// Forgets what lies before this place: it is over, or not one's own to see. `me` is oneself. Whether there was
    /// something.
    pub(super) fn forget_before(&mut self, from: u64, me: AccountId) -> bool {
        let before = self.messages.len();
        self.messages = self.messages.split_off(&from);
        let forgotten = self.messages.len() < before;
        // Nothing is missing before the first that is left.
        if let Some(first) = self.messages.values_mut().next()
            && first.prev_seq < from
        {
            first.prev_seq = 0;
            self.more = false;
        }
        self.quoted = self.quoted.split_off(&from);
        let before = |past: &Past| past.messages.keys().next().is_some_and(|first| *first < from);
        if self.past.as_ref().is_some_and(before) {
            self.past = None;
        }
        self.marks
            .retain(|mark| mark.delivered >= from || mark.account == me);
        forgotten
    }

    /// Somebody types in it until then (mono ms).
    pub(super) fn types(&mut self, account: AccountId, until: u64) {
        self.typists.retain(|(who, _)| *who != account);
        self.typists.push((account, until));
        self.typing_until = self.typing_until.max(until);
    }

    /// Somebody has stopped typing.
    pub(super) fn typed(&mut self, account: AccountId) {
        self.typists.retain(|(who, _)| *who != account);
        self.typing_until = self.typists.iter().map(|(_, until)| *until).max().unwrap_or(0);
    }
}

impl Model {
    /// What a chat is called.
    #[must_use]
    pub fn chat_name(&self, chat: &Chat) -> String {
        match &chat.group {
            Some(group) => group.title.clone(),
            None if chat.other == self.me.account => tr("saved-title"),
            None => self.name_of(chat.other),
        }
    }

    /// What somebody is called; oneself by one's own name.
    #[must_use]
    pub fn name_of(&self, account: AccountId) -> String {
        if account == self.me.account {
            return self.me.display_name.clone();
        }
        let known = self.people.get(&account).map(|person| person.name().to_owned());
        known
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| tr("group-somebody"))
    }

    /// How the picture of a chat is painted.
    #[must_use]
    pub fn chat_portrait(&self, chat: &Chat, now: Now) -> Portrait {
        let unsure = self.unsure_since.is_some();
        let of = |account: AccountId, avatar: Option<BlobHash>, dot: Dot| Portrait {
            unsure,
            dot: Some(dot),
            ..Portrait::still(account, avatar)
        };
        match &chat.group {
            Some(group) => of(AccountId(chat.conv.0), group.avatar, Dot::Group),
            None if chat.other == self.me.account => of(chat.other, self.me.avatar, Dot::Saved),
            None => self.portrait(chat.other, now),
        }
    }

    /// Whether a friend in the group is there: it stands in the section of those who are.
    #[must_use]
    pub fn is_group_here(&self, group: &Group) -> bool {
        let friends = group
            .members
            .iter()
            .filter_map(|account| self.people.get(account));
        let mut friends = friends.filter(|person| person.relation == Some(Relation::Friend));
        friends.any(|person| self.is_here(person))
    }

    /// Friends in the group who are there, and oneself.
    #[must_use]
    pub fn online_in(&self, group: &Group) -> usize {
        let here = |account: &&AccountId| {
            let person = self.people.get(*account);
            **account == self.me.account
                || person.is_some_and(|it| it.relation == Some(Relation::Friend) && self.is_here(it))
        };
        group.members.iter().filter(here).count()
    }

    /// The second line of a group's header: "5 members, 2 online".
    #[must_use]
    pub fn group_headline(&self, group: &Group) -> String {
        let members = tr_with("group-members", &[("count", group.count.into())]);
        let online = self.online_in(group);
        if self.unsure_since.is_some() || !group.is_whole() {
            return members;
        }
        let words = [("members", members.into()), ("online", online.into())];
        tr_with("group-members-online", &words)
    }

    /// Who types in a chat now, in the order in which they began.
    #[must_use]
    pub fn typing_names(&self, chat: &Chat, now: Now) -> Vec<String> {
        if self.unsure_since.is_some() {
            return Vec::new();
        }
        if chat.group.is_none() {
            let typing = chat.typing_until > now.mono_ms;
            return typing.then(|| self.name_of(chat.other)).into_iter().collect();
        }
        let typing = chat.typists.iter().filter(|(_, until)| *until > now.mono_ms);
        typing.map(|(account, _)| self.name_of(*account)).collect()
    }

    /// The quiet line that stands for an entry of a group: a change of it, or a message of somebody one has blocked.
    #[must_use]
    pub fn told_line(&self, chat: &Chat, message: &Message) -> Option<String> {
        if message.kind == EntryKind::Member {
            return Some(self.member_line(message));
        }
        (chat.group.is_some() && self.is_blocked(message.sender)).then(|| self.folded(message.sender))
    }

    /// What is said in place of the words of somebody one has blocked.
    pub(super) fn folded(&self, account: AccountId) -> String {
        tr_with("group-folded", &[("name", self.name_of(account).into())])
    }

    /// Whether one has blocked somebody.
    #[must_use]
    pub fn is_blocked(&self, account: AccountId) -> bool {
        let person = self.people.get(&account);
        person.is_some_and(|person| person.relation == Some(Relation::Blocked))
    }

    /// The line that tells of a change of the group: "Rosa added Li".
    #[must_use]
    pub fn member_line(&self, message: &Message) -> String {
        let Some(change) = MemberChange::from_body(&message.body) else {
            return tr("group-told-other");
        };
        let own = message.sender == self.me.account;
        let who = if own {
            tr("group-you")
        } else {
            self.name_of(message.sender)
        };
        let whom = self.names(&change.accounts);
        let title = change.title.clone().unwrap_or_default();
        let values = |key| {
            let words = [
                ("who", who.clone().into()),
                ("whom", whom.clone().into()),
                ("title", title.clone().into()),
            ];
            tr_with(key, &words)
        };
        match change.did {
            MemberAct::Created => values("group-told-created"),
            MemberAct::Added => values("group-told-added"),
            MemberAct::Removed => values("group-told-removed"),
            MemberAct::Left => match change.owner {
                Some(owner) => {
                    let words = [("who", who.into()), ("owner", self.names(&[owner]).into())];
                    tr_with("group-told-left-owner", &words)
                }
                None => values("group-told-left"),
            },
            MemberAct::Renamed => values("group-told-renamed"),
            MemberAct::Pictured => values("group-told-pictured"),
            MemberAct::Role => values(match change.role {
                Some(Role::Owner) => "group-told-owner",
                Some(Role::Admin) => "group-told-admin",
                Some(Role::Member) | None => "group-told-member",
            }),
            MemberAct::Kept => match change.days {
                Some(days) if days > 0 => {
                    let words = [
                        ("who", who.into()),
                        ("days", super::keeping::days_words(days).into()),
                    ];
                    tr_with("keep-told", &words)
                }
                _ => values("keep-told-for-good"),
            },
            MemberAct::Other => tr("group-told-other"),
        }
    }

    /// A few names in a sentence, oneself as "you".
    fn names(&self, accounts: &[AccountId]) -> String {
        let name = |account: &AccountId| {
            if *account == self.me.account {
                tr("group-you-object")
            } else {
                self.name_of(*account)
            }
        };
        let mut names: Vec<String> = accounts.iter().take(NAMES_MAX).map(name).collect();
        let more = accounts.len().saturating_sub(NAMES_MAX);
        if more > 0 {
            names.push(tr_with("group-more", &[("count", more.into())]));
        }
        match names.split_last() {
            None => String::new(),
            Some((only, [])) => only.clone(),
            Some((last, first)) => {
                let words = [("first", first.join(", ").into()), ("last", last.clone().into())];
                tr_with("group-and", &words)
            }
        }
    }

    /// Friends, by name: those who can be added to a group.
    #[must_use]
    pub fn friends_by_name(&self, filter: &str, except: &[AccountId]) -> Vec<AccountId> {
        let filter = filter.trim().to_lowercase();
        let fits = |name: &str| name.to_lowercase().contains(&filter);
        let mut friends: Vec<_> = self
            .people
            .values()
            .filter(|person| person.relation == Some(Relation::Friend) && !except.contains(&person.account))
            .filter(|person| filter.is_empty() || fits(&person.display_name) || fits(&person.username))
            .collect();
        friends.sort_by_cached_key(|person| (person.name().to_lowercase(), person.account));
        friends.into_iter().map(|person| person.account).collect()
    }
}
