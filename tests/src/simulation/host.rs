//! The server of the pretend world: everything real but the sockets, in a runtime of its own, so that it can die at any point.

use super::network::Network;
use crate::wait;
use breeze_protocol::message::hello::{Registration, Roster};
use breeze_server::core::Timing;
use breeze_server::fault::Fault;
use breeze_server::hub::{self, HubStart};
use breeze_server::invite::Inviter;
use breeze_server::net::{self, About, Caps, NetStart};
use breeze_server::password::Pool;
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::{OpenStore, Place};
use breeze_server::store::{Committed, Identity, Store};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Connections that may wait to be taken.
const DOOR: usize = 64;
/// A server that stops in order is gone after this, whatever it still does.
const STOP_MAX: Duration = Duration::from_secs(3);
/// A wall clock; nothing depends on it.
pub(super) const NOW_MS: u64 = 1_800_000_000_000;

/// The server: what it keeps, and the life it has now.
pub(super) struct Host {
    pub(super) store: SqliteStore,
    commits: Arc<Mutex<mpsc::Receiver<Committed>>>,
    head: Arc<AtomicU64>,
    boot: u64,
    fault: Fault,
    passwords: Pool,
    life: Option<Life>,
}

struct Life {
    runtime: Runtime,
    shutdown: watch::Sender<bool>,
    hub: hub::Handle,
    serving: Option<JoinHandle<()>>,
    stopping: Option<JoinHandle<()>>,
}

/// A runtime in which time passes when nobody works.
pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets can always be had")
}

impl Host {
    /// A server that is not running yet.
    pub(super) fn new(fault: Fault) -> Self {
        let options = OpenStore {
            fault,
            stands_still: true,
            ..OpenStore::new(Place::Memory, Roster::Friends, NOW_MS)
        };
        let (store, commits) = SqliteStore::open(options).expect("a store in memory opens");
        Self {
            boot: store.identity().boot,
            head: Arc::new(AtomicU64::new(store.identity().head)),
            commits: Arc::new(Mutex::new(commits)),
            store,
            fault,
            passwords: Pool::start().expect("threads can be started"),
            life: None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.life.is_some()
    }

    /// Starts it after an outage.
    pub(super) fn start(&mut self, network: &Network, outage_ms: Option<u64>) {
        // What was committed and not told is for those who come back to find.
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(committed) = commits.try_recv() {
            self.head.store(committed.head, Ordering::Relaxed);
        }
        drop(commits);
        let identity = Identity {
            boot: self.boot,
            head: self.head.load(Ordering::Relaxed),
            outage_ms,
            ..self.store.identity()
        };
        self.boot += 1;
        let runtime = runtime();
        let (shutdown, shut) = watch::channel(false);
        let (door, handed) = mpsc::channel(DOOR);
        let (tell, committed) = mpsc::channel(DOOR);
        let (commits, head) = (Arc::clone(&self.commits), Arc::clone(&self.head));
        runtime.spawn(async move {
            // Nobody else wants it while this server lives.
            while let Some(committed) = next(&commits).await {
                head.store(committed.head, Ordering::Relaxed);
                if tell.send(committed).await.is_err() {
                    return;
                }
            }
        });
        let (hub, serving) = runtime.block_on(self.serve(identity, committed, handed, shut));
        network.set_door(Some(door));
        self.life = Some(Life {
            runtime,
            shutdown,
            hub,
            serving: Some(serving),
            stopping: None,
        });
    }

    async fn serve(
        &self,
        identity: Identity,
        committed: mpsc::Receiver<Committed>,
        handed: mpsc::Receiver<net::Handed>,
        shutdown: watch::Receiver<bool>,
    ) -> (hub::Handle, JoinHandle<()>) {
        let timing = Timing::default();
        let start = HubStart {
            rows: self.store.boot_rows().await.expect("the store answers"),
            identity,
            committed,
            timing,
            fault: self.fault,
        };
        let hub = hub::spawn(start, self.store.clone());
        let start = NetStart {
            listeners: Vec::new(),
            handed: Some(handed),
            tls: None,
            store: self.store.clone(),
            hub: hub.clone(),
            about: Arc::new(About {
                server_id: identity.server_id,
                server_name: "pretend".to_owned(),
                epoch: identity.epoch,
                boot: identity.boot,
                roster: Roster::Friends,
                registration: Registration::Closed,
                newest_client: String::new(),
                keep_days: 0,
            }),
            passwords: self.passwords.clone(),
            inviter: Arc::new(Inviter::new("localhost".to_owned(), 1, String::new())),
            timing,
            caps: Caps::default(),
            shutdown,
        };
        (hub, tokio::spawn(net::serve(start)))
    }

    /// Lets so much time pass in it. `true` when an orderly stop has come to its end.
    pub(super) fn pass(&mut self, time: Duration) -> bool {
        let Some(life) = &self.life else { return false };
        life.runtime.block_on(async { wait::run_for(time).await });
        life.stopping.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// It dies where it stands.
    pub(super) fn crash(&mut self, network: &Network) {
        network.set_door(None);
        self.life = None;
    }

    /// It is told to stop, as by SIGTERM.
    pub(super) fn stop(&mut self, network: &Network) {
        network.set_door(None);
        let Some(life) = &mut self.life else { return };
        let (hub, serving) = (life.hub.clone(), life.serving.take());
        let _ = life.shutdown.send(true);
        life.stopping = Some(life.runtime.spawn(async move {
            let rest = async {
                hub.drain().await;
                if let Some(serving) = serving {
                    let _ = serving.await;
                }
            };
            let _ = tokio::time::timeout(STOP_MAX, rest).await;
        }));
    }
}

/// The next commit. The lock is held for a look, never over a wait.
async fn next(commits: &Mutex<mpsc::Receiver<Committed>>) -> Option<Committed> {
    std::future::poll_fn(|cx| {
        commits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .poll_recv(cx)
    })
    .await
}
