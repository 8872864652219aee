//! Files on a connection of their own: tickets, uploads in pieces, downloads from anywhere, messages that carry them.

use crate::blob;
use crate::client::script::mid;
use crate::client::{Client, Endpoint, Habits};
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::blob::{BlobCommit, BlobGet, BlobInfo, TransferTicket};
use breeze_protocol::message::chat::{EntryKind, Send, Sent};
use breeze_protocol::message::code::{ErrorCode, NackCode};
use breeze_protocol::message::hello::{Hello, PROTOCOL, PROTOCOL_MIN, Role};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{BlobHash, ConvId, ServerMessage, TransferId};
use std::time::Duration;

/// Bytes of no pattern, so that no two pieces are alike; another seed gives others.
#[must_use]
pub fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

/// What a message says of these bytes.
#[must_use]
pub fn attachment(name: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        hash: blob::hash(bytes),
        size: bytes.len() as u64,
        name: name.to_owned(),
        media: String::new(),
        width: None,
        height: None,
    }
}

/// A message of one file.
#[must_use]
pub fn file_message(conv: ConvId, caption: &str, file: Attachment) -> Send {
    Send {
        kind: EntryKind::File,
        attachments: vec![file],
        ..Send::text(mid(), conv, caption)
    }
}

impl Client {
    /// A ticket for a transfer connection of this device.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn ticket(&self) -> Secret {
        match self.ask(TransferTicket {}).await.expect("a ticket is answered") {
            ServerMessage::Ticket(it) => it.ticket,
            other => panic!("transfer_ticket was answered by {other:?}"),
        }
    }

    /// A transfer connection with a ticket.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When there is no connection.
    pub async fn transfer(to: &Endpoint, ticket: Secret) -> Result<Self, ErrorCode> {
        let client = Self::open(to, Habits::default(), Default::default(), None)
            .await
            .expect("the server is there");
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL,
            client: "harness".into(),
            role: Role::Transfer,
            ticket: Some(ticket),
        };
        match client.ask(hello).await.expect("hello is answered") {
            ServerMessage::HelloOk(_) => Ok(client),
            ServerMessage::Error(it) => Err(it.code),
            other => panic!("hello was answered by {other:?}"),
        }
    }

    /// A transfer connection beside this one.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn beside(&self, to: &Endpoint) -> Self {
        Self::transfer(to, self.ticket().await)
            .await
            .expect("a fresh ticket is good")
    }

    /// Ends an upload.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When it is answered by something else.
    pub async fn commit(&self, transfer: TransferId) -> Result<(), ErrorCode> {
        match self
            .ask(BlobCommit { transfer })
            .await
            .expect("blob_commit is answered")
        {
            ServerMessage::Done(_) => Ok(()),
            ServerMessage::Error(it) => Err(it.code),
            other => panic!("blob_commit was answered by {other:?}"),
        }
    }

    /// Begins a download; the chunks follow.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When it is answered by something else.
    pub async fn begin_file(
        &self,
        place: FilePlace,
        hash: BlobHash,
        offset: u64,
    ) -> Result<BlobInfo, ErrorCode> {
        match self
            .ask(BlobGet::file(place, hash, offset))
            .await
            .expect("blob_get is answered")
        {
            ServerMessage::BlobInfo(it) => Ok(it),
            ServerMessage::Error(it) => Err(it.code),
            other => panic!("blob_get was answered by {other:?}"),
        }
    }

    /// What has come of a download, in order.
    #[must_use]
    pub fn come(&self, transfer: TransferId) -> Vec<u8> {
        let state = self.state();
        let parts = state.chunks.iter().filter(|(of, ..)| *of == transfer);
        parts.flat_map(|(_, _, bytes)| bytes.to_vec()).collect()
    }

    /// Waits until so many bytes of a download have come.
    ///
    /// # Panics
    /// When they do not.
    pub async fn until_come(&self, transfer: TransferId, count: usize) {
        self.until_within("the file's bytes", Duration::from_secs(60), |state| {
            let parts = state.chunks.iter().filter(|(of, ..)| *of == transfer);
            let come: usize = parts.map(|(_, _, bytes)| bytes.len()).sum();
            (come >= count).then_some(())
        })
        .await;
    }

    /// Fetches a file whole.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When its bytes are others than announced.
    pub async fn fetch_file(&self, place: FilePlace, hash: BlobHash) -> Result<Vec<u8>, ErrorCode> {
        let info = self.begin_file(place, hash, 0).await?;
        let size = usize::try_from(info.size).expect("tests use small files");
        self.until_come(info.transfer, size).await;
        let bytes = self.come(info.transfer);
        assert_eq!(blob::hash(&bytes), hash, "the file came whole");
        Ok(bytes)
    }

    /// Sends a message of one file that is uploaded.
    ///
    /// # Errors
    /// The code of the refusal.
    ///
    /// # Panics
    /// When the connection is gone.
    pub async fn send_file(&self, conv: ConvId, caption: &str, file: Attachment) -> Result<Sent, NackCode> {
        let send = file_message(conv, caption, file);
        let mid = send.mid;
        self.tell(send).await.expect("the connection is open");
        self.sent(mid).await
    }
}
