//! Notices that a server ends, without asking: its admin socket is kept open, and the system closes it.

use super::Order;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// One that is gone is looked for again this often: the system or a person may start it.
const AGAIN: Duration = Duration::from_secs(2);

/// Watches one server until it is dropped.
pub(super) struct Watch {
    /// Which watch, so that one that is over is not believed.
    pub(super) number: u64,
    over: Arc<AtomicBool>,
}

impl Watch {
    /// Starts the thread. Without one, the server's end shows when it is next asked.
    pub(super) fn start(socket: PathBuf, number: u64, orders: SyncSender<Order>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = over.clone();
        let thread = std::thread::Builder::new().name("breeze-watch".into());
        let started = thread.spawn(move || {
            let mut there = true;
            while !ended.load(Ordering::Relaxed) {
                if there && stay(&socket) {
                    continue;
                }
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                if there && orders.send(Order::Watch(number, false)).is_err() {
                    return;
                }
                there = false;
                std::thread::sleep(AGAIN);
                if is_there(&socket) && !ended.load(Ordering::Relaxed) {
                    // The next watch takes over.
                    drop(orders.send(Order::Watch(number, true)));
                    return;
                }
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no thread to watch the server");
        }
        Self { number, over }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Waits while the server keeps a connection open: `false` when there is none to be had.
#[cfg(unix)]
fn stay(socket: &std::path::Path) -> bool {
    use std::io::Read;
    let Ok(mut stream) = std::os::unix::net::UnixStream::connect(socket) else {
        return false;
    };
    // It says nothing by itself: what comes back is its end, or that it grew tired of the silence.
    drop(stream.read(&mut [0]));
    true
}

/// Whether somebody listens there.
#[cfg(unix)]
pub(super) fn is_there(socket: &std::path::Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

#[cfg(not(unix))]
pub(super) fn is_there(_socket: &std::path::Path) -> bool {
    false
}

#[cfg(not(unix))]
fn stay(_socket: &std::path::Path) -> bool {
    std::thread::sleep(Duration::from_secs(3600));
    true
}
