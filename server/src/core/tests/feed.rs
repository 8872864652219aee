//! Committed changes: order, who gets them, receipts at most once a second.

use super::world::World;
use crate::core::end::ConnectionEnd;
use crate::core::state::{Input, Output, Row};
use crate::fault::Fault;
use crate::store::{Change, Committed, ConnId};
use breeze_protocol::message::chat::{EntryKind, Event, Mark};
use breeze_protocol::{AccountId, ConvId, Mid, ServerMessage};

fn event(seq: u64) -> Event {
    Event {
        cursor: seq,
        conv: ConvId(1),
        seq,
        prev_seq: seq - 1,
        n: seq,
        kind: EntryKind::Text,
        sender: AccountId(1),
        mid: Mid([1; 16]),
        ts: 1,
        body: "hello".to_owned(),
        target: None,
        attachments: Vec::new(),
    }
}

fn commit(world: &mut World, head: u64, change: Change) {
    world.put(Input::Committed(Committed {
        head,
        changes: vec![change],
    }));
}

fn mark(world: &mut World, num: u64, read: u64) {
    let mark = Mark {
        account: AccountId(2),
        delivered: read,
        read,
    };
    let to = vec![AccountId(1), AccountId(2)];
    commit(
        world,
        num,
        Change::Mark {
            num,
            to,
            conv: ConvId(1),
            mark,
        },
    );
}

#[test]
fn the_sender_gets_sent_first_and_then_the_event_like_everybody() {
    let mut world = World::friends(3, Fault::None).with_all(3);
    let members = vec![AccountId(1), AccountId(2)];
    commit(
        &mut world,
        1,
        Change::Entry {
            origin: ConnId(1),
            event: event(1),
            members,
        },
    );
    assert!(
        matches!(&world.other[0], Output::Tell { conn: ConnId(1), message } if matches!(**message, ServerMessage::Sent(_)))
    );
    assert_eq!(
        world.other[1],
        Output::Row {
            to: vec![ConnId(1), ConnId(2)],
            num: 1,
            row: Row::Event(event(1))
        }
    );
    assert_eq!((world.other.len(), world.state.head()), (2, 1));
}

#[test]
fn r14_somebody_without_a_live_session_gets_nothing_now() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.close(2, ConnectionEnd::Reset);
    world.forget();
    let members = vec![AccountId(1), AccountId(2)];
    commit(
        &mut world,
        1,
        Change::Entry {
            origin: ConnId(1),
            event: event(1),
            members,
        },
    );
    assert_eq!(
        world.other[1],
        Output::Row {
            to: vec![ConnId(1)],
            num: 1,
            row: Row::Event(event(1))
        }
    );
}

#[test]
fn receipts_go_at_once_and_then_once_a_second_with_the_highest() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    mark(&mut world, 1, 1);
    for read in 2..=9 {
        mark(&mut world, read, read);
    }
    world.pass(999);
    let count = |world: &World| {
        world
            .other
            .iter()
            .filter(|it| matches!(it, Output::Row { .. }))
            .count()
    };
    assert_eq!(count(&world), 1);
    world.pass(1);
    assert_eq!(count(&world), 2);
    let Some(Output::Row {
        num: 9,
        row: Row::Receipts(receipts),
        ..
    }) = world.other.last()
    else {
        panic!("{:?}", world.other)
    };
    assert_eq!(
        receipts.marks,
        [Mark {
            account: AccountId(2),
            delivered: 9,
            read: 9
        }]
    );
    world.pass(5000);
    mark(&mut world, 10, 10);
    assert_eq!(count(&world), 3, "quiet since: at once again");
}

/// The numbers of what is told when an entry follows a mark that waits.
fn told_after_a_waiting_mark(world: &mut World) -> Vec<u64> {
    mark(world, 1, 1);
    mark(world, 2, 2);
    world.forget();
    let members = vec![AccountId(1), AccountId(2)];
    let entry = Change::Entry {
        origin: ConnId::NOBODY,
        event: event(3),
        members,
    };
    commit(world, 3, entry);
    let nums = world.other.iter().filter_map(|it| match it {
        Output::Row { num, .. } => Some(*num),
        _ => None,
    });
    nums.collect()
}

#[test]
fn a_mark_that_waits_goes_before_anything_newer() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    let told = told_after_a_waiting_mark(&mut world);
    assert_eq!(told, [2, 3], "a device that holds 3 asks for nothing below it");
    world.forget();
    world.pass(5000);
    assert!(world.other.is_empty(), "told once: {:?}", world.other);
}

#[test]
fn a_mark_that_waits_control_marks_overtaken() {
    let mut world = World::friends(2, Fault::MarksOvertaken).with_all(2);
    assert_eq!(told_after_a_waiting_mark(&mut world), [3]);
}
