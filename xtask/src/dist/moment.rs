//! The moment a release was made, the same for everybody who builds it, so that the packages are the same to the byte.

use crate::shell::{self, Fail};
use std::process::Command;

/// Seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub(crate) u64);

impl Moment {
    /// `SOURCE_DATE_EPOCH` where it is set, as everywhere; else the last commit.
    pub(crate) fn of_release() -> Result<Self, Fail> {
        let text = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text,
            Err(_) => shell::read(
                Command::new("git")
                    .args(["log", "-1", "--format=%ct"])
                    .current_dir(shell::root()),
            )
            .map_err(|_| {
                Fail::usage("this is no git checkout: set SOURCE_DATE_EPOCH to the release's time")
            })?,
        };
        text.trim().parse().map(Self).map_err(|_| {
            Fail::usage(format!(
                "SOURCE_DATE_EPOCH is {text:?}; it must be seconds since 1970"
            ))
        })
    }

    /// As `2026-11-25`.
    pub(crate) fn day(self) -> String {
        let (year, month, day) = self.date();
        format!("{year}-{month:02}-{day:02}")
    }

    /// As Debian's changelogs want it: `Wed, 25 Nov 2026 22:05:00 +0000`.
    pub(crate) fn in_full(self) -> String {
        let (year, month, day) = self.date();
        let seconds = self.0 % DAY_S;
        format!(
            "{}, {day:02} {} {year} {:02}:{:02}:{:02} +0000",
            WEEKDAYS[usize::try_from(self.0 / DAY_S % 7).unwrap_or(0)],
            MONTHS[usize::try_from(month - 1).unwrap_or(0)],
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }

    /// Year, month and day: the years are counted from March, so that the leap day comes last (H. Hinnant's algorithm).
    fn date(self) -> (u64, u64, u64) {
        let days = self.0 / DAY_S + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        (era * 400 + year_of_era + u64::from(month <= 2), month, day)
    }
}

const DAY_S: u64 = 24 * 60 * 60;
/// 1 January 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, day, full) in [
            (0, "1970-01-01", "Thu, 01 Jan 1970 00:00:00 +0000"),
            (951_782_400, "2000-02-29", "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_795_644_334, "2026-11-25", "Wed, 25 Nov 2026 22:05:34 +0000"),
        ] {
            assert_eq!(Moment(seconds).day(), day);
            assert_eq!(Moment(seconds).in_full(), full);
        }
    }
}
