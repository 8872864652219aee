//! Uploads nobody went on with, and files no message names any more, are taken away now and then.

use crate::store::Store;
use breeze_protocol::limit::UPLOAD_KEPT_MS;
use std::time::Duration;

/// How often it is looked: room that is given up is wanted back the same day.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
/// The first look comes when everybody is back after a start; not at the moment of the first daily backup, a minute after it,
/// which would be refused meanwhile and wait an hour.
const FIRST_AFTER: Duration = Duration::from_secs(90);

/// Sweeps until the task is dropped.
pub async fn serve<S: Store>(store: S) {
    tokio::time::sleep(FIRST_AFTER).await;
    loop {
        match store.sweep_files(UPLOAD_KEPT_MS).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "files that no message names any more were taken away"),
            Err(error) => tracing::warn!(%error, "files could not be swept; trying again"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
