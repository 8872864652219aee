//! Uploads on a transfer connection: begun, asked after, ended, given up.

use super::super::incoming::Ending;
use super::super::{error, store_error};
use super::Transfer;
use crate::store::files::is_full;
use crate::store::uploads::{Begun, NoUpload, Wish};
use crate::store::{Store, StoreError};
use breeze_protocol::message::blob::{BlobBegin, BlobOffset};
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::message::control::Done;
use breeze_protocol::{ServerMessage, TransferId};
use std::io;

impl<S: Store> Transfer<S> {
    pub(super) async fn begin(&mut self, ask: &BlobBegin) -> ServerMessage {
        let (store, transfer) = (&self.net.store, ask.transfer);
        if ask.size > store.file_limits().file_bytes {
            return error(ErrorCode::TooLarge, "the file is larger than this server takes");
        }
        let Some(files) = store.files().cloned() else {
            return error(ErrorCode::Unsupported, "this server takes no files");
        };
        let wish = Wish {
            account: self.account,
            transfer,
            size: ask.size,
            hash: ask.hash,
        };
        match store.upload_begin(wish).await {
            Ok(Ok(Begun { whole: true })) => {
                let offset = ask.size;
                return BlobOffset { transfer, offset }.into();
            }
            Ok(Ok(Begun { whole: false })) => {}
            Ok(Err(no)) => return no_upload(no),
            Err(StoreError::Full) => return full(),
            Err(error) => return store_error(&error),
        }
        let (open, owner) = (self.net.incoming.clone(), self.seat.number);
        let key = (self.account, transfer);
        match on_disk(move || open.begin(&files, key, owner, wish.size, wish.hash)).await {
            Ok(offset) => BlobOffset { transfer, offset }.into(),
            Err(error) => disk_error(&error),
        }
    }

    pub(super) async fn state(&mut self, transfer: TransferId) -> ServerMessage {
        let known = match self.net.store.upload_known(self.account, transfer).await {
            Ok(Some(known)) => known,
            Ok(None) => return error(ErrorCode::NotFound, "no such upload"),
            Err(error) => return store_error(&error),
        };
        let open = self.net.incoming.held((self.account, transfer));
        let offset = match (known.whole, open, self.net.store.files()) {
            (true, _, _) => known.size,
            (false, Some(held), _) => held,
            (false, None, files) => files.map_or(0, |files| files.held(self.account, transfer)),
        };
        BlobOffset { transfer, offset }.into()
    }

    /// Checks a whole upload and keeps it. Until here nobody can see any of it, and after it only whoever is sent it.
    pub(super) async fn commit(&mut self, transfer: TransferId) -> ServerMessage {
        let (store, account) = (&self.net.store, self.account);
        let known = match store.upload_known(account, transfer).await {
            Ok(Some(known)) => known,
            Ok(None) => return error(ErrorCode::NotFound, "no such upload"),
            Err(error) => return store_error(&error),
        };
        if known.whole {
            return Done {}.into();
        }
        let Some(files) = store.files().cloned() else {
            return error(ErrorCode::NotFound, "no such upload");
        };
        let (open, owner) = (self.net.incoming.clone(), self.seat.number);
        let ended = match on_disk(move || open.end(&files, (account, transfer), owner)).await {
            Ok(ended) => ended,
            Err(error) => return disk_error(&error),
        };
        let noted = match ended {
            Ending::Kept => store.upload_whole(account, transfer).await,
            Ending::Other => store.upload_cancel(account, transfer).await.map(|()| false),
            Ending::Short => return error(ErrorCode::OutOfOrder, "bytes are missing"),
            Ending::NotOurs => return error(ErrorCode::OutOfOrder, "begin it on this connection first"),
        };
        match (noted, ended) {
            (Ok(true), _) => Done {}.into(),
            (Ok(false), Ending::Other) => error(
                ErrorCode::HashMismatch,
                "the bytes are not those that were announced",
            ),
            (Ok(false), _) => error(ErrorCode::NotFound, "the upload was given up"),
            (Err(StoreError::Full), _) => full(),
            (Err(error), _) => store_error(&error),
        }
    }

    /// Stops a download, or gives an upload up.
    pub(super) async fn cancel(&mut self, transfer: TransferId) -> ServerMessage {
        let before = self.downloads.len();
        self.downloads.retain(|download| download.transfer != transfer);
        if self.downloads.len() < before {
            return Done {}.into();
        }
        if let Err(error) = self.net.store.upload_cancel(self.account, transfer).await {
            return store_error(&error);
        }
        let (open, key) = (self.net.incoming.clone(), (self.account, transfer));
        if let Some(files) = self.net.store.files().cloned()
            && let Err(error) = on_disk(move || open.forget(&files, key)).await
        {
            tracing::warn!(%error, "an upload's bytes stay until they are swept");
        }
        Done {}.into()
    }
}

fn no_upload(no: NoUpload) -> ServerMessage {
    match no {
        NoUpload::Malformed => error(ErrorCode::Malformed, "this upload began with other numbers"),
        NoUpload::Busy => error(ErrorCode::Busy, "four uploads are not finished yet"),
        NoUpload::Quota => error(ErrorCode::Quota, "the quota of files is used up"),
    }
}

fn full() -> ServerMessage {
    error(ErrorCode::StorageFull, "the server's disk is full")
}

pub(super) fn disk_error(error_: &io::Error) -> ServerMessage {
    if is_full(error_) {
        tracing::warn!("a file did not fit on the disk");
        return full();
    }
    tracing::error!(error = %error_, "a file could not be kept");
    error(ErrorCode::Internal, "the server could not keep the file")
}

/// Lets a thread that may wait do it.
pub(super) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(io::Error::other("the work failed")))
}
