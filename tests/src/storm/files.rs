//! One large file through a connection that is cut again and again: bytes that go twice, and what texts notice meanwhile.

use super::table;
use crate::app::{App, file_row};
use crate::client::Client;
use crate::people::star;
use crate::proxy::Proxy;
use crate::server::Plan;
use crate::transfer::{attachment, noise};
use crate::wait;
use breeze_desktop::model::command::LinkCommand;
use breeze_desktop::model::event::Event;
use breeze_desktop::model::files::FileEvent;
use breeze_desktop::storage::shelf::Shelf;
use breeze_protocol::ConvId;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Bytes the file repeats, longer than anything that is read at once.
const PATTERN: usize = 1 << 20;
/// How long the whole may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// Texts sent while nothing else happens.
const IDLE_TEXTS: usize = 2000;

#[derive(Debug, Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// A file's way through the cuts.
struct Trip {
    passed: u64,
    took: Duration,
    /// Of texts meanwhile.
    texts: Vec<Duration>,
}

/// Measures and prints.
///
/// # Panics
/// When the file does not arrive whole.
pub async fn run(mib: u64, cuts: u64) {
    let bytes = mib << 20;
    let server = Plan::new()
        .config(&format!("[files]\nmax_bytes = {bytes}\nquota_bytes = {bytes}"))
        .start();
    let (ann, [bob, eve]) = star(&server, "ann", ["bob", "eve"]).await;
    let client = Arc::new(eve.online(&server).await);
    let texts = client.conv(ann.account).await;
    let other = ann.online(&server).await;
    let conv = other.conv(bob.account).await;
    other.bye().await;
    let talk = Arc::new(Talk { client, conv: texts });
    let idle = talk.until(&AtomicBool::new(false), IDLE_TEXTS).await;

    let data = tempfile::tempdir().expect("a folder");
    let file = large(data.path(), mib);
    let (hash, size) = (file.hash, file.size);
    let proxy = Arc::new(Proxy::before(&server.endpoint()).await);
    let mut app = App::start(&ann, &proxy.endpoint(&server.endpoint()), data.path()).patient(PATIENCE);
    app.resumed().await;
    let row = file_row(conv, file);
    let mid = row.mid;
    app.link.hand(LinkCommand::Send(row)).expect("the link lives");
    let (seq, up) = trip(&talk, (&proxy, Way::Up), (cuts, bytes), app.sent(mid)).await;
    drop(app);

    let proxy = Arc::new(Proxy::before(&server.endpoint()).await);
    let data = tempfile::tempdir().expect("a folder");
    let mut app = App::start(&bob, &proxy.endpoint(&server.endpoint()), data.path()).patient(PATIENCE);
    app.resumed().await;
    let fetch = LinkCommand::FetchFile(FilePlace { conv, seq, index: 0 }, hash, size);
    app.link.hand(fetch).expect("the link lives");
    let came = app.until("the file", |event| match event {
        Event::File(FileEvent::Came(it)) if it == hash => Some(()),
        _ => None,
    });
    let ((), down) = trip(&talk, (&proxy, Way::Down), (cuts, bytes), came).await;
    assert!(Shelf::of(data.path()).has(hash), "it is whole");
    print((bytes, cuts), idle, [("up", up), ("down", down)]);
}

/// A file of so many MiB on the shelf of a data folder.
fn large(data: &Path, mib: u64) -> Attachment {
    let pattern = noise(PATTERN, 7);
    let mut large = tempfile::NamedTempFile::new_in(data).expect("a file");
    for _ in 0..mib {
        large.write_all(&pattern).expect("room on the disk");
    }
    let taken = Shelf::of(data).take(large.path(), u64::MAX);
    let (hash, size) = taken.expect("room on the disk");
    Attachment {
        hash,
        size,
        ..attachment("large.bin", &[])
    }
}

/// Waits for a file that is on its way, cuts its connection meanwhile, and sends texts beside it.
async fn trip<T>(
    talk: &Arc<Talk>,
    (proxy, way): (&Arc<Proxy>, Way),
    (cuts, bytes): (u64, u64),
    arrival: impl Future<Output = T>,
) -> (T, Trip) {
    let (over, before, start) = (
        Arc::new(AtomicBool::new(false)),
        passed(proxy, way),
        Instant::now(),
    );
    let talking = {
        let (talk, over) = (Arc::clone(talk), Arc::clone(&over));
        tokio::spawn(async move { talk.until(&over, usize::MAX).await })
    };
    let cutting = {
        let proxy = Arc::clone(proxy);
        tokio::spawn(async move { cut_again(&proxy, way, (cuts, bytes / (cuts + 1))).await })
    };
    let arrived = arrival.await;
    let (passed, took) = (passed(proxy, way) - before, start.elapsed());
    cutting.await.expect("it is cut as often as was wished");
    over.store(true, Ordering::Relaxed);
    let texts = talking.await.expect("texts go on");
    (arrived, Trip { passed, took, texts })
}

fn passed(proxy: &Proxy, way: Way) -> u64 {
    match way {
        Way::Up => proxy.passed_up(),
        Way::Down => proxy.passed_down(),
    }
}

/// Cuts the connection that brings the bytes each time so many have passed.
async fn cut_again(proxy: &Proxy, way: Way, (cuts, part): (u64, u64)) {
    for _ in 0..cuts {
        let from = passed(proxy, way);
        match way {
            Way::Up => proxy.cut_after(part),
            Way::Down => proxy.cut_down_after(part),
        }
        let cut = || (passed(proxy, way) + 1 >= from + part).then_some(());
        wait::until("the cut", PATIENCE, cut).await;
    }
}

fn print((bytes, cuts): (u64, u64), mut idle: Vec<Duration>, trips: [(&str, Trip); 2]) {
    table::head(
        &format!(
            "A file of {} MiB, its connection cut {cuts} times each way; texts meanwhile",
            bytes >> 20
        ),
        &[
            "way",
            "bytes beside the file's own",
            "of the file",
            "seconds",
            "texts",
            "median",
            "p99",
            "max",
        ],
    );
    let nothing = ["nothing", "-", "-", "-"].map(str::to_owned);
    table::row(&[&nothing[..], &table::spread(&mut idle)].concat());
    for (way, mut trip) in trips {
        let more = trip.passed.saturating_sub(bytes);
        let cells = [
            way.to_owned(),
            more.to_string(),
            format!("{:.2} %", percent(more, bytes)),
            format!("{:.1}", trip.took.as_secs_f64()),
        ];
        table::row(&[&cells[..], &table::spread(&mut trip.texts)].concat());
    }
}

#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
fn percent(part: u64, of: u64) -> f64 {
    part as f64 * 100.0 / of as f64
}

/// Somebody who writes to somebody.
struct Talk {
    client: Arc<Client>,
    conv: ConvId,
}

impl Talk {
    /// Texts one after the other until it is over, or so many; how long each took to be stored and answered.
    async fn until(&self, over: &AtomicBool, most: usize) -> Vec<Duration> {
        let mut times = Vec::new();
        while times.len() < most && !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            self.client
                .say(self.conv, "a text of ordinary length, about as long as this")
                .await;
            times.push(began.elapsed());
        }
        times
    }
}
