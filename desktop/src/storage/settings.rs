//! Settings, one row each, so that an old program passes over those it does not know.

use crate::model::away::AwayAfter;
use crate::model::emoji;
use crate::model::window::{Closing, WindowPlace};
use crate::model::{ClockChoice, NotifyOf, Settings, ThemeChoice};
use rusqlite::{Connection, OptionalExtension, params};

/// Reads the settings; what is missing has its default.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Settings> {
    let read_any = |key: &str| -> rusqlite::Result<Option<i64>> {
        let query = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1";
        connection.query_row(query, [key], |row| row.get(0)).optional()
    };
    let read = |key: &str| -> rusqlite::Result<i64> { Ok(read_any(key)?.unwrap_or(0)) };
    Ok(Settings {
        theme: match read("theme")? {
            1 => ThemeChoice::Light,
            2 => ThemeChoice::Dark,
            _ => ThemeChoice::System,
        },
        reduce_motion: read("reduce_motion")? != 0,
        by_recency: read("by_recency")? != 0,
        list_width: u32::try_from(read("list_width")?).unwrap_or(0),
        ctrl_enter_sends: read("ctrl_enter_sends")? != 0,
        clock: match read("clock")? {
            1 => ClockChoice::Twelve,
            2 => ClockChoice::TwentyFour,
            _ => ClockChoice::System,
        },
        closing: match read("closing")? {
            1 => Closing::Tray,
            2 => Closing::Quit,
            _ => Closing::Ask,
        },
        place: place(connection)?,
        notify_of: match read("notify_of")? {
            1 => NotifyOf::Nothing,
            2 => NotifyOf::Mentions,
            _ => NotifyOf::Everything,
        },
        hide_message_text: read("hide_message_text")? != 0,
        away_after: read_any("away_after_ms")?
            .and_then(|ms| u64::try_from(ms).ok())
            .map_or_else(AwayAfter::default, AwayAfter),
        recent_emoji: recent_emoji(connection)?,
    })
}

/// The emoji used last, separated by spaces; those this version does not know are passed over.
fn recent_emoji(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let query = "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'recent_emoji'";
    let text: Option<String> = connection.query_row(query, [], |row| row.get(0)).optional()?;
    let text = text.unwrap_or_default();
    let known = text.split(' ').filter(|glyph| emoji::of(glyph).is_some());
    Ok(known.take(emoji::RECENT_MAX).map(str::to_owned).collect())
}

/// Where the window stood; `None` when it never stood anywhere.
fn place(connection: &Connection) -> rusqlite::Result<Option<WindowPlace>> {
    let query = "SELECT CAST(value AS TEXT) FROM meta WHERE key = 'window'";
    let text: Option<String> = connection.query_row(query, [], |row| row.get(0)).optional()?;
    Ok(text.as_deref().and_then(read_place))
}

fn read_place(text: &str) -> Option<WindowPlace> {
    let mut words = text.split(' ');
    let (width, height) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let maximized = words.next()? == "1";
    let corner = match (words.next(), words.next()) {
        (Some(left), Some(top)) => Some((left.parse().ok()?, top.parse().ok()?)),
        _ => None,
    };
    Some(WindowPlace {
        corner,
        width,
        height,
        maximized,
    })
}

fn write_place(place: &WindowPlace) -> String {
    let size = format!("{} {} {}", place.width, place.height, u8::from(place.maximized));
    match place.corner {
        Some((left, top)) => format!("{size} {left} {top}"),
        None => size,
    }
}

/// Keeps the settings.
pub(super) fn save(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    let theme = match settings.theme {
        ThemeChoice::System => 0,
        ThemeChoice::Light => 1,
        ThemeChoice::Dark => 2,
    };
    let clock = match settings.clock {
        ClockChoice::System => 0,
        ClockChoice::Twelve => 1,
        ClockChoice::TwentyFour => 2,
    };
    let closing = match settings.closing {
        Closing::Ask => 0,
        Closing::Tray => 1,
        Closing::Quit => 2,
    };
    let rows = [
        ("closing", closing),
        ("theme", theme),
        ("reduce_motion", i64::from(settings.reduce_motion)),
        ("by_recency", i64::from(settings.by_recency)),
        ("list_width", i64::from(settings.list_width)),
        ("ctrl_enter_sends", i64::from(settings.ctrl_enter_sends)),
        ("clock", clock),
        ("notify_of", notify_number(settings.notify_of)),
        (
            "away_after_ms",
            i64::try_from(settings.away_after.0).unwrap_or(i64::MAX),
        ),
        ("hide_message_text", i64::from(settings.hide_message_text)),
    ];
    for (key, value) in rows {
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
            params![key, value],
        )?;
    }
    if !settings.recent_emoji.is_empty() {
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('recent_emoji', ?1)",
            [settings.recent_emoji.join(" ")],
        )?;
    }
    if let Some(place) = &settings.place {
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('window', ?1)",
            [write_place(place)],
        )?;
    }
    Ok(())
}

/// The number of what one is notified of, as it is kept.
fn notify_number(of: NotifyOf) -> i64 {
    match of {
        NotifyOf::Everything => 0,
        NotifyOf::Nothing => 1,
        NotifyOf::Mentions => 2,
    }
}
