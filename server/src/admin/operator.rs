//! What an operator may do to accounts. The same code serves the admin socket and a subcommand without a server.

use crate::clock::wall_ms;
use crate::hub::{self, LiveSession};
use crate::invite::Inviter;
use crate::logging;
use crate::store::backup::{self, BackupError, Made};
use crate::store::desk::{self, Desk};
use crate::store::{Credentials, NewAccount, Refusal, Registered, StoreError};
use crate::{name, password, secret, stamp};
use breeze_protocol::admin::{
    AdminAnswer, AdminRequest, AdminSession, AdminUser, INVITE_TTL_S_MAX, INVITE_USES_MAX, PAGE_ROWS_MAX,
};
use breeze_protocol::limit::INTEGER_MAX;
use breeze_protocol::message::code::GoodbyeCode;
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, DeviceId, Mid};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The start-up invite is made anew at each start, so its end only has to be far away: ten years, milliseconds.
const OWNER_TTL_MS: u64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// Carries out what an operator asks.
pub struct Operator<S> {
    /// What is kept.
    pub store: S,
    /// Where passwords are hashed.
    pub passwords: password::Pool,
    /// Who makes links.
    pub inviter: Arc<Inviter>,
    /// Who is there; `None` without a running server.
    pub hub: Option<hub::Handle>,
    /// Where everything is kept, and the configuration when it is elsewhere: what a backup holds.
    pub kept: Kept,
}

/// What a backup is made of.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The data directory, absolute.
    pub data: PathBuf,
    /// The configuration that was named, if one was.
    pub config: Option<PathBuf>,
}

impl Kept {
    /// The data directory, and the configuration that was named, if one was.
    #[must_use]
    pub fn of(data: PathBuf, config: Option<PathBuf>) -> Self {
        Self { data, config }
    }
}

/// A sentence for the operator.
pub(super) type Sentence = String;

impl<S: Desk> Operator<S> {
    /// Carries a request out; `info` and `stop` are the server's own.
    pub async fn answer(&self, request: AdminRequest) -> AdminAnswer {
        let done = match request {
            AdminRequest::Invite { uses, ttl_s } => self.invite(uses, ttl_s).await,
            AdminRequest::InviteList { before } => self.invites(before).await,
            AdminRequest::InviteRevoke { invite } => self.revoke(invite).await,
            AdminRequest::Disk => self.disk().await,
            AdminRequest::UserList { after } => self.list(after).await,
            AdminRequest::UserAdd {
                username,
                display_name,
            } => self.add(&username, display_name).await,
            AdminRequest::UserDisable { username } => self.set_disabled(&username, true).await,
            AdminRequest::UserEnable { username } => self.set_disabled(&username, false).await,
            AdminRequest::UserResetPassword { username } => self.reset_password(&username).await,
            AdminRequest::UserRecover { username } => self.recovery_code(&username).await,
            AdminRequest::Sessions { after } => self.sessions(after).await,
            AdminRequest::Log { lines } => self.log(lines),
            AdminRequest::Backup { dir } => self.backup(dir).await,
            AdminRequest::Info | AdminRequest::Stop => Err("No server is running here.".to_owned()),
        };
        done.unwrap_or_else(|text| AdminAnswer::Error { text })
    }

    /// The link that makes the owner, as long as there is none.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn owner_link(&self) -> Result<Option<Secret>, StoreError> {
        if self.store.owner().await?.is_some() {
            return Ok(None);
        }
        let (code, hash) = secret::mint_code();
        let made = self
            .store
            .invite_create(None, fresh_mid(), hash, 1, wall_ms() + OWNER_TTL_MS)
            .await;
        match made {
            Ok(_) => Ok(Some(self.inviter.link(&code))),
            Err(Refusal::Store(error)) => Err(error),
            Err(Refusal::Nack(code)) => Err(StoreError::Down(format!(
                "the start-up invite was refused: {code:?}"
            ))),
        }
    }

    /// Live sessions, none without a server.
    pub async fn live(&self) -> Vec<LiveSession> {
        match &self.hub {
            Some(hub) => hub.sessions().await,
            None => Vec::new(),
        }
    }

    async fn invite(&self, uses: u32, ttl_s: u64) -> Result<AdminAnswer, Sentence> {
        if uses == 0 || uses > INVITE_USES_MAX {
            return Err(format!("An invite is for 1 to {INVITE_USES_MAX} people."));
        }
        if ttl_s == 0 || ttl_s > INVITE_TTL_S_MAX {
            return Err(
                "An invite is valid for 30 days at most, and never for ever: make it shorter.".to_owned(),
            );
        }
        let Some(owner) = self.store.owner().await.map_err(failed)? else {
            return Err(
                "Nobody owns this server yet: open the owner's link that it prints when it starts."
                    .to_owned(),
            );
        };
        let (code, hash) = secret::mint_code();
        let expires_ms = wall_ms() + ttl_s * 1000;
        match self
            .store
            .invite_create(Some(owner), fresh_mid(), hash, uses, expires_ms)
            .await
        {
            Ok(_) => Ok(AdminAnswer::Invite {
                link: self.inviter.link(&code),
                expires_ms,
            }),
            Err(Refusal::Nack(_)) => {
                Err("A hundred invites are open already: wait until some have expired.".to_owned())
            }
            Err(Refusal::Store(error)) => Err(failed(error)),
        }
    }

    async fn invites(&self, before: u64) -> Result<AdminAnswer, Sentence> {
        let before = if before == 0 { INTEGER_MAX } else { before };
        let rows = self
            .store
            .open_invites(before, PAGE_ROWS_MAX + 1, wall_ms())
            .await;
        let (rows, more) = page(rows.map_err(failed)?);
        Ok(AdminAnswer::Invites { rows, more })
    }

    async fn revoke(&self, invite: u64) -> Result<AdminAnswer, Sentence> {
        if self.store.withdraw_invite(invite).await.map_err(failed)? {
            return Ok(AdminAnswer::Done);
        }
        Err(format!(
            "There is no invite {invite}: it was used up, has expired or was taken back. `breeze-server invites` lists them."
        ))
    }

    async fn disk(&self) -> Result<AdminAnswer, Sentence> {
        let pictures = self.store.picture_bytes().await.map_err(failed)?;
        let used = desk::disk_use(&self.kept.data)
            .map_err(|error| format!("The data directory cannot be looked at ({error})."))?;
        Ok(AdminAnswer::Disk {
            database: used.database,
            wal: used.wal,
            pictures,
            free: used.free,
        })
    }

    fn log(&self, lines: u32) -> Result<AdminAnswer, Sentence> {
        if self.hub.is_none() {
            return Err("No server is running here, so there is no log in memory.".to_owned());
        }
        let lines = logging::tail(usize::try_from(lines).unwrap_or(usize::MAX));
        Ok(AdminAnswer::Log { lines })
    }

    async fn list(&self, after: AccountId) -> Result<AdminAnswer, Sentence> {
        let mut live: HashMap<_, u64> = HashMap::new();
        for session in self.live().await {
            *live.entry(session.account).or_default() += 1;
        }
        let rows = self
            .store
            .accounts(after, PAGE_ROWS_MAX + 1)
            .await
            .map_err(failed)?;
        let (rows, more) = page(rows);
        let quota = self.store.file_limits().quota_bytes;
        let rows = rows.into_iter().map(|row| AdminUser {
            account: row.account,
            username: row.username,
            display_name: row.display_name,
            owner: row.owner,
            disabled: row.disabled,
            sessions: live.get(&row.account).copied().unwrap_or(0),
            files_bytes: row.files_bytes,
            files_quota: quota,
        });
        let rows = rows.collect();
        Ok(AdminAnswer::Users { rows, more })
    }

    async fn add(&self, username: &str, display_name: String) -> Result<AdminAnswer, Sentence> {
        let prepared = prepare(username)?;
        if !display_name.is_empty() && !name::display_name_ok(&display_name) {
            return Err(
                "This display name cannot be shown: use 1 to 64 visible characters on one line.".to_owned(),
            );
        }
        let password = secret::random_password();
        let new = NewAccount {
            mid: fresh_mid(),
            invite: None,
            username: prepared.username.clone(),
            skeleton: prepared.skeleton,
            password_hash: self.passwords.hash(&password).await.map_err(busy)?,
            display_name,
            device: None,
            now_ms: wall_ms(),
        };
        match self.store.register(new).await.map_err(failed)? {
            Registered::Made(_) => Ok(AdminAnswer::Password {
                username: prepared.username,
                password,
            }),
            _ => Err(format!(
                "Somebody has the name {username}, or one that looks like it: choose another."
            )),
        }
    }

    async fn set_disabled(&self, username: &str, disabled: bool) -> Result<AdminAnswer, Sentence> {
        let known = self.known(username).await?;
        let skeleton = prepare(&known.username)?.skeleton;
        let account = self
            .store
            .set_disabled(skeleton, disabled)
            .await
            .map_err(failed)?;
        let account = account.ok_or_else(|| unknown(username))?;
        if let (Some(hub), true) = (&self.hub, disabled) {
            hub.end_account(account, GoodbyeCode::Disabled).await;
        }
        Ok(AdminAnswer::Done)
    }

    async fn reset_password(&self, username: &str) -> Result<AdminAnswer, Sentence> {
        let known = self.known(username).await?;
        let password = secret::random_password();
        let hash = self.passwords.hash(&password).await.map_err(busy)?;
        self.store
            .set_password(known.account, hash, None)
            .await
            .map_err(failed)?;
        if let Some(hub) = &self.hub {
            hub.end_account(known.account, GoodbyeCode::Kicked).await;
        }
        Ok(AdminAnswer::Password {
            username: known.username,
            password,
        })
    }

    async fn backup(&self, dir: Option<String>) -> Result<AdminAnswer, Sentence> {
        let now_ms = wall_ms();
        let to = match dir {
            Some(dir) => PathBuf::from(dir),
            None => backup::folder(&self.kept.data).join(stamp::name(now_ms)),
        };
        if !to.is_absolute() {
            return Err("The folder of a backup is named by its absolute path.".to_owned());
        }
        let made = self
            .back_up(to, now_ms)
            .await
            .map_err(|error| error.to_string())?;
        Ok(AdminAnswer::Backup {
            dir: made.dir.display().to_string(),
            bytes: made.bytes,
        })
    }

    /// Makes a backup in a folder that does not exist yet.
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn back_up(&self, to: PathBuf, now_ms: u64) -> Result<Made, BackupError> {
        let Kept { data, config } = self.kept.clone();
        let ask = backup::Ask {
            data,
            config,
            to,
            now_ms,
        };
        self.store.backup(ask).await
    }

    /// The account of exactly this name; one that only looks like it is another's.
    pub(super) async fn known(&self, username: &str) -> Result<Credentials, Sentence> {
        let prepared = prepare(username)?;
        let known = self.store.credentials(prepared.skeleton).await.map_err(failed)?;
        known
            .filter(|it| it.username == prepared.username)
            .ok_or_else(|| unknown(username))
    }

    async fn sessions(&self, after: DeviceId) -> Result<AdminAnswer, Sentence> {
        if self.hub.is_none() {
            return Err(
                "No server is running here, so nobody is connected: start breeze-server first.".to_owned(),
            );
        }
        let mut live = self.live().await;
        live.retain(|session| session.device > after);
        live.sort_by_key(|session| session.device);
        let (live, more) = page(live);
        let accounts = live.iter().map(|session| session.account).collect();
        let names = self.store.usernames(accounts).await.map_err(failed)?;
        let rows = live.into_iter().map(|session| AdminSession {
            username: names.get(&session.account).cloned().unwrap_or_default(),
            device: session.device,
            address: session.address,
            heard_ms: session.heard_ms,
            age_ms: session.age_ms,
        });
        let rows = rows.collect();
        Ok(AdminAnswer::Sessions { rows, more })
    }
}

/// What fits one page, and whether something is left.
fn page<T>(mut rows: Vec<T>) -> (Vec<T>, bool) {
    let more = rows.len() > PAGE_ROWS_MAX;
    rows.truncate(PAGE_ROWS_MAX);
    (rows, more)
}

fn prepare(username: &str) -> Result<name::Prepared, Sentence> {
    name::prepare(username).ok_or_else(|| {
        format!(
            "{username:?} cannot be a username: use 2 to 32 letters or digits of one script, with . - _ in between."
        )
    })
}

fn unknown(username: &str) -> Sentence {
    format!("Nobody here is called {username}: `breeze-server user list` shows everybody.")
}

fn busy(_: password::Busy) -> Sentence {
    "Too many people sign in right now: try again in a second.".to_owned()
}

pub(super) fn failed(error: StoreError) -> Sentence {
    match error {
        StoreError::Full => "The disk is full: make room, then try again.".to_owned(),
        StoreError::Busy => "The server has too much to write right now: try again in a second.".to_owned(),
        StoreError::Down(detail) => {
            format!("The store cannot be reached ({detail}): the server's log says more.")
        }
    }
}

fn fresh_mid() -> Mid {
    Mid(secret::random_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_whether_something_is_left() {
        let rows = |count: usize| (0..count).collect::<Vec<_>>();
        assert_eq!(page(rows(PAGE_ROWS_MAX)), (rows(PAGE_ROWS_MAX), false));
        assert_eq!(page(rows(PAGE_ROWS_MAX + 1)), (rows(PAGE_ROWS_MAX), true));
    }
}
