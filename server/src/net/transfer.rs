//! A transfer connection: files up and down beside a session, so that text stays quick. It is no session and shows nobody
//! present. One task, one thing at a time: while the disk works, nothing is read.

mod upload;

use super::accept::stopped;
use super::tickets::Seat;
use super::wire::{Turn, Wire};
use super::{Me, Net, error, store_error};
use crate::clock::wall_ms;
use crate::core::end::ConnectionEnd;
use crate::secret;
use crate::store::Store;
use crate::store::files::Outgoing;
use breeze_protocol::codec::{Decoded, Envelope, decode_client, encode_server};
use breeze_protocol::frame::{Frame, FrameError, encode_chunk};
use breeze_protocol::limit::{BLOB_CHUNK_BYTES, TICKET_MS, TRANSFERS_MAX};
use breeze_protocol::message::blob::{BlobGet, BlobInfo, Ticket};
use breeze_protocol::message::code::{ErrorCode, GoodbyeCode};
use breeze_protocol::message::control::{Goodbye, Pong};
use breeze_protocol::{AccountId, ClientMessage, DeviceId, ServerMessage, TransferId};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use upload::{disk_error, on_disk};

/// Bytes of a file read and written at once: what the kernel may hold unsent.
const WRITE_BYTES: usize = 2 * BLOB_CHUNK_BYTES;
/// Answers that may wait for the socket; past it nothing is read.
const ANSWERS_MAX: usize = 32;
/// How often it is looked whether the device is still signed in.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nothing moved for so long: over. A client without anything to transfer closes by itself.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// How long the last words before a close may take, and the peer's close after them.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// A connection that showed a good ticket.
pub(super) struct Admitted {
    pub(super) wire: Wire,
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
}

/// Hands a session a ticket for its device.
pub(super) fn ticket<S: Store>(net: &Net<S>, me: &Me) -> ServerMessage {
    let (ticket, hash) = secret::mint();
    let now_ms = net.hub.clock().now_ms();
    net.tickets().issue(me.account, me.device, hash, now_ms);
    Ticket {
        ticket,
        ttl_ms: TICKET_MS,
    }
    .into()
}

/// A file on its way down.
struct Download {
    transfer: TransferId,
    file: Arc<Outgoing>,
    offset: u64,
    size: u64,
}

struct Transfer<S: Store> {
    net: Arc<Net<S>>,
    wire: Wire,
    account: AccountId,
    device: DeviceId,
    seat: Seat,
    answers: VecDeque<Bytes>,
    chunks: Vec<(TransferId, u64, Bytes)>,
    downloads: VecDeque<Download>,
    moved: Instant,
    look: Instant,
}

enum Wake {
    Socket(io::Result<Turn>),
    Stop,
    Replaced,
    Look,
    More,
}

/// Serves a connection to its end.
pub(super) async fn run<S: Store>(net: Arc<Net<S>>, admitted: Admitted) {
    let Admitted {
        wire,
        account,
        device,
    } = admitted;
    let seat = net.seats().take(device);
    let now = Instant::now();
    let mut transfer = Transfer {
        net,
        wire,
        account,
        device,
        seat,
        answers: VecDeque::new(),
        chunks: Vec::new(),
        downloads: VecDeque::new(),
        moved: now,
        look: now + LOOK_EVERY,
    };
    let end = transfer.serve().await;
    transfer.net.hub.counters().ended(end);
    tracing::debug!(
        account = account.0,
        end = end.name(),
        "a transfer connection ended: {}",
        end.sentence()
    );
    if let Some(reason) = end.goodbye() {
        transfer.last_words(reason).await;
    }
}

impl<S: Store> Drop for Transfer<S> {
    fn drop(&mut self) {
        self.net.incoming.close(self.seat.number);
        self.net.seats().leave(self.device, self.seat.number);
    }
}

impl<S: Store> Transfer<S> {
    async fn serve(&mut self) -> ConnectionEnd {
        let mut shutdown = self.net.shutdown.clone();
        loop {
            if let Err(end) = self.take_frames().await {
                return end;
            }
            if self.wire.is_flushed()
                && let Err(end) = self.fill().await
            {
                return end;
            }
            let more = self.wire.is_flushed() && self.has_output();
            let reading = self.answers.len() < ANSWERS_MAX;
            let (wire, lost, look) = (&mut self.wire, &mut self.seat.lost, self.look);
            let wake = tokio::select! {
                biased;
                () = stopped(&mut shutdown) => Wake::Stop,
                _ = lost => Wake::Replaced,
                turn = poll_fn(|cx| wire.poll_turn(cx, reading)) => Wake::Socket(turn),
                () = tokio::time::sleep_until(look) => Wake::Look,
                () = tokio::task::yield_now(), if more => Wake::More,
            };
            match wake {
                Wake::Socket(Ok(Turn::Read(0))) => return ConnectionEnd::PeerClosed,
                Wake::Socket(Ok(_)) => self.moved = Instant::now(),
                Wake::Socket(Err(_)) => return ConnectionEnd::Reset,
                Wake::Stop => return ConnectionEnd::Restarting,
                Wake::Replaced => return ConnectionEnd::Replaced,
                Wake::Look => {
                    if let Err(end) = self.look().await {
                        return end;
                    }
                }
                Wake::More => {}
            }
        }
    }

    fn has_output(&self) -> bool {
        !self.answers.is_empty() || !self.downloads.is_empty()
    }

    /// Whether the device is still signed in, and something has moved.
    async fn look(&mut self) -> Result<(), ConnectionEnd> {
        let now = Instant::now();
        self.look = now + LOOK_EVERY;
        if now.duration_since(self.moved) >= IDLE_MAX {
            let stuck = !self.wire.is_flushed();
            return Err(if stuck {
                ConnectionEnd::Slow
            } else {
                ConnectionEnd::LeaseOver
            });
        }
        match self.net.store.device_open(self.device).await {
            Ok(false) => Err(ConnectionEnd::Revoked),
            // A store that cannot answer now is asked again in a second.
            Ok(true) | Err(_) => Ok(()),
        }
    }

    fn answer(&mut self, id: Option<u64>, message: impl Into<ServerMessage>) {
        self.answers
            .push_back(encode_server(&Envelope::answer(id, message.into())));
    }

    /// Handles every whole frame, as long as the answers have room.
    async fn take_frames(&mut self) -> Result<(), ConnectionEnd> {
        while self.answers.len() < ANSWERS_MAX {
            let frame = match self.wire.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(FrameError::TooLarge { .. }) => return Err(ConnectionEnd::FrameTooLarge),
                Err(_) => return Err(ConnectionEnd::BadFrame),
            };
            match frame {
                Frame::Chunk {
                    transfer,
                    offset,
                    bytes,
                } => self.chunks.push((transfer, offset, bytes)),
                Frame::Message(payload) => {
                    self.store_chunks().await;
                    self.message(&payload).await?;
                }
            }
        }
        self.store_chunks().await;
        Ok(())
    }

    /// Writes the chunks that came. A disk that does not take them is told of at once, so that nobody sends on in vain.
    async fn store_chunks(&mut self) {
        if self.chunks.is_empty() {
            return;
        }
        let chunks = std::mem::take(&mut self.chunks);
        let (open, account, owner) = (self.net.incoming.clone(), self.account, self.seat.number);
        let write = move || {
            chunks.iter().try_for_each(|(transfer, offset, bytes)| {
                open.chunk((account, *transfer), owner, *offset, bytes)
            })
        };
        if let Err(error) = on_disk(write).await {
            let answer = disk_error(&error);
            self.answer(None, answer);
        }
    }

    async fn message(&mut self, payload: &[u8]) -> Result<(), ConnectionEnd> {
        let (id, message) = match decode_client(payload) {
            Ok(Decoded::Known(Envelope { id, message, .. })) => (id, message),
            Ok(Decoded::Unknown { kind, id }) => {
                if id.is_some() {
                    self.answer(
                        id,
                        error(ErrorCode::Unsupported, &format!("unknown request {kind}")),
                    );
                }
                return Ok(());
            }
            Err(_) => return Err(ConnectionEnd::BadMessage),
        };
        let answer = match message {
            ClientMessage::Ping(ping) => Pong {
                n: ping.n,
                now_ms: wall_ms(),
            }
            .into(),
            ClientMessage::Bye(_) => return Err(ConnectionEnd::Left),
            ClientMessage::BlobBegin(it) => self.begin(&it).await,
            ClientMessage::BlobState(it) => self.state(it.transfer).await,
            ClientMessage::BlobCommit(it) => self.commit(it.transfer).await,
            ClientMessage::BlobCancel(it) => self.cancel(it.transfer).await,
            ClientMessage::BlobGet(it) => self.get(&it).await,
            _ => {
                let sentence = ConnectionEnd::OutOfOrder.sentence();
                self.answer(id, error(ErrorCode::OutOfOrder, sentence));
                return Err(ConnectionEnd::OutOfOrder);
            }
        };
        self.answer(id, answer);
        Ok(())
    }

    /// Begins to send a file, or says the same for "not there" and "not for you".
    async fn get(&mut self, ask: &BlobGet) -> ServerMessage {
        let not_found = || error(ErrorCode::NotFound, "no such file");
        let (Some(place), None, Some(files)) = (ask.place, ask.account, self.net.store.files().cloned())
        else {
            return not_found();
        };
        if self.downloads.len() >= TRANSFERS_MAX {
            return error(ErrorCode::Busy, "four files are on their way already");
        }
        let size = match self.net.store.file_size(self.account, place, ask.hash).await {
            Ok(Some(size)) => size,
            Ok(None) => return not_found(),
            Err(error) => return store_error(&error),
        };
        if ask.offset > size {
            return error(ErrorCode::Malformed, "the file is not that long");
        }
        let hash = ask.hash;
        let opened = on_disk(move || {
            let file = files.open(hash)?;
            Ok((file.size()? == size).then_some(file))
        });
        let file = match opened.await {
            Ok(Some(file)) => Arc::new(file),
            Ok(None) => {
                tracing::error!(%hash, "a file is not as long as it was sent: `breeze-server verify` says more");
                return not_found();
            }
            Err(error) => {
                tracing::error!(%hash, %error, "a file cannot be read: `breeze-server verify` says more");
                return not_found();
            }
        };
        let transfer = TransferId(secret::random_id());
        if ask.offset < size {
            self.downloads.push_back(Download {
                transfer,
                file,
                offset: ask.offset,
                size,
            });
        }
        BlobInfo { transfer, size, hash }.into()
    }

    /// Gives the wire its next write: every answer, else the next piece of the file whose turn it is.
    async fn fill(&mut self) -> Result<(), ConnectionEnd> {
        let mut out = BytesMut::new();
        for answer in self.answers.drain(..) {
            out.extend_from_slice(&answer);
        }
        if out.is_empty()
            && let Some(mut download) = self.downloads.pop_front()
        {
            let left = usize::try_from(download.size - download.offset).unwrap_or(WRITE_BYTES);
            let (file, offset) = (Arc::clone(&download.file), download.offset);
            let read = on_disk(move || file.read(offset, left.min(WRITE_BYTES))).await;
            let bytes = read.map_err(|error| {
                tracing::error!(%error, "a file cannot be read to its end: `breeze-server verify` says more");
                ConnectionEnd::Fault
            })?;
            for chunk in bytes.chunks(BLOB_CHUNK_BYTES) {
                out.extend_from_slice(&encode_chunk(download.transfer, download.offset, chunk));
                download.offset += chunk.len() as u64;
            }
            if download.offset < download.size {
                self.downloads.push_back(download);
            }
        }
        if !out.is_empty() {
            self.wire.write(out.freeze());
            self.wire.write_at_once();
            if self.wire.is_flushed() {
                self.moved = Instant::now();
            }
        }
        Ok(())
    }

    async fn last_words(&mut self, reason: GoodbyeCode) {
        let words = async {
            let goodbye = Goodbye {
                reason,
                retry_after_ms: 0,
                jitter_ms: 0,
                instance: None,
            };
            if self.wire.flush().await.is_ok() {
                let mut out = BytesMut::new();
                for answer in self.answers.drain(..) {
                    out.extend_from_slice(&answer);
                }
                out.extend_from_slice(&encode_server(&Envelope::plain(goodbye)));
                self.wire.write(out.freeze());
                if self.wire.flush().await.is_ok() {
                    self.wire.shut().await;
                }
            }
        };
        // A peer that does not listen is left without a goodbye.
        tokio::time::timeout(LAST_WORDS, words).await.unwrap_or_default();
    }
}
