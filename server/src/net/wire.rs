//! A socket as frames: bytes in through one buffer per thread, frames out as one write. An idle wire holds no buffer.

use breeze_protocol::frame::{Decoder, Frame, FrameError};
use bytes::{Buf, Bytes, BytesMut};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// Bytes read at once: one page of a TLS record.
const READ_BYTES: usize = 16 * 1024;

thread_local! {
    /// Where sockets put their bytes before they are a connection's own: no connection keeps a read buffer.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// Bytes both ways that are no socket of ours.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Duplex for T {}

/// A socket, with or without TLS, or what stands for one.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Handed(Box<dyn Duplex>),
}

/// What a turn at the socket brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// So many bytes came; 0 = the peer has closed.
    Read(usize),
    /// Some bytes went out; all of them if [`Wire::is_flushed`].
    Wrote,
}

/// One connection's wire.
pub(super) struct Wire {
    stream: Stream,
    decoder: Decoder,
    out: Bytes,
    unflushed: bool,
}

impl Wire {
    pub(super) fn new(stream: Stream, frame_limit: usize) -> Self {
        Self {
            stream,
            decoder: Decoder::new(frame_limit),
            out: Bytes::new(),
            unflushed: false,
        }
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.decoder.set_limit(limit);
    }

    /// The next whole frame that has come.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let frame = self.decoder.next_frame()?;
        if frame.is_none() && !self.decoder.is_mid_frame() {
            // Idle connections keep no memory.
            *self.decoder.buffer_mut() = BytesMut::new();
        }
        Ok(frame)
    }

    pub(super) fn is_mid_frame(&self) -> bool {
        self.decoder.is_mid_frame()
    }

    /// Whether everything has gone to the kernel.
    pub(super) fn is_flushed(&self) -> bool {
        self.out.is_empty() && !self.unflushed
    }

    /// Gives the wire its next write. Only when it is flushed.
    pub(super) fn write(&mut self, out: Bytes) {
        self.out = out;
        self.unflushed = true;
    }

    /// Hands the kernel what it takes now, without waiting for it: most writes are over with that. What is left, and any
    /// error, is for [`Self::poll_turn`]; so is everything of TLS.
    pub(super) fn write_at_once(&mut self) {
        if let Stream::Plain(tcp) = &self.stream
            && let Ok(count) = tcp.try_write(&self.out)
        {
            self.wrote(count);
        }
    }

    /// Writes what there is, and reads if `reading`. Ready when something happened.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<io::Result<Turn>> {
        if !self.is_flushed() {
            match self.poll_write(cx) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(Turn::Wrote)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
        }
        if reading {
            self.poll_read(cx).map_ok(Turn::Read)
        } else {
            Poll::Pending
        }
    }

    /// Waits for bytes; 0 = the peer has closed.
    pub(super) async fn read(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx)).await
    }

    /// Writes everything there is.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        while !self.is_flushed() {
            poll_fn(|cx| self.poll_write(cx)).await?;
        }
        Ok(())
    }

    /// Says that nothing more will come, then waits for the peer to close so that it can read to the end.
    pub(super) async fn shut(&mut self) {
        let said = match &mut self.stream {
            Stream::Plain(tcp) => tcp.shutdown().await,
            Stream::Tls(tls) => tls.shutdown().await,
            Stream::Handed(bytes) => bytes.shutdown().await,
        };
        while said.is_ok() && matches!(self.read().await, Ok(1..)) {
            *self.decoder.buffer_mut() = BytesMut::new();
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buf = ReadBuf::new(scratch);
            let polled = match &mut self.stream {
                Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, &mut buf),
                Stream::Tls(tls) => Pin::new(&mut **tls).poll_read(cx, &mut buf),
                Stream::Handed(bytes) => Pin::new(bytes).poll_read(cx, &mut buf),
            };
            polled.map_ok(|()| {
                self.decoder.buffer_mut().extend_from_slice(buf.filled());
                buf.filled().len()
            })
        })
    }

    fn wrote(&mut self, count: usize) {
        self.out.advance(count);
        if self.out.is_empty() && matches!(self.stream, Stream::Plain(_)) {
            self.unflushed = false;
            self.out = Bytes::new();
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.out.is_empty() {
            let flushed = match &mut self.stream {
                Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
                Stream::Tls(tls) => Pin::new(&mut **tls).poll_flush(cx),
                Stream::Handed(bytes) => Pin::new(bytes).poll_flush(cx),
            };
            return flushed.map_ok(|()| {
                self.unflushed = false;
                self.out = Bytes::new();
            });
        }
        let written = match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, &self.out),
            Stream::Tls(tls) => Pin::new(&mut **tls).poll_write(cx, &self.out),
            Stream::Handed(bytes) => Pin::new(bytes).poll_write(cx, &self.out),
        };
        match written {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(Ok(count)) => {
                self.wrote(count);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}
