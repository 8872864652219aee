//! `breeze-server.toml`: what an operator may set, its limits, and the sentence for each thing that cannot be.

use crate::core::Timing;
use crate::net::Caps;
use crate::store::data_dir::read_small;
use crate::store::uploads::FileLimits;
use breeze_protocol::limit::{INTEGER_MAX, KEEP_DAYS_MAX};
use breeze_protocol::link::{DEFAULT_PORT, split_host};
use breeze_protocol::message::hello::{Registration, Roster};
use serde::Deserialize;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// Name of the file in the data directory.
pub const CONFIG_FILE: &str = "breeze-server.toml";
/// Longest name of a server, characters: it is a title in the app.
const NAME_CHARS_MAX: usize = 64;
/// Daily backups kept when nothing is said: a week, so that a mistake is noticed in time.
const BACKUP_KEEP: usize = 7;
/// A day, milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Most an operator may allow for one file, bytes: 1 TiB.
const FILE_BYTES_MAX: u64 = 1 << 40;
/// Most addresses to listen on.
const LISTEN_MAX: usize = 16;

/// Whether connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// TLS 1.3.
    #[default]
    On,
    /// Plaintext, on loopback only: behind a TLS proxy, or for measurements.
    Off,
}

/// Whether the server tells the local network that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Announce {
    /// When it can be reached from there.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Whether backups are made by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backup {
    /// One each day, the newest few kept.
    #[default]
    Daily,
    /// None; the operator makes them.
    Off,
}

/// How backups are made by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backups {
    /// The time between two.
    pub every: Duration,
    /// How many are kept.
    pub keep: usize,
}

/// Everything an operator may set. Each has a default; no file is needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The server's name, for people.
    pub name: String,
    /// Addresses to listen on.
    pub listen: Vec<SocketAddr>,
    /// `host:port` under which others reach it; found out when empty.
    pub public: String,
    /// Whether connections are encrypted.
    pub tls: Tls,
    /// Whether the local network is told that it is there.
    pub announce: Announce,
    /// Who is on whose list.
    pub roster: Roster,
    /// Who may make an account.
    pub registration: Registration,
    /// Whether a backup is made each day.
    pub backup: Backup,
    /// Daily backups that are kept.
    backup_keep: usize,
    /// Days for which messages are kept at most, whatever a conversation says; 0: as long as conversations say.
    pub keep_days: u64,
    /// What is logged, as in `info,breeze_server::net=debug`.
    pub log: String,
    /// How many may connect.
    caps: CapsFile,
    /// How large files may be.
    files: FilesFile,
    /// Intervals.
    timing: TimingFile,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "Breeze".to_owned(),
            listen: default_listen(),
            public: String::new(),
            tls: Tls::default(),
            announce: Announce::default(),
            roster: Roster::default(),
            registration: Registration::default(),
            backup: Backup::default(),
            backup_keep: BACKUP_KEEP,
            keep_days: 0,
            log: "info".to_owned(),
            caps: CapsFile::default(),
            files: FilesFile::default(),
            timing: TimingFile::default(),
        }
    }
}

/// Everywhere, on the port of Breeze.
#[must_use]
pub fn default_listen() -> Vec<SocketAddr> {
    vec![
        (Ipv6Addr::UNSPECIFIED, DEFAULT_PORT).into(),
        (Ipv4Addr::UNSPECIFIED, DEFAULT_PORT).into(),
    ]
}

/// Why a configuration cannot be used; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read ({detail})")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system says.
        detail: String,
    },
    /// The file was named and is not there.
    #[error("{0} does not exist: name another file with --config, or leave --config out")]
    Missing(String),
    /// The file is not understood; the detail names line and key.
    #[error("{path} is not understood: {detail}")]
    Syntax {
        /// Which file.
        path: String,
        /// What is wrong, and where.
        detail: String,
    },
    /// A value is outside its limits.
    #[error("{0}")]
    Value(String),
}

/// Reads the named file, or the one in the data directory if there is one.
///
/// # Errors
/// [`ConfigError`].
pub fn load(named: Option<&Path>, data: &Path) -> Result<Config, ConfigError> {
    let path = named.map_or_else(|| data.join(CONFIG_FILE), Path::to_path_buf);
    let name = path.display().to_string();
    let text = read_small(&path).map_err(|error| ConfigError::Unreadable {
        path: name.clone(),
        detail: error.to_string(),
    })?;
    match text {
        Some(text) => parse(&text).map_err(|detail| ConfigError::Syntax { path: name, detail }),
        None if named.is_some() => Err(ConfigError::Missing(name)),
        None => Ok(Config::default()),
    }
}

/// Reads a configuration from its text.
///
/// # Errors
/// What is wrong and where, naming the key.
pub fn parse(text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
}

impl Config {
    /// Checks what the file and the command line came to together.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let value = |text: String| Err(ConfigError::Value(text));
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return value(format!(
                "`name` must have 1 to {NAME_CHARS_MAX} characters and no line breaks"
            ));
        }
        if self.listen.is_empty() || self.listen.len() > LISTEN_MAX {
            return value(format!(
                "`listen` must name 1 to {LISTEN_MAX} addresses, such as \"0.0.0.0:7463\""
            ));
        }
        if !self.public.is_empty() && split_host(&self.public).is_none() {
            return value(format!(
                "`public` must be host:port, such as \"chat.example.org:7463\", not {:?}",
                self.public
            ));
        }
        let open = self.listen.iter().find(|address| !address.ip().is_loopback());
        if let (Tls::Off, Some(address)) = (self.tls, open) {
            return value(format!(
                "`tls = \"off\"` would send passwords readable over {address}: \
                 listen on loopback only (--listen 127.0.0.1:{DEFAULT_PORT}), or leave TLS on"
            ));
        }
        self.caps()?;
        self.file_limits()?;
        self.backups()?;
        within("keep_days", Some(self.keep_days), 0, 0, KEEP_DAYS_MAX)?;
        self.timing().map(drop)
    }

    /// Whether the local network is told. One on loopback only, or without encryption, is nobody else's business.
    #[must_use]
    pub fn announces(&self) -> bool {
        match self.announce {
            Announce::On => true,
            Announce::Off => false,
            Announce::Auto => self.tls == Tls::On && self.listen.iter().any(|it| !it.ip().is_loopback()),
        }
    }

    /// How backups are made by themselves, if they are.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn backups(&self) -> Result<Option<Backups>, ConfigError> {
        let keep = within("backup_keep", Some(self.backup_keep), BACKUP_KEEP, 1, 365)?;
        let every_ms = within(
            "timing.backup_every_ms",
            self.timing.backup_every_ms,
            DAY_MS,
            100,
            30 * DAY_MS,
        )?;
        let every = Duration::from_millis(every_ms);
        Ok((self.backup == Backup::Daily).then_some(Backups { every, keep }))
    }

    /// How many may connect, within limits.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn caps(&self) -> Result<Caps, ConfigError> {
        let file = &self.caps;
        let default = Caps::default();
        Ok(Caps {
            total: within("caps.total", file.total, default.total, 1, 1_000_000)?,
            per_address: within(
                "caps.per_address",
                file.per_address,
                default.per_address,
                1,
                1_000_000,
            )?,
            handshakes: within("caps.handshakes", file.handshakes, default.handshakes, 1, 4096)?,
            unsigned_per_address: within(
                "caps.unsigned_per_address",
                file.unsigned_per_address,
                default.unsigned_per_address,
                1,
                100_000,
            )?,
        })
    }

    /// How large files may be, within limits.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn file_limits(&self) -> Result<FileLimits, ConfigError> {
        let (file, usual) = (&self.files, FileLimits::default());
        Ok(FileLimits {
            file_bytes: within(
                "files.max_bytes",
                file.max_bytes,
                usual.file_bytes,
                0,
                FILE_BYTES_MAX,
            )?,
            quota_bytes: within(
                "files.quota_bytes",
                file.quota_bytes,
                usual.quota_bytes,
                0,
                INTEGER_MAX,
            )?,
        })
    }

    /// Intervals, within limits.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn timing(&self) -> Result<Timing, ConfigError> {
        let file = &self.timing;
        let usual = Timing::default();
        let ms = |name: &str, set, usual, min, max| within(&format!("timing.{name}"), set, usual, min, max);
        let timing = Timing {
            doubtful_ms: ms("doubtful_ms", file.doubtful_ms, usual.doubtful_ms, 50, 300_000)?,
            lease_ms: ms("lease_ms", file.lease_ms, usual.lease_ms, 100, 600_000)?,
            grace_ms: ms("grace_ms", file.grace_ms, usual.grace_ms, 0, 60_000)?,
            coalesce_ms: ms("coalesce_ms", file.coalesce_ms, usual.coalesce_ms, 0, 1000)?,
            settle_short_ms: ms(
                "settle_short_ms",
                file.settle_short_ms,
                usual.settle_short_ms,
                0,
                600_000,
            )?,
            settle_short_outage_ms: ms(
                "settle_short_outage_ms",
                file.settle_short_outage_ms,
                usual.settle_short_outage_ms,
                0,
                600_000,
            )?,
            settle_long_ms: ms(
                "settle_long_ms",
                file.settle_long_ms,
                usual.settle_long_ms,
                0,
                600_000,
            )?,
            receipts_ms: ms("receipts_ms", file.receipts_ms, usual.receipts_ms, 0, 60_000)?,
            slow_ms: ms("slow_ms", file.slow_ms, usual.slow_ms, 500, 600_000)?,
            sign_in_ms: ms("sign_in_ms", file.sign_in_ms, usual.sign_in_ms, 100, 120_000)?,
            tls_ms: ms("tls_ms", file.tls_ms, usual.tls_ms, 100, 60_000)?,
            tcp_user_timeout_ms: ms(
                "tcp_user_timeout_ms",
                file.tcp_user_timeout_ms,
                usual.tcp_user_timeout_ms,
                1000,
                700_000,
            )?,
        };
        if timing.doubtful_ms >= timing.lease_ms {
            let text = "`timing.doubtful_ms` must be less than `timing.lease_ms`: people are doubtful before they are gone";
            return Err(ConfigError::Value(text.to_owned()));
        }
        if timing.slow_ms >= timing.tcp_user_timeout_ms {
            let text = "`timing.slow_ms` must be less than `timing.tcp_user_timeout_ms`: a receiver that takes nothing is told so before the kernel gives it up";
            return Err(ConfigError::Value(text.to_owned()));
        }
        Ok(timing)
    }
}

fn within<T: PartialOrd + std::fmt::Display + Copy>(
    key: &str,
    set: Option<T>,
    usual: T,
    min: T,
    max: T,
) -> Result<T, ConfigError> {
    let value = set.unwrap_or(usual);
    if value < min || value > max {
        return Err(ConfigError::Value(format!(
            "`{key}` must be from {min} to {max}, not {value}"
        )));
    }
    Ok(value)
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CapsFile {
    total: Option<usize>,
    per_address: Option<usize>,
    handshakes: Option<usize>,
    unsigned_per_address: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FilesFile {
    max_bytes: Option<u64>,
    quota_bytes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TimingFile {
    doubtful_ms: Option<u64>,
    lease_ms: Option<u64>,
    grace_ms: Option<u64>,
    coalesce_ms: Option<u64>,
    settle_short_ms: Option<u64>,
    settle_short_outage_ms: Option<u64>,
    settle_long_ms: Option<u64>,
    receipts_ms: Option<u64>,
    slow_ms: Option<u64>,
    sign_in_ms: Option<u64>,
    tls_ms: Option<u64>,
    tcp_user_timeout_ms: Option<u64>,
    backup_every_ms: Option<u64>,
}
