//! How near the store alone comes to its disk: beside bare writes, with and without waiting for the disk, and how long its log grows.

use super::alone::{Alone, people, per_second};
use super::table;
use breeze_server::fault::Fault;
use breeze_server::store::Store;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of one text.
const TEXT: usize = 200;
/// Messages on the way at once: one sender, a lively server, a full one.
const ON_THE_WAY: [usize; 3] = [1, 64, 512];
/// Turns of waiting for the disk and of not waiting.
const TURNS: u32 = 3;
/// Room made before the preallocated file is written.
const ROOM: usize = 64 * 1024 * 1024;

/// Measures and prints.
///
/// # Panics
/// When the store cannot be made.
pub async fn run(seconds: u64, saturate_s: u64) {
    let time = Duration::from_secs(seconds);
    beside_bare(time).await;
    beside_not_waiting(time).await;
    if saturate_s > 0 {
        longest_log(Duration::from_secs(saturate_s)).await;
    }
}

async fn beside_bare(time: Duration) {
    let dir = tempfile::tempdir().expect("a folder");
    let growing = bare(dir.path(), 0, time);
    let prepared = bare(dir.path(), ROOM, time);
    table::head(
        &format!("The store alone, durable, {TEXT} bytes a message"),
        &[
            "what",
            "per second",
            "ratio to append",
            "ratio to preallocated",
            "samples",
            "median",
            "p99",
            "max",
        ],
    );
    let ratios = |rate: f64| {
        [
            format!("{rate:.0}"),
            format!("{:.2}", rate / growing),
            format!("{:.2}", rate / prepared),
        ]
    };
    for (what, rate) in [
        ("append + fdatasync, bare", growing),
        ("the same into a preallocated file", prepared),
    ] {
        table::row(&[&[what.to_owned()][..], &ratios(rate)].concat());
    }
    for count in ON_THE_WAY {
        let mut samples = sent(count, time, Fault::None).await;
        let rate = per_second(samples.len(), time);
        let spread = table::spread(&mut samples);
        table::row(
            &[
                &[format!("store, {count} on the way")][..],
                &ratios(rate),
                &spread,
            ]
            .concat(),
        );
    }
}

async fn beside_not_waiting(time: Duration) {
    table::head(
        "Messages a second with the commit waiting for the disk (FULL) and not waiting (NORMAL)",
        &["on the way", "turn", "FULL", "NORMAL", "FULL / NORMAL"],
    );
    for count in ON_THE_WAY {
        for turn in 1..=TURNS {
            let full = per_second(sent(count, time, Fault::None).await.len(), time);
            let normal = per_second(sent(count, time, Fault::SyncLater).await.len(), time);
            table::row(&[
                count.to_string(),
                turn.to_string(),
                format!("{full:.0}"),
                format!("{normal:.0}"),
                format!("{:.2}", full / normal),
            ]);
        }
    }
}

async fn sent(on_the_way: usize, time: Duration, fault: Fault) -> Vec<Duration> {
    let dir = tempfile::tempdir().expect("a folder");
    let (me, _) = people(dir.path()).await;
    let mut alone = Alone::open(dir.path(), true, fault);
    let samples = alone.send_for(me, on_the_way, time, |_| "x".repeat(TEXT)).await;
    alone.store.close().await;
    samples
}

/// The longest write-ahead log while the store is kept full.
async fn longest_log(time: Duration) {
    let dir = tempfile::tempdir().expect("a folder");
    let (me, _) = people(dir.path()).await;
    let mut alone = Alone::open(dir.path(), true, Fault::None);
    let (start, mut longest, mut count) = (Instant::now(), 0, 0);
    while start.elapsed() < time {
        let turn = Duration::from_millis(200);
        count += alone.send_for(me, 512, turn, |_| "x".repeat(TEXT)).await.len();
        let log = dir.path().join("breeze.db-wal");
        longest = std::fs::metadata(log).map_or(0, |it| it.len()).max(longest);
    }
    alone.store.close().await;
    table::head(
        &format!("The write-ahead log over {} s of saturation", time.as_secs()),
        &["messages", "longest, MiB"],
    );
    table::row(&[count.to_string(), (longest >> 20).to_string()]);
}

/// Bare writes a second, each on the disk before the next; into a file made `room` bytes long before.
pub(super) fn bare(folder: &Path, room: usize, time: Duration) -> f64 {
    let mut file = File::create(folder.join("bare")).expect("the folder is writable");
    file.write_all(&vec![0; room]).expect("there is room");
    file.sync_all().expect("the disk takes it");
    file.seek(SeekFrom::Start(0)).expect("a file");
    let (start, mut count, text) = (Instant::now(), 0, [b'x'; TEXT]);
    while start.elapsed() < time {
        file.write_all(&text).expect("there is room");
        file.sync_data().expect("the disk takes it");
        count += 1;
    }
    per_second(count, start.elapsed())
}
