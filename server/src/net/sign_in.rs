//! From the first byte to `signed_in`: hello, then register, login or token. Too many tries mean delay, never lockout.

mod recovery;

use super::connection::Admitted;
use super::wire::Wire;
use super::{Me, Net, hello, transfer};
use crate::clock::wall_ms;
use crate::core::end::ConnectionEnd;
use crate::core::rate::Buckets;
use crate::core::session::{Law, Phase, law};
use crate::core::state::Open;
use crate::store::{Credentials, Device, NewAccount, Registered, Store, StoreError};
use crate::{name, password, secret};
use breeze_protocol::codec::{Decoded, Envelope, decode_client, encode_server};
use breeze_protocol::frame::{Frame, FrameError};
use breeze_protocol::limit::{FRAME_BYTES_MAX, NAME_CHECKS_MAX};
use breeze_protocol::message::code::{ErrorCode, RefusedCode};
use breeze_protocol::message::control::{Error, Goodbye, Pong};
use breeze_protocol::message::hello::{Hello, PROTOCOL, PROTOCOL_MIN, Registration, Role};
use breeze_protocol::message::session::SignInNotice;
use breeze_protocol::message::sign_in::{
    Login, NameCheck, NameFree, Refused, Register, Secret, SignedIn, Token,
};
use breeze_protocol::{AccountId, ClientMessage, DeviceId, Instance, ServerMessage};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Longest name of a device, in characters.
const DEVICE_CHARS_MAX: usize = 64;
/// Longest delay before an answer; past it the client is told to slow down.
const DELAY_MS_MAX: u64 = 4000;
/// What `busy` suggests, milliseconds.
const BUSY_RETRY_MS: u64 = 1000;
/// How long the last words before a close may take.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long the peer may take to close after us.
const LINGER: Duration = Duration::from_millis(300);

/// A device that may come in, and the token it was given.
struct Pass {
    device: Device,
    instance: Instance,
    token: Option<Secret>,
    name: Option<String>,
    began_ms: u64,
}

enum Step {
    Answer(ServerMessage),
    Pass(Box<Pass>),
    Transfer(ServerMessage, AccountId, DeviceId),
}

/// Who may come in, and as what.
pub(super) enum Admission {
    /// A person's session.
    Session(Admitted),
    /// Files beside one.
    Transfer(transfer::Admitted),
}

enum Entry {
    Session(Box<Pass>, Option<u64>),
    Transfer(AccountId, DeviceId),
}

fn no(code: RefusedCode, retry_ms: u64) -> Step {
    Step::Answer(Refused { code, retry_ms }.into())
}

fn not_now(error: &StoreError) -> Step {
    tracing::warn!(%error, "a sign-in could not ask the store");
    no(RefusedCode::Busy, BUSY_RETRY_MS)
}

/// Talks to a new connection until somebody has signed in.
pub(super) async fn run<S: Store>(
    net: &Arc<Net<S>>,
    wire: Wire,
    address: IpAddr,
) -> Result<Admission, ConnectionEnd> {
    let mut talk = Talk {
        net,
        wire,
        address,
        phase: Phase::Hello,
        checks: 0,
    };
    let limit = Duration::from_millis(net.timing.sign_in_ms);
    let result = tokio::time::timeout(limit, talk.until_signed_in()).await;
    match result.unwrap_or(Err(ConnectionEnd::SignInTooLong)) {
        Ok(Entry::Session(pass, id)) => talk.admit(*pass, id).await.map(Admission::Session),
        Ok(Entry::Transfer(account, device)) => {
            let mut wire = talk.wire;
            wire.set_limit(FRAME_BYTES_MAX);
            Ok(Admission::Transfer(transfer::Admitted {
                wire,
                account,
                device,
            }))
        }
        Err(end) => {
            talk.last_words(end).await;
            Err(end)
        }
    }
}

struct Talk<'a, S> {
    net: &'a Arc<Net<S>>,
    wire: Wire,
    address: IpAddr,
    phase: Phase,
    checks: u32,
}

impl<S: Store> Talk<'_, S> {
    async fn until_signed_in(&mut self) -> Result<Entry, ConnectionEnd> {
        loop {
            let Envelope { id, message, .. } = self.next().await?;
            match law(self.phase, &message) {
                Law::Lawful => {}
                Law::NotSignedIn => return self.unlawful(id, ErrorCode::NotSignedIn).await,
                Law::OutOfOrder => return self.unlawful(id, ErrorCode::OutOfOrder).await,
            }
            let step = match message {
                ClientMessage::Hello(hello) => self.hello(&hello, id).await?,
                ClientMessage::Ping(ping) => Step::Answer(
                    Pong {
                        n: ping.n,
                        now_ms: wall_ms(),
                    }
                    .into(),
                ),
                ClientMessage::NameCheck(check) => self.name_check(check).await,
                ClientMessage::Register(register) => self.register(register).await,
                ClientMessage::Login(login) => self.login(login).await,
                ClientMessage::Recover(wish) => self.recover(wish).await,
                ClientMessage::Token(token) => self.token(token).await,
                _ => return Err(ConnectionEnd::Left),
            };
            match step {
                Step::Answer(answer) => self.say(id, answer).await?,
                Step::Pass(pass) => return Ok(Entry::Session(pass, id)),
                Step::Transfer(hello_ok, account, device) => {
                    self.say(id, hello_ok).await?;
                    return Ok(Entry::Transfer(account, device));
                }
            }
        }
    }

    /// The next message; unknown kinds are passed over.
    async fn next(&mut self) -> Result<Envelope<ClientMessage>, ConnectionEnd> {
        loop {
            let frame = match self.wire.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => match self.wire.read().await {
                    Ok(0) => return Err(ConnectionEnd::PeerClosed),
                    Ok(_) => continue,
                    Err(_) => return Err(ConnectionEnd::Reset),
                },
                Err(FrameError::TooLarge { .. }) => return Err(ConnectionEnd::FrameTooLarge),
                Err(_) => return Err(ConnectionEnd::BadFrame),
            };
            let Frame::Message(payload) = frame else {
                return Err(ConnectionEnd::OutOfOrder);
            };
            match decode_client(&payload) {
                Ok(Decoded::Known(envelope)) => return Ok(envelope),
                Ok(Decoded::Unknown { id: None, .. }) => {}
                Ok(Decoded::Unknown { kind, id }) => {
                    let error = Error {
                        code: ErrorCode::Unsupported,
                        text: format!("unknown request {kind}"),
                    };
                    self.say(id, error.into()).await?;
                }
                Err(_) => return Err(ConnectionEnd::BadMessage),
            }
        }
    }

    async fn say(&mut self, re: Option<u64>, message: ServerMessage) -> Result<(), ConnectionEnd> {
        self.wire.write(encode_server(&Envelope::answer(re, message)));
        self.wire.flush().await.map_err(|_| ConnectionEnd::Reset)
    }

    async fn unlawful<T>(&mut self, id: Option<u64>, code: ErrorCode) -> Result<T, ConnectionEnd> {
        let text = ConnectionEnd::OutOfOrder.sentence().to_owned();
        self.say(id, Error { code, text }.into()).await?;
        Err(ConnectionEnd::OutOfOrder)
    }

    async fn last_words(&mut self, end: ConnectionEnd) {
        let words = async {
            if self.wire.flush().await.is_ok()
                && let Some(reason) = end.goodbye()
            {
                let goodbye = Goodbye {
                    reason,
                    retry_after_ms: 0,
                    jitter_ms: 0,
                    instance: None,
                };
                let _ = self.say(None, goodbye.into()).await;
            }
        };
        if tokio::time::timeout(LAST_WORDS, words).await.is_ok() {
            let _ = tokio::time::timeout(LINGER, self.wire.shut()).await;
        }
    }

    async fn hello(&mut self, hello: &Hello, id: Option<u64>) -> Result<Step, ConnectionEnd> {
        let code = if hello.protocol_max < PROTOCOL_MIN {
            RefusedCode::ProtocolTooOld
        } else if hello.protocol_min > PROTOCOL {
            RefusedCode::ProtocolTooNew
        } else if hello.role == Role::Transfer {
            let (code, end) = match hello::transfer(self.net, hello) {
                Ok((account, device)) => {
                    let hello_ok = hello::hello_ok(self.net, hello);
                    return Ok(Step::Transfer(hello_ok, account, device));
                }
                Err(refused) => refused,
            };
            self.say(id, super::error(code, end.sentence())).await?;
            return Err(end);
        } else {
            self.phase = Phase::SignIn;
            return Ok(Step::Answer(hello::hello_ok(self.net, hello)));
        };
        self.say(id, Refused { code, retry_ms: 0 }.into()).await?;
        Err(ConnectionEnd::NoProtocol)
    }

    async fn name_check(&mut self, check: NameCheck) -> Step {
        self.checks += 1;
        if self.checks > NAME_CHECKS_MAX {
            return no(RefusedCode::SlowDown, BUSY_RETRY_MS);
        }
        match self
            .net
            .store
            .invite_valid(secret::hash(&check.invite.0), wall_ms())
            .await
        {
            Ok(true) => {}
            Ok(false) => return no(RefusedCode::InviteInvalid, 0),
            Err(error) => return not_now(&error),
        }
        let Some(name) = name::prepare(&check.username) else {
            return no(RefusedCode::NameNotAllowed, 0);
        };
        match self.net.store.name_free(name.skeleton).await {
            Ok(true) => Step::Answer(NameFree {}.into()),
            Ok(false) => no(RefusedCode::NameTaken, 0),
            Err(error) => not_now(&error),
        }
    }

    async fn register(&mut self, register: Register) -> Step {
        if self.net.about.registration == Registration::Closed {
            return no(RefusedCode::RegistrationClosed, 0);
        }
        let Some(name) = name::prepare(&register.username) else {
            return no(RefusedCode::NameNotAllowed, 0);
        };
        if !name::display_name_ok(&register.display_name) {
            return no(RefusedCode::NameNotAllowed, 0);
        }
        if !password::is_strong(&register.password.0) {
            return no(RefusedCode::WeakPassword, 0);
        }
        if let Err(step) = self.password_turn(&name.skeleton).await {
            return step;
        }
        let began_ms = self.net.hub.clock().now_ms();
        let Ok(password_hash) = self.net.passwords.hash(&register.password).await else {
            return no(RefusedCode::Busy, BUSY_RETRY_MS);
        };
        let (token, token_hash) = secret::mint();
        let device_name = device_name(&register.device);
        let new = NewAccount {
            mid: register.mid,
            invite: Some(secret::hash(&register.invite.0)),
            username: name.username,
            skeleton: name.skeleton,
            password_hash,
            display_name: register.display_name,
            device: Some((device_name.clone(), token_hash)),
            now_ms: wall_ms(),
        };
        let (instance, name) = (register.instance, Some(device_name));
        match self.net.store.register(new).await {
            Ok(Registered::Made(device)) => Step::Pass(Box::new(Pass {
                device,
                instance,
                token: Some(token),
                name,
                began_ms,
            })),
            Ok(Registered::Repeat(known)) => {
                let phc = Some(known.password_hash.clone());
                match self.net.passwords.verify(&register.password, phc).await {
                    Ok(true) if known.disabled => no(RefusedCode::Disabled, 0),
                    Ok(true) => self.new_device(known, &register.device, instance, began_ms).await,
                    Ok(false) => no(RefusedCode::NameTaken, 0),
                    Err(password::Busy) => no(RefusedCode::Busy, BUSY_RETRY_MS),
                }
            }
            Ok(Registered::InviteInvalid) => no(RefusedCode::InviteInvalid, 0),
            Ok(Registered::NameTaken) => no(RefusedCode::NameTaken, 0),
            Err(error) => not_now(&error),
        }
    }

    async fn login(&mut self, login: Login) -> Step {
        let name = match self.named_turn(&login.username).await {
            Ok(name) => name,
            Err(step) => return step,
        };
        let began_ms = self.net.hub.clock().now_ms();
        let known = match name {
            Some(name) => self.net.store.credentials(name.skeleton).await,
            None => Ok(None),
        };
        let known = match known {
            Ok(known) => known,
            Err(error) => return not_now(&error),
        };
        // An unknown name costs the same and gets the same answer.
        let phc = known.as_ref().map(|known| known.password_hash.clone());
        match (self.net.passwords.verify(&login.password, phc).await, known) {
            (Err(password::Busy), _) => no(RefusedCode::Busy, BUSY_RETRY_MS),
            (Ok(true), Some(known)) if known.disabled => no(RefusedCode::Disabled, 0),
            (Ok(true), Some(known)) => {
                self.new_device(known, &login.device, login.instance, began_ms)
                    .await
            }
            _ => no(RefusedCode::BadCredentials, 0),
        }
    }

    async fn token(&mut self, token: Token) -> Step {
        let address = self.address;
        if let Err(step) = self.turn(|rates| &mut rates.tokens, address).await {
            return step;
        }
        let began_ms = self.net.hub.clock().now_ms();
        match self.net.store.device_by_token(secret::hash(&token.token.0)).await {
            Ok(Some(device)) if device.disabled => no(RefusedCode::Disabled, 0),
            Ok(Some(device)) => Step::Pass(Box::new(Pass {
                device,
                instance: token.instance,
                token: None,
                name: None,
                began_ms,
            })),
            Ok(None) => no(RefusedCode::BadToken, 0),
            Err(error) => not_now(&error),
        }
    }

    async fn new_device(&self, known: Credentials, name: &str, instance: Instance, began_ms: u64) -> Step {
        let (token, hash) = secret::mint();
        let name = device_name(name);
        match self
            .net
            .store
            .add_device(known, name.clone(), hash, wall_ms())
            .await
        {
            Ok(None) => no(RefusedCode::BadCredentials, 0),
            Ok(Some(device)) => Step::Pass(Box::new(Pass {
                device,
                instance,
                token: Some(token),
                name: Some(name),
                began_ms,
            })),
            Err(error) => not_now(&error),
        }
    }

    /// Prepares a name somebody claims to have, which may be no name at all, and waits for its turn.
    async fn named_turn(&self, username: &str) -> Result<Option<name::Prepared>, Step> {
        let name = name::prepare(username);
        let key = name.as_ref().map_or(username, |name| &name.skeleton);
        self.password_turn(key).await?;
        Ok(name)
    }

    /// Waits for a token of this address and of this name.
    async fn password_turn(&self, name: &str) -> Result<(), Step> {
        self.turn(|rates| &mut rates.passwords_by_address, self.address)
            .await?;
        self.turn(|rates| &mut rates.passwords_by_name, name.to_owned())
            .await
    }

    async fn turn<K: Eq + Hash + Clone>(
        &self,
        which: impl Fn(&mut super::Rates) -> &mut Buckets<K>,
        key: K,
    ) -> Result<(), Step> {
        let mut left_ms = DELAY_MS_MAX;
        loop {
            let now_ms = self.net.hub.clock().now_ms();
            let taken = which(&mut self.net.rates()).take(key.clone(), now_ms);
            match taken {
                Ok(()) => return Ok(()),
                Err(wait_ms) if wait_ms > left_ms => return Err(no(RefusedCode::SlowDown, wait_ms)),
                Err(wait_ms) => {
                    left_ms -= wait_ms;
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                }
            }
        }
    }

    /// Tells the hub, then the client. From here on the connection is a session, not yet present.
    async fn admit(mut self, pass: Pass, id: Option<u64>) -> Result<Admitted, ConnectionEnd> {
        let Pass {
            device,
            instance,
            token,
            name,
            began_ms,
        } = pass;
        let me = Me {
            account: device.account,
            device: device.device,
            username: device.username.clone(),
        };
        let notice = name.map(|device| {
            Box::new(ServerMessage::from(SignInNotice {
                device,
                address: self.address.to_string(),
            }))
        });
        let pipe = self.net.hub.pipe();
        if device.ahead {
            pipe.set_rolled_back();
        }
        let open = Open {
            conn: pipe.conn,
            account: me.account,
            device: me.device,
            instance,
            began_ms,
            notice,
        };
        let signed_in = SignedIn {
            account: me.account,
            device: me.device,
            username: device.username,
            owner: device.owner,
            token,
            next_pin: self.net.inviter.next_pin(),
            addresses: self.net.inviter.addresses(),
        };
        pipe.answer(id, signed_in);
        self.wire.set_limit(FRAME_BYTES_MAX);
        self.net.hub.open(open, Arc::clone(&pipe), self.address).await;
        Ok(Admitted {
            wire: self.wire,
            pipe,
            me: Arc::new(me),
        })
    }
}

fn device_name(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(DEVICE_CHARS_MAX)
        .collect()
}
