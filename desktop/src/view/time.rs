//! Moments in words: relative for a week, then absolute, on the local clock. Pure: now and the zone are arguments.

use crate::model::ClockChoice;
use crate::words::{tr, tr_with};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// How people here tell the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Where.
    pub zone: TimeZone,
    /// "2:32 PM" in place of "14:32".
    pub twelve: bool,
}

impl Local {
    /// The same place with the hours the person has chosen, if any.
    #[must_use]
    pub fn chosen(&self, choice: ClockChoice) -> Self {
        Self {
            zone: self.zone.clone(),
            twelve: match choice {
                ClockChoice::System => self.twelve,
                ClockChoice::Twelve => true,
                ClockChoice::TwentyFour => false,
            },
        }
    }
}

fn zoned(ms: u64, zone: &TimeZone) -> Zoned {
    let stamp = i64::try_from(ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    stamp.unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

/// Days since 1970 of this moment's local date.
#[must_use]
pub fn day_number(ms: u64, zone: &TimeZone) -> i64 {
    number(zoned(ms, zone).date())
}

fn number(date: Date) -> i64 {
    jiff::civil::date(1970, 1, 1)
        .until(date)
        .map_or(0, |span| i64::from(span.get_days()))
}

/// "14:32", or "2:32 PM".
#[must_use]
pub fn clock(ms: u64, local: &Local) -> String {
    let at = zoned(ms, &local.zone);
    let (hour, minute) = (at.hour(), at.minute());
    if !local.twelve {
        return format!("{hour:02}:{minute:02}");
    }
    let time = match hour % 12 {
        0 => format!("12:{minute:02}"),
        hour => format!("{hour}:{minute:02}"),
    };
    let half = if hour < 12 { "clock-am" } else { "clock-pm" };
    tr_with(half, &[("time", time.into())])
}

fn weekday(at: &Zoned, short: bool) -> String {
    let kind = if short { "weekday-short" } else { "weekday" };
    tr(&format!("{kind}-{}", at.weekday().to_monday_one_offset()))
}

fn date(at: &Zoned, now: &Zoned, short: bool) -> String {
    let kind = if short { "month-short" } else { "month" };
    let month = tr(&format!("{kind}-{}", at.month()));
    let day = at.day().to_string();
    if at.year() == now.year() {
        tr_with("date", &[("day", day.into()), ("month", month.into())])
    } else {
        let year = at.year().to_string();
        tr_with(
            "date-year",
            &[
                ("day", day.into()),
                ("month", month.into()),
                ("year", year.into()),
            ],
        )
    }
}

/// For a row of the list: "14:32" today, "Mon" within a week, then "3 Nov". Another computer's clock may be a little ahead; what
/// is dated later than tomorrow was stamped by one that was wrong, and the date says so.
#[must_use]
pub fn short(ms: u64, now_ms: u64, local: &Local) -> String {
    let (at, now) = (zoned(ms, &local.zone), zoned(now_ms, &local.zone));
    match number(now.date()) - number(at.date()) {
        -1..=0 => clock(ms, local),
        1..=6 => weekday(&at, true),
        _ => date(&at, &now, true),
    }
}

/// For the line between two days: "Today", "Yesterday", "Monday", then "3 November"; also for what is dated later than tomorrow.
#[must_use]
pub fn day(ms: u64, now_ms: u64, local: &Local) -> String {
    let (at, now) = (zoned(ms, &local.zone), zoned(now_ms, &local.zone));
    match number(now.date()) - number(at.date()) {
        -1..=0 => tr("day-today"),
        1 => tr("day-yesterday"),
        2..=6 => weekday(&at, false),
        _ => date(&at, &now, false),
    }
}

/// Everything, for hovering: "Monday, 3 November 2025, 14:32".
#[must_use]
pub fn full(ms: u64, local: &Local) -> String {
    let at = zoned(ms, &local.zone);
    let values = [
        ("weekday", weekday(&at, false).into()),
        ("day", at.day().to_string().into()),
        ("month", tr(&format!("month-{}", at.month())).into()),
        ("year", at.year().to_string().into()),
        ("time", clock(ms, local).into()),
    ];
    tr_with("date-full", &values)
}

/// "Last seen 12 min ago"; `spoken` writes the units out. 0 = never.
#[must_use]
pub fn last_seen(ms: u64, now_ms: u64, local: &Local, spoken: bool) -> String {
    if ms == 0 {
        return tr("last-seen-never");
    }
    let age = now_ms.saturating_sub(ms);
    let (at, now) = (zoned(ms, &local.zone), zoned(now_ms, &local.zone));
    let days = number(now.date()) - number(at.date());
    let units = |short: &str, long: &str, count: u64| {
        tr_with(if spoken { long } else { short }, &[("count", count.into())])
    };
    match (age, days) {
        (..MINUTE_MS, _) => tr("last-seen-now"),
        (..HOUR_MS, _) => units("last-seen-min", "last-seen-minutes", age / MINUTE_MS),
        (_, ..=0) => units("last-seen-h", "last-seen-hours", age / HOUR_MS),
        (_, 1) => tr("last-seen-yesterday"),
        (_, 2..=6) => tr_with("last-seen-on", &[("day", weekday(&at, false).into())]),
        _ => tr_with("last-seen-on", &[("day", date(&at, &now, true).into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday, 18 November 2025, 14:40 UTC.
    const NOW: u64 = 1_763_476_800_000;
    const DAY_MS: u64 = 24 * HOUR_MS;
    const LOCAL: Local = Local {
        zone: TimeZone::UTC,
        twelve: false,
    };

    #[test]
    fn rows_show_clock_weekday_then_date() {
        let check = |ms, expected: &str| assert_eq!(short(ms, NOW, &LOCAL), expected);
        check(NOW - 8 * MINUTE_MS, "14:32");
        check(NOW + HOUR_MS, "15:40");
        check(NOW - DAY_MS, "Mon");
        check(NOW - 6 * DAY_MS, "Wed");
        check(NOW - 15 * DAY_MS, "3 Nov");
        check(NOW - 400 * DAY_MS, "14 Oct 2024");
        check(NOW + DAY_MS, "14:40");
        check(NOW + 2 * DAY_MS, "20 Nov");
        check(NOW + 3653 * DAY_MS, "19 Nov 2035");
    }

    #[test]
    fn days_have_names_for_a_week() {
        let check = |ms, expected: &str| assert_eq!(day(ms, NOW, &LOCAL), expected);
        check(NOW, "Today");
        check(NOW - DAY_MS, "Yesterday");
        check(NOW - 2 * DAY_MS, "Sunday");
        check(NOW - 15 * DAY_MS, "3 November");
        check(NOW + DAY_MS, "Today");
        check(NOW + 3653 * DAY_MS, "19 November 2035");
    }

    #[test]
    fn last_seen_is_honest_about_its_age() {
        let check = |ms, expected: &str| assert_eq!(last_seen(ms, NOW, &LOCAL, false), expected);
        check(0, "Never seen yet");
        check(NOW - 20_000, "Last seen just now");
        check(NOW + 5000, "Last seen just now");
        check(NOW - 12 * MINUTE_MS, "Last seen 12 min ago");
        check(NOW - 3 * HOUR_MS, "Last seen 3 h ago");
        check(NOW - DAY_MS, "Last seen yesterday");
        check(NOW - 3 * DAY_MS, "Last seen Saturday");
        check(NOW - 15 * DAY_MS, "Last seen 3 Nov");
        let spoken = last_seen(NOW - 12 * MINUTE_MS, NOW, &LOCAL, true);
        assert_eq!(spoken, "Last seen 12 minutes ago");
    }

    #[test]
    fn days_follow_the_local_midnight() {
        let zone = TimeZone::fixed(jiff::tz::offset(10));
        assert_eq!(day_number(NOW, &zone), day_number(NOW, &TimeZone::UTC) + 1);
    }

    #[test]
    fn twelve_hours_have_halves_and_no_zero() {
        let local = LOCAL.chosen(ClockChoice::Twelve);
        let midnight = NOW - 14 * HOUR_MS - 40 * MINUTE_MS;
        for (hour, twelve, twenty_four) in [
            (0, "12:05 AM", "00:05"),
            (9, "9:05 AM", "09:05"),
            (12, "12:05 PM", "12:05"),
            (23, "11:05 PM", "23:05"),
        ] {
            let ms = midnight + hour * HOUR_MS + 5 * MINUTE_MS;
            assert_eq!(clock(ms, &local), twelve);
            assert_eq!(clock(ms, &local.chosen(ClockChoice::TwentyFour)), twenty_four);
            assert_eq!(short(ms, NOW, &local), twelve);
        }
        assert_eq!(full(NOW, &local), "Tuesday, 18 November 2025, 2:40 PM");
        assert_eq!(local.chosen(ClockChoice::System), local);
    }
}
