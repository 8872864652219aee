//! Getting back into an account whose password is forgotten: one code at a time, kept as a hash, good for one use.

use super::{Credentials, Device, SecretHash, StoreError};
use breeze_protocol::{AccountId, DeviceId, Mid};
use std::future::Future;

/// Somebody with a code, ready to be let in.
#[derive(Debug, Clone)]
pub struct RecoverWish {
    /// Identity of the wish.
    pub mid: Mid,
    /// Skeleton of the username.
    pub skeleton: String,
    /// Hash of the code.
    pub code: SecretHash,
    /// PHC string of the new password.
    pub password_hash: String,
    /// Name of the new device and hash of its token.
    pub device: (String, SecretHash),
    /// The server's wall clock, milliseconds.
    pub now_ms: u64,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum Recovered {
    /// The password is set. These devices were signed out.
    Done(Device, Vec<DeviceId>),
    /// The same mid used this code before: check the password against it, then [`super::Store::add_device`].
    Repeat(Credentials),
    /// The code is right, and the operator has shut the account. It is not used up.
    Disabled,
    /// No such code for this name, or no such name.
    Wrong,
    /// The code is right and too old.
    Expired,
    /// The code is right and was used.
    Used,
    /// The code is right; too many wrong ones came before it.
    Void,
}

/// A store that lets people back in.
pub trait Recovery {
    /// Keeps the hash of a new code, in the place of an older one.
    fn recovery_code(
        &self,
        account: AccountId,
        code: SecretHash,
        expires_ms: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Sets a password by a code and signs all devices out but the new one.
    fn recover(&self, wish: RecoverWish) -> impl Future<Output = Result<Recovered, StoreError>> + Send;
}
