//! Answers as lines a person reads, and a script can cut.

use super::{Command, UserCommand};
use breeze_protocol::admin::{AdminAnswer, AdminSession, AdminUser};
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
            let Command::Invite { uses, days } = command else {
                return format!("{}\n", link.0);
            };
            let (people, days) = (
                count(u64::from(*uses), "person", "people"),
                count(*days, "day", "days"),
            );
            format!("{}\n\nFor {people}, valid for {days}.\n", link.0)
        }
        AdminAnswer::Users { rows } => users(rows),
        AdminAnswer::Password { username, password } => {
            format!(
                "{username}\n{}\n\nThis password is shown only now. Hand it over safely.\n",
                password.0
            )
        }
        AdminAnswer::Sessions { rows } => sessions(rows),
        AdminAnswer::Done => match command {
            Command::Stop => "The server stops.\n".to_owned(),
            Command::User(UserCommand::Disable { name }) => format!("{name} is shut.\n"),
            Command::User(UserCommand::Enable { name }) => format!("{name} is open again.\n"),
            _ => "Done.\n".to_owned(),
        },
        AdminAnswer::Info { .. } | AdminAnswer::Error { .. } => String::new(),
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
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
        let notes: Vec<&str> = notes
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, note)| *note)
            .collect();
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
