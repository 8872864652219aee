//! The doctor: looks at everything a server depends on, and says in words what is well and what must be done.

use super::socket;
use crate::config::{Backup, Config, Tls};
use crate::identity::{self, KEY_FILE};
use crate::net::listen;
use crate::stamp;
use crate::store::manifest::MANIFEST_FILE;
use crate::store::sqlite::check;
use crate::store::sqlite::open::DATABASE_FILE;
use crate::store::{backup, data_dir};
use breeze_protocol::admin::{AdminAnswer, AdminRequest, StartLine};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

/// How long a connection to oneself or to the public address may take.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// Below this much free room, bytes, something must be done: 256 MiB.
const ROOM_BAD: u64 = 256 * 1024 * 1024;
/// Below this much free room, bytes, it is worth saying: 2 GiB.
const ROOM_LOW: u64 = 2 * 1024 * 1024 * 1024;
/// A daily backup older than this, milliseconds, was missed: two days.
const BACKUP_OLD_MS: u64 = 2 * DAY_MS;
/// A day, milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Files written this much later than now, milliseconds, mean that the clock is wrong: two minutes.
const CLOCK_SLACK_MS: u64 = 2 * 60 * 1000;
/// Before this moment no breeze-server existed: 1 January 2025, milliseconds.
const CLOCK_MIN_MS: u64 = 1_735_689_600_000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Well.
    Fine,
    /// Worth knowing.
    Note,
    /// Something must be done.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub weight: Weight,
    /// One sentence.
    pub text: String,
}

/// What was found, in the order it was looked at.
#[derive(Debug, Default)]
pub struct Findings {
    /// The lines.
    pub lines: Vec<Line>,
}

impl Findings {
    fn say(&mut self, weight: Weight, text: impl Into<String>) {
        let text = text.into();
        self.lines.push(Line { weight, text });
    }

    /// How many things must be done.
    #[must_use]
    pub fn to_do(&self) -> usize {
        self.lines
            .iter()
            .filter(|line| line.weight == Weight::Bad)
            .count()
    }
}

/// Looks at everything. Changes nothing.
#[must_use]
pub fn look(data: &Path, config: &Config, now_ms: u64) -> Findings {
    let mut found = Findings::default();
    let running = running(data, &mut found);
    clock(data, now_ms, &mut found);
    directory(data, &mut found);
    certificate(data, config, now_ms, &mut found);
    match &running {
        Some(line) => listening(line, &mut found),
        None => ports(config, &mut found),
    }
    public(config, running.as_ref(), &mut found);
    backups(data, config, now_ms, &mut found);
    devices(data, &mut found);
    found
}

fn running(data: &Path, found: &mut Findings) -> Option<StartLine> {
    let own = env!("CARGO_PKG_VERSION");
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    match socket::ask(&absolute, &AdminRequest::Info) {
        Ok(Some(AdminAnswer::Info { start, sessions, .. })) => {
            let text = format!("A server runs (version {}), {sessions} connected.", start.version);
            found.say(Weight::Fine, text);
            if start.version != own {
                found.say(
                    Weight::Note,
                    format!("This program is version {own}: restart the server to run it."),
                );
            }
            Some(start)
        }
        Ok(None) => {
            found.say(
                Weight::Note,
                format!("No server runs here now. This program is version {own}."),
            );
            None
        }
        Ok(Some(_)) => {
            found.say(
                Weight::Bad,
                "The running server does not say what it is: restart it.",
            );
            None
        }
        Err(sentence) => {
            found.say(Weight::Bad, format!("{sentence}."));
            None
        }
    }
}

fn clock(data: &Path, now_ms: u64, found: &mut Findings) {
    let files = [
        data.join(DATABASE_FILE),
        data.join("breeze.db-wal"),
        data.join(KEY_FILE),
    ];
    let newest = files.iter().filter_map(|path| data_dir::modified_ms(path)).max();
    let now = stamp::words(now_ms);
    if now_ms < CLOCK_MIN_MS {
        found.say(Weight::Bad, format!("The clock says {now}: set it."));
    } else if let Some(newest) = newest.filter(|newest| *newest > now_ms + CLOCK_SLACK_MS) {
        let text = format!(
            "The clock says {now}, and the data was written at {}: set the clock.",
            stamp::words(newest)
        );
        found.say(Weight::Bad, text);
    } else {
        found.say(
            Weight::Fine,
            format!("The clock says {now}, later than the data."),
        );
    }
}

fn directory(data: &Path, found: &mut Findings) {
    let name = data.display();
    if !data.is_dir() {
        found.say(
            Weight::Note,
            format!("{name} is not there yet: the first start makes it."),
        );
        return;
    }
    match data_dir::rights(data) {
        Ok(rights) if !rights.own => found.say(
            Weight::Bad,
            format!("{name} belongs to another user: run the server as that user, or give it to this one."),
        ),
        Ok(rights) if rights.open => found.say(
            Weight::Bad,
            format!("Others on this computer may look into {name}: `chmod 700` it."),
        ),
        Ok(_) => found.say(Weight::Fine, format!("{name} is this user's alone.")),
        Err(error) => found.say(Weight::Bad, format!("{name} cannot be looked at ({error}).")),
    }
    if data_dir::rights(&data.join(KEY_FILE)).is_ok_and(|rights| rights.open) {
        found.say(
            Weight::Bad,
            format!("Others on this computer may read the server's key: `chmod 600 {name}/{KEY_FILE}`."),
        );
    }
    match data_dir::free_bytes(data) {
        Ok(free) => {
            let (weight, advice) = match free {
                free if free < ROOM_BAD => (Weight::Bad, ": make room, or messages will be refused"),
                free if free < ROOM_LOW => (Weight::Note, ", which will not last long"),
                _ => (Weight::Fine, ""),
            };
            let database = data_dir::file_bytes(&data.join(DATABASE_FILE));
            let mib = |bytes: u64| bytes / (1024 * 1024);
            let text = format!(
                "The disk has {} MiB free{advice}. The data takes {} MiB.",
                mib(free),
                mib(database)
            );
            found.say(weight, text);
        }
        Err(error) => found.say(Weight::Bad, format!("The disk cannot be looked at ({error}).")),
    }
}

fn certificate(data: &Path, config: &Config, now_ms: u64, found: &mut Findings) {
    if config.tls == Tls::Off {
        found.say(
            Weight::Note,
            "Encryption is off: only programs on this computer may connect.",
        );
        return;
    }
    match identity::look(data) {
        Ok(None) => found.say(Weight::Note, "There is no key yet: the first start makes it."),
        Ok(Some(looked)) => {
            found.say(
                Weight::Fine,
                format!("The key is sound. Fingerprint: {}", looked.pin),
            );
            let days = looked
                .certificate_ms
                .map_or(0, |made| now_ms.saturating_sub(made) / DAY_MS);
            match looked.matches {
                true => found.say(
                    Weight::Fine,
                    format!("The certificate belongs to the key, and is {days} days old."),
                ),
                false => found.say(
                    Weight::Note,
                    "The certificate does not belong to the key: the next start makes another. Nobody notices.",
                ),
            }
        }
        Err(error) => found.say(Weight::Bad, format!("{error}.")),
    }
}

fn listening(line: &StartLine, found: &mut Findings) {
    for address in &line.listening {
        let Ok(address) = address.parse::<SocketAddr>() else {
            continue;
        };
        match TcpStream::connect_timeout(&reachable(address), CONNECT_MAX) {
            Ok(_) => found.say(Weight::Fine, format!("The server answers on {address}.")),
            Err(error) => found.say(
                Weight::Bad,
                format!("The server does not answer on {address} ({error}): restart it."),
            ),
        }
    }
}

/// Where a server that listens everywhere is reached on this computer.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn ports(config: &Config, found: &mut Findings) {
    for address in &config.listen {
        // Held for a moment only.
        match TcpListener::bind(address) {
            Ok(_) => found.say(Weight::Fine, format!("{address} is free for a server.")),
            Err(error) => found.say(
                Weight::Bad,
                format!("{address} cannot be listened on ({error}): end what uses it, or choose another with --listen."),
            ),
        }
    }
}

fn public(config: &Config, running: Option<&StartLine>, found: &mut Findings) {
    if config.public.is_empty() {
        let guess = running.map_or_else(
            || listen::guess_public(&config.listen).to_string(),
            |line| line.address.clone(),
        );
        let text = format!(
            "Invites name {guess}, this computer's own address. If others reach it under another one, set `public`."
        );
        return found.say(Weight::Note, text);
    }
    let name = &config.public;
    let addresses = match name.to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => {
            let text =
                format!("{name} is not found ({error}): correct `public`, or the name's entry in the DNS.");
            return found.say(Weight::Bad, text);
        }
    };
    if running.is_none() {
        return found.say(
            Weight::Note,
            format!("{name} is found. Start the server to see whether it is reached."),
        );
    }
    let reached = addresses
        .take(4)
        .any(|it| TcpStream::connect_timeout(&it, CONNECT_MAX).is_ok());
    if reached {
        found.say(
            Weight::Fine,
            format!("{name} answers, as seen from this computer."),
        );
    } else {
        let text = format!(
            "{name} does not answer from here. If it does not from outside either, let the port through the router."
        );
        found.say(Weight::Bad, text);
    }
}

fn backups(data: &Path, config: &Config, now_ms: u64, found: &mut Findings) {
    if !data.join(DATABASE_FILE).is_file() {
        return;
    }
    let newest = backup::list(data)
        .into_iter()
        .filter_map(|dir| data_dir::modified_ms(&dir.join(MANIFEST_FILE)))
        .max();
    match newest.map(|made| now_ms.saturating_sub(made)) {
        Some(age) if age > BACKUP_OLD_MS => found.say(
            Weight::Bad,
            format!("The newest backup is {} days old: `breeze-server backup`.", age / DAY_MS),
        ),
        Some(age) => found.say(
            Weight::Fine,
            format!("The newest backup is {} hours old.", age / (60 * 60 * 1000)),
        ),
        None if config.backup == Backup::Off => found.say(
            Weight::Note,
            "Daily backups are off and there is none in the data directory: `breeze-server backup FOLDER` makes one.",
        ),
        None => found.say(
            Weight::Note,
            "There is no backup yet: the running server makes one each day, `breeze-server backup` now.",
        ),
    }
}

fn devices(data: &Path, found: &mut Findings) {
    let database = data.join(DATABASE_FILE);
    if !database.is_file() {
        return;
    }
    match check::ahead(&database) {
        Ok(0) => {}
        Ok(count) => found.say(
            Weight::Bad,
            format!(
                "{count} devices have seen a newer server than this: a disk or machine was set back. Restore a newer \
                 backup, or accept the loss with `breeze-server stop` and `breeze-server restore --accept`."
            ),
        ),
        Err(detail) => found.say(
            Weight::Bad,
            format!("The database cannot be read ({detail}): `breeze-server verify` says more."),
        ),
    }
}
