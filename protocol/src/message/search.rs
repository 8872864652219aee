//! Searching messages on the server. What fits a query is said in [`crate::terms`].

use super::chat::Event;
use crate::id::ConvId;
use serde::{Deserialize, Serialize};

/// `search`: a page of messages this account may see that hold every word of a query, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The query, at most 200 characters.
    pub query: String,
    /// In this conversation only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conv: Option<ConvId>,
    /// Go on from here: `before` of the page before; 0 for the newest.
    #[serde(default)]
    pub before: u64,
    /// At most so many rows, up to 50.
    pub limit: u32,
}

/// `search_page`: what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    /// The messages, newest first; `cursor` is 0 as in a page of history.
    pub rows: Vec<Event>,
    /// Whether it is worth asking on.
    pub more: bool,
    /// Where to go on from.
    pub before: u64,
}
