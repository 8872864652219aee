//! How conversations are kept, and drafts: the same on all devices of a person, live and after a resume, and nobody else's business.

use breeze_protocol::ServerMessage;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::prefs::{ItemSet, Prefs, PrefsChange};
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::Server;

/// Waits until this client has been told of prefs like these.
async fn told(client: &Client, want: impl Fn(&Prefs) -> bool + Copy + Send + Sync) -> Prefs {
    let find = move |state: &breeze_tests::client::State| {
        state.heard.iter().find_map(|heard| match &heard.message {
            ServerMessage::Item(item) => match ItemState::from_item(item) {
                Ok(Some(ItemState::Prefs(prefs))) if want(&prefs) => Some(prefs),
                _ => None,
            },
            _ => None,
        })
    };
    client.until("how a conversation is kept", find).await
}

#[tokio::test]
async fn a_pin_is_on_all_devices_and_nobody_elses_and_a_message_takes_out_what_was_put_away() {
    let mut server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let phone = ann.online(&server).await;
    let laptop = ann.second_device(&server).await.online(&server.endpoint()).await;
    let friend = bob.online(&server).await;
    let conv = phone.conv(bob.account).await;
    let set = |change| ItemSet {
        mid: mid(),
        conv,
        change,
    };
    let pin = PrefsChange {
        pinned: Some(true),
        archived: Some(true),
        ..PrefsChange::default()
    };
    phone.wish(set(pin)).await.unwrap();
    told(&laptop, |prefs| prefs.pinned && prefs.archived).await;
    friend.say(conv, "are you there?").await;
    let prefs = told(&phone, |prefs| prefs.pinned && !prefs.archived).await;
    assert_eq!(prefs.conv, conv);
    let foreign = friend
        .state()
        .heard
        .iter()
        .any(|heard| matches!(&heard.message, ServerMessage::Item(item) if item.kind == "prefs"));
    assert!(!foreign, "bob hears nothing of it");
    // A device that was away, and a restart of the server between.
    laptop.bye().await;
    let mute = PrefsChange {
        muted_until: Some(1 << 50),
        ..PrefsChange::default()
    };
    phone.wish(set(mute)).await.unwrap();
    server.restart();
    let tablet = ann.second_device(&server).await.online(&server.endpoint()).await;
    told(&tablet, |prefs| prefs.pinned && prefs.muted_until == 1 << 50).await;
    server.assert_sound();
}

#[tokio::test]
async fn a_draft_is_on_the_other_device_and_gone_when_it_is_emptied() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let phone = ann.online(&server).await;
    let conv = phone.conv(bob.account).await;
    let draft = |text: &str| Draft {
        conv,
        text: text.to_owned(),
    };
    phone.wish(draft("I am on the ")).await.unwrap();
    let laptop = ann.second_device(&server).await.online(&server.endpoint()).await;
    let state = |want: ItemState| {
        move |state: &breeze_tests::client::State| {
            let found = state.heard.iter().any(|heard| match &heard.message {
                ServerMessage::Item(item) => {
                    ItemState::from_item(item).ok().flatten().as_ref() == Some(&want)
                }
                _ => false,
            });
            found.then_some(())
        }
    };
    let begun = state(ItemState::Draft(draft("I am on the ")));
    laptop.until("what was begun on the phone", begun).await;
    laptop.wish(draft("")).await.unwrap();
    phone.until("nothing", state(ItemState::DraftGone(conv))).await;
    assert!(phone.wish(draft(&"x".repeat(5000))).await.is_err());
}
