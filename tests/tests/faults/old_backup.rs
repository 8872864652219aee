//! F20: yesterday's backup is put in place, and everybody who was there comes back at once. What their devices hold of their
//! own is there again, once, also when each says it twice because it did not hear the answer.

use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::message::chat::Event;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::resume::ResumeMode;
use breeze_protocol::{ConvId, StatusKind};
use breeze_tests::client::{Endpoint, Habits};
use breeze_tests::evidence::{caught, rounds};
use breeze_tests::people::{Person, crowd, owner};
use breeze_tests::programs;
use breeze_tests::server::{Plan, Server};
use breeze_tests::wait::SOON;
use std::process::Command;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Clients that return.
const PEOPLE: usize = 50;
/// Texts each writes before the backup, and after it.
const BEFORE: usize = 2;
const AFTER: usize = 4;

async fn write(server: &Server, people: &[(Arc<Person>, ConvId)], day: &str, texts: usize) {
    let mut writing = JoinSet::new();
    for (person, conv) in people {
        let (person, conv, day) = (Arc::clone(person), *conv, day.to_owned());
        let to = server.endpoint();
        writing.spawn(async move {
            let client = person.device.online(&to).await;
            for n in 0..texts {
                client
                    .say(conv, &format!("{day} {n} of {}", person.username))
                    .await;
            }
            client.bye().await;
        });
    }
    writing.join_all().await;
}

/// A device comes back to another epoch: what is its own above the base goes out again, each twice. How many entries.
async fn come_back(to: Endpoint, person: Arc<Person>) -> usize {
    let before: Vec<Event> = {
        let mut local = person.device.local();
        local.items.clear();
        std::mem::take(&mut local.rows).into_values().collect()
    };
    let signed_in = person.device.sign_in(&to, Habits::default(), None).await;
    let mut client = signed_in.expect("the token is still good");
    assert_eq!(client.resume(StatusKind::Online).await, ResumeMode::Snapshot);
    let states = client.local().states();
    let base = |of: ConvId| {
        states.iter().find_map(|state| match state {
            ItemState::Conv(it) if it.conv == of => Some(it.base_seq),
            _ => None,
        })
    };
    let lost = |event: &&Event| {
        event.sender == person.account && base(event.conv).is_some_and(|base| event.seq > base)
    };
    let mut brought = 0;
    for event in before.iter().filter(lost) {
        for _ in 0..2 {
            client.send(event.mid, event.conv, &event.body).await.unwrap();
        }
        client.sent(event.mid).await.unwrap();
        brought += 1;
    }
    client.fence().await;
    client.bye().await;
    brought
}

fn stop(server: &mut Server) {
    assert_eq!(server.admin(&AdminRequest::Stop), AdminAnswer::Done);
    assert!(server.wait(SOON).success());
}

/// One day and its undoing; what is wrong afterwards.
async fn restored(plan: Plan) -> Option<String> {
    let mut server = plan.start();
    let ann = owner(&server, "ann").await;
    let mut people = Vec::new();
    for person in crowd(&server, &ann, "friend", PEOPLE).await {
        let client = person.device.online(&server.endpoint()).await;
        let conv = client.conv(ann.account).await;
        client.bye().await;
        people.push((Arc::new(person), conv));
    }
    write(&server, &people, "before", BEFORE).await;
    let dir = server.home().join("yesterday").display().to_string();
    let made = server.admin(&AdminRequest::Backup {
        dir: Some(dir.clone()),
    });
    assert!(matches!(made, AdminAnswer::Backup { .. }), "{made:?}");
    write(&server, &people, "after", AFTER).await;
    stop(&mut server);
    let restored = Command::new(programs::find("breeze-server"))
        .args(["restore", &dir, "--data"])
        .arg(server.data())
        .env("HOME", server.home())
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
    server.start_again();
    let mut back = JoinSet::new();
    for (person, _) in &people {
        back.spawn(come_back(server.endpoint(), Arc::clone(person)));
    }
    let brought = back.join_all().await;
    assert_eq!(brought, [AFTER; PEOPLE], "everybody brings what the backup lacks");

    let client = ann.device.online(&server.endpoint()).await;
    for (person, conv) in &people {
        let page = client.history(*conv, 0, 0, 200).await;
        let texts: Vec<&str> = page.rows.iter().map(|row| row.body.as_str()).collect();
        let days = [("before", BEFORE), ("after", AFTER)];
        let wanted: Vec<String> = days
            .iter()
            .flat_map(|(day, texts)| (0..*texts).map(move |n| format!("{day} {n} of {}", person.username)))
            .collect();
        if texts != wanted {
            return Some(format!("{}: {texts:?}", person.username));
        }
    }
    None
}

#[tokio::test]
async fn f20_fifty_clients_return_to_a_day_old_backup_and_bring_back_what_is_theirs() {
    let days = rounds(1);
    for day in 0..days {
        let wrong = restored(Plan::new()).await;
        assert_eq!(wrong, None, "day {day}");
    }
    println!(
        "{days} backups restored, {PEOPLE} clients each, {} texts brought back: 0 lost, 0 twice",
        days * PEOPLE * AFTER
    );
}

#[tokio::test]
async fn f20_control_dedupe_off() {
    caught("dedupe_off", || restored(Plan::new().fault("dedupe_off"))).await;
}
