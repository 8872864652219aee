//! R25: wrong, oversized and garbage frames end that connection only, with a named reason; TLS 1.3 and the pin.

use breeze_protocol::message::code::{ErrorCode, GoodbyeCode};
use breeze_protocol::presence::StatusKind;
use breeze_protocol::{PresenceState, ServerMessage};
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Server};
use breeze_tests::tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A frame around any text.
fn frame(text: &str) -> Vec<u8> {
    breeze_protocol::frame::encode_message(text.as_bytes()).to_vec()
}

/// What a signed-in client may send that is no frame or no message.
fn bad_frames() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("garbage", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("an empty frame", vec![0, 0, 0, 0]),
        ("an unknown kind", vec![0, 0, 0, 2, 9, 9]),
        (
            "a frame over 256 KiB",
            [&(256_u32 * 1024 + 1).to_be_bytes()[..], &[0]].concat(),
        ),
        ("a length of 4 GiB", vec![0xff, 0xff, 0xff, 0xff, 0]),
        ("broken JSON", frame("{\"t\":\"bye\",")),
        ("no object", frame("[1,2,3]")),
        (
            "a known kind of another shape",
            frame(r#"{"t":"ping","d":{"n":"one"}}"#),
        ),
        (
            "bytes that are not UTF-8",
            [&[0, 0, 0, 4, 0][..], &[0xff, 0xfe, 0xfd]].concat(),
        ),
        (
            "an integer past 2^53",
            frame(r#"{"t":"read","d":{"conv":1,"seq":9007199254740992}}"#),
        ),
    ]
}

#[tokio::test]
async fn r25_a_bad_frame_ends_that_connection_only_and_says_why() {
    let mut server = Plan::new().timing("grace_ms", 200).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    for (what, bytes) in bad_frames() {
        let client = ann.online(&server).await;
        client.write(&bytes).await.unwrap();
        assert_eq!(
            client.until_goodbye().await.reason,
            GoodbyeCode::BadFrame,
            "{what}"
        );
        client.until_closed().await;
        watcher.fence().await;
    }
    watcher.until_state(ann.account, PresenceState::Offline).await;
    server.assert_sound();
}

#[tokio::test]
async fn r25_before_sign_in_four_kilobytes_are_the_limit() {
    let mut server = Server::start();
    let client = Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap();
    let padding = "x".repeat(5000);
    client
        .write(&frame(&format!(r#"{{"t":"levitate","d":{{"x":"{padding}"}}}}"#)))
        .await
        .unwrap();
    assert_eq!(client.until_goodbye().await.reason, GoodbyeCode::BadFrame);
    client.until_closed().await;
    let client = Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap();
    let padding = "x".repeat(4000);
    client
        .write(&frame(&format!(
            r#"{{"t":"levitate","id":5,"d":{{"x":"{padding}"}}}}"#
        )))
        .await
        .unwrap();
    let answer = client.take(breeze_tests::wait::SOON, |heard| {
        (heard.re == Some(5)).then(|| heard.message.clone())
    });
    let answer = answer.await.expect("just below it is read");
    assert!(
        matches!(&answer, ServerMessage::Error(it) if it.code == ErrorCode::Unsupported),
        "{answer:?}"
    );
    server.assert_sound();
}

#[tokio::test]
async fn r25_an_unknown_request_is_answered_and_the_connection_goes_on() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    client
        .write(&frame(r#"{"t":"levitate","id":900,"d":{"height":2}}"#))
        .await
        .unwrap();
    let answer = client.take(breeze_tests::wait::SOON, |heard| {
        (heard.re == Some(900)).then(|| heard.message.clone())
    });
    let answer = answer.await.unwrap();
    assert!(
        matches!(&answer, ServerMessage::Error(it) if it.code == ErrorCode::Unsupported),
        "{answer:?}"
    );
    client.write(&frame(r#"{"t":"levitate","d":{}}"#)).await.unwrap();
    client.fence().await;
}

#[tokio::test]
async fn r25_messages_at_the_wrong_moment_are_refused_by_name() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let client = Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap();
    let code = |answer: ServerMessage| match answer {
        ServerMessage::Error(it) => it.code,
        other => panic!("{other:?}"),
    };
    let query = breeze_protocol::message::presence::PresenceQuery {};
    assert_eq!(code(client.ask(query).await.unwrap()), ErrorCode::NotSignedIn);
    client.until_closed().await;
    let client = ann
        .device
        .sign_in(&server.endpoint(), Habits::default(), None)
        .await
        .unwrap();
    let query = breeze_protocol::message::presence::PresenceQuery {};
    assert_eq!(
        code(client.ask(query).await.unwrap()),
        ErrorCode::OutOfOrder,
        "not before resume"
    );
    client.until_closed().await;
    let client = ann.online(&server).await;
    let again = client.local().resume(StatusKind::Online);
    assert_eq!(
        code(client.ask(again).await.unwrap()),
        ErrorCode::OutOfOrder,
        "not twice"
    );
    client.until_closed().await;
    let client = ann.online(&server).await;
    let login = breeze_protocol::message::sign_in::Token {
        token: bob.device.token,
        instance: bob.device.instance,
    };
    assert_eq!(
        code(client.ask(login).await.unwrap()),
        ErrorCode::OutOfOrder,
        "not as somebody else too"
    );
    client.until_closed().await;
}

#[tokio::test]
async fn a_frame_in_a_hundred_pieces_is_one_frame() {
    let server = Plan::new().plain().start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let client = ann.online(&server).await;
    for byte in frame(r#"{"t":"ping","d":{"n":4242,"got":0}}"#) {
        client.write(&[byte]).await.unwrap();
    }
    client
        .until("the pong", |state| (state.pong == 4242).then_some(()))
        .await;
}

#[tokio::test]
async fn tls_1_2_is_refused_where_1_3_has_just_worked() {
    let server = Server::start();
    Client::connect(&server.endpoint(), Habits::default())
        .await
        .expect("TLS 1.3 and the right pin work");
    let mut old = TcpStream::connect(server.endpoint().address).await.unwrap();
    old.write_all(&tls::old_client_hello()).await.unwrap();
    let mut answer = Vec::new();
    let _ = old.read_to_end(&mut answer).await;
    assert!(
        answer.is_empty() || answer[0] == 0x15,
        "an alert, not a handshake: {answer:02x?}"
    );
    if let Some(description) = answer.get(6) {
        assert_eq!(*description, 70, "protocol_version");
    }
}

#[tokio::test]
async fn another_pin_is_refused_where_the_right_one_has_just_worked() {
    let server = Server::start();
    Client::connect(&server.endpoint(), Habits::default())
        .await
        .expect("the right pin works");
    let mut endpoint = server.endpoint();
    endpoint.pin = Some(format!("sha256/{}", "A".repeat(43)));
    let error = Client::connect(&endpoint, Habits::default())
        .await
        .err()
        .expect("another key is a hard stop");
    assert!(error.contains("another key"), "{error}");
    // A plaintext client gets nothing either.
    endpoint.pin = None;
    assert!(Client::connect(&endpoint, Habits::default()).await.is_err());
}
