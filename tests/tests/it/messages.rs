//! R15 and the promises of delivery: stored before acknowledged, once, in order, ticks that never lie.

use breeze_protocol::ServerMessage;
use breeze_protocol::message::chat::{Read, Typing};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::contact::Unfriend;
use breeze_protocol::presence::StatusKind;
use breeze_tests::client::Habits;
use breeze_tests::client::script::mid;
use breeze_tests::evidence::caught;
use breeze_tests::people::star;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use std::time::Duration;

/// A receiver that got a message and died before it had stored it.
async fn delivered_too_early(plan: Plan) -> Option<String> {
    let server = plan.timing("receipts_ms", 50).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    let careless = Habits {
        acks: false,
        ..Habits::default()
    };
    let mut client = bob
        .device
        .sign_in(&server.endpoint(), careless, None)
        .await
        .unwrap();
    client.resume(StatusKind::Online).await;
    let sent = sender.say(conv, "once").await;
    client.until_text(conv, "once").await;
    let delivered = || sender.local().mark_of(conv, bob.account).delivered;
    if let Some(mark) = wait::seek(Duration::from_millis(700), || {
        Some(delivered()).filter(|mark| *mark > 0)
    })
    .await
    {
        return Some(format!("delivered up to {mark} without an ack"));
    }
    // The crash: what it had not stored is gone with it.
    client.reset().await;
    *bob.device.local() = Default::default();
    let back = bob.online(&server).await;
    back.until_text(conv, "once").await;
    wait::until("delivered", wait::SOON, || {
        (delivered() == sent.seq).then_some(())
    })
    .await;
    assert_eq!(back.local().texts(conv), ["once"]);
    None
}

#[tokio::test]
async fn r15_delivered_only_after_the_ack_and_shown_once_after_a_crash() {
    assert_eq!(delivered_too_early(Plan::new()).await, None);
}

#[tokio::test]
async fn r15_control_delivered_on_send() {
    caught("delivered_on_send", || {
        delivered_too_early(Plan::new().fault("delivered_on_send"))
    })
    .await;
}

#[tokio::test]
async fn r15_a_cursor_told_at_resume_is_as_good_as_an_ack_and_nothing_above_it_is() {
    let server = Plan::new().timing("receipts_ms", 50).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    let mute = Habits {
        acks: false,
        ..Habits::default()
    };
    let resumed = async || {
        let mut client = bob.device.sign_in(&server.endpoint(), mute, None).await.unwrap();
        client.resume(StatusKind::Online).await;
        client
    };
    let delivered = || sender.local().mark_of(conv, bob.account).delivered;
    let client = resumed().await;
    let first = sender.say(conv, "kept").await;
    client.until_text(conv, "kept").await;
    // It dies after its own commit and before its ack...
    client.reset().await;
    let kept = bob.device.local().clone();
    let client = resumed().await;
    wait::until("the tick", wait::SOON, || {
        (delivered() == first.seq).then_some(())
    })
    .await;
    // ...and here before its own commit: the cursor it comes back with is the older one.
    sender.say(conv, "not kept").await;
    client.until_text(conv, "not kept").await;
    client.reset().await;
    *bob.device.local() = kept;
    let client = resumed().await;
    client.until_text(conv, "not kept").await;
    wait::hold("written is not delivered", Duration::from_millis(700), || {
        delivered() == first.seq
    })
    .await;
}

/// The same message twice, on the same connection and on another.
async fn repeat(plan: Plan) -> Option<String> {
    let server = plan.start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (sender, reader) = (ann.online(&server).await, bob.online(&server).await);
    let conv = sender.conv(bob.account).await;
    let wish = mid();
    let mut answers = Vec::new();
    for _ in 0..2 {
        sender.send(wish, conv, "only once").await.unwrap();
        answers.push(sender.sent(wish).await.unwrap());
    }
    sender.reset().await;
    let sender = ann.online(&server).await;
    sender.send(wish, conv, "only once").await.unwrap();
    answers.push(sender.sent(wish).await.unwrap());
    sender.say(conv, "the end").await;
    reader.until_text(conv, "the end").await;
    let texts = reader.local().texts(conv);
    if texts != ["only once", "the end"] {
        return Some(format!("{texts:?}"));
    }
    assert_eq!(
        answers.iter().map(|sent| sent.dup).collect::<Vec<_>>(),
        [false, true, true]
    );
    assert!(
        answers
            .iter()
            .all(|sent| sent.seq == answers[0].seq && sent.ts == answers[0].ts)
    );
    None
}

#[tokio::test]
async fn a_repeated_mid_is_stored_once_and_repeats_its_first_answer() {
    assert_eq!(repeat(Plan::new()).await, None);
}

#[tokio::test]
async fn control_dedupe_off() {
    caught("dedupe_off", || repeat(Plan::new().fault("dedupe_off"))).await;
}

#[tokio::test]
async fn a_mid_with_another_text_is_refused() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    let wish = mid();
    sender.send(wish, conv, "one").await.unwrap();
    sender.sent(wish).await.unwrap();
    sender.send(wish, conv, "two").await.unwrap();
    assert_eq!(sender.sent(wish).await, Err(NackCode::MidReused));
}

#[tokio::test]
async fn messages_come_in_the_order_they_were_sent_and_sent_comes_before_the_own_event() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (sender, reader) = (ann.online(&server).await, bob.online(&server).await);
    let conv = sender.conv(bob.account).await;
    let mids: Vec<_> = (0..30).map(|_| mid()).collect();
    for (n, mid) in mids.iter().enumerate() {
        sender.send(*mid, conv, &n.to_string()).await.unwrap();
    }
    reader.until_text(conv, "29").await;
    let wanted: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    assert_eq!(reader.local().texts(conv), wanted);
    sender.until_text(conv, "29").await;
    let heard = &sender.state().heard;
    for mid in &mids {
        let sent = heard
            .iter()
            .position(|it| matches!(&it.message, ServerMessage::Sent(s) if s.mid == *mid));
        let event = heard
            .iter()
            .position(|it| matches!(&it.message, ServerMessage::Event(e) if e.mid == *mid));
        assert!(sent.unwrap() < event.unwrap(), "sent first, then the event");
    }
    assert_eq!(reader.local().holes + sender.local().holes, 0);
}

#[tokio::test]
async fn ticks_rise_from_stored_to_delivered_to_read_and_never_fall() {
    let server = Plan::new().timing("receipts_ms", 50).start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    let last = {
        sender.say(conv, "one").await;
        sender.say(conv, "two").await.seq
    };
    assert_eq!(
        sender.local().mark_of(conv, bob.account).delivered,
        0,
        "bob is not there"
    );
    let reader = bob.online(&server).await;
    let mark = || sender.local().mark_of(conv, bob.account);
    wait::until("delivered", wait::SOON, || {
        (mark().delivered == last).then_some(())
    })
    .await;
    assert_eq!(mark().read, 0);
    reader.tell(Read { conv, seq: last }).await.unwrap();
    wait::until("read", wait::SOON, || (mark().read == last).then_some(())).await;
    reader.tell(Read { conv, seq: 1 }).await.unwrap();
    reader.fence().await;
    wait::hold("marks only rise", Duration::from_millis(300), || {
        mark().read == last
    })
    .await;
}

#[tokio::test]
async fn typing_is_told_to_the_other_and_not_to_oneself() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (writer, reader) = (ann.online(&server).await, bob.online(&server).await);
    let conv = writer.conv(bob.account).await;
    writer.tell(Typing { conv }).await.unwrap();
    let typing = reader.hear("typing", wait::SOON, |message| match message {
        ServerMessage::Typing(it) => Some((it.conv, it.account)),
        _ => None,
    });
    assert_eq!(typing.await, Some((conv, ann.account)));
    writer.fence().await;
    assert_eq!(
        writer
            .state()
            .count(|message| matches!(message, ServerMessage::Typing(_))),
        0
    );
}

#[tokio::test]
async fn history_comes_in_pages_both_ways() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    for n in 1..=25 {
        sender.say(conv, &n.to_string()).await;
    }
    let seqs = |page: &breeze_protocol::message::chat::HistoryPage| {
        page.rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    let newest = sender.history(conv, 0, 0, 10).await;
    assert_eq!((seqs(&newest), newest.more), ((16..=25).collect(), true));
    let older = sender.history(conv, 16, 0, 10).await;
    assert_eq!((seqs(&older), older.more), ((6..=15).collect(), true));
    let oldest = sender.history(conv, 6, 0, 10).await;
    assert_eq!((seqs(&oldest), oldest.more), ((1..=5).collect(), false));
    let after = sender.history(conv, 0, 20, 10).await;
    assert_eq!((seqs(&after), after.more), ((21..=25).collect(), false));
    assert_eq!(newest.rows[9].n, 25);
    assert_eq!(newest.rows[9].prev_seq, 24);
}

#[tokio::test]
async fn a_former_friend_a_stranger_and_nobody_are_refused_alike() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (client, other) = (bob.online(&server).await, ann.online(&server).await);
    let conv = client.conv(ann.account).await;
    client.say(conv, "still friends").await;
    other
        .wish(Unfriend {
            mid: mid(),
            account: bob.account,
        })
        .await
        .unwrap();
    let wish = mid();
    client.send(wish, conv, "and now?").await.unwrap();
    assert_eq!(client.sent(wish).await, Err(NackCode::NotContact));
    let mut answers = Vec::new();
    for account in [cleo.account, breeze_protocol::AccountId(4_711)] {
        let open = breeze_protocol::message::chat::ConvOpen { mid: mid(), account };
        match client.ask(open).await.unwrap() {
            ServerMessage::Nack(nack) => answers.push((nack.code, nack.transient, nack.retry_ms)),
            other => panic!("{other:?}"),
        }
    }
    assert!(
        answers
            .iter()
            .all(|answer| *answer == (NackCode::NotContact, false, 0)),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_conversation_of_others_is_closed_to_a_stranger() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (sender, stranger) = (ann.online(&server).await, cleo.online(&server).await);
    let conv = sender.conv(bob.account).await;
    sender.say(conv, "between us").await;
    let wish = mid();
    stranger.send(wish, conv, "hello?").await.unwrap();
    assert_eq!(stranger.sent(wish).await, Err(NackCode::NotMember));
    let page = breeze_protocol::message::chat::History {
        conv,
        before: 0,
        after: 0,
        limit: 10,
    };
    let answer = stranger.ask(page).await.unwrap();
    assert!(matches!(answer, ServerMessage::Error(_)), "{answer:?}");
    assert!(stranger.local().rows.is_empty());
}
