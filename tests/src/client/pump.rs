//! The tasks of a scripted client: reading, acknowledging, pinging.

use super::{Habits, Heard, Shared};
use breeze_protocol::codec::{self, Decoded, Envelope};
use breeze_protocol::frame::{Decoder, Frame};
use breeze_protocol::limit::FRAME_BYTES_MAX;
use breeze_protocol::message::chat::Ack;
use breeze_protocol::message::control::Ping;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::{ClientMessage, ServerMessage};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

type Half = Box<dyn AsyncWrite + Send + Unpin>;

/// The writing half, shared by the script and the tasks.
#[derive(Clone)]
pub(super) struct Writer(Arc<Mutex<Option<Half>>>);

impl Writer {
    /// Writes and flushes.
    pub(super) async fn write(&self, bytes: &[u8]) -> Result<(), String> {
        let mut half = self.0.lock().await;
        let half = half.as_mut().ok_or("closed by this side")?;
        half.write_all(bytes).await.map_err(|e| e.to_string())?;
        half.flush().await.map_err(|e| e.to_string())
    }

    /// Drops the half.
    pub(super) async fn close(&self) {
        *self.0.lock().await = None;
    }
}

/// Splits a stream and starts to read it.
pub(super) fn start<S>(
    stream: S,
    shared: Arc<Shared>,
    gate: watch::Receiver<bool>,
    habits: Habits,
) -> (Writer, JoinHandle<()>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (reader, writer) = tokio::io::split(stream);
    let writer = Writer(Arc::new(Mutex::new(Some(Box::new(writer)))));
    let answers = writer.clone();
    let task = tokio::spawn(async move {
        let end = read(reader, &shared, gate, habits, &answers).await;
        shared.state.lock().unwrap_or_else(PoisonError::into_inner).closed = Some(end);
        shared.changed.notify_waiters();
    });
    (writer, task)
}

async fn read(
    mut reader: impl AsyncRead + Unpin,
    shared: &Shared,
    mut gate: watch::Receiver<bool>,
    habits: Habits,
    answers: &Writer,
) -> String {
    let mut decoder = Decoder::new(FRAME_BYTES_MAX);
    let mut acked = 0;
    loop {
        if gate.wait_for(|open| *open).await.is_err() {
            return "dropped".to_owned();
        }
        decoder.buffer_mut().reserve(4096);
        let got = tokio::select! {
            got = reader.read_buf(decoder.buffer_mut()) => got,
            _ = gate.changed() => continue,
        };
        let at = Instant::now();
        match got {
            Ok(0) => return "end of stream".to_owned(),
            Ok(n) => shared.state.lock().unwrap_or_else(PoisonError::into_inner).bytes += n as u64,
            Err(error) => return format!("{:?}: {error}", error.kind()),
        }
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => take(shared, at, frame, habits),
                Ok(None) => break,
                Err(error) => return format!("bad frame from the server: {error}"),
            }
        }
        shared.changed.notify_waiters();
        let ackable = shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ackable;
        if habits.acks && ackable > acked {
            acked = ackable;
            let ack = codec::encode_client(&Envelope::plain(Ack { n: acked }));
            // A connection that has just ended shows at the next read.
            let _ = answers.write(&ack).await;
        }
    }
}

fn take(shared: &Shared, at: Instant, frame: Frame, habits: Habits) {
    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    let payload = match frame {
        Frame::Message(payload) => payload,
        Frame::Chunk {
            transfer,
            offset,
            bytes,
        } => return state.chunks.push((transfer, offset, bytes)),
    };
    let envelope = match codec::decode_server(&payload).expect("the server speaks the protocol") {
        Decoded::Known(envelope) => envelope,
        Decoded::Unknown { .. } => return,
    };
    let mut local = shared.local.lock().unwrap_or_else(PoisonError::into_inner);
    match &envelope.message {
        ServerMessage::HelloOk(it) => state.place = (it.epoch, it.boot),
        ServerMessage::PresenceSnapshot(it) => state.presence.snapshot(at, it),
        ServerMessage::Presence(it) => state.presence.changed(at, it),
        ServerMessage::Resumed(it) if it.mode != ResumeMode::Delta => {
            local.items.clear();
            local.cursor = 0;
        }
        ServerMessage::Synced(it) => {
            (local.epoch, local.boot) = state.place;
            local.cursor = local.cursor.max(it.cursor);
        }
        ServerMessage::Event(it) => {
            state.ackable += 1;
            local.take_event(it);
        }
        ServerMessage::Item(it) => {
            state.ackable += 1;
            local.take_item(it);
        }
        ServerMessage::Receipts(it) => local.take_receipts(it),
        ServerMessage::Pong(it) => state.pong = state.pong.max(it.n),
        _ => {}
    }
    drop(local);
    if let Some(sink) = &shared.sink {
        sink(at, &envelope.message);
    }
    let answer = envelope.re.is_some()
        || matches!(
            envelope.message,
            ServerMessage::Synced(_)
                | ServerMessage::Goodbye(_)
                | ServerMessage::Sent(_)
                | ServerMessage::Nack(_)
        );
    if habits.remembers || answer || state.heard.len() < 4 {
        state.heard.push(Heard {
            at,
            re: envelope.re,
            message: envelope.message,
            taken: false,
        });
    }
}

/// Pings from now on.
pub(super) fn heartbeat(writer: Writer, shared: Arc<Shared>, every: Duration) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(every);
        for n in 1.. {
            ticks.tick().await;
            let got = shared.state.lock().unwrap_or_else(PoisonError::into_inner).pong;
            let ping: ClientMessage = Ping { n, got }.into();
            if writer
                .write(&codec::encode_client(&Envelope::plain(ping)))
                .await
                .is_err()
            {
                return;
            }
        }
    })
}
