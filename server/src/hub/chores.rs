//! What the hub wants kept, on its way to the store without the hub waiting: latest wins, one row per account.

use crate::clock::wall_ms;
use crate::store::Store;
use breeze_protocol::AccountId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How often the store notes that the server is alive: a quarter of the short outage.
const ALIVE_EVERY: Duration = Duration::from_secs(5);
/// Pause after the store said no.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Rows of `last_seen` in one transaction.
const ROWS_MAX: usize = 1000;

#[derive(Debug, Default)]
struct Waiting {
    last_seen: BTreeMap<AccountId, u64>,
    publish: BTreeSet<AccountId>,
    busy: bool,
}

/// The shared list. Bounded by the number of accounts.
#[derive(Debug, Clone, Default)]
pub(super) struct Chores {
    waiting: Arc<Mutex<Waiting>>,
    more: Arc<Notify>,
    idle: Arc<Notify>,
}

impl Chores {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn last_seen(&self, account: AccountId, wall_ms: u64) {
        self.waiting().last_seen.insert(account, wall_ms);
        self.more.notify_one();
    }

    pub(super) fn publish(&self, account: AccountId) {
        self.waiting().publish.insert(account);
        self.more.notify_one();
    }

    /// Waits until nothing waits.
    pub(super) async fn done(&self) {
        loop {
            let notified = self.idle.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            {
                let waiting = self.waiting();
                if !waiting.busy && waiting.last_seen.is_empty() && waiting.publish.is_empty() {
                    return;
                }
            }
            notified.await;
        }
    }

    /// Carries the list to the store until everybody else has let go of it.
    pub(super) async fn run<S: Store>(self, store: S) {
        let mut alive = tokio::time::interval(ALIVE_EVERY);
        alive.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while Arc::strong_count(&self.waiting) > 1 {
            tokio::select! {
                _ = alive.tick() => {
                    if let Err(error) = store.alive(wall_ms()).await {
                        tracing::warn!(%error, "cannot note that the server is alive");
                    }
                }
                () = self.more.notified() => {
                    if !self.carry(&store).await {
                        self.more.notify_one();
                        tokio::time::sleep(RETRY_AFTER).await;
                    }
                }
            }
        }
    }

    async fn carry<S: Store>(&self, store: &S) -> bool {
        let (last_seen, publish) = {
            let mut waiting = self.waiting();
            waiting.busy = true;
            (
                std::mem::take(&mut waiting.last_seen),
                std::mem::take(&mut waiting.publish),
            )
        };
        let mut failed = Waiting::default();
        let rows: Vec<(AccountId, u64)> = last_seen.into_iter().collect();
        for rows in rows.chunks(ROWS_MAX) {
            if let Err(error) = store.last_seen(rows.to_vec()).await {
                tracing::warn!(%error, "cannot note when people were last seen; trying again");
                failed.last_seen.extend(rows.iter().copied());
            }
        }
        for account in publish {
            if let Err(error) = store.publish(account).await {
                tracing::warn!(%error, "cannot show what was kept back; trying again");
                failed.publish.insert(account);
            }
        }
        let all = failed.last_seen.is_empty() && failed.publish.is_empty();
        let mut waiting = self.waiting();
        waiting.busy = false;
        for (account, wall_ms) in failed.last_seen {
            waiting.last_seen.entry(account).or_insert(wall_ms);
        }
        waiting.publish.extend(failed.publish);
        drop(waiting);
        self.idle.notify_waiters();
        all
    }
}
