//! R19 and R26: invisible is offline on every path; strangers and the blocked get the same bytes as for nobody.

use breeze_protocol::PresenceState::{Offline, Online};
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::message::blob::BlobGet;
use breeze_protocol::message::chat::{ConvOpen, Read, Typing};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::contact::{Block, FriendAnswer, FriendRequest, ProfileSet, Unblock, Unfriend};
use breeze_protocol::message::item::ItemState;
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{AccountId, BlobHash, ClientMessage, Mid, ServerMessage};
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Server};
use breeze_tests::{blob, wait};
use std::time::Duration;

/// A number nobody has.
const NOBODY: AccountId = AccountId(987_654);

fn typings(client: &Client) -> usize {
    client
        .state()
        .count(|message| matches!(message, ServerMessage::Typing(_)))
}

#[tokio::test]
async fn r19_invisible_equals_offline_on_every_path() {
    let server = Plan::new()
        .timing("receipts_ms", 50)
        .timing("grace_ms", 300)
        .start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let hidden = ann.online(&server).await;
    watcher.until_state(ann.account, Online).await;
    hidden.set_status(StatusKind::Invisible).await;
    watcher.until_state(ann.account, Offline).await;
    let told = watcher.state().presence.changes(ann.account).count();
    let conv = watcher.conv(ann.account).await;
    let sent = watcher.say(conv, "are you hiding?").await;
    hidden.until_text(conv, "are you hiding?").await;
    hidden.tell(Read { conv, seq: sent.seq }).await.unwrap();
    hidden.tell(Typing { conv }).await.unwrap();
    let hash = hidden.upload(&blob::picture([200, 30, 40])).await.unwrap();
    let profile = ProfileSet {
        mid: mid(),
        display_name: "Ann".into(),
        avatar: Some(hash),
        status_text: "hidden".into(),
    };
    hidden.wish(profile).await.unwrap();
    hidden.fence().await;
    wait::hold("nothing shows", Duration::from_millis(600), || {
        let mark = watcher.local().mark_of(conv, ann.account);
        let profile = watcher.local().profile(ann.account).unwrap();
        (mark.delivered, mark.read, typings(&watcher)) == (0, 0, 0)
            && profile.avatar.is_none()
            && profile.status_text.is_empty()
            && watcher.state().presence.changes(ann.account).count() == told
    })
    .await;
    watcher.fresh_presence().await;
    let known = watcher.state().presence.of(ann.account);
    assert_eq!(known.state, Offline, "nor in a snapshot");
    assert!(
        known.age_ms >= 500,
        "last seen is frozen at going invisible: {known:?}"
    );
    // Writing is a choice and is delivered; it does not unmask.
    hidden.say(conv, "maybe").await;
    watcher.until_text(conv, "maybe").await;
    assert_eq!(watcher.state().presence.state(ann.account), Offline);
    hidden.set_status(StatusKind::Online).await;
    watcher.until_state(ann.account, Online).await;
    let shown = || {
        let local = watcher.local();
        let profile = local.profile(ann.account).unwrap();
        (local.mark_of(conv, ann.account).read == sent.seq && profile.avatar == Some(hash)).then_some(())
    };
    wait::until("marks and picture on return", wait::SOON, shown).await;
}

#[tokio::test]
async fn r19_coming_and_going_invisible_is_never_seen() {
    let server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    watcher.fence().await;
    let frames = watcher.state().presence.frames;
    let hidden = ann
        .device
        .online_as(&server.endpoint(), StatusKind::Invisible)
        .await;
    hidden.fence().await;
    hidden.cut();
    let unseen = || watcher.state().presence.frames == frames;
    wait::hold(
        "neither doubtful nor offline again",
        Duration::from_millis(800),
        unseen,
    )
    .await;
}

/// Everything one may ask about an account, and the answer without the numbers that differ by asking.
async fn ask_everything(client: &Client, account: AccountId) -> Vec<String> {
    let wishes: Vec<ClientMessage> = vec![
        ConvOpen { mid: mid(), account }.into(),
        BlobGet::picture(account, BlobHash([7; 32])).into(),
        FriendAnswer {
            mid: mid(),
            account,
            accept: true,
        }
        .into(),
    ];
    let mut answers = Vec::new();
    for wish in wishes {
        let answer = match client.ask(wish).await.unwrap() {
            ServerMessage::Nack(it) => format!("nack {:?} {} {}", it.code, it.transient, it.retry_ms),
            other => format!("{other:?}"),
        };
        answers.push(answer.replace(&account.to_string(), "N"));
    }
    answers
}

#[tokio::test]
async fn r26_a_blocked_person_gets_the_same_bytes_as_for_nobody() {
    let server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let blocked = bob.online(&server).await;
    let (blocker, stranger) = (ann.online(&server).await, cleo.online(&server).await);
    blocked.until_state(ann.account, Online).await;
    let conv = blocked.conv(ann.account).await;
    blocker
        .wish(Block {
            mid: mid(),
            account: bob.account,
        })
        .await
        .unwrap();
    blocked.until_state(ann.account, Offline).await;
    blocked.fence().await;
    let told = blocked.state().presence.changes(ann.account).count();
    blocker.set_status(StatusKind::Away).await;
    blocker.tell(Typing { conv }).await.unwrap();
    blocker.fence().await;
    wait::hold(
        "nothing of presence or typing",
        Duration::from_millis(400),
        || blocked.state().presence.changes(ann.account).count() == told && typings(&blocked) == 0,
    )
    .await;
    blocked.fresh_presence().await;
    assert_eq!(blocked.state().presence.state(ann.account), Offline);
    // Their chat stays, as after an unfriending; but nothing gets through it, and nobody has a picture.
    let wish = mid();
    blocked.send(wish, conv, "still there?").await.unwrap();
    assert_eq!(blocked.sent(wish).await, Err(NackCode::NotContact));
    let picture = |account| BlobGet::picture(account, BlobHash([7; 32]));
    let (absent, hidden) = (
        blocked.ask(picture(NOBODY)).await,
        blocked.ask(picture(ann.account)).await,
    );
    assert_eq!(hidden, absent, "to the blocked");
    assert_eq!(
        ask_everything(&stranger, bob.account).await,
        ask_everything(&stranger, NOBODY).await,
        "to a stranger"
    );
    blocker
        .wish(Unblock {
            mid: mid(),
            account: bob.account,
        })
        .await
        .unwrap();
    wait::until("friends as before", wait::SOON, || {
        (blocked.state().presence.state(ann.account) != Offline).then_some(())
    })
    .await;
}

/// What asking for the conversation with an account is answered by; the wish's own number taken out.
async fn opening(client: &Client, mid: Mid, account: AccountId) -> String {
    let answer = client.ask(ConvOpen { mid, account }).await.unwrap();
    format!("{answer:?}").replace(&format!("{mid:?}"), "MID")
}

#[tokio::test]
async fn r26_a_chat_with_a_former_blocked_or_disabled_friend_opens_like_one_with_nobody() {
    let server = Server::start();
    let (ann, [bob, cleo, dora]) = star(&server, "ann", ["bob", "cleo", "dora"]).await;
    let client = ann.online(&server).await;
    let nobody = opening(&client, mid(), NOBODY).await;
    let wishes = [bob.account, cleo.account, dora.account].map(|account| (mid(), account));
    for (wish, account) in wishes {
        let open = opening(&client, wish, account).await;
        assert!(open.contains("ConvOpened"), "while they are friends: {open}");
    }
    let (former, blocker) = (bob.online(&server).await, cleo.online(&server).await);
    let account = ann.account;
    former.wish(Unfriend { mid: mid(), account }).await.unwrap();
    blocker.wish(Block { mid: mid(), account }).await.unwrap();
    let disable = AdminRequest::UserDisable {
        username: "dora".into(),
    };
    assert_eq!(server.admin(&disable), AdminAnswer::Done);
    for (wish, account) in wishes {
        assert_eq!(opening(&client, mid(), account).await, nobody, "asked anew");
        assert_eq!(opening(&client, wish, account).await, nobody, "asked again");
    }
    assert_eq!(
        opening(&blocker, mid(), ann.account).await,
        nobody,
        "to the blocker"
    );
}

#[tokio::test]
async fn r26_strangers_are_not_in_the_snapshot() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let _others = (ann.online(&server).await, bob.online(&server).await);
    let client = cleo.online(&server).await;
    client.until_state(ann.account, Online).await;
    let named: Vec<_> = client.state().presence.named().collect();
    assert_eq!(named, [ann.account], "neither oneself nor a friend's friend");
}

#[tokio::test]
async fn r26_with_roster_everyone_all_see_each_other_unless_blocked() {
    let server = Plan::new().everyone().start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (one, two) = (bob.online(&server).await, cleo.online(&server).await);
    one.until_state(cleo.account, Online).await;
    two.until_state(bob.account, Online).await;
    one.wish(Block {
        mid: mid(),
        account: cleo.account,
    })
    .await
    .unwrap();
    two.until_state(bob.account, Offline).await;
    let _client = ann.online(&server).await;
    two.until_state(ann.account, Online).await;
}

#[tokio::test]
async fn a_friend_request_is_answered_alike_whether_the_name_exists_or_not() {
    let server = Server::start();
    let (_ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (one, two) = (bob.online(&server).await, cleo.online(&server).await);
    one.wish(FriendRequest {
        mid: mid(),
        username: "cleo".into(),
    })
    .await
    .unwrap();
    one.wish(FriendRequest {
        mid: mid(),
        username: "nobody-at-all".into(),
    })
    .await
    .unwrap();
    let requests = |client: &Client| {
        let states = client.local().states();
        states
            .into_iter()
            .filter_map(|it| {
                if let ItemState::Request(it) = it {
                    Some(it)
                } else {
                    None
                }
            })
            .collect::<Vec<_>>()
    };
    wait::until("both wait", wait::SOON, || {
        (requests(&one).len() == 2).then_some(())
    })
    .await;
    let incoming = wait::until("cleo is asked", wait::SOON, || requests(&two).first().cloned()).await;
    assert_eq!(
        (incoming.account, incoming.username.as_str()),
        (bob.account, "bob")
    );
    two.wish(FriendAnswer {
        mid: mid(),
        account: bob.account,
        accept: true,
    })
    .await
    .unwrap();
    one.until_state(cleo.account, Online).await;
    two.until_state(bob.account, Online).await;
    wait::until("one is left", wait::SOON, || {
        (requests(&one).len() == 1).then_some(())
    })
    .await;
}
