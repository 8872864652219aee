//! The window's life: closed into the tray or for good, hidden, shown again; and what the tray says meanwhile.

use super::command::{Commands, PlatformCommand, StoreCommand};
use super::event::SystemEvent;
use super::{Dialog, Link, Model, Now, Screen};
use breeze_protocol::StatusKind;
use breeze_protocol::link::InviteLink;

/// A tray that vanishes while the window is hidden may come back so soon (a desktop's shell restarts), milliseconds;
/// then the window is shown, for nobody could find it.
pub const TRAY_GRACE_MS: u64 = 5000;

/// What closing the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closing {
    /// Ask, this once.
    #[default]
    Ask,
    /// Breeze goes on in the tray.
    Tray,
    /// Breeze ends.
    Quit,
}

/// Whether this desktop has a tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tray {
    /// Nobody has answered yet.
    #[default]
    Looking,
    /// Breeze stands in it.
    Here,
    /// There is none, and why.
    Missing(NoTray),
}

/// Why there is no tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTray {
    /// No session bus.
    NoBus,
    /// Nobody on the bus keeps a tray.
    NoWatcher,
    /// Whoever keeps the tray does not answer.
    Silent,
    /// Whoever keeps the tray refused.
    Refused,
    /// This system has trays of another kind.
    Unsupported,
}

/// Where the window stood, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WindowPlace {
    /// Left and top of the frame; `None` where the system does not tell.
    pub corner: Option<(i32, i32)>,
    /// Width of the content, points.
    pub width: u32,
    /// Height of the content, points.
    pub height: u32,
    /// It filled the screen.
    pub maximized: bool,
}

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrayFace {
    /// Unread messages.
    pub unread: u64,
    /// Signed in, and the link is live.
    pub connected: bool,
    /// Signed in at all.
    pub signed_in: bool,
    /// How one wants to be seen.
    pub status: StatusKind,
    /// The name one is signed in by.
    pub name: String,
    /// A server runs here.
    pub hosting: bool,
}

/// Whether `breeze://` links open this program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkHandler {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// They open something else, or nothing.
    No,
    /// A package has registered Breeze.
    Package,
    /// They open this program: registered from here, in this file.
    Here(String),
    /// It could not be changed: why, in words.
    Failed(String),
}

/// A link that was opened while one is signed in already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLink {
    /// The link itself.
    pub text: String,
    /// `host:port`.
    pub address: String,
    /// The words of its key; empty when the link has none.
    pub fingerprint: String,
    /// It leads to the server one is signed in to: the keys are the same.
    pub same: bool,
}

impl Model {
    /// What the tray shows now.
    #[must_use]
    pub fn tray_face(&self) -> TrayFace {
        let signed_in = self.screen == Screen::Main;
        TrayFace {
            unread: self.unread_total(),
            connected: signed_in && self.link == Link::Up && self.unsure_since.is_none(),
            signed_in,
            status: self.me.status,
            name: self.me.display_name.clone(),
            hosting: self.hosting.as_ref().is_some_and(|hosting| hosting.running),
        }
    }

    /// Whether closing the window leaves Breeze in the tray.
    #[must_use]
    pub fn closes_to_tray(&self) -> bool {
        self.tray == Tray::Here && self.settings.closing == Closing::Tray
    }

    /// The system has something to say, or the person said it through the system.
    pub(super) fn system_event(&mut self, now: Now, event: SystemEvent) -> Commands {
        match event {
            SystemEvent::Tray(tray) => self.tray_changed(now, tray),
            SystemEvent::Open(link) => {
                if let Some(link) = link {
                    self.link_opened(&link);
                }
                return self.raise();
            }
            SystemEvent::Status(status) => {
                if self.screen == Screen::Main {
                    return self.set_status(status);
                }
            }
            SystemEvent::Host => {
                if self.hosting.is_some() {
                    self.dialog = Some(Dialog::Host);
                }
                return self.raise();
            }
            SystemEvent::Quit => return self.quit(),
            SystemEvent::LinkHandler(handler) => self.link_handler = handler,
        }
        Commands::new()
    }

    fn tray_changed(&mut self, now: Now, tray: Tray) {
        self.tray = tray;
        self.book.tray_gone = matches!(tray, Tray::Missing(_)).then_some(now.mono_ms);
        if tray != Tray::Here && self.dialog == Some(Dialog::Closing) {
            self.dialog = None;
        }
    }

    /// A `breeze://` link was opened. It never connects by itself: it is shown, and the person decides.
    pub(super) fn link_opened(&mut self, link: &InviteLink) {
        if self.screen == Screen::Onboarding {
            self.onboarding.link = link.to_string();
            self.onboarding.page = super::onboarding::Page::Ways;
            self.onboarding.error = None;
            return;
        }
        if self.screen == Screen::Main {
            self.dialog = Some(Dialog::OpenedLink(OpenedLink {
                text: link.to_string(),
                address: link.address(),
                fingerprint: super::near::pin_words(&link.pin),
                same: !link.pin.is_empty() && link.pin == self.book.pin,
            }));
        }
    }

    /// The window is to be seen: shown when it is hidden, brought to the front when it is not.
    pub(super) fn raise(&mut self) -> Commands {
        self.hidden = false;
        vec![PlatformCommand::ShowWindow.into()]
    }

    /// The person closes the window.
    pub(super) fn close_window(&mut self) -> Commands {
        if self.tray != Tray::Here {
            return self.quit();
        }
        match self.settings.closing {
            Closing::Ask => {
                self.dialog = Some(Dialog::Closing);
                Commands::new()
            }
            Closing::Tray => self.hide(),
            Closing::Quit => self.quit(),
        }
    }

    /// The answer to the question on closing; it is not asked again.
    pub(super) fn closing_chosen(&mut self, closing: Closing) -> Commands {
        self.dialog = None;
        self.settings.closing = closing;
        let mut commands: Commands = vec![StoreCommand::Settings(self.settings.clone()).into()];
        commands.extend(self.close_window());
        commands
    }

    fn hide(&mut self) -> Commands {
        self.hidden = true;
        self.focused = false;
        self.status_menu = false;
        let mut commands = self.drafts_due(u64::MAX);
        commands.push(PlatformCommand::Hide.into());
        commands
    }

    /// Nobody finds a hidden window without a tray: it is shown.
    pub(super) fn found_again(&mut self, now: Now) -> Commands {
        let due = |gone: u64| now.mono_ms >= gone.saturating_add(TRAY_GRACE_MS);
        if self.hidden && self.book.tray_gone.is_some_and(due) {
            return self.raise();
        }
        Commands::new()
    }

    /// Milliseconds until something is to be done although no window is shown; `None`: not before the next event.
    #[must_use]
    pub fn next_duty_ms(&self, now: Now) -> Option<u64> {
        let gone = self.book.tray_gone.map(|gone| gone + TRAY_GRACE_MS);
        let doubt = match self.link {
            Link::Down { since, .. } | Link::Syncing { since } => {
                Some(since + super::banner::UNSURE_AFTER_MS)
            }
            Link::Up => None,
        };
        let chores = self.book.check_at.into_iter();
        let drafts = self.book.drafts.values().copied();
        let chores = chores.chain(drafts).chain(self.draft_says()).chain(doubt);
        let until = |at: u64| at.checked_sub(now.mono_ms).filter(|ms| *ms > 0);
        chores.chain(gone.filter(|_| self.hidden)).filter_map(until).min()
    }
}
