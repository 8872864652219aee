//! Messages: each once, in order, with honest ticks and counts.

use super::*;
use crate::model::command::Change;
use crate::model::event::StoreEvent;

#[test]
fn r15_a_message_that_comes_twice_is_shown_once() {
    let mut model = model();
    server(&mut model, at(1), entry(1, ROSA, "hello"));
    server(&mut model, at(2), entry(1, ROSA, "hello"));
    assert_eq!(model.chats[&CONV].messages.len(), 1);
    assert_eq!(model.chats[&CONV].unread, 1);
}

#[test]
fn ticks_never_lie() {
    let mut model = model();
    let mut mint = Count(0);
    let row = write(&mut model, at(0), &mut mint, "hi");
    assert_eq!(
        ticks(&model, at(60_000)),
        [Tick::Waiting],
        "never handed to a live link: it waits"
    );
    model.apply(at(1000), Event::Link(LinkEvent::Handed(row.mid)));
    assert_eq!(ticks(&model, at(10_999)), [Tick::Waiting]);
    assert_eq!(ticks(&model, at(11_000)), [Tick::Late]);
    server(
        &mut model,
        at(12_000),
        Sent {
            mid: row.mid,
            conv: CONV,
            seq: 1,
            ts: 5,
            dup: false,
        },
    );
    assert_eq!(ticks(&model, at(12_000)), [Tick::Stored]);
    let marks = |delivered, read| Receipts {
        conv: CONV,
        marks: vec![Mark {
            account: ROSA,
            delivered,
            read,
        }],
    };
    server(&mut model, at(12_001), marks(1, 0));
    assert_eq!(ticks(&model, at(12_001)), [Tick::Delivered]);
    server(&mut model, at(12_002), marks(1, 1));
    server(&mut model, at(12_003), marks(0, 0));
    assert_eq!(ticks(&model, at(12_003)), [Tick::Read], "marks only rise");
}

#[test]
fn a_refused_message_says_why_and_can_be_taken_back() {
    let mut model = model();
    let mut mint = Count(0);
    let row = write(&mut model, at(0), &mut mint, "hi");
    let nack = Nack {
        mid: row.mid,
        code: NackCode::NotContact,
        transient: false,
        retry_ms: 0,
    };
    server(&mut model, at(1), nack);
    assert_eq!(ticks(&model, at(1)), [Tick::Refused]);
    assert!(
        model.chats[&CONV].waiting[0]
            .refused
            .as_ref()
            .is_some_and(|why| why.contains("friends"))
    );
    model.act(
        at(2),
        Action::TakeBack(CONV, BubbleKey::Waiting(row.mid)),
        &mut mint,
    );
    assert_eq!(model.chats[&CONV].draft, "hi");
    assert!(model.chats[&CONV].waiting.is_empty());
}

#[test]
fn a_message_is_stored_before_it_is_sent_and_keeps_its_order() {
    let mut model = model();
    let mut mint = Count(0);
    let rows: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|text| write(&mut model, at(0), &mut mint, text))
        .collect();
    let bodies: Vec<_> = rows.iter().map(|row| row.body.as_str()).collect();
    assert_eq!(bodies, ["a", "b", "c"]);
    let waiting: Vec<_> = model.chats[&CONV]
        .waiting
        .iter()
        .map(|waiting| waiting.body.as_str())
        .collect();
    assert_eq!(waiting, bodies);
    let mut own = entry(1, ME, "a");
    own.mid = rows[0].mid;
    server(&mut model, at(1), own);
    assert_eq!(
        model.chats[&CONV].waiting.len(),
        2,
        "its own event takes it out, even when `sent` was lost"
    );
}

#[test]
fn a_text_over_the_limit_stays_in_the_composer() {
    let mut model = model();
    let long = "a".repeat(16_385);
    model.act(at(0), Action::Compose(CONV, long.clone()), &mut Count(0));
    assert!(!model.can_send(CONV));
    assert!(model.act(at(0), Action::Send(CONV), &mut Count(0)).is_empty());
    assert_eq!(model.chats[&CONV].draft, long);
}

#[test]
fn unread_counts_from_marks_and_falls_only_when_seen_with_the_keyboard_here() {
    let mut model = model();
    for seq in 1..=3 {
        server(&mut model, at(seq), entry(seq, ROSA, "x"));
    }
    assert_eq!(model.unread_total(), 3);
    model.act(at(5), Action::OpenPerson(ROSA), &mut Count(0));
    assert_eq!(model.chats[&CONV].new_after, Some(0));
    model.act(at(5), Action::Focus(false), &mut Count(0));
    assert!(model.act(at(6), Action::Seen(CONV, 3), &mut Count(0)).is_empty());
    assert_eq!(model.unread_total(), 3);
    model.act(at(7), Action::Focus(true), &mut Count(0));
    let commands = model.act(at(7), Action::Seen(CONV, 2), &mut Count(0));
    assert!(
        commands
            .iter()
            .any(|command| matches!(command, Command::Link(LinkCommand::Say(_))))
    );
    assert_eq!(model.unread_total(), 1);
    assert!(
        model.act(at(8), Action::Seen(CONV, 1), &mut Count(0)).is_empty(),
        "marks only rise"
    );
    let lines = model.lines(CONV, at(8), &|_| 0);
    assert!(
        matches!(lines[..2], [Line::Day(_), Line::New]),
        "the line stays where it was put"
    );
}

#[test]
fn what_oneself_wrote_elsewhere_appears_and_is_not_unread() {
    let mut model = model();
    server(&mut model, at(1), entry(1, ME, "from my other device"));
    assert_eq!(model.chats[&CONV].messages.len(), 1);
    assert_eq!(model.unread_total(), 0);
}

#[test]
fn a_hole_is_asked_for_and_three_failures_give_the_connection_up() {
    let mut model = model();
    server(&mut model, at(1), entry(1, ROSA, "one"));
    let asked = |commands: &[Command]| {
        let is = |command: &Command| {
            matches!(
                command,
                Command::Link(LinkCommand::Request(Ask::Hole(CONV, 1), _))
            )
        };
        commands.iter().any(is)
    };
    assert!(asked(&server(&mut model, at(2), entry(4, ROSA, "four"))));
    let page = |rows| {
        Reply::Message(Box::new(
            HistoryPage {
                conv: CONV,
                rows,
                more: false,
                gone: vec![],
            }
            .into(),
        ))
    };
    assert!(asked(
        &model.apply(at(3), Event::Answer(Ask::Hole(CONV, 1), page(vec![])))
    ));
    assert!(asked(
        &model.apply(at(4), Event::Answer(Ask::Hole(CONV, 1), page(vec![])))
    ));
    let commands = model.apply(at(5), Event::Answer(Ask::Hole(CONV, 1), page(vec![])));
    assert_eq!(commands, [Command::Link(LinkCommand::Reconnect)]);
    let rows = vec![entry(2, ROSA, "two"), entry(3, ROSA, "three")];
    let commands = model.apply(at(6), Event::Answer(Ask::Hole(CONV, 1), page(rows)));
    assert!(!asked(&commands));
    assert_eq!(model.chats[&CONV].messages.len(), 4);
}

#[test]
fn a_snapshot_forgets_what_it_does_not_name_except_outbox_and_drafts() {
    let mut model = model();
    server(&mut model, at(1), entry(1, ROSA, "old"));
    write(&mut model, at(1), &mut Count(0), "waits");
    resumed(&mut model, at(2), ResumeMode::Snapshot);
    snapshot(&mut model, at(2), &[]);
    befriend(&mut model, JON, "Jon");
    let commands = server(&mut model, at(3), entry(2, ROSA, "kept"));
    let placed = |command: &Command| {
        matches!(
            command,
            Command::Store(StoreCommand::Apply { place: Some(_), .. })
        )
    };
    assert!(
        !commands.iter().any(placed),
        "the cursor stands until everything has come"
    );
    server(&mut model, at(4), Synced { cursor: 300 });
    assert_eq!(model.people.keys().copied().collect::<Vec<_>>(), [JON]);
    assert_eq!(
        model.chats[&CONV].messages.keys().copied().collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(model.chats[&CONV].waiting.len(), 1);
    assert_eq!(
        model.book.place,
        Place {
            epoch: Epoch([1; 16]),
            boot: 12,
            cursor: 300
        }
    );
}

#[test]
fn an_item_of_an_unknown_kind_is_passed_over_and_still_counted() {
    let mut model = model();
    let strange = Item {
        cursor: 50,
        kind: "hat".into(),
        key: "9".into(),
        value: None,
    };
    let commands = server(&mut model, at(1), strange);
    let [
        Command::Store(StoreCommand::Apply {
            changes,
            stamp,
            place,
        }),
    ] = commands.as_slice()
    else {
        panic!("it goes to the store for its number alone: {commands:?}");
    };
    assert!(changes.is_empty() && stamp.is_some());
    assert_eq!(place.map(|place| place.cursor), Some(50));
}

#[test]
fn what_was_read_offline_is_said_after_a_restart_and_until_the_server_knows() {
    let mut model = model();
    for seq in 1..=3 {
        server(&mut model, at(seq), entry(seq, ROSA, "x"));
    }
    model.act(at(5), Action::OpenPerson(ROSA), &mut Count(0));
    down(&mut model, at(6));
    let commands = model.act(at(7), Action::Seen(CONV, 2), &mut Count(0));
    let kept = Change::ReadUnsaid(CONV, 2);
    assert!(changes(&commands).contains(&&kept), "{commands:?}");

    // The app ends here. What it kept is all there is.
    let mut next = Model::default();
    let mut chats = model.chats.clone();
    chats.get_mut(&CONV).expect("it is there").marks.clear();
    let loaded = Loaded {
        account: Some(Account {
            token: Some(Secret("token".into())),
            ..Account::default()
        }),
        me: model.me.clone(),
        chats,
        reads: [(CONV, 2), (ConvId(99), 5)].into(),
        ..Loaded::default()
    };
    next.apply(at(10), Event::Loaded(Box::new(loaded)));
    assert_eq!(next.unread_total(), 1, "what was read stays read");
    resumed(&mut next, at(11), ResumeMode::Delta);
    let said = |commands: &[Command]| {
        commands.iter().any(
            |it| matches!(it, Command::Link(LinkCommand::Say(say)) if **say == Read { conv: CONV, seq: 2 }.into()),
        )
    };
    assert!(said(&server(&mut next, at(12), Synced { cursor: 200 })));
    let receipts = |read| Receipts {
        conv: CONV,
        marks: vec![Mark {
            account: ME,
            delivered: 3,
            read,
        }],
    };
    server(&mut next, at(13), receipts(1));
    assert!(
        said(&server(&mut next, at(14), Synced { cursor: 200 })),
        "not known yet"
    );
    let commands = server(&mut next, at(15), receipts(2));
    assert!(
        changes(&commands).contains(&&Change::ReadSaid(CONV, 2)),
        "{commands:?}"
    );
    assert!(!said(&server(&mut next, at(16), Synced { cursor: 200 })));
}

#[test]
fn a_place_read_in_a_life_of_the_data_that_is_gone_marks_nothing_read() {
    let mut model = model();
    for seq in 1..=3 {
        server(&mut model, at(seq), entry(seq, ROSA, "x"));
    }
    model.act(at(5), Action::OpenPerson(ROSA), &mut Count(0));
    down(&mut model, at(6));
    model.act(at(7), Action::Seen(CONV, 3), &mut Count(0));
    resumed(&mut model, at(8), ResumeMode::RolledBack);
    let conv = Conv {
        conv: CONV,
        members: vec![ME, ROSA],
        head: 1,
        n: 1,
        base_seq: 0,
        group: None,
        ..Conv::default()
    };
    item(&mut model, ItemState::Conv(conv));
    server(&mut model, at(9), entry(1, ROSA, "x"));
    let commands = server(&mut model, at(10), Synced { cursor: 3 });
    let kept = [
        Change::ReadSaid(CONV, 3),
        Change::ReadUnsaid(CONV, 1),
        Change::Named(vec![CONV]),
    ];
    assert_eq!(changes(&commands), kept.iter().collect::<Vec<_>>());
    assert!(commands.contains(&super::super::entries::say(Read { conv: CONV, seq: 1 })));
}

/// Days and the hour that makes them more than that.
fn days(count: u64) -> Now {
    at((count * 24 + 1) * 60 * 60 * 1000)
}

#[test]
fn a_message_older_than_sixty_days_asks_before_it_is_sent() {
    let mut model = model();
    let mut mint = Count(0);
    let row = write(&mut model, at(0), &mut mint, "see you tomorrow");
    assert_eq!(ticks(&model, days(59)), [Tick::Waiting]);
    let (key, now) = (BubbleKey::Waiting(row.mid), days(60));
    assert!(
        model
            .act(days(59), Action::Discard(CONV, key), &mut mint)
            .is_empty()
    );
    assert_eq!(ticks(&model, now), [Tick::Old]);
    let sent = model.act(now, Action::SendOld(CONV, key), &mut mint);
    let again = OutRow {
        ts: now.wall_ms,
        ..row
    };
    assert_eq!(
        sent,
        [StoreCommand::Outbox(again).into()],
        "the same wish, made anew"
    );
    assert_eq!(ticks(&model, now), [Tick::Waiting]);
}

#[test]
fn a_message_too_old_to_send_can_be_thrown_away() {
    let mut model = model();
    let row = write(&mut model, at(0), &mut Count(0), "see you tomorrow");
    let discard = Action::Discard(CONV, BubbleKey::Waiting(row.mid));
    let commands = model.act(days(60), discard.clone(), &mut Count(0));
    assert_eq!(commands, [StoreCommand::OutboxDrop(row.mid).into()]);
    assert!(model.chats[&CONV].waiting.is_empty());
    assert!(model.act(days(60), discard, &mut Count(0)).is_empty());
}

fn resumed_in(model: &mut Model, mode: ResumeMode, epoch: u8) -> Vec<Change> {
    let event = LinkEvent::Resumed {
        stamp: Stamp { conn: 2, count: 0 },
        cursor: 0,
        mode,
        epoch: Epoch([epoch; 16]),
        boot: 13,
        body_bytes: 16_384,
        file_bytes: 1 << 20,
        keep_days: 0,
        server_name: "home".to_owned(),
    };
    all_changes(model.apply(at(10), Event::Link(event)))
}

fn all_changes(commands: Vec<Command>) -> Vec<Change> {
    let of = |command| match command {
        Command::Store(StoreCommand::Apply { changes, .. }) => changes,
        _ => Vec::new(),
    };
    commands.into_iter().flat_map(of).collect()
}

fn conv_item(model: &mut Model, head: u64, base_seq: u64) -> Vec<Change> {
    let conv = Conv {
        conv: CONV,
        members: vec![ME, ROSA],
        head,
        n: head,
        base_seq,
        group: None,
        ..Conv::default()
    };
    let item = ItemState::Conv(conv).into_item(0);
    let stamp = Stamp { conn: 2, count: 1 };
    all_changes(model.apply(at(11), Event::Server(stamp, item.into())))
}

#[test]
fn after_a_restore_ones_own_lost_messages_wait_again_and_others_are_gone() {
    let mut model = model();
    for (seq, sender) in [(1, ROSA), (2, ME), (3, ROSA), (4, ME)] {
        server(&mut model, at(1), entry(seq, sender, &format!("text {seq}")));
    }
    let mut mint = Count(0);
    let later = write(&mut model, at(2), &mut mint, "written since");
    assert_eq!(resumed_in(&mut model, ResumeMode::Snapshot, 2), [Change::GoBack]);
    let told = conv_item(&mut model, 2, 2);
    assert!(told.contains(&Change::Base(CONV, 2)), "{told:?}");
    server(&mut model, at(12), entry(1, ROSA, "text 1"));
    let back = |seq: u64| OutRow {
        mid: entry(seq, ME, "").mid,
        conv: CONV,
        body: format!("text {seq}"),
        ts: 7,
        ..OutRow::default()
    };
    // The entry 2 came with the snapshot after all, as one from another device of one's own would.
    server(&mut model, at(12), entry(2, ME, "text 2"));
    model.apply(
        at(13),
        Event::Store(StoreEvent::Returned(CONV, vec![back(2), back(4)])),
    );
    server(&mut model, at(14), Synced { cursor: 200 });
    let chat = &model.chats[&CONV];
    let held: Vec<u64> = chat.messages.keys().copied().collect();
    assert_eq!(held, [1, 2]);
    let waiting: Vec<_> = chat.waiting.iter().map(|waiting| waiting.mid).collect();
    assert_eq!(waiting, [back(4).mid, later.mid], "each once, the older first");
}

#[test]
fn while_the_operator_has_not_accepted_nothing_goes_back_to_the_outbox() {
    let mut model = model();
    server(&mut model, at(1), entry(1, ME, "mine"));
    assert_eq!(
        resumed_in(&mut model, ResumeMode::RolledBack, 1),
        [Change::GoBack]
    );
    let told = conv_item(&mut model, 0, 0);
    assert!(
        !told.iter().any(|change| matches!(change, Change::Base(..))),
        "{told:?}"
    );
    server(&mut model, at(2), Synced { cursor: 3 });
    assert_eq!(resumed_in(&mut model, ResumeMode::Snapshot, 2), [Change::GoBack]);
    let told = conv_item(&mut model, 0, 0);
    assert!(told.contains(&Change::Base(CONV, 0)), "{told:?}");
}

#[test]
fn a_long_absence_is_no_restore() {
    let mut model = model();
    assert_eq!(resumed_in(&mut model, ResumeMode::Snapshot, 1), [Change::Forget]);
}
