//! What the server says of itself, and who may open a connection for files.

use super::Net;
use crate::clock::wall_ms;
use crate::core::end::ConnectionEnd;
use crate::secret;
use crate::store::Store;
use breeze_protocol::limit::Limits;
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::message::hello::{Hello, HelloOk, PROTOCOL};
use breeze_protocol::{AccountId, DeviceId, ServerMessage};

/// The answer to a `hello` that is understood.
pub(super) fn hello_ok<S: Store>(net: &Net<S>, hello: &Hello) -> ServerMessage {
    let about = &net.about;
    HelloOk {
        protocol: hello.protocol_max.min(PROTOCOL),
        server_id: about.server_id,
        server_name: about.server_name.clone(),
        epoch: about.epoch,
        boot: about.boot,
        limits: Limits {
            file_bytes: file_bytes(net),
            keep_days: about.keep_days,
            ..Limits::default()
        },
        roster: about.roster,
        registration: about.registration,
        newest_client: about.newest_client.clone(),
        now_ms: wall_ms(),
    }
    .into()
}

/// Whose ticket this is. Used, too old or never given: all the same.
pub(super) fn transfer<S: Store>(
    net: &Net<S>,
    hello: &Hello,
) -> Result<(AccountId, DeviceId), (ErrorCode, ConnectionEnd)> {
    let (code, end) = if file_bytes(net) == 0 {
        (ErrorCode::Unsupported, ConnectionEnd::RoleRefused)
    } else {
        let hash = hello.ticket.as_ref().map(|ticket| secret::hash(&ticket.0));
        let now_ms = net.hub.clock().now_ms();
        match hash.and_then(|hash| net.tickets().redeem(hash, now_ms)) {
            Some(owner) => return Ok(owner),
            None => (ErrorCode::Expired, ConnectionEnd::TicketRefused),
        }
    };
    Err((code, end))
}

/// Largest file taken, bytes; 0 = none.
fn file_bytes<S: Store>(net: &Net<S>) -> u64 {
    let limits = net.store.file_limits();
    net.store.files().map_or(0, |_| limits.file_bytes)
}
