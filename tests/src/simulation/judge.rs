//! What is wrong with a pretend world once it is calm: every device against the store, every promise against what is there.

use super::book::{Book, Part, Seen};
use super::device::Leave;
use crate::local::Local;
use crate::local::kept::Kept;
use breeze_protocol::message::chat::{EntryKind, Event};
use breeze_protocol::message::group::{MemberAct, MemberChange};
use breeze_protocol::{AccountId, ConvId, PresenceState};
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::{Missed, Store};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::PoisonError;

/// Rows of one page of history.
const PAGE: usize = 100;

/// Holds everything against everything. The store is asked as a new device would ask it.
pub(super) async fn judge(book: &mut Book, store: &SqliteStore, people: &[AccountId]) {
    let mut wrong = Vec::new();
    for (device, count) in &book.waiting {
        if *count > 0 {
            wrong.push(format!(
                "{count} wishes of device {device} are still not answered"
            ));
        }
    }
    let mut views = HashMap::new();
    for account in people {
        views.insert(*account, View::of(store, *account, &book.convs).await);
    }
    for (number, (account, local)) in book.devices.iter().enumerate() {
        let local = local.lock().unwrap_or_else(PoisonError::into_inner);
        let view = &views[account];
        view.compare(number, &local, &mut wrong);
    }
    promises(book, &views, &mut wrong);
    book.wrong.extend(wrong);
}

/// What the server tells one person when asked for everything.
struct View {
    kept: Kept,
    rows: BTreeMap<(ConvId, u64), Event>,
}

impl View {
    async fn of(store: &SqliteStore, account: AccountId, convs: &[ConvId]) -> Self {
        let mut fresh = Local::default();
        for page in 0.. {
            let page = store.snapshot(account, page).await.expect("the store answers");
            for row in page.rows {
                match row {
                    Missed::Entry(event) => fresh.take_event(&event),
                    Missed::Item(num, state) => fresh.take_item(&state.into_item(num)),
                }
            }
            if !page.more {
                break;
            }
        }
        let mut rows = BTreeMap::new();
        for conv in convs {
            let mut before = 0;
            while let Some(page) = store
                .history(account, *conv, before, 0, PAGE)
                .await
                .expect("the store answers")
                && let Some(oldest) = page.rows.iter().map(|row| row.seq).min()
            {
                rows.extend(page.rows.into_iter().map(|row| ((*conv, row.seq), row)));
                before = oldest;
            }
        }
        Self {
            kept: Kept::with(&fresh, rows.values().cloned()),
            rows,
        }
    }

    fn compare(&self, number: usize, local: &Local, wrong: &mut Vec<String>) {
        if local.contradictions > 0 {
            let count = local.contradictions;
            wrong.push(format!(
                "device {number} was told {count} places twice with another content"
            ));
        }
        let differences = Kept::of(local).differs(&self.kept).into_iter();
        wrong.extend(differences.map(|it| format!("device {number}, beside a new one: {it}")));
    }
}

/// Every promise is there, once; every place is taken, once; what a device wrote stands in the order it was written in.
fn promises(book: &Book, views: &HashMap<AccountId, View>, wrong: &mut Vec<String>) {
    for conv in &book.convs {
        // Whoever has been there from the first message on sees all of them.
        let whole = views.values().max_by_key(|view| of(view, *conv).count());
        let Some(view) = whole else { continue };
        let seqs: Vec<u64> = of(view, *conv).map(|row| row.seq).collect();
        if !seqs.iter().enumerate().all(|(at, seq)| *seq == at as u64 + 1) {
            wrong.push(format!("places of {conv} are {seqs:?}"));
        }
        let mut mids = HashSet::new();
        for row in of(view, *conv).filter(|row| row.kind != EntryKind::Member) {
            if !mids.insert((row.sender, row.mid)) {
                wrong.push(format!("{:?} is in {conv} twice", row.mid));
            }
        }
        for (device, sent) in book.sent.iter().filter(|(_, sent)| sent.conv == *conv) {
            let account = book.devices[*device].0;
            if !mids.contains(&(account, sent.mid)) {
                wrong.push(format!("promised to device {device} and not there: {sent:?}"));
            }
        }
        // A message refused because its author had been put out is a new one once they are back: if the connection ends
        // before the refusal is heard, it is said again, behind what was written after the return.
        let put_out = put_out(view, *conv);
        let mut last: HashMap<&str, u64> = HashMap::new();
        let texts = of(view, *conv).filter(|row| row.kind == EntryKind::Text);
        for row in texts.filter(|row| !put_out.contains(&row.sender)) {
            let Some((device, number)) = row.body.split_once(' ') else {
                continue;
            };
            let number = number.parse().unwrap_or(0);
            if last.insert(device, number).is_some_and(|before| before >= number) {
                wrong.push(format!(
                    "{conv}: what device {device} wrote is not in order at {number}"
                ));
            }
        }
    }
}

/// Who was ever put out of a group.
fn put_out(view: &View, conv: ConvId) -> HashSet<AccountId> {
    let changes = of(view, conv).filter(|row| row.kind == EntryKind::Member);
    let changes = changes.filter_map(|row| serde_json::from_str::<MemberChange>(&row.body).ok());
    changes
        .filter(|change| change.did == MemberAct::Removed)
        .flat_map(|change| change.accounts)
        .collect()
}

fn of(view: &View, conv: ConvId) -> impl Iterator<Item = &Event> {
    view.rows.range((conv, 0)..=(conv, u64::MAX)).map(|(_, row)| row)
}

/// Who is not seen as they are. `gone` are those who must be grey by now.
pub(super) fn presence(book: &mut Book, people: &[AccountId], leaves: &[Leave], gone: &[Leave]) {
    let calm = book.part == Part::Calm;
    let mut wrong = Vec::new();
    let stays = |account: AccountId| {
        let at = people.iter().position(|it| *it == account).unwrap_or(0);
        calm || leaves[at] == Leave::Stays
    };
    for (number, (account, _)) in book.devices.iter().enumerate().filter(|(_, it)| stays(it.0)) {
        let Some(seen) = book.seen.get(&number) else {
            wrong.push(format!("device {number} is not back"));
            continue;
        };
        for (other, leave) in people.iter().zip(leaves).filter(|(it, _)| *it != account) {
            let wanted = match leave {
                _ if calm => PresenceState::Online,
                Leave::Stays => PresenceState::Online,
                leave if gone.contains(leave) => PresenceState::Offline,
                _ => continue,
            };
            wrong.extend(differs(number, *other, seen, wanted));
        }
    }
    book.wrong.extend(wrong);
}

fn differs(number: usize, other: AccountId, seen: &Seen, wanted: PresenceState) -> Option<String> {
    let state = seen.get(&other).copied()?;
    (state != wanted).then(|| format!("device {number} sees {other} as {state:?}, who is {wanted:?}"))
}
