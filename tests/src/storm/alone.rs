//! A store without a server: two people in one conversation, and messages as fast as it takes them.

use crate::client::script::mid;
use breeze_protocol::message::chat::Send;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::fault::Fault;
use breeze_server::store::data_dir::DataDir;
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::{OpenStore, Place};
use breeze_server::store::{Change, Committed, ConnId, NewAccount, Registered, SendJob, Store};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;

/// A wall clock that stands still.
pub const NOW: u64 = 1_800_000_000_000;

/// An open store and what it commits.
pub struct Alone {
    /// The store.
    pub store: SqliteStore,
    /// Its commits, in order.
    pub commits: Receiver<Committed>,
}

impl Alone {
    /// Opens the store of a directory.
    ///
    /// # Panics
    /// When the directory or the store cannot be opened.
    #[must_use]
    pub fn open(dir: &Path, searchable: bool, fault: Fault) -> Self {
        let place = Place::Dir(DataDir::open(dir).expect("the folder is ours"));
        let options = OpenStore {
            fault,
            start: searchable,
            ..OpenStore::new(place, Roster::Everyone, NOW)
        };
        let (store, commits) = SqliteStore::open(options).expect("a store");
        Self { store, commits }
    }

    /// Sends with so many on the way at once; from each send to its commit. Those on the way at the end do not count.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn send_for(
        &mut self,
        me: AccountId,
        on_the_way: usize,
        time: Duration,
        mut text: impl FnMut(u64) -> String,
    ) -> Vec<Duration> {
        let (mut waiting, mut samples, mut n) = (VecDeque::new(), Vec::new(), 0);
        let start = Instant::now();
        while start.elapsed() < time {
            while waiting.len() < on_the_way {
                let job = SendJob {
                    conn: ConnId(1),
                    sender: me,
                    send: Send::text(mid(), ConvId(1), text(n)),
                    now_ms: NOW,
                    place: None,
                };
                self.store.send(job).expect("there is room");
                waiting.push_back(Instant::now());
                n += 1;
            }
            // The writer takes sends in the order in which they came.
            let entries = self.entries().await;
            samples.extend(waiting.drain(..entries).map(|it: Instant| it.elapsed()));
        }
        while !waiting.is_empty() {
            let entries = self.entries().await;
            waiting.drain(..entries);
        }
        samples
    }

    /// How many messages the next commit holds.
    async fn entries(&mut self) -> usize {
        let group = self.commits.recv().await.expect("the store lives");
        let entries = group
            .changes
            .iter()
            .filter(|it| matches!(it, Change::Entry { .. }));
        entries.count()
    }
}

/// How many a second that makes.
#[must_use]
pub fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).expect("bounded by the time")) / time.as_secs_f64()
}

/// Two people with a conversation, in a new store that is closed again.
///
/// # Panics
/// When the store cannot be made.
pub async fn people(dir: &Path) -> (AccountId, AccountId) {
    let Alone {
        store,
        commits: _commits,
    } = Alone::open(dir, true, Fault::None);
    let mut made = Vec::new();
    for name in ["ann", "bob"] {
        let new = NewAccount {
            mid: mid(),
            invite: None,
            username: name.into(),
            skeleton: name.into(),
            password_hash: String::new(),
            display_name: name.into(),
            device: Some((name.into(), [name.as_bytes()[0]; 32])),
            now_ms: NOW,
        };
        match store.register(new).await.expect("an account") {
            Registered::Made(device) => made.push(device.account),
            other => panic!("{other:?}"),
        }
    }
    store
        .conv_open(made[0], mid(), made[1], NOW)
        .await
        .expect("friends");
    store.close().await;
    (made[0], made[1])
}
