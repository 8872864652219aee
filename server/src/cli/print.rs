//! Answers as lines a person reads, and a script can cut.

use super::{Command, UserCommand};
use crate::clock::wall_ms;
use breeze_protocol::admin::{AdminAnswer, AdminInvite, AdminSession, AdminUser};
use breeze_protocol::fingerprint;
use breeze_protocol::limit::RECOVERY_TTL_S;
use std::fmt::Write as _;
use std::io::Write as _;

/// Prints an answer. A reader that has gone away does not matter.
pub(super) fn print(command: &Command, answer: &AdminAnswer) {
    let text = text(command, answer);
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn text(command: &Command, answer: &AdminAnswer) -> String {
    match answer {
        AdminAnswer::Invite { link, .. } => {
            let Command::Invite { uses, days, hours } = command else {
                return format!("{}\n", link.0);
            };
            let people = count(u64::from(*uses), "person", "people");
            let time = match hours {
                Some(hours) => count(*hours, "hour", "hours"),
                None => count(*days, "day", "days"),
            };
            format!("{}\n\nFor {people}, valid for {time}.\n", link.0)
        }
        AdminAnswer::Invites { rows, .. } => invites(rows, wall_ms()),
        AdminAnswer::Users { rows, .. } => users(rows),
        AdminAnswer::Password { username, password } => {
            format!(
                "{username}\n{}\n\nThis password is shown only now. Hand it over safely.\n",
                password.0
            )
        }
        AdminAnswer::Code { username, code, .. } => recovery(username, &code.0),
        AdminAnswer::Backup { dir, bytes } => {
            format!(
                "{dir}\n\nA whole backup, {}, checked after it was written. It holds the server's key: keep it safe.\n",
                size(*bytes)
            )
        }
        AdminAnswer::Sessions { rows, .. } => sessions(rows),
        AdminAnswer::Log { lines } => lines.iter().fold(String::new(), |text, line| text + line + "\n"),
        AdminAnswer::Disk {
            database,
            wal,
            pictures,
            free,
        } => {
            let [database, wal, pictures, free] = [database, wal, pictures, free].map(|it| size(*it));
            format!(
                "Disk:         database {database} (pictures {pictures}), write-ahead log {wal}, free {free}\n"
            )
        }
        AdminAnswer::Done => match command {
            Command::Revoke { invite } => format!("Invite {invite} is taken back.\n"),
            Command::Stop => "The server stops.\n".to_owned(),
            Command::User(UserCommand::Disable { name }) => format!("{name} is shut.\n"),
            Command::User(UserCommand::Enable { name }) => format!("{name} is open again.\n"),
            _ => "Done.\n".to_owned(),
        },
        AdminAnswer::Info {
            start,
            name,
            sessions,
            accounts,
            uptime_ms,
            data,
        } => {
            let words = fingerprint::words(&start.pin)
                .map_or_else(|| "none: encryption is off".into(), |it| it.join(" "));
            format!(
                "{name} (breeze-server {}), up {}\n\nAddress:      {}\nFingerprint:  {words}\nData:         {data}\nPeople:       {accounts}, connected devices: {sessions}\n",
                start.version,
                age(uptime_ms / 1000),
                start.address
            )
        }
        AdminAnswer::Error { .. } => String::new(),
    }
}

fn recovery(username: &str, code: &str) -> String {
    let minutes = RECOVERY_TTL_S / 60;
    format!(
        "{username}\n{code}\n\nThis code is shown only now. It is good for {minutes} minutes and for one use: in Breeze, at \
         \"I have an account already\", behind \"Forgot the password?\". All devices of the account are signed out then.\n"
    )
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

/// Bytes as a person reads them.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..0x10_0000 => format!("{} KiB", bytes / KIB),
        0x10_0000..0x4000_0000 => format!("{} MiB", bytes / KIB / KIB),
        _ => {
            let tenths = bytes / (0x4000_0000 / 10);
            format!("{}.{} GiB", tenths / 10, tenths % 10)
        }
    }
}

/// Seconds as a person reads them, in the two largest units.
fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

fn invites(rows: &[AdminInvite], now_ms: u64) -> String {
    if rows.is_empty() {
        return "No invite may be used now.\n".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let maker = if row.maker.is_empty() {
            "the start-up invite of the owner"
        } else {
            &row.maker
        };
        let left = age(row.expires_ms.saturating_sub(now_ms) / 1000);
        writeln!(
            text,
            "{:<8}  {} uses left, for {left}  {maker}",
            row.invite, row.uses_left
        )
        .expect("a string takes everything");
    }
    text
}

fn users(rows: &[AdminUser]) -> String {
    if rows.is_empty() {
        return "Nobody has an account yet.\n".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let notes = [
            (row.owner, "owner"),
            (row.disabled, "shut"),
            (row.sessions > 0, "connected"),
        ];
        let mut notes: Vec<String> = notes
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, note)| (*note).to_owned())
            .collect();
        if row.files_bytes > 0 {
            notes.push(match row.files_quota {
                0 => format!("files {}", size(row.files_bytes)),
                quota => format!("files {} of {}", size(row.files_bytes), size(quota)),
            });
        }
        writeln!(
            text,
            "{:<32}  {}  {}",
            row.username,
            row.display_name,
            notes.join(", ")
        )
        .expect("a string takes everything");
    }
    text
}

fn sessions(rows: &[AdminSession]) -> String {
    if rows.is_empty() {
        return "Nobody is connected.\n".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let seconds = |ms: u64| ms / 1000;
        writeln!(
            text,
            "{:<32}  device {}  {}  heard {} s ago, signed in {} s ago",
            row.username,
            row.device,
            row.address,
            seconds(row.heard_ms),
            seconds(row.age_ms)
        )
        .expect("a string takes everything");
    }
    text
}
