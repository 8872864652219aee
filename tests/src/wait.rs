//! The one place that waits: a condition against a deadline. No test sleeps by itself.

use std::future::Future;
use std::time::{Duration, Instant};

/// Long enough for anything that takes milliseconds on a machine busy with other work.
pub const SOON: Duration = Duration::from_secs(15);
/// How often a condition is looked at.
const STEP: Duration = Duration::from_millis(2);

/// Looks until there is a value.
///
/// # Panics
/// When there is none within the time.
pub async fn until<T>(what: &str, within: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    until_async(what, within, || std::future::ready(probe())).await
}

/// The same for a probe that has to ask somebody.
///
/// # Panics
/// When there is no value within the time.
pub async fn until_async<T, F>(what: &str, within: Duration, mut probe: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        if let Some(value) = probe().await {
            return value;
        }
        assert!(start.elapsed() < within, "waited {within:?} in vain for: {what}");
        tokio::time::sleep(STEP).await;
    }
}

/// The same without a runtime.
///
/// # Panics
/// When there is no value within the time.
pub fn until_blocking<T>(what: &str, within: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(start.elapsed() < within, "waited {within:?} in vain for: {what}");
        std::thread::sleep(STEP);
    }
}

/// Looks for a while that a condition keeps holding: the only way to show that something does not happen.
///
/// # Panics
/// At the first look at which it does not.
pub async fn hold(what: &str, time: Duration, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while start.elapsed() < time {
        assert!(
            holds(),
            "did not hold {:?} after the start: {what}",
            start.elapsed()
        );
        tokio::time::sleep(STEP).await;
    }
}

/// Looks for a while: the first value there is, or `None` when the time is over without one.
pub async fn seek<T>(time: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < time {
        if let Some(value) = probe() {
            return Some(value);
        }
        tokio::time::sleep(STEP).await;
    }
    None
}

/// The same without a runtime.
pub fn seek_blocking<T>(time: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < time {
        if let Some(value) = probe() {
            return Some(value);
        }
        std::thread::sleep(STEP);
    }
    None
}

/// Lets load go on for a while. For faults at random moments and measuring windows, never for "it should be ready by now".
pub async fn run_for(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Lets a pretend world go on until a moment of its own clock.
pub async fn run_until(at: tokio::time::Instant) {
    tokio::time::sleep_until(at).await;
}

/// The same without a runtime.
pub fn run_for_blocking(time: Duration) {
    std::thread::sleep(time);
}

/// A future's value, or `None` after the time.
pub async fn at_most<T>(within: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(within, future).await.ok()
}
