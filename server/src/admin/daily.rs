//! The daily backup: made while the server runs, the newest few kept.

use super::Admin;
use super::operator::now_ms;
use crate::config::Backups;
use crate::stamp;
use crate::store::desk::Desk;
use crate::store::manifest::MANIFEST_FILE;
use crate::store::{backup, data_dir};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether one is due: a server that runs for an hour a day gets its backup too.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Pause after one that failed: the disk is not fuller a minute later, and the log need not say so.
const RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// Makes backups until the task is dropped.
pub async fn serve<S: Desk>(admin: Arc<Admin<S>>, backups: Backups) {
    let mut pause = LOOK_EVERY.min(backups.every);
    loop {
        tokio::time::sleep(pause).await;
        pause = match turn(&admin, backups).await {
            Ok(()) => LOOK_EVERY.min(backups.every),
            Err(sentence) => {
                tracing::error!("the daily backup was not made: {sentence}");
                RETRY_AFTER.min(backups.every)
            }
        };
    }
}

async fn turn<S: Desk>(admin: &Admin<S>, backups: Backups) -> Result<(), String> {
    let operator = &admin.operator;
    let (data, now) = (operator.kept.data.clone(), now_ms());
    // Before there is an owner, there is nothing to lose.
    let owned = operator.store.owner().await.map_err(|error| error.to_string())?;
    if owned.is_none() || !is_due(&data, now, backups.every) {
        return Ok(());
    }
    let name = format!("{}{}", backup::DAILY, stamp::name(now));
    let to = backup::folder(&data).join(name);
    let made = operator
        .back_up(to, now)
        .await
        .map_err(|error| error.to_string())?;
    tracing::info!(bytes = made.bytes, "a backup was made: {}", made.dir.display());
    tokio::task::spawn_blocking(move || backup::thin(&data, backups.keep))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("older ones could not be taken away ({error})"))
}

/// Whether the newest daily backup is older than the time between two, or from a clock that was wrong.
fn is_due(data: &Path, now_ms: u64, every: Duration) -> bool {
    let newest = backup::daily(data).pop();
    let made_ms = newest.and_then(|dir| data_dir::modified_ms(&dir.join(MANIFEST_FILE)));
    made_ms.is_none_or(|made_ms| u128::from(now_ms.abs_diff(made_ms)) >= every.as_millis())
}
