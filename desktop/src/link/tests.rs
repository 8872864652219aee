//! The link against a server of the test's own, with a key of its choice: which keys are believed, and which come later.

use super::{Link, Options, Sink};
use crate::model::command::{Account, LinkCommand};
use crate::model::event::{Event, LinkEvent};
use breeze_protocol::codec::{Decoded, Envelope, decode_client, encode_server};
use breeze_protocol::frame::{Decoder, Frame};
use breeze_protocol::limit::{FRAME_BYTES_MAX, Limits};
use breeze_protocol::message::hello::{HelloOk, PROTOCOL, Registration, Roster};
use breeze_protocol::message::sign_in::{Secret, SignedIn};
use breeze_protocol::{AccountId, ClientMessage, DeviceId, Epoch, ServerId, ServerMessage};
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Receiver;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Longer than any of it takes on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(15);

/// A key, and the certificate a server shows for it.
struct Key {
    pin: String,
    key: KeyPair,
}

impl Key {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let digest = Sha256::digest(key.subject_public_key_info());
        let pin = format!("sha256/{}", super::tls::base64url(&digest));
        Self { pin, key }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a good name");
        let certificate: CertificateDer<'static> = params.self_signed(&self.key).expect("signed").into();
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("PKCS #8");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("ring speaks TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("the key belongs to it");
        config.alpn_protocols = vec![super::tls::ALPN.to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

/// One connection from the app.
struct Peer {
    stream: TlsStream<TcpStream>,
    decoder: Decoder,
}

impl Peer {
    async fn heard(&mut self) -> Envelope<ClientMessage> {
        loop {
            if let Some(Frame::Message(bytes)) = self.decoder.next_frame().expect("whole frames")
                && let Decoded::Known(envelope) = decode_client(&bytes).expect("a message")
            {
                return envelope;
            }
            let read = self.stream.read_buf(self.decoder.buffer_mut()).await;
            assert!(read.expect("bytes") > 0, "the app went away");
        }
    }

    async fn answer(&mut self, re: Option<u64>, message: impl Into<ServerMessage>) {
        let bytes = encode_server(&Envelope::answer(re, message));
        self.stream.write_all(&bytes).await.expect("the app reads");
        self.stream.flush().await.expect("the app reads");
    }

    /// Hello and the token; says which key comes next.
    async fn let_in(&mut self, next_pin: Option<&str>) {
        let hello = self.heard().await;
        assert!(matches!(hello.message, ClientMessage::Hello(_)));
        self.answer(hello.id, hello_ok()).await;
        let token = self.heard().await;
        assert!(matches!(&token.message, ClientMessage::Token(it) if it.token.0 == "token"));
        let signed = SignedIn {
            account: AccountId(1),
            device: DeviceId(1),
            username: "mira".into(),
            owner: false,
            token: None,
            next_pin: next_pin.map(str::to_owned),
            addresses: Vec::new(),
        };
        self.answer(token.id, signed).await;
    }
}

fn hello_ok() -> HelloOk {
    HelloOk {
        protocol: PROTOCOL,
        server_id: ServerId([7; 16]),
        server_name: "home".into(),
        epoch: Epoch([1; 16]),
        boot: 1,
        limits: Limits::default(),
        roster: Roster::Friends,
        registration: Registration::Invite,
        newest_client: String::new(),
        now_ms: 0,
    }
}

/// A server with this key takes one connection, and the app of this account comes to it.
async fn meet(key: &Key, account: Account, next_pin: Option<&str>) -> LinkEvent {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let account = Account {
        host: "127.0.0.1".into(),
        port,
        token: Some(Secret("token".into())),
        ..account
    };
    let data = tempfile::tempdir().expect("a folder");
    let options = Options {
        plain: false,
        data: data.path().to_owned(),
    };
    let (sink, events) = Sink::new(Arc::new(|| {}));
    let link = Link::start(options, sink).expect("a thread");
    link.hand(LinkCommand::Use(Box::new(account)))
        .expect("an empty queue");
    let server = async {
        let (stream, _) = listener.accept().await.expect("the app comes");
        if let Ok(stream) = key.acceptor().accept(stream).await {
            let decoder = Decoder::new(FRAME_BYTES_MAX);
            let mut peer = Peer { stream, decoder };
            peer.let_in(next_pin).await;
        }
        std::future::pending::<()>().await;
    };
    let found = async {
        tokio::select! {
            () = server => unreachable!("it waits for ever at its end"),
            event = decided(events) => event,
        }
    };
    tokio::time::timeout(SOON, found)
        .await
        .expect("the link decides soon")
}

/// What the link makes of the server.
async fn decided(mut events: Receiver<Event>) -> LinkEvent {
    loop {
        let event = events.recv().await.expect("the link lives");
        if let Event::Link(event @ (LinkEvent::SignedIn { .. } | LinkEvent::WrongPin { .. })) = event {
            return event;
        }
    }
}

fn known(pin: &str, next_pin: &str) -> Account {
    Account {
        pin: pin.to_owned(),
        next_pin: next_pin.to_owned(),
        ..Account::default()
    }
}

/// The pins the link wants kept, if it signed in.
fn kept(event: &LinkEvent) -> Option<(&str, &str)> {
    match event {
        LinkEvent::SignedIn { account, .. } => Some((account.pin.as_str(), account.next_pin.as_str())),
        _ => None,
    }
}

#[tokio::test]
async fn an_announced_key_is_kept_under_the_one_that_announced_it() {
    let now = Key::new();
    let event = meet(&now, known(&now.pin, ""), Some("sha256/next")).await;
    assert_eq!(kept(&event), Some((now.pin.as_str(), "sha256/next")));
    let event = meet(&now, known(&now.pin, "sha256/next"), None).await;
    assert_eq!(
        kept(&event),
        Some((now.pin.as_str(), "")),
        "the plan was given up"
    );
}

#[tokio::test]
async fn the_announced_key_signs_in_and_takes_the_place_of_the_old_one() {
    let (old, next) = (Key::new(), Key::new());
    let event = meet(&next, known(&old.pin, &next.pin), Some(&next.pin)).await;
    assert_eq!(kept(&event), Some((next.pin.as_str(), "")));
    // From then on the old key is any other key.
    let event = meet(&old, known(&next.pin, ""), None).await;
    assert!(matches!(event, LinkEvent::WrongPin { .. }), "{event:?}");
}

#[tokio::test]
async fn any_other_key_is_a_hard_stop() {
    let (old, next, other) = (Key::new(), Key::new(), Key::new());
    for next_pin in ["", &next.pin] {
        let event = meet(&other, known(&old.pin, next_pin), None).await;
        assert!(matches!(event, LinkEvent::WrongPin { .. }), "{event:?}");
    }
}
