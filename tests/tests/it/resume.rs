//! R9 and catching up: delta, snapshot, and the strongest test: a stale snapshot and the events since equal a fresh one.

use breeze_protocol::PresenceState::{Away, Online};
use breeze_protocol::message::chat::{EntryKind, Event, Read};
use breeze_protocol::message::contact::ProfileSet;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::presence::StatusKind;
use breeze_tests::client::Habits;
use breeze_tests::client::script::mid;
use breeze_tests::evidence::caught;
use breeze_tests::load::pour;
use breeze_tests::local::Local;
use breeze_tests::people::{Device, star};
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait;
use std::time::Duration;

/// A friend changes between the watcher's snapshot and the end of its catching up.
async fn change_while_catching_up(plan: Plan) -> Option<String> {
    let server = plan.start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let first = bob.online(&server).await;
    let friend = ann.online(&server).await;
    let conv = friend.conv(bob.account).await;
    first.until_state(ann.account, Online).await;
    first.bye().await;
    // Far more than the sockets' buffers hold: the server stays in the middle of it while the watcher does not read.
    let missed = pour(&friend, conv, 700, 15_000).await;
    let slow = Habits {
        small_buffer: true,
        ..Habits::default()
    };
    let watcher = bob.device.sign_in(&server.endpoint(), slow, None).await.unwrap();
    let place = watcher.local().resume(StatusKind::Online);
    watcher.request(place).await.unwrap();
    watcher
        .until("the presence snapshot", |state| {
            (state.presence.snapshots == 1).then_some(())
        })
        .await;
    watcher.set_reading(false);
    friend.set_status(StatusKind::Away).await;
    let read_before = watcher.state().bytes;
    assert!(
        read_before + 3_000_000 < missed,
        "no evidence: {read_before} of {missed} bytes had come before the change"
    );
    watcher.set_reading(true);
    let synced = watcher.hear("synced", Duration::from_secs(60), |message| {
        matches!(message, breeze_protocol::ServerMessage::Synced(_)).then_some(())
    });
    synced.await.expect("it catches up");
    let seen = wait::seek(Duration::from_secs(2), || {
        (watcher.state().presence.state(ann.account) == Away).then_some(())
    });
    if seen.await.is_none() {
        return Some(format!(
            "still {:?} after the change",
            watcher.state().presence.state(ann.account)
        ));
    }
    let rows = watcher.local().texts(conv).len();
    (rows != 700).then(|| format!("{rows} of 700 missed messages came"))
}

#[tokio::test]
async fn r9_a_change_between_snapshot_and_subscription_is_not_lost() {
    assert_eq!(change_while_catching_up(Plan::new().plain()).await, None);
}

#[tokio::test]
async fn r9_control_subscribe_late() {
    caught("subscribe_late", || {
        change_while_catching_up(Plan::new().plain().fault("subscribe_late"))
    })
    .await;
}

#[tokio::test]
async fn r9_whoever_connects_in_the_middle_of_flapping_ends_at_the_truth() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let friend = ann.online(&server).await;
    for round in 0..10 {
        let (status, wanted) = if round % 2 == 0 {
            (StatusKind::Away, Away)
        } else {
            (StatusKind::Online, Online)
        };
        let (watcher, ()) = tokio::join!(bob.online(&server), friend.set_status(status));
        watcher.until_state(ann.account, wanted).await;
        watcher.bye().await;
    }
}

/// What a device holds, to compare with another: items without the time of their change, rows without the cursor.
/// A conversation's head is that of its item or its newest row, whichever is later.
fn content(local: &Local) -> (Vec<String>, Vec<String>) {
    let item = |state: ItemState| match state {
        ItemState::Conv(mut conv) => {
            let newest = local
                .rows
                .range((conv.conv, 0)..=(conv.conv, u64::MAX))
                .next_back();
            if let Some((_, row)) = newest.filter(|(_, row)| row.seq >= conv.head) {
                (conv.head, conv.n) = (row.seq, row.n);
            }
            format!("{conv:?}")
        }
        other => format!("{other:?}"),
    };
    let items = local.states().into_iter().map(item).collect();
    let rows = local.rows.values().map(|row| {
        format!(
            "{:?}",
            Event {
                cursor: 0,
                ..row.clone()
            }
        )
    });
    (items, rows.collect())
}

#[tokio::test]
async fn a_stale_snapshot_and_the_events_since_equal_a_fresh_snapshot() {
    let server = Plan::new().timing("receipts_ms", 50).start();
    let (ann, [bob, cleo]) = star(&server, "ann", ["bob", "cleo"]).await;
    let stale = bob.device.clone();
    stale.online(&server.endpoint()).await.bye().await;
    let live = bob.second_device(&server).await;
    let living = live.online(&server.endpoint()).await;
    let (a, c) = (ann.online(&server).await, cleo.online(&server).await);
    let (with_bob, with_cleo) = (a.conv(bob.account).await, a.conv(cleo.account).await);
    for n in 0..12 {
        let sent = a.say(with_bob, &format!("to bob {n}")).await;
        a.say(with_cleo, &format!("to cleo {n}")).await;
        let (conv, seq) = (with_bob, sent.seq);
        living.tell(Read { conv, seq }).await.unwrap();
        let name = format!("Ann the {n}th");
        let profile = ProfileSet {
            mid: mid(),
            display_name: name,
            avatar: None,
            status_text: n.to_string(),
        };
        a.wish(profile).await.unwrap();
        let kind = [EntryKind::Edit, EntryKind::Reaction, EntryKind::Delete][n % 3];
        let body = ["another text", "👍", ""][n % 3];
        a.change(with_bob, kind, sent.seq, body).await.unwrap();
    }
    let seq = a.say(with_bob, "the end").await.seq;
    living.until_text(with_bob, "the end").await;
    let conv = with_bob;
    living.tell(Read { conv, seq }).await.unwrap();
    let settled = || (living.local().mark_of(with_bob, bob.account).read == seq).then_some(());
    wait::until("the last mark", wait::SOON, settled).await;
    living.fence().await;
    let delta = stale.online(&server.endpoint()).await;
    let fresh: Device = bob.second_device(&server).await;
    let fresh = fresh.online(&server.endpoint()).await;
    let equal = || (content(&delta.local()) == content(&fresh.local())).then_some(());
    wait::seek(Duration::from_secs(3), equal).await;
    assert_eq!(
        content(&delta.local()),
        content(&fresh.local()),
        "delta and fresh"
    );
    assert_eq!(
        content(&living.local()),
        content(&fresh.local()),
        "live and fresh"
    );
    assert!(
        fresh
            .local()
            .profile(ann.account)
            .unwrap()
            .display_name
            .contains("11th")
    );
    assert!(
        fresh.local().conv_with(cleo.account).is_none(),
        "and nothing of others"
    );
    drop((delta, c));
}

#[tokio::test]
async fn a_known_device_gets_only_what_it_missed() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let reader = bob.online(&server).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    sender.say(conv, "one").await;
    reader.until_text(conv, "one").await;
    reader.fence().await;
    reader.bye().await;
    sender.say(conv, "two").await;
    let mut back = bob
        .device
        .sign_in(&server.endpoint(), Habits::default(), None)
        .await
        .unwrap();
    assert_eq!(back.resume(StatusKind::Online).await, ResumeMode::Delta);
    assert_eq!(back.local().texts(conv), ["one", "two"]);
    let events = back
        .state()
        .count(|message| matches!(message, breeze_protocol::ServerMessage::Event(_)));
    assert_eq!(events, 1, "the first one is not sent again");
    let new = bob.second_device(&server).await;
    let mut new = new
        .sign_in(&server.endpoint(), Habits::default(), None)
        .await
        .unwrap();
    assert_eq!(new.resume(StatusKind::Online).await, ResumeMode::Snapshot);
    assert_eq!(new.local().texts(conv), ["one", "two"]);
}

#[tokio::test]
async fn a_device_that_is_ahead_of_the_server_is_told_so_and_its_sends_wait() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    ann.online(&server).await.bye().await;
    ann.device.local().cursor += 1_000_000;
    let mut client = ann
        .device
        .sign_in(&server.endpoint(), Habits::default(), None)
        .await
        .unwrap();
    assert_eq!(client.resume(StatusKind::Online).await, ResumeMode::RolledBack);
    let conv = client.local().conv_with(bob.account).unwrap();
    let wish = mid();
    client.send(wish, conv, "from the future").await.unwrap();
    let code = client.sent(wish).await.unwrap_err();
    assert!(
        code.is_transient(),
        "refused for now, kept in the outbox: {code:?}"
    );
}

#[tokio::test]
async fn a_large_backlog_comes_as_a_snapshot_with_the_newest_entries() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let sender = ann.online(&server).await;
    let conv = sender.conv(bob.account).await;
    pour(&sender, conv, 120, 20).await;
    let new = bob.second_device(&server).await.online(&server.endpoint()).await;
    let seqs: Vec<u64> = new.local().rows.keys().map(|(_, seq)| *seq).collect();
    assert_eq!(seqs, (71..=120).collect::<Vec<u64>>(), "the newest fifty");
    let page = new.history(conv, 71, 0, 200).await;
    assert_eq!(
        (page.rows.len(), page.more),
        (70, false),
        "and the rest on demand"
    );
}
