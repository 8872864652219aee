//! A device of the pretend world: a real client's rules, its own store and outbox, and somebody who writes, reads, dies and
//! comes back.

use super::book::{Part, Shared};
use super::network::{Cable, Fate, Network};
use crate::client::script::instance;
use crate::client::{Client, Habits, Sink};
use crate::local::Local;
use crate::wait;
use crate::world::Chance;
use breeze_desktop::link::beat::{Beat, Pulse};
use breeze_protocol::message::chat::{EntryKind, Read, Send, Sent};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::control::Bye;
use breeze_protocol::message::group::{GroupInvite, GroupRemove};
use breeze_protocol::message::prefs::{ItemSet, PrefsChange};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{AccountId, ClientMessage, ConvId, Mid, ServerMessage};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often a device looks what there is to do.
const STEP: Duration = Duration::from_millis(25);
/// Longest pause between two deeds, milliseconds.
const DEED_MS: u64 = 2500;
/// Longest life of a program, and longest time until it is started again, milliseconds.
const LIFE_MS: u64 = 60_000;
const AWAY_MS: u64 = 12_000;
/// Deeds of the group's owner that change who is in it, of a thousand.
const GROUP_PER_MILLE: u64 = 80;
/// Deeds soon after which the cable is cut, of a thousand.
const CUT_PER_MILLE: u64 = 60;
/// First and longest pause before another try, milliseconds.
const BACKOFF_MS: (u64, u64) = (500, 8000);
/// How long a request is waited for before it waits for the next connection.
const ANSWER: Duration = Duration::from_secs(3);
/// How long a sign-in may take.
const SIGN_IN: Duration = Duration::from_secs(10);
/// Wishes that may wait: past it the person waits.
const WISHES_MAX: usize = 12;

/// How somebody leaves at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Not at all.
    Stays,
    /// Says goodbye.
    Bye,
    /// The program dies.
    Dies,
    /// The cable is pulled.
    Cable,
}

/// Something that is not a message of a conversation: made by a request, repeated until answered.
#[derive(Debug, Clone)]
enum Wish {
    Send(Send),
    Ask(ClientMessage),
}

/// One device.
pub(super) struct Device {
    pub(super) number: usize,
    pub(super) account: AccountId,
    pub(super) token: Secret,
    pub(super) local: Arc<Mutex<Local>>,
    pub(super) leave: Leave,
    pub(super) book: Shared,
    pub(super) network: Network,
    pub(super) chance: Chance,
    /// Everybody's account, to be brought in and put out of the group by its owner.
    pub(super) people: Vec<AccountId>,
    outbox: VecDeque<Wish>,
    /// Texts written so far, by place of the conversation in the book.
    written: Vec<u64>,
}

/// Why a connection is over.
enum End {
    /// The network or the server.
    Lost,
    /// The program died.
    Died,
    /// It has left for good.
    Left,
}

impl Device {
    #[expect(clippy::too_many_arguments, reason = "a device is put together in one place")]
    pub(super) fn new(
        number: usize,
        account: AccountId,
        token: Secret,
        leave: Leave,
        book: Shared,
        network: Network,
        chance: Chance,
        people: Vec<AccountId>,
    ) -> Self {
        let (local, outbox, written) = (Arc::default(), VecDeque::new(), Vec::new());
        Self {
            number,
            account,
            token,
            local,
            leave,
            book,
            network,
            chance,
            people,
            outbox,
            written,
        }
    }

    /// Its whole life.
    pub(super) async fn live(mut self) {
        let mut program = instance();
        let mut tries = 0;
        loop {
            let began = Instant::now();
            match self.connected(program).await {
                End::Left => return,
                End::Lost => {}
                End::Died => {
                    program = instance();
                    self.book.open().deaths += 1;
                    wait::run_for(Duration::from_millis(self.chance.below(AWAY_MS))).await;
                }
            }
            self.book.open().seen.remove(&self.number);
            tries = if began.elapsed() > Duration::from_secs(30) {
                0
            } else {
                tries + 1
            };
            let (first, longest) = BACKOFF_MS;
            let most = (first << tries.min(8)).min(longest);
            wait::run_for(Duration::from_millis(self.chance.below(most))).await;
        }
    }

    fn part(&self) -> Part {
        self.book.open().part
    }

    /// One connection from its first step to its end.
    async fn connected(&mut self, program: breeze_protocol::Instance) -> End {
        let number = u8::try_from(self.number + 1).expect("a handful of devices");
        let Some((stream, cable)) = self.network.connect(number).await else {
            return End::Lost;
        };
        let (book, local) = (self.book.clone(), Arc::clone(&self.local));
        let sink: Sink = Arc::new(move |_, message| {
            if let ServerMessage::Receipts(receipts) = message {
                book.open().judge_receipts(receipts, &local);
            }
        });
        let habits = Habits {
            heartbeat: false,
            remembers: false,
            ..Habits::default()
        };
        let client = Client::over(stream, habits, Arc::clone(&self.local), Some(sink));
        let signed_in = async {
            let mut client = client.greet().await.ok()?;
            let token = breeze_protocol::message::sign_in::Token {
                token: self.token.clone(),
                instance: program,
            };
            match client.ask(token).await.ok()? {
                ServerMessage::SignedIn(_) => {}
                other => {
                    let sentence = format!("device {} is not let in: {other:?}", self.number);
                    self.book.open().wrong.push(sentence);
                    return None;
                }
            }
            client.try_resume(StatusKind::Online).await.ok()?;
            Some(client)
        };
        match timeout(SIGN_IN, signed_in).await {
            Ok(Some(client)) => self.session(client, &cable).await,
            _ => End::Lost,
        }
    }

    async fn session(&mut self, client: Client, cable: &Cable) -> End {
        let began = Instant::now();
        let mono_ms = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut beat = Beat::new(0);
        let mut deed_ms = self.chance.below(DEED_MS);
        let dies_ms = self.chance.below(LIFE_MS);
        if !self.repeat(&client).await {
            return End::Lost;
        }
        loop {
            wait::run_for(STEP).await;
            if client.state().closed.is_some() {
                return End::Lost;
            }
            beat.pong(client.state().pong);
            match beat.tick(mono_ms()) {
                Pulse::Ping(ping) if client.tell(ping).await.is_err() => return End::Lost,
                Pulse::Dead => return End::Lost,
                _ => {}
            }
            self.note(&client);
            if !self.answers(&client).await {
                return End::Lost;
            }
            match self.part() {
                Part::Storm if mono_ms() >= dies_ms => return End::Died,
                Part::Storm if mono_ms() >= deed_ms => {
                    deed_ms = mono_ms() + self.chance.below(DEED_MS);
                    if !self.deed(&client).await {
                        return End::Lost;
                    }
                    if self.chance.happens(CUT_PER_MILLE) {
                        cable.cut_soon(&mut self.chance);
                    }
                }
                Part::Leaving if self.leave != Leave::Stays => return self.go(client, cable).await,
                _ => {}
            }
        }
    }

    /// Leaves for good.
    async fn go(&mut self, client: Client, cable: &Cable) -> End {
        self.book.open().seen.remove(&self.number);
        match self.leave {
            Leave::Bye => {
                let _ = client.tell(Bye {}).await;
                wait::run_for(Duration::from_secs(1)).await;
            }
            Leave::Cable => {
                cable.meet(Fate::Dark(true, true));
                // The program goes on and hears nothing; nor is its end told.
                std::future::pending::<()>().await;
            }
            Leave::Dies | Leave::Stays => {}
        }
        End::Left
    }

    /// What this device shows now, and what it waits for.
    fn note(&self, client: &Client) {
        let state = client.state();
        let seen = self
            .people
            .iter()
            .map(|account| (*account, state.presence.state(*account)));
        let seen = seen.collect();
        drop(state);
        let mut book = self.book.open();
        book.seen.insert(self.number, seen);
        book.waiting.insert(self.number, self.outbox.len());
    }

    /// Says everything again that is not answered, in its order.
    async fn repeat(&mut self, client: &Client) -> bool {
        self.book.open().sent_again += self.outbox.len() as u64;
        for at in 0..self.outbox.len() {
            let Some(wish) = self.outbox.get(at).cloned() else {
                break;
            };
            let Wish::Send(send) = wish else { continue };
            if client.tell(send).await.is_err() {
                return false;
            }
        }
        let asks: Vec<ClientMessage> = self.outbox.iter().filter_map(asked).collect();
        self.outbox.retain(|wish| matches!(wish, Wish::Send(_)));
        for ask in asks {
            if !self.ask(client, ask).await {
                return false;
            }
        }
        true
    }

    /// Asks now; what is not answered is asked again on the next connection.
    async fn ask(&mut self, client: &Client, ask: ClientMessage) -> bool {
        match timeout(ANSWER, client.ask(ask.clone())).await {
            Ok(Ok(_)) => true,
            _ => {
                self.outbox.push_back(Wish::Ask(ask));
                false
            }
        }
    }

    /// Takes the answers to what was sent.
    async fn answers(&mut self, client: &Client) -> bool {
        loop {
            let answer = client.hear("an answer", Duration::ZERO, |message| match message {
                ServerMessage::Sent(it) => Some(Ok(it.clone())),
                ServerMessage::Nack(it) => Some(Err(it.clone())),
                _ => None,
            });
            match answer.await {
                None => return true,
                Some(Ok(sent)) => self.promised(sent),
                Some(Err(nack)) if nack.transient => {
                    let held = self.outbox.iter().find_map(|wish| match wish {
                        Wish::Send(send) if send.mid == nack.mid => Some(send.clone()),
                        _ => None,
                    });
                    self.book.open().refused += 1;
                    if let Some(send) = held
                        && client.tell(send).await.is_err()
                    {
                        return false;
                    }
                }
                Some(Err(nack)) => {
                    // Put out of the group, or its target was deleted meanwhile: no promise was made.
                    let lawful = matches!(nack.code, NackCode::NotMember | NackCode::BadReference);
                    if !lawful {
                        self.book.open().wrong.push(format!("refused for ever: {nack:?}"));
                    }
                    self.forget(nack.mid);
                }
            }
        }
    }

    fn promised(&mut self, sent: Sent) {
        self.forget(sent.mid);
        let mut book = self.book.open();
        book.dups += u64::from(sent.dup);
        book.sent.push((self.number, sent));
    }

    fn forget(&mut self, mid: Mid) {
        self.outbox
            .retain(|wish| !matches!(wish, Wish::Send(send) if send.mid == mid));
    }

    fn mid(&mut self) -> Mid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.chance.below(u64::MAX).to_be_bytes());
        bytes[8..].copy_from_slice(&self.chance.below(u64::MAX).to_be_bytes());
        Mid(bytes)
    }

    /// Does one thing a person does.
    async fn deed(&mut self, client: &Client) -> bool {
        if self.outbox.len() >= WISHES_MAX {
            return true;
        }
        let convs = self.book.open().convs.clone();
        let at = usize::try_from(self.chance.below(convs.len() as u64)).expect("a handful");
        let conv = convs[at];
        if self.account == self.people[0] && self.chance.happens(GROUP_PER_MILLE) {
            return self.group(client, convs[0]).await;
        }
        let Some(newest) = self.member_up_to(conv) else {
            return true;
        };
        match self.chance.below(100) {
            0..55 => self.write(client, at, conv).await,
            55..70 => client.tell(Read { conv, seq: newest }).await.is_ok(),
            70..85 => self.change(client, conv).await,
            _ => {
                let change = PrefsChange {
                    pinned: Some(self.chance.happens(500)),
                    ..PrefsChange::default()
                };
                let mid = self.mid();
                self.ask(client, ItemSet { mid, conv, change }.into()).await
            }
        }
    }

    /// The newest place of a conversation one is in; `None` when one is not.
    fn member_up_to(&self, conv: ConvId) -> Option<u64> {
        let local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ("conv".to_owned(), conv.to_string());
        local
            .items
            .contains_key(&key)
            .then(|| local.newest(conv).unwrap_or(0))
    }

    async fn send(&mut self, client: &Client, send: Send) -> bool {
        self.outbox.push_back(Wish::Send(send.clone()));
        client.tell(send).await.is_ok()
    }

    async fn write(&mut self, client: &Client, at: usize, conv: ConvId) -> bool {
        self.written.resize(self.written.len().max(at + 1), 0);
        for _ in 0..=self.chance.below(3) {
            self.written[at] += 1;
            let text = format!("{} {}", self.number, self.written[at]);
            let mid = self.mid();
            if !self.send(client, Send::text(mid, conv, text)).await {
                return false;
            }
        }
        true
    }

    /// Edits or deletes something of one's own, or puts an emoji under anything.
    async fn change(&mut self, client: &Client, conv: ConvId) -> bool {
        let texts: Vec<(u64, bool)> = {
            let local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
            let rows = local.rows.range((conv, 0)..=(conv, u64::MAX));
            rows.filter(|(_, row)| row.kind == EntryKind::Text && !row.body.is_empty())
                .map(|((_, seq), row)| (*seq, row.sender == self.account))
                .collect()
        };
        if texts.is_empty() {
            return true;
        }
        let (target, own) = texts[usize::try_from(self.chance.below(texts.len() as u64)).expect("few")];
        let (kind, body) = match (own, self.chance.below(4)) {
            (true, 0) => (EntryKind::Edit, format!("edited by {}", self.number)),
            (true, 1) => (EntryKind::Delete, String::new()),
            (_, 2) => (EntryKind::Reaction, String::new()),
            _ => (EntryKind::Reaction, "\u{1f44d}".to_owned()),
        };
        let send = Send {
            kind,
            target: Some(target),
            ..Send::text(self.mid(), conv, body)
        };
        self.send(client, send).await
    }

    /// The first person owns the group, and puts people out of it and brings them back.
    async fn group(&mut self, client: &Client, conv: ConvId) -> bool {
        let others = self.people.len() as u64 - 1;
        let other = self.people[1 + usize::try_from(self.chance.below(others)).expect("few")];
        let mid = self.mid();
        let ask: ClientMessage = if self.chance.happens(500) {
            GroupRemove {
                mid,
                conv,
                account: other,
            }
            .into()
        } else {
            let accounts = vec![other];
            GroupInvite { mid, conv, accounts }.into()
        };
        self.ask(client, ask).await
    }
}

fn asked(wish: &Wish) -> Option<ClientMessage> {
    match wish {
        Wish::Ask(ask) => Some(ask.clone()),
        Wish::Send(_) => None,
    }
}
