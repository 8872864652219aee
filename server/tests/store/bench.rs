//! The bench the suite works on: a store with its commits at hand, people, and short ways to say things.

use breeze_protocol::message::chat::{Event, Mark, Nack, Send, Sent};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::{ItemState, Profile};
use breeze_protocol::{AccountId, ConvId, Mid, ServerMessage};
use breeze_server::fault::Fault;
use breeze_server::store::data_dir::DataDir;
use breeze_server::store::keep::KeepStore;
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::{OpenStore, Place};
use breeze_server::store::{
    Change, Committed, ConnId, ContactChange, NewAccount, Refusal, Registered, SendJob, Store,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::sync::mpsc::Receiver;

/// A wall clock for tests: far enough from zero that a day can be taken away.
pub(crate) const NOW: u64 = 1_800_000_000_000;

/// A day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A store and what it commits.
pub(crate) struct Bench {
    pub(crate) store: SqliteStore,
    pub(crate) commits: Receiver<Committed>,
    /// Added to, time passes for the store.
    pub(crate) ahead_ms: Arc<AtomicU64>,
    /// Kept until the end, when there is a file.
    pub(crate) dir: Option<TempDir>,
}

/// Both places, so that each test runs on each.
pub(crate) fn both() -> [Bench; 2] {
    [file(Roster::Friends), memory(Roster::Friends)]
}

pub(crate) fn memory(roster: Roster) -> Bench {
    open(OpenStore::new(Place::Memory, roster, NOW))
}

pub(crate) fn file(roster: Roster) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path(), roster);
    Bench {
        dir: Some(dir),
        ..open(options)
    }
}

pub(crate) fn options(path: &Path, roster: Roster) -> OpenStore {
    OpenStore::new(Place::Dir(DataDir::open(path).unwrap()), roster, NOW)
}

pub(crate) fn open(options: OpenStore) -> Bench {
    let ahead_ms = Arc::clone(&options.ahead_ms);
    let (store, commits) = SqliteStore::open(options).unwrap();
    Bench {
        store,
        commits,
        ahead_ms,
        dir: None,
    }
}

/// A store with one promise broken.
pub(crate) fn broken(fault: Fault) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenStore {
        fault,
        ..options(dir.path(), Roster::Friends)
    };
    Bench {
        dir: Some(dir),
        ..open(options)
    }
}

/// A mid nobody used before.
pub(crate) fn mid() -> Mid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Mid(bytes)
}

pub(crate) fn newcomer(name: &str, invite: Option<[u8; 32]>) -> NewAccount {
    let mid = mid();
    let mut token = [7; 32];
    token[..16].copy_from_slice(&mid.0);
    NewAccount {
        mid,
        invite,
        username: name.into(),
        skeleton: name.into(),
        password_hash: format!("hash of {name}"),
        display_name: name.to_uppercase(),
        device: Some((format!("{name}'s laptop"), token)),
        now_ms: NOW,
    }
}

pub(crate) fn profile(account: AccountId, name: &str) -> Profile {
    Profile {
        account,
        username: String::new(),
        display_name: name.into(),
        avatar: None,
        status_text: String::new(),
    }
}

impl Bench {
    /// Everything committed since the last look. Waits for the writer by asking it for something.
    pub(crate) async fn changes(&mut self) -> Vec<Change> {
        // It may fail, with a full disk; the answer comes after all earlier commits either way.
        let _ = self.store.alive(NOW).await;
        let mut changes = Vec::new();
        while let Ok(group) = self.commits.try_recv() {
            changes.extend(group.changes);
        }
        changes
    }

    pub(crate) async fn person(&mut self, name: &str) -> AccountId {
        match self.store.register(newcomer(name, None)).await.unwrap() {
            Registered::Made(device) => device.account,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn contact(&self, me: AccountId, change: ContactChange) -> Result<(), Refusal> {
        self.store.contact(me, mid(), change, NOW).await
    }

    pub(crate) async fn ask(&self, me: AccountId, username: &str) {
        self.contact(
            me,
            ContactChange::Request {
                username: username.into(),
            },
        )
        .await
        .unwrap();
    }

    /// Two friends with a conversation.
    pub(crate) async fn friends(&mut self, one: &str, two: &str) -> (AccountId, AccountId, ConvId) {
        let (a, b) = (self.person(one).await, self.person(two).await);
        self.befriend(a, b, two).await;
        let conv = self.store.conv_open(a, mid(), b, NOW).await.unwrap();
        self.changes().await;
        (a, b, conv)
    }

    pub(crate) async fn befriend(&mut self, a: AccountId, b: AccountId, name_of_b: &str) {
        self.ask(a, name_of_b).await;
        self.contact(
            b,
            ContactChange::Answer {
                account: a,
                accept: true,
            },
        )
        .await
        .unwrap();
    }

    /// Hands a message over without waiting.
    pub(crate) fn hand(&self, sender: AccountId, conv: ConvId, mid: Mid, body: &str) {
        self.hand_entry(sender, Send::text(mid, conv, body));
    }

    /// The same for an entry of any kind.
    pub(crate) fn hand_entry(&self, sender: AccountId, send: Send) {
        let job = SendJob {
            conn: ConnId(sender.0),
            sender,
            send,
            now_ms: NOW,
            place: None,
        };
        self.store.send(job).unwrap();
    }

    /// Sends and waits for what the hub is told.
    pub(crate) async fn send(&mut self, sender: AccountId, conv: ConvId, mid: Mid, body: &str) -> Told {
        self.send_entry(sender, Send::text(mid, conv, body)).await
    }

    /// The same for an entry of any kind.
    pub(crate) async fn send_entry(&mut self, sender: AccountId, send: Send) -> Told {
        self.hand_entry(sender, send);
        let mut told: Vec<Told> = self.changes().await.into_iter().filter_map(Told::of).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    }

    pub(crate) async fn say(&mut self, sender: AccountId, conv: ConvId, body: &str) -> Event {
        match self.send(sender, conv, mid(), body).await {
            Told::Entry(event) => event,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn mark(
        &self,
        account: AccountId,
        conv: ConvId,
        (delivered, read): (u64, u64),
        audience: breeze_server::store::Audience,
    ) {
        let mark = Mark {
            account,
            delivered,
            read,
        };
        self.store
            .mark(account, vec![(conv, mark)], audience)
            .await
            .unwrap();
    }

    /// Lets so many days pass for the store, and ends what is over by then, in all conversations after `days_max`.
    pub(crate) async fn days_pass(&self, days: u64, days_max: u64) {
        for _ in 0..days {
            self.ahead_ms.fetch_add(DAY_MS, Ordering::Relaxed);
            while self.store.expire(days_max).await.unwrap() {}
        }
    }

    /// Every live item as a fresh device would get it.
    pub(crate) async fn items(&self, account: AccountId) -> Vec<ItemState> {
        super::device::Device::fresh(&self.store, account).await.items()
    }
}

/// What a message came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    Entry(Event),
    Sent(Sent),
    Nack(Nack),
}

impl Told {
    pub(crate) fn of(change: Change) -> Option<Self> {
        match change {
            Change::Entry { event, .. } => Some(Self::Entry(event)),
            Change::Answer { answer, .. } => match *answer {
                ServerMessage::Sent(sent) => Some(Self::Sent(sent)),
                ServerMessage::Nack(nack) => Some(Self::Nack(nack)),
                other => panic!("{other:?}"),
            },
            _ => None,
        }
    }

    pub(crate) fn code(&self) -> breeze_protocol::message::code::NackCode {
        match self {
            Self::Nack(nack) => nack.code,
            other => panic!("not refused: {other:?}"),
        }
    }
}
