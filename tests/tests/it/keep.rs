//! How long messages are kept: said on one device, held by the server over its restarts, and by devices that were away.

use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::item::{Conv, ItemState};
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::{ConvId, ServerMessage};
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait::{SOON, until};
use rustix::process::Signal;

const DAY_MS: i64 = 24 * 3_600_000;

fn wish(conv: ConvId, days: u64) -> ConvKeep {
    let mid = mid();
    ConvKeep { mid, conv, days }
}

/// Stops the server, lets a day pass for its store, and starts it.
fn day(server: &mut Server) {
    server.signal(Signal::TERM);
    server.wait(SOON);
    let database = rusqlite::Connection::open(server.data().join("breeze.db")).unwrap();
    let passed = database.execute(
        "UPDATE meta SET value = value + ?1 WHERE key = 'lived_ms'",
        [DAY_MS],
    );
    assert_eq!(passed, Ok(1));
    drop(database);
    server.start_again();
}

fn conv_of(client: &Client, conv: ConvId) -> Option<Conv> {
    client.local().states().into_iter().find_map(|state| match state {
        ItemState::Conv(it) if it.conv == conv => Some(it),
        _ => None,
    })
}

#[tokio::test]
async fn what_is_over_is_forgotten_by_devices_that_were_away_and_the_rest_is_not() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let conv = one.conv(bob.account).await;
    one.say(conv, "the first day").await;
    two.wish(wish(conv, 1)).await.unwrap();
    let told = || conv_of(&one, conv).filter(|it| it.keep_days == 1);
    until("the days", SOON, told).await;
    two.until_text(conv, "the first day").await;
    two.bye().await;

    day(&mut server);
    let one = ann.online(&server).await;
    one.say(conv, "the second day").await;
    day(&mut server);
    let one = ann.online(&server).await;
    let two = bob.online(&server).await;
    for client in [&one, &two] {
        client.until_text(conv, "the second day").await;
        let over = || (client.local().texts(conv) == ["the second day"]).then_some(());
        until("only the second day", SOON, over).await;
        let page = client.history(conv, 0, 0, 50).await;
        assert_eq!((page.rows.len(), page.gone), (1, vec![(1, 2)]));
        assert_eq!(
            conv_of(client, conv).map(|it| (it.from, it.keep_days)),
            Some((3, 1))
        );
    }
    let too_long = two.wish(wish(conv, 3651)).await;
    assert!(
        matches!(&too_long, Err(ServerMessage::Nack(nack)) if nack.code == NackCode::TooLong),
        "{too_long:?}"
    );
    server.assert_sound();
}

#[tokio::test]
async fn the_operators_end_is_told_and_holds() {
    let mut server = Plan::new().config("keep_days = 1").start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let one = ann.online(&server).await;
    assert_eq!(one.hello.limits.keep_days, 1);
    let conv = one.conv(bob.account).await;
    one.wish(wish(conv, 90)).await.unwrap();
    one.say(conv, "not for long").await;
    day(&mut server);
    day(&mut server);
    let one = ann.online(&server).await;
    let over = || one.local().texts(conv).is_empty().then_some(());
    until("nothing", SOON, over).await;
    assert_eq!(one.history(conv, 0, 0, 50).await.rows.len(), 0);
    assert_eq!(
        conv_of(&one, conv).map(|it| it.keep_days),
        Some(90),
        "what was wished stays"
    );
}
