//! Tells systemd how the server is: ready, stopping, and alive for as long as its hub answers. Nobody hears it elsewhere.

use crate::hub::Handle;
use sd_notify::NotifyState;
use std::time::Duration;
use tokio::task::JoinHandle;

/// It listens: whatever was ordered after it may start now. From here on it shows signs of life, in the task returned.
pub(crate) fn ready(address: &str, hub: Handle) -> JoinHandle<()> {
    tell(&[
        NotifyState::Ready,
        NotifyState::Status(&format!("Reachable at {address}")),
    ]);
    tokio::spawn(watch(hub))
}

/// It says goodbye to everybody: not a crash, and not to be started again.
pub(crate) fn stopping(signs: &JoinHandle<()>) {
    signs.abort();
    tell(&[NotifyState::Stopping, NotifyState::Status("Saying goodbye")]);
}

/// Says so while the hub answers, if systemd asked for it. A hub that hangs falls silent, and systemd starts anew.
async fn watch(hub: Handle) {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut again = tokio::time::interval((patience / SIGNS_PER_PATIENCE).max(SIGN_GAP_MIN));
    loop {
        again.tick().await;
        if !hub.answers().await {
            return;
        }
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd does not hear this server");
    }
}

/// Signs of life in the time after which systemd loses patience: one may come late, as its manual advises.
const SIGNS_PER_PATIENCE: u32 = 2;
/// Least time between two of them, against a patience of nothing.
const SIGN_GAP_MIN: Duration = Duration::from_millis(10);
