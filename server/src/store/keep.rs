//! What is asked of the store about how long messages are kept.

use super::{Refusal, StoreError};
use breeze_protocol::AccountId;
use breeze_protocol::message::keep::ConvKeep;
use std::future::Future;

/// A store whose conversations may end.
pub trait KeepStore {
    /// Keeps the messages of a conversation for so long, tells everybody in it, and ends what is older at once.
    ///
    /// # Errors
    /// [`Refusal`] with `no_right` in a group for whoever is neither its owner nor an admin, with `too_long` past
    /// `KEEP_DAYS_MAX`, and otherwise as for a message to this conversation.
    fn keep(&self, account: AccountId, wish: ConvKeep) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// One short turn of ending what is old enough and of erasing what has ended, in conversations that say so, and in all
    /// after `days_max` (0: never); and of forgetting first answers that are older than any repeat. Age goes by the store's
    /// own time. Whether there may be more to do.
    fn expire(&self, days_max: u64) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
