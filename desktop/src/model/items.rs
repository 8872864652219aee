//! State that is kept: people, friends, requests, conversations, marks; and the end of a snapshot.

use super::chat::Chat;
use super::command::{Change, Command, Commands, LinkCommand, StoreCommand};
use super::event::Stamp;
use super::group::{Group, PictureOf};
use super::person::{self, Person};
use super::{Dialog, Link, Model, Now};
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::item::{Conv, Item, ItemState, Profile, Relation};
use breeze_protocol::message::pin::Pins;
use breeze_protocol::message::prefs::Prefs;
use breeze_protocol::{AccountId, ConvId};

impl Model {
    /// One item. A kind this version does not know is passed over; it still counts.
    pub(super) fn item(&mut self, now: Now, stamp: Stamp, item: &Item) -> Commands {
        let cursor = item.cursor;
        let mut after = Commands::new();
        let changes = match ItemState::from_item(item) {
            Ok(Some(state)) => self.item_state(now, state, &mut after),
            Ok(None) | Err(_) => Vec::new(),
        };
        let mut commands = self.store(changes, stamp, cursor);
        commands.append(&mut after);
        commands
    }

    fn item_state(&mut self, now: Now, state: ItemState, after: &mut Commands) -> Vec<Change> {
        match state {
            ItemState::Profile(profile) => self.profile(now, profile, after),
            ItemState::ProfileGone(account) => self.profile_gone(account),
            ItemState::Contact(contact) => {
                if let Some(named) = &mut self.book.named {
                    named.contacts.insert(contact.account);
                }
                self.relate(now, contact.account, Some(contact.relation))
            }
            ItemState::ContactGone(account) => self.relate(now, account, None),
            ItemState::Request(request) => {
                if let Some(named) = &mut self.book.named {
                    named.requests.insert(request.account);
                }
                let request = person::Request {
                    account: request.account,
                    direction: request.direction,
                    username: request.username,
                    display_name: request.display_name,
                    ts: request.ts,
                };
                let new = self.requests.insert(request.account, request.clone()).is_none();
                if new {
                    after.extend(self.notify_request(request.account));
                }
                vec![Change::Request(Box::new(request))]
            }
            ItemState::RequestGone(account) => {
                self.requests.remove(&account);
                vec![Change::RequestGone(account)]
            }
            ItemState::Conv(conv) => self.conv(&conv, after),
            ItemState::ConvGone(conv) => {
                self.forget_chat(conv);
                vec![Change::ConvGone(conv)]
            }
            ItemState::Prefs(prefs) => self.prefs(prefs),
            ItemState::PrefsGone(conv) => self.prefs(Prefs {
                conv,
                ..Prefs::default()
            }),
            ItemState::Pins(pins) => self.pinned(pins),
            ItemState::PinsGone(conv) => self.pinned(Pins {
                conv,
                ..Pins::default()
            }),
            ItemState::Draft(draft) => self.draft_told(draft, after),
            ItemState::DraftGone(conv) => {
                let text = String::new();
                self.draft_told(Draft { conv, text }, after)
            }
            ItemState::Mark(it) => {
                let mut changes = Vec::new();
                self.mark(it.conv, it.mark, &mut changes);
                changes
            }
        }
    }

    fn profile(&mut self, now: Now, profile: Profile, after: &mut Commands) -> Vec<Change> {
        let Profile {
            account,
            username,
            display_name,
            avatar,
            status_text,
        } = profile;
        if let Some(hash) = avatar {
            after.push(StoreCommand::NeedBlob(PictureOf::Person(account), hash).into());
        }
        if account == self.me.account {
            self.me.username = username;
            self.me.display_name.clone_from(&display_name);
            self.me.avatar = avatar;
            self.me.status_text.clone_from(&status_text);
            return vec![Change::Own {
                display_name,
                avatar,
                status_text,
            }];
        }
        if let Some(named) = &mut self.book.named {
            named.people.insert(account);
        }
        let person = self
            .people
            .entry(account)
            .or_insert_with(|| Person::unknown(account));
        person.username = username;
        person.display_name = display_name;
        person.avatar = avatar;
        person.status_text = status_text;
        let mut changes = vec![Change::Person(Box::new(person.clone()))];
        self.hear(now, account, &mut changes);
        changes
    }

    /// Takes over what was told of somebody before their profile came.
    fn hear(&mut self, now: Now, account: AccountId, changes: &mut Vec<Change>) {
        if let Some(presence) = self.book.heard.remove(&account) {
            self.believe(now, account, presence, changes);
        }
    }

    fn relate(&mut self, now: Now, account: AccountId, relation: Option<Relation>) -> Vec<Change> {
        if relation.is_none() && !self.people.contains_key(&account) {
            return Vec::new();
        }
        let person = self
            .people
            .entry(account)
            .or_insert_with(|| Person::unknown(account));
        person.relation = relation;
        let person = person.clone();
        if relation != Some(Relation::Friend) {
            self.unknow(account);
        }
        let mut changes = vec![Change::Person(Box::new(person))];
        self.hear(now, account, &mut changes);
        changes
    }

    /// Somebody is not to be seen any more. Whoever has written in a group keeps a name there.
    fn profile_gone(&mut self, account: AccountId) -> Vec<Change> {
        let groups = self.chats.values().filter(|chat| chat.group.is_some());
        let wrote = |chat: &Chat| chat.messages.values().any(|message| message.sender == account);
        if groups.into_iter().any(wrote) {
            return Vec::new();
        }
        self.people.remove(&account);
        vec![Change::PersonGone(account)]
    }

    fn conv(&mut self, conv: &Conv, after: &mut Commands) -> Vec<Change> {
        if let Some(named) = &mut self.book.named {
            named.convs.insert(conv.conv);
        }
        let me = self.me.account;
        let other = match &conv.group {
            Some(_) => AccountId::default(),
            None => conv
                .members
                .iter()
                .copied()
                .find(|member| *member != me)
                .unwrap_or(me),
        };
        let chat = self.chats.entry(conv.conv).or_insert_with(|| Chat {
            conv: conv.conv,
            ..Chat::default()
        });
        chat.other = other;
        let before = chat.group.take();
        chat.group = conv
            .group
            .as_ref()
            .map(|told| Group::new(conv, told, before.as_ref()));
        chat.keep_days = conv.keep_days;
        let from = chat.group.as_ref().map_or(conv.from, |group| group.from);
        if from > 1 && chat.forget_before(from, me) {
            after.push(StoreCommand::NamedFiles.into());
        }
        chat.head = chat.head.max(conv.head);
        chat.n = chat.n.max(conv.n);
        if conv.head > 0 && conv.head >= from && chat.messages.is_empty() {
            chat.more = true;
        }
        chat.count_unread(me);
        let mut changes = vec![Change::Conv(conv.conv, other, chat.head, chat.n)];
        if let Some(group) = &chat.group {
            changes.push(Change::Group(conv.conv, Box::new(group.clone())));
            if let Some(hash) = group.avatar {
                after.push(StoreCommand::NeedBlob(PictureOf::Group(conv.conv), hash).into());
            }
        }
        if conv.keep_days > 0 {
            changes.push(Change::KeepDays(conv.conv, conv.keep_days));
        }
        if from > 1 {
            changes.push(Change::ForgetBefore(conv.conv, from));
        }
        // In every snapshot: one that was cut short may have left something put aside. As long as the operator has not
        // said that it goes on, nobody knows from where.
        if self.book.named.is_some() && !self.book.rolled_back {
            changes.push(Change::Base(conv.conv, conv.base_seq));
        }
        if self.book.opening_conv == Some(conv.conv) {
            self.book.opening_conv = None;
            after.extend(self.show_chat(conv.conv));
        }
        if self.open == Some(conv.conv) {
            after.extend(self.ask_members(conv.conv));
        }
        if self.book.opening == Some(other) {
            self.book.opening = None;
            self.show_chat(conv.conv);
        }
        changes
    }

    fn forget_chat(&mut self, conv: ConvId) {
        self.chats.remove(&conv);
        self.book.reads.remove(&conv);
        if self.open == Some(conv) {
            self.open = None;
        }
    }

    /// Everything missed has been sent.
    pub(super) fn synced(&mut self, stamp: Stamp, cursor: u64) -> Commands {
        let mut changes = Vec::new();
        if let Some(named) = self.book.named.take() {
            self.requests
                .retain(|account, _| named.requests.contains(account));
            self.people
                .retain(|account, _| named.people.contains(account) || named.contacts.contains(account));
            for person in self
                .people
                .values_mut()
                .filter(|person| !named.contacts.contains(&person.account))
            {
                person.relation = None;
            }
            let me = self.me.account;
            self.chats.retain(|conv, chat| {
                named.convs.contains(conv) || !chat.waiting.is_empty() || !chat.draft.is_empty()
            });
            for chat in self.chats.values_mut() {
                let conv = chat.conv;
                chat.messages
                    .retain(|seq, _| named.entries.contains(&(conv, *seq)));
                chat.more = chat
                    .messages
                    .values()
                    .next()
                    .map_or(chat.head, |first| first.prev_seq)
                    > 0;
                (chat.loading, chat.past) = (false, None);
                chat.count_unread(me);
            }
            self.open = self.open.filter(|conv| self.chats.contains_key(conv));
            changes = self.cap_reads();
            changes.push(Change::Named(named.convs.into_iter().collect()));
        }
        self.book.place.cursor = self.book.place.cursor.max(cursor);
        self.link = Link::Up;
        let missed = self.notify_missed();
        if self.book.trusted {
            self.unsure_since = None;
        }
        let place = Some(self.book.place);
        let mut commands = vec![
            StoreCommand::Apply {
                changes,
                stamp: Some(stamp),
                place,
            }
            .into(),
        ];
        commands.extend(missed);
        commands.extend(self.say_reads());
        commands.extend(self.say_wishes());
        self.say_drafts_again(self.book.mono_ms);
        commands.extend(self.chats.values().filter_map(first_hole));
        if std::mem::take(&mut self.book.fresh) && self.open.is_none() {
            let newest = self.chats.keys().next_back().copied();
            commands.extend(newest.map(|conv| self.show_chat(conv)).unwrap_or_default());
        }
        if self.dialog == Some(Dialog::Devices) {
            self.devices.clear();
        }
        commands
    }
}

/// What is missing inside the messages in memory, if anything.
fn first_hole(chat: &Chat) -> Option<Command> {
    use breeze_protocol::message::chat::History;
    let pairs = chat.messages.values().zip(chat.messages.values().skip(1));
    let (before, _) = pairs.into_iter().find(|(a, b)| b.prev_seq > a.seq)?;
    let history = History {
        conv: chat.conv,
        before: 0,
        after: before.seq,
        limit: 200,
    };
    let ask = super::command::Ask::Hole(chat.conv, before.seq);
    Some(LinkCommand::Request(ask, Box::new(history.into())).into())
}
