//! One's own devices: which are there, and signing one out.

use super::{Me, Net, error, nack, refused, store_error};
use crate::store::Store;
use breeze_protocol::ServerMessage;
use breeze_protocol::message::code::{ErrorCode, GoodbyeCode, NackCode};
use breeze_protocol::message::control::Done;
use breeze_protocol::message::session::{SessionRevoke, Sessions};

pub(super) async fn list<S: Store>(net: &Net<S>, me: &Me) -> ServerMessage {
    let mut rows = match net.store.devices(me.account).await {
        Ok(rows) => rows,
        Err(error) => return store_error(&error),
    };
    let live = net.hub.sessions_of(me.account).await;
    for row in &mut rows {
        row.this = row.device == me.device;
        if let Some(session) = live.iter().find(|session| session.device == row.device) {
            row.address = Some(session.address.clone());
            row.heard_ms = Some(session.heard_ms);
        }
    }
    Sessions { rows }.into()
}

/// The token first, the live session after it: no sign-in slips in between.
pub(super) async fn revoke<S: Store>(net: &Net<S>, me: &Me, wish: &SessionRevoke) -> ServerMessage {
    if net.too_fast(me.account) {
        return nack(wish.mid, NackCode::SlowDown);
    }
    match net.store.revoke_device(me.account, wish.mid, wish.device).await {
        Ok(true) => {
            net.hub
                .end_device(me.account, wish.device, GoodbyeCode::Revoked)
                .await;
            Done {}.into()
        }
        Ok(false) => error(ErrorCode::NotFound, "no such device"),
        Err(refusal) => refused(wish.mid, refusal),
    }
}
