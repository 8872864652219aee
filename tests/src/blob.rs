//! Pictures on the wire: uploading whole, in part, and fetching; and pictures nobody should take.

use crate::client::Client;
use breeze_protocol::message::blob::{BlobBegin, BlobCommit, BlobGet};
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::{AccountId, BlobHash, ServerMessage, TransferId, frame, limit};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageFormat, RgbImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// A saturated picture of 256 pixels, PNG.
///
/// # Panics
/// Never: the picture is well formed.
#[must_use]
pub fn picture(rgb: [u8; 3]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    RgbImage::from_pixel(256, 256, image::Rgb(rgb))
        .write_to(&mut out, ImageFormat::Png)
        .expect("a plain picture");
    out.into_inner()
}

/// A picture that does not get small: pixels of no pattern, at least so many bytes and no more than may be sent.
///
/// # Panics
/// When it cannot be that large.
#[must_use]
pub fn noise(at_least: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(128, 128, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = state.to_le_bytes();
        image::Rgb([a, b, c])
    });
    let mut out = Cursor::new(Vec::new());
    picture
        .write_to(&mut out, ImageFormat::Png)
        .expect("a plain picture");
    let bytes = out.into_inner();
    assert!(bytes.len() > at_least && bytes.len() <= limit::AVATAR_BYTES_MAX);
    bytes
}

/// A PNG of one colour that says it is this large: small in bytes, huge when unpacked.
///
/// # Panics
/// Never: the picture is well formed.
#[must_use]
pub fn huge_picture(width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::NoFilter);
    image::GrayImage::new(width, height)
        .write_with_encoder(encoder)
        .expect("a plain picture");
    out.into_inner()
}

/// A PNG whose header lies about its size: two billion pixels in a hundred bytes.
#[must_use]
pub fn bomb() -> Vec<u8> {
    let mut png = huge_picture(8, 8);
    png[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            crc >> 1 ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

/// A picture's name.
#[must_use]
pub fn hash(bytes: &[u8]) -> BlobHash {
    BlobHash(Sha256::digest(bytes).into())
}

/// A new number of a transfer.
#[must_use]
pub fn transfer() -> TransferId {
    TransferId(*uuid::Uuid::now_v7().as_bytes())
}

impl Client {
    /// Announces an upload; from where to go on.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When it is answered by something else.
    pub async fn begin_upload(
        &self,
        transfer: TransferId,
        size: u64,
        hash: BlobHash,
    ) -> Result<u64, ErrorCode> {
        match self
            .ask(BlobBegin { transfer, size, hash })
            .await
            .expect("blob_begin is answered")
        {
            ServerMessage::BlobOffset(it) => Ok(it.offset),
            ServerMessage::Error(it) => Err(it.code),
            other => panic!("blob_begin was answered by {other:?}"),
        }
    }

    /// Sends the bytes of an upload between two places.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_chunks(
        &self,
        transfer: TransferId,
        bytes: &[u8],
        from: usize,
        to: usize,
    ) -> Result<(), String> {
        for at in (from..to).step_by(limit::BLOB_CHUNK_BYTES) {
            let end = to.min(at + limit::BLOB_CHUNK_BYTES);
            self.write(&frame::encode_chunk(transfer, at as u64, &bytes[at..end]))
                .await?;
        }
        Ok(())
    }

    /// Uploads a picture.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When it is answered by something else.
    pub async fn upload(&self, bytes: &[u8]) -> Result<BlobHash, ErrorCode> {
        let (transfer, name) = (transfer(), hash(bytes));
        let from = self.begin_upload(transfer, bytes.len() as u64, name).await?;
        let from = usize::try_from(from).expect("far below four gigabytes");
        self.send_chunks(transfer, bytes, from, bytes.len())
            .await
            .expect("the connection is open");
        match self
            .ask(BlobCommit { transfer })
            .await
            .expect("blob_commit is answered")
        {
            ServerMessage::Done(_) => Ok(name),
            ServerMessage::Error(it) => Err(it.code),
            other => panic!("blob_commit was answered by {other:?}"),
        }
    }

    /// Fetches somebody's picture.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When it is answered by something else, or the bytes are others than announced.
    pub async fn fetch(&self, account: AccountId, hash: BlobHash) -> Result<Vec<u8>, ErrorCode> {
        let info = match self
            .ask(BlobGet::picture(account, hash))
            .await
            .expect("blob_get is answered")
        {
            ServerMessage::BlobInfo(it) => it,
            ServerMessage::Error(it) => return Err(it.code),
            other => panic!("blob_get was answered by {other:?}"),
        };
        let size = usize::try_from(info.size).expect("far below four gigabytes");
        let whole = self.until("every chunk", |state| {
            let parts = state
                .chunks
                .iter()
                .filter(|(transfer, ..)| *transfer == info.transfer);
            let bytes: Vec<u8> = parts.flat_map(|(_, _, bytes)| bytes.to_vec()).collect();
            (bytes.len() == size).then_some(bytes)
        });
        let whole = whole.await;
        assert_eq!(self::hash(&whole), hash, "the picture came whole");
        Ok(whole)
    }
}
