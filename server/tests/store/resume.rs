//! Catching up: a stale snapshot and what came since must equal a fresh snapshot, whatever happened in between.

use super::bench::{self, Bench, NOW, mid, profile};
use super::deeds::{self, Deed, deed};
use super::device::Device;
use breeze_protocol::limit::SNAPSHOT_ENTRIES;
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::{ItemState, Relation};
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::keep::KeepStore;
use breeze_server::store::{Audience, Change, ContactChange, Missed, Store};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[tokio::test]
async fn many_missed_changes_come_in_pages_and_in_order() {
    for mut bench in bench::both() {
        let (ann, bob, conv) = bench.friends("ann", "bob").await;
        let cid = bench.person("cid").await;
        bench.befriend(ann, cid, "cid").await;
        let other = bench.store.conv_open(ann, mid(), cid, NOW).await.unwrap();
        let mut device = Device::fresh(&bench.store, ann).await;
        let before = device.cursor;
        for n in 0..450_u32 {
            bench.hand(if n % 3 == 0 { ann } else { bob }, conv, mid(), &n.to_string());
            if n % 5 == 0 {
                bench.hand(cid, other, mid(), "hi");
            }
        }
        bench.changes().await;
        bench.mark(bob, conv, (450, 450), Audience::All).await;
        let head = Device::fresh(&bench.store, ann).await.cursor;
        let count = bench.store.missed_count(ann, before, 10_000).await.unwrap();
        assert_eq!(count, 450 + 90 + 1);
        assert_eq!(bench.store.missed_count(ann, before, 100).await.unwrap(), 100);
        assert_eq!(bench.store.missed_count(ann, head, 100).await.unwrap(), 0);
        assert_eq!(device.catch_up(&bench.store, ann, head).await, 541);
        assert_eq!(device.entries.len(), 540);
        assert_eq!(device.cursor, head);
    }
}

#[tokio::test]
async fn a_snapshot_holds_the_newest_entries_only() {
    for mut bench in bench::both() {
        let (ann, _, conv) = bench.friends("ann", "bob").await;
        for n in 0..80 {
            bench.hand(ann, conv, mid(), &n.to_string());
        }
        bench.changes().await;
        let device = Device::fresh(&bench.store, ann).await;
        let seqs: Vec<u64> = device.entries.keys().map(|(_, seq)| *seq).collect();
        assert_eq!(seqs.len(), SNAPSHOT_ENTRIES);
        assert_eq!((seqs[0], seqs[49]), (31, 80));
        let page = bench.store.snapshot(ann, 9999).await.unwrap();
        assert!(page.rows.is_empty() && !page.more);
    }
}

#[tokio::test]
async fn how_far_the_data_has_come_is_asked_of_the_store() {
    let mut bench = bench::file(Roster::Friends);
    let start = bench.store.identity();
    let reached = bench.store.reached().await.unwrap();
    assert_eq!((reached.boot, reached.head), (start.boot, start.head));
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let said = bench.say(ann, conv, "hello").await;
    assert_eq!(bench.store.reached().await.unwrap().head, said.cursor);
    bench.mark(bob, conv, (1, 1), Audience::All).await;
    let reached = bench.store.reached().await.unwrap();
    assert_eq!((reached.boot, reached.head), (start.boot, said.cursor + 1));
    let dir = bench.dir.take().unwrap();
    bench.store.close().await;
    let bench = bench::open(bench::options(dir.path(), Roster::Friends));
    let again = bench.store.reached().await.unwrap();
    assert_eq!((again.boot, again.head), (start.boot + 1, reached.head));
}

/// One thing somebody does.
#[derive(Debug, Clone)]
enum Step {
    Say(usize, usize),
    /// What becomes of the entry at this place.
    Change(usize, usize, EntryKind, u64),
    Ask(usize, usize),
    Answer(usize, usize, bool),
    Unfriend(usize, usize),
    Block(usize, usize),
    Unblock(usize, usize),
    Open(usize, usize),
    Rename(usize, u8, bool),
    Mark(usize, usize, u64, bool),
    Publish(usize),
    Group(usize, usize),
    InGroup(usize, usize, usize, Deed),
    Join,
    /// Two keep their messages for so many days.
    KeepFor(usize, usize, u64),
    /// A day passes, and what is over is erased.
    Day,
    /// The watcher's stale device catches up half-way.
    Sync,
}

fn step() -> impl Strategy<Value = Step> {
    use EntryKind::{Delete, Edit, Reaction, Text};
    let change = prop::sample::select(vec![Text, Edit, Delete, Reaction]);
    let who = 0..4_usize;
    let pair = (0..4_usize, 0..4_usize);
    prop_oneof![
        6 => pair.clone().prop_map(|(a, b)| Step::Say(a, b)),
        6 => (pair.clone(), change, 1..8_u64).prop_map(|((a, b), kind, to)| Step::Change(a, b, kind, to)),
        3 => pair.clone().prop_map(|(a, b)| Step::Ask(a, b)),
        4 => (pair.clone(), any::<bool>()).prop_map(|((a, b), yes)| Step::Answer(a, b, yes)),
        1 => pair.clone().prop_map(|(a, b)| Step::Unfriend(a, b)),
        2 => pair.clone().prop_map(|(a, b)| Step::Block(a, b)),
        2 => pair.clone().prop_map(|(a, b)| Step::Unblock(a, b)),
        4 => pair.clone().prop_map(|(a, b)| Step::Open(a, b)),
        3 => (who.clone(), any::<u8>(), any::<bool>()).prop_map(|(a, n, all)| Step::Rename(a, n, all)),
        4 => (pair.clone(), 0..6_u64, any::<bool>()).prop_map(|((a, b), n, all)| Step::Mark(a, b, n, all)),
        1 => who.clone().prop_map(Step::Publish),
        3 => pair.clone().prop_map(|(a, b)| Step::Group(a, b)),
        14 => (pair.clone(), 0..3_usize, deed()).prop_map(|((a, b), group, deed)| Step::InGroup(a, group, b, deed)),
        1 => Just(Step::Join),
        2 => (pair, 0..3_u64).prop_map(|((a, b), days)| Step::KeepFor(a, b, days)),
        2 => Just(Step::Day),
        1 => Just(Step::Sync),
    ]
}

/// An entry of this kind that names another.
fn change(kind: EntryKind, conv: ConvId, target: u64) -> Send {
    let body = match kind {
        EntryKind::Delete => "",
        EntryKind::Reaction => "👍",
        _ => "another text",
    };
    Send {
        kind,
        target: Some(target),
        ..Send::text(mid(), conv, body)
    }
}

/// What two people who write to each other do to their messages: far more of it than among all that can happen.
fn entry_step() -> impl Strategy<Value = Step> {
    use EntryKind::{Delete, Edit, Reaction, Text};
    let change = prop::sample::select(vec![Text, Edit, Edit, Delete, Reaction]);
    let who = 0..2_usize;
    prop_oneof![
        4 => who.clone().prop_map(|a| Step::Say(a, 1 - a)),
        8 => (who.clone(), change, 1..12_u64).prop_map(|(a, kind, to)| Step::Change(a, 1 - a, kind, to)),
        1 => (who, 0..3_u64).prop_map(|(a, days)| Step::KeepFor(a, 1 - a, days)),
        1 => Just(Step::Day),
        1 => Just(Step::Sync),
    ]
}

const NAMES: [&str; 4] = ["ann", "bob", "cid", "dora"];

struct World {
    bench: Bench,
    people: Vec<AccountId>,
    convs: BTreeMap<(AccountId, AccountId), ConvId>,
    groups: Vec<ConvId>,
    /// One device per person that only ever follows live changes.
    live: Vec<Device>,
    newcomers: u32,
}

impl World {
    async fn new(roster: Roster) -> Self {
        let mut bench = bench::memory(roster);
        let mut people = Vec::new();
        for name in NAMES {
            people.push(bench.person(name).await);
        }
        bench.changes().await;
        let mut live = Vec::new();
        for person in &people {
            live.push(Device::fresh(&bench.store, *person).await);
        }
        Self {
            bench,
            people,
            convs: BTreeMap::new(),
            groups: Vec::new(),
            live,
            newcomers: 0,
        }
    }

    async fn act(&mut self, step: &Step) {
        let store = self.bench.store.clone();
        let who = |n: usize| self.people[n];
        let pair = |a: usize, b: usize| self.convs.get(&(who(a).min(who(b)), who(a).max(who(b)))).copied();
        let contact = |me: usize, change| {
            let (store, me) = (store.clone(), who(me));
            async move { drop(store.contact(me, mid(), change, NOW).await) }
        };
        match *step {
            Step::Say(a, b) => {
                if let Some(conv) = pair(a, b) {
                    self.bench.hand(who(a), conv, mid(), "hello");
                }
            }
            Step::Change(a, b, kind, target) => {
                if let Some(conv) = pair(a, b) {
                    self.bench.hand_entry(who(a), change(kind, conv, target));
                }
            }
            Step::Ask(a, b) => {
                let username = if a == b { "nobody" } else { NAMES[b] };
                contact(
                    a,
                    ContactChange::Request {
                        username: username.into(),
                    },
                )
                .await;
            }
            Step::Answer(a, b, accept) => {
                contact(
                    a,
                    ContactChange::Answer {
                        account: who(b),
                        accept,
                    },
                )
                .await
            }
            Step::Unfriend(a, b) => contact(a, ContactChange::Unfriend(who(b))).await,
            Step::Block(a, b) => contact(a, ContactChange::Block(who(b))).await,
            Step::Unblock(a, b) => contact(a, ContactChange::Unblock(who(b))).await,
            Step::Open(a, b) => {
                if let Ok(conv) = store.conv_open(who(a), mid(), who(b), NOW).await {
                    self.convs.insert((who(a).min(who(b)), who(a).max(who(b))), conv);
                }
            }
            Step::Rename(a, n, all) => {
                let audience = if all { Audience::All } else { Audience::OwnDevices };
                store
                    .profile_set(mid(), profile(who(a), &format!("name {n}")), audience)
                    .await
                    .unwrap();
            }
            Step::Mark(a, b, n, all) => {
                let audience = if all { Audience::All } else { Audience::OwnDevices };
                if let Some(conv) = pair(a, b) {
                    self.bench.mark(who(a), conv, (n, n / 2), audience).await;
                }
            }
            Step::Publish(a) => store.publish(who(a)).await.unwrap(),
            Step::Group(..) | Step::InGroup(..) => self.act_in_group(step).await,
            Step::Join => self.join().await,
            Step::KeepFor(..) | Step::Day => self.time(step).await,
            Step::Sync => {}
        }
    }

    async fn join(&mut self) {
        self.newcomers += 1;
        let name = format!("new{}", self.newcomers);
        self.bench.person(&name).await;
    }

    async fn time(&self, step: &Step) {
        let Step::KeepFor(a, b, days) = *step else {
            return self.bench.days_pass(1, 0).await;
        };
        let (one, two) = (self.people[a], self.people[b]);
        if let Some(conv) = self.convs.get(&(one.min(two), one.max(two))).copied() {
            let mid = mid();
            drop(self.bench.store.keep(one, ConvKeep { mid, conv, days }).await);
        }
    }

    async fn act_in_group(&mut self, step: &Step) {
        match *step {
            Step::Group(a, b) => {
                let made = deeds::make(&self.bench, self.people[a], self.people[b]).await;
                self.groups.extend(made);
            }
            Step::InGroup(a, group, b, deed) => {
                if let Some(conv) = self.groups.get(group).copied() {
                    deeds::carry_out(&self.bench, self.people[a], (conv, self.people[b]), deed).await;
                }
            }
            _ => {}
        }
    }

    /// Who blocks or is blocked by each person.
    async fn blocked(&self) -> Vec<Vec<AccountId>> {
        let mut pairs = Vec::new();
        for person in &self.people {
            for item in self.bench.items(*person).await {
                if let ItemState::Contact(it) = item
                    && it.relation == Relation::Blocked
                {
                    pairs.extend([(*person, it.account), (it.account, *person)]);
                }
            }
        }
        let of = |person: &AccountId| {
            let theirs = pairs.iter().filter(|(one, _)| one == person);
            theirs.map(|(_, other)| *other).collect()
        };
        self.people.iter().map(of).collect()
    }

    /// Applies what the hub would push to each person's live device.
    async fn follow(&mut self) {
        for change in self.bench.changes().await {
            let (to, row) = match change {
                Change::Entry { event, members, .. } => (members, Missed::Entry(event)),
                Change::Item { num, to, state } => (to, Missed::Item(num, state)),
                Change::Mark { num, to, conv, mark } => {
                    let state = ItemState::Mark(breeze_protocol::message::item::ConvMark { conv, mark });
                    (to, Missed::Item(num, state))
                }
                _ => continue,
            };
            for (person, device) in self.people.iter().zip(&mut self.live) {
                if to.contains(person) {
                    device.apply(row.clone());
                }
            }
        }
    }
}

async fn stale_plus_missed_is_fresh(roster: Roster, before: Vec<Step>, after: Vec<Step>) {
    let mut world = World::new(roster).await;
    for step in &before {
        world.act(step).await;
    }
    world.follow().await;
    let mut stale = Vec::new();
    for person in &world.people {
        stale.push(Device::fresh(&world.bench.store, *person).await);
    }
    for step in &after {
        world.act(step).await;
        if matches!(step, Step::Sync) {
            world.follow().await;
            let head = Device::fresh(&world.bench.store, world.people[0]).await.cursor;
            stale[0].catch_up(&world.bench.store, world.people[0], head).await;
        }
    }
    world.follow().await;
    let blocked = world.blocked().await;
    for (n, person) in world.people.clone().into_iter().enumerate() {
        let fresh = Device::fresh(&world.bench.store, person).await;
        let count = world
            .bench
            .store
            .missed_count(person, stale[n].cursor, 10_000)
            .await
            .unwrap();
        let rows = stale[n].catch_up(&world.bench.store, person, fresh.cursor).await;
        assert_eq!(rows as u64, count);
        world.live[n].cursor = fresh.cursor;
        let fresh = fresh.without_marks_of(&blocked[n]);
        let caught_up = stale[n].clone().without_marks_of(&blocked[n]);
        assert_eq!(caught_up, fresh, "stale and missed, {}", NAMES[n]);
        let live = world.live[n].clone().without_marks_of(&blocked[n]);
        assert_eq!(live, fresh, "live, {}", NAMES[n]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stale_snapshot_and_what_was_missed_is_a_fresh_snapshot(
        everyone in any::<bool>(),
        before in prop::collection::vec(step(), 0..40),
        after in prop::collection::vec(step(), 0..40),
    ) {
        let roster = if everyone { Roster::Everyone } else { Roster::Friends };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(stale_plus_missed_is_fresh(roster, before, after));
    }

    #[test]
    fn whatever_becomes_of_messages_a_stale_snapshot_and_what_was_missed_is_a_fresh_one(
        before in prop::collection::vec(entry_step(), 0..30),
        after in prop::collection::vec(entry_step(), 1..30),
    ) {
        let before = std::iter::once(Step::Open(0, 1)).chain(before).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(stale_plus_missed_is_fresh(Roster::Everyone, before, after));
    }
}
