//! Silence: R13, the lease, pongs, the kernel's opinion, and time that is the server's own fault.

use super::world::World;
use crate::core::end::ConnectionEnd;
use crate::core::state::Input;
use crate::fault::Fault;
use crate::store::ConnId;
use breeze_protocol::EndReason;
use breeze_protocol::PresenceState::{Doubtful, Offline, Online};

const TIMED_OUT: Option<EndReason> = Some(EndReason::TimedOut);

#[test]
fn r13_s3_silence_is_doubtful_at_7500_and_over_at_15000() {
    let run = |fault| {
        let mut world = World::friends(2, fault).with_all(2);
        world.heard.insert(1, 1000);
        world.pass(60_000);
        (world.seen(2, 1), world.ended(1))
    };
    let expected = vec![(Doubtful, TIMED_OUT, 8500), (Offline, TIMED_OUT, 16_000)];
    assert_eq!(run(Fault::None), (expected, vec![ConnectionEnd::LeaseOver]));
    assert_eq!(
        run(Fault::HeartbeatIgnored),
        (vec![], vec![]),
        "the control never notices"
    );
}

#[test]
fn r13_offline_by_silence_is_as_old_as_the_last_byte() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.heard.insert(1, 1000);
    world.pass(20_000);
    assert_eq!(world.asks(2, 1).map(|entry| entry.4), Some(19_000));
}

#[test]
fn r13_any_byte_renews_and_the_first_one_after_a_doubt_is_told_at_once() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.heard.insert(1, 0);
    world.pass(8000);
    world.heard.insert(1, 8000);
    world.put(Input::Heard {
        conn: ConnId(1),
        heard_ms: 8000,
    });
    assert_eq!(
        world.seen(2, 1),
        [(Doubtful, TIMED_OUT, 7500), (Online, None, 8000)]
    );
    world.heard.remove(&1);
    world.pass(120_000);
    assert_eq!(world.seen(2, 1).len(), 2, "and stays");
}

#[test]
fn r13_a_missing_pong_is_doubtful_and_two_are_over() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    let conn = ConnId(1);
    world.put(Input::Pongs { conn, missing: 1 });
    world.put(Input::Pongs { conn, missing: 0 });
    world.put(Input::Pongs { conn, missing: 1 });
    world.put(Input::Pongs { conn, missing: 2 });
    let expected = [
        (Doubtful, TIMED_OUT, 0),
        (Online, None, 0),
        (Doubtful, TIMED_OUT, 0),
        (Offline, TIMED_OUT, 0),
    ];
    assert_eq!(world.seen(2, 1), expected);
    assert_eq!(world.ended(1), [ConnectionEnd::PongsMissing]);
}

#[test]
fn r13_the_kernels_time_out_is_doubtful_and_offline_waits_for_the_lease() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.heard.insert(1, 0);
    world.pass(6000);
    world.put(Input::Heard {
        conn: ConnId(1),
        heard_ms: 2000,
    });
    world.close(1, ConnectionEnd::KernelTimeout);
    world.pass(30_000);
    assert_eq!(
        world.seen(2, 1),
        [(Doubtful, TIMED_OUT, 6000), (Offline, TIMED_OUT, 17_000)]
    );
}

#[test]
fn r13_time_in_which_the_server_stood_still_is_nobodys_silence() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.heard.insert(1, 2000);
    world.pass(3000);
    world.stall(30_000);
    assert!(
        world.told.is_empty(),
        "nobody was heard for 30 s, and nobody is accused"
    );
    world.heard.remove(&1);
    world.pass(60_000);
    assert!(world.told.is_empty());
}

#[test]
fn r13_a_peer_that_died_during_the_stall_is_noticed_after_it() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.heard.insert(1, 2000);
    world.pass(3000);
    world.stall(30_000);
    world.pass(16_000);
    assert_eq!(
        world.seen(2, 1).iter().map(|seen| seen.0).collect::<Vec<_>>(),
        [Doubtful, Offline]
    );
}

#[test]
fn a_lost_link_is_doubtful_at_once_and_over_after_the_grace() {
    let mut world = World::friends(2, Fault::None).with_all(2);
    world.pass(1000);
    world.close(1, ConnectionEnd::PeerClosed);
    world.pass(10_000);
    let lost = Some(EndReason::LinkLost);
    assert_eq!(world.seen(2, 1), [(Doubtful, lost, 1000), (Offline, lost, 3000)]);
    assert_eq!(
        world.asks(2, 1).map(|entry| entry.4),
        Some(10_000),
        "last seen when the link was lost"
    );
}
