//! How many messages a second reach the disk, beside what the same disk does with a bare append and fdatasync.

use super::store::bare;
use super::{all_online, someone_popular, table};
use crate::client::Client;
use crate::client::script::mid;
use crate::server::Plan;
use breeze_protocol::ConvId;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of one text.
const TEXT: usize = 200;

/// Measures with one sender and with many, each with one message on the way.
///
/// # Panics
/// When a message is refused for good.
pub async fn run(senders: usize, seconds: u64) {
    let time = Duration::from_secs(seconds);
    let (server, center, people) = someone_popular(Plan::new().plain(), senders).await;
    let raw = bare(server.home(), 0, time.min(Duration::from_secs(5)));
    let mut rows = vec![("append + fdatasync, bare".to_owned(), raw, Vec::new())];
    for count in [1, senders] {
        let clients = all_online(&server, &people[..count], None).await;
        let mut sending = tokio::task::JoinSet::new();
        let start = Instant::now();
        for (client, person) in clients.into_iter().zip(&people) {
            let conv = person
                .device
                .local()
                .conv_with(center.account)
                .expect("the invite opened it");
            sending.spawn(send_for(Arc::new(client), conv, start, time));
        }
        let samples: Vec<Duration> = sending.join_all().await.into_iter().flatten().collect();
        let each = f64::from(u32::try_from(samples.len()).expect("bounded by the time"))
            / start.elapsed().as_secs_f64();
        rows.push((format!("breeze-server, {count} senders"), each, samples));
    }
    table::head(
        &format!("Durable messages a second, {TEXT} bytes, one on the way per sender"),
        &[
            "what",
            "per second",
            "ratio to bare",
            "samples",
            "median",
            "p99",
            "max",
        ],
    );
    for (what, each, mut samples) in rows {
        let spread = table::spread(&mut samples);
        table::row(
            &[
                &[what, format!("{each:.0}"), format!("{:.2}", each / raw)][..],
                &spread[..],
            ]
            .concat(),
        );
    }
}

async fn send_for(client: Arc<Client>, conv: ConvId, start: Instant, time: Duration) -> Vec<Duration> {
    let mut samples = Vec::new();
    let body = "x".repeat(TEXT);
    while start.elapsed() < time {
        let (wish, sent) = (mid(), Instant::now());
        client
            .send(wish, conv, &body)
            .await
            .expect("the connection is open");
        match wait_answer(&client, wish).await {
            Some(true) => samples.push(sent.elapsed()),
            Some(false) => {}
            None => return samples,
        }
    }
    samples
}

async fn wait_answer(client: &Client, wish: breeze_protocol::Mid) -> Option<bool> {
    use breeze_protocol::ServerMessage::{Nack, Sent};
    let answer = client.hear("an answer", crate::wait::SOON, |message| match message {
        Sent(it) if it.mid == wish => Some(true),
        Nack(it) if it.mid == wish => Some(false),
        _ => None,
    });
    let answer = answer.await;
    client.forget();
    answer
}
