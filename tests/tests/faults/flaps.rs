//! F9, small: many clients whose links break again and again, each in another way; presence is right soon after the last.

use breeze_protocol::PresenceState::{Offline, Online};
use breeze_tests::people::{befriend, owner};
use breeze_tests::proxy::Proxy;
use breeze_tests::server::Plan;
use breeze_tests::wait;
use std::time::Duration;

const CLIENTS: usize = 12;
const FLAPS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f9_links_that_flap_leave_the_truth_behind() {
    let mut server = Plan::new().start();
    let ann = owner(&server, "ann").await;
    let names: Vec<String> = (0..CLIENTS).map(|n| format!("f{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let people = befriend(&server, &ann, &names).await;
    let watcher = ann.online(&server).await;
    let talker = people[0].device.online(&server.endpoint()).await;
    let conv = talker.conv(ann.account).await;
    let mut flapping = tokio::task::JoinSet::new();
    for (n, person) in people.iter().enumerate().skip(1) {
        let (device, direct) = (person.device.clone(), server.endpoint().from_host(n));
        flapping.spawn(async move {
            for flap in 0..FLAPS {
                let proxy = Proxy::before(&direct).await;
                let client = device.online(&proxy.endpoint(&direct)).await;
                match (n + flap) % 3 {
                    0 => proxy.reset_all(),
                    1 => proxy.close_all(),
                    _ => proxy.pull(),
                }
                drop(client);
            }
            // Even numbers stay, odd ones leave.
            let last = device.online(&direct).await;
            if n % 2 == 0 {
                return Some(last);
            }
            last.bye().await;
            None
        });
    }
    for n in 0..50 {
        talker.say(conv, &n.to_string()).await;
    }
    let staying = flapping.join_all().await;
    let right = || {
        let state = watcher.state();
        let as_it_is = |n: usize| if n.is_multiple_of(2) { Online } else { Offline };
        let ok = people
            .iter()
            .enumerate()
            .skip(1)
            .all(|(n, person)| state.presence.state(person.account) == as_it_is(n));
        ok.then_some(())
    };
    wait::until(
        "presence is right within three seconds of the last flap",
        Duration::from_secs(3),
        right,
    )
    .await;
    let all: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    wait::until("every message, once, in order", wait::SOON, || {
        (watcher.local().texts(conv) == all).then_some(())
    })
    .await;
    assert_eq!(watcher.state().presence.stale, 0);
    drop(staying);
    server.assert_sound();
}
