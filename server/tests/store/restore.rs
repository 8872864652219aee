//! Restoring: what was there is kept aside, numbers are not given twice, and devices know from where to bring back.

use super::bench::{self, NOW, mid};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::backup::{self, Ask};
use breeze_server::store::data_dir::DataDir;
use breeze_server::store::restore::{self, RestoreError};
use breeze_server::store::sqlite::check;
use breeze_server::store::sqlite::open::DATABASE_FILE;
use breeze_server::store::{Store, verify};
use std::fs;
use std::path::Path;

fn back_up(data: &Path, to: &Path) {
    let ask = Ask {
        data: data.to_owned(),
        config: None,
        to: to.to_owned(),
        now_ms: NOW,
    };
    backup::make(&ask).unwrap();
}

fn restore(data: &Path, from: &Path) -> Result<Option<std::path::PathBuf>, RestoreError> {
    restore::restore(&DataDir::open(data).unwrap(), from, NOW)
}

/// The place above which devices bring their entries of a conversation back.
async fn base(bench: &bench::Bench, account: AccountId, wanted: ConvId) -> u64 {
    let found = bench
        .items(account)
        .await
        .into_iter()
        .find_map(|state| match state {
            ItemState::Conv(conv) if conv.conv == wanted => Some(conv.base_seq),
            _ => None,
        });
    found.unwrap()
}

#[tokio::test]
async fn a_restore_takes_the_place_of_the_data_and_keeps_it_aside() {
    let mut bench = bench::file(Roster::Friends);
    let data = bench.dir.as_ref().unwrap().path().to_owned();
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    fs::write(data.join("key.pem"), "the old key").unwrap();
    for n in 0..3 {
        bench.say(ann, conv, &n.to_string()).await;
    }
    let first = bench.store.identity();
    let outside = tempfile::tempdir().unwrap();
    let saved = outside.path().join("saved");
    back_up(&data, &saved);
    for n in 3..8 {
        bench.say(bob, conv, &n.to_string()).await;
    }
    let late = bench.person("late").await;
    bench.store.close().await;
    fs::write(data.join("key.pem"), "a newer key").unwrap();

    let aside = restore(&data, &saved).unwrap().unwrap();
    assert_eq!(fs::read_to_string(aside.join("key.pem")).unwrap(), "a newer key");
    assert_eq!(fs::read_to_string(data.join("key.pem")).unwrap(), "the old key");
    let old = rusqlite::Connection::open(aside.join(DATABASE_FILE)).unwrap();
    let kept: i64 = old
        .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 8, "the newer messages are kept aside");

    let mut bench = bench::open(bench::options(&data, Roster::Friends));
    let second = bench.store.identity();
    assert_eq!(second.server_id, first.server_id);
    assert_ne!(second.epoch, first.epoch);
    assert_eq!(base(&bench, bob, conv).await, 3);
    let newcomer = bench.person("newcomer").await;
    assert!(newcomer > late, "{newcomer:?} was {late:?}'s number");
    let other = bench.store.conv_open(ann, mid(), bob, NOW).await.unwrap();
    assert_eq!(other, conv);
    let (rows, breaks) = check::audit(&data.join(DATABASE_FILE)).unwrap();
    assert!(breaks.is_empty(), "{breaks:?}");
    assert!(
        rows.iter()
            .any(|row| (row.what.as_str(), row.subject.as_str()) == ("backup restored", "saved")),
        "{rows:?}"
    );
    assert_eq!(verify::data(&data).findings, [""; 0]);
}

#[tokio::test]
async fn the_base_of_a_conversation_only_falls_from_restore_to_restore() {
    let mut bench = bench::file(Roster::Friends);
    let keep = bench.dir.take().unwrap();
    let data = keep.path().to_owned();
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    bench.say(ann, conv, "one").await;
    back_up(&data, &data.join("backups/first"));
    bench.store.close().await;
    restore(&data, &data.join("backups/first")).unwrap();

    let mut bench = bench::open(bench::options(&data, Roster::Friends));
    for _ in 0..4 {
        bench.say(ann, conv, "more").await;
    }
    back_up(&data, &data.join("backups/second"));
    bench.store.close().await;
    restore(&data, &data.join("backups/second")).unwrap();

    let bench = bench::open(bench::options(&data, Roster::Friends));
    // A device that has not been here since before the first restore holds other entries above 1.
    assert_eq!(base(&bench, ann, conv).await, 1);
}

#[tokio::test]
async fn nothing_is_changed_by_a_backup_that_is_not_whole_or_while_a_server_runs() {
    let mut bench = bench::file(Roster::Friends);
    let data = bench.dir.as_ref().unwrap().path().to_owned();
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    bench.say(ann, conv, "one").await;
    let saved = data.join("backups/saved");
    back_up(&data, &saved);
    let in_use = DataDir::open(&data).unwrap_err().to_string();
    assert!(in_use.starts_with("another breeze-server uses"), "{in_use}");
    bench.store.close().await;
    let before = fs::read(data.join(DATABASE_FILE)).unwrap();
    let mut bytes = fs::read(saved.join(DATABASE_FILE)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(saved.join(DATABASE_FILE), bytes).unwrap();
    let sentence = restore(&data, &saved).unwrap_err().to_string();
    assert!(sentence.contains("nothing was changed"), "{sentence}");
    let sentence = restore(&data, &data.join("nowhere")).unwrap_err().to_string();
    assert!(sentence.contains("is not a whole backup"), "{sentence}");
    assert_eq!(fs::read(data.join(DATABASE_FILE)).unwrap(), before);
    assert!(!data.join("replaced").exists());
}

#[tokio::test]
async fn data_that_was_set_back_is_accepted_as_a_new_life() {
    let mut bench = bench::file(Roster::Friends);
    let data = bench.dir.as_ref().unwrap().path().to_owned();
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    bench.say(ann, conv, "one").await;
    let device = bench.store.devices(ann).await.unwrap()[0].device;
    bench.store.set_ahead(device).await.unwrap();
    let epoch = bench.store.identity().epoch;
    bench.store.close().await;
    let ahead = |data: &Path| -> i64 {
        let conn = rusqlite::Connection::open(data.join(DATABASE_FILE)).unwrap();
        let sql = "SELECT count(*) FROM devices WHERE ahead";
        conn.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(ahead(&data), 1);
    restore::accept(&DataDir::open(&data).unwrap(), NOW).unwrap();
    assert_eq!(ahead(&data), 0);
    let bench = bench::open(bench::options(&data, Roster::Friends));
    assert_ne!(bench.store.identity().epoch, epoch);
    assert_eq!(base(&bench, ann, conv).await, 0);
}
