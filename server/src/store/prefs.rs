//! What is asked of the store about how people keep their conversations, and what they have begun to write.

use super::Refusal;
use breeze_protocol::AccountId;
use breeze_protocol::message::draft::Draft;
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
    /// Keeps what somebody has begun to write, or that nothing is, and tells all their devices.
    fn set_draft(&self, account: AccountId, draft: Draft)
    -> impl Future<Output = Result<(), Refusal>> + Send;
}
