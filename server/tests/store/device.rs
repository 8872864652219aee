//! The pure half of a client, as the suite needs it: what it stores of what it is told.

use breeze_protocol::limit::PAGE_ROWS_MAX;
use breeze_protocol::message::chat::{EntryKind, Event};
use breeze_protocol::message::item::{ConvMark, ItemState};
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::{Missed, Store};
use std::collections::BTreeMap;

/// What a device has stored: the pure half of a client.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Device {
    /// Whose it is.
    me: AccountId,
    items: BTreeMap<String, ItemState>,
    pub(crate) entries: BTreeMap<(ConvId, u64), Event>,
    pub(crate) cursor: u64,
}

fn key(state: &ItemState) -> String {
    match state {
        ItemState::Profile(it) => format!("profile {}", it.account),
        ItemState::Contact(it) => format!("contact {}", it.account),
        ItemState::Request(it) => format!("request {}", it.account),
        ItemState::Conv(it) => format!("conv {}", it.conv),
        ItemState::Mark(it) => format!("mark {} {}", it.conv, it.mark.account),
        ItemState::Prefs(it) => format!("prefs {}", it.conv),
        ItemState::PrefsGone(it) => format!("prefs {it}"),
        ItemState::Draft(it) => format!("draft {}", it.conv),
        ItemState::DraftGone(it) => format!("draft {it}"),
        ItemState::Pins(it) => format!("pins {}", it.conv),
        ItemState::PinsGone(it) => format!("pins {it}"),
        ItemState::ProfileGone(it) => format!("profile {it}"),
        ItemState::ContactGone(it) => format!("contact {it}"),
        ItemState::RequestGone(it) => format!("request {it}"),
        ItemState::ConvGone(it) => format!("conv {it}"),
    }
}

/// What is told of a message and its edits, where its deletion is told as well, is that they were there.
fn nothing_deleted(rows: &[Missed]) {
    let entries = || {
        rows.iter().filter_map(|row| match row {
            Missed::Entry(event) => Some(event),
            Missed::Item(..) => None,
        })
    };
    for delete in entries().filter(|event| event.kind == EntryKind::Delete) {
        let told = entries().find(|event| {
            let edit = event.kind == EntryKind::Edit && event.target == delete.target;
            event.conv == delete.conv && (Some(event.seq) == delete.target || edit) && !event.body.is_empty()
        });
        assert_eq!(told, None, "told again although {delete:?}");
    }
}

impl Device {
    pub(crate) fn apply(&mut self, row: Missed) {
        match row {
            Missed::Entry(event) => self.apply_entry(event),
            Missed::Item(_, state) => {
                let key = key(&state);
                match state {
                    ItemState::ProfileGone(_)
                    | ItemState::ContactGone(_)
                    | ItemState::RequestGone(_)
                    | ItemState::PrefsGone(_)
                    | ItemState::PinsGone(_)
                    | ItemState::DraftGone(_) => {
                        drop(self.items.remove(&key));
                    }
                    ItemState::ConvGone(conv) => {
                        self.items.remove(&key);
                        self.forget_before(conv, u64::MAX);
                    }
                    // The head of a conversation moves with its entries.
                    ItemState::Conv(conv) => {
                        let conv = breeze_protocol::message::item::Conv {
                            head: 0,
                            n: 0,
                            ..conv
                        };
                        let from = conv.group.as_ref().map_or(conv.from, |group| group.from);
                        self.forget_before(conv.conv, from);
                        self.items.insert(key, ItemState::Conv(conv));
                    }
                    state => drop(self.items.insert(key, state)),
                }
            }
        }
    }

    /// A deletion erases the message and its edits, here as on the server.
    fn apply_entry(&mut self, event: Event) {
        if let (EntryKind::Delete, Some(target)) = (event.kind, event.target) {
            let erased = self.entries.values_mut().filter(|entry| {
                let edit = entry.kind == EntryKind::Edit && entry.target == Some(target);
                entry.conv == event.conv && (entry.seq == target || edit)
            });
            erased.for_each(|entry| entry.body.clear());
        }
        self.entries
            .insert((event.conv, event.seq), Event { cursor: 0, ..event });
    }

    /// Forgets the entries and marks of a conversation that lie before this place.
    fn forget_before(&mut self, conv: ConvId, from: u64) {
        self.entries.retain(|(of, seq), _| *of != conv || *seq >= from);
        if let Some(first) = self.entries.get_mut(&(conv, from)) {
            first.prev_seq = 0;
        }
        let me = self.me;
        let before = |it: &ConvMark| it.conv == conv && it.mark.delivered < from;
        self.items.retain(
            |_, it| !matches!(it, ItemState::Mark(it) if before(it) && (it.mark.account != me || from == u64::MAX)),
        );
    }

    /// Without the marks in groups of people this one blocks or is blocked by: what was told before a block stays, and
    /// a new device is not told it again.
    pub(crate) fn without_marks_of(mut self, blocked: &[AccountId]) -> Self {
        let groups: Vec<ConvId> = self
            .items
            .values()
            .filter_map(|it| match it {
                ItemState::Conv(it) if it.group.is_some() => Some(it.conv),
                _ => None,
            })
            .collect();
        self.items.retain(|_, it| {
            !matches!(it, ItemState::Mark(it) if groups.contains(&it.conv) && blocked.contains(&it.mark.account))
        });
        self
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Event> {
        self.entries.values()
    }

    pub(crate) fn items(&self) -> Vec<ItemState> {
        self.items.values().cloned().collect()
    }

    /// As a client does it: the head first, then pages, then the rest.
    pub(crate) async fn fresh(store: &SqliteStore, account: AccountId) -> Self {
        let mut device = Self {
            me: account,
            cursor: store.snapshot(account, 0).await.unwrap().cursor,
            ..Self::default()
        };
        for page in 0.. {
            let page = store.snapshot(account, page).await.unwrap();
            nothing_deleted(&page.rows);
            page.rows.into_iter().for_each(|row| device.apply(row));
            if !page.more {
                break;
            }
        }
        device
    }

    pub(crate) async fn catch_up(&mut self, store: &SqliteStore, account: AccountId, upto: u64) -> usize {
        let mut rows = 0;
        loop {
            let page = store.missed(account, self.cursor, upto).await.unwrap();
            let nums: Vec<u64> = page.rows.iter().map(Missed::num).collect();
            assert!(nums.is_sorted_by(|a, b| a < b), "{nums:?}");
            assert!(nums.len() <= PAGE_ROWS_MAX);
            assert!(nums.iter().all(|num| (self.cursor + 1..=upto).contains(num)));
            rows += nums.len();
            nothing_deleted(&page.rows);
            page.rows.into_iter().for_each(|row| self.apply(row));
            self.cursor = page.cursor;
            if !page.more {
                return rows;
            }
        }
    }
}
