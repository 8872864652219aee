//! Coming and going: R1-R11, R16, R18, R20, R24, S9-S11.

use super::world::{WALL_MS, World};
use crate::core::end::ConnectionEnd;
use crate::core::state::Input;
use crate::fault::Fault;
use breeze_protocol::PresenceState::{Doubtful, Offline, Online, Unknown};
use breeze_protocol::{EndReason, PresenceState, StatusKind};

const LEFT: Option<EndReason> = Some(EndReason::Left);
const LOST: Option<EndReason> = Some(EndReason::LinkLost);

fn states(world: &World, conn: u64, account: u64) -> Vec<PresenceState> {
    world
        .seen(conn, account)
        .into_iter()
        .map(|(state, ..)| state)
        .collect()
}

#[test]
fn s1_s9_s10_a_goodbye_is_told_to_the_others_at_once_and_not_to_the_leaver() {
    let mut world = World::friends(3, Fault::None).with_all(3);
    world.close(1, ConnectionEnd::Left);
    assert_eq!(world.seen(2, 1), [(Offline, LEFT, 0)]);
    assert_eq!(world.seen(3, 1), [(Offline, LEFT, 0)]);
    assert!(world.seen(1, 1).is_empty());
}

#[test]
fn r1_a_late_close_does_not_take_the_new_session_offline() {
    let run = |fault| {
        let mut world = World::friends(2, fault).with_all(2);
        world.join(10, 1, 1);
        world.pass(500);
        world.close(1, ConnectionEnd::PeerClosed);
        world.pass(10_000);
        states(&world, 2, 1)
    };
    assert!(run(Fault::None).is_empty(), "nothing changed for anybody");
    assert_eq!(run(Fault::LateCloseWins), [Offline], "the control goes grey");
}

#[test]
fn r2_two_people_of_one_machine_are_two_sessions() {
    let mut world = World::friends(3, Fault::None).with_all(3);
    world.close(1, ConnectionEnd::Reset);
    world.close(2, ConnectionEnd::Reset);
    world.pass(2000);
    assert_eq!(states(&world, 3, 1), [Doubtful, Offline], "R4: one");
    assert_eq!(states(&world, 3, 2), [Doubtful, Offline], "and the other");
}

#[test]
fn r3_grey_only_when_the_last_session_ends() {
    let run = |fault| {
        let mut world = World::friends(2, fault).with_all(2);
        world.join(10, 1, 11);
        world.close(1, ConnectionEnd::Left);
        let first = states(&world, 2, 1);
        world.close(10, ConnectionEnd::Left);
        (first, states(&world, 2, 1))
    };
    assert_eq!(run(Fault::None), (vec![], vec![Offline]));
    assert_eq!(
        run(Fault::FirstEndIsGrey).0,
        [Offline],
        "the control goes grey too soon"
    );
}

#[test]
fn r3_the_best_session_shows() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.status(1, StatusKind::Away);
    world.join(10, 1, 11);
    world.status(10, StatusKind::Busy);
    world.close(10, ConnectionEnd::Left);
    assert_eq!(
        states(&world, 2, 1),
        [
            PresenceState::Away,
            Online,
            PresenceState::Busy,
            PresenceState::Away
        ]
    );
}

#[test]
fn r5_the_same_device_replaces_and_the_old_one_is_told_by_whom() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.open(10, 1, 1);
    assert_eq!(world.ended(1), [ConnectionEnd::Replaced]);
    world.resume(10, StatusKind::Online);
    world.pass(5000);
    assert!(world.seen(2, 1).is_empty(), "nobody else notices");
    assert!(world.ended(10).is_empty());
}

#[test]
fn r5_a_replacement_that_never_resumes_is_a_lost_link() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.open(10, 1, 1);
    world.close(1, ConnectionEnd::Replaced);
    world.pass(100);
    world.close(10, ConnectionEnd::Reset);
    world.pass(3000);
    assert_eq!(world.seen(2, 1), [(Doubtful, LOST, 100), (Offline, LOST, 2100)]);
}

#[test]
fn r6_a_blip_within_the_grace_ends_online() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.close(1, ConnectionEnd::Reset);
    world.pass(300);
    world.join(10, 1, 1);
    world.pass(5000);
    assert_eq!(world.seen(2, 1), [(Doubtful, LOST, 0), (Online, None, 300)]);
    let versions: Vec<u64> = world.told.iter().map(|told| told.entry.1).collect();
    assert!(
        versions.is_sorted() && versions.first() != versions.last(),
        "versions rise"
    );
}

#[test]
fn r8_every_live_session_of_a_friend_is_told() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.join(20, 2, 22);
    world.close(1, ConnectionEnd::Left);
    assert_eq!(
        (states(&world, 2, 1), states(&world, 20, 1)),
        (vec![Offline], vec![Offline])
    );
}

#[test]
fn r10_several_ends_at_once_make_one_notice() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.close(1, ConnectionEnd::Left);
    world.close(1, ConnectionEnd::Reset);
    world.close(1, ConnectionEnd::KernelTimeout);
    world.pass(60_000);
    assert_eq!(world.seen(2, 1), [(Offline, LEFT, 0)]);
}

#[test]
fn r11_s11_a_connection_that_never_resumed_ends_silently() {
    let mut world = World::friends(2, Fault::None);
    world.join(2, 2, 2);
    world.forget();
    world.open(1, 1, 1);
    world.close(1, ConnectionEnd::Reset);
    world.pass(10_000);
    assert!(world.told.is_empty());
    assert_eq!(world.state.sessions().count(), 1, "S4: nothing is left of it");
}

#[test]
fn r16_after_a_restart_nobody_is_offline_who_is_not_back_yet() {
    for (outage_ms, settled_ms) in [(20_000, 30_000), (20_001, 75_000)] {
        let mut world = World::start(3, Fault::None, Some(outage_ms));
        world.join(1, 1, 1);
        assert_eq!(world.asks(1, 2).map(|entry| entry.2), Some(Unknown));
        world.pass(settled_ms - 10);
        world.join(2, 2, 2);
        world.pass(10);
        assert_eq!(states(&world, 1, 2), [Online], "back in time, never grey");
        assert_eq!(
            world.seen(1, 3),
            [(Offline, Some(EndReason::ServerRestart), settled_ms)]
        );
        let age = world.asks(1, 3).map(|entry| entry.4);
        assert_eq!(age, Some(1_000_000 + settled_ms), "the stored last-seen");
    }
}

#[test]
fn r16_an_outage_the_clock_cannot_tell_settles_like_a_long_one() {
    let mut world = World::start(2, Fault::None, Some(u64::MAX));
    world.join(1, 1, 1);
    world.pass(74_990);
    assert!(states(&world, 1, 2).is_empty(), "nothing is claimed yet");
    world.pass(10);
    assert_eq!(states(&world, 1, 2), [Offline]);
}

#[test]
fn a_clock_that_is_set_moves_nobody_and_puts_right_what_only_the_store_knew() {
    const YEARS_MS: u64 = 3653 * 24 * 60 * 60 * 1000;
    let mut world = World::friends(4, Fault::None);
    for id in 1..=3 {
        world.join(id, id, id);
    }
    world.close(3, ConnectionEnd::Left);
    world.forget();
    let age = |world: &mut World, of| world.asks(1, of).map(|entry| (entry.2, entry.4));
    // Started with a clock ten years behind, set right after five seconds, then an hour back: by the store's stamp.
    let stored_ms = 1_000_000;
    for (wall_ms, stored_age_ms) in [
        (WALL_MS + YEARS_MS, stored_ms + YEARS_MS),
        (WALL_MS - 3_600_000, 0),
        (WALL_MS, stored_ms),
    ] {
        world.state.set_wall(world.now_ms, wall_ms);
        world.put(Input::Tick);
        assert_eq!(
            age(&mut world, 4),
            Some((Offline, stored_age_ms)),
            "known to the store only"
        );
        assert_eq!(
            age(&mut world, 3),
            Some((Offline, 0)),
            "known to this server itself"
        );
        assert_eq!(age(&mut world, 2).map(|it| it.0), Some(Online));
    }
    assert!(world.told.is_empty(), "{:?}", world.told);
}

#[test]
fn r16_the_first_start_has_nothing_to_settle() {
    let mut world = World::start(2, Fault::None, None);
    world.join(1, 1, 1);
    assert_eq!(world.asks(1, 2).map(|entry| entry.2), Some(Offline));
}

#[test]
fn r18_work_per_close_grows_with_friends_not_with_users() {
    let mut world = World::friends(400, Fault::None).with_all(400);
    for id in 3..=400 {
        for friend in 1..=2 {
            let (a, b) = (breeze_protocol::AccountId(friend), breeze_protocol::AccountId(id));
            let changes = vec![crate::store::Change::Edge { a, b, friends: false }];
            world.put(Input::Committed(crate::store::Committed { head: 0, changes }));
        }
    }
    world.forget();
    world.close(1, ConnectionEnd::Left);
    assert_eq!(
        (world.told.len(), world.told[0].conn),
        (1, 2),
        "one friend, one notice, of 400 users"
    );
}

#[test]
fn r20_coming_online_is_told_once_and_not_to_oneself() {
    let mut world = World::friends(2, Fault::None);
    world.join(2, 2, 2);
    world.forget();
    world.join(1, 1, 1);
    world.join(10, 1, 11);
    world.status(1, StatusKind::Online);
    assert_eq!(states(&world, 2, 1), [Online]);
    assert_eq!(world.told.len(), 1);
}

#[test]
fn r24_a_drain_tells_everybody_and_nobody_goes_grey() {
    let mut world = World::friends(3, Fault::None).with_all(3);
    world.put(Input::Drain);
    (1..=3).for_each(|conn| assert_eq!(world.ended(conn), [ConnectionEnd::Restarting]));
    (1..=3).for_each(|conn| world.close(conn, ConnectionEnd::Restarting));
    world.pass(60_000);
    assert!(world.told.is_empty());
}

#[test]
fn a_kick_ends_also_a_sign_in_that_began_before_it() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    let (account, device) = (breeze_protocol::AccountId(1), None);
    world.put(Input::EndSessions {
        account,
        device,
        end: ConnectionEnd::Disabled,
    });
    assert_eq!(world.ended(1), [ConnectionEnd::Disabled]);
    assert_eq!(world.seen(2, 1), [(Offline, Some(EndReason::Kicked), 0)]);
    world.open(10, 1, 1);
    assert_eq!(
        world.ended(10),
        [ConnectionEnd::Disabled],
        "its sign-in began at the same moment"
    );
    world.pass(1);
    world.open(11, 1, 1);
    assert!(world.ended(11).is_empty(), "enabled again meanwhile");
}

#[test]
fn a_stale_snapshot_plus_the_changes_since_equals_a_fresh_one() {
    let mut world = World::friends(4, Fault::None).with_all(4);
    let mut known: std::collections::HashMap<u64, (u64, PresenceState)> = (2..=4)
        .filter_map(|id| world.asks(1, id).map(|entry| (id, (entry.1, entry.2))))
        .collect();
    world.close(2, ConnectionEnd::Reset);
    world.status(3, StatusKind::Invisible);
    world.close(4, ConnectionEnd::Left);
    world.pass(900);
    world.join(12, 2, 2);
    world.status(3, StatusKind::Busy);
    world.pass(9000);
    for told in world.told.clone().into_iter().filter(|told| told.conn == 1) {
        let known = known.entry(told.entry.0.0).or_insert((0, Unknown));
        if told.entry.1 > known.0 {
            *known = (told.entry.1, told.entry.2);
        }
    }
    for id in 2..=4 {
        assert_eq!(
            world.asks(1, id).map(|entry| (entry.1, entry.2)),
            known.get(&id).copied()
        );
    }
}
