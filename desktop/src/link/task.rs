//! The link's one task: which account it serves, when it tries again, and what it does with each command meanwhile.

use super::around::{Around, Change};
use super::conn::{Conn, Problem};
use super::files::Files;
use super::outbox::Outbox;
use super::pictures::{Wanted, Wish};
use super::session::End;
use super::sink::Sink;
use super::transfers::Order;
use super::{Options, join};
use crate::model::command::{Account, Ask, LinkCommand};
use crate::model::event::{Event, Failure, LinkEvent, Reply};
use crate::platform;
use crate::storage::shelf::Shelf;
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::control::Goodbye;
use breeze_protocol::message::hello::HelloOk;
use breeze_protocol::message::sign_in::{SignedIn, Token};
use breeze_protocol::{Instance, ServerMessage, StatusKind};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;

/// Longest pause between two tries, milliseconds.
const BACKOFF_MS_MAX: u64 = 60_000;
/// First pause, milliseconds; doubled with each failure, and a random part of it is waited.
const BACKOFF_MS_FIRST: u64 = 500;
/// A connection that held so long was a good one, milliseconds: the next loss begins at the first pause again.
const GOOD_MS: u64 = 30_000;
/// How often a full event queue is tried again: the window empties it before every frame.
const EVENTS_AGAIN: Duration = Duration::from_millis(5);
/// Goodbye is said within this time or not at all.
pub(super) const BYE_WAIT: Duration = Duration::from_millis(250);

/// The task's state between connections.
pub(super) struct Task {
    pub(super) options: Options,
    pub(super) instance: Instance,
    commands: Receiver<LinkCommand>,
    sink: Sink,
    /// Events that found the queue full. Bounded: nothing is read from the server while any waits.
    pending: VecDeque<Event>,
    pub(super) account: Option<Account>,
    pub(super) status: StatusKind,
    pub(super) outbox: Outbox,
    pub(super) wanted: Wanted,
    /// A change of the profile that a lost connection cut.
    pub(super) wish: Option<Wish>,
    pub(super) conn_no: u64,
    pub(super) files: Files,
    around: Around,
    tries: u32,
}

/// What a task that waits for something else hears meanwhile.
#[derive(Debug)]
pub(super) enum News {
    /// A command; `None`: the app is gone.
    Command(Option<LinkCommand>),
    /// The computer woke, or the network changed.
    Around(Change),
    /// A file moved, or wants a ticket: look what can be done.
    Files,
}

/// A command that changes what the task does.
#[derive(Debug)]
pub(super) enum Turn {
    /// Serve the account.
    Serve,
    /// Reach, check, register or sign in.
    Join(LinkCommand),
    /// Try at once.
    TryNow,
    /// A new connection.
    Reconnect,
    /// Nothing to serve any more.
    Forget,
    /// End.
    Bye,
}

impl Task {
    pub(super) fn new(options: Options, commands: Receiver<LinkCommand>, sink: Sink) -> Self {
        Self {
            files: Files::start(Shelf::of(&options.data)),
            options,
            instance: platform::instance(),
            commands,
            sink,
            pending: VecDeque::new(),
            account: None,
            status: StatusKind::default(),
            outbox: Outbox::default(),
            wanted: Wanted::default(),
            wish: None,
            conn_no: 0,
            around: Around::new(),
            tries: 0,
        }
    }

    /// Runs until `Bye`, or until the app is gone.
    pub(super) async fn run(mut self) {
        let mut turn = None;
        loop {
            turn = match turn {
                None | Some(Turn::Forget) => self.idle().await,
                Some(Turn::Bye) => return,
                Some(Turn::Join(first)) => join::join(&mut self, first).await,
                Some(Turn::Serve | Turn::TryNow | Turn::Reconnect) if self.account.is_none() => None,
                Some(Turn::Serve | Turn::TryNow | Turn::Reconnect) => self.serve().await,
            };
        }
    }

    async fn idle(&mut self) -> Option<Turn> {
        match self.command().await {
            Some(command) => self.note(command),
            None => Some(Turn::Bye),
        }
    }

    /// The next command; what happens around the link does not matter just now.
    pub(super) async fn command(&mut self) -> Option<LinkCommand> {
        loop {
            if let News::Command(command) = self.news().await {
                return command;
            }
        }
    }

    /// The next command, or the next change around the link, while events that wait are put away.
    pub(super) async fn news(&mut self) -> News {
        loop {
            if let Some(change) = self.around.look() {
                return News::Around(change);
            }
            let flushed = self.flush();
            self.order_uploads();
            let news = tokio::select! {
                biased;
                command = self.commands.recv() => return News::Command(command),
                news = self.files.next(), if flushed => news,
                () = self.around.wait() => continue,
                () = sleep(EVENTS_AGAIN), if !flushed => continue,
            };
            self.file_news(news);
            return News::Files;
        }
    }

    /// Tells the model.
    pub(super) fn emit(&mut self, event: Event) {
        self.pending.push_back(event);
        self.flush();
    }

    /// Tells the model of the link.
    pub(super) fn tell(&mut self, event: LinkEvent) {
        self.emit(Event::Link(event));
    }

    /// Puts away what waits; whether nothing is left.
    pub(super) fn flush(&mut self) -> bool {
        while let Some(event) = self.pending.pop_front() {
            if let Err(event) = self.sink.put(event) {
                self.pending.push_front(*event);
                return false;
            }
        }
        true
    }

    /// What every command means when no session is there to take it.
    pub(super) fn note(&mut self, command: LinkCommand) -> Option<Turn> {
        match command {
            LinkCommand::Send(row) => self.outbox.add(row),
            LinkCommand::Return(rows) => self.outbox.put_first(rows),
            LinkCommand::Resend(mid) => self.outbox.resend(mid),
            LinkCommand::Stored(_, place) => self.stored(place),
            LinkCommand::Status(status) => self.status = status,
            LinkCommand::WantBlob(of, hash) => self.wanted.add(of, hash),
            LinkCommand::Request(ask, _) => self.emit(Event::Answer(ask, Reply::Lost)),
            LinkCommand::SetProfile { .. } => {
                // Whoever wishes anew has given up the wish that was cut.
                self.wish = None;
                self.emit(Event::Answer(Ask::Profile, Reply::Lost));
            }
            LinkCommand::SetGroup(..) => self.emit(Event::Answer(Ask::Group, Reply::Lost)),
            LinkCommand::FetchFile(place, hash, size) => self.files.order(Order::Down(place, hash, size)),
            LinkCommand::CancelFile(transfer) => self.cancel_file(transfer),
            LinkCommand::Say(_) => {}
            LinkCommand::Use(account) => {
                self.status = account.status;
                self.account = Some(*account);
                return Some(Turn::Serve);
            }
            LinkCommand::TryNow => return Some(Turn::TryNow),
            LinkCommand::Reconnect => return Some(Turn::Reconnect),
            LinkCommand::Forget => {
                self.forget();
                return Some(Turn::Forget);
            }
            LinkCommand::Bye => return Some(Turn::Bye),
            command @ (LinkCommand::Reach(_)
            | LinkCommand::NameCheck { .. }
            | LinkCommand::Register { .. }
            | LinkCommand::Login { .. }
            | LinkCommand::Recover { .. }) => return Some(Turn::Join(command)),
        }
        None
    }

    /// The store has everything up to here.
    pub(super) fn stored(&mut self, place: Option<crate::model::command::Place>) {
        if let (Some(account), Some(place)) = (&mut self.account, place) {
            account.place = place;
        }
    }

    fn forget(&mut self) {
        self.account = None;
        self.outbox.clear();
        self.wanted.clear();
        self.wish = None;
        self.files.order(Order::Forget);
        self.tries = 0;
    }

    /// Keeps a session with the account's server for as long as there is an account.
    async fn serve(&mut self) -> Option<Turn> {
        loop {
            self.tell(LinkEvent::Trying);
            let began = platform::mono_ms();
            let end = match self.sign_in().await {
                Ok((conn, hello)) => self.session(conn, hello).await,
                Err(end) => end,
            };
            self.outbox.lost();
            if platform::mono_ms().saturating_sub(began) >= GOOD_MS {
                self.tries = 0;
            }
            match self.after(end).await {
                Ok(()) => {}
                Err(turn) => return turn,
            }
        }
    }

    /// A session on a connection that is signed in already, then the same as ever.
    pub(super) async fn serve_from(&mut self, conn: Conn, hello: HelloOk) -> Option<Turn> {
        self.tries = 0;
        let end = self.session(conn, hello).await;
        self.outbox.lost();
        match self.after(end).await {
            Ok(()) => Some(Turn::Serve),
            Err(turn) => turn,
        }
    }

    /// What follows the end of a connection: another try (`Ok`), or something else.
    async fn after(&mut self, end: End) -> Result<(), Option<Turn>> {
        let (wait, restarting, why) = match end {
            End::Turn(Turn::TryNow | Turn::Serve) => return Ok(()),
            End::Turn(Turn::Reconnect) => (self.backoff(), false, Failure::Lost),
            End::Turn(turn) => return Err(Some(turn)),
            End::Problem(Problem::WrongPin | Problem::Looked(_)) => {
                let address = self.address();
                self.tell(LinkEvent::WrongPin { address });
                return self.wait_to_be_told().await;
            }
            End::Problem(Problem::Protocol { server_old }) => {
                self.tell(LinkEvent::Protocol { server_old });
                return self.wait_to_be_told().await;
            }
            End::Problem(Problem::Failure(why)) => (self.backoff(), false, why),
            End::Problem(Problem::Wait(after, jitter)) => (window(after, jitter), true, Failure::Busy),
            End::Refused(refused) => {
                let passing = matches!(refused.code, RefusedCode::Busy | RefusedCode::SlowDown);
                if !passing {
                    self.tell(LinkEvent::Refused(refused));
                    return self.wait_to_be_told().await;
                }
                (self.backoff().max(refused.retry_ms), false, Failure::Busy)
            }
            End::Goodbye(goodbye) => match self.goodbye(&goodbye) {
                Some(wait) => wait,
                None => {
                    self.tell(LinkEvent::Ended(goodbye.reason));
                    return self.wait_to_be_told().await;
                }
            },
        };
        self.tell(LinkEvent::Down {
            next_try_ms: Some(wait),
            restarting,
            why,
        });
        self.pause(wait).await
    }

    /// When to come back after a goodbye; `None`: not by oneself.
    fn goodbye(&mut self, goodbye: &Goodbye) -> Option<(u64, bool, Failure)> {
        let by_itself = (self.backoff(), false, Failure::Lost);
        match goodbye.reason {
            GoodbyeCode::Replaced => {
                let another = goodbye.instance.is_some_and(|instance| instance != self.instance);
                if another { None } else { Some(by_itself) }
            }
            GoodbyeCode::Kicked | GoodbyeCode::Revoked | GoodbyeCode::Disabled => None,
            GoodbyeCode::Restarting => Some((
                window(goodbye.retry_after_ms, goodbye.jitter_ms),
                true,
                Failure::Lost,
            )),
            GoodbyeCode::Overload => Some((by_itself.0.max(goodbye.retry_after_ms), false, Failure::Busy)),
            _ => Some(by_itself),
        }
    }

    /// Full jitter: many clients that lost a server together do not come back together.
    fn backoff(&mut self) -> u64 {
        let most = BACKOFF_MS_FIRST
            .saturating_mul(1 << self.tries.min(10))
            .min(BACKOFF_MS_MAX);
        self.tries = self.tries.saturating_add(1);
        platform::chance_below(most + 1)
    }

    /// Waits before the next try. A computer that woke, or a network that changed, is tried at once.
    async fn pause(&mut self, wait_ms: u64) -> Result<(), Option<Turn>> {
        let until = tokio::time::Instant::now() + Duration::from_millis(wait_ms);
        loop {
            let news = tokio::select! {
                news = self.news() => news,
                () = tokio::time::sleep_until(until) => return Ok(()),
            };
            let command = match news {
                News::Command(command) => command,
                News::Files => continue,
                News::Around(change) => {
                    self.look_again(change);
                    return Ok(());
                }
            };
            match command.map(|command| self.note(command)) {
                None => return Err(Some(Turn::Bye)),
                Some(Some(Turn::TryNow)) => return Ok(()),
                Some(None | Some(Turn::Reconnect)) => {}
                Some(turn) => return Err(turn),
            }
        }
    }

    /// What was learnt of the way to the server is worth nothing any more.
    fn look_again(&mut self, change: Change) {
        self.tries = 0;
        if change == Change::Woke {
            self.tell(LinkEvent::Unsure);
        }
    }

    /// Trying again by oneself would be wrong or useless.
    async fn wait_to_be_told(&mut self) -> Result<(), Option<Turn>> {
        loop {
            let command = self.command().await;
            match command.map(|command| self.note(command)) {
                None => return Err(Some(Turn::Bye)),
                Some(Some(Turn::TryNow)) => return Ok(()),
                Some(None | Some(Turn::Reconnect)) => {}
                Some(turn) => return Err(turn),
            }
        }
    }

    fn address(&self) -> String {
        self.account
            .as_ref()
            .map_or_else(String::new, |it| format!("{}:{}", it.host, it.port))
    }

    /// Connects and signs in by the device's token, which goes only to a server that proved its key.
    async fn sign_in(&mut self) -> Result<(Conn, HelloOk), End> {
        let Some(account) = self.account.clone() else {
            return Err(End::Turn(Turn::Forget));
        };
        let Some(token) = account.token.clone() else {
            return Err(End::Turn(Turn::Forget));
        };
        let place = self.place(&account);
        let instance = self.instance;
        let signing = async {
            let (mut conn, hello) = Conn::open(&place).await.map_err(End::Problem)?;
            match conn.ask(Token { token, instance }).await.map_err(End::Problem)? {
                ServerMessage::SignedIn(signed) => Ok((conn, hello, signed)),
                ServerMessage::Refused(refused) => Err(End::Refused(refused)),
                ServerMessage::Goodbye(goodbye) => Err(End::Goodbye(goodbye)),
                _ => Err(End::Problem(Problem::Failure(Failure::NotBreeze))),
            }
        };
        let (conn, hello, signed) = self.while_nothing_changes(signing).await?;
        // The announced key has come: from now on it is the only one.
        let pin = conn.pin().map_or_else(|| account.pin.clone(), str::to_owned);
        self.signed_in(&hello, &signed, Account { pin, ..account }, false);
        Ok((conn, hello))
    }

    /// Does something that takes time and is worth nothing once the network has changed: then it is begun anew.
    async fn while_nothing_changes<T>(
        &mut self,
        work: impl Future<Output = Result<T, End>>,
    ) -> Result<T, End> {
        tokio::pin!(work);
        loop {
            let news = tokio::select! {
                done = &mut work => return done,
                news = self.news() => news,
            };
            let command = match news {
                News::Command(command) => command,
                News::Files => continue,
                News::Around(change) => {
                    self.look_again(change);
                    return Err(End::Turn(Turn::TryNow));
                }
            };
            match command.map(|command| self.note(command)) {
                None => return Err(End::Turn(Turn::Bye)),
                Some(None | Some(Turn::TryNow | Turn::Reconnect)) => {}
                Some(Some(turn)) => return Err(End::Turn(turn)),
            }
        }
    }

    /// Does something that takes time, and still takes commands.
    pub(super) async fn while_listening<T>(
        &mut self,
        work: impl Future<Output = Result<T, End>>,
    ) -> Result<T, End> {
        tokio::pin!(work);
        loop {
            let command = tokio::select! {
                done = &mut work => return done,
                command = self.command() => command,
            };
            match command.map(|command| self.note(command)) {
                None => return Err(End::Turn(Turn::Bye)),
                Some(None | Some(Turn::TryNow | Turn::Reconnect)) => {}
                Some(Some(turn)) => return Err(End::Turn(turn)),
            }
        }
    }

    /// Keeps what the server said about the account, and tells the model.
    pub(super) fn signed_in(&mut self, hello: &HelloOk, signed: &SignedIn, base: Account, fresh: bool) {
        let account = Account {
            server: hello.server_id,
            account: signed.account,
            device: signed.device,
            username: signed.username.clone(),
            owner: signed.owner,
            server_name: hello.server_name.clone(),
            next_pin: next_pin(&base.pin, signed.next_pin.as_deref()),
            token: signed.token.clone().or(base.token),
            ..base
        };
        self.account = Some(account.clone());
        self.tell(LinkEvent::SignedIn {
            signed: Box::new(signed.clone()),
            account: Box::new(account),
            fresh,
        });
    }
}

/// What is announced counts only when the one who says it is known by a pin, and only when it is news.
fn next_pin(pin: &str, announced: Option<&str>) -> String {
    let news = announced.filter(|next| !pin.is_empty() && *next != pin);
    news.unwrap_or_default().to_owned()
}

fn window(after_ms: u64, jitter_ms: u64) -> u64 {
    let jitter = platform::chance_below(jitter_ms.saturating_add(1));
    after_ms.saturating_add(jitter).min(BACKOFF_MS_MAX)
}
