//! Searching messages.

use super::{Me, Net, error, store_error};
use crate::store::search::SearchAsk;
use crate::store::{Store, StoreError};
use breeze_protocol::ServerMessage;
use breeze_protocol::limit::{QUERY_CHARS_MAX, SEARCH_ROWS_MAX};
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::message::search::{Search, SearchPage};
use breeze_protocol::terms::Wanted;

pub(super) async fn search<S: Store>(net: &Net<S>, me: &Me, ask: Search) -> ServerMessage {
    if ask.query.chars().nth(QUERY_CHARS_MAX).is_some() {
        return error(ErrorCode::TooLarge, "the query is too long");
    }
    let now_ms = net.hub.clock().now_ms();
    if net.rates().searches.take(me.account, now_ms).is_err() {
        return error(ErrorCode::OutOfOrder, "too many searches in a short time");
    }
    let Some(wanted) = Wanted::of(&ask.query) else {
        let nothing = SearchPage {
            rows: Vec::new(),
            more: false,
            before: ask.before,
        };
        return nothing.into();
    };
    let limit = usize::try_from(ask.limit).unwrap_or(SEARCH_ROWS_MAX);
    let ask = SearchAsk {
        wanted,
        conv: ask.conv,
        before: ask.before,
        limit,
    };
    match net.store.search(me.account, ask).await {
        Ok(Some(page)) => page.into(),
        Ok(None) => error(ErrorCode::NotFound, "no such conversation"),
        Err(StoreError::Busy) => error(ErrorCode::OutOfOrder, "too many searches wait"),
        Err(error) => store_error(&error),
    }
}
