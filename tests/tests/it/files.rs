//! Files: to friends who are away, through cuts and kills, and everything that must be refused by name.

use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::blob::{BlobCancel, BlobState};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::{ErrorCode, GoodbyeCode, NackCode};
use breeze_protocol::message::session::{SessionRevoke, SessionsList};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{BlobHash, ConvId, ServerMessage, limit};
use breeze_tests::blob;
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::{Person, star};
use breeze_tests::proxy::Proxy;
use breeze_tests::server::{Plan, Server};
use breeze_tests::transfer::{attachment, file_message, noise};
use std::time::{Duration, Instant};

const CHUNK: usize = limit::BLOB_CHUNK_BYTES;

/// Two friends, the first online, and their conversation.
async fn two(server: &Server) -> (Person, Person, Client, ConvId) {
    let (ann, [bob]) = star(server, "ann", ["bob"]).await;
    let client = ann.online(server).await;
    let conv = client.conv(bob.account).await;
    (ann, bob, client, conv)
}

fn first(conv: ConvId, seq: u64) -> FilePlace {
    FilePlace { conv, seq, index: 0 }
}

#[tokio::test]
async fn a_friend_who_is_away_fetches_a_file_later() {
    let mut server = Server::start();
    let (_ann, bob, client, conv) = two(&server).await;
    let bytes = noise(300_001, 1);
    let files = client.beside(&server.endpoint()).await;
    assert_eq!(files.upload(&bytes).await, Ok(blob::hash(&bytes)));
    let file = Attachment {
        media: "application/pdf".into(),
        ..attachment("plan of the house.pdf", &bytes)
    };
    let sent = client.send_file(conv, "at last", file.clone()).await.unwrap();
    client.bye().await;
    drop(files);
    server.restart();
    let watcher = bob.online(&server).await;
    let row = watcher.local().rows[&(conv, sent.seq)].clone();
    assert_eq!((row.kind, row.body.as_str()), (EntryKind::File, "at last"));
    assert_eq!(
        (row.attachments, row.n),
        (vec![file], sent.seq),
        "as it was sent, and counted"
    );
    let page = watcher.history(conv, 0, 0, 10).await;
    assert_eq!(page.rows.last().unwrap().attachments.len(), 1);
    let files = watcher.beside(&server.endpoint()).await;
    let come = files.fetch_file(first(conv, sent.seq), blob::hash(&bytes)).await;
    assert_eq!(come.unwrap(), bytes);
    server.assert_sound();
}

#[tokio::test]
async fn an_upload_cut_in_the_middle_goes_on_where_it_was() {
    let server = Server::start();
    let (_ann, _bob, client, conv) = two(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let bytes = noise(1_000_000, 2);
    let (transfer, hash) = (blob::transfer(), blob::hash(&bytes));
    let (mut from, mut cuts) = (0, 0);
    while cuts < 4 {
        let files = client.beside(&proxy.endpoint(&server.endpoint())).await;
        let held = files.begin_upload(transfer, 1_000_000, hash).await.unwrap();
        let held = usize::try_from(held).unwrap();
        assert!(
            held + 2 * CHUNK > from,
            "{held} of {from} bytes are held after {cuts} cuts"
        );
        // The connection ends after as many bytes more; what the proxy passed on is what the server was sent.
        let before = proxy.passed_up();
        proxy.cut_after(200_000);
        let _ = files.send_chunks(transfer, &bytes, held, bytes.len()).await;
        files.until_closed().await;
        from = held + usize::try_from(proxy.passed_up() - before).unwrap() * 99 / 100;
        cuts += 1;
    }
    let files = client.beside(&server.endpoint()).await;
    let held = usize::try_from(files.begin_upload(transfer, 1_000_000, hash).await.unwrap()).unwrap();
    assert!(held + 2 * CHUNK > from);
    files
        .send_chunks(transfer, &bytes, held, bytes.len())
        .await
        .unwrap();
    files.commit(transfer).await.unwrap();
    client.send_file(conv, "", attachment("a", &bytes)).await.unwrap();
}

#[tokio::test]
async fn a_download_cut_in_the_middle_goes_on_where_it_was() {
    let server = Server::start();
    let (_ann, bob, client, conv) = two(&server).await;
    let bytes = noise(3_000_000, 3);
    let files = client.beside(&server.endpoint()).await;
    files.upload(&bytes).await.unwrap();
    let sent = client.send_file(conv, "", attachment("a", &bytes)).await.unwrap();
    let watcher = bob.online(&server).await;
    let proxy = Proxy::before(&server.endpoint()).await;
    let files = watcher.beside(&proxy.endpoint(&server.endpoint())).await;
    let (place, hash) = (first(conv, sent.seq), blob::hash(&bytes));
    let info = files.begin_file(place, hash, 0).await.unwrap();
    files.until_come(info.transfer, 1_000_000).await;
    proxy.reset_all();
    files.until_closed().await;
    let mut come = files.come(info.transfer);
    println!("{} of {} bytes came before the cut", come.len(), bytes.len());
    assert!(come.len() < bytes.len(), "the cut came too late to show anything");
    let files = watcher.beside(&server.endpoint()).await;
    let info = files.begin_file(place, hash, come.len() as u64).await.unwrap();
    files.until_come(info.transfer, bytes.len() - come.len()).await;
    let offset = files
        .state()
        .chunks
        .iter()
        .find(|it| it.0 == info.transfer)
        .unwrap()
        .1;
    assert_eq!(offset, come.len() as u64, "nothing comes twice");
    come.extend(files.come(info.transfer));
    assert_eq!(blob::hash(&come), hash);
    let end = files.begin_file(place, hash, info.size + 1).await;
    assert_eq!(end, Err(ErrorCode::Malformed));
    assert!(
        files.begin_file(place, hash, info.size).await.is_ok(),
        "there is nothing left"
    );
}

#[tokio::test]
async fn a_server_killed_in_the_middle_of_an_upload_shows_nothing_and_goes_on() {
    let mut server = Server::start();
    let (ann, bob, client, conv) = two(&server).await;
    let bytes = noise(600_000, 4);
    let (transfer, hash) = (blob::transfer(), blob::hash(&bytes));
    let files = client.beside(&server.endpoint()).await;
    files.begin_upload(transfer, 600_000, hash).await.unwrap();
    files.send_chunks(transfer, &bytes, 0, 400_000).await.unwrap();
    let held = || async {
        match files.ask(BlobState { transfer }).await.unwrap() {
            ServerMessage::BlobOffset(it) => it.offset,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(held().await, 400_000);
    server.kill();
    server.start_again();
    assert!(!server.data().join("blobs").exists(), "half a file is none");
    let client = ann.online(&server).await;
    let unready = client.send_file(conv, "", attachment("a", &bytes)).await;
    assert_eq!(unready, Err(NackCode::BadReference));
    let files = client.beside(&server.endpoint()).await;
    let held = files.begin_upload(transfer, 600_000, hash).await.unwrap();
    assert_eq!(held, 400_000, "what a killed process has written is written");
    files
        .send_chunks(transfer, &bytes, 400_000, 600_000)
        .await
        .unwrap();
    files.commit(transfer).await.unwrap();
    // Killed again, between the upload's end and the message: the upload still stands.
    server.kill();
    server.start_again();
    let client = ann.online(&server).await;
    let sent = client.send_file(conv, "", attachment("a", &bytes)).await.unwrap();
    let files = bob.online(&server).await.beside(&server.endpoint()).await;
    assert_eq!(
        files.fetch_file(first(conv, sent.seq), hash).await.unwrap(),
        bytes
    );
    server.assert_sound();
}

#[tokio::test]
async fn short_wrong_large_and_too_many_uploads_are_refused_by_name() {
    let server = Plan::new()
        .config("[files]\nmax_bytes = 100000\nquota_bytes = 250000")
        .start();
    let (_ann, _bob, client, conv) = two(&server).await;
    assert_eq!(client.hello.limits.file_bytes, 100_000);
    let files = client.beside(&server.endpoint()).await;
    let bytes = noise(90_000, 5);
    let (transfer, hash) = (blob::transfer(), blob::hash(&bytes));
    let large = files.begin_upload(blob::transfer(), 100_001, hash).await;
    assert_eq!(large, Err(ErrorCode::TooLarge));
    assert_eq!(files.commit(transfer).await, Err(ErrorCode::NotFound));
    assert_eq!(files.begin_upload(transfer, 90_000, hash).await, Ok(0));
    files.send_chunks(transfer, &bytes, 0, 80_000).await.unwrap();
    files.send_chunks(transfer, &bytes, 85_000, 90_000).await.unwrap();
    assert_eq!(
        files.commit(transfer).await,
        Err(ErrorCode::OutOfOrder),
        "bytes are missing"
    );
    let other = files.begin_upload(transfer, 80_000, hash).await;
    assert_eq!(other, Err(ErrorCode::Malformed), "other numbers");
    files
        .send_chunks(transfer, &noise(90_000, 6), 80_000, 90_000)
        .await
        .unwrap();
    assert_eq!(files.commit(transfer).await, Err(ErrorCode::HashMismatch));
    assert_eq!(
        files.commit(transfer).await,
        Err(ErrorCode::NotFound),
        "it is forgotten"
    );
    let missing = client.send_file(conv, "", attachment("a", &bytes)).await;
    assert_eq!(missing, Err(NackCode::BadReference));
    // Four unfinished at once, whatever their size.
    let many: Vec<_> = (0..5).map(|_| blob::transfer()).collect();
    for transfer in &many[..4] {
        assert_eq!(files.begin_upload(*transfer, 10, hash).await, Ok(0));
    }
    assert_eq!(files.begin_upload(many[4], 10, hash).await, Err(ErrorCode::Busy));
    for transfer in &many[..4] {
        files.wish(BlobCancel { transfer: *transfer }).await.unwrap();
    }
    // The quota counts what is sent and what is reserved.
    for seed in [7, 8] {
        let bytes = noise(90_000, seed);
        files.upload(&bytes).await.unwrap();
        client.send_file(conv, "", attachment("a", &bytes)).await.unwrap();
    }
    let third = files.begin_upload(blob::transfer(), 90_000, hash).await;
    assert_eq!(third, Err(ErrorCode::Quota));
    let again = client
        .send_file(conv, "", attachment("b", &noise(90_000, 7)))
        .await;
    assert_eq!(
        again,
        Err(NackCode::Quota),
        "every message is charged, whoever has the bytes already"
    );
    assert_eq!(
        files.begin_upload(blob::transfer(), 70_000, hash).await,
        Ok(0),
        "what is left may come"
    );
}

#[tokio::test]
async fn nobody_has_a_file_by_knowing_its_name() {
    let server = Server::start();
    let (ann, [bob, eve]) = star(&server, "ann", ["bob", "eve"]).await;
    let client = ann.online(&server).await;
    let conv = client.conv(bob.account).await;
    let bytes = noise(40_000, 9);
    let hash = blob::hash(&bytes);
    let files = client.beside(&server.endpoint()).await;
    files.upload(&bytes).await.unwrap();
    let sent = client.send_file(conv, "", attachment("a", &bytes)).await.unwrap();
    let eves = eve.online(&server).await;
    let spying = eves.beside(&server.endpoint()).await;
    let absent = |seq, index| FilePlace { conv, seq, index };
    for place in [
        first(conv, sent.seq),
        absent(sent.seq, 1),
        absent(99, 0),
        first(ConvId(99), 1),
    ] {
        assert_eq!(
            spying.begin_file(place, hash, 0).await,
            Err(ErrorCode::NotFound),
            "{place:?}"
        );
    }
    let other = files
        .begin_file(first(conv, sent.seq), BlobHash([1; 32]), 0)
        .await;
    assert_eq!(other, Err(ErrorCode::NotFound), "the place holds something else");
    let with_ann = eves.conv(ann.account).await;
    let stolen = eves.send_file(with_ann, "", attachment("mine", &bytes)).await;
    assert_eq!(
        stolen,
        Err(NackCode::BadReference),
        "knowing a hash is not having the file"
    );
    let held = spying.begin_upload(blob::transfer(), 40_000, hash).await;
    assert_eq!(held, Ok(0), "and it is not told that the server has it");
    let bobs = bob.online(&server).await;
    let files = bobs.beside(&server.endpoint()).await;
    let held = files.begin_upload(blob::transfer(), 40_000, hash).await;
    assert_eq!(held, Ok(40_000), "who may read it need not bring it");
    // Deleted, it is gone for everybody.
    let delete = Send {
        kind: EntryKind::Delete,
        target: Some(sent.seq),
        ..Send::text(mid(), conv, "")
    };
    let wish = delete.mid;
    client.tell(delete).await.unwrap();
    client.sent(wish).await.unwrap();
    let gone = files.begin_file(first(conv, sent.seq), hash, 0).await;
    assert_eq!(gone, Err(ErrorCode::NotFound));
    assert!(
        bobs.history(conv, 0, 0, 10)
            .await
            .rows
            .iter()
            .all(|row| row.attachments.is_empty())
    );
}

#[tokio::test]
async fn a_ticket_opens_one_connection_and_that_ends_with_its_device() {
    let server = Server::start();
    let (ann, _bob, client, _conv) = two(&server).await;
    let to = server.endpoint();
    for bad in ["", "made up"] {
        let refused = Client::transfer(&to, Secret(bad.into())).await;
        assert_eq!(refused.err(), Some(ErrorCode::Expired));
    }
    let ticket = client.ticket().await;
    let newer = client.ticket().await;
    assert_eq!(
        Client::transfer(&to, ticket).await.err(),
        Some(ErrorCode::Expired),
        "a newer one was given"
    );
    let files = Client::transfer(&to, newer.clone()).await.unwrap();
    assert_eq!(
        Client::transfer(&to, newer).await.err(),
        Some(ErrorCode::Expired),
        "used"
    );
    assert_eq!(server.sessions(), 1, "it is no session");
    let other = client.beside(&to).await;
    assert_eq!(files.until_goodbye().await.reason, GoodbyeCode::Replaced);
    let out_of_place = other.ask(SessionsList {}).await.unwrap();
    assert!(matches!(out_of_place, ServerMessage::Error(it) if it.code == ErrorCode::OutOfOrder));
    let files = client.beside(&to).await;
    // Signed out on another device: both its connections end.
    let second = ann.second_device(&server).await.online(&to).await;
    let row = match second.ask(SessionsList {}).await.unwrap() {
        ServerMessage::Sessions(it) => it.rows.into_iter().find(|row| !row.this).unwrap(),
        other => panic!("{other:?}"),
    };
    let revoke = SessionRevoke {
        mid: mid(),
        device: row.device,
    };
    second.wish(revoke).await.unwrap();
    assert_eq!(client.until_goodbye().await.reason, GoodbyeCode::Revoked);
    assert_eq!(files.until_goodbye().await.reason, GoodbyeCode::Revoked);
}

#[tokio::test]
async fn four_downloads_run_at_once_and_one_that_is_stopped_makes_room() {
    let server = Server::start();
    let (_ann, _bob, client, conv) = two(&server).await;
    let bytes = noise(24_000_000, 10);
    let (files, hash) = (client.beside(&server.endpoint()).await, blob::hash(&bytes));
    files.upload(&bytes).await.unwrap();
    let sent = client.send_file(conv, "", attachment("a", &bytes)).await.unwrap();
    let place = first(conv, sent.seq);
    // Nothing is read, and they are longer than what the sockets take: none of them ends.
    files.set_reading(false);
    let mut asked = Vec::new();
    for _ in 0..5 {
        let get = breeze_protocol::message::blob::BlobGet::file(place, hash, 0);
        asked.push(files.request(get).await.unwrap());
    }
    files.set_reading(true);
    let refused = files.until("an answer to the fifth", |state| {
        let answer = state
            .heard
            .iter()
            .find(|heard| heard.re == asked.last().copied())?;
        Some(answer.message.clone())
    });
    match refused.await {
        ServerMessage::Error(it) => assert_eq!(it.code, ErrorCode::Busy),
        other => panic!("{other:?}"),
    }
    let running: Vec<_> = files
        .state()
        .heard
        .iter()
        .filter_map(|heard| match &heard.message {
            ServerMessage::BlobInfo(it) => Some(it.transfer),
            _ => None,
        })
        .collect();
    assert_eq!(running.len(), 4);
    for transfer in &running[..3] {
        files.wish(BlobCancel { transfer: *transfer }).await.unwrap();
    }
    files.until_come(running[3], bytes.len()).await;
    assert_eq!(
        blob::hash(&files.come(running[3])),
        hash,
        "the others do not get into it"
    );
}

#[tokio::test]
async fn a_file_message_is_as_lawful_as_its_words() {
    let server = Server::start();
    let (_ann, _bob, client, conv) = two(&server).await;
    let bytes = noise(10, 11);
    let files = client.beside(&server.endpoint()).await;
    files.upload(&bytes).await.unwrap();
    let good = attachment("a", &bytes);
    let named = |name: &str| Attachment {
        name: name.into(),
        ..good.clone()
    };
    let message = |attachments: Vec<Attachment>| Send {
        attachments,
        ..file_message(conv, "", good.clone())
    };
    let bad = [
        message(Vec::new()),
        message(vec![good.clone(); 11]),
        message(vec![named("")]),
        message(vec![named("../../etc/passwd")]),
        message(vec![named("a\nb")]),
        message(vec![named(&"x".repeat(256))]),
        message(vec![Attachment {
            size: 11,
            ..good.clone()
        }]),
        Send {
            kind: EntryKind::Text,
            ..file_message(conv, "text", good.clone())
        },
    ];
    for send in bad {
        let wish = send.mid;
        client.tell(send.clone()).await.unwrap();
        assert_eq!(client.sent(wish).await, Err(NackCode::BadReference), "{send:?}");
    }
    let send = message(vec![good.clone(); 10]);
    client.tell(send.clone()).await.unwrap();
    let sent = client.sent(send.mid).await.unwrap();
    client.tell(send.clone()).await.unwrap();
    assert_eq!(
        client.sent(send.mid).await.map(|it| (it.seq, it.dup)),
        Ok((sent.seq, true))
    );
    let other = Send {
        attachments: vec![good],
        ..send
    };
    client.tell(other.clone()).await.unwrap();
    assert_eq!(client.sent(other.mid).await, Err(NackCode::MidReused));
}

/// The middle and the worst of a hundred, milliseconds.
fn spread(mut times: Vec<Duration>) -> (u128, u128) {
    times.sort();
    (
        times[times.len() / 2].as_millis(),
        times[times.len() * 99 / 100].as_millis(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_stays_quick_while_a_large_file_runs() {
    let server = Server::start();
    let (_ann, _bob, client, conv) = two(&server).await;
    let times = |count: usize| {
        let client = &client;
        async move {
            let mut times = Vec::new();
            for n in 0..count {
                let began = Instant::now();
                client.say(conv, &format!("text {n}")).await;
                times.push(began.elapsed());
            }
            times
        }
    };
    let idle = spread(times(100).await);
    let bytes = noise(48 * 1024 * 1024, 12);
    let files = client.beside(&server.endpoint()).await;
    let (transfer, hash) = (blob::transfer(), blob::hash(&bytes));
    files
        .begin_upload(transfer, bytes.len() as u64, hash)
        .await
        .unwrap();
    let began = Instant::now();
    let upload = async {
        files.send_chunks(transfer, &bytes, 0, bytes.len()).await.unwrap();
        files.commit(transfer).await
    };
    let (done, busy) = tokio::join!(upload, times(100));
    done.unwrap();
    let (took, busy) = (began.elapsed(), spread(busy));
    println!("text ack p50/p99: idle {idle:?} ms, beside an upload of 48 MiB in {took:?} {busy:?} ms");
    assert!(busy.1 < 2000, "text waits for the file");
}
