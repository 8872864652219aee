//! Presence in words, for the header, the rows and screen readers.

use super::Scene;
use super::time;
use crate::model::person::{Headline, Known, Standing};
use crate::words::{tr, tr_with};

/// A person's standing as the header shows it. Empty for those one may know nothing about.
#[must_use]
pub(super) fn words(scene: &Scene<'_>, standing: &Standing) -> String {
    match standing {
        Standing::Online => tr("presence-online"),
        Standing::Away => tr("presence-away"),
        Standing::Busy => tr("presence-busy"),
        Standing::Doubtful { since_mono } => {
            let seconds = scene.now.mono_ms.saturating_sub(*since_mono) / 1000;
            tr_with("presence-doubtful", &[("seconds", seconds.into())])
        }
        Standing::LastSeen(at) => time::last_seen(*at, scene.now.wall_ms, scene.local, false),
        Standing::NeverSeen => tr("last-seen-never"),
        Standing::LastKnown(known) => last_known(*known),
        Standing::Nothing => String::new(),
    }
}

fn last_known(known: Known) -> String {
    tr(match known {
        Known::Online => "last-known-online",
        Known::Away => "last-known-away",
        Known::Busy => "last-known-busy",
        Known::Offline(_) => "last-known-offline",
    })
}

/// "Rosa Silva, offline, last seen 12 minutes ago".
#[must_use]
pub(super) fn sentence(scene: &Scene<'_>, name: &str, headline: &Headline) -> String {
    let state = match &headline.standing {
        Standing::Online => tr("spoken-online"),
        Standing::Away => tr("spoken-away"),
        Standing::Busy => tr("spoken-busy"),
        Standing::Doubtful { .. } => tr("spoken-doubtful"),
        Standing::LastSeen(at) => {
            let seen = time::last_seen(*at, scene.now.wall_ms, scene.local, true);
            format!("{}, {}", tr("spoken-offline"), lower_first(&seen))
        }
        Standing::NeverSeen => format!(
            "{}, {}",
            tr("spoken-offline"),
            lower_first(&tr("last-seen-never"))
        ),
        Standing::LastKnown(known) => lower_first(&last_known(*known)),
        Standing::Nothing => return name.to_owned(),
    };
    format!("{name}, {state}")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
