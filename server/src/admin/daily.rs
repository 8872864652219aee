//! The daily backup: made while the server runs, the newest few kept.

use super::Admin;
use crate::clock::wall_ms;
use crate::config::Backups;
use crate::store::backup;
use crate::store::desk::Desk;
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
    let (data, now) = (operator.kept.data.clone(), wall_ms());
    // Before there is an owner, there is nothing to lose.
    let owned = operator.store.owner().await.map_err(|error| error.to_string())?;
    if owned.is_none() || !backup::is_due(&data, now, backups.every) {
        return Ok(());
    }
    let to = backup::folder(&data).join(backup::daily_name(now));
    let made = operator
        .back_up(to, now)
        .await
        .map_err(|error| error.to_string())?;
    tracing::info!(bytes = made.bytes, "a backup was made: {}", made.dir.display());
    tokio::task::spawn_blocking(move || backup::thin(&data, now, backups.keep))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("older ones could not be taken away ({error})"))
}
