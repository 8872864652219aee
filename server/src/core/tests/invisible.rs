//! R19 and R26: who is told nothing, and how nothing looks.

use super::world::{WALL_MS, World};
use crate::core::end::ConnectionEnd;
use crate::core::state::{Input, Output};
use crate::fault::Fault;
use crate::store::{Change, Committed, ConnId};
use breeze_protocol::PresenceState::{Offline, Online};
use breeze_protocol::{AccountId, ConvId, EndReason, StatusKind};
use std::sync::Arc;

const LEFT: Option<EndReason> = Some(EndReason::Left);

fn edge(world: &mut World, a: u64, b: u64, friends: bool) {
    let changes = vec![Change::Edge {
        a: AccountId(a),
        b: AccountId(b),
        friends,
    }];
    world.put(Input::Committed(Committed { head: 0, changes }));
}

fn typing(world: &mut World, conn: u64) -> bool {
    let members = Arc::from([AccountId(1), AccountId(2)]);
    world.put(Input::Typing {
        conn: ConnId(conn),
        conv: ConvId(7),
        members,
        group: false,
    });
    matches!(world.other.pop(), Some(Output::Typing { .. }))
}

#[test]
fn r19_invisible_is_offline_on_every_path() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    assert!(typing(&mut world, 1));
    world.pass(5000);
    world.status(1, StatusKind::Invisible);
    assert_eq!(world.seen(2, 1), [(Offline, LEFT, 5000)], "change");
    assert!(world.other.contains(&Output::LastSeen {
        account: AccountId(1),
        wall_ms: WALL_MS + 5000
    }));
    assert!(
        world.other.contains(&Output::Invisible {
            conns: vec![ConnId(1)],
            invisible: true
        }),
        "marks"
    );
    world.forget();
    assert!(!typing(&mut world, 1), "typing");
    world.pass(200_000);
    assert_eq!(
        world.asks(2, 1).map(|entry| (entry.2, entry.4)),
        Some((Offline, 200_000)),
        "snapshot, last seen frozen"
    );
    let noted = world.other.iter().any(|it| {
        matches!(
            it,
            Output::LastSeen {
                account: AccountId(1),
                ..
            }
        )
    });
    assert!(!noted, "last seen is not written");
    world.close(1, ConnectionEnd::Reset);
    world.pass(20_000);
    assert!(world.told.is_empty(), "no doubtful, no second offline");
}

#[test]
fn r19_what_was_kept_back_is_shown_on_becoming_visible() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    let publish = Output::Publish {
        account: AccountId(1),
    };
    world.status(1, StatusKind::Invisible);
    assert!(!world.other.contains(&publish));
    world.status(1, StatusKind::Online);
    assert!(world.other.contains(&publish));
    world.forget();
    world.status(1, StatusKind::Away);
    assert!(!world.other.contains(&publish), "nothing was kept back");
}

#[test]
fn r19_somebody_who_returns_invisible_is_not_noticed() {
    let mut world = World::friends(2, Fault::None);
    world.join(2, 2, 2);
    world.forget();
    world.open(1, 1, 1);
    world.resume(1, StatusKind::Invisible);
    assert!(world.told.is_empty());
    assert!(
        world.asks(1, 2).is_some_and(|entry| entry.2 == Online),
        "sees the others"
    );
}

#[test]
fn r26_strangers_and_blocked_people_get_nothing_at_all() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    edge(&mut world, 1, 2, false);
    assert_eq!(world.seen(2, 1), [(Offline, LEFT, 0)], "like leaving");
    assert_eq!(world.seen(1, 2), [(Offline, LEFT, 0)]);
    world.forget();
    edge(&mut world, 1, 2, false);
    world.status(1, StatusKind::Busy);
    world.close(1, ConnectionEnd::Left);
    assert!(world.told.is_empty());
    assert_eq!(world.asks(2, 1), None, "as somebody who does not exist");
    assert_eq!(world.asks(2, 99), None);
    assert!(!typing(&mut world, 2));
}

#[test]
fn r26_a_block_of_somebody_offline_changes_nothing() {
    let mut world = World::friends(2, Fault::None);
    world.join(2, 2, 2);
    world.forget();
    edge(&mut world, 1, 2, false);
    assert!(world.told.is_empty());
}

#[test]
fn new_friends_see_each_other_at_once() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    edge(&mut world, 1, 2, false);
    world.forget();
    edge(&mut world, 2, 1, true);
    assert_eq!(
        (world.seen(2, 1), world.seen(1, 2)),
        (vec![(Online, None, 0)], vec![(Online, None, 0)])
    );
    let version = world
        .told
        .iter()
        .find(|told| told.conn == 2)
        .map(|told| told.entry.1);
    assert!(version > Some(1), "newer than the offline it replaces");
}
