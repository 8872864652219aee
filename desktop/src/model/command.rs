//! What the model wants done outside. Carried out by the app's other parts; none of it blocks the window.

use super::Settings;
pub use super::ask::Ask;
use super::chat::Message;
use super::event::Stamp;
use super::files::{FileCommand, Transfer};
use super::group::{Group, PictureOf};
use super::hosting::Wanted;
use super::notification::NotificationCommand;
use super::onboarding::Picture;
use super::person::{Person, Presence, Request};
use super::search::Look;
use super::token::TokenCommand;
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::chat::{EntryKind, Mark};
use breeze_protocol::message::group::GroupRename;
use breeze_protocol::message::pin::Pins;
use breeze_protocol::message::prefs::{ItemSet, Prefs};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{
    AccountId, BlobHash, ClientMessage, ConvId, DeviceId, Epoch, Mid, ServerId, StatusKind,
};
use std::sync::Arc;

/// What came of one event or action, in order.
pub type Commands = Vec<Command>;

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// By the link.
    Link(LinkCommand),
    /// By the store.
    Store(StoreCommand),
    /// By the part that hosts a server.
    Host(HostCommand),
    /// By the window and the system.
    Platform(PlatformCommand),
    /// By the part that shows notifications.
    Notification(NotificationCommand),
    /// By the part that speaks to the secret store.
    Token(TokenCommand),
    /// By the part that searches what this computer holds.
    Search(Look),
    /// By whoever reads and writes files.
    File(FileCommand),
}

/// An account on a server, as this computer keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// The server's identity.
    pub server: ServerId,
    /// Number on that server.
    pub account: AccountId,
    /// This device there.
    pub device: DeviceId,
    /// Username.
    pub username: String,
    /// Whether one owns the server.
    pub owner: bool,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Pin of its key; empty: the platform's roots vouch for the host's name.
    pub pin: String,
    /// Pin the server announced for later, told under `pin`; empty: none.
    pub next_pin: String,
    /// The server's name.
    pub server_name: String,
    /// The device's token; `None` when one must sign in anew.
    pub token: Option<Secret>,
    /// How one wants to be seen.
    pub status: StatusKind,
    /// How far this device is.
    pub place: Place,
}

/// How far a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Life of the server's data.
    pub epoch: Epoch,
    /// Start of the server seen last.
    pub boot: u64,
    /// Everything up to here is stored.
    pub cursor: u64,
}

/// An entry in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutRow {
    /// Identity.
    pub mid: Mid,
    /// Where to.
    pub conv: ConvId,
    /// What it is.
    pub kind: EntryKind,
    /// Place of the message it answers or changes.
    pub target: Option<u64>,
    /// Text.
    pub body: String,
    /// Its files: it is sent when the server has them.
    pub attachments: Vec<Attachment>,
    /// When it was written (wall ms).
    pub ts: u64,
}

/// To the link.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkCommand {
    /// Reach a server in order to join it.
    Reach(Box<InviteLink>),
    /// Is this name free?
    NameCheck {
        /// Code of the invite.
        invite: Secret,
        /// The name.
        username: String,
    },
    /// Make an account on the server reached.
    Register {
        /// Identity of the wish.
        mid: Mid,
        /// Code of the invite.
        invite: Secret,
        /// Username.
        username: String,
        /// Password.
        password: Secret,
        /// The name others see.
        display_name: String,
        /// How to be seen.
        status: StatusKind,
    },
    /// Sign in at the server reached.
    Login {
        /// Username.
        username: String,
        /// Password.
        password: Secret,
        /// How to be seen.
        status: StatusKind,
    },
    /// Set a new password by a code at the server reached, and sign in.
    Recover {
        /// Identity of the wish.
        mid: Mid,
        /// Username.
        username: String,
        /// The code as typed.
        code: Secret,
        /// Password from now on.
        new_password: Secret,
        /// How to be seen.
        status: StatusKind,
    },
    /// Keep a link to this account's server.
    Use(Box<Account>),
    /// How to be seen from now on.
    Status(StatusKind),
    /// A request; the answer comes as `Event::Answer`.
    Request(Ask, Box<ClientMessage>),
    /// Said once if the link is live, else forgotten.
    Say(Box<ClientMessage>),
    /// A message that is safely in the outbox: send it. Comes from the store only.
    Send(OutRow),
    /// Messages that are back in the outbox, before all others. Comes from the store only.
    Return(Vec<OutRow>),
    /// Send this message again.
    Resend(Mid),
    /// Stored up to here. Comes from the store only.
    Stored(Stamp, Option<Place>),
    /// Download a picture.
    WantBlob(PictureOf, BlobHash),
    /// Upload the picture, if there is one, then set the profile.
    SetProfile {
        /// Identity of the wish.
        mid: Mid,
        /// The name others see.
        display_name: String,
        /// Line under the name.
        status_text: String,
        /// Picture kept.
        avatar: Option<BlobHash>,
        /// Picture to upload first.
        upload: Option<(BlobHash, Arc<Vec<u8>>)>,
    },
    /// Upload the picture, then give the group its name and it.
    SetGroup(GroupRename, (BlobHash, Arc<Vec<u8>>)),
    /// Fetch a file of a message: where it is, its hash, its size.
    FetchFile(FilePlace, BlobHash, u64),
    /// Stop a file, up or down.
    CancelFile(Transfer),
    /// Try now.
    TryNow,
    /// Something is wrong with this connection: make a new one.
    Reconnect,
    /// Leave this account alone.
    Forget,
    /// Say goodbye and end.
    Bye,
}

/// One piece of state to keep.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Forget everything but messages, the outbox, drafts, unsaid reads and pictures: a snapshot follows.
    Forget,
    /// The same when the server's data was replaced by older data: messages are forgotten too, one's own are put aside
    /// first.
    GoBack,
    /// The snapshot is over: messages of other conversations than these are forgotten.
    Named(Vec<ConvId>),
    /// The server lost what lies above this place of a conversation: one's own messages above it, put aside before, go
    /// back to the outbox.
    Base(ConvId, u64),
    /// Somebody, without presence.
    Person(Box<Person>),
    /// Nobody any more.
    PersonGone(AccountId),
    /// Somebody's last sure presence.
    Presence(AccountId, Presence),
    /// Oneself: display name, picture, line.
    Own {
        /// The name others see.
        display_name: String,
        /// Picture.
        avatar: Option<BlobHash>,
        /// Line under the name.
        status_text: String,
    },
    /// A request.
    Request(Box<Request>),
    /// No request any more.
    RequestGone(AccountId),
    /// A conversation: number, other member, head, n.
    Conv(ConvId, AccountId, u64, u64),
    /// What makes the conversation told before it a group.
    Group(ConvId, Box<Group>),
    /// Days for which the conversation told before it keeps its messages, when there is an end.
    KeepDays(ConvId, u64),
    /// What lies before this place of a conversation is over, or not one's own to see.
    ForgetBefore(ConvId, u64),
    /// No conversation any more.
    ConvGone(ConvId),
    /// A mark.
    Mark(ConvId, Mark),
    /// A place read here that the server has not confirmed.
    ReadUnsaid(ConvId, u64),
    /// The server knows of everything read up to here.
    ReadSaid(ConvId, u64),
    /// What the server knows of a draft.
    DraftKnown(ConvId, String),
    /// How one keeps a conversation, as the server says.
    Prefs(Prefs),
    /// How one wishes to keep it, until the server has said so; `None`: it has.
    PrefsWish(ConvId, Option<Box<ItemSet>>),
    /// What is pinned in a conversation.
    Pins(Pins),
    /// A message; takes its mid out of the outbox.
    Message(ConvId, Box<Message>),
}

/// To the store.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreCommand {
    /// Keep these, all or nothing; then tell the link.
    Apply {
        /// What.
        changes: Vec<Change>,
        /// For the ack.
        stamp: Option<Stamp>,
        /// How far the device is then.
        place: Option<Place>,
    },
    /// Keep this message for good, then let the link send it.
    Outbox(OutRow),
    /// It was refused for good.
    OutboxRefused(Mid, String),
    /// Forget it.
    OutboxDrop(Mid),
    /// Read older messages.
    Older {
        /// Where.
        conv: ConvId,
        /// Before this place; 0 = the newest.
        before: u64,
    },
    /// Read what this message says now, for the line above an answer to it.
    Quote(ConvId, u64),
    /// Read messages that follow.
    Newer {
        /// Where.
        conv: ConvId,
        /// After this place.
        after: u64,
    },
    /// Read what became, further on, of the messages between two places.
    Changed {
        /// Where.
        conv: ConvId,
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Where is the next gap in what is held of a conversation?
    Gap {
        /// Where.
        conv: ConvId,
        /// From this place downwards.
        below: u64,
    },
    /// Read messages around one.
    Around {
        /// Where.
        conv: ConvId,
        /// Which.
        seq: u64,
    },
    /// Which files does any message name?
    NamedFiles,
    /// Keep a picture.
    PutBlob(BlobHash, Arc<Vec<u8>>),
    /// Is this picture here? Says so if not.
    NeedBlob(PictureOf, BlobHash),
    /// Text in a composer.
    Draft(ConvId, String),
    /// The message that a composer's text answers, or that it answers none.
    Answers(ConvId, Option<u64>),
    /// The chat shown.
    Open(Option<ConvId>),
    /// An account, signed in.
    SaveAccount(Box<Account>),
    /// How to be seen.
    Status(StatusKind),
    /// The system's secret store has the token, under this name of the server; it is not kept here any more.
    TokenKept(String),
    /// The token is worth nothing any more.
    DropToken,
    /// Forget the account and all its data.
    ForgetAccount,
    /// Settings.
    Settings(Settings),
}

/// To the part that hosts a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostCommand {
    /// Start it with this name.
    Start(String),
    /// Make an invite link.
    Invite {
        /// How many may join with it.
        uses: u32,
        /// Seconds it is valid.
        ttl_s: u64,
    },
    /// Take an invite back.
    Revoke(u64),
    /// Shut (true) or open an account.
    SetDisabled(String, bool),
    /// Give somebody a new password.
    ResetPassword(String),
    /// Make a one-time code for somebody who forgot the password.
    Recover(String),
    /// Look at it for the panel.
    Look(Wanted),
    /// Start it with the system, or no longer.
    Autostart(bool),
    /// Stop it.
    Stop,
    /// Look for servers on this network, or no longer.
    Nearby(bool),
}

/// To the window and the system.
#[derive(Debug, Clone, PartialEq)]
pub enum PlatformCommand {
    /// Put text on the clipboard.
    Copy(String),
    /// Open the system's file dialog.
    ChoosePicture,
    /// Read this picture.
    ReadPicture(std::path::PathBuf),
    /// Crop and pack a picture.
    Pack {
        /// The picture.
        picture: Picture,
        /// 100 to 400.
        zoom: u32,
        /// Thousandths.
        centre: (u32, u32),
    },
    /// The theme changed.
    Theme,
    /// Tell when nobody has touched anything for so many milliseconds.
    WatchIdle(Option<u64>),
    /// Close the window and go on in the tray.
    Hide,
    /// Bring the window before the person's eyes, from wherever it is.
    ShowWindow,
    /// Let `breeze://` links open this program, or no longer; `None` only looks.
    HandleLinks(Option<bool>),
    /// End, now.
    Quit,
}

/// Where new identities come from: the app gives chance and time.
pub trait Mint {
    /// A new UUIDv7.
    fn mid(&mut self) -> Mid;
}

impl From<LinkCommand> for Command {
    fn from(command: LinkCommand) -> Self {
        Self::Link(command)
    }
}

impl From<StoreCommand> for Command {
    fn from(command: StoreCommand) -> Self {
        Self::Store(command)
    }
}

impl From<HostCommand> for Command {
    fn from(command: HostCommand) -> Self {
        Self::Host(command)
    }
}

impl From<NotificationCommand> for Command {
    fn from(command: NotificationCommand) -> Self {
        Self::Notification(command)
    }
}

impl From<TokenCommand> for Command {
    fn from(command: TokenCommand) -> Self {
        Self::Token(command)
    }
}

impl From<Look> for Command {
    fn from(look: Look) -> Self {
        Self::Search(look)
    }
}

impl From<FileCommand> for Command {
    fn from(command: FileCommand) -> Self {
        Self::File(command)
    }
}

impl From<PlatformCommand> for Command {
    fn from(command: PlatformCommand) -> Self {
        Self::Platform(command)
    }
}

impl Change {
    /// A store command of one change that no server message brought.
    #[must_use]
    pub fn alone(self) -> Command {
        StoreCommand::Apply {
            changes: vec![self],
            stamp: None,
            place: None,
        }
        .into()
    }
}
