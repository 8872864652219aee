//! Signing in by a recovery code: a new password, a new device, and everybody else is signed out.

use super::{BUSY_RETRY_MS, Pass, Step, Talk, device_name, no, not_now};
use crate::clock::wall_ms;
use crate::store::recovery::{RecoverWish, Recovered};
use crate::store::{Credentials, Store};
use crate::{password, secret};
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::sign_in::Recover;

impl<S: Store> Talk<'_, S> {
    /// Each try waits its turn as one with a password does, and costs the same whether or not the name exists.
    pub(super) async fn recover(&mut self, wish: Recover) -> Step {
        if !password::is_strong(&wish.new_password.0) {
            return no(RefusedCode::WeakPassword, 0);
        }
        let name = match self.named_turn(&wish.username).await {
            Ok(name) => name,
            Err(step) => return step,
        };
        let began_ms = self.net.hub.clock().now_ms();
        let Ok(password_hash) = self.net.passwords.hash(&wish.new_password).await else {
            return no(RefusedCode::Busy, BUSY_RETRY_MS);
        };
        let (token, token_hash) = secret::mint();
        let device_name = device_name(&wish.device);
        let asked = RecoverWish {
            mid: wish.mid,
            // Nobody has the empty name.
            skeleton: name.map_or_else(String::new, |name| name.skeleton),
            code: secret::recovery_hash(&wish.code.0),
            password_hash,
            device: (device_name.clone(), token_hash),
            now_ms: wall_ms(),
        };
        let recovered = match self.net.store.recover(asked).await {
            Ok(recovered) => recovered,
            Err(error) => return not_now(&error),
        };
        match recovered {
            Recovered::Done(device, signed_out) => {
                for gone in signed_out {
                    let hub = &self.net.hub;
                    hub.end_device(device.account, gone, GoodbyeCode::Revoked).await;
                }
                Step::Pass(Box::new(Pass {
                    device,
                    instance: wish.instance,
                    token: Some(token),
                    name: Some(device_name),
                    began_ms,
                }))
            }
            Recovered::Repeat(known) => self.recovered_before(known, &wish, began_ms).await,
            Recovered::Disabled => no(RefusedCode::Disabled, 0),
            Recovered::Wrong => no(RefusedCode::RecoveryWrong, 0),
            Recovered::Expired => no(RefusedCode::RecoveryExpired, 0),
            Recovered::Used => no(RefusedCode::RecoveryUsed, 0),
            Recovered::Void => no(RefusedCode::RecoveryVoid, 0),
        }
    }

    /// The answer to the same wish was lost: the password tells whether it is the same.
    async fn recovered_before(&self, known: Credentials, wish: &Recover, began_ms: u64) -> Step {
        let phc = Some(known.password_hash.clone());
        match self.net.passwords.verify(&wish.new_password, phc).await {
            Ok(true) => {
                self.new_device(known, &wish.device, wish.instance, began_ms)
                    .await
            }
            Ok(false) => no(RefusedCode::RecoveryUsed, 0),
            Err(password::Busy) => no(RefusedCode::Busy, BUSY_RETRY_MS),
        }
    }
}
