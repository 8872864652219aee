//! Load that keeps its promises: senders with an outbox that is never emptied before the answer, receivers that resume.

mod traffic;

use crate::client::script::mid;
use crate::client::{Client, Endpoint, Habits, Sink};
use crate::evidence::Evidence;
use crate::people::{Device, Person};
use crate::wait;
use breeze_protocol::message::chat::Sent;
use breeze_protocol::{AccountId, ConvId, Mid, ServerMessage};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::task::JoinSet;
pub use traffic::{Done, Traffic};

/// Unanswered messages a sender has on the way.
const IN_FLIGHT: usize = 8;
/// How long a sender waits for an answer on an open connection: a disk may stand still for half a minute.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a client waits before it tries the server again.
const RETRY: Duration = Duration::from_millis(20);

/// A promise.
#[derive(Debug, Clone)]
pub struct Acked {
    /// Its words.
    pub sent: Sent,
    /// When it was heard.
    pub heard: SystemTime,
}

/// What one sender did.
#[derive(Debug, Default)]
pub struct Sending {
    /// Its conversation.
    pub conv: ConvId,
    /// Messages written, each `NUMBER` from 1 as its text.
    pub written: u64,
    /// What was promised to be stored.
    pub acked: Vec<Acked>,
    /// Refusals that are no promise.
    pub refused: u64,
}

/// Sends numbered messages until told to stop, over any number of connections; ends when all are answered.
pub async fn keep_sending(
    device: Device,
    to: Endpoint,
    friend: AccountId,
    stop: watch::Receiver<bool>,
    evidence: Arc<Evidence>,
) -> Sending {
    let mut done = Sending::default();
    let mut outbox: VecDeque<(Mid, String)> = VecDeque::new();
    loop {
        let Ok(client) = device.try_online(&to, Habits::default(), None).await else {
            wait::run_for(RETRY).await;
            continue;
        };
        evidence.add("sender_connections", 1);
        done.conv = device
            .local()
            .conv_with(friend)
            .expect("the invite opened the chat");
        for (mid, body) in &outbox {
            evidence.add("sent_again", 1);
            if client.send(*mid, done.conv, body).await.is_err() {
                break;
            }
        }
        if send_while_open(&client, &mut outbox, &mut done, &stop, &evidence).await {
            return done;
        }
    }
}

/// Senders under way, each with a connection of its own, until they are told to stop.
pub struct Load {
    stop: watch::Sender<bool>,
    sending: JoinSet<Sending>,
}

impl Load {
    /// These send to a friend they all have.
    #[must_use]
    pub fn start(senders: &[Person], to: &Endpoint, friend: AccountId, evidence: &Arc<Evidence>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut sending = JoinSet::new();
        for sender in senders {
            let (device, to) = (sender.device.clone(), to.clone());
            sending.spawn(keep_sending(
                device,
                to,
                friend,
                stopping.clone(),
                Arc::clone(evidence),
            ));
        }
        Self { stop, sending }
    }

    /// Ends when everything they have written is answered; what each did. `None` when that does not happen in time.
    pub async fn stop(self, within: Duration) -> Option<Vec<Sending>> {
        self.stop.send_replace(true);
        wait::at_most(within, self.sending.join_all()).await
    }
}

/// `true` when everything is answered and it is time to stop; `false` when the connection is over.
async fn send_while_open(
    client: &Client,
    outbox: &mut VecDeque<(Mid, String)>,
    done: &mut Sending,
    stop: &watch::Receiver<bool>,
    evidence: &Evidence,
) -> bool {
    loop {
        while outbox.len() < IN_FLIGHT && !*stop.borrow() {
            done.written += 1;
            outbox.push_back((mid(), done.written.to_string()));
            let (mid, body) = outbox.back().expect("just put there");
            if client.send(*mid, done.conv, body).await.is_err() {
                return false;
            }
        }
        if outbox.is_empty() {
            return true;
        }
        let answer = client.hear("an answer", PATIENCE, |message| match message {
            ServerMessage::Sent(it) => Some(Ok(it.clone())),
            ServerMessage::Nack(it) => Some(Err(it.clone())),
            _ => None,
        });
        match answer.await {
            None => return false,
            Some(Ok(sent)) => {
                evidence.add("acked", 1);
                evidence.add("dup", u64::from(sent.dup));
                outbox.retain(|(mid, _)| *mid != sent.mid);
                let heard = SystemTime::now();
                done.acked.push(Acked { sent, heard });
            }
            Some(Err(nack)) if nack.transient => {
                done.refused += 1;
                evidence.add("refused", 1);
                wait::run_for(Duration::from_millis(nack.retry_ms.min(200))).await;
                let Some((mid, body)) = outbox.iter().find(|(mid, _)| *mid == nack.mid) else {
                    continue;
                };
                if client.send(*mid, done.conv, body).await.is_err() {
                    return false;
                }
            }
            Some(Err(nack)) => panic!("a good message was refused for ever: {nack:?}"),
        }
    }
}

/// Stays online over any number of connections until told to stop.
pub async fn keep_receiving(
    device: Device,
    to: Endpoint,
    stop: watch::Receiver<bool>,
    evidence: Arc<Evidence>,
) {
    keep_watching(device, to, stop, evidence, None).await;
}

/// The same, with every message shown to somebody.
pub async fn keep_watching(
    device: Device,
    to: Endpoint,
    mut stop: watch::Receiver<bool>,
    evidence: Arc<Evidence>,
    sink: Option<Sink>,
) {
    while !*stop.borrow() {
        let Ok(client) = device
            .try_online(
                &to,
                Habits {
                    remembers: false,
                    ..Habits::default()
                },
                sink.clone(),
            )
            .await
        else {
            wait::run_for(RETRY).await;
            continue;
        };
        evidence.add("receiver_connections", 1);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = async { while client.state().closed.is_none() { wait::run_for(RETRY).await } } => {}
        }
    }
}

/// What is wrong with what a receiver holds of one sender's messages; empty when nothing is.
#[must_use]
pub fn judge(receiver: &Device, sending: &Sending) -> Vec<String> {
    let local = receiver.local();
    let rows: Vec<_> = local
        .rows
        .range((sending.conv, 0)..=(sending.conv, u64::MAX))
        .collect();
    let mut wrong = Vec::new();
    let dense = rows
        .iter()
        .enumerate()
        .all(|(at, ((_, seq), _))| *seq == at as u64 + 1);
    let seqs = || rows.iter().map(|((_, seq), _)| *seq).collect::<Vec<_>>();
    if !dense {
        wrong.push(format!("places are not 1,2,3..: {:?}", seqs()));
    }
    let texts: Vec<&str> = rows.iter().map(|(_, event)| event.body.as_str()).collect();
    let in_order = texts
        .iter()
        .enumerate()
        .all(|(at, text)| *text == (at + 1).to_string());
    if !in_order {
        wrong.push(format!("texts are not 1,2,3..: {texts:?}"));
    }
    let mids: HashSet<Mid> = rows.iter().map(|(_, event)| event.mid).collect();
    if mids.len() != rows.len() {
        wrong.push(format!("{} duplicates", rows.len() - mids.len()));
    }
    let lost = sending
        .acked
        .iter()
        .filter(|it| !mids.contains(&it.sent.mid))
        .count();
    if lost > 0 {
        wrong.push(format!("{lost} acknowledged messages are lost"));
    }
    if local.contradictions > 0 {
        wrong.push(format!(
            "{} places were told twice with another content",
            local.contradictions
        ));
    }
    wrong
}

/// Sends many long texts, as fast as they are taken; gives the bytes of text that were stored.
///
/// # Panics
/// When the connection ends.
pub async fn pour(client: &Client, conv: ConvId, count: usize, bytes: usize) -> u64 {
    let mut left: VecDeque<(Mid, String)> = (0..count).map(|n| (mid(), format!("{n:0bytes$}"))).collect();
    let mut flying: VecDeque<(Mid, String)> = VecDeque::new();
    while !left.is_empty() || !flying.is_empty() {
        while flying.len() < IN_FLIGHT
            && let Some((mid, body)) = left.pop_front()
        {
            client
                .send(mid, conv, &body)
                .await
                .expect("the connection is open");
            flying.push_back((mid, body));
        }
        let (first, body) = flying.front().expect("something is on the way");
        match client.sent(*first).await {
            Ok(_) => drop(flying.pop_front()),
            Err(code) if code.is_transient() => {
                wait::run_for(RETRY).await;
                client
                    .send(*first, conv, body)
                    .await
                    .expect("the connection is open");
            }
            Err(code) => panic!("a good text was refused: {code:?}"),
        }
    }
    (count * bytes) as u64
}
