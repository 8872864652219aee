//! Away by itself: others see it when nobody has touched anything for a while, and one is back at the first touch.

use super::Model;
use super::command::{Command, Commands, LinkCommand, PlatformCommand};
use breeze_protocol::StatusKind;

/// Nobody has touched anything for so long, milliseconds, and one is away; 0 = never by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwayAfter(pub u64);

/// Long enough to read a page, short enough that "online" means somebody is there.
const FIVE_MINUTES_MS: u64 = 5 * 60 * 1000;

impl Default for AwayAfter {
    fn default() -> Self {
        Self(FIVE_MINUTES_MS)
    }
}

impl AwayAfter {
    /// What the settings offer, minutes; 0 = never.
    pub const MINUTES: [u64; 4] = [0, 5, 10, 30];

    /// So many minutes.
    #[must_use]
    pub fn minutes(minutes: u64) -> Self {
        Self(minutes * 60 * 1000)
    }

    /// Milliseconds, if there is a limit.
    #[must_use]
    pub fn limit(self) -> Option<u64> {
        Some(self.0).filter(|ms| *ms > 0)
    }
}

impl Model {
    /// How others see oneself: as chosen, but away when one chose to be online and is not there.
    #[must_use]
    pub fn seen_status(&self) -> StatusKind {
        let gone = self.book.idle && self.settings.away_after.limit().is_some();
        match self.me.status {
            StatusKind::Online if gone => StatusKind::Away,
            chosen => chosen,
        }
    }

    /// Nobody has touched anything for as long as the settings say; or somebody does again.
    pub(super) fn idle(&mut self, idle: bool) -> Commands {
        let before = self.seen_status();
        self.book.idle = idle;
        self.tell_status(before)
    }

    /// Tells the server how to be seen, if that is another way than before.
    fn tell_status(&self, before: StatusKind) -> Commands {
        let seen = self.seen_status();
        if seen == before {
            return Commands::new();
        }
        vec![LinkCommand::Status(seen).into()]
    }

    /// The setting was changed.
    pub(super) fn set_away_after(&mut self, after: AwayAfter) -> Commands {
        let before = self.seen_status();
        self.settings.away_after = after;
        let mut commands = self.tell_status(before);
        commands.push(self.watch_idle());
        commands
    }

    /// For how long nobody must touch anything to be told of.
    pub(super) fn watch_idle(&self) -> Command {
        PlatformCommand::WatchIdle(self.settings.away_after.limit()).into()
    }
}
