//! The app's own link and shelf against the real server: files up and down, through cuts, restarts and refusals.

use breeze_desktop::model::command::{LinkCommand, OutRow};
use breeze_desktop::model::event::Event;
use breeze_desktop::model::files::{FileEvent, Transfer};
use breeze_desktop::storage::shelf::Shelf;
use breeze_protocol::ConvId;
use breeze_protocol::message::attachment::FilePlace;
use breeze_protocol::message::chat::EntryKind;
use breeze_tests::app::{App, file_row as row};
use breeze_tests::people::{Person, star};
use breeze_tests::proxy::Proxy;
use breeze_tests::server::{Plan, Server};
use breeze_tests::transfer::{attachment, noise};
use breeze_tests::{blob, wait};
use std::time::Duration;
use tempfile::TempDir;

/// Bytes that get through before a cut.
const CUT_AFTER: u64 = 1_500_000;

/// Two friends and their conversation.
async fn two(server: &Server) -> (Person, Person, ConvId) {
    let (ann, [bob]) = star(server, "ann", ["bob"]).await;
    let client = ann.online(server).await;
    let conv = client.conv(bob.account).await;
    client.bye().await;
    (ann, bob, conv)
}

/// Waits until the proxy has cut what was to be cut after so many bytes.
async fn cut(proxy: &Proxy, (before, after): (u64, u64)) {
    let cut = || (proxy.passed_up() + 1 >= before + after).then_some(());
    wait::until("the cut", Duration::from_secs(30), cut).await;
}

/// How many bytes of unfinished uploads the server's disk holds.
fn come(server: &Server) -> u64 {
    let parts = std::fs::read_dir(server.data().join("incoming")).unwrap();
    parts.map(|part| part.unwrap().metadata().unwrap().len()).sum()
}

/// A data folder with these bytes on its shelf.
fn shelf_with(bytes: &[u8]) -> (TempDir, Shelf) {
    let data = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(data.path());
    shelf.take_bytes(&mut &*bytes, u64::MAX).unwrap();
    (data, shelf)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_and_comes_down_through_cuts_in_both_directions() {
    let server = Server::start();
    let (ann, bob, conv) = two(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let bytes = noise(6_000_000, 21);
    let (data, _shelf) = shelf_with(&bytes);
    let mut app = App::start(&ann, &proxy.endpoint(&server.endpoint()), data.path());
    app.resumed().await;
    let row = row(conv, attachment("a.bin", &bytes));
    let before = proxy.passed_up();
    for part in 0..3 {
        let from = proxy.passed_up();
        proxy.cut_after(CUT_AFTER);
        if part == 0 {
            app.link.hand(LinkCommand::Send(row.clone())).unwrap();
        }
        cut(&proxy, (from, CUT_AFTER)).await;
    }
    let seq = app.sent(row.mid).await;
    let up = proxy.passed_up() - before;
    println!(
        "{up} bytes went up for a file of {} that was cut three times",
        bytes.len()
    );
    // What was in the sockets at each cut goes again: half a megabyte at most.
    assert!(up < bytes.len() as u64 + 3 * 600_000, "{up} bytes");
    drop(app);
    // The friend comes later, and is cut too.
    let proxy = Proxy::before(&server.endpoint()).await;
    let data = tempfile::tempdir().unwrap();
    let mut app = App::start(&bob, &proxy.endpoint(&server.endpoint()), data.path());
    app.resumed().await;
    let (hash, size) = (blob::hash(&bytes), bytes.len() as u64);
    let place = FilePlace { conv, seq, index: 0 };
    // Slowly, so that the cut falls into the middle.
    proxy.set_delay(Duration::from_millis(10));
    app.link.hand(LinkCommand::FetchFile(place, hash, size)).unwrap();
    app.moved(Transfer::Down(hash), 1_000_000).await;
    proxy.reset_all();
    proxy.heal();
    app.until("the file", |event| match event {
        Event::File(FileEvent::Came(it)) if it == hash => Some(()),
        Event::File(FileEvent::Failed(_, why)) => panic!("{why}"),
        _ => None,
    })
    .await;
    assert_eq!(Shelf::of(data.path()).small(hash, size).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_killed_in_the_middle_of_an_upload_goes_on_where_the_server_is() {
    let mut server = Server::start();
    let (ann, _bob, conv) = two(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let bytes = noise(8_000_000, 22);
    let (data, _shelf) = shelf_with(&bytes);
    let row = row(conv, attachment("a.bin", &bytes));
    let mut app = App::start(&ann, &proxy.endpoint(&server.endpoint()), data.path());
    app.resumed().await;
    let from = proxy.passed_up();
    proxy.cut_after(5_000_000);
    app.link.hand(LinkCommand::Send(row.clone())).unwrap();
    // The process is gone: its sockets break, and nothing was said.
    cut(&proxy, (from, 5_000_000)).await;
    drop(app);
    server.kill();
    let kept = come(&server);
    assert!(kept > 1_000_000, "only {kept} bytes had come");
    server.start_again();
    let proxy = Proxy::before(&server.endpoint()).await;
    let mut app = App::start(&ann, &proxy.endpoint(&server.endpoint()), data.path());
    app.resumed().await;
    let before = proxy.passed_up();
    app.link.hand(LinkCommand::Send(row.clone())).unwrap();
    app.sent(row.mid).await;
    let up = proxy.passed_up() - before;
    println!(
        "after the kill {up} bytes went up of {}, {kept} were there",
        bytes.len()
    );
    assert!(
        up + kept < bytes.len() as u64 + 600_000,
        "it began anew: {up} bytes"
    );
    server.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_go_ahead_of_a_file_and_a_refusal_says_why() {
    let server = Plan::new()
        .config("[files]\nmax_bytes = 3000000\nquota_bytes = 3000000")
        .start();
    let (ann, _bob, conv) = two(&server).await;
    let bytes = noise(2_900_000, 23);
    let (data, shelf) = shelf_with(&bytes);
    let mut app = App::start(&ann, &server.endpoint(), data.path());
    app.resumed().await;
    let file = row(conv, attachment("a.bin", &bytes));
    let text = OutRow {
        kind: EntryKind::Text,
        body: "meanwhile".into(),
        attachments: Vec::new(),
        ..row(conv, attachment("a", &bytes))
    };
    app.link.hand(LinkCommand::Send(file.clone())).unwrap();
    app.link.hand(LinkCommand::Send(text.clone())).unwrap();
    let first = app.sent(text.mid).await;
    assert!(app.sent(file.mid).await > first);
    // The quota is used up.
    let more = noise(200_000, 24);
    shelf.take_bytes(&mut more.as_slice(), u64::MAX).unwrap();
    let refused = row(conv, attachment("b.bin", &more));
    app.link.hand(LinkCommand::Send(refused.clone())).unwrap();
    let why = app.failed(Transfer::Up(refused.mid)).await;
    assert!(why.contains("room for files"), "{why}");
    // Not on this computer any more.
    let missing = row(conv, attachment("c.bin", b"nowhere"));
    app.link.hand(LinkCommand::Send(missing.clone())).unwrap();
    let why = app.failed(Transfer::Up(missing.mid)).await;
    assert!(why.contains("no longer on this computer"), "{why}");
    let place = FilePlace {
        conv,
        seq: 99,
        index: 0,
    };
    let hash = blob::hash(b"nowhere");
    app.link.hand(LinkCommand::FetchFile(place, hash, 7)).unwrap();
    let why = app.failed(Transfer::Down(hash)).await;
    assert!(why.contains("no longer on the server"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_the_server_has_forgotten_is_brought_again() {
    let mut server = Server::start();
    let (ann, _bob, conv) = two(&server).await;
    let bytes = noise(50_000, 25);
    let (data, _shelf) = shelf_with(&bytes);
    let row = row(conv, attachment("a.bin", &bytes));
    // It is whole on the server, and its message is still to come, when the server forgets it.
    let client = ann.online(&server).await;
    let files = client.beside(&server.endpoint()).await;
    let transfer = breeze_protocol::TransferId(row.mid.0);
    files
        .begin_upload(transfer, 50_000, blob::hash(&bytes))
        .await
        .unwrap();
    files.send_chunks(transfer, &bytes, 0, 50_000).await.unwrap();
    files.commit(transfer).await.unwrap();
    client.bye().await;
    let mut app = App::start(&ann, &server.endpoint(), data.path());
    app.resumed().await;
    server.kill();
    let store = rusqlite::Connection::open(server.data().join("breeze.db")).unwrap();
    store.execute("DELETE FROM uploads", []).unwrap();
    drop(store);
    server.start_again();
    app.resumed().await;
    app.link.hand(LinkCommand::Send(row.clone())).unwrap();
    app.sent(row.mid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_passed_on_without_its_bytes_being_here() {
    let server = Server::start();
    let (ann, bob, conv) = two(&server).await;
    let bytes = noise(50_000, 26);
    let (data, _shelf) = shelf_with(&bytes);
    let first = row(conv, attachment("a.bin", &bytes));
    let mut app = App::start(&ann, &server.endpoint(), data.path());
    app.resumed().await;
    app.link.hand(LinkCommand::Send(first.clone())).unwrap();
    app.sent(first.mid).await;
    // Bob may read it, and has never fetched it.
    let empty = tempfile::tempdir().unwrap();
    let mut other = App::start(&bob, &server.endpoint(), empty.path());
    other.resumed().await;
    let on = row(conv, attachment("b.bin", &bytes));
    other.link.hand(LinkCommand::Send(on.clone())).unwrap();
    other.sent(on.mid).await;
    // What nobody sent him and is not here cannot be passed on, and he is told.
    let unknown = row(conv, attachment("c.bin", &noise(50_000, 27)));
    other.link.hand(LinkCommand::Send(unknown.clone())).unwrap();
    let why = other.failed(Transfer::Up(unknown.mid)).await;
    assert_eq!(why, breeze_desktop::words::tr("file-gone-here"));
}
