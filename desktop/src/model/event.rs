//! Everything that can happen to the model from outside, in one closed list.

use super::chat::{Chat, Message};
use super::command::{Account, Ask, OutRow};
use super::files::FileEvent;
use super::group::PictureOf;
use super::hosting::{Autostart, Look};
use super::near::Near;
use super::notification::NotificationEvent;
use super::onboarding::Picture;
use super::person::{Person, Request};
use super::search::Found;
use super::token::TokenEvent;
use super::window::{LinkHandler, Tray};
use super::{Me, Settings, Trouble};
use breeze_protocol::admin::StartLine;
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::message::hello::HelloOk;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::message::sign_in::{Refused, SignedIn};
use breeze_protocol::{AccountId, BlobHash, ConvId, Epoch, Mid, ServerMessage, StatusKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Time went on; sent once before every frame.
    Tick,
    /// What this computer has kept, read before the first frame.
    Loaded(Box<Loaded>),
    /// The app cannot work.
    Trouble(Trouble),
    /// The link changed.
    Link(LinkEvent),
    /// The server said something nobody asked for.
    Server(Stamp, ServerMessage),
    /// The answer to a request.
    Answer(Ask, Reply),
    /// The store has something to say.
    Store(StoreEvent),
    /// The hosted server has something to say.
    Host(HostEvent),
    /// A picture was read, or was not.
    Picture(PictureEvent),
    /// The system has something to say.
    System(SystemEvent),
    /// A notification was clicked.
    Notification(NotificationEvent),
    /// Nobody has touched anything for as long as the settings say (true), or somebody does again.
    Idle(bool),
    /// The secret store has something to say.
    Token(TokenEvent),
    /// A search of what this computer holds has ended.
    Found(Box<Found>),
    /// A file moved, or was taken, saved or refused.
    File(FileEvent),
}

/// Which connection, and how many entries and items had come on it with this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Number of the connection since the program started.
    pub conn: u64,
    /// Entries and items so far.
    pub count: u64,
}

/// How a request ended.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answered.
    Message(Box<ServerMessage>),
    /// The link was lost, or never there: nobody knows.
    Lost,
}

/// What this computer has kept for one account.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Settings.
    pub settings: Settings,
    /// The account, if there is one.
    pub account: Option<Account>,
    /// The system's secret store has its token, under this name of the server.
    pub token_kept_as: Option<String>,
    /// Oneself.
    pub me: Me,
    /// Everybody.
    pub people: BTreeMap<AccountId, Person>,
    /// Requests.
    pub requests: BTreeMap<AccountId, Request>,
    /// Conversations with their newest messages and what waits in the outbox.
    pub chats: BTreeMap<ConvId, Chat>,
    /// The chat that was open.
    pub open: Option<ConvId>,
    /// Places read here that the server has not confirmed.
    pub reads: BTreeMap<ConvId, u64>,
    /// The data was damaged and made anew.
    pub rescued: Option<Rescued>,
}

/// What became of damaged data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Where the damaged data is now.
    pub aside: String,
    /// Whether one is still signed in.
    pub account: bool,
    /// Unsent messages that were saved.
    pub messages: u64,
    /// Drafts that were saved.
    pub drafts: u64,
}

/// Why the link is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answers at that address.
    Unreachable,
    /// The name leads nowhere.
    NameUnknown,
    /// Something answers that is no Breeze server.
    NotBreeze,
    /// The certificate is not one this computer trusts.
    Untrusted,
    /// The server fell silent, or the connection broke.
    Lost,
    /// The server has too much to do.
    Busy,
}

/// The link changed.
#[derive(Debug, Clone)]
pub enum LinkEvent {
    /// A try is under way.
    Trying,
    /// Not there; the next try begins in so many milliseconds (`None`: none by itself).
    Down {
        /// When the next try begins.
        next_try_ms: Option<u64>,
        /// The server said it restarts.
        restarting: bool,
        /// Why.
        why: Failure,
    },
    /// A server was reached while joining.
    Reached {
        /// What it is.
        hello: Box<HelloOk>,
        /// `host:port`.
        address: String,
    },
    /// A server nobody vouches for shows its key.
    Fingerprint {
        /// `host:port`.
        address: String,
        /// `sha256/..`.
        pin: String,
    },
    /// The server's key is not the pinned one.
    WrongPin {
        /// `host:port`.
        address: String,
    },
    /// The two speak different protocols.
    Protocol {
        /// Whether it is the server that is too old.
        server_old: bool,
    },
    /// Signed in.
    SignedIn {
        /// The server's word.
        signed: Box<SignedIn>,
        /// Where and how, to be kept.
        account: Box<Account>,
        /// By password, not by token.
        fresh: bool,
    },
    /// Sign-in was refused.
    Refused(Refused),
    /// The wanted name is free, or why it is not.
    Name(Result<(), Refused>),
    /// Catching up begins.
    Resumed {
        /// Which connection; no entries yet.
        stamp: Stamp,
        /// Where this device was, as the store has it.
        cursor: u64,
        /// How.
        mode: ResumeMode,
        /// Life of the server's data.
        epoch: Epoch,
        /// Start of the server.
        boot: u64,
        /// Longest message text, bytes.
        body_bytes: u64,
        /// Largest file, bytes; 0: none.
        file_bytes: u64,
        /// Days for which messages are kept at most; 0: no such end.
        keep_days: u64,
        /// The server's name.
        server_name: String,
    },
    /// No pong for 5 s, or the computer slept: nothing is sure.
    Unsure,
    /// The pong came after all.
    Sure,
    /// This message has been handed to the live link.
    Handed(Mid),
    /// The server ended the session for good.
    Ended(GoodbyeCode),
    /// A picture came.
    Blob(BlobHash, Arc<Vec<u8>>),
}

/// The store has something to say.
#[derive(Debug, Clone)]
pub enum StoreEvent {
    /// Older messages from the disk, in rising order; whether there are more on the disk.
    Older(ConvId, Vec<Message>, bool),
    /// A message as the disk has it: its place, who wrote it, what it says now (`None`: deleted).
    Quoted(ConvId, u64, AccountId, Option<String>),
    /// Messages that follow, in rising order.
    Newer(ConvId, Vec<Message>),
    /// What became, further on, of messages of the past that are shown.
    Changed(ConvId, Vec<Message>),
    /// Messages around one, in rising order; without it when it is not here.
    Around(ConvId, u64, Vec<Message>),
    /// What comes before this place of a conversation is missing on the disk; `None`: nothing is.
    Gap(ConvId, Option<u64>),
    /// The server lost these messages of one's own: they are back in the outbox, before all others.
    Returned(ConvId, Vec<OutRow>),
    /// The message could not be put into the outbox: the disk is full, or worse.
    OutboxFailed(Mid, StoreFailure),
    /// Something could not be kept.
    Failed(StoreFailure),
    /// A picture is not here.
    BlobMissing(PictureOf, BlobHash),
    /// A picture is here now.
    BlobStored(BlobHash),
    /// Messages name these files, and no others.
    NamedFiles(BTreeSet<BlobHash>),
}

/// Why something could not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFailure {
    /// The disk is full.
    Full,
    /// The data is damaged.
    Damaged,
    /// Anything else.
    Other,
}

/// The hosted server has something to say.
#[derive(Debug, Clone)]
pub enum HostEvent {
    /// It runs.
    Running {
        /// What it said when it started.
        start: Box<StartLine>,
        /// It was just started by the person's wish.
        wished: bool,
        /// It was started outside this app.
        foreign: bool,
    },
    /// It was hosted here before, and does not run.
    Idle,
    /// It could not be started: why, in words.
    Failed(String),
    /// An invite link was made.
    Invite(String, u64),
    /// It has stopped, as it was told.
    Stopped,
    /// It ended by itself.
    Died,
    /// What the panel wanted to see.
    Look(Box<Look>),
    /// Something in the panel was refused: why, in words.
    Said(String),
    /// A new password, shown once: whose, and the password.
    Password(String, String),
    /// A code for one: whose, the code, and its end (wall ms).
    Code(String, String, u64),
    /// Whether it starts with the system.
    Autostart(Autostart),
    /// Servers on this network, and whether there were too many to show.
    Nearby(Vec<Near>, bool),
}

/// A picture was read, or was not.
#[derive(Debug, Clone)]
pub enum PictureEvent {
    /// Nothing was chosen.
    None,
    /// Read, cut square and scaled.
    Read(Picture),
    /// Refused: why, in words.
    Refused(String),
    /// Cropped and packed for the server.
    Packed(BlobHash, Arc<Vec<u8>>),
}

/// The system has something to say, or the person said it through the system: tray, second start.
#[derive(Debug, Clone)]
pub enum SystemEvent {
    /// The tray came or went.
    Tray(Tray),
    /// Show the window; with a link that was opened.
    Open(Option<Box<InviteLink>>),
    /// How to be seen, from the tray's menu.
    Status(StatusKind),
    /// Show the server hosted here.
    Host,
    /// Quit, from the tray's menu.
    Quit,
    /// Whether `breeze://` links open this program.
    LinkHandler(LinkHandler),
}
