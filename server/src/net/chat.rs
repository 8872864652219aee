//! Sending, history, opening a conversation, typing.

use super::connection::Connection;
use super::{Me, Net, error, nack, refused, store_error};
use crate::clock::wall_ms;
use crate::core::state::Input;
use crate::store::{ConnId, SendJob, Store};
use breeze_protocol::limit::PAGE_ROWS_MAX;
use breeze_protocol::message::chat::{ConvOpen, ConvOpened, History, Send};
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::control::Done;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::message::pin::MessagePin;
use breeze_protocol::message::prefs::ItemSet;
use breeze_protocol::{ConvId, Mid, ServerMessage};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places of one connection in the writer: at most 32 sends...
const SEND_PLACES: usize = 32;
/// ...and 256 KiB: a send takes one place per this many bytes.
const PLACE_BYTES: usize = 8 * 1024;

/// Hands a message to the writer. The hub gives the answer; a refusal for now is given here.
pub(super) fn send<S: Store>(connection: &mut Connection<S>, send: Send) {
    let (mid, conv, conn) = (send.mid, send.conv, connection.pipe.conn);
    let rolled_back = || connection.pipe.is_rolled_back().then_some(NackCode::StoreDown);
    if let Some(code) = send.flaw().or_else(rolled_back) {
        connection.pipe.answer(None, nack(mid, code));
        return;
    }
    let handed = place(connection, send.body.len()).is_some_and(|place| {
        let job = SendJob {
            conn,
            sender: connection.me.account,
            send,
            now_ms: wall_ms(),
            place: Some(place),
        };
        connection.net.store.send(job).is_ok()
    });
    if !handed {
        // So that no later message of this conversation overtakes it.
        connection.net.store.hold(conn, conv, mid);
        connection.pipe.answer(None, nack(mid, NackCode::Busy));
    }
}

fn place<S: Store>(connection: &mut Connection<S>, bytes: usize) -> Option<OwnedSemaphorePermit> {
    let fresh = || Arc::new(Semaphore::new(SEND_PLACES));
    let sends = connection.sends.get_or_insert_with(fresh);
    let places = u32::try_from(bytes.div_ceil(PLACE_BYTES).max(1)).ok()?;
    Arc::clone(sends).try_acquire_many_owned(places).ok()
}

pub(super) async fn history<S: Store>(net: &Net<S>, me: &Me, ask: &History) -> ServerMessage {
    let limit = usize::try_from(ask.limit)
        .unwrap_or(PAGE_ROWS_MAX)
        .clamp(1, PAGE_ROWS_MAX);
    match net
        .store
        .history(me.account, ask.conv, ask.before, ask.after, limit)
        .await
    {
        Ok(Some(page)) => page.into(),
        Ok(None) => error(ErrorCode::NotFound, "no such conversation"),
        Err(error) => store_error(&error),
    }
}

pub(super) async fn open<S: Store>(net: &Net<S>, me: &Me, ask: &ConvOpen) -> ServerMessage {
    match net
        .store
        .conv_open(me.account, ask.mid, ask.account, wall_ms())
        .await
    {
        Ok(conv) => ConvOpened { conv }.into(),
        Err(refusal) => refused(ask.mid, refusal),
    }
}

/// Keeps a conversation otherwise.
pub(super) async fn keep<S: Store>(net: &Net<S>, me: &Me, wish: ItemSet) -> ServerMessage {
    let now_ms = net.hub.clock().now_ms();
    if net.rates().prefs_changes.take(me.account, now_ms).is_err() {
        return nack(wish.mid, NackCode::SlowDown);
    }
    match net.store.set_prefs(me.account, wish).await {
        Ok(()) => Done {}.into(),
        Err(refusal) => refused(wish.mid, refusal),
    }
}

/// Pins a message for everybody in its conversation.
pub(super) async fn pin<S: Store>(net: &Net<S>, me: &Me, wish: MessagePin) -> ServerMessage {
    let now_ms = net.hub.clock().now_ms();
    if net.rates().pins.take(me.account, now_ms).is_err() {
        return nack(wish.mid, NackCode::SlowDown);
    }
    match net.store.pin_message(me.account, wish, wall_ms()).await {
        Ok(()) => Done {}.into(),
        Err(refusal) => refused(wish.mid, refusal),
    }
}

/// Keeps the messages of a conversation for so long.
pub(super) async fn keep_for<S: Store>(net: &Net<S>, me: &Me, wish: ConvKeep) -> ServerMessage {
    let now_ms = net.hub.clock().now_ms();
    if net.rates().group_changes.take(me.account, now_ms).is_err() {
        return nack(wish.mid, NackCode::SlowDown);
    }
    match net.store.keep(me.account, wish).await {
        Ok(()) => Done {}.into(),
        Err(refusal) => refused(wish.mid, refusal),
    }
}

/// Keeps a draft. It has no mid to name: the text itself is the wish.
pub(super) async fn draft<S: Store>(net: &Net<S>, me: &Me, draft: Draft) -> ServerMessage {
    let now_ms = net.hub.clock().now_ms();
    if net.rates().prefs_changes.take(me.account, now_ms).is_err() {
        return nack(Mid::default(), NackCode::SlowDown);
    }
    match net.store.set_draft(me.account, draft).await {
        Ok(()) => Done {}.into(),
        Err(refusal) => refused(Mid::default(), refusal),
    }
}

/// Looks the members up and lets the hub decide who may know. Never answered.
pub(super) async fn typing<S: Store>(
    net: &Net<S>,
    me: &Me,
    conn: ConnId,
    conv: ConvId,
) -> Option<ServerMessage> {
    match net.store.typing_to(me.account, conv).await {
        Ok(to) => {
            net.hub
                .input(Input::Typing {
                    conn,
                    conv,
                    members: to.members.into(),
                    group: to.group,
                })
                .await
        }
        Err(error) => tracing::debug!(%error, "typing was not told"),
    }
    None
}
