//! What the store answers about files, and how it takes away bytes that nothing names any more.

use super::super::StoreError;
use super::super::data_dir::free_bytes;
use super::super::files::Files;
use super::super::uploads::{Begun, FileLimits, FileStore, Known, NoUpload, Wish};
use super::writer::closed;
use super::{SqliteStore, files};
use breeze_protocol::message::attachment::FilePlace;
use breeze_protocol::{AccountId, BlobHash, DeviceId, TransferId};

/// Bytes that stay free beside a file that comes, so that messages can still be stored: 64 MiB.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;

impl FileStore for SqliteStore {
    fn file_limits(&self) -> FileLimits {
        self.inner.limits
    }

    fn files(&self) -> Option<&Files> {
        self.inner.files.as_ref()
    }

    async fn upload_begin(&self, wish: Wish) -> Result<Result<Begun, NoUpload>, StoreError> {
        self.has_room().await?;
        if let Some(files) = self.files().cloned() {
            let free = tokio::task::spawn_blocking(move || free_bytes(files.data())).await;
            // A disk that does not say how full it is says so when it is written to.
            if let Ok(Ok(free)) = free
                && free < wish.size.saturating_add(SPARE_BYTES)
            {
                return Err(StoreError::Full);
            }
        }
        self.change(move |tx| files::begin(tx, &wish)).await
    }

    async fn upload_known(
        &self,
        account: AccountId,
        transfer: TransferId,
    ) -> Result<Option<Known>, StoreError> {
        self.read(move |conn| files::known(conn, account, transfer)).await
    }

    async fn upload_whole(&self, account: AccountId, transfer: TransferId) -> Result<bool, StoreError> {
        self.change(move |tx| Ok(files::whole(tx, account, transfer)?))
            .await
    }

    async fn upload_cancel(&self, account: AccountId, transfer: TransferId) -> Result<(), StoreError> {
        self.change(move |tx| Ok(files::cancel(tx, account, transfer)?))
            .await
    }

    async fn file_size(
        &self,
        account: AccountId,
        place: FilePlace,
        hash: BlobHash,
    ) -> Result<Option<u64>, StoreError> {
        self.read(move |conn| files::size_at(conn, account, place, hash))
            .await
    }

    async fn device_open(&self, device: DeviceId) -> Result<bool, StoreError> {
        self.read(move |conn| files::device_open(conn, device.0)).await
    }

    async fn sweep_files(&self, kept_ms: u64) -> Result<usize, StoreError> {
        let Some(files) = self.files().cloned() else {
            return Ok(0);
        };
        // A backup links what its moment of the data names: nothing of it goes meanwhile.
        let _no_backup = self.inner.backing_up.lock().await;
        self.change(move |tx| Ok(files::expire(tx, kept_ms)?)).await?;
        let (incoming, whole) = on_disk({
            let files = files.clone();
            move || (files.incoming(), files.list())
        })
        .await?;
        for (account, transfer) in incoming {
            if self.upload_known(account, transfer).await?.is_none() {
                let files = files.clone();
                on_disk(move || files.forget(account, transfer))
                    .await?
                    .map_err(down)?;
            }
        }
        let mut gone = 0;
        for hash in whole {
            if !self.read(move |conn| files::is_named(conn, hash)).await? {
                gone += usize::from(self.put_aside(hash).await?);
            }
        }
        on_disk(move || files.bury()).await?.map_err(down)?;
        Ok(gone)
    }
}

impl SqliteStore {
    /// Puts a file aside unless something names it by now. Between two commits, so that nothing comes to name it meanwhile.
    async fn put_aside(&self, hash: BlobHash) -> Result<bool, StoreError> {
        let Some(files) = self.files().cloned() else {
            return Ok(false);
        };
        let aside = self.change(move |tx| {
            let named = files::is_named(tx.conn, hash)?;
            Ok(if named {
                Ok(false)
            } else {
                files.put_aside(hash).map(|()| true)
            })
        });
        aside.await?.map_err(down)
    }
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| closed())
}

fn down(error: std::io::Error) -> StoreError {
    StoreError::Down(error.to_string())
}
