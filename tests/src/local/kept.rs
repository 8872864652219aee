//! What a device holds, in the form in which it must be alike on all of a person's devices and on a new one.

use super::Local;
use breeze_protocol::message::chat::{EntryKind, Event};
use breeze_protocol::message::item::{Conv, Item, ItemState};
use breeze_protocol::{AccountId, ConvId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Debug;

/// What a person sees of an entry: kind, author, text, what it belongs to, its number.
type Shown = (EntryKind, AccountId, String, Option<u64>, u64);

/// Items and entries of one device.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    items: BTreeMap<(String, String), serde_json::Value>,
    rows: BTreeMap<(ConvId, u64), Shown>,
}

impl Kept {
    /// What a device holds.
    #[must_use]
    pub fn of(local: &Local) -> Self {
        Self::with(local, local.rows.values().cloned())
    }

    /// Items of one, entries from elsewhere.
    pub fn with(local: &Local, rows: impl IntoIterator<Item = Event>) -> Self {
        let row = |event: Event| {
            let shown = (event.kind, event.sender, event.body, event.target, event.n);
            ((event.conv, event.seq), shown)
        };
        Self {
            items: items(local),
            rows: rows.into_iter().map(row).collect(),
        }
    }

    /// How many entries and items there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.items.len() + self.rows.len()
    }

    /// Every difference, in a sentence.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Vec<String> {
        let mut all = differences(&self.items, &other.items);
        all.extend(differences(&self.rows, &other.rows));
        all
    }
}

fn differences<K: Ord + Debug, V: PartialEq + Debug>(
    one: &BTreeMap<K, V>,
    other: &BTreeMap<K, V>,
) -> Vec<String> {
    let keys: BTreeSet<&K> = one.keys().chain(other.keys()).collect();
    let differing = keys.into_iter().filter(|key| one.get(key) != other.get(key));
    differing
        .map(|key| {
            format!(
                "{key:?} is {:?} here and {:?} there",
                one.get(key),
                other.get(key)
            )
        })
        .collect()
}

/// Items; the head of a conversation moves with its entries.
fn items(local: &Local) -> BTreeMap<(String, String), serde_json::Value> {
    let states = local.states();
    let members: HashSet<(ConvId, AccountId)> = states
        .iter()
        .filter_map(|state| match state {
            ItemState::Conv(it) => Some(it.members.iter().map(|member| (it.conv, *member))),
            _ => None,
        })
        .flatten()
        .collect();
    // What was told of somebody before they left stays, and a new device is not told it again.
    let there = |state: &ItemState| match state {
        ItemState::Mark(it) => members.contains(&(it.conv, it.mark.account)),
        _ => true,
    };
    let states = states.into_iter().filter(there).map(|state| match state {
        ItemState::Conv(it) => ItemState::Conv(Conv { head: 0, n: 0, ..it }),
        state => state,
    });
    let row = |item: Item| {
        let value = item.value.map(|value| value.get().to_owned());
        let value = value.and_then(|value| serde_json::from_str(&value).ok());
        ((item.kind, item.key), value.unwrap_or_default())
    };
    states.map(|state| row(state.into_item(0))).collect()
}
