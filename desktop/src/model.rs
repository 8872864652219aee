//! Everything the window shows, as plain data. Changed only by `apply(now, Event)` and `act(now, Action)`; read by the views.
//!
//! Pure: no clock, socket, file, thread or egui. One model per (server, account); the app shows one.

pub mod action;
mod acts;
pub mod answers;
mod apply;
mod ask;
pub mod away;
pub mod banner;
pub mod book;
pub mod changes;
pub mod chat;
pub mod command;
mod dialogs;
mod drafts;
pub mod emoji;
pub mod entries;
pub mod entry_acts;
pub mod event;
pub mod excerpt;
mod file_acts;
pub mod file_name;
pub mod files;
pub mod fill;
pub mod group;
pub mod group_acts;
pub mod hosting;
mod items;
pub mod joining;
pub mod keeping;
pub mod list;
pub mod mention;
mod names;
pub mod near;
pub mod notification;
pub mod onboarding;
pub mod past;
pub mod person;
mod pins;
mod prefs;
mod presence;
mod recovery;
pub mod search;
#[cfg(test)]
mod tests;
pub mod token;
pub mod window;

use breeze_protocol::{AccountId, BlobHash, ConvId, StatusKind};
use std::collections::BTreeMap;

pub use action::Action;
pub use hosting::Hosting;
use onboarding::Page;

/// The two clocks, read once per frame or event by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Milliseconds of a clock that never jumps.
    pub mono_ms: u64,
    /// Milliseconds since 1970 UTC.
    pub wall_ms: u64,
}

/// Which screen fills the window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Screen {
    /// No account yet: the ways in.
    #[default]
    Onboarding,
    /// The messenger.
    Main,
    /// Something is missing; the window can only say what.
    Trouble(Trouble),
}

/// What stops the app from working, with its next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The data folder is in use by another Breeze.
    FolderInUse(String),
    /// The data folder cannot be written.
    FolderUnwritable(String),
    /// The data comes from a newer Breeze.
    NewerData,
    /// The server's key is not the pinned one.
    WrongPin {
        /// Where.
        address: String,
    },
    /// This device was signed out.
    SignedOut,
    /// The account is disabled.
    Disabled,
    /// This Breeze and the server speak different protocols.
    Protocol {
        /// Whether it is the server that is too old.
        server_old: bool,
    },
    /// Something else, in words.
    Other(String),
}

/// The theme chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How the hours are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockChoice {
    /// As the system has it.
    #[default]
    System,
    /// "2:32 PM".
    Twelve,
    /// "14:32".
    TwentyFour,
}

/// What one is notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotifyOf {
    /// Every message and request.
    #[default]
    Everything,
    /// Messages of friends, requests, and in groups only what names oneself.
    Mentions,
    /// Nothing.
    Nothing,
}

/// Things kept on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Theme.
    pub theme: ThemeChoice,
    /// No fades.
    pub reduce_motion: bool,
    /// List by recency in place of online first, A-Z.
    pub by_recency: bool,
    /// Width of the list, points; 0 = default.
    pub list_width: u32,
    /// Ctrl+Enter sends, Enter makes a new line.
    pub ctrl_enter_sends: bool,
    /// The clock.
    pub clock: ClockChoice,
    /// What closing the window does.
    pub closing: window::Closing,
    /// Where the window stood last.
    pub place: Option<window::WindowPlace>,
    /// What one is notified of.
    pub notify_of: NotifyOf,
    /// Notifications say who wrote, and not what.
    pub hide_message_text: bool,
    /// When one is away by itself.
    pub away_after: away::AwayAfter,
    /// Emoji, the last used first.
    pub recent_emoji: Vec<String>,
}

/// Oneself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Me {
    /// Number.
    pub account: AccountId,
    /// Username.
    pub username: String,
    /// The name others see.
    pub display_name: String,
    /// Picture.
    pub avatar: Option<BlobHash>,
    /// Line under the name.
    pub status_text: String,
    /// How one wants to be seen.
    pub status: StatusKind,
    /// Whether one owns the server.
    pub owner: bool,
}

/// How the link to the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// Trying for the first time since the start, or again; `since` when it went down, `next_try` when the next try begins (mono ms).
    Down {
        /// When it went down.
        since: u64,
        /// When the next try begins; `None` while a try is under way.
        next_try: Option<u64>,
        /// The server said it restarts.
        restarting: bool,
    },
    /// Signed in, catching up.
    Syncing {
        /// When the link went down before, so that the banner does not vanish too early.
        since: u64,
    },
    /// Live.
    #[default]
    Up,
}

/// A window over the main window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// One's own profile.
    Profile(onboarding::ProfileDraft),
    /// Friends: requests in and out, add by name, blocked people.
    People {
        /// The name being typed.
        add: String,
        /// Answer to the last wish.
        said: Option<String>,
    },
    /// An invite link to hand out.
    Invite {
        /// The link, once the server has made it.
        link: Option<String>,
        /// Until when, wall ms.
        expires_ms: u64,
    },
    /// Settings.
    Settings,
    /// The server hosted here: address, link, stop.
    Host,
    /// Quit while hosting: stop the server or leave it running.
    QuitHosting,
    /// The window is closed for the first time: into the tray, or for good.
    Closing,
    /// A link was opened while one is signed in.
    OpenedLink(window::OpenedLink),
    /// A person's card (account).
    Person(AccountId),
    /// A group, or what one does with groups.
    Group(group_acts::GroupDialog),
    /// Keyboard shortcuts.
    Keys,
    /// How long the messages of a chat are kept.
    Keeping(keeping::Keeping),
    /// Devices and sessions.
    Devices,
    /// Files: send these, open this, look at that.
    File(files::FileDialog),
    /// About one message of a chat, by its place.
    Entry(ConvId, u64, entry_acts::EntryDialog),
    /// The switcher: people and conversations by name.
    Switch {
        /// The name being typed.
        query: String,
        /// Which of its rows is chosen.
        at: usize,
    },
}

/// A short line that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// The words.
    pub text: String,
    /// When it goes (mono ms).
    pub until: u64,
    /// Whether something failed.
    pub failed: bool,
}

/// The whole truth of the window.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Which screen.
    pub screen: Screen,
    /// Onboarding's fields.
    pub onboarding: onboarding::Onboarding,
    /// Settings.
    pub settings: Settings,
    /// Oneself, once signed in.
    pub me: Me,
    /// The server's name.
    pub server_name: String,
    /// Everybody known.
    pub people: BTreeMap<AccountId, person::Person>,
    /// Friend requests that wait, by the other's account.
    pub requests: BTreeMap<AccountId, person::Request>,
    /// Conversations.
    pub chats: BTreeMap<ConvId, chat::Chat>,
    /// The chat shown.
    pub open: Option<ConvId>,
    /// The search over everything, while its panel is open.
    pub search: Option<search::Search>,
    /// The search in the open chat, while its bar is open.
    pub find: Option<search::Find>,
    /// What the list is filtered by.
    pub filter: String,
    /// What is put away is shown below the list.
    pub show_archived: bool,
    /// The link.
    pub link: Link,
    /// When the own link had been down for a second and everybody became "last known" (mono ms).
    pub unsure_since: Option<u64>,
    /// The window over the main window.
    pub dialog: Option<Dialog>,
    /// Lines that go away.
    pub toasts: Vec<Toast>,
    /// Server hosted here.
    pub hosting: Option<Hosting>,
    /// Own devices, when asked for.
    pub devices: Vec<breeze_protocol::message::session::SessionRow>,
    /// Whether the window has the keyboard.
    pub focused: bool,
    /// The status menu at one's own avatar is open.
    pub status_menu: bool,
    /// No window is shown; Breeze lives in the tray.
    pub hidden: bool,
    /// Whether this desktop has a tray.
    pub tray: window::Tray,
    /// Whether `breeze://` links open this program.
    pub link_handler: window::LinkHandler,
    /// Days for which the server keeps messages at most; 0: no such end.
    pub keep_days_max: u64,
    /// Files of messages.
    pub files: files::Files,
    /// What no view reads.
    pub book: book::Book,
}
