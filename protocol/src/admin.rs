//! The operator's channel: one JSON object a line over the admin socket, and the `--json` start line of the server.

use crate::id::{AccountId, DeviceId};
use crate::message::sign_in::Secret;
use serde::{Deserialize, Serialize};

/// Longest request line on the admin socket, in bytes: the server closes after a longer one.
pub const REQUEST_LINE_BYTES_MAX: usize = 4 * 1024;
/// Rows of one page of accounts, sessions or invites: a panel shows fewer, a script asks for the next page.
pub const PAGE_ROWS_MAX: usize = 200;
/// Lines of the log the server keeps in memory for `log`.
pub const LOG_LINES_MAX: usize = 500;
/// Bytes of all those lines together; older ones make room.
pub const LOG_BYTES_MAX: usize = 64 * 1024;
/// Longest validity of an invite, seconds: thirty days. None is valid for ever: a link that leaks must end.
pub const INVITE_TTL_S_MAX: u64 = 30 * 24 * 60 * 60;
/// Most people who may join with one invite.
pub const INVITE_USES_MAX: u32 = 1000;

/// What `breeze-server --json` prints on its first line, once it listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartLine {
    /// Version of the program.
    pub version: String,
    /// `host:port` it listens on, as others may reach it.
    pub address: String,
    /// Every `ip:port` it really listens on.
    pub listening: Vec<String>,
    /// `sha256/...` of its public key; empty when TLS is off.
    pub pin: String,
    /// The owner's invite link, until the owner exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_link: Option<Secret>,
    /// Path of the admin socket.
    pub admin: String,
    /// Its process number.
    pub pid: u32,
}

/// One request on the admin socket: `{"do":"..", ..}`, one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum AdminRequest {
    /// What the server is.
    Info,
    /// What its data takes on the disk, and what is free there.
    Disk,
    /// Its newest log lines.
    Log {
        /// How many at most.
        lines: u32,
    },
    /// Makes an invite that befriends the owner.
    Invite {
        /// How many may join with it.
        uses: u32,
        /// Seconds it is valid.
        ttl_s: u64,
    },
    /// Invites that may still be used, newest first.
    InviteList {
        /// Those made before this one; absent: from the newest on.
        #[serde(default, skip_serializing_if = "is_zero")]
        before: u64,
    },
    /// Takes an invite back, whoever made it.
    InviteRevoke {
        /// Its number.
        invite: u64,
    },
    /// Accounts in order of their number.
    UserList {
        /// Those after this one; absent: from the first on.
        #[serde(default, skip_serializing_if = "no_account")]
        after: AccountId,
    },
    /// Makes an account with a random password.
    UserAdd {
        /// Its username.
        username: String,
        /// Its display name.
        display_name: String,
    },
    /// Shuts an account; its sockets close within a second.
    UserDisable {
        /// Its username.
        username: String,
    },
    /// Opens it again.
    UserEnable {
        /// Its username.
        username: String,
    },
    /// A new random password; all its devices are signed out.
    UserResetPassword {
        /// Its username.
        username: String,
    },
    /// A code by which somebody who forgot the password sets a new one.
    UserRecover {
        /// Its username.
        username: String,
    },
    /// Live sessions in order of their device.
    Sessions {
        /// Those after this device; absent: from the first on.
        #[serde(default, skip_serializing_if = "no_device")]
        after: DeviceId,
    },
    /// Makes a backup while the server runs.
    Backup {
        /// Its folder, an absolute path that does not exist yet; without it, a new one among the server's backups.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dir: Option<String>,
    },
    /// Stop, as on SIGTERM.
    Stop,
}

/// One answer on the admin socket, one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AdminAnswer {
    /// Answer to `info`.
    Info {
        /// The start line.
        start: StartLine,
        /// The server's name.
        name: String,
        /// Live sessions.
        sessions: u64,
        /// Accounts.
        accounts: u64,
        /// Milliseconds since it started.
        #[serde(default, skip_serializing_if = "is_zero")]
        uptime_ms: u64,
        /// Its data folder.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        data: String,
    },
    /// Answer to `disk`, bytes.
    Disk {
        /// The database.
        database: u64,
        /// What was written lately and is not yet in the database file.
        wal: u64,
        /// The pictures in the database.
        pictures: u64,
        /// Free for this server.
        free: u64,
    },
    /// Answer to `log`, oldest first.
    Log {
        /// One a line.
        lines: Vec<String>,
    },
    /// Answer to `invite_list`.
    Invites {
        /// A page of them.
        rows: Vec<AdminInvite>,
        /// Whether there are more after the last one.
        #[serde(default, skip_serializing_if = "is_false")]
        more: bool,
    },
    /// Answer to `invite`.
    Invite {
        /// The link to hand out.
        link: Secret,
        /// End of its validity, milliseconds since 1970 UTC.
        expires_ms: u64,
    },
    /// Answer to `user_list`.
    Users {
        /// A page of accounts.
        rows: Vec<AdminUser>,
        /// Whether there are more after the last one.
        #[serde(default, skip_serializing_if = "is_false")]
        more: bool,
    },
    /// Answer to `user_add` and `user_reset_password`: shown once.
    Password {
        /// Whose.
        username: String,
        /// The password.
        password: Secret,
    },
    /// Answer to `user_recover`: shown once.
    Code {
        /// Whose.
        username: String,
        /// The code.
        code: Secret,
        /// End of its validity, milliseconds since 1970 UTC.
        expires_ms: u64,
    },
    /// Answer to `sessions`.
    Sessions {
        /// A page of live sessions.
        rows: Vec<AdminSession>,
        /// Whether there are more after the last one.
        #[serde(default, skip_serializing_if = "is_false")]
        more: bool,
    },
    /// Answer to `backup`.
    Backup {
        /// Where it is.
        dir: String,
        /// Bytes of all its files.
        bytes: u64,
    },
    /// Carried out.
    Done,
    /// Not carried out.
    Error {
        /// Why, one sentence that says what to do.
        text: String,
    },
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_false(is: &bool) -> bool {
    !*is
}

fn no_account(account: &AccountId) -> bool {
    account.0 == 0
}

fn no_device(device: &DeviceId) -> bool {
    device.0 == 0
}

/// One invite that may still be used, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminInvite {
    /// Its number, to take it back by.
    pub invite: u64,
    /// Who made it; empty: the server itself, for its owner.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub maker: String,
    /// How many may still join with it.
    pub uses_left: u32,
    /// End of its validity, milliseconds since 1970 UTC.
    pub expires_ms: u64,
}

/// One account, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminUser {
    /// Number.
    pub account: AccountId,
    /// Username.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// Whether it is the owner.
    pub owner: bool,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Live sessions now.
    pub sessions: u64,
    /// Bytes of the files they have sent; 0 from a server that does not tell.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_bytes: u64,
    /// Most bytes of them; 0 from a server that does not tell.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_quota: u64,
}

/// One live session, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminSession {
    /// Whose.
    pub username: String,
    /// Which device.
    pub device: DeviceId,
    /// Where from.
    pub address: String,
    /// Milliseconds since its last byte.
    pub heard_ms: u64,
    /// Milliseconds since it signed in.
    pub age_ms: u64,
}
