//! Subcommands beside the server: they look at files, or need the data for themselves.

use super::Command;
use crate::admin::doctor::{self, Line, Weight};
use crate::admin::socket;
use crate::clock::wall_ms;
use crate::config::Config;
use crate::store::data_dir::{DataDir, DirError, make_files_private};
use crate::store::sqlite::open::DATABASE_FILE;
use crate::store::verify::Report;
use crate::store::{export, restore, sqlite, verify};
use crate::{name, stamp};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Carries out what needs no server.
pub(super) fn act(command: &Command, data: &Path, config: &Config) -> Result<(), String> {
    match command {
        Command::Restore { dir, .. } => restore_data(data, dir.as_deref()),
        Command::Verify { dir } => verify_all(data, dir.as_deref()),
        Command::Export { name, dir } => export_one(data, name, dir),
        Command::Doctor => doctor(data, config),
        Command::Audit { verify } => audit(data, *verify),
        _ => Ok(()),
    }
}

fn restore_data(data: &Path, from: Option<&Path>) -> Result<(), String> {
    make_files_private();
    let dir = DataDir::open(data).map_err(|error| match error {
        DirError::InUse(path) => format!(
            "a server runs on {}: stop it with `breeze-server stop`, then restore",
            path.display()
        ),
        other => other.to_string(),
    })?;
    let Some(from) = from else {
        restore::accept(&dir, wall_ms()).map_err(|error| error.to_string())?;
        return say(
            "The data is accepted as it is. Messages newer than it come back from the devices of those who wrote them.\n",
        );
    };
    let aside = restore::restore(&dir, from, wall_ms()).map_err(|error| error.to_string())?;
    let mut text = format!("{} is restored into {}.\n", from.display(), dir.path().display());
    if let Some(aside) = aside {
        writeln!(
            text,
            "What was there before is kept in {}: take it away when you are sure.",
            aside.display()
        )
        .expect("a string takes everything");
    }
    text += "Start the server. Messages newer than the backup come back from the devices of those who wrote them;\n\
             accounts made after it must be made again.\n";
    say(&text)
}

fn verify_all(data: &Path, backup: Option<&Path>) -> Result<(), String> {
    let (what, report) = match backup {
        Some(dir) => (dir, verify::backup(dir)),
        None => (data, live(data)?),
    };
    let Report {
        findings,
        lost,
        looked_at,
    } = report;
    let mut text = String::new();
    for line in &looked_at {
        writeln!(text, "  {line}").expect("a string takes everything");
    }
    if findings.is_empty() && lost.is_empty() {
        return say(&format!("{} is whole.\n{text}", what.display()));
    }
    say(&text)?;
    if findings.is_empty() {
        return Err(format!(
            "{}\nEverything else in {} is whole: look for these files in an older backup, in its folder `blobs`",
            lost.join("\n"),
            what.display()
        ));
    }
    let findings = [findings, lost].concat();
    let advice = if backup.is_some() {
        "use another backup"
    } else {
        "stop the server and restore a backup"
    };
    Err(format!(
        "{}\n{} is not whole: {advice}",
        findings.join("\n"),
        what.display()
    ))
}

/// Looks at the data: beside a running server, or under the lock, so that none starts to change the files meanwhile.
fn live(data: &Path) -> Result<Report, String> {
    if socket::runs(data) || !data.join(DATABASE_FILE).is_file() {
        return Ok(verify::data(data));
    }
    make_files_private();
    let dir = DataDir::open(data).map_err(|error| error.to_string())?;
    Ok(verify::data(dir.path()))
}

fn export_one(data: &Path, username: &str, to: &Path) -> Result<(), String> {
    make_files_private();
    if !data.join(DATABASE_FILE).is_file() {
        return Err(format!("{} holds no data: check --data", data.display()));
    }
    let prepared = name::prepare(username).ok_or_else(|| format!("{username:?} cannot be a username"))?;
    let done = export::write(data, &prepared.username, to).map_err(|error| error.to_string())?;
    say(&format!(
        "{}\n\n{} conversations with {} messages, {} pictures, {} files. It is that person's alone: hand it over safely.\n",
        to.display(),
        done.conversations,
        done.messages,
        done.pictures,
        done.files
    ))
}

fn doctor(data: &Path, config: &Config) -> Result<(), String> {
    let found = doctor::look(data, config, wall_ms());
    let mut text = String::new();
    for Line { weight, text: line } in &found.lines {
        let mark = match weight {
            Weight::Fine => "well ",
            Weight::Note => "note ",
            Weight::Bad => "TO DO",
        };
        writeln!(text, "  {mark}  {line}").expect("a string takes everything");
    }
    say(&text)?;
    match found.to_do() {
        0 => say("\nNothing must be done.\n"),
        1 => Err("one thing must be done, see above".to_owned()),
        more => Err(format!("{more} things must be done, see above")),
    }
}

fn audit(data: &Path, verify: bool) -> Result<(), String> {
    let database = data.join(DATABASE_FILE);
    let unreadable = |detail| format!("the audit of {} cannot be read ({detail})", data.display());
    if !database.is_file() {
        return Err(format!("{} holds no data: check --data", data.display()));
    }
    let (rows, breaks) = sqlite::check::audit(&database).map_err(unreadable)?;
    if verify {
        return match breaks.is_empty() {
            true => say(&format!("The audit is whole: {} rows.\n", rows.len())),
            false => Err(breaks.join("\n")),
        };
    }
    let mut text = String::new();
    for row in &rows {
        writeln!(
            text,
            "{:>6}  {}  {:<32}  {}",
            row.id,
            stamp::words(row.ts),
            row.what,
            row.subject
        )
        .expect("a string takes everything");
    }
    say(&text)
}

/// Prints. A reader that has gone away does not matter.
fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(())
}
