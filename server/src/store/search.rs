//! Searching: what is asked of the store, and the promise that an index is never waited for by whoever writes.

use super::StoreError;
use breeze_protocol::message::search::SearchPage;
use breeze_protocol::terms::Wanted;
use breeze_protocol::{AccountId, ConvId};
use std::future::Future;

/// What somebody looks for.
#[derive(Debug, Clone)]
pub struct SearchAsk {
    /// The words.
    pub wanted: Wanted,
    /// In this conversation only.
    pub conv: Option<ConvId>,
    /// Only what was committed before this number; 0: everything.
    pub before: u64,
    /// At most so many rows.
    pub limit: usize,
}

/// A store that can be searched.
pub trait Search {
    /// Messages the account may see that fit, newest first; `None` when it is no member of the conversation it names.
    /// Holds everything committed before the question, also what is in no index yet.
    fn search(
        &self,
        account: AccountId,
        ask: SearchAsk,
    ) -> impl Future<Output = Result<Option<SearchPage>, StoreError>> + Send;
    /// How many entries are in the index; `None` when there is none. For tests and measurements.
    fn indexed(&self) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;
}
