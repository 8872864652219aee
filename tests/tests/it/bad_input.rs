//! Bad input from people and programs: each gets its own answer, and nothing stored is lost.

use breeze_protocol::ServerMessage;
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::{NackCode, RefusedCode};
use breeze_protocol::message::session::InviteRevoke;
use breeze_protocol::message::sign_in::{NameCheck, PasswordChange, Register, Secret};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::{password_of, star, wish_to_join};
use breeze_tests::server::Server;
use std::time::Instant;

async fn fresh(server: &Server) -> Client {
    Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer_for_the_same_work() {
    let server = Server::start();
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let mut times = Vec::new();
    for (name, password) in [("ann", "not the right one"), ("nobody-here", "not the right one")] {
        let client = fresh(&server).await;
        let start = Instant::now();
        assert_eq!(
            client.login(name, password).await.unwrap_err(),
            RefusedCode::BadCredentials
        );
        times.push(start.elapsed());
    }
    let least = times.iter().min().unwrap();
    assert!(
        least.as_millis() >= 5,
        "a password hash was computed for both: {times:?}"
    );
    fresh(&server)
        .await
        .login("ann", &password_of("ann"))
        .await
        .expect("the right one still works");
}

#[tokio::test]
async fn a_wrong_token_is_refused_by_name() {
    let server = Server::start();
    let token = Secret("not-a-token".to_owned());
    let instance = breeze_tests::client::script::instance();
    assert_eq!(
        fresh(&server).await.token(&token, instance).await.unwrap_err(),
        RefusedCode::BadToken
    );
}

#[tokio::test]
async fn used_revoked_and_unknown_invites_are_invalid_and_a_refused_try_uses_nothing_up() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let link = client.invite(1, 3600).await.link;
    let taken = wish_to_join(&link, "bob");
    assert_eq!(
        fresh(&server).await.register(taken).await.unwrap_err(),
        RefusedCode::NameTaken
    );
    let weak = Register {
        password: Secret("password".into()),
        ..wish_to_join(&link, "cleo")
    };
    assert_eq!(
        fresh(&server).await.register(weak).await.unwrap_err(),
        RefusedCode::WeakPassword
    );
    let odd = Register {
        username: "no spaces allowed".into(),
        ..wish_to_join(&link, "cleo")
    };
    assert_eq!(
        fresh(&server).await.register(odd).await.unwrap_err(),
        RefusedCode::NameNotAllowed
    );
    fresh(&server)
        .await
        .register(wish_to_join(&link, "cleo"))
        .await
        .expect("none of that used it up");
    let late = wish_to_join(&link, "dora");
    assert_eq!(
        fresh(&server).await.register(late).await.unwrap_err(),
        RefusedCode::InviteInvalid,
        "used"
    );
    let invite = client.invite(5, 3600).await;
    client
        .wish(InviteRevoke {
            mid: mid(),
            invite: invite.invite,
        })
        .await
        .unwrap();
    let revoked = wish_to_join(&invite.link, "dora");
    assert_eq!(
        fresh(&server).await.register(revoked).await.unwrap_err(),
        RefusedCode::InviteInvalid,
        "revoked"
    );
    let unknown = Register {
        invite: Secret("never-made".into()),
        ..wish_to_join(&link, "dora")
    };
    assert_eq!(
        fresh(&server).await.register(unknown).await.unwrap_err(),
        RefusedCode::InviteInvalid,
        "unknown"
    );
}

#[tokio::test]
async fn an_expired_invite_is_invalid() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let link = ann.online(&server).await.invite(1, 1).await.link;
    breeze_tests::wait::run_for(std::time::Duration::from_millis(1500)).await;
    let late = wish_to_join(&link, "cleo");
    assert_eq!(
        fresh(&server).await.register(late).await.unwrap_err(),
        RefusedCode::InviteInvalid
    );
}

#[tokio::test]
async fn the_owners_link_works_once_and_is_printed_until_then() {
    let mut server = Server::start();
    let link = server.start_line().owner_link.clone().unwrap();
    let owner = fresh(&server)
        .await
        .register(wish_to_join(&link, "ann"))
        .await
        .unwrap();
    assert!(owner.owner);
    let second = wish_to_join(&link, "bob");
    assert_eq!(
        fresh(&server).await.register(second).await.unwrap_err(),
        RefusedCode::InviteInvalid
    );
    server.restart();
    assert_eq!(server.start_line().owner_link, None);
}

#[tokio::test]
async fn a_repeated_register_is_the_same_account_and_not_a_taken_name() {
    let server = Server::start();
    let link = server.start_line().owner_link.clone().unwrap();
    let wish = wish_to_join(&link, "ann");
    let first = fresh(&server).await.register(wish.clone()).await.unwrap();
    let second = fresh(&server)
        .await
        .register(wish)
        .await
        .expect("the answer was lost; the wish comes again");
    assert_eq!(first.account, second.account);
    assert!(
        second.token.is_some() && second.token != first.token,
        "with a fresh token"
    );
}

#[tokio::test]
async fn look_alike_names_are_taken_and_names_can_be_checked_beforehand() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let link = ann.online(&server).await.invite(3, 3600).await.link;
    let client = fresh(&server).await;
    let invite = InviteLink::parse(&link.0).unwrap().code;
    let mut check = Vec::new();
    for name in ["b0b", "Bob", "dora", "a/b"] {
        check.push(
            client
                .ask(NameCheck {
                    invite: invite.clone(),
                    username: name.into(),
                })
                .await
                .unwrap(),
        );
    }
    let code = |answer: &ServerMessage| match answer {
        ServerMessage::Refused(it) => Some(it.code),
        ServerMessage::NameFree(_) => None,
        other => panic!("{other:?}"),
    };
    let codes: Vec<_> = check.iter().map(code).collect();
    let (taken, odd) = (Some(RefusedCode::NameTaken), Some(RefusedCode::NameNotAllowed));
    assert_eq!(codes, [taken, taken, None, odd]);
    let blind = NameCheck {
        invite: Secret("wrong".into()),
        username: "bob".into(),
    };
    let answer = client.ask(blind).await.unwrap();
    assert_eq!(
        code(&answer),
        Some(RefusedCode::InviteInvalid),
        "only with an invite"
    );
}

#[tokio::test]
async fn a_message_of_40_000_characters_is_too_long_and_an_empty_one_is_refused() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let conv = client.conv(bob.account).await;
    let long = mid();
    client.send(long, conv, &"x".repeat(40_000)).await.unwrap();
    assert_eq!(client.sent(long).await, Err(NackCode::TooLong));
    let chinese = mid();
    client.send(chinese, conv, &"字".repeat(6000)).await.unwrap();
    assert_eq!(client.sent(chinese).await, Err(NackCode::TooLong), "18,000 bytes");
    let most = client.say(conv, &"字".repeat(5461)).await;
    assert_eq!(
        most.seq, 1,
        "the refused ones took no place, and 16,383 bytes are taken"
    );
    let empty = mid();
    client.send(empty, conv, "").await.unwrap();
    assert!(client.sent(empty).await.is_err());
    let odd = mid();
    client
        .tell(Send {
            kind: EntryKind::Other,
            ..Send::text(odd, conv, "x")
        })
        .await
        .unwrap();
    assert!(
        client.sent(odd).await.is_err(),
        "no client sends the kind `other`"
    );
    client.say(conv, "and on it goes").await;
}

#[tokio::test]
async fn a_changed_password_signs_the_other_devices_out() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let laptop = ann.second_device(&server).await;
    let (client, other) = (ann.online(&server).await, laptop.online(&server.endpoint()).await);
    let change = |old: &str, new: &str| PasswordChange {
        mid: mid(),
        old: Secret(old.into()),
        new: Secret(new.into()),
    };
    let nack = |answer: ServerMessage| match answer {
        ServerMessage::Nack(it) => it.code,
        other => panic!("{other:?}"),
    };
    let wrong = client.ask(change("wrong", "a new long password")).await.unwrap();
    assert_eq!(nack(wrong), NackCode::BadPassword);
    let weak = client.ask(change(&ann.password, "12345678")).await.unwrap();
    assert_eq!(nack(weak), NackCode::WeakPassword);
    client
        .wish(change(&ann.password, "a new long password"))
        .await
        .unwrap();
    other.until_closed().await;
    client.fence().await;
    let again = fresh(&server).await.token(&laptop.token, laptop.instance).await;
    assert_eq!(again.unwrap_err(), RefusedCode::BadToken);
    assert!(fresh(&server).await.login("ann", &ann.password).await.is_err());
    fresh(&server)
        .await
        .login("ann", "a new long password")
        .await
        .unwrap();
}

#[tokio::test]
async fn secrets_are_in_no_log_and_no_table() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    let conv = client.conv(bob.account).await;
    client.say(conv, "only for bob").await;
    let code = InviteLink::parse(&client.invite(1, 60).await.link.0)
        .unwrap()
        .code
        .0;
    let _ = fresh(&server)
        .await
        .login("ann", "a wrong but private password")
        .await;
    let log = server.log();
    let secrets = [
        ann.password.as_str(),
        &ann.device.token.0,
        &code,
        "only for bob",
        "a wrong but private password",
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "the log holds {secret:?}");
    }
    client.bye().await;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(server.data()).unwrap().flatten() {
        files.push(std::fs::read(entry.path()).unwrap_or_default());
    }
    for secret in &secrets[..3] {
        let held = files
            .iter()
            .any(|bytes| bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        assert!(!held, "the data folder holds a secret in the clear");
    }
}
