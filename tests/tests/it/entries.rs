//! What becomes of a message after it was sent: answers, edits, deletions, reactions, seen by two people and those who
//! have no business there.

use breeze_protocol::message::chat::EntryKind::{Delete, Edit, Reaction, Text};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::contact::Unfriend;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::{AccountId, ConvId, ServerMessage, StatusKind};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::star;
use breeze_tests::server::Server;
use breeze_tests::wait;
use std::collections::BTreeMap;

/// Waits until a device shows these texts, with the emoji under each.
async fn until_shown(client: &Client, conv: ConvId, wanted: &[(&str, &[(AccountId, &str)])]) {
    let wanted: Vec<(String, BTreeMap<AccountId, String>)> = wanted
        .iter()
        .map(|(text, marks)| {
            let marks = marks.iter().map(|(who, mark)| (*who, (*mark).to_owned()));
            ((*text).to_owned(), marks.collect())
        })
        .collect();
    let shown = || client.local().shown(conv);
    let come = wait::seek(wait::SOON, || (shown() == wanted).then_some(())).await;
    assert!(come.is_some(), "shown: {:?}, not {wanted:?}", shown());
}

/// Everything a device has heard and holds, as text.
fn everything(client: &Client) -> String {
    let heard = format!("{:?}", client.state().heard);
    heard + &format!("{:?}", client.local().rows)
}

#[tokio::test]
async fn both_see_an_answer_an_edit_a_reaction_and_a_deletion() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let conv = one.conv(bob.account).await;
    let first = one.say(conv, "tea at four?").await.seq;
    let answer = two.change(conv, Text, first, "better five").await.unwrap().seq;
    one.change(conv, Edit, first, "tea at five?").await.unwrap();
    two.change(conv, Reaction, first, "👍").await.unwrap();
    one.change(conv, Reaction, first, "🍵").await.unwrap();
    two.change(conv, Reaction, first, "❤️").await.unwrap();
    let marks = [(ann.account, "🍵"), (bob.account, "❤️")];
    for client in [&one, &two] {
        until_shown(client, conv, &[("tea at five?", &marks), ("better five", &[])]).await;
        let local = client.local();
        assert_eq!(local.rows[&(conv, answer)].target, Some(first));
        assert_eq!(
            local.rows[&(conv, answer)].n,
            2,
            "two messages, whatever became of them"
        );
    }
    one.change(conv, Reaction, first, "").await.unwrap();
    let marks = [(bob.account, "❤️")];
    for client in [&one, &two] {
        until_shown(client, conv, &[("tea at five?", &marks), ("better five", &[])]).await;
    }
    one.change(conv, Delete, first, "").await.unwrap();
    for client in [&one, &two] {
        until_shown(client, conv, &[("better five", &[])]).await;
    }
    assert_eq!(one.local().holes + two.local().holes, 0);
    assert_eq!(one.local().contradictions + two.local().contradictions, 0);
}

#[tokio::test]
async fn a_device_that_was_away_learns_of_an_edit_and_a_deletion_and_never_of_the_deleted() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let conv = one.conv(bob.account).await;
    let (kept, lost) = (
        one.say(conv, "kept").await.seq,
        one.say(conv, "rosebud").await.seq,
    );
    two.until_text(conv, "rosebud").await;
    two.fence().await;
    two.bye().await;
    one.change(conv, Edit, kept, "kept and better").await.unwrap();
    one.change(conv, Edit, lost, "rosebud again").await.unwrap();
    one.change(conv, Delete, lost, "").await.unwrap();
    let never = one.say(conv, "daffodil").await.seq;
    one.change(conv, Reaction, never, "🌼").await.unwrap();
    one.change(conv, Delete, never, "").await.unwrap();
    let delta = bob.online(&server).await;
    until_shown(&delta, conv, &[("kept and better", &[])]).await;
    let heard = format!("{:?}", delta.state().heard);
    assert!(
        !heard.contains("rosebud again") && !heard.contains("daffodil"),
        "{heard}"
    );
    assert!(
        !everything(&delta).contains("rosebud"),
        "also what it held before is gone"
    );
    let new = bob.second_device(&server).await;
    let mut new = new
        .sign_in(&server.endpoint(), Habits::default(), None)
        .await
        .unwrap();
    assert_eq!(new.resume(StatusKind::Online).await, ResumeMode::Snapshot);
    until_shown(&new, conv, &[("kept and better", &[])]).await;
    let page = new.history(conv, 0, 0, 200).await;
    assert_eq!(page.rows.len(), 8, "every place is told of");
    let told = format!("{page:?} {}", everything(&new));
    assert!(!told.contains("rosebud") && !told.contains("daffodil"), "{told}");
}

/// Tries everything on a message of somebody else; what each is answered.
async fn tries(client: &Client, conv: ConvId, target: u64) -> Vec<Result<(), NackCode>> {
    let mut answers = Vec::new();
    for (kind, body) in [(Edit, "yours now"), (Delete, ""), (Reaction, "👎"), (Text, "re")] {
        answers.push(client.change(conv, kind, target, body).await.map(drop));
    }
    answers
}

#[tokio::test]
async fn the_other_side_a_stranger_and_a_former_friend_cannot_change_a_message() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let stranger = cleo.online(&server).await;
    let conv = one.conv(bob.account).await;
    let seq = one.say(conv, "mine").await.seq;
    let all = |code| -> [Result<(), NackCode>; 4] { [Err(code); 4] };
    let right = Err(NackCode::NoRight);
    assert_eq!(tries(&two, conv, seq).await, [right, right, Ok(()), Ok(())]);
    assert_eq!(tries(&stranger, conv, seq).await, all(NackCode::NotMember));
    assert_eq!(
        tries(&stranger, ConvId(4_711), seq).await,
        all(NackCode::NotMember)
    );
    let unfriend = Unfriend {
        mid: mid(),
        account: ann.account,
    };
    two.wish(unfriend).await.unwrap();
    assert_eq!(tries(&one, conv, seq).await, all(NackCode::NotContact));
    assert_eq!(tries(&two, conv, seq).await, all(NackCode::NotContact));
    let marks = [(bob.account, "👎")];
    until_shown(&one, conv, &[("mine", &marks), ("re", &[])]).await;
    assert!(stranger.local().rows.is_empty());
}

#[tokio::test]
async fn repeats_are_stored_once_and_another_content_is_refused() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let conv = one.conv(bob.account).await;
    let seq = one.say(conv, "one").await.seq;
    for (kind, body) in [(Edit, "two"), (Reaction, "👍"), (Delete, "")] {
        let send = Send {
            kind,
            target: Some(seq),
            ..Send::text(mid(), conv, body)
        };
        let mut answers = Vec::new();
        for _ in 0..3 {
            one.tell(send.clone()).await.unwrap();
            answers.push(one.sent(send.mid).await.unwrap());
        }
        assert_eq!(
            answers.iter().map(|it| it.dup).collect::<Vec<_>>(),
            [false, true, true]
        );
        assert!(answers.iter().all(|it| it.seq == answers[0].seq));
        for other in [Some(seq + 1), None] {
            let changed = Send {
                target: other,
                ..send.clone()
            };
            // One that names nothing is refused before anybody looks at its mid.
            let code = if other.is_some() {
                NackCode::MidReused
            } else {
                NackCode::BadReference
            };
            one.tell(changed).await.unwrap();
            assert_eq!(one.sent(send.mid).await, Err(code), "{kind:?}");
        }
    }
    one.say(conv, "the end").await;
    two.until_text(conv, "the end").await;
    let events = two
        .state()
        .count(|message| matches!(message, ServerMessage::Event(_)));
    assert_eq!(events, 5);
    assert_eq!(two.local().repeats, 0);
}

#[tokio::test]
async fn what_names_nothing_that_is_there_is_refused_and_the_connection_goes_on() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let one = ann.online(&server).await;
    let conv = one.conv(bob.account).await;
    let seq = one.say(conv, "one").await.seq;
    let bad = Err(NackCode::BadReference);
    let kinds: [(EntryKind, &str); 3] = [(Edit, "x"), (Delete, ""), (Reaction, "👍")];
    for (kind, body) in kinds {
        for target in [0, seq + 1, (1 << 53) - 1] {
            assert_eq!(
                one.change(conv, kind, target, body).await.map(drop),
                bad,
                "{kind:?} {target}"
            );
        }
    }
    assert_eq!(one.change(conv, Reaction, seq, "nice").await.map(drop), bad);
    assert_eq!(one.change(conv, Edit, seq, "").await.map(drop), bad);
    let long = "x".repeat(16 * 1024 + 1);
    assert_eq!(
        one.change(conv, Edit, seq, &long).await.map(drop),
        Err(NackCode::TooLong)
    );
    one.change(conv, Edit, seq, "and on it goes").await.unwrap();
    until_shown(&one, conv, &[("and on it goes", &[])]).await;
}
