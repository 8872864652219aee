//! One's own profile and password.

use super::{Me, Net, nack, refused, store_nack};
use crate::hub::pipe::Pipe;
use crate::store::Store;
use crate::{name, password};
use breeze_protocol::ServerMessage;
use breeze_protocol::limit::STATUS_TEXT_CHARS_MAX;
use breeze_protocol::message::code::{GoodbyeCode, NackCode};
use breeze_protocol::message::contact::ProfileSet;
use breeze_protocol::message::control::Done;
use breeze_protocol::message::item::Profile;
use breeze_protocol::message::sign_in::PasswordChange;

pub(super) async fn set<S: Store>(net: &Net<S>, me: &Me, pipe: &Pipe, wish: ProfileSet) -> ServerMessage {
    if net.too_fast(me.account) {
        return nack(wish.mid, NackCode::SlowDown);
    }
    if wish.status_text.chars().count() > STATUS_TEXT_CHARS_MAX {
        return nack(wish.mid, NackCode::TooLong);
    }
    if !name::display_name_ok(&wish.display_name) || !name::line_ok(&wish.status_text) {
        return nack(wish.mid, NackCode::BadReference);
    }
    let profile = Profile {
        account: me.account,
        username: me.username.clone(),
        display_name: wish.display_name,
        avatar: wish.avatar,
        status_text: wish.status_text,
    };
    match net.store.profile_set(wish.mid, profile, pipe.audience()).await {
        Ok(()) => Done {}.into(),
        Err(refusal) => refused(wish.mid, refusal),
    }
}

/// Every other device is signed out. A repeat finds the new password in force and is done.
pub(super) async fn password<S: Store>(net: &Net<S>, me: &Me, wish: PasswordChange) -> ServerMessage {
    let mid = wish.mid;
    if !password::is_strong(&wish.new.0) {
        return nack(mid, NackCode::WeakPassword);
    }
    let now_ms = net.hub.clock().now_ms();
    if net
        .rates()
        .passwords_by_name
        .take(format!("#{}", me.account), now_ms)
        .is_err()
    {
        return nack(mid, NackCode::SlowDown);
    }
    let known = match net.store.credentials_of(me.account).await {
        Ok(Some(known)) => known,
        Ok(None) => return nack(mid, NackCode::BadPassword),
        Err(error) => return store_nack(mid, error),
    };
    match net
        .passwords
        .verify(&wish.old, Some(known.password_hash.clone()))
        .await
    {
        Ok(true) => {}
        Ok(false) => {
            return match net.passwords.verify(&wish.new, Some(known.password_hash)).await {
                Ok(true) => Done {}.into(),
                Ok(false) => nack(mid, NackCode::BadPassword),
                Err(password::Busy) => nack(mid, NackCode::Busy),
            };
        }
        Err(password::Busy) => return nack(mid, NackCode::Busy),
    }
    let Ok(hash) = net.passwords.hash(&wish.new).await else {
        return nack(mid, NackCode::Busy);
    };
    match net.store.set_password(me.account, hash, Some(me.device)).await {
        Ok(signed_out) => {
            for device in signed_out {
                net.hub.end_device(me.account, device, GoodbyeCode::Revoked).await;
            }
            Done {}.into()
        }
        Err(error) => store_nack(mid, error),
    }
}
