//! Friends: asking, answering, ending, blocking.

use super::{Me, Net, nack, refused};
use crate::clock::wall_ms;
use crate::store::{ContactChange, Store};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::contact::FriendRequest;
use breeze_protocol::message::control::Done;
use breeze_protocol::{Mid, ServerMessage};

/// Always `done`, whether the name exists or not, unless there were too many.
pub(super) async fn request<S: Store>(net: &Net<S>, me: &Me, ask: FriendRequest) -> ServerMessage {
    let now_ms = net.hub.clock().now_ms();
    if net.rates().friend_requests.take(me.account, now_ms).is_err() {
        return nack(ask.mid, NackCode::SlowDown);
    }
    let change = ContactChange::Request {
        username: ask.username,
    };
    carry_out(net, me, ask.mid, change).await
}

/// An answer, an end, a block or its end.
pub(super) async fn change<S: Store>(
    net: &Net<S>,
    me: &Me,
    mid: Mid,
    change: ContactChange,
) -> ServerMessage {
    let now_ms = net.hub.clock().now_ms();
    if net.rates().contact_changes.take(me.account, now_ms).is_err() {
        return nack(mid, NackCode::SlowDown);
    }
    carry_out(net, me, mid, change).await
}

async fn carry_out<S: Store>(net: &Net<S>, me: &Me, mid: Mid, change: ContactChange) -> ServerMessage {
    match net.store.contact(me.account, mid, change, wall_ms()).await {
        Ok(()) => Done {}.into(),
        Err(refusal) => refused(mid, refusal),
    }
}
