//! How soon a person's own window says "last known" once its server is out of reach: the app's real link, cut.

use super::{someone_popular, table};
use crate::people::{Person, crowd};
use crate::proxy::{Cut, Proxy};
use crate::server::Plan;
use crate::wait;
use breeze_desktop::link::{Link, Options, Sink};
use breeze_desktop::model::banner::UNSURE_AFTER_MS;
use breeze_desktop::model::command::{Account, LinkCommand};
use breeze_desktop::model::event::{Event, LinkEvent};
use breeze_protocol::limit::PING_EVERY_MS;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;

/// Longest wait for a session or for its doubt.
const PATIENCE: Duration = Duration::from_secs(30);

/// One app's link and what it tells its window.
struct Own {
    link: Link,
    events: Receiver<Event>,
}

/// Cuts as many links at once as asked, both ways and each way alone.
///
/// # Panics
/// When a link does not come up, or does not notice.
pub async fn run(cuts: usize, tls: bool) {
    let plan = if tls { Plan::new() } else { Plan::new().plain() };
    let (server, center, _) = someone_popular(plan, 0).await;
    let people = crowd(&server, &center, "own", cuts).await;
    let link = if tls { "TLS" } else { "plaintext" };
    table::head(
        &format!("Own link cut -> the window says \"last known\"; {link} loopback"),
        &["cut", "runs", "median", "p99", "max"],
    );
    for cut in Cut::ALL {
        let proxy = Proxy::before(&server.endpoint()).await;
        let apart = Duration::from_millis(PING_EVERY_MS) / u32::try_from(cuts).expect("some dozens");
        let mut owns = Vec::new();
        for person in &people {
            owns.push(up(person, &proxy, &server).await);
            // The cut falls into each part of the time between two pings.
            wait::run_for(apart).await;
        }
        let start = Instant::now();
        proxy.cut(cut);
        let mut doubting = tokio::task::JoinSet::new();
        for own in owns {
            doubting.spawn(doubt(own, start));
        }
        let mut samples = doubting.join_all().await;
        table::row(&[&[cut.name().to_owned()][..], &table::spread(&mut samples)[..]].concat());
    }
}

async fn up(person: &Person, proxy: &Proxy, server: &crate::server::Server) -> Own {
    let endpoint = proxy.endpoint(&server.endpoint());
    let account = Account {
        account: person.account,
        username: person.username.clone(),
        host: endpoint.address.ip().to_string(),
        port: endpoint.address.port(),
        pin: endpoint.pin.clone().unwrap_or_default(),
        token: Some(person.device.token.clone()),
        ..Account::default()
    };
    let options = Options {
        plain: endpoint.pin.is_none(),
        data: server.home().join("no-app"),
    };
    let (sink, mut events) = Sink::new(Arc::new(|| {}));
    let link = Link::start(options, sink).expect("a thread");
    link.hand(LinkCommand::Use(Box::new(account)))
        .expect("an empty queue");
    let resumed = async { while !matches!(next(&mut events).await, LinkEvent::Resumed { .. }) {} };
    wait::at_most(PATIENCE, resumed).await.expect("a session");
    Own { link, events }
}

/// The next thing the link says of itself.
async fn next(events: &mut Receiver<Event>) -> LinkEvent {
    loop {
        if let Event::Link(event) = events.recv().await.expect("the link lives") {
            return event;
        }
    }
}

/// How long after `start` the window stops claiming to know: at once when the link says so, and a second after the
/// connection is gone.
async fn doubt(mut own: Own, start: Instant) -> Duration {
    let doubted = async {
        loop {
            match next(&mut own.events).await {
                LinkEvent::Unsure => return start.elapsed(),
                LinkEvent::Down { .. } => return start.elapsed() + Duration::from_millis(UNSURE_AFTER_MS),
                _ => {}
            }
        }
    };
    let doubted = wait::at_most(PATIENCE, doubted).await;
    // A link whose queue is full has said what was wanted.
    let _ = own.link.hand(LinkCommand::Bye);
    doubted.expect("a link that is cut notices")
}
