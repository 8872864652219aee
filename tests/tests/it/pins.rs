//! Pinned messages: for everybody in the conversation, live and after a resume and a restart of the server.

use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::pin::{MessagePin, Pins};
use breeze_protocol::{ConvId, ServerMessage};
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::Server;

/// The places this client was told of last, once there are so many.
async fn told(client: &Client, conv: ConvId, want: &[u64]) {
    let fits = |state: &breeze_tests::client::State| {
        let last = state.heard.iter().rev().find_map(|heard| match &heard.message {
            ServerMessage::Item(item) => match ItemState::from_item(item) {
                Ok(Some(ItemState::Pins(pins))) if pins.conv == conv => Some(pins),
                Ok(Some(ItemState::PinsGone(gone))) if gone == conv => Some(Pins::default()),
                _ => None,
            },
            _ => None,
        })?;
        let places: Vec<u64> = last.pins.iter().map(|pin| pin.seq).collect();
        (places == want).then_some(())
    };
    client.until("what is pinned", fits).await;
}

#[tokio::test]
async fn a_pinned_message_is_everybodys_and_a_deletion_takes_it_off() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let conv = one.conv(bob.account).await;
    let code = one.say(conv, "the door code is 4711").await.seq;
    let key = two.say(conv, "the key is under the stone").await.seq;
    let wish = |seq, pinned| MessagePin {
        mid: mid(),
        conv,
        seq,
        pinned,
    };
    two.wish(wish(code, true)).await.unwrap();
    told(&one, conv, &[code]).await;
    two.bye().await;
    one.wish(wish(key, true)).await.unwrap();
    told(&one, conv, &[code, key]).await;
    server.kill();
    server.restart();
    let two = bob.online(&server).await;
    told(&two, conv, &[code, key]).await;
    let one = ann.online(&server).await;
    let delete = breeze_protocol::message::chat::EntryKind::Delete;
    one.change(conv, delete, code, "").await.unwrap();
    told(&two, conv, &[key]).await;
    two.wish(wish(key, false)).await.unwrap();
    told(&one, conv, &[]).await;
    assert!(two.wish(wish(code, true)).await.is_err(), "it is deleted");
}
