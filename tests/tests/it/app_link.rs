//! The app's own link against the real server: what a cut in the middle of a wish leaves behind.

use breeze_desktop::link::{Link, Options, Sink};
use breeze_desktop::model::command::{Account, Ask, LinkCommand};
use breeze_desktop::model::event::{Event, LinkEvent, Reply};
use breeze_protocol::ServerMessage;
use breeze_tests::client::script::mid;
use breeze_tests::people::{Person, star};
use breeze_tests::proxy::Proxy;
use breeze_tests::server::Server;
use breeze_tests::{blob, wait};
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;

/// Bytes that get through before the cut.
const CUT_AFTER: u64 = 36_000;

/// A person's app without its window, behind a proxy.
fn app(person: &Person, server: &Server, proxy: &Proxy) -> (Link, Receiver<Event>) {
    let options = Options {
        plain: false,
        data: server.home().to_owned(),
    };
    let (sink, events) = Sink::new(Arc::new(|| {}));
    let link = Link::start(options, sink).unwrap();
    let account = Account {
        account: person.account,
        username: person.username.clone(),
        host: "127.0.0.1".into(),
        port: proxy.address().port(),
        pin: server.endpoint().pin.unwrap(),
        token: Some(person.device.token.clone()),
        ..Account::default()
    };
    link.hand(LinkCommand::Use(Box::new(account))).unwrap();
    (link, events)
}

async fn until<T>(events: &mut Receiver<Event>, what: &str, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let found = async {
        loop {
            let event = events.recv().await.expect("the link lives");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    };
    wait::at_most(wait::SOON, found)
        .await
        .unwrap_or_else(|| panic!("never came: {what}"))
}

fn resumed(event: Event) -> Option<()> {
    matches!(event, Event::Link(LinkEvent::Resumed { .. })).then_some(())
}

#[tokio::test]
async fn r23_the_app_goes_on_with_an_upload_where_the_cut_left_it() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let watcher = bob.online(&server).await;
    let picture = blob::noise(40_000);
    let (link, mut events) = app(&ann, &server, &proxy);
    until(&mut events, "the first session", resumed).await;
    let before = proxy.passed_up();
    // At least one whole chunk of four gets there, and not the last.
    proxy.cut_after(CUT_AFTER);
    let upload = Some((blob::hash(&picture), Arc::new(picture.clone())));
    let wish = LinkCommand::SetProfile {
        mid: mid(),
        display_name: "Ann".into(),
        status_text: String::new(),
        avatar: Some(blob::hash(&picture)),
        upload,
    };
    link.hand(wish).unwrap();
    until(&mut events, "the second session", resumed).await;
    let answer = until(&mut events, "the profile's answer", |event| match event {
        Event::Answer(Ask::Profile, reply) => Some(reply),
        _ => None,
    })
    .await;
    assert!(
        matches!(&answer, Reply::Message(it) if matches!(**it, ServerMessage::Done(_))),
        "{answer:?}"
    );
    wait::until("bob sees it", wait::SOON, || {
        (watcher.local().profile(ann.account).unwrap().avatar == Some(blob::hash(&picture))).then_some(())
    })
    .await;
    assert_eq!(
        watcher.fetch(ann.account, blob::hash(&picture)).await.unwrap(),
        picture
    );
    assert_eq!(proxy.taken(), 2, "cut once");
    let up = proxy.passed_up() - before;
    let whole = picture.len() as u64;
    // Signing in twice takes a few thousand bytes; one chunk saved, sixteen.
    assert!(
        up < CUT_AFTER + whole - 8_192,
        "{up} bytes went up for a picture of {whole}: it was sent anew from its first byte"
    );
    drop(link);
}
