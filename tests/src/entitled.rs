//! Random lives of a few people in groups, on the real store, held against a model of who may see what: not one byte may
//! be told to somebody who is not entitled to it, and nothing somebody is entitled to may be missing.

pub mod model;

use crate::world::Chance;
use breeze_protocol::message::chat::{EntryKind, Event, Mark, Send};
use breeze_protocol::message::group::Role;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::{AccountId, ConvId, Mid};
use breeze_server::fault::Fault;
use breeze_server::store::keep::KeepStore;
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::{OpenStore, Place};
use breeze_server::store::{
    Audience, Change, Committed, ConnId, ContactChange, GroupChange, Missed, NewAccount, Registered, SendJob,
    Store,
};
use model::{Deed, Model, Talk, Who, pair};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::Receiver;

const PEOPLE: [&str; 5] = ["ann", "bob", "cleo", "dora", "eve"];
/// Conversations of one life: more would seldom meet.
const TALKS_MAX: usize = 6;
/// A wall clock; nothing depends on it.
const NOW: u64 = 1_800_000_000_000;

/// What came of a life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Things done, refused ones among them.
    pub deeds: u64,
    /// Bytes of texts and names told, each time they were.
    pub told: u64,
    /// Bytes told to somebody who was not entitled to them.
    pub leaked: u64,
    /// Things the store decided otherwise than the model, or did not tell.
    pub wrong: u64,
}

/// One life.
struct Life {
    store: SqliteStore,
    commits: Receiver<Committed>,
    /// Added to, time passes for the store.
    ahead_ms: Arc<AtomicU64>,
    accounts: Vec<AccountId>,
    convs: Vec<ConvId>,
    model: Model,
    chance: Chance,
    mids: u64,
    /// Cursors at which somebody's device stands still.
    cursors: Vec<u64>,
    outcome: Outcome,
}

/// Lives through so many steps of this seed. The same seed is the same life.
///
/// # Panics
/// When the store cannot be opened.
pub async fn live(seed: u64, steps: u64, fault: Fault) -> Outcome {
    let options = OpenStore {
        fault,
        ..OpenStore::new(Place::Memory, Roster::Friends, NOW)
    };
    let ahead_ms = Arc::clone(&options.ahead_ms);
    let (store, commits) = SqliteStore::open(options).expect("a store in memory opens");
    while store.expire(0).await.expect("the store answers") {}
    let mut life = Life {
        store,
        commits,
        ahead_ms,
        accounts: Vec::new(),
        convs: Vec::new(),
        model: Model::default(),
        chance: Chance::new(seed),
        mids: 0,
        cursors: vec![0; PEOPLE.len()],
        outcome: Outcome::default(),
    };
    life.begin().await;
    for _ in 0..steps {
        life.step().await;
        life.listen().await;
        life.outcome.deeds += 1;
    }
    for who in 0..PEOPLE.len() {
        life.look(who).await;
    }
    life.outcome
}

impl Life {
    fn mid(&mut self) -> Mid {
        self.mids += 1;
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&self.mids.to_be_bytes());
        Mid(bytes)
    }

    fn who(&mut self) -> Who {
        usize::try_from(self.chance.below(PEOPLE.len() as u64)).expect("a handful")
    }

    fn talk(&mut self) -> Option<usize> {
        let count = self.convs.len() as u64;
        (count > 0).then(|| usize::try_from(self.chance.below(count)).expect("a handful"))
    }

    async fn begin(&mut self) {
        for name in PEOPLE {
            let new = NewAccount {
                mid: self.mid(),
                invite: None,
                username: name.into(),
                skeleton: name.into(),
                password_hash: String::new(),
                display_name: name.into(),
                device: None,
                now_ms: NOW,
            };
            match self.store.register(new).await.expect("there is room") {
                Registered::Made(device) => self.accounts.push(device.account),
                other => panic!("{other:?}"),
            }
        }
        for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (3, 4)] {
            self.befriend(a, b).await;
        }
        self.listen().await;
    }

    async fn contact(&mut self, who: Who, change: ContactChange) -> bool {
        let mid = self.mid();
        self.store
            .contact(self.accounts[who], mid, change, NOW)
            .await
            .is_ok()
    }

    async fn befriend(&mut self, a: Who, b: Who) {
        let username = PEOPLE[b].to_owned();
        let asked = self.contact(a, ContactChange::Request { username }).await;
        let account = self.accounts[a];
        let yes = ContactChange::Answer {
            account,
            accept: true,
        };
        if asked && self.contact(b, yes).await {
            self.model.friends.insert(pair(a, b));
        }
    }

    async fn step(&mut self) {
        let (a, b) = (self.who(), self.who());
        match self.chance.below(100) {
            0..4 if a != b => self.befriend(a, b).await,
            4..7 if a != b => {
                if self.contact(a, ContactChange::Unfriend(self.accounts[b])).await {
                    self.model.friends.remove(&pair(a, b));
                }
            }
            7..12 if a != b => {
                if self.contact(a, ContactChange::Block(self.accounts[b])).await {
                    self.model.blocks.insert((a, b));
                }
            }
            12..18 => {
                if self.contact(a, ContactChange::Unblock(self.accounts[b])).await {
                    self.model.blocks.remove(&(a, b));
                }
            }
            18..26 => self.open(a, b).await,
            26..58 => self.deed(a, b).await,
            58..82 => self.say(a).await,
            82..90 => self.mark(a).await,
            90..93 => self.keep(a).await,
            93..95 => self.day().await,
            _ => self.look(a).await,
        }
    }

    /// Makes a group, or a conversation of two.
    async fn open(&mut self, a: Who, b: Who) {
        if self.convs.len() >= TALKS_MAX || a == b {
            return;
        }
        let direct = self.chance.happens(300);
        let (mid, me, other) = (self.mid(), self.accounts[a], self.accounts[b]);
        let made = if direct {
            self.store.conv_open(me, mid, other, NOW).await
        } else {
            let create = GroupChange::Create {
                title: format!("talk {}", self.convs.len()),
                members: vec![other],
            };
            self.store.group(me, mid, create).await
        };
        self.outcome.wrong += u64::from(made.is_ok() != self.model.open_to(a, b));
        if let Ok(conv) = made
            && !self.convs.contains(&conv)
        {
            self.convs.push(conv);
            self.model.talks.push(Talk::new(direct, &[a, b]));
        }
    }

    async fn deed(&mut self, a: Who, b: Who) {
        let Some(at) = self.talk() else { return };
        let (conv, other) = (self.convs[at], self.accounts[b]);
        let (deed, change) = match self.chance.below(10) {
            0..4 => (Deed::Invite(b), GroupChange::Invite(conv, vec![other])),
            4..6 => (Deed::Remove(b), GroupChange::Remove(conv, other)),
            6..8 => (Deed::Leave, GroupChange::Leave(conv)),
            8 => {
                let title = format!("name {}", self.mids);
                (Deed::Rename, GroupChange::Rename(conv, title, None))
            }
            _ => {
                let roles = [Role::Owner, Role::Admin, Role::Member];
                let role = roles[usize::try_from(self.chance.below(3)).expect("three")];
                (Deed::Role(b, role), GroupChange::Role(conv, other, role))
            }
        };
        let mid = self.mid();
        let done = self.store.group(self.accounts[a], mid, change).await.is_ok();
        let may = self.model.act(a, at, deed);
        self.outcome.wrong += u64::from(done != may);
    }

    async fn say(&mut self, a: Who) {
        let Some(at) = self.talk() else { return };
        let mid = self.mid();
        let text = format!("secret {} of talk {at}", self.mids);
        let send = Send::text(mid, self.convs[at], text.clone());
        let job = SendJob {
            conn: ConnId(1),
            sender: self.accounts[a],
            send,
            now_ms: NOW,
            place: None,
        };
        assert!(self.store.send(job).is_ok(), "the store has room");
        let may = self.model.may_write(a, at);
        if may {
            let day = self.model.day;
            self.model.talks[at].texts.push(text);
            self.model.talks[at].days.push(day);
        }
        let stored = self.listen().await;
        self.outcome.wrong += u64::from(stored != may);
    }

    /// Says how long messages are kept.
    async fn keep(&mut self, a: Who) {
        let Some(at) = self.talk() else { return };
        let (mid, conv, days) = (self.mid(), self.convs[at], self.chance.below(3));
        let done = self
            .store
            .keep(self.accounts[a], ConvKeep { mid, conv, days })
            .await
            .is_ok();
        let may = self.model.may_limit(a, at);
        self.outcome.wrong += u64::from(done != may);
        if may {
            self.model.talks[at].keep_days = days;
            self.model.end(at);
        }
    }

    /// A day passes, and what is over is erased.
    async fn day(&mut self) {
        const DAY_MS: u64 = 24 * 60 * 60 * 1000;
        self.ahead_ms.fetch_add(DAY_MS, Ordering::Relaxed);
        while self.store.expire(0).await.expect("the store answers") {}
        self.model.day += 1;
        for at in 0..self.model.talks.len() {
            self.model.end(at);
        }
    }

    async fn mark(&mut self, a: Who) {
        let Some(at) = self.talk() else { return };
        let seq = self.chance.below(30);
        let mark = Mark {
            account: self.accounts[a],
            delivered: seq,
            read: seq / 2,
        };
        let marks = vec![(self.convs[at], mark)];
        let marked = self.store.mark(self.accounts[a], marks, Audience::All).await;
        self.outcome.wrong += u64::from(marked.is_err());
    }

    /// Judges what the live devices are told. Whether a text was among it.
    async fn listen(&mut self) -> bool {
        self.store.alive(NOW).await.expect("the store answers");
        let mut text = false;
        while let Ok(group) = self.commits.try_recv() {
            for change in group.changes {
                let (to, row) = match change {
                    Change::Entry { event, members, .. } => (members, Missed::Entry(event)),
                    Change::Item { num, to, state } => (to, Missed::Item(num, state)),
                    Change::Mark { num, to, conv, mark } => {
                        let state = breeze_protocol::message::item::ConvMark { conv, mark };
                        (to, Missed::Item(num, ItemState::Mark(state)))
                    }
                    _ => continue,
                };
                text |= matches!(&row, Missed::Entry(it) if it.kind == EntryKind::Text);
                for account in to {
                    let who = self.accounts.iter().position(|it| *it == account);
                    self.judge(who.expect("one of them"), &row);
                }
            }
        }
        text
    }

    /// Judges one row told to one person now.
    fn judge(&mut self, who: Who, row: &Missed) {
        let (bytes, entitled) = match row {
            Missed::Entry(event) => (event.body.len(), self.may_see(who, event)),
            Missed::Item(_, ItemState::Conv(conv)) => {
                let at = self.convs.iter().position(|it| *it == conv.conv);
                let title = conv.group.as_ref().map_or(0, |group| group.title.len());
                // A conversation just made is not in the model yet; its members are in the item.
                let inside = at.map_or(conv.members.contains(&self.accounts[who]), |at| {
                    self.model.talks[at].stays.contains_key(&who)
                });
                (title + 8, inside)
            }
            Missed::Item(_, ItemState::Mark(it)) => {
                let at = self.convs.iter().position(|conv| *conv == it.conv);
                let of = self
                    .accounts
                    .iter()
                    .position(|account| *account == it.mark.account);
                let may = match (at, of) {
                    (Some(at), Some(of)) => self.model.may_know_mark(who, of, at),
                    _ => true,
                };
                (16, may)
            }
            Missed::Item(..) => return,
        };
        self.outcome.told += bytes as u64;
        if !entitled {
            self.outcome.leaked += bytes as u64;
        }
    }

    fn may_see(&self, who: Who, event: &Event) -> bool {
        let Some(at) = self.convs.iter().position(|it| *it == event.conv) else {
            return true;
        };
        let talk = &self.model.talks[at];
        if event.kind == EntryKind::Text {
            talk.visible(who).contains(&event.body)
        } else {
            talk.stays.contains_key(&who)
        }
    }

    /// Somebody's device catches up from where it stood, a new one begins, and every history is opened, also those of
    /// others.
    async fn look(&mut self, who: Who) {
        self.listen().await;
        let me = self.accounts[who];
        let first = self.store.snapshot(me, 0).await.expect("the store answers");
        let head = first.cursor;
        for number in 0.. {
            let page = self.store.snapshot(me, number).await.expect("the store answers");
            page.rows.iter().for_each(|row| self.judge(who, row));
            if !page.more {
                break;
            }
        }
        let mut told = self.cursors[who];
        loop {
            let page = self
                .store
                .missed(me, told, head)
                .await
                .expect("the store answers");
            page.rows.iter().for_each(|row| self.judge(who, row));
            told = page.cursor;
            if !page.more {
                break;
            }
        }
        self.cursors[who] = head;
        for at in 0..self.convs.len() {
            let page = self
                .store
                .history(me, self.convs[at], 0, 0, 200)
                .await
                .expect("the store answers");
            let inside = self.model.talks[at].stays.contains_key(&who);
            self.outcome.wrong += u64::from(page.is_some() != inside);
            let rows = page.map_or_else(Vec::new, |page| page.rows);
            let texts: Vec<&String> = rows
                .iter()
                .filter(|it| it.kind == EntryKind::Text)
                .map(|it| &it.body)
                .collect();
            let wanted: Vec<&String> = self.model.talks[at].visible(who).iter().collect();
            let missing = rows.len() < 200 && texts != wanted;
            self.outcome.wrong += u64::from(missing);
            for row in rows {
                self.judge(who, &Missed::Entry(row));
            }
        }
    }
}
