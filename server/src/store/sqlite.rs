//! The store in one SQLite file: one thread writes in groups, a few read, and nobody else touches the file.

mod accounts;
mod audit;
mod chat;
pub mod check;
mod contacts;
pub(super) mod copy;
mod desk;
mod drafts;
pub(super) mod export;
pub(super) mod files;
mod filler;
mod groups;
pub mod index;
mod invites;
mod items;
mod keep;
mod lived;
mod membership;
pub mod open;
mod pins;
mod prefs;
mod profiles;
mod readers;
mod recovery;
pub(super) mod renew;
mod resume;
mod search;
mod still;
mod sums;
mod targets;
mod threads;
mod tx;
mod uploads;
mod writer;

use super::files::Files;
use super::held::Held;
use super::uploads::FileLimits;
use super::{
    Audience, BootRow, Committed, ConnId, ContactChange, Credentials, Device, GroupChange, Identity,
    MissedPage, NewAccount, Reached, Refusal, Registered, SecretHash, SendJob, Store, StoreError, TypingTo,
};
use breeze_protocol::limit::INTEGER_MAX;
use breeze_protocol::message::chat::{HistoryPage, Mark};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::MembersPage;
use breeze_protocol::message::item::Profile;
use breeze_protocol::message::session::{InviteRow, SessionRow};
use breeze_protocol::{AccountId, BlobHash, ConvId, DeviceId, Mid};
use open::{OpenError, OpenStore};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use threads::{Beside, start_writing};
use tokio::sync::{mpsc, oneshot};
use tx::{Done, Tx};
use writer::{Job, Once, WAL_BYTES_MAX, Writer, closed};

/// Jobs that may wait for the writer: sixteen groups.
const JOBS_MAX: usize = 8192;
/// Bytes of message bodies that may wait for the writer in the whole process.
const BODIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Groups that may wait for the hub; past it the writer waits, and everything before it.
const COMMITTED_MAX: usize = 64;
/// Uses an invite may have.
const INVITE_USES: std::ops::RangeInclusive<u32> = 1..=1000;

/// The store that ships. Clones share one file; it is let go when closed, or with the last clone.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    identity: Identity,
    jobs: SyncSender<Job>,
    /// `None` in memory, where the writer's connection is the only one.
    readers: Option<readers::Readers>,
    /// Where messages are searched; `None` in memory and for subcommands.
    index: Option<index::Index>,
    held: Arc<Held>,
    waiting_bytes: Arc<AtomicUsize>,
    /// Whether the disk is full and only what is small is written.
    tight: Arc<AtomicBool>,
    /// Held while a backup is made: one at a time.
    backing_up: tokio::sync::Mutex<()>,
    /// `None` in memory.
    files: Option<Files>,
    limits: FileLimits,
    /// See [`OpenStore::stands_still`].
    stands_still: bool,
}

impl SqliteStore {
    /// Opens a store and starts its threads. The hub takes what is committed from the receiver, in commit order.
    ///
    /// # Errors
    /// [`OpenError`], a sentence for the operator.
    pub fn open(options: OpenStore) -> Result<(Self, mpsc::Receiver<Committed>), OpenError> {
        let (roster, fault, limits, served) = (options.roster, options.fault, options.limits, options.start);
        let (stands_still, ahead_ms) = (options.stands_still, Arc::clone(&options.ahead_ms));
        let opened = open::open(options)?;
        let place = opened
            .path
            .as_ref()
            .map_or_else(String::new, |path| path.display().to_string());
        let unusable = |detail| OpenError::Unusable {
            path: place.clone(),
            detail,
        };
        let path = opened.path.as_deref();
        let beside = path.map(|path| Beside::start(path, &opened.identity, served));
        let beside = beside.transpose().map_err(unusable)?.unwrap_or_default();
        let (wake_index, filling) = beside.filling.map(|it| (it.wake, it.thread)).unzip();
        let data = opened.path.as_ref().and_then(|path| path.parent());
        let files = data.map(Files::of);
        let (jobs, queue) = sync_channel(JOBS_MAX);
        // Where everybody stands still for the writer, nobody takes commits meanwhile.
        let (committed, receiver) = mpsc::channel(if stands_still { JOBS_MAX } else { COMMITTED_MAX });
        let held = Arc::new(Held::default());
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let tight = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            conn: opened.conn,
            wal_bytes_max: WAL_BYTES_MAX,
            reserve: opened.reserve,
            tight: Arc::clone(&tight),
            jobs: queue,
            committed,
            checkpoint: beside.checkpoint,
            wake_index,
            wal: opened
                .path
                .map(|path| PathBuf::from(format!("{}-wal", path.display()))),
            held: Arc::clone(&held),
            waiting_bytes: Arc::clone(&waiting_bytes),
            head: opened.identity.head,
            roster,
            limits,
            lived: opened.lived,
            ahead_ms,
            fault,
        };
        start_writing(writer, filling, opened.dir).map_err(|error| unusable(error.to_string()))?;
        let identity = opened.identity;
        Ok((
            Self {
                inner: Arc::new(Inner {
                    identity,
                    jobs,
                    readers: beside.readers,
                    index: beside.index,
                    held,
                    waiting_bytes,
                    tight,
                    backing_up: tokio::sync::Mutex::default(),
                    files,
                    limits,
                    stands_still,
                }),
            },
            receiver,
        ))
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Task(Box::new(Once::new(work, reply)));
        self.inner.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => closed(),
        })?;
        if self.inner.stands_still {
            return still::stand(answer).map_err(|_| closed())?;
        }
        answer.await.map_err(|_| closed())?
    }

    /// A change that is never refused.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write(work).await.map_err(|refusal| match refusal {
            Refusal::Store(error) => error,
            Refusal::Nack(code) => StoreError::Down(format!("refused without need: {code:?}")),
        })
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.inner.readers {
            Some(readers) => readers.read(look).await,
            None => self.change(|tx| Ok(look(tx.conn)?)).await,
        }
    }

    /// Whether there is room for more than messages.
    async fn has_room(&self) -> Result<(), StoreError> {
        let is_tight = || self.inner.tight.load(Ordering::Relaxed) && self.inner.readers.is_some();
        if is_tight() {
            // The next change looks whether there is room again.
            self.change(|_| Ok(())).await?;
        }
        if is_tight() { Err(StoreError::Full) } else { Ok(()) }
    }
}

impl Store for SqliteStore {
    fn identity(&self) -> Identity {
        self.inner.identity
    }

    async fn reached(&self) -> Result<Reached, StoreError> {
        self.read(open::reached).await
    }

    async fn boot_rows(&self) -> Result<Vec<BootRow>, StoreError> {
        self.read(accounts::boot_rows).await
    }

    async fn invite_valid(&self, code: SecretHash, now_ms: u64) -> Result<bool, StoreError> {
        self.read(move |conn| invites::valid(conn, code, now_ms).map(|found| found.is_some()))
            .await
    }

    async fn name_free(&self, skeleton: String) -> Result<bool, StoreError> {
        self.read(move |conn| accounts::name_free(conn, &skeleton)).await
    }

    async fn register(&self, new: NewAccount) -> Result<Registered, StoreError> {
        self.change(move |tx| accounts::register(tx, &new)).await
    }

    async fn credentials(&self, skeleton: String) -> Result<Option<Credentials>, StoreError> {
        self.read(move |conn| accounts::credentials(conn, &skeleton))
            .await
    }

    async fn credentials_of(&self, account: AccountId) -> Result<Option<Credentials>, StoreError> {
        self.read(move |conn| accounts::credentials_of(conn, account))
            .await
    }

    async fn add_device(
        &self,
        known: Credentials,
        name: String,
        token: SecretHash,
        now_ms: u64,
    ) -> Result<Option<Device>, StoreError> {
        self.change(move |tx| accounts::add_device(tx, &known, &name, token, now_ms))
            .await
    }

    async fn device_by_token(&self, token: SecretHash) -> Result<Option<Device>, StoreError> {
        self.read(move |conn| accounts::device_by_token(conn, token))
            .await
    }

    async fn devices(&self, account: AccountId) -> Result<Vec<SessionRow>, StoreError> {
        self.read(move |conn| accounts::devices(conn, account)).await
    }

    async fn revoke_device(&self, account: AccountId, mid: Mid, device: DeviceId) -> Result<bool, Refusal> {
        self.write(move |tx| accounts::revoke_device(tx, account, mid, device))
            .await
    }

    async fn set_password(
        &self,
        account: AccountId,
        password_hash: String,
        keep: Option<DeviceId>,
    ) -> Result<Vec<DeviceId>, StoreError> {
        self.change(move |tx| Ok(accounts::set_password(tx, account, &password_hash, keep)?))
            .await
    }

    fn send(&self, job: SendJob) -> Result<(), Box<SendJob>> {
        let bytes = job.send.body.len();
        let waiting = &self.inner.waiting_bytes;
        let refused = if waiting.fetch_add(bytes, Ordering::Relaxed) + bytes > BODIES_BYTES_MAX {
            Box::new(job)
        } else {
            match self
                .inner
                .jobs
                .try_send(Job::Send(Box::new(job), self.inner.held.ticket()))
            {
                Ok(()) => {
                    self.wait_if_still();
                    return Ok(());
                }
                Err(
                    TrySendError::Full(Job::Send(job, _)) | TrySendError::Disconnected(Job::Send(job, _)),
                ) => job,
                Err(_) => unreachable!("a queue gives back what it was given"),
            }
        };
        waiting.fetch_sub(bytes, Ordering::Relaxed);
        self.hold(refused.conn, refused.send.conv, refused.send.mid);
        Err(refused)
    }

    fn hold(&self, conn: ConnId, conv: ConvId, mid: Mid) {
        self.inner
            .held
            .hold(conn, conv, mid, self.inner.held.ticket(), NackCode::Busy);
    }

    async fn typing_to(&self, from: AccountId, conv: ConvId) -> Result<TypingTo, StoreError> {
        self.read(move |conn| membership::typing_to(conn, from, conv))
            .await
    }

    async fn group(&self, account: AccountId, mid: Mid, change: GroupChange) -> Result<ConvId, Refusal> {
        self.write(move |tx| groups::change(tx, account, mid, &change))
            .await
    }

    async fn members_page(
        &self,
        viewer: AccountId,
        conv: ConvId,
        page: u32,
    ) -> Result<Option<MembersPage>, StoreError> {
        self.read(move |conn| membership::page(conn, viewer, conv, page))
            .await
    }

    async fn conv_open(
        &self,
        account: AccountId,
        mid: Mid,
        other: AccountId,
        _now_ms: u64,
    ) -> Result<ConvId, Refusal> {
        self.write(move |tx| chat::conv_open(tx, account, mid, other))
            .await
    }

    async fn mark(
        &self,
        account: AccountId,
        marks: Vec<(ConvId, Mark)>,
        audience: Audience,
    ) -> Result<(), StoreError> {
        self.change(move |tx| chat::mark(tx, account, &marks, audience))
            .await
    }

    async fn contact(
        &self,
        account: AccountId,
        mid: Mid,
        change: ContactChange,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        self.write(move |tx| contacts::change(tx, account, mid, &change, now_ms))
            .await
    }

    async fn profile_set(&self, mid: Mid, profile: Profile, audience: Audience) -> Result<(), Refusal> {
        self.write(move |tx| profiles::set(tx, mid, &profile, audience))
            .await
    }

    async fn publish(&self, account: AccountId) -> Result<(), StoreError> {
        self.change(move |tx| profiles::publish(tx, account)).await
    }

    async fn history(
        &self,
        account: AccountId,
        conv: ConvId,
        before: u64,
        after: u64,
        limit: usize,
    ) -> Result<Option<HistoryPage>, StoreError> {
        self.read(move |conn| chat::history(conn, account, conv, (before, after), limit))
            .await
    }

    async fn missed_count(&self, account: AccountId, cursor: u64, at_most: u64) -> Result<u64, StoreError> {
        let at_most = at_most.min(INTEGER_MAX);
        self.read(move |conn| resume::count(conn, account, cursor, at_most))
            .await
    }

    async fn missed(&self, account: AccountId, cursor: u64, upto: u64) -> Result<MissedPage, StoreError> {
        self.read(move |conn| resume::missed(conn, account, cursor, upto))
            .await
    }

    async fn undelivered(&self, account: AccountId, cursor: u64) -> Result<Vec<(ConvId, u64)>, StoreError> {
        self.read(move |conn| resume::undelivered(conn, account, cursor))
            .await
    }

    async fn snapshot(&self, account: AccountId, page: u32) -> Result<MissedPage, StoreError> {
        self.read(move |conn| resume::snapshot(conn, account, page)).await
    }

    async fn invite_create(
        &self,
        maker: Option<AccountId>,
        mid: Mid,
        code: SecretHash,
        uses: u32,
        expires_ms: u64,
    ) -> Result<u64, Refusal> {
        if !INVITE_USES.contains(&uses) || expires_ms > INTEGER_MAX {
            return Err(Refusal::Nack(NackCode::Quota));
        }
        self.write(move |tx| invites::create(tx, maker, mid, code, uses, expires_ms))
            .await
    }

    async fn invites(&self, maker: AccountId, now_ms: u64) -> Result<Vec<InviteRow>, StoreError> {
        self.read(move |conn| invites::list(conn, maker, now_ms)).await
    }

    async fn invite_revoke(&self, maker: AccountId, mid: Mid, invite: u64) -> Result<bool, Refusal> {
        self.write(move |tx| invites::revoke(tx, maker, mid, invite))
            .await
    }

    async fn avatar_put(&self, account: AccountId, hash: BlobHash, bytes: Vec<u8>) -> Result<(), Refusal> {
        self.has_room().await?;
        self.write(move |tx| profiles::avatar_put(tx, account, hash, &bytes))
            .await
    }

    async fn avatar_get(
        &self,
        viewer: AccountId,
        owner: AccountId,
        hash: BlobHash,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |conn| profiles::avatar_get(conn, viewer, owner, hash))
            .await
    }

    async fn group_avatar_get(
        &self,
        viewer: AccountId,
        conv: ConvId,
        hash: BlobHash,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |conn| profiles::group_avatar_get(conn, viewer, conv, hash))
            .await
    }

    async fn last_seen(&self, rows: Vec<(AccountId, u64)>) -> Result<(), StoreError> {
        self.change(move |tx| Ok(accounts::last_seen(tx.conn, &rows)?))
            .await
    }

    async fn alive(&self, now_ms: u64) -> Result<(), StoreError> {
        self.change(move |tx| Ok(open::note_alive(tx.conn, now_ms, tx.lived_ms)?))
            .await
    }

    async fn owner(&self) -> Result<Option<AccountId>, StoreError> {
        self.read(accounts::owner).await
    }

    async fn set_disabled(&self, skeleton: String, disabled: bool) -> Result<Option<AccountId>, StoreError> {
        self.change(move |tx| Ok(accounts::set_disabled(tx, &skeleton, disabled)?))
            .await
    }

    async fn set_ahead(&self, device: DeviceId) -> Result<(), StoreError> {
        self.change(move |tx| Ok(accounts::set_ahead(tx.conn, device)?))
            .await
    }

    async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        let jobs = self.inner.jobs.clone();
        // The queue may be full of what is still to be written: this one waits for its place, off the runtime's threads.
        let asked = tokio::task::spawn_blocking(move || jobs.send(Job::Close(reply)).is_ok()).await;
        if asked.unwrap_or(false) {
            // An error here means the writer has ended already, which is what was wanted.
            let _ = closed.await;
        }
    }
}
