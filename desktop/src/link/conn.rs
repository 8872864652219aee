//! One connection: TCP, TLS, hello; whole frames in, whole frames out. Every step can be given up at any point.

use super::tls::{self, Seen, Trust};
use super::trust::is_loopback;
use crate::model::event::Failure;
use breeze_protocol::codec::{Decoded, Envelope, decode_server, encode_client};
use breeze_protocol::frame::{Decoder, Frame, encode_chunk};
use breeze_protocol::limit::{FRAME_BYTES_MAX, PAGE_BYTES_MAX};
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::hello::{Hello, HelloOk, PROTOCOL, PROTOCOL_MIN, Role};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{ClientMessage, ServerMessage, TransferId};
use bytes::BytesMut;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Reaching the address, TLS and hello may each take so long.
const STEP_WAIT: Duration = Duration::from_secs(10);

/// Room made for one read, bytes: one TLS record.
const READ_BYTES: usize = 16 * 1024;

/// Bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Problem {
    /// It may work later.
    Failure(Failure),
    /// The server wants one back after so many milliseconds, plus a random part.
    Wait(u64, u64),
    /// Another key than the pinned one.
    WrongPin,
    /// Nobody vouches for this key.
    Looked(String),
    /// The protocols differ.
    Protocol {
        /// Whether it is the server that is too old.
        server_old: bool,
    },
}

/// Something that came.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Box<Envelope<ServerMessage>>),
    /// A piece of a picture.
    Chunk(TransferId, u64, bytes::Bytes),
}

/// An open connection.
pub(super) struct Conn {
    reader: ReadHalf<Box<dyn Stream>>,
    writer: WriteHalf<Box<dyn Stream>>,
    decoder: Decoder,
    out: BytesMut,
    unflushed: bool,
    /// The pin by which the server is known on this connection.
    pin: Option<String>,
}

/// Where to.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) trust: Trust,
    pub(super) plain: bool,
}

impl Conn {
    /// Connects and says hello.
    pub(super) async fn open(place: &Place) -> Result<(Self, HelloOk), Problem> {
        Self::open_as(place, Role::Main, None).await
    }

    /// The same for files, with a ticket in place of a sign-in.
    pub(super) async fn open_transfer(place: &Place, ticket: Secret) -> Result<(Self, HelloOk), Problem> {
        Self::open_as(place, Role::Transfer, Some(ticket)).await
    }

    async fn open_as(place: &Place, role: Role, ticket: Option<Secret>) -> Result<(Self, HelloOk), Problem> {
        let (stream, pin) = Self::reach(place).await?;
        let (reader, writer) = split(stream);
        let decoder = Decoder::new(FRAME_BYTES_MAX.max(PAGE_BYTES_MAX));
        let mut conn = Self {
            reader,
            writer,
            decoder,
            out: BytesMut::new(),
            unflushed: false,
            pin,
        };
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL,
            client: format!("breeze/{}", env!("CARGO_PKG_VERSION")),
            role,
            ticket,
        };
        conn.push(&Envelope::request(1, hello));
        let answer = timeout(STEP_WAIT, conn.converse()).await;
        match answer.map_err(|_| Problem::Failure(Failure::NotBreeze))?? {
            ServerMessage::HelloOk(hello) => Ok((conn, hello)),
            ServerMessage::Refused(refused) => Err(match refused.code {
                RefusedCode::ProtocolTooOld => Problem::Protocol { server_old: false },
                RefusedCode::ProtocolTooNew => Problem::Protocol { server_old: true },
                _ => Problem::Wait(refused.retry_ms.max(1000), refused.retry_ms),
            }),
            ServerMessage::Goodbye(goodbye) if goodbye.reason == GoodbyeCode::Restarting => {
                Err(Problem::Wait(goodbye.retry_after_ms, goodbye.jitter_ms))
            }
            ServerMessage::Goodbye(_) => Err(Problem::Failure(Failure::Busy)),
            _ => Err(Problem::Failure(Failure::NotBreeze)),
        }
    }

    async fn reach(place: &Place) -> Result<(Box<dyn Stream>, Option<String>), Problem> {
        let address = (place.host.as_str(), place.port);
        let found = timeout(STEP_WAIT, tokio::net::lookup_host(address)).await;
        let found = found.map_err(|_| Problem::Failure(Failure::NameUnknown))?;
        let addresses: Vec<_> = found
            .map_err(|_| Problem::Failure(Failure::NameUnknown))?
            .collect();
        let unreachable = || Problem::Failure(Failure::Unreachable);
        let tcp = timeout(STEP_WAIT, TcpStream::connect(addresses.as_slice())).await;
        let tcp = tcp.map_err(|_| unreachable())?.map_err(|_| unreachable())?;
        // Without it a short message waits for the acknowledgement of the one before.
        drop(tcp.set_nodelay(true));
        // A heartbeat is one small packet at a time: doubling its time-outs would take a bad network for a dead one.
        #[cfg(target_os = "linux")]
        let _ = rustix::net::sockopt::set_tcp_thin_linear_timeouts(&tcp, true);
        if place.plain && is_loopback(&place.host) {
            return Ok((Box::new(tcp), None));
        }
        let seen = Seen::default();
        let untrusted = || Problem::Failure(Failure::Untrusted);
        let config = tls::config(&place.trust, seen.clone()).map_err(|_| untrusted())?;
        let name =
            ServerName::try_from(place.host.clone()).map_err(|_| Problem::Failure(Failure::NameUnknown))?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let shaken = timeout(STEP_WAIT, connector.connect(name, tcp)).await;
        let key = || seen.lock().ok().and_then(|seen| seen.clone());
        match shaken.map_err(|_| Problem::Failure(Failure::NotBreeze))? {
            Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(tls::ALPN) => {
                let pinned = matches!(place.trust, Trust::Pins(_));
                Ok((Box::new(stream), key().filter(|_| pinned)))
            }
            Ok(_) => Err(Problem::Failure(Failure::NotBreeze)),
            Err(error) => Err(match (&place.trust, key(), is_certificate(&error)) {
                (Trust::Pins(_), Some(_), true) => Problem::WrongPin,
                (Trust::Look, Some(pin), _) => Problem::Looked(pin),
                (Trust::Platform, _, true) => untrusted(),
                _ if error.kind() == io::ErrorKind::InvalidData => Problem::Failure(Failure::NotBreeze),
                _ => Problem::Failure(Failure::Lost),
            }),
        }
    }

    /// The pin by which the server is known here; `None` when something else vouches for it.
    pub(super) fn pin(&self) -> Option<&str> {
        self.pin.as_deref()
    }

    /// Puts a message into the outgoing bytes.
    pub(super) fn push(&mut self, envelope: &Envelope<ClientMessage>) {
        self.out.extend_from_slice(&encode_client(envelope));
    }

    /// Puts a piece of a picture into the outgoing bytes.
    pub(super) fn push_chunk(&mut self, transfer: TransferId, offset: u64, bytes: &[u8]) {
        self.out.extend_from_slice(&encode_chunk(transfer, offset, bytes));
    }

    /// A message that is already here whole. A kind this version does not know is passed over.
    pub(super) fn ready(&mut self) -> Result<Option<Incoming>, Problem> {
        let garbage = || Problem::Failure(Failure::NotBreeze);
        loop {
            match self.decoder.next_frame().map_err(|_| garbage())? {
                None => return Ok(None),
                Some(Frame::Chunk {
                    transfer,
                    offset,
                    bytes,
                }) => {
                    return Ok(Some(Incoming::Chunk(transfer, offset, bytes)));
                }
                Some(Frame::Message(bytes)) => match decode_server(&bytes).map_err(|_| garbage())? {
                    Decoded::Known(envelope) => return Ok(Some(Incoming::Message(Box::new(envelope)))),
                    Decoded::Unknown { kind, .. } => tracing::debug!(kind, "passed over"),
                },
            }
        }
    }

    /// Moves bytes until something was read or written. May be given up at any point without losing any.
    /// Reading can be held back.
    pub(super) async fn turn(&mut self, read: bool) -> Result<(), Problem> {
        let lost = |_| Problem::Failure(Failure::Lost);
        let writing = !self.out.is_empty();
        let (reader, writer, out) = (&mut self.reader, &mut self.writer, &mut self.out);
        let buffer = self.decoder.buffer_mut();
        buffer.reserve(READ_BYTES);
        let writes = writing || self.unflushed;
        let write = async {
            if writing {
                writer.write_buf(out).await.map(|_| true)
            } else {
                writer.flush().await.map(|()| false)
            }
        };
        tokio::select! {
            done = reader.read_buf(buffer), if read => {
                if done.map_err(lost)? == 0 {
                    return Err(Problem::Failure(Failure::Lost));
                }
            }
            done = write, if writes => self.unflushed = done.map_err(lost)?,
            else => std::future::pending().await,
        }
        Ok(())
    }

    /// Bytes that wait to be written.
    pub(super) fn queued(&self) -> usize {
        self.out.len()
    }

    /// Whether bytes wait to be written.
    pub(super) fn is_writing(&self) -> bool {
        !self.out.is_empty() || self.unflushed
    }

    /// Writes what waits and reads until a message comes: for the few questions before a session.
    pub(super) async fn converse(&mut self) -> Result<ServerMessage, Problem> {
        loop {
            if let Some(Incoming::Message(envelope)) = self.ready()? {
                return Ok(envelope.message);
            }
            self.turn(true).await?;
        }
    }

    /// One question, one answer.
    pub(super) async fn ask(&mut self, message: impl Into<ClientMessage>) -> Result<ServerMessage, Problem> {
        self.push(&Envelope::request(2, message));
        let answer = timeout(STEP_WAIT, self.converse()).await;
        answer.map_err(|_| Problem::Failure(Failure::Lost))?
    }

    /// Writes what waits, then closes.
    pub(super) async fn close(mut self, limit: Duration) {
        let rest = async {
            while self.is_writing() {
                self.turn(false).await?;
            }
            self.writer
                .shutdown()
                .await
                .map_err(|_| Problem::Failure(Failure::Lost))
        };
        // A server that does not read in time is left without a goodbye.
        drop(timeout(limit, rest).await);
    }
}

fn is_certificate(error: &io::Error) -> bool {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}
