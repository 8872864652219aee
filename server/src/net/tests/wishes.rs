//! Wishes made over and over: how fast they may come, and that a repeat gets its first answer.

use super::*;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::contact::{ProfileSet, Unblock};
use breeze_protocol::message::presence::PresenceQuery;
use breeze_protocol::message::session::{InviteCreate, InviteRevoke};

/// Wishes for it, under a fresh mid each time, until that is too fast. How often it was not.
async fn until_slow_down<M: Into<ClientMessage>>(client: &mut Client, wish: impl Fn(Mid) -> M) -> u64 {
    for count in 0..1000 {
        client.say(wish(Mid(secret::random_id()))).await;
        let slow_down = client.until(|it| match it {
            ServerMessage::Done(_) | ServerMessage::Error(_) => Some(false),
            ServerMessage::Nack(nack) => Some(nack.code == NackCode::SlowDown),
            _ => None,
        });
        if slow_down.await {
            return count;
        }
    }
    panic!("nobody says that it is too fast");
}

#[tokio::test]
async fn who_changes_things_of_its_own_or_friends_too_fast_is_told_to_slow_down() {
    let server = server().await;
    let (mut alice, alice_is) = Client::present(&server, "alice").await;
    let begun = tokio::time::Instant::now();
    let account = AccountId(alice_is.account.0 + 1);
    let friends = until_slow_down(&mut alice, |mid| Unblock { mid, account }).await;
    let own = until_slow_down(&mut alice, |mid| InviteRevoke { mid, invite: 9999 }).await;
    let back = begun.elapsed().as_secs() + 1;
    assert!((100..=100 + back).contains(&friends), "{friends}");
    assert!((200..=200 + back).contains(&own), "{own}");
    let mid = Mid(secret::random_id());
    let profile = ProfileSet {
        mid,
        display_name: "Alice".to_owned(),
        avatar: None,
        status_text: String::new(),
    };
    for wish in 0..2 + back {
        alice.say(profile.clone()).await;
        let slow_down = alice.until(|it| match it {
            ServerMessage::Done(_) => Some(false),
            ServerMessage::Nack(nack) => Some(nack.code == NackCode::SlowDown),
            _ => None,
        });
        if slow_down.await {
            return;
        }
        assert!(wish <= back, "all share one rate");
    }
}

#[tokio::test]
async fn presence_is_asked_for_once_a_second_and_every_wish_for_it_is_met() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let snapshot = |it: &ServerMessage| matches!(it, ServerMessage::PresenceSnapshot(_)).then_some(());
    alice.say(PresenceQuery {}).await;
    alice.until(snapshot).await;
    let begun = tokio::time::Instant::now();
    for _ in 0..50 {
        alice.say(PresenceQuery {}).await;
    }
    alice.until(snapshot).await;
    assert!(begun.elapsed() >= Duration::from_millis(800), "too soon");
    let more = tokio::time::timeout(Duration::from_millis(1500), alice.until(snapshot));
    assert!(more.await.is_err(), "one for all");
}

#[tokio::test]
async fn an_invite_taken_back_again_under_the_same_mid_is_taken_back() {
    let server = server().await;
    let (mut alice, _) = Client::present(&server, "alice").await;
    let create = InviteCreate {
        mid: Mid([4; 16]),
        uses: 1,
        ttl_s: 60,
    };
    alice.say(create).await;
    let invite = alice.until(|it| match it {
        ServerMessage::Invite(it) => Some(it.invite),
        _ => None,
    });
    let (invite, mid) = (invite.await, Mid([5; 16]));
    for _ in 0..2 {
        alice.say(InviteRevoke { mid, invite }).await;
        let done = alice.until(|it| match it {
            ServerMessage::Done(_) => Some(true),
            ServerMessage::Error(_) | ServerMessage::Nack(_) => Some(false),
            _ => None,
        });
        assert!(done.await, "a repeat gets the first answer");
    }
}
