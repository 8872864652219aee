//! Accounts and devices as the store gives and takes them.

use super::SecretHash;
use breeze_protocol::{AccountId, DeviceId, Mid};

/// A new account, ready to be kept.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Identity of the wish.
    pub mid: Mid,
    /// Hash of the invite's code; `None` when the operator adds somebody.
    pub invite: Option<SecretHash>,
    /// The username, prepared (PRECIS).
    pub username: String,
    /// What must be unique: the case-folded confusable skeleton of the username.
    pub skeleton: String,
    /// PHC string of the password.
    pub password_hash: String,
    /// The name to show.
    pub display_name: String,
    /// Name of the first device and hash of its token; `None` when the operator adds somebody.
    pub device: Option<(String, SecretHash)>,
    /// The server's wall clock, milliseconds.
    pub now_ms: u64,
}

/// How a registration ended.
#[derive(Debug, Clone)]
pub enum Registered {
    /// Made.
    Made(Device),
    /// The same mid and username made this account before: check the password against it, then [`super::Store::add_device`].
    Repeat(Credentials),
    /// The invite is unknown, used up, expired or taken back.
    InviteInvalid,
    /// Somebody has a name like it.
    NameTaken,
}

/// What is needed to check a password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose.
    pub account: AccountId,
    /// The username as kept.
    pub username: String,
    /// PHC string.
    pub password_hash: String,
    /// Whether the operator has shut the account.
    pub disabled: bool,
}

/// A device that may sign in.
#[derive(Debug, Clone)]
pub struct Device {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub device: DeviceId,
    /// The account's username.
    pub username: String,
    /// Whether the account is the owner.
    pub owner: bool,
    /// Whether the operator has shut the account.
    pub disabled: bool,
    /// Whether the device has seen a newer server than this data.
    pub ahead: bool,
}

/// One account as the operator sees it.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Number.
    pub account: AccountId,
    /// Username.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// Whether it is the owner.
    pub owner: bool,
    /// Whether it is shut.
    pub disabled: bool,
    /// Bytes of the files it has sent.
    pub files_bytes: u64,
}

/// What the hub must know of everybody at boot, one row per account.
#[derive(Debug, Clone)]
pub struct BootRow {
    /// Whose.
    pub account: AccountId,
    /// Wall clock when last seen, milliseconds; 0 = never.
    pub last_seen_ms: u64,
    /// Mutual, unblocked friends (with `roster = everyone`: everybody not blocked either way).
    pub friends: Vec<AccountId>,
}
