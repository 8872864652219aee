//! Many who send to a few who receive, while the server is treated badly.

use super::{Sending, judge, keep_receiving, keep_sending};
use crate::evidence::Evidence;
use crate::people::{Person, befriend, owner};
use crate::server::Server;
use crate::wait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Something must be acknowledged in this time.
const MOVES_WITHIN: Duration = Duration::from_secs(10);
/// All that is on its way must be answered in this time, once nothing new is written.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

/// The load, from its start to its judgement.
pub struct Traffic {
    receivers: Vec<Person>,
    sending: JoinSet<(usize, Sending)>,
    receiving: JoinSet<()>,
    stop: watch::Sender<bool>,
    end: watch::Sender<bool>,
    evidence: Arc<Evidence>,
}

/// What a load came to, once all is answered.
pub struct Done {
    receivers: Vec<Person>,
    sent: Vec<(usize, Sending)>,
}

impl Traffic {
    /// So many receivers of a new server, with so many senders each. All go on over any number of connections.
    pub async fn start(server: &Server, receivers: usize, senders: usize, evidence: &Arc<Evidence>) -> Self {
        let ann = owner(server, "ann").await;
        let mut those = vec![ann.clone()];
        if receivers > 1 {
            those.extend(befriend(server, &ann, &names("r", receivers - 1)).await);
        }
        let mut traffic = Self {
            receivers: those.clone(),
            sending: JoinSet::new(),
            receiving: JoinSet::new(),
            stop: watch::channel(false).0,
            end: watch::channel(false).0,
            evidence: Arc::clone(evidence),
        };
        for (at, receiver) in those.iter().enumerate() {
            let people = befriend(server, receiver, &names(&format!("s{at}"), senders)).await;
            for (n, sender) in people.into_iter().enumerate() {
                let to = server.endpoint().from_host(100 + at * senders + n);
                let (friend, stop) = (receiver.account, traffic.stop.subscribe());
                let evidence = Arc::clone(evidence);
                traffic.sending.spawn(async move {
                    (at, keep_sending(sender.device, to, friend, stop, evidence).await)
                });
            }
            let (device, to) = (receiver.device.clone(), server.endpoint().from_host(50 + at));
            let end = traffic.end.subscribe();
            traffic
                .receiving
                .spawn(keep_receiving(device, to, end, Arc::clone(evidence)));
        }
        traffic
    }

    /// One of those who receive.
    ///
    /// # Panics
    /// When there are not so many.
    #[must_use]
    pub fn receiver(&self, at: usize) -> &Person {
        &self.receivers[at]
    }

    /// Waits for the next acknowledgement: only a server that has taken something can lose it. `false` when none comes.
    pub async fn moves(&self) -> bool {
        let before = self.evidence.get("acked");
        let moved = || (self.evidence.get("acked") > before).then_some(());
        wait::seek(MOVES_WITHIN, moved).await.is_some()
    }

    /// Writes nothing new, waits until all is answered and has arrived, and ends. A sentence when it does not end.
    ///
    /// # Errors
    /// What is stuck.
    pub async fn end(mut self) -> Result<Done, String> {
        self.stop.send_replace(true);
        let answered = std::mem::take(&mut self.sending).join_all();
        let Some(sent) = wait::at_most(ANSWERED_WITHIN, answered).await else {
            return Err(format!("the senders are stuck ({})", self.evidence));
        };
        let done = Done {
            receivers: self.receivers,
            sent,
        };
        wait::seek(MOVES_WITHIN, || done.all_there().then_some(())).await;
        self.end.send_replace(true);
        self.receiving.join_all().await;
        Ok(done)
    }

    /// The same, and what is wrong with what the receivers hold.
    pub async fn judged(self) -> Vec<String> {
        match self.end().await {
            Ok(done) => done.judged(),
            Err(stuck) => vec![stuck],
        }
    }
}

impl Done {
    fn all_there(&self) -> bool {
        self.sent.iter().all(|(at, sending)| {
            self.receivers[*at].device.local().texts(sending.conv).len() as u64 >= sending.written
        })
    }

    /// What is wrong with what the receivers hold; empty when nothing is.
    #[must_use]
    pub fn judged(&self) -> Vec<String> {
        let each = self.sent.iter();
        each.flat_map(|(at, sending)| judge(&self.receivers[*at].device, sending))
            .collect()
    }

    /// What each sender did.
    pub fn sent(&self) -> impl Iterator<Item = &Sending> {
        self.sent.iter().map(|(_, sending)| sending)
    }
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n}")).collect()
}
