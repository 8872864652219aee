//! The operator's channel: one JSON object a line over the admin socket, and the `--json` start line of the server.

use crate::id::{AccountId, DeviceId};
use crate::message::sign_in::Secret;
use serde::{Deserialize, Serialize};

/// Longest request line on the admin socket, in bytes: the server closes after a longer one.
pub const REQUEST_LINE_BYTES_MAX: usize = 4 * 1024;

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
    /// Makes an invite that befriends the owner.
    Invite {
        /// How many may join with it.
        uses: u32,
        /// Seconds it is valid.
        ttl_s: u64,
    },
    /// Every account.
    UserList,
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
    /// Every live session.
    Sessions,
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
        /// Every account.
        rows: Vec<AdminUser>,
    },
    /// Answer to `user_add` and `user_reset_password`: shown once.
    Password {
        /// Whose.
        username: String,
        /// The password.
        password: Secret,
    },
    /// Answer to `sessions`.
    Sessions {
        /// Every live session.
        rows: Vec<AdminSession>,
    },
    /// Carried out.
    Done,
    /// Not carried out.
    Error {
        /// Why, one sentence that says what to do.
        text: String,
    },
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
