//! What a presence notice costs the server in CPU, beside a bare tokio program that writes the same bytes to as many.

use super::{all_online, cpu_ns, someone_popular, table};
use crate::client::Sink;
use crate::server::Plan;
use crate::wait;
use breeze_protocol::codec::{Envelope, encode_server};
use breeze_protocol::message::presence::Presence;
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{ServerMessage, presence};
use bytes::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Time between two notices: more than the coalescing, so that each is a frame of its own.
const GAP: Duration = Duration::from_millis(80);

/// Measures both in one run.
///
/// # Panics
/// When a notice is lost.
pub async fn run(watchers: usize, notices: usize) {
    let (server, center, people) = someone_popular(Plan::new().plain(), watchers).await;
    let (heard, sample) = (Arc::new(AtomicUsize::new(0)), Arc::new(OnceLock::new()));
    let (count, keep) = (Arc::clone(&heard), Arc::clone(&sample));
    let sink: Sink = Arc::new(move |_, message| {
        if let ServerMessage::Presence(frame) = message {
            count.fetch_add(frame.entries.len(), Ordering::Relaxed);
            let _ = keep.set(frame.clone());
        }
    });
    let clients = all_online(&server, &people, Some(sink)).await;
    let talker = center.online(&server).await;
    wait::run_for(Duration::from_secs(2)).await;
    let (before, start) = (heard.load(Ordering::Relaxed), cpu_ns(server.pid()));
    for n in 0..notices {
        talker
            .set_status(if n % 2 == 0 {
                StatusKind::Away
            } else {
                StatusKind::Online
            })
            .await;
        wait::run_for(GAP).await;
    }
    let wanted = before + notices * watchers;
    let all = || (heard.load(Ordering::Relaxed) >= wanted).then_some(());
    wait::until("every notice", Duration::from_secs(30), all).await;
    let ours = cpu_ns(server.pid()) - start;
    let frame: Presence = sample.get().cloned().expect("at least one was heard");
    debug_assert!(matches!(frame.entries.first(), Some(presence::PresenceEntry(..))));
    drop((clients, talker, server));
    let bytes = encode_server(&Envelope::plain(frame));
    let length = bytes.len();
    let bare = bare(bytes, watchers, notices).await;
    let per = |ns: u64| {
        Duration::from_nanos(ns).as_secs_f64() * 1e6
            / f64::from(u32::try_from(notices * watchers).expect("bounded"))
    };
    table::head(
        &format!(
            "CPU per presence notice, {watchers} watchers, {notices} notices of {length} bytes, plaintext"
        ),
        &["program", "microseconds of CPU per notice", "ratio"],
    );
    table::row(&[
        "breeze-server".into(),
        format!("{:.2}", per(ours)),
        format!("{:.2}", per(ours) / per(bare)),
    ]);
    table::row(&["bare tokio".into(), format!("{:.2}", per(bare)), "1.00".into()]);
}

/// CPU nanoseconds of a thread with a runtime of its own that writes the same bytes from one task per connection.
async fn bare(bytes: Bytes, watchers: usize, notices: usize) -> u64 {
    let (address, told) = tokio::sync::oneshot::channel();
    let length = bytes.len();
    let program = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(write_all(address, bytes, watchers, notices))
    });
    let address = told.await.expect("the thread listens");
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..watchers {
        let mut stream = TcpStream::connect(address)
            .await
            .expect("the thread takes everybody");
        readers.spawn(async move {
            let (mut left, mut buffer) = (length * notices, vec![0; 4096]);
            while left > 0 {
                left -= stream
                    .read(&mut buffer)
                    .await
                    .expect("the thread writes to the end")
                    .min(left);
            }
        });
    }
    readers.join_all().await;
    program.join().expect("the thread does not panic")
}

async fn write_all(
    address: tokio::sync::oneshot::Sender<std::net::SocketAddr>,
    bytes: Bytes,
    watchers: usize,
    notices: usize,
) -> u64 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    address
        .send(listener.local_addr().expect("it is bound"))
        .expect("somebody asked");
    let mut queues = Vec::new();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..watchers {
        let (mut stream, _) = listener.accept().await.expect("they all come");
        stream.set_nodelay(true).expect("a fresh socket");
        let (queue, mut waiting) = mpsc::channel::<Bytes>(8);
        queues.push(queue);
        writers.spawn(async move {
            while let Some(bytes) = waiting.recv().await {
                stream.write_all(&bytes).await.expect("the readers stay");
            }
        });
    }
    let start = own_cpu_ns();
    for _ in 0..notices {
        for queue in &queues {
            queue.send(bytes.clone()).await.expect("the writers stay");
        }
        wait::run_for(GAP).await;
    }
    drop(queues);
    writers.join_all().await;
    own_cpu_ns() - start
}

fn own_cpu_ns() -> u64 {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    line.split(' ')
        .next()
        .and_then(|word| word.parse().ok())
        .expect("nanoseconds first")
}
