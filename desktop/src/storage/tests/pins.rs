//! Pinned messages, over a restart and a snapshot.

use super::{CONV, apply, begun, load, write};
use crate::model::command::Change;
use breeze_protocol::AccountId;
use breeze_protocol::message::pin::{Pin, Pins};

#[test]
fn pins_outlive_the_program_and_not_a_snapshot() {
    let dir = tempfile::tempdir().expect("a folder");
    begun(dir.path());
    let conv = || Change::Conv(CONV, AccountId(2), 0, 0);
    let pins = vec![Pin {
        seq: 4,
        by: AccountId(2),
        ts: 7,
    }];
    let pinned = Pins {
        conv: CONV,
        pins: pins.clone(),
    };
    write(
        dir.path(),
        vec![apply(vec![conv(), Change::Pins(pinned.clone())])],
    );
    assert_eq!(load(dir.path()).chats[&CONV].pins, pins);
    for end in [Change::Forget, Change::ConvGone(CONV)] {
        write(dir.path(), vec![apply(vec![Change::Pins(pinned.clone())])]);
        write(dir.path(), vec![apply(vec![end, conv()])]);
        assert!(load(dir.path()).chats[&CONV].pins.is_empty());
    }
}
