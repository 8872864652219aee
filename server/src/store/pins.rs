//! What is asked of the store about pinned messages.

use super::Refusal;
use breeze_protocol::AccountId;
use breeze_protocol::message::pin::MessagePin;
use std::future::Future;

/// A store that keeps them.
pub trait PinStore {
    /// Pins a message at this time (wall ms), or takes it off, and tells everybody in the conversation.
    ///
    /// # Errors
    /// [`Refusal`] with `no_right` in a group for whoever is neither its owner nor an admin, with `bad_reference` for
    /// what is no message, is deleted, or lies before the joining, with `quota` past `PINS_MAX`, and otherwise as for a
    /// message to this conversation.
    fn pin_message(
        &self,
        account: AccountId,
        wish: MessagePin,
        now_ms: u64,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}
