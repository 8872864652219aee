//! What a device that was away is sent when it comes back: bytes and milliseconds, from the first byte to the last.

use super::table;
use crate::client::Habits;
use crate::people::{Device, star};
use crate::proxy::Proxy;
use crate::server::{Plan, Server};
use breeze_protocol::ConvId;
use breeze_protocol::limit::RESUME_DELTA_MAX;
use std::time::{Duration, Instant};

/// Bytes of one text.
const TEXT: usize = 60;
/// Times each device comes back; the median is told.
const RUNS: usize = 5;

/// Measures and prints.
///
/// # Panics
/// When a device does not catch up.
pub async fn run(missed: &[usize]) {
    let server = Plan::new().start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let friend = bob.online(&server).await;
    let conv = friend.conv(ann.account).await;
    table::head(
        &format!("A device comes back that missed so many messages of {TEXT} bytes, over TLS"),
        &[
            "missed",
            "bytes to it",
            "per message",
            "of them text",
            "median",
            "max",
        ],
    );
    let mut nothing = 0;
    for count in [0].iter().chain(missed) {
        let device = ann.second_device(&server).await;
        // Twice: what it acknowledges the first time is news of the second.
        for _ in 0..2 {
            device.online(&server.endpoint()).await.bye().await;
        }
        for n in 0..*count {
            friend.say(conv, &format!("{n:0TEXT$}")).await;
        }
        let mut samples = Vec::new();
        let mut bytes = 0;
        for _ in 0..RUNS {
            let (came, took) = come_back(&server, &device, (conv, *count)).await;
            bytes = came;
            samples.push(took);
        }
        samples.sort_unstable();
        if *count == 0 {
            nothing = bytes;
        }
        table::row(&cells((*count, bytes, nothing), &samples));
    }
}

/// Brings a copy of the device back from where it was: what came, and how long it took.
async fn come_back(server: &Server, device: &Device, (conv, count): (ConvId, usize)) -> (u64, Duration) {
    let device = device.copied();
    let proxy = Proxy::before(&server.endpoint()).await;
    let (to, start) = (proxy.endpoint(&server.endpoint()), Instant::now());
    // What it acknowledged would be one more thing that the next one has missed.
    let habits = Habits {
        acks: false,
        ..Habits::default()
    };
    let client = device.try_online(&to, habits, None).await.expect("it comes back");
    let took = start.elapsed();
    let known = device.local().texts(conv).len();
    // A mark of the sender's is missed as well: at the limit it is a snapshot, with the newest of each conversation.
    let whole = count as u64 >= RESUME_DELTA_MAX || known >= count;
    assert!(whole, "it knows {known} of {count}");
    let bytes = proxy.passed_down();
    client.bye().await;
    (bytes, took)
}

#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
fn cells((count, bytes, nothing): (usize, u64, u64), samples: &[Duration]) -> [String; 6] {
    let ms = |at: usize| {
        samples
            .get(at)
            .map_or("-".to_owned(), |it| format!("{:.1} ms", it.as_secs_f64() * 1e3))
    };
    let more = bytes.saturating_sub(nothing) as f64;
    let each = if count == 0 {
        "-".to_owned()
    } else {
        format!("{:.0}", more / count as f64)
    };
    let text = if count == 0 {
        "-".to_owned()
    } else {
        format!("{:.0} %", (count * TEXT) as f64 * 100.0 / bytes as f64)
    };
    [
        count.to_string(),
        bytes.to_string(),
        each,
        text,
        ms(samples.len() / 2),
        ms(samples.len() - 1),
    ]
}
