//! What a client keeps over its connections: cursor, rows, items, and an outbox. The app keeps the same in SQLite.

pub mod kept;

use breeze_protocol::message::chat::{EntryKind, Event, Receipts};
use breeze_protocol::message::item::{ConvMark, Item, ItemState};
use breeze_protocol::message::resume::Resume;
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{AccountId, ConvId, Epoch};
use std::collections::BTreeMap;

/// One device's own store.
#[derive(Debug, Default, Clone)]
pub struct Local {
    /// Which life of the server's data the cursor belongs to.
    pub epoch: Epoch,
    /// Boot last seen.
    pub boot: u64,
    /// Everything up to here is in this store.
    pub cursor: u64,
    /// Entries by conversation and place.
    pub rows: BTreeMap<(ConvId, u64), Event>,
    /// Items by kind and key, as JSON text.
    pub items: BTreeMap<(String, String), String>,
    /// Newest place ever held, by conversation.
    pub reached: BTreeMap<ConvId, u64>,
    /// Entries that came a second time: allowed by the wire, shown once.
    pub repeats: u64,
    /// Entries that came a second time with another content: never allowed.
    pub contradictions: u64,
    /// Entries whose `prev_seq` was not the last one held.
    pub holes: u64,
}

impl Local {
    /// What this device says when it comes back.
    #[must_use]
    pub fn resume(&self, state: StatusKind) -> Resume {
        let status = breeze_protocol::message::presence::Status { state };
        Resume {
            epoch: self.epoch,
            boot: self.boot,
            cursor: self.cursor,
            status,
        }
    }

    /// Keeps an entry.
    pub fn take_event(&mut self, event: &Event) {
        let key = (event.conv, event.seq);
        let reached = self.reached.entry(event.conv).or_default();
        *reached = event.seq.max(*reached);
        if let Some(old) = self.rows.get_mut(&key) {
            self.repeats += 1;
            let erased = event.body.is_empty() && matches!(event.kind, EntryKind::Text | EntryKind::Edit);
            if erased {
                old.body.clear();
            }
            self.contradictions += u64::from((old.mid, &old.body) != (event.mid, &event.body));
        } else {
            let before = self
                .rows
                .range((event.conv, 0)..key)
                .next_back()
                .map_or(0, |((_, seq), _)| *seq);
            self.holes += u64::from(before != event.prev_seq && before != 0);
            self.rows.insert(key, event.clone());
        }
        if let (EntryKind::Delete, Some(target)) = (event.kind, event.target) {
            self.erase(event.conv, target);
        }
        self.cursor = self.cursor.max(event.cursor);
    }

    /// A deletion erases the message and its edits, here as on the server.
    fn erase(&mut self, conv: ConvId, target: u64) {
        for (_, row) in self.rows.range_mut((conv, 0)..=(conv, u64::MAX)) {
            if row.seq == target || (row.kind == EntryKind::Edit && row.target == Some(target)) {
                row.body.clear();
            }
        }
    }

    /// Keeps an item.
    pub fn take_item(&mut self, item: &Item) {
        let key = (item.kind.clone(), item.key.clone());
        let state = ItemState::from_item(item).expect("items are of their kind's shape");
        match (&item.value, &state) {
            (Some(_), Some(ItemState::Mark(it))) => self.raise(key, it),
            (Some(value), _) => drop(self.items.insert(key, value.get().to_owned())),
            (None, _) => drop(self.items.remove(&key)),
        }
        match state {
            Some(ItemState::ConvGone(conv)) => self.forget_before(conv, u64::MAX),
            Some(ItemState::Conv(it)) => {
                let from = it.group.as_ref().map_or(it.from, |group| group.from);
                self.forget_before(it.conv, from);
            }
            _ => {}
        }
        self.cursor = self.cursor.max(item.cursor);
    }

    /// Marks only rise: what comes may be older than what one has.
    fn raise(&mut self, key: (String, String), told: &ConvMark) {
        let known = self.items.get(&key);
        let known = known.and_then(|it| serde_json::from_str::<ConvMark>(it).ok());
        let mut mark = told.mark;
        if let Some(known) = known {
            mark.delivered = mark.delivered.max(known.mark.delivered);
            mark.read = mark.read.max(known.mark.read);
        }
        let state = ItemState::Mark(ConvMark { mark, ..told.clone() });
        let value = state.into_item(0).value.expect("a mark has a value");
        self.items.insert(key, value.get().to_owned());
    }

    /// What is over, lies before one's joining, or is of a group one has left, is not kept.
    fn forget_before(&mut self, conv: ConvId, from: u64) {
        if from == 0 {
            return;
        }
        self.rows.retain(|(of, seq), _| *of != conv || *seq >= from);
        if let Some((_, first)) = self.rows.range_mut((conv, 0)..=(conv, u64::MAX)).next()
            && first.prev_seq < from
        {
            first.prev_seq = 0;
        }
        let states = self.states();
        for state in states {
            if let ItemState::Mark(it) = state
                && it.conv == conv
                && it.mark.delivered < from
            {
                let key = ("mark".to_owned(), format!("{}:{}", it.conv, it.mark.account));
                self.items.remove(&key);
            }
        }
    }

    /// Place of the newest entry of a conversation.
    #[must_use]
    pub fn newest(&self, conv: ConvId) -> Option<u64> {
        let rows = self.rows.range((conv, 0)..=(conv, u64::MAX));
        rows.last().map(|((_, seq), _)| *seq)
    }

    /// Keeps marks: live ones are the same state as items of kind `mark`.
    pub fn take_receipts(&mut self, receipts: &Receipts) {
        for mark in &receipts.marks {
            let state = ItemState::Mark(ConvMark {
                conv: receipts.conv,
                mark: *mark,
            });
            let item = state.into_item(0);
            self.take_item(&item);
        }
    }

    /// Every item, understood.
    ///
    /// # Panics
    /// When one is not of its shape.
    #[must_use]
    pub fn states(&self) -> Vec<ItemState> {
        let parse = |((kind, key), value): (&(String, String), &String)| {
            let value = serde_json::value::RawValue::from_string(value.clone()).expect("it came as JSON");
            let item = Item {
                cursor: 0,
                kind: kind.clone(),
                key: key.clone(),
                value: Some(value),
            };
            ItemState::from_item(&item).expect("items are of their kind's shape")
        };
        self.items.iter().filter_map(parse).collect()
    }

    /// The conversation with one other person, if there is one.
    #[must_use]
    pub fn conv_with(&self, other: AccountId) -> Option<ConvId> {
        self.states().into_iter().find_map(|state| match state {
            ItemState::Conv(conv) if conv.members.contains(&other) => Some(conv.conv),
            _ => None,
        })
    }

    /// The marks of one member.
    #[must_use]
    pub fn mark_of(&self, conv: ConvId, account: AccountId) -> breeze_protocol::message::chat::Mark {
        let none = breeze_protocol::message::chat::Mark {
            account,
            delivered: 0,
            read: 0,
        };
        let found = self.states().into_iter().find_map(|state| match state {
            ItemState::Mark(it) if it.conv == conv && it.mark.account == account => Some(it.mark),
            _ => None,
        });
        found.unwrap_or(none)
    }

    /// The profile of somebody.
    #[must_use]
    pub fn profile(&self, account: AccountId) -> Option<breeze_protocol::message::item::Profile> {
        self.states().into_iter().find_map(|state| match state {
            ItemState::Profile(it) if it.account == account => Some(it),
            _ => None,
        })
    }

    /// The texts of a conversation in order, as they were first sent; empty where one is erased.
    #[must_use]
    pub fn texts(&self, conv: ConvId) -> Vec<String> {
        let rows = self.rows_of(conv).filter(|event| event.kind.counts());
        rows.map(|event| event.body.clone()).collect()
    }

    /// The texts of a conversation as a person sees them: the newest edit of each, the emoji under it by account, and
    /// none that is erased.
    #[must_use]
    pub fn shown(&self, conv: ConvId) -> Vec<(String, BTreeMap<AccountId, String>)> {
        let mut shown = BTreeMap::new();
        for row in self.rows_of(conv) {
            let target = row
                .target
                .and_then(|target| shown.get_mut(&target))
                .map(|(text, marks): &mut (String, BTreeMap<_, _>)| (text, marks));
            match (row.kind, target) {
                (EntryKind::Text, _) => drop(shown.insert(row.seq, (row.body.clone(), BTreeMap::new()))),
                (EntryKind::Edit, Some((text, _))) => text.clone_from(&row.body),
                (EntryKind::Reaction, Some((_, marks))) if row.body.is_empty() => {
                    marks.remove(&row.sender);
                }
                (EntryKind::Reaction, Some((_, marks))) => {
                    marks.insert(row.sender, row.body.clone());
                }
                _ => {}
            }
        }
        let there = shown.into_values().filter(|(text, _)| !text.is_empty());
        there.collect()
    }

    fn rows_of(&self, conv: ConvId) -> impl Iterator<Item = &Event> {
        self.rows
            .range((conv, 0)..=(conv, u64::MAX))
            .map(|(_, event)| event)
    }
}
