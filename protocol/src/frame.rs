//! Whole frames out of a stream of bytes: `u32` big-endian length, one kind byte, payload.
//!
//! The length counts the kind byte and the payload. It is refused before any memory is taken for it.

use crate::id::TransferId;
use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Kind byte of a frame that holds one JSON message.
pub const KIND_MESSAGE: u8 = 0;
/// Kind byte of a frame that holds one chunk of a blob.
pub const KIND_CHUNK: u8 = 1;
/// Bytes in front of every frame's kind byte.
pub const LENGTH_BYTES: usize = 4;
const CHUNK_HEADER_BYTES: usize = 16 + 8;

/// One frame, its payload not yet understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// One JSON message, UTF-8 not yet checked.
    Message(Bytes),
    /// Part of a blob.
    Chunk {
        /// Which transfer it belongs to.
        transfer: TransferId,
        /// Where its bytes go, counted from the blob's first byte.
        offset: u64,
        /// The bytes.
        bytes: Bytes,
    },
}

/// Why a stream of bytes is not a stream of frames. Each ends the connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The declared length is over the limit now in force.
    #[error("a frame of {length} bytes is over the limit of {limit}")]
    TooLarge {
        /// What the length word said.
        length: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// A length of zero: there is no room for the kind byte.
    #[error("a frame cannot be empty")]
    Empty,
    /// A kind this version does not know.
    #[error("unknown frame kind {0}")]
    UnknownKind(u8),
    /// A chunk too short for its transfer id and offset.
    #[error("a blob chunk is shorter than its header")]
    ShortChunk,
}

/// Cuts a stream into frames. Feed it with [`Decoder::buffer_mut`], then call [`Decoder::next_frame`] until it has no more.
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    limit: usize,
}

impl Decoder {
    /// A decoder that refuses frames longer than `limit` bytes (kind byte and payload).
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            limit,
        }
    }

    /// Changes the limit, for example after sign-in. Frames already complete keep their bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Where a socket puts its bytes.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Whether part of a frame has come and its rest has not.
    #[must_use]
    pub fn is_mid_frame(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next whole frame, or `None` until more bytes come.
    ///
    /// # Errors
    /// [`FrameError`]; the stream cannot be read further.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let Some(head) = self.buffer.first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*head) as usize;
        if length == 0 {
            return Err(FrameError::Empty);
        }
        if length > self.limit {
            return Err(FrameError::TooLarge {
                length,
                limit: self.limit,
            });
        }
        if let Some(&kind) = self.buffer.get(LENGTH_BYTES)
            && kind != KIND_MESSAGE
            && kind != KIND_CHUNK
        {
            return Err(FrameError::UnknownKind(kind));
        }
        if self.buffer.len() < LENGTH_BYTES + length {
            return Ok(None);
        }
        self.buffer.advance(LENGTH_BYTES);
        let mut payload = self.buffer.split_to(length).freeze();
        let kind = payload.get_u8();
        if kind == KIND_MESSAGE {
            return Ok(Some(Frame::Message(payload)));
        }
        if payload.len() < CHUNK_HEADER_BYTES {
            return Err(FrameError::ShortChunk);
        }
        let mut transfer = [0; 16];
        payload.copy_to_slice(&mut transfer);
        let offset = payload.get_u64();
        Ok(Some(Frame::Chunk {
            transfer: TransferId(transfer),
            offset,
            bytes: payload,
        }))
    }
}

/// Bytes of a frame that holds one JSON message.
#[must_use]
pub fn encode_message(json: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(LENGTH_BYTES + 1 + json.len());
    out.put_u32(frame_length(json.len() + 1));
    out.put_u8(KIND_MESSAGE);
    out.put_slice(json);
    out.freeze()
}

/// Bytes of a frame that holds one chunk of a blob.
#[must_use]
pub fn encode_chunk(transfer: TransferId, offset: u64, bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(LENGTH_BYTES + 1 + CHUNK_HEADER_BYTES + bytes.len());
    out.put_u32(frame_length(1 + CHUNK_HEADER_BYTES + bytes.len()));
    out.put_u8(KIND_CHUNK);
    out.put_slice(&transfer.0);
    out.put_u64(offset);
    out.put_slice(bytes);
    out.freeze()
}

fn frame_length(length: usize) -> u32 {
    u32::try_from(length).expect("callers encode at most one page, far below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_they_were_cut() {
        let transfer = TransferId([7; 16]);
        let stream = [encode_message(b"{}"), encode_chunk(transfer, 9, b"abc")].concat();
        let mut decoder = Decoder::new(64);
        let mut frames = Vec::new();
        for byte in stream {
            decoder.buffer_mut().put_u8(byte);
            frames.extend(decoder.next_frame().expect("the stream is well formed"));
        }
        assert_eq!(
            frames,
            [
                Frame::Message(Bytes::from_static(b"{}")),
                Frame::Chunk {
                    transfer,
                    offset: 9,
                    bytes: Bytes::from_static(b"abc")
                }
            ]
        );
        assert!(!decoder.is_mid_frame());
    }

    #[test]
    fn a_length_is_refused_before_its_bytes_come() {
        let refused = |bytes: &[u8]| {
            let mut decoder = Decoder::new(16);
            decoder.buffer_mut().put_slice(bytes);
            decoder.next_frame()
        };
        assert_eq!(
            refused(&[0, 0, 0, 17]),
            Err(FrameError::TooLarge {
                length: 17,
                limit: 16
            })
        );
        assert_eq!(refused(&[0, 0, 0, 0]), Err(FrameError::Empty));
        assert_eq!(refused(&[0, 0, 0, 9, 2]), Err(FrameError::UnknownKind(2)));
        assert_eq!(refused(&[0, 0, 0, 2, 1, 0]), Err(FrameError::ShortChunk));
        assert_eq!(refused(&[0, 0, 0]), Ok(None));
    }
}
