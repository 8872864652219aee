//! The server hosted on this computer: what is known of it, what its panel shows, and what a person may do there.

mod panel;

use super::Now;
use super::command::{Commands, HostCommand};
use crate::words::tr_with;
use breeze_protocol::admin::{AdminInvite, AdminSession, AdminUser};

/// How long an invite made in the panel may be valid, seconds: an hour, a day, a week. Never is not offered.
pub const TTLS_S: [u64; 3] = [3600, 24 * 3600, 7 * 24 * 3600];
/// How many may join with one.
pub const USES: [u32; 3] = [1, 10, 100];
/// What lives is looked at this often while it is on the screen, milliseconds.
const LIVE_EVERY_MS: u64 = 1000;
/// What changes rarely, this often.
const SLOW_EVERY_MS: u64 = 5000;
/// The disk is looked at once in so many looks at what lives.
const DISK_EVERY: u32 = 10;
/// Pages of people the panel shows at most; whoever has more asks at the command line.
pub const PEOPLE_PAGES_MAX: u32 = 5;

/// A server hosted on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hosting {
    /// `host:port` others can reach.
    pub address: String,
    /// The link to hand out, when made.
    pub link: Option<String>,
    /// Whether it runs now.
    pub running: bool,
    /// It ended by itself.
    pub died: bool,
    /// It was started outside this app, which may look at it and stop it, and no more.
    pub foreign: bool,
    /// Pin of its key.
    pub pin: String,
    /// Whether it starts with the system.
    pub autostart: Autostart,
    /// What the panel shows.
    pub panel: Panel,
}

/// Whether a server starts with the system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Autostart {
    /// Not known yet.
    #[default]
    Unknown,
    /// It does.
    On,
    /// It does not.
    Off,
    /// It cannot: why, in words.
    Cannot(String),
}

/// The parts of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What it is.
    #[default]
    Server,
    /// Links to hand out.
    Invite,
    /// Who has an account, and who is connected.
    People,
    /// Its log.
    Log,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Server, Self::Invite, Self::People, Self::Log];

    fn every_ms(self) -> u64 {
        match self {
            Self::Server | Self::People | Self::Log => LIVE_EVERY_MS,
            Self::Invite => SLOW_EVERY_MS,
        }
    }
}

/// What the panel is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Busy {
    /// Nothing.
    #[default]
    No,
    /// Starting the server.
    Starting,
    /// Stopping it.
    Stopping,
    /// Making a link.
    Inviting,
    /// Speaking to the system.
    System,
}

/// What the panel shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Panel {
    /// Which part.
    pub tab: Tab,
    /// Place in [`TTLS_S`].
    pub ttl: usize,
    /// Place in [`USES`].
    pub uses: usize,
    /// Until when the link is good, wall ms.
    pub expires_ms: u64,
    /// Busy with.
    pub busy: Busy,
    /// What was refused, in words.
    pub said: Option<String>,
    /// A new password, shown once: whose, and the password.
    pub password: Option<(String, String)>,
    /// A code for somebody who forgot the password, shown once: whose, the code, and its end (wall ms).
    pub code: Option<(String, String, u64)>,
    /// Pages of people shown.
    pub people_pages: u32,
    /// What was seen.
    pub seen: Look,
    /// A look is under way.
    pub asked: bool,
    /// When the last look came back (mono ms).
    pub taken: Option<u64>,
    /// Looks so far.
    pub looks: u32,
}

/// What a look brought; what was not looked at is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// The server itself.
    pub info: Option<Info>,
    /// The disk.
    pub disk: Option<Disk>,
    /// Live sessions, and whether there are more.
    pub sessions: Option<(Vec<AdminSession>, bool)>,
    /// People, and whether there are more.
    pub people: Option<(Vec<AdminUser>, bool)>,
    /// Open invites, and whether there are more.
    pub invites: Option<(Vec<AdminInvite>, bool)>,
    /// Newest log lines.
    pub log: Option<Vec<String>>,
}

/// The server itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Live sessions.
    pub sessions: u64,
    /// Accounts.
    pub accounts: u64,
    /// Milliseconds since it started.
    pub uptime_ms: u64,
    /// Its data folder.
    pub data: String,
}

/// What its data takes, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disk {
    /// The database.
    pub database: u64,
    /// Written lately, not yet in it.
    pub wal: u64,
    /// Pictures in it.
    pub pictures: u64,
    /// Free.
    pub free: u64,
}

/// What is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// For this part of the panel.
    pub tab: Tab,
    /// The disk as well.
    pub disk: bool,
    /// So many pages of people.
    pub people_pages: u32,
}

/// What a person does in the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostAct {
    /// Shows this part.
    Tab(Tab),
    /// The panel is on the screen and what it shows is old.
    Look,
    /// How long the next link is valid: place in [`TTLS_S`].
    Ttl(usize),
    /// For how many it is: place in [`USES`].
    Uses(usize),
    /// Makes a link.
    MakeInvite,
    /// Takes one back.
    Revoke(u64),
    /// Shuts (true) or opens an account.
    Disable(String, bool),
    /// Gives somebody a new password.
    ResetPassword(String),
    /// Makes a one-time code for somebody who forgot the password.
    Recover(String),
    /// The new password, or the code, was read.
    ForgetPassword,
    /// Shows more people.
    MorePeople,
    /// Starts the server again.
    Start,
    /// Starts it with the system, or no longer.
    Autostart(bool),
}

impl Hosting {
    /// Whether the panel should look again. Asked by the view only, so that nobody looks for a window nobody sees.
    #[must_use]
    pub fn look_due(&self, now: Now) -> bool {
        self.running && self.look_in_ms(now) == Some(0)
    }

    /// The server alone, without what the panel showed of people.
    pub(super) fn without_names(self) -> Self {
        Self {
            panel: Panel::default(),
            link: None,
            ..self
        }
    }

    fn look_in_ms(&self, now: Now) -> Option<u64> {
        let panel = &self.panel;
        if panel.asked {
            return None;
        }
        let due = panel.taken.map_or(0, |at| at + panel.tab.every_ms());
        Some(due.saturating_sub(now.mono_ms))
    }
}

impl Panel {
    fn look(&mut self) -> Commands {
        let wanted = Wanted {
            tab: self.tab,
            disk: self.looks.is_multiple_of(DISK_EVERY),
            people_pages: self.people_pages.clamp(1, PEOPLE_PAGES_MAX),
        };
        self.asked = true;
        self.looks = self.looks.wrapping_add(1);
        vec![HostCommand::Look(wanted).into()]
    }

    /// Something was changed: what is shown is old.
    fn stale(&mut self) {
        self.taken = None;
        self.said = None;
    }
}

impl Look {
    fn take_in(&mut self, new: Self) {
        fn keep<T>(old: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *old = new;
            }
        }
        keep(&mut self.info, new.info);
        keep(&mut self.disk, new.disk);
        keep(&mut self.sessions, new.sessions);
        keep(&mut self.people, new.people);
        keep(&mut self.invites, new.invites);
        keep(&mut self.log, new.log);
    }
}

/// Bytes as a person reads them.
#[must_use]
pub fn size_words(bytes: u64) -> String {
    const KIB: u64 = 1024;
    let (key, tenths) = match bytes {
        0..KIB => return tr_with("size-bytes", &[("n", bytes.to_string().into())]),
        KIB..0x10_0000 => ("size-kib", bytes * 10 / KIB),
        0x10_0000..0x4000_0000 => ("size-mib", bytes * 10 / KIB / KIB),
        _ => ("size-gib", bytes / KIB * 10 / KIB / KIB),
    };
    let number = if tenths < 100 {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        (tenths / 10).to_string()
    };
    tr_with(key, &[("n", number.into())])
}
