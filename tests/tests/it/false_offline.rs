//! Nobody who is there is told to be gone, however bad the network: a thousand people for ten pretended minutes.

use breeze_tests::world::{Chance, Outcome, Weather, World};

/// People, and so periods of ten minutes.
const PEOPLE: usize = 1000;
const PERIOD_MS: u64 = 10 * 60 * 1000;
/// The lease the server ships with, milliseconds.
const LEASE_MS: u64 = 15_000;
/// A lease that leaves no room for one late ping.
const SHORT_LEASE_MS: u64 = 6000;

const STALLING: Weather = Weather {
    loss_per_mille: 50,
    stalls: true,
    linear: true,
};
const LOSING: Weather = Weather {
    loss_per_mille: 200,
    stalls: false,
    linear: true,
};

fn ten_minutes(weather: Weather, lease_ms: u64) -> Outcome {
    let seed = Chance::seed();
    println!("replay: BREEZE_WORLD_SEED={seed}");
    let outcome = World::new(seed, PEOPLE, weather, lease_ms).pass(PERIOD_MS);
    println!("{weather:?}, lease {lease_ms} ms, {PEOPLE} people for 10 minutes: {outcome:?}");
    assert!(outcome.lost > 10_000, "no evidence of loss: {outcome:?}");
    assert!(
        outcome.connections >= PEOPLE as u64,
        "everybody came: {outcome:?}"
    );
    outcome
}

#[test]
fn r13_five_percent_loss_and_standstills_of_two_seconds_make_nobody_offline() {
    let outcome = ten_minutes(STALLING, LEASE_MS);
    assert!(
        outcome.stalled > 10_000,
        "no evidence of standstills: {outcome:?}"
    );
    assert_eq!(outcome.offline, 0);
}

#[test]
fn r13_twenty_percent_loss_makes_at_most_one_in_a_hundred_offline_in_ten_minutes() {
    let outcome = ten_minutes(LOSING, LEASE_MS);
    assert!(outcome.offline * 100 <= PEOPLE as u64, "{outcome:?}");
}

#[test]
fn r13_control_with_a_short_lease_the_same_network_makes_people_offline() {
    let outcome = ten_minutes(STALLING, SHORT_LEASE_MS);
    assert!(outcome.offline > 0, "{outcome:?}");
}

#[test]
fn r13_control_without_linear_time_outs_twenty_percent_loss_makes_more_offline() {
    let weather = Weather {
        linear: false,
        ..LOSING
    };
    let outcome = ten_minutes(weather, LEASE_MS);
    assert!(outcome.offline * 100 > PEOPLE as u64, "{outcome:?}");
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let world = |seed| World::new(seed, 20, STALLING, LEASE_MS).pass(60_000);
    assert_eq!(world(7), world(7));
    assert_ne!(world(7).lost, world(8).lost);
}
