//! Invites: made, listed, taken back.

use super::{Me, Net, error, nack, refused, store_error};
use crate::clock::wall_ms;
use crate::secret;
use crate::store::Store;
use breeze_protocol::ServerMessage;
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::control::Done;
use breeze_protocol::message::hello::Registration;
use breeze_protocol::message::session::{Invite, InviteCreate, InviteRevoke, Invites};

/// Most people one invite may let in.
const USES_MAX: u32 = 1000;
/// Longest validity of an invite, seconds: 30 days.
const TTL_S_MAX: u64 = 30 * 24 * 60 * 60;

pub(super) async fn create<S: Store>(net: &Net<S>, me: &Me, wish: &InviteCreate) -> ServerMessage {
    if net.about.registration == Registration::Closed {
        return nack(wish.mid, NackCode::NoRight);
    }
    if net.too_fast(me.account) {
        return nack(wish.mid, NackCode::SlowDown);
    }
    if !(1..=USES_MAX).contains(&wish.uses) || !(1..=TTL_S_MAX).contains(&wish.ttl_s) {
        return nack(wish.mid, NackCode::Quota);
    }
    let (code, hash) = secret::mint_code();
    let expires_ms = wall_ms() + wish.ttl_s * 1000;
    match net
        .store
        .invite_create(Some(me.account), wish.mid, hash, wish.uses, expires_ms)
        .await
    {
        Ok(invite) => Invite {
            invite,
            link: net.inviter.link(&code),
            expires_ms,
        }
        .into(),
        Err(refusal) => refused(wish.mid, refusal),
    }
}

pub(super) async fn list<S: Store>(net: &Net<S>, me: &Me) -> ServerMessage {
    match net.store.invites(me.account, wall_ms()).await {
        Ok(rows) => Invites { rows }.into(),
        Err(error) => store_error(&error),
    }
}

pub(super) async fn revoke<S: Store>(net: &Net<S>, me: &Me, wish: &InviteRevoke) -> ServerMessage {
    if net.too_fast(me.account) {
        return nack(wish.mid, NackCode::SlowDown);
    }
    match net.store.invite_revoke(me.account, wish.mid, wish.invite).await {
        Ok(true) => Done {}.into(),
        Ok(false) => error(ErrorCode::NotFound, "no such invite"),
        Err(refusal) => refused(wish.mid, refusal),
    }
}
