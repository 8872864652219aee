//! The queue's promises, one by one.

use super::*;
use breeze_protocol::PresenceState;

fn outbox(fault: Fault) -> Outbox {
    let source = PresenceSource { node: 0, boot: 1 };
    Outbox::new(Setting {
        source,
        coalesce_ms: 60,
        fault,
    })
}

fn entry(account: u64, version: u64) -> PresenceEntry {
    PresenceEntry(AccountId(account), version, PresenceState::Online, None, 0)
}

fn live(fault: Fault) -> Outbox {
    let mut outbox = outbox(fault);
    outbox.begin(Vec::new(), 0);
    assert_eq!(outbox.caught_up(0, None), None);
    outbox
}

fn drained(outbox: &mut Outbox, now_ms: u64) -> Vec<Queued> {
    let mut out = Vec::new();
    outbox.drain(now_ms, &mut out);
    out
}

#[test]
fn the_first_change_goes_at_once_then_one_frame_per_coalesce() {
    let mut outbox = live(Fault::None);
    let single = Bytes::from_static(b"single");
    outbox.presence(100, entry(1, 1), &single);
    assert_eq!(drained(&mut outbox, 100)[0].bytes, single, "encoded once, shared");
    outbox.presence(110, entry(1, 2), &single);
    outbox.presence(120, entry(2, 1), &single);
    outbox.presence(130, entry(1, 3), &single);
    assert!(drained(&mut outbox, 159).is_empty());
    assert_eq!(outbox.next_ms(), Some(160));
    let frames = drained(&mut outbox, 160);
    assert_eq!(frames.len(), 1);
    let text = String::from_utf8_lossy(&frames[0].bytes).into_owned();
    assert!(
        text.contains("[1,3,\"online\",null,30]") && text.contains("[2,1,\"online\",null,40]"),
        "{text}"
    );
    assert_eq!(outbox.next_ms(), None);
}

#[test]
fn r6_a_stale_change_never_replaces_a_newer_one() {
    let last = |fault| {
        let mut outbox = live(fault);
        let single = Bytes::from_static(b"old");
        outbox.presence(0, entry(1, 1), &single);
        drained(&mut outbox, 0);
        outbox.presence(5, entry(1, 2), &single);
        drained(&mut outbox, 60).len()
    };
    assert_eq!(last(Fault::None), 1);
    assert_eq!(last(Fault::StaleVersionsWin), 0, "the control loses the newest");
    let mut outbox = live(Fault::None);
    outbox.presence(0, entry(1, 2), &Bytes::from_static(b"two"));
    outbox.presence(0, entry(1, 1), &Bytes::from_static(b"one"));
    assert_eq!(drained(&mut outbox, 0)[0].bytes, "two");
}

#[test]
fn r7_a_full_queue_lags_and_never_grows() {
    let mut outbox = live(Fault::None);
    let row = Bytes::from(vec![0; 4096]);
    for num in 1..=1000 {
        outbox.row(num, &row, Note::Item, false);
    }
    assert!(outbox.bytes() <= BYTES_MAX);
    assert_eq!(outbox.feed(), Feed::Behind { upto: 1000 });
    assert_eq!(outbox.told(), 64);
    assert_eq!(
        outbox.caught_up(900, None),
        Some(1000),
        "rows dropped meanwhile are read too"
    );
    assert_eq!(outbox.caught_up(1000, None), None);
    outbox.row(1001, &Bytes::from_static(b"x"), Note::Item, false);
    assert_eq!(
        outbox.feed(),
        Feed::Behind { upto: 1001 },
        "still full: lags again"
    );
}

#[test]
fn answers_are_never_dropped_and_pongs_go_first() {
    let mut outbox = live(Fault::None);
    for _ in 0..FRAMES_MAX + 5 {
        outbox.answer(Bytes::from_static(b"a"), Note::Plain);
    }
    outbox.pong(Bytes::from_static(b"pong"));
    let frames = drained(&mut outbox, 0);
    assert_eq!(frames.len(), FRAMES_MAX + 6);
    assert_eq!(frames[0].bytes, "pong");
}

#[test]
fn a_change_that_waited_for_a_moment_goes_out_as_the_frame_made_for_all() {
    let told_at = |now_ms| {
        let mut outbox = live(Fault::None);
        outbox.presence(0, entry(1, 1), &Bytes::from_static(b"one"));
        drained(&mut outbox, now_ms).remove(0).bytes
    };
    assert_eq!(told_at(AGE_ERROR_MS), "one");
    assert_ne!(
        told_at(AGE_ERROR_MS + 1),
        "one",
        "the control: its age is told anew"
    );
}

#[test]
fn r9_changes_between_snapshot_and_live_are_kept() {
    let changes = |fault| {
        let mut outbox = outbox(fault);
        outbox.begin(vec![Bytes::from_static(b"snapshot")], 7);
        outbox.presence(0, entry(1, 1), &Bytes::from_static(b"change"));
        outbox.row(8, &Bytes::from_static(b"row"), Note::Item, false);
        let next = outbox.caught_up(7, None);
        (
            next,
            drained(&mut outbox, 0)
                .into_iter()
                .map(|it| it.bytes)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        changes(Fault::None),
        (
            Some(8),
            vec![Bytes::from_static(b"snapshot"), Bytes::from_static(b"change")]
        )
    );
    assert_eq!(
        changes(Fault::SubscribeLate),
        (None, vec![Bytes::from_static(b"snapshot")]),
        "the control loses both"
    );
}

#[test]
fn nothing_follows_a_goodbye() {
    let mut outbox = live(Fault::None);
    outbox.end(ConnectionEnd::Kicked, Some(Bytes::from_static(b"goodbye")));
    outbox.end(ConnectionEnd::Slow, Some(Bytes::from_static(b"other")));
    outbox.answer(Bytes::from_static(b"late"), Note::Plain);
    outbox.presence(0, entry(1, 1), &Bytes::new());
    let frames = drained(&mut outbox, 0);
    assert_eq!(frames.len(), 1);
    assert_eq!(
        (frames[0].bytes.clone(), outbox.ending()),
        (Bytes::from_static(b"goodbye"), Some(ConnectionEnd::Kicked))
    );
}
