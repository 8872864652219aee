//! What is asked of the store about how people keep their conversations.

use super::Refusal;
use breeze_protocol::AccountId;
use breeze_protocol::message::prefs::ItemSet;
use std::future::Future;

/// A store that keeps them.
pub trait PrefsStore {
    /// Keeps a conversation otherwise for one account, and tells all its devices.
    fn set_prefs(
        &self,
        account: AccountId,
        wish: ItemSet,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}
