//! Clients that ask for more than they take: the server holds a bounded heap for each, and judges fairly whether they live.

use super::*;
use crate::core::outbox::ANSWERED_BYTES_MAX;
use breeze_protocol::ConvId;
use breeze_protocol::limit::REQUESTS_IN_FLIGHT_MAX;
use breeze_protocol::message::chat::History;
use std::collections::BTreeSet;
use tokio::net::TcpSocket;

/// A page of history is at most this large on the wire.
const PAGE_MAX: usize = 140 * 1024;

/// Two who are present and a conversation of theirs, whose newest page is as large as pages get. The first takes little at
/// once: her receive buffer is small.
async fn two(server: &Server) -> (Client, SignedIn, Client, ConvId) {
    let socket = TcpSocket::new_v4().expect("sockets can be made");
    socket
        .set_recv_buffer_size(16 * 1024)
        .expect("a buffer may be small");
    let socket = socket.connect(server.address).await.expect("the server listens");
    let (mut alice, alice_is) = Client::greet(socket).await.registered(server, "alice").await;
    alice.resume().await;
    let (mut bob, _) = Client::present(server, "bob").await;
    let open = ConvOpen {
        mid: Mid([2; 16]),
        account: alice_is.account,
    };
    bob.say(open).await;
    let conv = bob.until(|it| match it {
        ServerMessage::ConvOpened(it) => Some(it.conv),
        _ => None,
    });
    let conv = conv.await;
    for _ in 0..10 {
        let mid = Mid(secret::random_id());
        bob.say(Send::text(mid, conv, "x".repeat(13 * 1024))).await;
        bob.until(|it| matches!(it, ServerMessage::Sent(_)).then_some(()))
            .await;
        alice
            .until(|it| matches!(it, ServerMessage::Event(_)).then_some(()))
            .await;
    }
    (alice, alice_is, bob, conv)
}

fn page(conv: ConvId) -> History {
    History {
        conv,
        before: 1000,
        after: 0,
        limit: 200,
    }
}

/// Asks for a page and takes it, as a client does that is served.
async fn served(client: &mut Client, conv: ConvId) {
    client.say(page(conv)).await;
    client.until(is_page).await;
}

fn is_page(message: &ServerMessage) -> Option<()> {
    matches!(message, ServerMessage::HistoryPage(_)).then_some(())
}

#[tokio::test]
async fn r7_what_a_client_asks_for_and_leaves_lying_is_bounded_and_comes_to_the_last_answer() {
    let long = Timing {
        doubtful_ms: 100_000,
        lease_ms: 200_000,
        slow_ms: 100_000,
        ..Timing::default()
    };
    let server = server_that(long, |committed| committed).await;
    let (mut alice, _, mut bob, conv) = two(&server).await;
    let (mut asked, mut most) = (0, 0);
    for _ in 0..150 {
        for _ in 0..8 {
            asked += 1;
            alice.ask(asked, page(conv)).await;
        }
        asked += 1;
        alice.ask(asked, Status::default()).await;
        served(&mut bob, conv).await;
        most = most.max(server.hub.waiting_bytes());
    }
    assert!(
        most > ANSWERED_BYTES_MAX,
        "evidence: more waited than may, {most}"
    );
    let bound = ANSWERED_BYTES_MAX + (REQUESTS_IN_FLIGHT_MAX + 2) * PAGE_MAX;
    assert!(most <= bound, "{most} bytes waited, at most {bound} may");
    let (mut answered, mut last) = (BTreeSet::new(), 0);
    while (answered.len() as u64) < asked {
        let envelope = alice.envelope().await.expect("she is only slow");
        let Some(re) = envelope.re else { continue };
        assert!(answered.insert(re), "{re} is answered twice");
        if matches!(envelope.message, ServerMessage::Done(_)) {
            assert!(re > last, "{re} came after {last}");
            last = re;
        }
    }
    alice.say(Ping { n: 1, got: 0 }).await;
    alice
        .until(|it| matches!(it, ServerMessage::Pong(_)).then_some(()))
        .await;
}

/// Whether somebody turns to this state within a fifth of a second. Who looks lives on.
async fn seen_in_a_moment(who: &mut Client, account: AccountId, state: PresenceState) -> bool {
    who.say(Ping { n: 1, got: 0 }).await;
    let seen = tokio::time::timeout(Duration::from_millis(200), who.sees(account, state));
    seen.await.is_ok()
}

#[tokio::test]
async fn r13_who_takes_its_answers_slowly_stays_green_and_who_takes_nothing_turns_grey() {
    let short = Timing {
        doubtful_ms: 1500,
        lease_ms: 2500,
        ..Timing::default()
    };
    let server = server_that(short, |committed| committed).await;
    let (mut alice, alice_is, mut bob, conv) = two(&server).await;
    for asked in 0..300 {
        alice.ask(asked, page(conv)).await;
        if asked % 8 == 0 {
            served(&mut bob, conv).await;
        }
    }
    assert!(server.hub.waiting_bytes() > ANSWERED_BYTES_MAX, "evidence");
    // For longer than a lease she says nothing, and could not: the server reads nothing of her. Each fifth of a second she
    // takes one of the answers that wait.
    for _ in 0..20 {
        alice.until(is_page).await;
        let grey = seen_in_a_moment(&mut bob, alice_is.account, PresenceState::Doubtful);
        assert!(!grey.await, "she takes her answers, so she is there");
    }
    for state in [PresenceState::Doubtful, PresenceState::Offline] {
        let mut moments = 0;
        while !seen_in_a_moment(&mut bob, alice_is.account, state).await {
            moments += 1;
            assert!(moments < 50, "she takes nothing any more");
        }
    }
}
