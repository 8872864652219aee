//! What is over is taken away now and then: messages kept long enough, first answers nobody asks for any more, uploads
//! nobody went on with, files no message names.

use crate::store::Store;
use breeze_protocol::limit::UPLOAD_KEPT_MS;
use std::time::Duration;

/// How often it is looked: room that is given up is wanted back the same day.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
/// The first look at files comes when everybody is back after a start; not at the moment of the first daily backup, a minute
/// after it, which would be refused meanwhile and wait an hour.
const FIRST_AFTER: Duration = Duration::from_secs(90);
/// Between two turns of erasing, whoever writes goes first.
const TURN_GAP: Duration = Duration::from_millis(20);

/// Sweeps until the task is dropped. Messages end after `keep_days` at most; 0: as conversations say.
pub async fn serve<S: Store>(store: S, keep_days: u64) {
    messages(&store, keep_days).await;
    tokio::time::sleep(FIRST_AFTER).await;
    loop {
        match store.sweep_files(UPLOAD_KEPT_MS).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "files that no message names any more were taken away"),
            Err(error) => tracing::warn!(%error, "files could not be swept; trying again"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
        messages(&store, keep_days).await;
    }
}

/// Ends messages that are old enough and erases them, before files are looked at: theirs may go then.
async fn messages<S: Store>(store: &S, keep_days: u64) {
    loop {
        match store.expire(keep_days).await {
            Ok(true) => tokio::time::sleep(TURN_GAP).await,
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "messages that are over could not be erased; trying again in an hour");
                return;
            }
        }
    }
}
