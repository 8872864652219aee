//! What a script says: signing in, resuming, sending, asking; each gives the typed answer or the refusal.

use super::Client;
use crate::wait::SOON;
use breeze_protocol::message::chat::{ConvOpen, EntryKind, History, HistoryPage, Send, Sent};
use breeze_protocol::message::code::{NackCode, RefusedCode};
use breeze_protocol::message::control::{Bye, Goodbye, Ping};
use breeze_protocol::message::group::GroupCreate;
use breeze_protocol::message::presence::{PresenceQuery, Status};
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::message::session::{Invite, InviteCreate};
use breeze_protocol::message::sign_in::{Login, Register, Secret, SignedIn, Token};
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{AccountId, ClientMessage, ConvId, Instance, Mid, PresenceState, ServerMessage};
use std::time::Duration;

/// A new identity of a wish.
#[must_use]
pub fn mid() -> Mid {
    Mid(*uuid::Uuid::now_v7().as_bytes())
}

/// A new identity of a process.
#[must_use]
pub fn instance() -> Instance {
    Instance(*uuid::Uuid::now_v7().as_bytes())
}

impl Client {
    /// Makes an account.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When the connection ends instead.
    pub async fn register(&self, wish: Register) -> Result<SignedIn, RefusedCode> {
        self.sign_in(wish).await
    }

    /// Signs in by password: a new device.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When the connection ends instead.
    pub async fn login(&self, username: &str, password: &str) -> Result<SignedIn, RefusedCode> {
        let password = Secret(password.to_owned());
        let device = "second device".to_owned();
        self.sign_in(Login {
            username: username.to_owned(),
            password,
            device,
            instance: instance(),
        })
        .await
    }

    /// Signs in by token.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When the connection ends instead.
    pub async fn token(&self, token: &Secret, instance: Instance) -> Result<SignedIn, RefusedCode> {
        self.sign_in(Token {
            token: token.clone(),
            instance,
        })
        .await
    }

    async fn sign_in(&self, wish: impl Into<ClientMessage>) -> Result<SignedIn, RefusedCode> {
        match self.ask(wish).await.expect("a sign-in is answered") {
            ServerMessage::SignedIn(it) => Ok(it),
            ServerMessage::Refused(it) => Err(it.code),
            other => panic!("a sign-in was answered by {other:?}"),
        }
    }

    /// Catches up from the device's own store, then lives. Gives the mode.
    ///
    /// # Panics
    /// When it is not answered.
    pub async fn resume(&mut self, status: StatusKind) -> ResumeMode {
        self.try_resume(status).await.expect("a resume is answered")
    }

    /// The same, for moments at which the server may die.
    ///
    /// # Errors
    /// When the connection ends first.
    pub async fn try_resume(&mut self, status: StatusKind) -> Result<ResumeMode, String> {
        let place = self.local().resume(status);
        self.request(place).await?;
        let ended = || {
            format!(
                "the connection ended in the middle of a resume: {:?}",
                self.state().closed
            )
        };
        let mode = self.hear("resumed", SOON, |message| match message {
            ServerMessage::Resumed(it) => Some(it.mode),
            _ => None,
        });
        let mode = mode.await.ok_or_else(ended)?;
        let synced = self.hear("synced", SOON, |message| {
            matches!(message, ServerMessage::Synced(_)).then_some(())
        });
        synced.await.ok_or_else(ended)?;
        if self.habits.heartbeat {
            self.start_heartbeat();
        }
        Ok(mode)
    }

    /// Sends a text with this identity and does not wait.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&self, mid: Mid, conv: ConvId, body: &str) -> Result<(), String> {
        self.tell(Send::text(mid, conv, body)).await
    }

    /// Answers, edits, deletes or marks an entry, and waits for the answer.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When the connection ends instead.
    pub async fn change(
        &self,
        conv: ConvId,
        kind: EntryKind,
        target: u64,
        body: &str,
    ) -> Result<Sent, NackCode> {
        let send = Send {
            kind,
            target: Some(target),
            ..Send::text(mid(), conv, body)
        };
        let wish = send.mid;
        self.tell(send).await.expect("the connection is open");
        self.sent(wish).await
    }

    /// The answer to a `send`.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When none comes.
    pub async fn sent(&self, mid: Mid) -> Result<Sent, NackCode> {
        let answer = self.hear("sent", SOON, |message| match message {
            ServerMessage::Sent(it) if it.mid == mid => Some(Ok(it.clone())),
            ServerMessage::Nack(it) if it.mid == mid => Some(Err(it.code)),
            _ => None,
        });
        answer
            .await
            .unwrap_or_else(|| panic!("a send is answered; the connection: {:?}", self.state().closed))
    }

    /// Sends a text and waits until it is stored.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn say(&self, conv: ConvId, body: &str) -> Sent {
        let mid = mid();
        self.send(mid, conv, body).await.expect("the connection is open");
        self.sent(mid).await.expect("a good text is taken")
    }

    /// The conversation with a friend.
    ///
    /// # Panics
    /// When there is none to be had.
    pub async fn conv(&self, with: AccountId) -> ConvId {
        match self
            .ask(ConvOpen {
                mid: mid(),
                account: with,
            })
            .await
            .expect("conv_open is answered")
        {
            ServerMessage::ConvOpened(it) => it.conv,
            other => panic!("conv_open was answered by {other:?}"),
        }
    }

    /// Makes a group; asked twice under one mid, it is the same.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When the connection ends instead.
    pub async fn group(&self, mid: Mid, title: &str, members: &[AccountId]) -> Result<ConvId, NackCode> {
        let wish = GroupCreate {
            mid,
            title: title.into(),
            members: members.to_vec(),
        };
        match self.ask(wish).await.expect("group_create is answered") {
            ServerMessage::ConvOpened(it) => Ok(it.conv),
            ServerMessage::Nack(it) => Err(it.code),
            other => panic!("group_create was answered by {other:?}"),
        }
    }

    /// Waits for a text to come.
    ///
    /// # Panics
    /// When it does not.
    pub async fn until_text(&self, conv: ConvId, body: &str) {
        let come = || {
            self.local()
                .texts(conv)
                .iter()
                .any(|text| text == body)
                .then_some(())
        };
        crate::wait::until(&format!("the text {body:?}"), SOON, come).await;
    }

    /// A page of history.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn history(&self, conv: ConvId, before: u64, after: u64, limit: u32) -> HistoryPage {
        match self
            .ask(History {
                conv,
                before,
                after,
                limit,
            })
            .await
            .expect("history is answered")
        {
            ServerMessage::HistoryPage(it) => it,
            other => panic!("history was answered by {other:?}"),
        }
    }

    /// A new invite of this account.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn invite(&self, uses: u32, ttl_s: u64) -> Invite {
        match self
            .ask(InviteCreate {
                mid: mid(),
                uses,
                ttl_s,
            })
            .await
            .expect("invite_create is answered")
        {
            ServerMessage::Invite(it) => it,
            other => panic!("invite_create was answered by {other:?}"),
        }
    }

    /// Asks for something that is answered by `done`.
    ///
    /// # Errors
    /// Any other answer.
    pub async fn wish(&self, message: impl Into<ClientMessage>) -> Result<(), ServerMessage> {
        match self.ask(message).await.expect("every request is answered") {
            ServerMessage::Done(_) => Ok(()),
            other => Err(other),
        }
    }

    /// Chooses how to be seen.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn set_status(&self, state: StatusKind) {
        self.wish(Status { state }).await.expect("a status is taken");
    }

    /// One ping, answered: everything said before has been read by the server.
    ///
    /// # Panics
    /// When it is not answered.
    pub async fn fence(&self) {
        let n = 1_000_000 + self.next_id.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let got = self.state().pong;
        self.tell(Ping { n, got }).await.expect("the connection is open");
        self.until("pong", |state| (state.pong >= n).then_some(())).await;
    }

    /// Asks for a fresh presence snapshot and waits for all of it.
    ///
    /// # Panics
    /// When none comes.
    pub async fn fresh_presence(&self) {
        let before = self.state().presence.snapshots;
        self.request(PresenceQuery {})
            .await
            .expect("the connection is open");
        self.until("presence_snapshot", |state| {
            (state.presence.snapshots > before).then_some(())
        })
        .await;
    }

    /// Says goodbye, as a person who quits.
    pub async fn bye(self) {
        // The server may have gone first.
        let _ = self.tell(Bye {}).await;
        self.hear("the end", Duration::from_secs(5), |_| None::<()>).await;
    }

    /// Waits until somebody is in a state.
    ///
    /// # Panics
    /// When that does not come.
    pub async fn until_state(&self, account: AccountId, state: PresenceState) {
        self.until_state_within(account, state, SOON).await;
    }

    /// The same within a time.
    ///
    /// # Panics
    /// When that does not come.
    pub async fn until_state_within(&self, account: AccountId, state: PresenceState, within: Duration) {
        let what = format!("account {account} to be {state:?}");
        self.until_within(&what, within, |heard| {
            (heard.presence.state(account) == state).then_some(())
        })
        .await;
    }

    /// The server's goodbye.
    ///
    /// # Panics
    /// When none comes.
    pub async fn until_goodbye(&self) -> Goodbye {
        let goodbye = self.hear("goodbye", SOON, |message| match message {
            ServerMessage::Goodbye(it) => Some(it.clone()),
            _ => None,
        });
        goodbye
            .await
            .unwrap_or_else(|| panic!("no goodbye; the connection: {:?}", self.state().closed))
    }

    /// Waits for the end of the connection; how it ended.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn until_closed(&self) -> String {
        self.until("the end of the connection", |state| state.closed.clone())
            .await
    }
}
