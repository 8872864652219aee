//! Fuzz body: any bytes, cut anywhere, into the frame decoder.

use breeze_protocol::frame::{self, Decoder, Frame, FrameError};

/// The first three bytes choose the limit and how the rest is cut. True when at least one frame came out.
pub(crate) fn run(data: &[u8]) -> bool {
    let Some((&[limit, first, second], stream)) = data.split_first_chunk::<3>() else {
        return false;
    };
    let limit = [64, 4 * 1024, 256 * 1024][usize::from(limit) % 3];
    let (expected, end) = plain_reading(stream, limit);
    let mut decoder = Decoder::new(limit);
    let mut frames = Vec::new();
    let mut error = None;
    let mut fed = 0;
    let mut step = usize::from(first) + 1;
    while fed < stream.len() && error.is_none() {
        let next = stream.len().min(fed + step);
        step = (step * 31 + usize::from(second)) % 1500 + 1;
        decoder.buffer_mut().extend_from_slice(&stream[fed..next]);
        fed = next;
        error = drain(&mut decoder, &mut frames);
        let held = decoder.buffer_mut().capacity();
        assert!(
            held <= 4 * fed + 1024,
            "{held} bytes are held for {fed} that came"
        );
    }
    assert_eq!(frames, expected, "where the stream was cut changed what it says");
    if error.is_some() {
        assert_eq!(error, end, "where the stream was cut changed its error");
    } else if fed == stream.len() {
        assert_eq!(end, None, "an error was passed over");
    }
    for frame in &frames {
        check_reencode(frame);
    }
    !frames.is_empty()
}

fn drain(decoder: &mut Decoder, frames: &mut Vec<Frame>) -> Option<FrameError> {
    loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    }
}

/// The same format read the plainest way, all bytes at hand: what the decoder must agree with.
fn plain_reading(mut stream: &[u8], limit: usize) -> (Vec<Frame>, Option<FrameError>) {
    let mut frames = Vec::new();
    loop {
        let Some((head, rest)) = stream.split_first_chunk::<4>() else {
            return (frames, None);
        };
        let length = u32::from_be_bytes(*head) as usize;
        if length == 0 {
            return (frames, Some(FrameError::Empty));
        }
        if length > limit {
            return (frames, Some(FrameError::TooLarge { length, limit }));
        }
        match rest.first() {
            Some(&kind) if kind > 1 => return (frames, Some(FrameError::UnknownKind(kind))),
            _ if rest.len() < length => return (frames, None),
            Some(0) => frames.push(Frame::Message(rest[1..length].to_vec().into())),
            _ => match chunk(&rest[1..length]) {
                Some(chunk) => frames.push(chunk),
                None => return (frames, Some(FrameError::ShortChunk)),
            },
        }
        stream = &rest[length..];
    }
}

fn chunk(payload: &[u8]) -> Option<Frame> {
    let (transfer, rest) = payload.split_first_chunk::<16>()?;
    let (offset, bytes) = rest.split_first_chunk::<8>()?;
    Some(Frame::Chunk {
        transfer: breeze_protocol::TransferId(*transfer),
        offset: u64::from_be_bytes(*offset),
        bytes: bytes.to_vec().into(),
    })
}

fn check_reencode(frame: &Frame) {
    let bytes = match frame {
        Frame::Message(json) => frame::encode_message(json),
        Frame::Chunk {
            transfer,
            offset,
            bytes,
        } => frame::encode_chunk(*transfer, *offset, bytes),
    };
    let mut decoder = Decoder::new(bytes.len());
    decoder.buffer_mut().extend_from_slice(&bytes);
    assert_eq!(decoder.next_frame().as_ref(), Ok(&Some(frame.clone())));
}
