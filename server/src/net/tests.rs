//! The live half on real sockets: a server in this process, raw clients on loopback, the store in memory.

mod heaps;
mod wishes;

use super::{About, Caps, NetStart, serve};
use crate::clock::wall_ms;
use crate::core::Timing;
use crate::fault::Fault;
use crate::hub::{self, HubStart};
use crate::invite::Inviter;
use crate::password::Pool;
use crate::secret;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::open::{OpenStore, Place};
use crate::store::{Committed, Store};
use breeze_protocol::codec::{Decoded, Envelope, decode_server, encode_client};
use breeze_protocol::frame::{Decoder, Frame};
use breeze_protocol::limit::FRAME_BYTES_MAX;
use breeze_protocol::message::chat::{Ack, ConvOpen, Send};
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::control::{Bye, Ping};
use breeze_protocol::message::hello::{Hello, Registration, Role, Roster};
use breeze_protocol::message::presence::Status;
use breeze_protocol::message::resume::{Resume, ResumeMode};
use breeze_protocol::message::sign_in::{Register, Secret, SignedIn, Token};
use breeze_protocol::{AccountId, ClientMessage, Epoch, Instance, Mid, PresenceState, ServerMessage};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

type Commits = tokio::sync::mpsc::Receiver<Committed>;

struct Server {
    store: SqliteStore,
    address: SocketAddr,
    hub: hub::Handle,
    stop: watch::Sender<bool>,
    serving: tokio::task::JoinHandle<()>,
    invite: Secret,
}

async fn server() -> Server {
    server_that(Timing::default(), |committed| committed).await
}

/// A server whose hub hears of commits what is left of them.
async fn server_that(timing: Timing, hears: impl FnOnce(Commits) -> Commits) -> Server {
    let options = OpenStore::new(Place::Memory, Roster::Everyone, wall_ms());
    let (store, committed) = SqliteStore::open(options).expect("memory is always there");
    let (identity, committed) = (store.identity(), hears(committed));
    let rows = store.boot_rows().await.expect("an empty store reads");
    let (invite, hash) = secret::mint_code();
    store
        .invite_create(None, Mid([9; 16]), hash, 100, wall_ms() + 60_000)
        .await
        .expect("an invite can be made");
    let hub = hub::spawn(
        HubStart {
            rows,
            identity,
            committed,
            timing,
            fault: Fault::None,
        },
        store.clone(),
    );
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback has a free port");
    let address = listener.local_addr().expect("bound");
    let (stop, shutdown) = watch::channel(false);
    let about = Arc::new(About {
        server_id: identity.server_id,
        server_name: "test".to_owned(),
        epoch: identity.epoch,
        boot: identity.boot,
        roster: Roster::Everyone,
        registration: Registration::Invite,
        newest_client: String::new(),
        keep_days: 0,
    });
    let passwords = Pool::start().expect("threads can be started");
    let inviter = Arc::new(Inviter::new(
        "127.0.0.1".to_owned(),
        address.port(),
        String::new(),
    ));
    let (listeners, caps, tls) = (vec![listener], Caps::default(), None);
    let hub_ = hub.clone();
    let start = NetStart {
        listeners,
        handed: None,
        tls,
        store: store.clone(),
        hub: hub_,
        about,
        passwords,
        inviter,
        timing,
        caps,
        shutdown,
    };
    Server {
        store,
        address,
        hub,
        stop,
        serving: tokio::spawn(serve(start)),
        invite,
    }
}

struct Client {
    socket: TcpStream,
    decoder: Decoder,
}

impl Client {
    async fn connect(server: &Server) -> Self {
        let socket = TcpStream::connect(server.address)
            .await
            .expect("the server listens");
        Self::greet(socket).await
    }

    async fn greet(socket: TcpStream) -> Self {
        let mut client = Self {
            socket,
            decoder: Decoder::new(FRAME_BYTES_MAX),
        };
        let (protocol_min, protocol_max, role) = (1, 1, Role::Main);
        client
            .say(Hello {
                protocol_min,
                protocol_max,
                client: "test".to_owned(),
                role,
                ticket: None,
            })
            .await;
        assert!(matches!(client.hear().await, ServerMessage::HelloOk(_)));
        client
    }

    async fn say(&mut self, message: impl Into<ClientMessage>) {
        self.ask(1, message).await;
    }

    async fn ask(&mut self, id: u64, message: impl Into<ClientMessage>) {
        let bytes = encode_client(&Envelope::request(id, message));
        self.socket.write_all(&bytes).await.expect("the server reads");
    }

    /// The next message, within the test's patience; `None` when the server has closed.
    async fn next(&mut self) -> Option<ServerMessage> {
        self.envelope().await.map(|envelope| envelope.message)
    }

    async fn envelope(&mut self) -> Option<Envelope<ServerMessage>> {
        loop {
            if let Some(Frame::Message(payload)) = self.decoder.next_frame().expect("the server sends frames")
            {
                match decode_server(&payload).expect("the server sends messages") {
                    Decoded::Known(envelope) => return Some(envelope),
                    Decoded::Unknown { kind, .. } => panic!("unknown {kind}"),
                }
            }
            let read = self.socket.read_buf(self.decoder.buffer_mut());
            let count = tokio::time::timeout(Duration::from_secs(20), read)
                .await
                .expect("the server speaks");
            if count.ok()? == 0 {
                return None;
            }
        }
    }

    async fn hear(&mut self) -> ServerMessage {
        self.next().await.expect("the server has not closed")
    }

    async fn until<T>(&mut self, mut wanted: impl FnMut(&ServerMessage) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.hear().await) {
                return found;
            }
        }
    }

    async fn register(server: &Server, name: &str) -> (Self, SignedIn) {
        Self::connect(server).await.registered(server, name).await
    }

    async fn registered(mut self, server: &Server, name: &str) -> (Self, SignedIn) {
        let client = &mut self;
        let register = Register {
            mid: Mid(secret::random_id()),
            invite: server.invite.clone(),
            username: name.to_owned(),
            password: Secret("correct horse battery".to_owned()),
            display_name: name.to_owned(),
            device: "a test".to_owned(),
            instance: Instance([1; 16]),
        };
        client.say(register).await;
        let ServerMessage::SignedIn(signed_in) = client.hear().await else {
            panic!("signed in")
        };
        (self, signed_in)
    }

    async fn resume(&mut self) -> ResumeMode {
        self.resume_from(Epoch::default(), 0, 0).await
    }

    async fn resume_from(&mut self, epoch: Epoch, boot: u64, cursor: u64) -> ResumeMode {
        let status = Status::default();
        self.say(Resume {
            epoch,
            boot,
            cursor,
            status,
        })
        .await;
        let ServerMessage::Resumed(resumed) = self.hear().await else {
            panic!("resumed comes first")
        };
        assert!(
            matches!(self.hear().await, ServerMessage::PresenceSnapshot(_)),
            "then presence"
        );
        self.until(|it| matches!(it, ServerMessage::Synced(_)).then_some(()))
            .await;
        resumed.mode
    }

    async fn present(server: &Server, name: &str) -> (Self, SignedIn) {
        let (mut client, signed_in) = Self::register(server, name).await;
        assert_eq!(client.resume().await, ResumeMode::Snapshot);
        (client, signed_in)
    }

    async fn sees(&mut self, account: AccountId, state: PresenceState) {
        self.until(|message| match message {
            ServerMessage::Presence(it) => it
                .entries
                .iter()
                .any(|e| e.0 == account && e.2 == state)
                .then_some(()),
            _ => None,
        })
        .await;
    }
}

#[tokio::test]
async fn a_friend_comes_chats_and_leaves() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let (mut bob, bob_is) = Client::present(&server, "bob").await;
    alice.sees(bob_is.account, PresenceState::Online).await;
    alice.say(Ping { n: 1, got: 0 }).await;
    alice
        .until(|it| matches!(it, ServerMessage::Pong(pong) if pong.n == 1).then_some(()))
        .await;
    alice
        .say(ConvOpen {
            mid: Mid([2; 16]),
            account: bob_is.account,
        })
        .await;
    let conv = alice.until(|it| match it {
        ServerMessage::ConvOpened(it) => Some(it.conv),
        _ => None,
    });
    let conv = conv.await;
    alice.say(Send::text(Mid([3; 16]), conv, "hello")).await;
    let sent =
        alice.until(|it| matches!(it, ServerMessage::Sent(_) | ServerMessage::Event(_)).then(|| it.clone()));
    assert!(
        matches!(sent.await, ServerMessage::Sent(_)),
        "sent comes before one's own event"
    );
    let mut rows = 0;
    let body = bob.until(|it| {
        rows += u64::from(matches!(it, ServerMessage::Item(_) | ServerMessage::Event(_)));
        if let ServerMessage::Event(event) = it {
            Some(event.body.clone())
        } else {
            None
        }
    });
    assert_eq!(body.await, "hello");
    bob.say(Bye {}).await;
    alice.sees(bob_is.account, PresenceState::Offline).await;
    assert!(rows >= 1);
}

#[tokio::test]
async fn r15_delivered_only_after_the_acknowledgement_and_never_more_than_was_sent() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    alice.say(Ack { n: 1_000_000 }).await;
    let reason = alice
        .until(|it| {
            if let ServerMessage::Goodbye(it) = it {
                Some(it.reason)
            } else {
                None
            }
        })
        .await;
    assert_eq!(reason, GoodbyeCode::BadFrame);
    assert!(alice.next().await.is_none(), "R25: that connection ends");
    assert_eq!(
        server
            .hub
            .counters()
            .ends(crate::core::end::ConnectionEnd::BadAck),
        1
    );
}

#[tokio::test]
async fn r5_the_same_device_replaces_and_a_drop_turns_grey() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let (mut bob, bob_is) = Client::present(&server, "bob").await;
    alice.sees(bob_is.account, PresenceState::Online).await;
    let mut again = Client::connect(&server).await;
    let token = bob_is.token.clone().expect("a registration gives a token");
    again
        .say(Token {
            token,
            instance: Instance([2; 16]),
        })
        .await;
    assert!(matches!(again.hear().await, ServerMessage::SignedIn(_)));
    let goodbye = bob
        .until(|it| {
            if let ServerMessage::Goodbye(it) = it {
                Some(it.clone())
            } else {
                None
            }
        })
        .await;
    assert_eq!(
        (goodbye.reason, goodbye.instance),
        (GoodbyeCode::Replaced, Some(Instance([2; 16])))
    );
    again.resume().await;
    drop(again);
    alice.sees(bob_is.account, PresenceState::Doubtful).await;
    alice.sees(bob_is.account, PresenceState::Offline).await;
}

/// As where another process has written it: a device that was there comes here.
#[tokio::test]
async fn what_a_device_has_seen_is_held_against_the_store_and_not_against_what_the_hub_has_heard() {
    let deaf = |mut committed: Commits| {
        tokio::spawn(async move { while committed.recv().await.is_some() {} });
        tokio::sync::mpsc::channel(1).1
    };
    let server = server_that(Timing::default(), deaf).await;
    let epoch = server.store.identity().epoch;
    for (name, boots, heads, mode) in [
        ("alice", 0, 0, ResumeMode::Delta),
        ("bob", 0, 1, ResumeMode::RolledBack),
        ("cid", 1, 0, ResumeMode::RolledBack),
    ] {
        let (_first, signed_in) = Client::present(&server, name).await;
        let reached = server.store.reached().await.unwrap();
        assert!(reached.head > server.hub.head(), "the hub has heard of nothing");
        let mut client = Client::connect(&server).await;
        let (token, instance) = (signed_in.token.unwrap(), Instance([1; 16]));
        client.say(Token { token, instance }).await;
        assert!(matches!(client.hear().await, ServerMessage::SignedIn(_)));
        let (boot, cursor) = (reached.boot + boots, reached.head + heads);
        assert_eq!(client.resume_from(epoch, boot, cursor).await, mode, "{name}");
    }
}

#[tokio::test]
async fn r24_a_drain_says_restarting_and_ends_in_time() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let begun = tokio::time::Instant::now();
    server.stop.send(true).expect("the server listens to it");
    let drain = tokio::spawn(async move {
        server.hub.drain().await;
        server.serving.await
    });
    let goodbye = alice
        .until(|it| {
            if let ServerMessage::Goodbye(it) = it {
                Some(it.clone())
            } else {
                None
            }
        })
        .await;
    assert_eq!(goodbye.reason, GoodbyeCode::Restarting);
    assert!(goodbye.retry_after_ms > 0 && goodbye.jitter_ms > 0);
    assert!(alice.next().await.is_none());
    drain.await.expect("drained").expect("served");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn refusals_have_their_codes_and_garbage_ends_one_connection_only() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let mut other = Client::connect(&server).await;
    other
        .say(Token {
            token: Secret("nonsense".to_owned()),
            instance: Instance([3; 16]),
        })
        .await;
    let ServerMessage::Refused(refused) = other.hear().await else {
        panic!("refused")
    };
    assert_eq!(refused.code, RefusedCode::BadToken);
    other
        .socket
        .write_all(&[0xff; 64])
        .await
        .expect("the server reads");
    while other.next().await.is_some() {}
    alice.say(Ping { n: 1, got: 0 }).await;
    alice
        .until(|it| matches!(it, ServerMessage::Pong(_)).then_some(()))
        .await;
}

#[tokio::test]
async fn an_idle_connections_task_is_small() {
    let server = server().await;
    let (wire, admitted) = super::connection::future_bytes::<SqliteStore>();
    assert!(admitted <= 1024, "{admitted} bytes of future, {wire} of wire");
    server.stop.send(true).expect("the server listens to it");
}

#[tokio::test]
async fn r7_a_reader_that_stops_delays_nobody_and_later_gets_every_message_once() {
    const COUNT: u64 = 600;
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let (mut bob, bob_is) = Client::present(&server, "bob").await;
    alice
        .say(ConvOpen {
            mid: Mid([2; 16]),
            account: bob_is.account,
        })
        .await;
    let conv = alice.until(|it| match it {
        ServerMessage::ConvOpened(it) => Some(it.conv),
        _ => None,
    });
    let conv = conv.await;
    let body = "x".repeat(12 * 1024);
    for number in 0..COUNT {
        let mid = Mid(secret::random_id());
        alice.say(Send::text(mid, conv, body.clone())).await;
        let seq = alice
            .until(|it| {
                if let ServerMessage::Sent(it) = it {
                    Some(it.seq)
                } else {
                    None
                }
            })
            .await;
        assert_eq!(seq, number + 1);
    }
    assert!(server.hub.lagged() > 0, "evidence: bob's queue reached its limit");
    for seq in 1..=COUNT {
        let got = bob
            .until(|it| {
                if let ServerMessage::Event(it) = it {
                    Some(it.seq)
                } else {
                    None
                }
            })
            .await;
        assert_eq!(got, seq, "in order, none missing, none twice");
    }
    bob.say(Ping { n: 1, got: 0 }).await;
    bob.until(|it| matches!(it, ServerMessage::Pong(_)).then_some(()))
        .await;
}
