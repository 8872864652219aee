//! What is kept: accounts, devices, friends, conversations, messages, marks, invites, pictures. Presence is never here.
//!
//! Whatever must be atomic is one method. Every method is safe to repeat with the same `mid`.
//! Changes reach the hub as [`Committed`], in commit order, after their fsync.

pub mod account;
pub mod audit;
pub mod backup;
pub mod data_dir;
pub mod desk;
pub mod export;
pub mod files;
pub mod group;
mod held;
pub mod keep;
pub mod manifest;
pub mod pins;
pub mod prefs;
pub mod recovery;
pub mod reserve;
pub mod restore;
pub mod search;
pub mod sqlite;
pub mod uploads;
pub mod verify;

use breeze_protocol::message::chat::{Event, HistoryPage, Mark, Send as SendMessage};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::MembersPage;
use breeze_protocol::message::item::{ItemState, Profile};
use breeze_protocol::message::session::{InviteRow, SessionRow};
use breeze_protocol::{AccountId, BlobHash, ConvId, DeviceId, Epoch, Mid, ServerId};
use std::future::Future;

pub use account::{AccountRow, BootRow, Credentials, Device, NewAccount, Registered};
pub use group::{GroupChange, TypingTo};

/// Number of one connection within one start of the server. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConnId(pub u64);

impl ConnId {
    /// No connection: the number of none.
    pub const NOBODY: Self = Self(0);
}

/// SHA-256 of a secret: all the store ever sees of invite codes and tokens.
pub type SecretHash = [u8; 32];

/// Why the store could not do it. Reported once, by whoever asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Too much waits already.
    #[error("too many changes wait for the disk")]
    Busy,
    /// Closed, or broken beyond this request.
    #[error("the store cannot be reached: {0}")]
    Down(String),
}

/// A refusal that repeating does not change, or a store that could not be asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// Refused for this reason.
    #[error("refused: {0:?}")]
    Nack(NackCode),
    /// Not decided.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Identity of the data, and how this start found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Of the server.
    pub server_id: ServerId,
    /// Of this life of its data.
    pub epoch: Epoch,
    /// Of this start; already on disk.
    pub boot: u64,
    /// Highest commit number then; the store knows of later ones ([`Store::reached`]).
    pub head: u64,
    /// For how many milliseconds the server was not there before this start; `None` at the first, `u64::MAX` when its clock
    /// cannot tell.
    pub outage_ms: Option<u64>,
}

/// How far the data has come. A device that has seen more has seen another life of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Of the newest start.
    pub boot: u64,
    /// Highest commit number.
    pub head: u64,
}

/// A friend change somebody wishes.
#[derive(Debug, Clone)]
pub enum ContactChange {
    /// Ask somebody by exact username.
    Request {
        /// The name as typed.
        username: String,
    },
    /// Answer, or take back.
    Answer {
        /// The other.
        account: AccountId,
        /// Yes or no.
        accept: bool,
    },
    /// End it.
    Unfriend(AccountId),
    /// Block.
    Block(AccountId),
    /// Unblock.
    Unblock(AccountId),
}

/// Whether others may see a change now. An invisible person's profile and marks are kept back until [`Store::publish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody entitled.
    All,
    /// The person's own devices only.
    OwnDevices,
}

/// Who wants the answer to a send. The hub gives it, in commit order.
#[derive(Debug)]
pub struct SendJob {
    /// The connection that asks.
    pub conn: ConnId,
    /// Its signed-in account: the only source of the sender.
    pub sender: AccountId,
    /// The message.
    pub send: SendMessage,
    /// The server's wall clock, milliseconds.
    pub now_ms: u64,
    /// Frees the connection's place in the writer when dropped.
    pub place: Option<tokio::sync::OwnedSemaphorePermit>,
}

/// One change, already on disk.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new entry. `cursor` in the event is its commit number. `origin` gets `sent` first.
    Entry {
        /// The connection of this process that sent it; [`ConnId::NOBODY`] when it was not sent as a message here.
        origin: ConnId,
        /// The entry.
        event: Event,
        /// Members of the conversation who see it like this, the sender among them.
        members: Vec<AccountId>,
    },
    /// An item as these accounts see it.
    Item {
        /// Its commit number.
        num: u64,
        /// Who gets it.
        to: Vec<AccountId>,
        /// What it is now.
        state: ItemState,
    },
    /// A mark rose: told as `receipts`, coalesced. It is an item for those who resume.
    Mark {
        /// Its commit number.
        num: u64,
        /// Who is told.
        to: Vec<AccountId>,
        /// The conversation.
        conv: ConvId,
        /// The mark.
        mark: Mark,
    },
    /// These two may, or may no longer, see each other's presence.
    Edge {
        /// One.
        a: AccountId,
        /// The other.
        b: AccountId,
        /// Whether they may.
        friends: bool,
    },
    /// A new account exists (with `roster = everyone` its edges follow).
    Account(AccountId),
    /// The answer to a send that stored nothing new: a repeat, or a refusal.
    Answer {
        /// The connection that asked.
        conn: ConnId,
        /// What it is told: `sent{dup}` or `nack`.
        answer: Box<breeze_protocol::ServerMessage>,
    },
}

/// One group of changes whose commit has reached the disk. A commit that was asked for and not answered is one or the
/// other: before anything is told of its messages, the store finds out which, or its members would never hear of them.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Highest commit number on disk now.
    pub head: u64,
    /// In commit order.
    pub changes: Vec<Change>,
}

/// One row a device missed, in commit order.
#[derive(Debug, Clone, PartialEq)]
pub enum Missed {
    /// An entry of a conversation.
    Entry(Event),
    /// An item.
    Item(u64, ItemState),
}

impl Missed {
    /// Commit number of the row.
    #[must_use]
    pub fn num(&self) -> u64 {
        match self {
            Self::Entry(event) => event.cursor,
            Self::Item(num, _) => *num,
        }
    }
}

/// A page of what a device missed.
#[derive(Debug, Clone)]
pub struct MissedPage {
    /// The rows, by commit number.
    pub rows: Vec<Missed>,
    /// Everything up to this commit number is now told.
    pub cursor: u64,
    /// Whether there is more.
    pub more: bool,
}

/// The store. `SqliteStore` is the one that ships; a cluster gets another.
pub trait Store:
    search::Search
    + recovery::Recovery
    + uploads::FileStore
    + prefs::PrefsStore
    + pins::PinStore
    + keep::KeepStore
    + Clone
    + Send
    + Sync
    + 'static
{
    /// Identity of the data.
    fn identity(&self) -> Identity;

    /// How far the data has come by now, by whatever process.
    fn reached(&self) -> impl Future<Output = Result<Reached, StoreError>> + Send;

    /// Everybody, for the hub, before the first connection is taken.
    fn boot_rows(&self) -> impl Future<Output = Result<Vec<BootRow>, StoreError>> + Send;

    /// Whether an invite with this code may be used now.
    fn invite_valid(
        &self,
        code: SecretHash,
        now_ms: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Whether no account has this skeleton.
    fn name_free(&self, skeleton: String) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Makes an account; the first one made with the start-up invite is the owner. An invite befriends its maker and opens their chat.
    fn register(&self, new: NewAccount) -> impl Future<Output = Result<Registered, StoreError>> + Send;
    /// What a password is checked against; by skeleton.
    fn credentials(
        &self,
        skeleton: String,
    ) -> impl Future<Output = Result<Option<Credentials>, StoreError>> + Send;
    /// Credentials of an account one knows.
    fn credentials_of(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<Credentials>, StoreError>> + Send;
    /// A new device of somebody whose password fitted `known`; `None` when the password was changed, or the account shut,
    /// since it was looked up.
    fn add_device(
        &self,
        known: Credentials,
        name: String,
        token: SecretHash,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Device>, StoreError>> + Send;
    /// The device a token belongs to.
    fn device_by_token(
        &self,
        token: SecretHash,
    ) -> impl Future<Output = Result<Option<Device>, StoreError>> + Send;
    /// Every device of an account; address and heartbeat are filled in by the hub.
    fn devices(&self, account: AccountId)
    -> impl Future<Output = Result<Vec<SessionRow>, StoreError>> + Send;
    /// Takes a device's token back. `false` when it is not one of the account's. A repeated mid gets the first answer.
    fn revoke_device(
        &self,
        account: AccountId,
        mid: Mid,
        device: DeviceId,
    ) -> impl Future<Output = Result<bool, Refusal>> + Send;
    /// Sets a password and signs out every device but `keep`; returns those signed out.
    fn set_password(
        &self,
        account: AccountId,
        password_hash: String,
        keep: Option<DeviceId>,
    ) -> impl Future<Output = Result<Vec<DeviceId>, StoreError>> + Send;

    /// Hands a message to the writer. Returns at once; the hub gives the answer as part of a [`Committed`].
    /// # Errors
    /// The job comes back when too much waits, so that the connection can say `nack{busy}`.
    fn send(&self, job: SendJob) -> Result<(), Box<SendJob>>;
    /// Notes that the connection itself refused this message for now (`nack{busy}`), so that none overtakes it:
    /// later messages of this connection to this conversation are refused alike until `mid` is sent again.
    fn hold(&self, conn: ConnId, conv: ConvId, mid: Mid);
    /// Who may be told that an account types in a conversation.
    fn typing_to(
        &self,
        from: AccountId,
        conv: ConvId,
    ) -> impl Future<Output = Result<TypingTo, StoreError>> + Send;
    /// Makes or changes a group; the answer is the group.
    fn group(
        &self,
        account: AccountId,
        mid: Mid,
        change: GroupChange,
    ) -> impl Future<Output = Result<ConvId, Refusal>> + Send;
    /// A page of a conversation's members; `None` when the viewer is none of them.
    fn members_page(
        &self,
        viewer: AccountId,
        conv: ConvId,
        page: u32,
    ) -> impl Future<Output = Result<Option<MembersPage>, StoreError>> + Send;
    /// Finds or makes the conversation of two friends, or of one person with themselves.
    fn conv_open(
        &self,
        account: AccountId,
        mid: Mid,
        other: AccountId,
        now_ms: u64,
    ) -> impl Future<Output = Result<ConvId, Refusal>> + Send;
    /// Raises marks of one account; larger of old and new. `delivered` and `read` are seqs, 0 = unchanged.
    fn mark(
        &self,
        account: AccountId,
        marks: Vec<(ConvId, Mark)>,
        audience: Audience,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Changes one's friends.
    fn contact(
        &self,
        account: AccountId,
        mid: Mid,
        change: ContactChange,
        now_ms: u64,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
    /// Sets one's profile; the avatar must be a picture this account has uploaded or already shows.
    fn profile_set(
        &self,
        mid: Mid,
        profile: Profile,
        audience: Audience,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
    /// Shows everything that was kept back while invisible.
    fn publish(&self, account: AccountId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A page of history; `None` when the account is no member.
    fn history(
        &self,
        account: AccountId,
        conv: ConvId,
        before: u64,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Option<HistoryPage>, StoreError>> + Send;
    /// How many changes lie above a cursor, at most `at_most`.
    fn missed_count(
        &self,
        account: AccountId,
        cursor: u64,
        at_most: u64,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
    /// Changes above a cursor and up to commit number `upto`, a page within the limits of the wire.
    fn missed(
        &self,
        account: AccountId,
        cursor: u64,
        upto: u64,
    ) -> impl Future<Output = Result<MissedPage, StoreError>> + Send;
    /// What a device with this cursor has and is not noted as having: the newest entry of somebody else, by conversation.
    fn undelivered(
        &self,
        account: AccountId,
        cursor: u64,
    ) -> impl Future<Output = Result<Vec<(ConvId, u64)>, StoreError>> + Send;
    /// The state of everything for a device that knows nothing: live items, then newest entries of each conversation,
    /// newest conversation first. `page` counts from 0. Pages are read one by one, so a page may repeat what an earlier
    /// one held, and may hold what came since: the caller takes the hub's head *before* page 0 as the device's cursor and
    /// asks [`Store::missed`] for the rest from there. The page's own `cursor` is the head it was read at.
    fn snapshot(
        &self,
        account: AccountId,
        page: u32,
    ) -> impl Future<Output = Result<MissedPage, StoreError>> + Send;

    /// Makes an invite; `maker` is befriended by whoever uses it (`None`: the start-up invite, which makes the owner).
    fn invite_create(
        &self,
        maker: Option<AccountId>,
        mid: Mid,
        code: SecretHash,
        uses: u32,
        expires_ms: u64,
    ) -> impl Future<Output = Result<u64, Refusal>> + Send;
    /// The valid invites of one maker, newest first.
    fn invites(
        &self,
        maker: AccountId,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<InviteRow>, StoreError>> + Send;
    /// Takes an invite back. `false` when it is not the maker's. A repeated mid gets the first answer.
    fn invite_revoke(
        &self,
        maker: AccountId,
        mid: Mid,
        invite: u64,
    ) -> impl Future<Output = Result<bool, Refusal>> + Send;

    /// Keeps a checked picture and notes who brought it.
    fn avatar_put(
        &self,
        account: AccountId,
        hash: BlobHash,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
    /// The bytes of a picture that `owner` shows to `viewer` (or shows at all, to itself).
    fn avatar_get(
        &self,
        viewer: AccountId,
        owner: AccountId,
        hash: BlobHash,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
    /// The bytes of the picture of a group that `viewer` is in.
    fn group_avatar_get(
        &self,
        viewer: AccountId,
        conv: ConvId,
        hash: BlobHash,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// Notes when people were last seen: latest wins, at most one row per account waits.
    fn last_seen(&self, rows: Vec<(AccountId, u64)>) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Notes that the server is alive; its age at the next start is the outage.
    fn alive(&self, now_ms: u64) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The owner, once there is one.
    fn owner(&self) -> impl Future<Output = Result<Option<AccountId>, StoreError>> + Send;
    /// Shuts or opens an account. `None` when nobody has that name.
    fn set_disabled(
        &self,
        skeleton: String,
        disabled: bool,
    ) -> impl Future<Output = Result<Option<AccountId>, StoreError>> + Send;
    /// Notes that this device has seen a newer server than this data; its messages are refused until a new epoch.
    fn set_ahead(&self, device: DeviceId) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Finishes what waits and closes.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
