//! Lives in groups, step by step at random: nothing is told to anybody who is not entitled to it, and nothing is missing.
//! `cargo xtask campaign entitled --count N` lives N of them.

use breeze_server::fault::Fault;
use breeze_tests::entitled::{Outcome, live};
use breeze_tests::evidence::rounds;
use breeze_tests::world::Chance;

const LIVES: usize = 40;
const STEPS: u64 = 150;
/// Lives of the control, twice as long, since somebody has to leave first; of these four fifths must be noticed.
const CONTROL: u32 = 50;

fn flagged(outcome: Outcome) -> bool {
    outcome.leaked > 0 || outcome.wrong > 0
}

#[tokio::test]
async fn entitled_lives_tell_nobody_anything_that_is_not_theirs() {
    let lives = rounds(LIVES);
    let (mut deeds, mut told) = (0, 0);
    for _ in 0..lives {
        let seed = Chance::seed();
        let outcome = live(seed, STEPS, Fault::None).await;
        assert!(!flagged(outcome), "BREEZE_WORLD_SEED={seed}: {outcome:?}");
        deeds += outcome.deeds;
        told += outcome.told;
    }
    println!("{lives} lives, {deeds} things done, {told} bytes told, 0 to anybody not entitled");
    assert!(
        told > lives as u64 * 1000,
        "so little was told that nothing is proved"
    );
}

#[tokio::test]
async fn entitled_lives_notice_a_group_that_goes_on_telling_those_who_left() {
    let mut noticed = 0;
    for seed in 0..u64::from(CONTROL) {
        noticed += u32::from(live(seed, 2 * STEPS, Fault::LeaversHear).await.leaked > 0);
    }
    assert!(
        noticed * 5 >= CONTROL * 4,
        "noticed in {noticed} of {CONTROL} lives"
    );
}
