//! Who may see what, worked out without the store: friends, blocks, and since when somebody is in a conversation.

use breeze_protocol::message::group::Role;
use std::collections::{BTreeMap, BTreeSet};

/// One person, by place.
pub type Who = usize;

/// What somebody does in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Adds somebody.
    Invite(Who),
    /// Removes somebody.
    Remove(Who),
    /// Leaves.
    Leave,
    /// Gives it a new name.
    Rename,
    /// Gives somebody a role.
    Role(Who, Role),
}

/// Somebody's time in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// How many messages there were before.
    pub from: usize,
    /// What they may do.
    pub role: Role,
    /// Which joining this was, counted over the conversation: the smallest has been there longest.
    order: usize,
}

/// A conversation.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    /// Who is in it now.
    pub stays: BTreeMap<Who, Stay>,
    /// Every text, in order.
    pub texts: Vec<String>,
    /// The day each was written on.
    pub days: Vec<u64>,
    /// Days for which they are kept; 0: for good.
    pub keep_days: u64,
    /// How many of them are over.
    pub over: usize,
    /// Between two people.
    pub direct: bool,
    joinings: usize,
}

impl Talk {
    /// A conversation of these people from now on, the first one the owner.
    #[must_use]
    pub fn new(direct: bool, people: &[Who]) -> Self {
        let mut talk = Self {
            direct,
            ..Self::default()
        };
        for (at, who) in people.iter().enumerate() {
            talk.join(*who, if at == 0 { Role::Owner } else { Role::Member });
        }
        // They have joined at the same time: the smaller number counts as the earlier.
        talk.stays.values_mut().for_each(|stay| stay.order = 0);
        talk
    }

    fn join(&mut self, who: Who, role: Role) {
        self.joinings += 1;
        let stay = Stay {
            from: self.texts.len(),
            role,
            order: self.joinings,
        };
        self.stays.insert(who, stay);
    }

    /// The texts somebody may see now.
    #[must_use]
    pub fn visible(&self, who: Who) -> &[String] {
        let from = |stay: &Stay| stay.from.max(self.over);
        self.stays.get(&who).map_or(&[], |stay| &self.texts[from(stay)..])
    }

    fn role(&self, who: Who) -> Option<Role> {
        self.stays.get(&who).map(|stay| stay.role)
    }

    fn leave(&mut self, who: Who) {
        let gone = self.stays.remove(&who);
        if gone.is_some_and(|stay| stay.role == Role::Owner) {
            let rank = |stay: &Stay| (stay.role != Role::Admin, stay.order);
            let heir = self.stays.iter().min_by_key(|(_, stay)| rank(stay));
            if let Some(heir) = heir.map(|(who, _)| *who) {
                self.set_role(heir, Role::Owner);
            }
        }
    }

    fn set_role(&mut self, who: Who, role: Role) {
        if let Some(stay) = self.stays.get_mut(&who) {
            stay.role = role;
        }
    }
}

/// Everybody and everything.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Pairs, smaller first.
    pub friends: BTreeSet<(Who, Who)>,
    /// Who blocks whom.
    pub blocks: BTreeSet<(Who, Who)>,
    /// Conversations.
    pub talks: Vec<Talk>,
    /// Today.
    pub day: u64,
}

/// A pair, smaller first.
#[must_use]
pub fn pair(a: Who, b: Who) -> (Who, Who) {
    (a.min(b), a.max(b))
}

impl Model {
    /// Whether either blocks the other.
    #[must_use]
    pub fn block_between(&self, a: Who, b: Who) -> bool {
        self.blocks.contains(&(a, b)) || self.blocks.contains(&(b, a))
    }

    /// Whether two may begin something together.
    #[must_use]
    pub fn open_to(&self, a: Who, b: Who) -> bool {
        self.friends.contains(&pair(a, b)) && !self.block_between(a, b)
    }

    /// Whether somebody may write in a conversation now.
    #[must_use]
    pub fn may_write(&self, who: Who, talk: usize) -> bool {
        let talk = &self.talks[talk];
        let other = talk.stays.keys().find(|it| **it != who);
        talk.stays.contains_key(&who) && (!talk.direct || other.is_none_or(|other| self.open_to(who, *other)))
    }

    /// Whether somebody may say how long messages are kept.
    #[must_use]
    pub fn may_limit(&self, who: Who, at: usize) -> bool {
        let talk = &self.talks[at];
        self.may_write(who, at) && (talk.direct || talk.role(who) != Some(Role::Member))
    }

    /// Ends what is old enough today: what was written before a day that began so many days ago.
    pub fn end(&mut self, at: usize) {
        let talk = &mut self.talks[at];
        if let Some(first) = self
            .day
            .checked_sub(talk.keep_days)
            .filter(|_| talk.keep_days > 0)
        {
            talk.over = talk.over.max(talk.days.partition_point(|day| *day < first));
        }
    }

    /// Whether one may be told of another's mark in a conversation both are in.
    #[must_use]
    pub fn may_know_mark(&self, viewer: Who, of: Who, talk: usize) -> bool {
        let talk = &self.talks[talk];
        talk.stays.contains_key(&viewer) && (viewer == of || talk.direct || !self.block_between(viewer, of))
    }

    /// Carries a deed out if it may be; whether it may.
    pub fn act(&mut self, who: Who, at: usize, deed: Deed) -> bool {
        if self.talks[at].direct {
            return false;
        }
        let open = |model: &Self, other: Who| model.open_to(who, other);
        let Some(role) = self.talks[at].role(who) else {
            return false;
        };
        let theirs = |model: &Self, other: Who| model.talks[at].role(other);
        match deed {
            Deed::Invite(other) => {
                if other == who || theirs(self, other).is_some() {
                    return true;
                }
                if !open(self, other) {
                    return false;
                }
                self.talks[at].join(other, Role::Member);
            }
            Deed::Remove(other) => {
                if role == Role::Member || other == who {
                    return false;
                }
                match theirs(self, other) {
                    None => return true,
                    Some(Role::Owner | Role::Admin) if role == Role::Admin => return false,
                    Some(_) => self.talks[at].leave(other),
                }
            }
            Deed::Leave => self.talks[at].leave(who),
            Deed::Rename => return role != Role::Member,
            Deed::Role(other, new) => {
                if role != Role::Owner || other == who || theirs(self, other).is_none() {
                    return false;
                }
                self.talks[at].set_role(other, new);
                if new == Role::Owner {
                    self.talks[at].set_role(who, Role::Admin);
                }
            }
        }
        true
    }
}
