//! Pictures: R21 and R23, and the ones nobody should take.

use breeze_protocol::BlobHash;
use breeze_protocol::ServerMessage;
use breeze_protocol::message::blob::BlobState;
use breeze_protocol::message::code::ErrorCode;
use breeze_protocol::message::contact::ProfileSet;
use breeze_tests::client::Client;
use breeze_tests::client::script::mid;
use breeze_tests::people::star;
use breeze_tests::server::Server;
use breeze_tests::{blob, wait};

async fn show(client: &Client, name: &str, avatar: Option<BlobHash>) -> Result<(), ServerMessage> {
    let profile = ProfileSet {
        mid: mid(),
        display_name: name.into(),
        avatar,
        status_text: String::new(),
    };
    client.wish(profile).await
}

#[tokio::test]
async fn r21_a_picture_changed_while_its_owner_is_offline_to_others_reaches_them() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let owner = ann.online(&server).await;
    let red = owner.upload(&blob::picture([220, 20, 20])).await.unwrap();
    show(&owner, "Ann", Some(red)).await.unwrap();
    owner.bye().await;
    // Bob was away the whole time; ann is grey when he comes, with the new picture.
    let watcher = bob.online(&server).await;
    assert_eq!(watcher.local().profile(ann.account).unwrap().avatar, Some(red));
    assert_eq!(
        watcher.fetch(ann.account, red).await.unwrap(),
        blob::picture([220, 20, 20])
    );
    // And one that changes and leaves while bob looks on.
    let owner = ann.online(&server).await;
    let green = owner.upload(&blob::picture([20, 220, 20])).await.unwrap();
    show(&owner, "Ann", Some(green)).await.unwrap();
    owner.bye().await;
    let changed = || (watcher.local().profile(ann.account).unwrap().avatar == Some(green)).then_some(());
    wait::until("the new picture", wait::SOON, changed).await;
    watcher
        .until_state(ann.account, breeze_protocol::PresenceState::Offline)
        .await;
    watcher.fetch(ann.account, green).await.unwrap();
}

#[tokio::test]
async fn r23_an_upload_cut_in_the_middle_never_becomes_visible() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let watcher = bob.online(&server).await;
    let picture = blob::noise(40_000);
    let (name, transfer) = (blob::hash(&picture), blob::transfer());
    let owner = ann.online(&server).await;
    assert_eq!(
        owner.begin_upload(transfer, picture.len() as u64, name).await,
        Ok(0)
    );
    owner.send_chunks(transfer, &picture, 0, 16 * 1024).await.unwrap();
    owner.fence().await;
    owner.reset().await;
    let owner = ann.online(&server).await;
    assert!(
        show(&owner, "Ann", Some(name)).await.is_err(),
        "half a picture is none"
    );
    assert_eq!(owner.fetch(ann.account, name).await, Err(ErrorCode::NotFound));
    assert_eq!(watcher.fetch(ann.account, name).await, Err(ErrorCode::NotFound));
    assert_eq!(watcher.local().profile(ann.account).unwrap().avatar, None);
    let held = owner.ask(BlobState { transfer }).await.unwrap();
    println!("after the cut the server holds: {held:?}");
    owner
        .upload(&picture)
        .await
        .expect("from the start, or from where it was");
    show(&owner, "Ann", Some(name)).await.unwrap();
    wait::until("now it shows", wait::SOON, || {
        (watcher.local().profile(ann.account).unwrap().avatar == Some(name)).then_some(())
    })
    .await;
    assert_eq!(watcher.fetch(ann.account, name).await.unwrap(), picture);
}

#[tokio::test]
async fn a_bomb_a_text_and_fifty_megapixels_are_refused_and_the_old_picture_stays() {
    let mut server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let owner = ann.online(&server).await;
    let good = owner.upload(&blob::picture([10, 20, 230])).await.unwrap();
    show(&owner, "Ann", Some(good)).await.unwrap();
    let before = resident_kib(server.pid());
    let bad = [
        ("a bomb", blob::bomb()),
        ("no picture", b"MZ this is a program, believe me".to_vec()),
        ("a text called png", b"\x89PNG\r\n\x1a\nand then nothing".to_vec()),
        (
            "the first bytes of a picture",
            blob::picture([1, 2, 3])[..20].to_vec(),
        ),
        ("fifty megapixels", blob::huge_picture(7100, 7100)),
    ];
    for (what, bytes) in bad {
        assert!(
            bytes.len() <= breeze_protocol::limit::AVATAR_BYTES_MAX,
            "{what} has {} bytes",
            bytes.len()
        );
        assert_eq!(owner.upload(&bytes).await, Err(ErrorCode::Malformed), "{what}");
        assert!(
            show(&owner, "Ann", Some(blob::hash(&bytes))).await.is_err(),
            "{what} cannot be shown"
        );
    }
    assert_eq!(owner.local().profile(ann.account).unwrap().avatar, Some(good));
    let grown = resident_kib(server.pid()).saturating_sub(before);
    assert!(grown < 64 * 1024, "the server grew by {grown} KiB");
    server.assert_sound();
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn wrong_sizes_and_wrong_hashes_are_refused_by_name() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let owner = ann.online(&server).await;
    let picture = blob::picture([9, 9, 200]);
    let large = owner
        .begin_upload(blob::transfer(), 64 * 1024 + 1, BlobHash([1; 32]))
        .await;
    assert_eq!(large, Err(ErrorCode::TooLarge));
    let transfer = blob::transfer();
    owner
        .begin_upload(transfer, picture.len() as u64, BlobHash([1; 32]))
        .await
        .unwrap();
    owner
        .send_chunks(transfer, &picture, 0, picture.len())
        .await
        .unwrap();
    let commit = breeze_protocol::message::blob::BlobCommit { transfer };
    match owner.ask(commit).await.unwrap() {
        ServerMessage::Error(it) => assert_eq!(it.code, ErrorCode::HashMismatch),
        other => panic!("{other:?}"),
    }
    let commit = breeze_protocol::message::blob::BlobCommit {
        transfer: blob::transfer(),
    };
    match owner.ask(commit).await.unwrap() {
        ServerMessage::Error(it) => assert_eq!(it.code, ErrorCode::NotFound),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stranger_cannot_fetch_a_picture_and_a_friend_can() {
    let server = Server::start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let owner = bob.online(&server).await;
    let hash = owner.upload(&blob::picture([250, 120, 0])).await.unwrap();
    show(&owner, "Bob", Some(hash)).await.unwrap();
    ann.online(&server).await.fetch(bob.account, hash).await.unwrap();
    let stranger = cleo.online(&server).await;
    assert_eq!(stranger.fetch(bob.account, hash).await, Err(ErrorCode::NotFound));
    assert!(
        show(&stranger, "Cleo", Some(hash)).await.is_err(),
        "knowing a hash is not having the picture"
    );
}
