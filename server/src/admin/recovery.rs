//! The operator gives somebody who forgot the password a code to set a new one with.

use super::operator::{Operator, Sentence, failed};
use crate::clock::wall_ms;
use crate::secret;
use crate::store::desk::Desk;
use breeze_protocol::admin::AdminAnswer;
use breeze_protocol::limit::RECOVERY_TTL_S;

impl<S: Desk> Operator<S> {
    /// Makes a code, in the place of an older one of the same account.
    pub(super) async fn recovery_code(&self, username: &str) -> Result<AdminAnswer, Sentence> {
        let known = self.known(username).await?;
        if known.disabled {
            return Err(format!(
                "{username} is shut, so no code would let anybody in: open it first with `breeze-server user enable {username}`."
            ));
        }
        let (code, hash) = secret::mint_recovery();
        let expires_ms = wall_ms() + RECOVERY_TTL_S * 1000;
        self.store
            .recovery_code(known.account, hash, expires_ms)
            .await
            .map_err(failed)?;
        Ok(AdminAnswer::Code {
            username: known.username,
            code,
            expires_ms,
        })
    }
}
