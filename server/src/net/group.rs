//! Groups: making, joining, leaving, naming, roles, and who is in them.

use super::{Me, Net, error, nack, refused, store_error};
use crate::store::{GroupChange, Store};
use breeze_protocol::message::chat::ConvOpened;
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::control::Done;
use breeze_protocol::message::group::{GroupCreate, Members};
use breeze_protocol::{Mid, ServerMessage};

pub(super) async fn create<S: Store>(net: &Net<S>, me: &Me, wish: GroupCreate) -> ServerMessage {
    let change = GroupChange::Create {
        title: wish.title,
        members: wish.members,
    };
    if too_fast(net, me) {
        return nack(wish.mid, NackCode::SlowDown);
    }
    match net.store.group(me.account, wish.mid, change).await {
        Ok(conv) => ConvOpened { conv }.into(),
        Err(refusal) => refused(wish.mid, refusal),
    }
}

pub(super) async fn change<S: Store>(net: &Net<S>, me: &Me, mid: Mid, change: GroupChange) -> ServerMessage {
    if too_fast(net, me) {
        return nack(mid, NackCode::SlowDown);
    }
    match net.store.group(me.account, mid, change).await {
        Ok(_) => Done {}.into(),
        Err(refusal) => refused(mid, refusal),
    }
}

fn too_fast<S: Store>(net: &Net<S>, me: &Me) -> bool {
    let now_ms = net.hub.clock().now_ms();
    net.rates().group_changes.take(me.account, now_ms).is_err()
}

pub(super) async fn members<S: Store>(net: &Net<S>, me: &Me, ask: &Members) -> ServerMessage {
    match net.store.members_page(me.account, ask.conv, ask.page).await {
        Ok(Some(page)) => page.into(),
        Ok(None) => error(ErrorCode::NotFound, "no such conversation"),
        Err(error) => store_error(&error),
    }
}
