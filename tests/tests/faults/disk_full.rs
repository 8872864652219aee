//! F3: a disk that fills up and is emptied again, on a tmpfs of the server's own, as often as a campaign asks.

use breeze_protocol::PresenceState;
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::message::code::NackCode;
use breeze_tests::admin;
use breeze_tests::client::script::mid;
use breeze_tests::evidence::rounds;
use breeze_tests::people::star;
use breeze_tests::server::Plan;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The disk, KiB: the database, the reserve, and room to fill.
const DISK_KIB: u64 = 96 * 1024;
/// Times it is filled and emptied.
const ROUNDS: usize = 3;
/// How long a refusal may take.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// How long it may take until messages are taken again.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// Writes until nothing more fits.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1024 * 1024, 4096, 1] {
        let block = vec![0_u8; size];
        while file.write_all(&block).is_ok() {}
    }
}

/// What an operator may have to do while nothing more fits.
fn shut_and_open(socket: &Path) {
    let username = || "cid".to_owned();
    for request in [
        AdminRequest::UserDisable { username: username() },
        AdminRequest::UserEnable { username: username() },
    ] {
        assert_eq!(admin::ask(socket, &request), Ok(AdminAnswer::Done), "{request:?}");
    }
}

#[tokio::test]
async fn f3_a_full_disk_refuses_for_now_lets_the_operator_act_and_loses_nothing() {
    let mut server = Plan::new().small_disk(DISK_KIB).start();
    let (ann, [bob, cid]) = star(&server, "ann", ["bob", "cid"]).await;
    let (one, two) = (ann.online(&server).await, bob.online(&server).await);
    let conv = one.conv(bob.account).await;
    let reserve = server.data().join("reserve");
    // The socket lies on the disk that only the server sees.
    let socket = server.data().join("admin.sock");
    let filler = server.data().join("filler");
    let mut stored = BTreeSet::new();
    let mut refusals = 0;
    let rounds = rounds(ROUNDS);
    for round in 0..rounds {
        assert!(reserve.is_file(), "round {round}: room is held back");
        fill(&filler);
        let refused = loop {
            let (wish, asked) = (mid(), Instant::now());
            one.send(wish, conv, &"x".repeat(4000)).await.unwrap();
            match one.sent(wish).await {
                Ok(sent) => drop(stored.insert(sent.seq)),
                Err(code) => {
                    assert_eq!(code, NackCode::StorageFull);
                    assert!(asked.elapsed() <= REFUSED_WITHIN, "{:?}", asked.elapsed());
                    break wish;
                }
            }
        };
        refusals += 1;
        // Reads and presence go on, and the operator can act: that is what the reserve is for.
        let page = two.history(conv, 0, 0, 200).await;
        assert_eq!(page.rows.len(), stored.len().min(200));
        let guest = cid.online(&server).await;
        one.until_state(cid.account, PresenceState::Online).await;
        guest.bye().await;
        shut_and_open(&socket);
        assert!(!reserve.exists(), "round {round}: the reserve was let go");
        let freed = Instant::now();
        std::fs::remove_file(&filler).unwrap();
        let sent = loop {
            one.send(refused, conv, &"x".repeat(4000)).await.unwrap();
            match one.sent(refused).await {
                Ok(sent) => break sent,
                Err(code) => assert!(
                    freed.elapsed() <= TAKEN_WITHIN,
                    "{code:?} after {:?}",
                    freed.elapsed()
                ),
            }
        };
        stored.insert(sent.seq);
    }
    assert_eq!(refusals, rounds);
    let last = u64::try_from(stored.len()).unwrap();
    assert_eq!(stored, (1..=last).collect(), "nothing is missing in between");
    two.until("every message", |_| {
        (two.local().texts(conv).len() == stored.len()).then_some(())
    })
    .await;
    server.assert_sound();
}
