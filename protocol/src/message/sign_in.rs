//! Making an account and signing in. Secrets never appear in `Debug`.

use super::code::RefusedCode;
use crate::id::{AccountId, DeviceId, Instance, Mid};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A password, a token or an invite code on its way. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// `register`: makes an account and signs its first device in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// Identity of this wish; a repeat with the same name and password gets `signed_in` with a fresh token.
    pub mid: Mid,
    /// Code of the invite.
    pub invite: Secret,
    /// The wanted username.
    pub username: String,
    /// The wanted password.
    pub password: Secret,
    /// The name others see.
    pub display_name: String,
    /// What to call this device in the list of devices, at most 64 characters.
    pub device: String,
    /// Identity of this process.
    pub instance: Instance,
}

/// `login`: signs a new device in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The username.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// What to call this device, at most 64 characters.
    pub device: String,
    /// Identity of this process.
    pub instance: Instance,
}

/// `recover`: sets a new password by a code that the operator made, and signs a new device in. Every other device is
/// signed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recover {
    /// Identity of this wish; a repeat with the same code and password gets `signed_in` with a fresh token.
    pub mid: Mid,
    /// The username.
    pub username: String,
    /// The code as typed; hyphens, spaces and the case of its letters mean nothing.
    pub code: Secret,
    /// The password from now on.
    pub new_password: Secret,
    /// What to call this device, at most 64 characters.
    pub device: String,
    /// Identity of this process.
    pub instance: Instance,
}

/// `token`: signs a known device in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The device's token.
    pub token: Secret,
    /// Identity of this process.
    pub instance: Instance,
}

/// `signed_in`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who one is.
    pub account: AccountId,
    /// Which device this is.
    pub device: DeviceId,
    /// The username as the server keeps it.
    pub username: String,
    /// Whether this account is the server's owner.
    pub owner: bool,
    /// A new token, after `register`, `login` and `recover`. Keep it secret; the server keeps only its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Pin of the key the server will use next (`sha256/...`), when a change is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_pin: Option<String>,
    /// Other addresses of the same server, best first.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// `refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub code: RefusedCode,
    /// Try again after this many milliseconds; 0 when trying again does not help.
    #[serde(default)]
    pub retry_ms: u64,
}

/// `name_check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameCheck {
    /// Code of a valid invite.
    pub invite: Secret,
    /// The name in question.
    pub username: String,
}

/// `name_free`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameFree {}

/// `password_change`: answered by `done` or `nack{bad_password|weak_password}`. Every other device is signed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChange {
    /// Identity of this wish.
    pub mid: Mid,
    /// The password now.
    pub old: Secret,
    /// The password from now on.
    pub new: Secret,
}
