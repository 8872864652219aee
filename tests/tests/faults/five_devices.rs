//! F10: one person on five devices, all of which write, read, edit, mark and begin texts at once, and lose their connection in
//! the middle of it: soon after the last of it all five hold the same.

use breeze_protocol::ConvId;
use breeze_protocol::message::chat::{EntryKind, Read};
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::pin::MessagePin;
use breeze_protocol::message::prefs::{ItemSet, PrefsChange};
use breeze_tests::client::script::mid;
use breeze_tests::client::{Client, Endpoint};
use breeze_tests::evidence::{Evidence, rounds};
use breeze_tests::local::kept::Kept;
use breeze_tests::people::{Device, star};
use breeze_tests::server::Server;
use breeze_tests::wait;
use breeze_tests::world::Chance;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const DEVICES: usize = 5;
/// Things each device does.
const DEEDS: usize = 60;
/// How long after the last of it everything must be the same everywhere.
const QUIET: Duration = Duration::from_secs(2);

/// A text of one's own, or of the friend's: place and whether one may edit it.
fn texts(device: &Device, conv: ConvId) -> Vec<u64> {
    let local = device.local();
    let rows = local.rows.range((conv, 0)..=(conv, u64::MAX));
    let texts = rows.filter(|(_, row)| row.kind == EntryKind::Text && !row.body.is_empty());
    texts.map(|((_, seq), _)| *seq).collect()
}

/// One deed of a person at one device.
async fn deed(
    client: &Client,
    device: &Device,
    conv: ConvId,
    text: &str,
    chance: &mut Chance,
    evidence: &Evidence,
) {
    let all = texts(device, conv);
    let target = (!all.is_empty()).then(|| all[usize::try_from(chance.below(all.len() as u64)).unwrap()]);
    let (kind, body) = match (chance.below(12), target) {
        (0, Some(seq)) => return client.tell(Read { conv, seq }).await.unwrap(),
        (1, Some(seq)) => {
            let (mid, pinned) = (mid(), chance.happens(700));
            // Too many, or erased meanwhile: refused, and that is an answer.
            let _ = client
                .wish(MessagePin {
                    mid,
                    conv,
                    seq,
                    pinned,
                })
                .await;
            return evidence.add("pins", 1);
        }
        (2, _) => {
            let text = format!("begun: {text}");
            return client.tell(Draft { conv, text }).await.unwrap();
        }
        (3, _) => {
            let change = PrefsChange {
                pinned: Some(chance.happens(500)),
                unread: Some(chance.happens(500)),
                ..PrefsChange::default()
            };
            // A campaign asks more often than the server lets anybody.
            let _ = client
                .wish(ItemSet {
                    mid: mid(),
                    conv,
                    change,
                })
                .await;
            return;
        }
        (4 | 5, Some(_)) => (EntryKind::Edit, text),
        (6, Some(_)) => (EntryKind::Reaction, "\u{1f44d}"),
        (7, Some(_)) => (EntryKind::Delete, ""),
        _ => {
            client.say(conv, text).await;
            return;
        }
    };
    let seq = target.expect("these change something");
    match client.change(conv, kind, seq, body).await {
        Ok(_) => evidence.add("changes", 1),
        // Deleted on another device a moment ago.
        Err(_) => evidence.add("too_late", 1),
    }
}

async fn busy(device: Device, to: Endpoint, conv: ConvId, number: usize, evidence: Arc<Evidence>) -> Client {
    let mut chance = Chance::new(Chance::seed() ^ number as u64);
    let mut client = device.online(&to).await;
    let deeds = rounds(DEEDS);
    for n in 0..deeds {
        let text = format!("{n} from device {number}");
        deed(&client, &device, conv, &text, &mut chance, &evidence).await;
        if chance.happens(50) {
            client.cut();
            evidence.add("cuts", 1);
            client = device.online(&to).await;
        }
    }
    client
}

/// What is different between the first device and the others.
fn differences(devices: &[Device]) -> Vec<String> {
    let first = Kept::of(&devices[0].local());
    let others = devices[1..].iter().zip(2..);
    others
        .flat_map(|(device, number)| {
            let differs = first.differs(&Kept::of(&device.local()));
            differs
                .into_iter()
                .map(move |it| format!("device {number}: {it}"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_five_devices_of_one_person_end_up_alike() {
    let server = Server::start();
    let (ann, [bob]) = star(&server, "ann", ["bob"]).await;
    let conv = ann.online(&server).await.conv(bob.account).await;
    let mut devices = vec![ann.device.clone()];
    while devices.len() < DEVICES {
        devices.push(ann.second_device(&server).await);
    }
    let evidence = Arc::new(Evidence::default());
    let mut working = JoinSet::new();
    for (number, device) in devices.iter().chain([&bob.device]).cloned().enumerate() {
        let to = server.endpoint().from_host(number);
        working.spawn(busy(device, to, conv, number, Arc::clone(&evidence)));
    }
    let clients = working.join_all().await;
    let quiet = Instant::now();
    let alike = wait::seek(QUIET, || {
        differences(&devices).is_empty().then(|| quiet.elapsed())
    })
    .await;
    let alike = alike.unwrap_or_else(|| panic!("after {QUIET:?}: {:#?}", differences(&devices)));
    let kept = Kept::of(&devices[0].local());
    println!(
        "f10: {} entries and items alike on {DEVICES} devices after {alike:?}; {evidence}",
        kept.count()
    );
    for device in &devices {
        let local = device.local();
        assert_eq!((local.contradictions, local.holes), (0, 0));
    }
    evidence.at_least("cuts", 3);
    evidence.at_least("changes", 20);
    evidence.at_least("pins", 3);
    drop(clients);
    control(&devices);
}

/// The comparison notices one entry that is missing, and one item that is another.
fn control(devices: &[Device]) {
    let other = devices[1].copied();
    let gone = other.local().rows.pop_first();
    assert!(gone.is_some());
    assert_eq!(differences(&[devices[0].clone(), other]).len(), 1);
    let other = devices[1].copied();
    let gone = other.local().items.pop_first();
    assert!(gone.is_some());
    assert_eq!(differences(&[devices[0].clone(), other]).len(), 1);
}
