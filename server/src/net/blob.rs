//! Pictures: uploaded in chunks, checked at the commit, sent to whoever may see the profile.

use super::connection::Connection;
use super::uploads::{BadUpload, Whole};
use super::{Me, Net, error, store_error};
use crate::core::outbox::{Note, Queued};
use crate::hub::pipe::Pipe;
use crate::secret;
use crate::store::{Refusal, Store, StoreError};
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::frame::encode_chunk;
use breeze_protocol::limit::BLOB_CHUNK_BYTES;
use breeze_protocol::message::blob::{
    BlobBegin, BlobCancel, BlobCommit, BlobGet, BlobInfo, BlobOffset, BlobState,
};
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::message::control::Done;
use breeze_protocol::{ServerMessage, TransferId};
use image::{ImageFormat, ImageReader};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// Most pixels along one side: what a receiver can decode within its limits.
const SIDE_MAX: u32 = 4096;

pub(super) fn begin<S: Store>(connection: &Connection<S>, id: Option<u64>, begin: &BlobBegin) {
    let (account, transfer, now_ms) = (connection.me.account, begin.transfer, connection.now_ms());
    let begun = connection
        .net
        .uploads()
        .begin(account, transfer, begin.size, begin.hash, now_ms);
    let answer = match begun {
        Ok(offset) => BlobOffset { transfer, offset }.into(),
        Err(BadUpload::TooLarge) => error(ErrorCode::TooLarge, "a picture may have at most 64 KiB"),
        Err(BadUpload::Malformed) => error(
            ErrorCode::Malformed,
            "this upload has no bytes, or began with other numbers",
        ),
    };
    connection.pipe.answer(id, answer);
}

pub(super) fn state<S: Store>(connection: &Connection<S>, id: Option<u64>, state: &BlobState) {
    let held = connection
        .net
        .uploads()
        .state(connection.me.account, state.transfer);
    let answer = match held {
        Some(offset) => BlobOffset {
            transfer: state.transfer,
            offset,
        }
        .into(),
        None => error(ErrorCode::NotFound, "no such upload"),
    };
    connection.pipe.answer(id, answer);
}

pub(super) fn cancel<S: Store>(connection: &Connection<S>, id: Option<u64>, cancel: &BlobCancel) {
    connection
        .net
        .uploads()
        .cancel(connection.me.account, cancel.transfer);
    connection.pipe.answer(id, Done {});
}

/// Checks a whole upload and keeps it. Until here nobody can see any of it.
pub(super) async fn commit<S: Store>(net: &Net<S>, me: &Me, commit: &BlobCommit) -> ServerMessage {
    let taken = net.uploads().take(me.account, commit.transfer);
    let whole = match taken {
        Ok(Some(whole)) => whole,
        Ok(None) => return error(ErrorCode::NotFound, "no such upload"),
        Err(_) => return error(ErrorCode::OutOfOrder, "bytes are missing"),
    };
    let checked = tokio::task::spawn_blocking(move || check(&whole).map(|()| whole)).await;
    let whole = match checked {
        Ok(Ok(whole)) => whole,
        Ok(Err((code, text))) => return error(code, text),
        Err(_) => return error(ErrorCode::Malformed, "this is not a picture"),
    };
    match net
        .store
        .avatar_put(me.account, whole.hash, whole.bytes.clone())
        .await
    {
        Ok(()) => Done {}.into(),
        Err(Refusal::Nack(code)) => {
            tracing::debug!(?code, "a picture was refused");
            error(ErrorCode::TooLarge, "the quota of pictures is used up")
        }
        Err(Refusal::Store(failed)) => {
            let now_ms = net.hub.clock().now_ms();
            net.uploads().put_back(me.account, commit.transfer, whole, now_ms);
            let full = matches!(failed, StoreError::Full);
            tracing::warn!(error = %failed, "a picture could not be kept");
            error(
                ErrorCode::Internal,
                if full {
                    "the server's disk is full"
                } else {
                    "the server is busy; try again"
                },
            )
        }
    }
}

fn check(whole: &Whole) -> Result<(), (ErrorCode, &'static str)> {
    if Sha256::digest(&whole.bytes)[..] != whole.hash.0 {
        return Err((
            ErrorCode::HashMismatch,
            "the bytes are not those that were announced",
        ));
    }
    let not_a_picture = (ErrorCode::Malformed, "this is not a PNG, JPEG or WebP picture");
    let reader = ImageReader::new(Cursor::new(&whole.bytes))
        .with_guessed_format()
        .map_err(|_| not_a_picture)?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)
    ) {
        return Err(not_a_picture);
    }
    let (width, height) = reader.into_dimensions().map_err(|_| not_a_picture)?;
    if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
        return Err((
            ErrorCode::Malformed,
            "a picture may have at most 4096 pixels along a side",
        ));
    }
    Ok(())
}

/// Sends a picture, or says the same for "not there" and "not for you".
pub(super) async fn get<S: Store>(
    net: &Net<S>,
    me: &Me,
    pipe: &Pipe,
    id: Option<u64>,
    ask: &BlobGet,
) -> Option<ServerMessage> {
    let found = match (ask.conv, ask.account, ask.place) {
        (Some(conv), _, None) => net.store.group_avatar_get(me.account, conv, ask.hash).await,
        (None, Some(owner), None) => net.store.avatar_get(me.account, owner, ask.hash).await,
        // Files go over a connection of their own.
        _ => Ok(None),
    };
    let bytes = match found {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Some(error(ErrorCode::NotFound, "no such picture")),
        Err(error) => return Some(store_error(&error)),
    };
    let transfer = TransferId(secret::random_id());
    let info = BlobInfo {
        transfer,
        size: bytes.len() as u64,
        hash: ask.hash,
    };
    let chunks = bytes.chunks(BLOB_CHUNK_BYTES).enumerate();
    let chunks = chunks.map(|(at, chunk)| encode_chunk(transfer, (at * BLOB_CHUNK_BYTES) as u64, chunk));
    let frames = std::iter::once(encode_server(&Envelope::answer(id, info))).chain(chunks);
    pipe.frames(
        frames
            .map(|bytes| Queued {
                bytes,
                note: Note::Plain,
            })
            .collect(),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use breeze_protocol::BlobHash;

    fn whole(bytes: &[u8]) -> Whole {
        Whole {
            hash: BlobHash(Sha256::digest(bytes).into()),
            bytes: bytes.to_vec(),
        }
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = image::GrayImage::new(width, height);
        picture
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .expect("a small picture encodes");
        bytes
    }

    #[test]
    fn only_pictures_of_a_sane_size_are_kept() {
        assert_eq!(check(&whole(&png(16, 16))), Ok(()));
        let mut other = whole(&png(16, 16));
        other.hash = BlobHash([0; 32]);
        assert_eq!(
            check(&other).map_err(|(code, _)| code),
            Err(ErrorCode::HashMismatch)
        );
        for bad in [&b"GIF89a not ours"[..], b"", b"\x89PNG\r\n\x1a\n", &png(5000, 1)] {
            assert_eq!(
                check(&whole(bad)).map_err(|(code, _)| code),
                Err(ErrorCode::Malformed)
            );
        }
    }
}
