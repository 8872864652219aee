//! Groups on the wire: who is told what, live, after being away, after leaving; and notes to oneself on two devices.

use breeze_protocol::PresenceState::Online;
use breeze_protocol::message::blob::BlobGet;
use breeze_protocol::message::chat::{History, Read, Typing};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::contact::Block;
use breeze_protocol::message::group::{
    Group, GroupInvite, GroupLeave, GroupRemove, GroupRename, GroupRole, Members, Role,
};
use breeze_protocol::message::item::ItemState;
use breeze_protocol::{AccountId, ClientMessage, ConvId, ServerMessage};
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::Server;
use breeze_tests::{blob, wait};
use std::time::Duration;

async fn make(client: &Client, title: &str, members: &[AccountId]) -> ConvId {
    client.group(mid(), title, members).await.unwrap()
}

fn group(client: &Client, conv: ConvId) -> Option<Group> {
    client.local().states().into_iter().find_map(|state| match state {
        ItemState::Conv(it) if it.conv == conv => it.group,
        _ => None,
    })
}

async fn refused(client: &Client, wish: impl Into<ClientMessage>) -> NackCode {
    match client.wish(wish).await {
        Err(ServerMessage::Nack(it)) => it.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn three_people_talk_and_a_fourth_sees_only_what_comes_after() {
    let server = Server::start();
    let (ann, [bob, cleo, dora]) = star(&server, "ann", ["bob", "cleo", "dora"]).await;
    let (a, b) = (ann.online(&server).await, bob.online(&server).await);
    let conv = make(&a, "Tea House", &[bob.account, cleo.account]).await;
    a.say(conv, "before").await;
    b.until_text(conv, "before").await;
    let c = cleo.online(&server).await;
    c.until_text(conv, "before").await;
    assert!(
        c.local().profile(bob.account).is_some(),
        "a stranger in the same group has a name"
    );
    assert_ne!(c.state().presence.state(bob.account), Online, "and no presence");
    b.tell(Typing { conv }).await.unwrap();
    let typed = |message: &ServerMessage| match message {
        ServerMessage::Typing(it) if it.account == bob.account => Some(()),
        _ => None,
    };
    c.hear("typing", wait::SOON, typed)
        .await
        .expect("typing is told in a group");
    let invite = GroupInvite {
        mid: mid(),
        conv,
        accounts: vec![dora.account],
    };
    a.wish(invite).await.unwrap();
    let d = dora.online(&server).await;
    let sent = b.say(conv, "after").await;
    d.until_text(conv, "after").await;
    assert_eq!(d.local().texts(conv), ["after"]);
    let page = d.history(conv, 0, 0, 200).await;
    assert_eq!((page.rows.len(), page.gone), (2, vec![(1, 2)]));
    d.tell(Read { conv, seq: sent.seq }).await.unwrap();
    let read = || (b.local().mark_of(conv, dora.account).read == sent.seq).then_some(());
    wait::until("everybody learns how far dora is", wait::SOON, read).await;
    for client in [&a, &b, &c, &d] {
        assert_eq!(client.local().holes, 0);
    }
}

#[tokio::test]
async fn whoever_is_removed_hears_nothing_more_live_or_later() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (a, b) = (ann.online(&server).await, bob.online(&server).await);
    let c = cleo.online(&server).await;
    let conv = make(&a, "Tea House", &[bob.account, cleo.account]).await;
    a.say(conv, "hello").await;
    b.until_text(conv, "hello").await;
    let remove = |account| GroupRemove {
        mid: mid(),
        conv,
        account,
    };
    assert_eq!(refused(&c, remove(bob.account)).await, NackCode::NoRight);
    a.wish(remove(bob.account)).await.unwrap();
    wait::until("bob is told", wait::SOON, || {
        group(&b, conv).is_none().then_some(())
    })
    .await;
    a.say(conv, "about bob").await;
    c.until_text(conv, "about bob").await;
    b.fence().await;
    let heard = |client: &Client| format!("{:?}{:?}", client.state().heard, client.local().rows);
    assert!(!heard(&b).contains("about bob"));
    let ask = |conv| History {
        conv,
        before: 0,
        after: 0,
        limit: 10,
    };
    let (theirs, nobodys) = (
        b.ask(ask(conv)).await.unwrap(),
        b.ask(ask(ConvId(987_654))).await.unwrap(),
    );
    assert_eq!(
        theirs, nobodys,
        "the same bytes as for a group that does not exist"
    );
    let (one, two) = (mid(), mid());
    b.send(one, conv, "x").await.unwrap();
    assert_eq!(b.sent(one).await.unwrap_err(), NackCode::NotMember);
    b.send(two, ConvId(987_654), "x").await.unwrap();
    assert_eq!(b.sent(two).await.unwrap_err(), NackCode::NotMember);
    b.bye().await;
    a.say(conv, "about bob again").await;
    let b = bob.online(&server).await;
    b.fence().await;
    assert!(!heard(&b).contains("about bob"));
    let fresh = bob.second_device(&server).await.online(&server.endpoint()).await;
    assert!(!heard(&fresh).contains("hello"), "nor does a new device");
}

#[tokio::test]
async fn owner_admin_member_on_the_wire() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (a, b) = (ann.online(&server).await, bob.online(&server).await);
    let c = cleo.online(&server).await;
    let conv = make(&a, "Tea House", &[bob.account, cleo.account]).await;
    let rename = |title: &str, avatar| GroupRename {
        mid: mid(),
        conv,
        title: title.into(),
        avatar,
    };
    assert_eq!(refused(&b, rename("Mine", None)).await, NackCode::NoRight);
    let role = GroupRole {
        mid: mid(),
        conv,
        account: bob.account,
        role: Role::Admin,
    };
    assert_eq!(refused(&b, role.clone()).await, NackCode::NoRight);
    a.wish(role).await.unwrap();
    let bytes = blob::picture([10, 90, 200]);
    let hash = b.upload(&bytes).await.unwrap();
    b.wish(rename("Harbour", Some(hash))).await.unwrap();
    let named = || group(&c, conv).filter(|it| it.title == "Harbour" && it.avatar == Some(hash));
    wait::until("the new name", wait::SOON, named).await;
    // As an older app asks: with an account that is passed over.
    let get = |account| BlobGet {
        account: Some(account),
        ..BlobGet::group(conv, hash)
    };
    let info = c.ask(get(bob.account)).await.unwrap();
    assert!(matches!(info, ServerMessage::BlobInfo(it) if it.size == bytes.len() as u64));
    a.wish(GroupLeave { mid: mid(), conv }).await.unwrap();
    let owner = || group(&b, conv).filter(|it| it.role == Role::Owner && it.count == 2);
    wait::until("the admin takes over", wait::SOON, owner).await;
    let gone = a.ask(get(bob.account)).await.unwrap();
    assert!(matches!(gone, ServerMessage::Error(_)), "{gone:?}");
    let page = match c.ask(Members { conv, page: 0 }).await.unwrap() {
        ServerMessage::MembersPage(it) => it,
        other => panic!("{other:?}"),
    };
    let rows: Vec<_> = page.rows.iter().map(|it| (it.account, it.role)).collect();
    assert_eq!(rows, [(bob.account, Role::Owner), (cleo.account, Role::Member)]);
    let (theirs, nobodys) = (
        a.ask(Members { conv, page: 0 }).await.unwrap(),
        a.ask(Members {
            conv: ConvId(987_654),
            page: 0,
        })
        .await
        .unwrap(),
    );
    assert_eq!(theirs, nobodys);
}

#[tokio::test]
async fn a_blocked_person_in_a_shared_group_hears_the_entries_and_no_marks_or_typing() {
    let server = breeze_tests::server::Plan::new()
        .timing("receipts_ms", 50)
        .start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (a, b) = (ann.online(&server).await, bob.online(&server).await);
    let c = cleo.online(&server).await;
    let conv = make(&a, "Tea House", &[bob.account, cleo.account]).await;
    wait::until("cleo is in", wait::SOON, || group(&c, conv)).await;
    c.fence().await;
    let block = Block {
        mid: mid(),
        account: cleo.account,
    };
    b.wish(block).await.unwrap();
    let sent = b.say(conv, "to all").await;
    c.until_text(conv, "to all").await;
    c.tell(Read { conv, seq: sent.seq }).await.unwrap();
    c.tell(Typing { conv }).await.unwrap();
    let read = || (a.local().mark_of(conv, cleo.account).read == sent.seq).then_some(());
    wait::until("ann learns how far cleo is", wait::SOON, read).await;
    let quiet = || {
        let typing = b.state().count(|it| matches!(it, ServerMessage::Typing(_)));
        // What cleo had before the block may have been told by then.
        b.local().mark_of(conv, cleo.account).delivered < sent.seq && typing == 0
    };
    wait::hold("bob learns neither", Duration::from_millis(400), quiet).await;
    c.say(conv, "and back").await;
    b.until_text(conv, "and back").await;
}

#[tokio::test]
async fn notes_to_oneself_are_on_all_devices_and_nobody_elses() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let first = ann.online(&server).await;
    let second = ann.second_device(&server).await.online(&server.endpoint()).await;
    let conv = first.conv(ann.account).await;
    assert_eq!(second.conv(ann.account).await, conv, "one place each");
    first.say(conv, "milk").await;
    second.until_text(conv, "milk").await;
    let b = bob.online(&server).await;
    assert_ne!(b.conv(bob.account).await, conv);
    let page = b
        .ask(History {
            conv,
            before: 0,
            after: 0,
            limit: 10,
        })
        .await
        .unwrap();
    assert!(matches!(page, ServerMessage::Error(_)));
}
