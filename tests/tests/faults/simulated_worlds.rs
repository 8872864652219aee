//! Pretend worlds: whatever breaks when, nothing promised is lost or comes twice, order stays, every device ends up with what
//! a new one gets, and everybody is seen as they are. `cargo xtask simulate --seeds N` lives through N of them.

use breeze_server::fault::Fault;
use breeze_tests::evidence::rounds;
use breeze_tests::world::Chance;
use breeze_tests::{programs, simulation};
use std::process::Command;

/// Worlds of the everyday run: enough that everything breaks in some of them.
const WORLDS: usize = 60;
/// Worlds of a control, of which one must be flagged; `simulate --seeds 50 --fault NAME` wants four fifths.
const CONTROL: usize = 5;

#[test]
fn simulated_worlds_lose_nothing() {
    let output = Command::new(programs::find("simulate"))
        .args(["--seeds", &rounds(WORLDS).to_string()])
        .output()
        .expect("a program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(output.status.success(), "{text}");
}

fn flagged(fault: Fault) {
    let seen = (0..CONTROL).find_map(|_| simulation::live(Chance::seed(), fault).wrong.into_iter().next());
    let seen = seen.unwrap_or_else(|| panic!("{fault:?}: noticed in none of {CONTROL} worlds"));
    println!("{fault:?}: {seen}");
}

#[test]
fn simulated_worlds_control_dedupe_off() {
    flagged(Fault::DedupeOff);
}

#[test]
fn simulated_worlds_control_delivered_on_send() {
    flagged(Fault::DeliveredOnSend);
}

#[test]
fn simulated_worlds_control_leavers_hear() {
    flagged(Fault::LeaversHear);
}

#[test]
fn simulated_worlds_control_heartbeat_ignored() {
    flagged(Fault::HeartbeatIgnored);
}

#[test]
fn simulated_worlds_control_subscribe_late() {
    flagged(Fault::SubscribeLate);
}
