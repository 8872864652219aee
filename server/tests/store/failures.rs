//! What goes wrong: full disks, kills, other programs' files, newer schemas, old databases.

use super::bench::{self, NOW, Told, mid};
use super::groups::change as change_group;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::message::item::ItemState;
use breeze_protocol::message::keep::ConvKeep;
use breeze_protocol::message::pin::MessagePin;
use breeze_protocol::message::prefs::{ItemSet, PrefsChange};
use breeze_protocol::{AccountId, Mid};
use breeze_server::fault::Fault;
use breeze_server::store::data_dir::DataDir;
use breeze_server::store::desk::Desk;
use breeze_server::store::keep::KeepStore;
use breeze_server::store::pins::PinStore;
use breeze_server::store::prefs::PrefsStore;
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::{DATABASE_FILE, OpenStore};
use breeze_server::store::{Change, GroupChange, Store, StoreError, backup, verify};
use std::path::Path;

/// What a kill leaves: the files as they are now, without anything closed.
fn killed(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.path().join(file.file_name())).unwrap();
    }
    to
}

#[tokio::test]
async fn what_was_told_survives_a_kill() {
    let mut bench = bench::file(Roster::Friends);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    for n in 0..50 {
        bench.say(ann, conv, &n.to_string()).await;
    }
    let before = bench.store.identity();
    let copy = killed(bench.dir.as_ref().unwrap().path());
    let after = bench::open(OpenStore {
        now_ms: NOW + 7000,
        ..bench::options(copy.path(), Roster::Friends)
    });
    let page = after.store.history(ann, conv, 0, 0, 200).await.unwrap().unwrap();
    assert_eq!(page.rows.len(), 50);
    let identity = after.store.identity();
    assert_eq!(
        (identity.server_id, identity.epoch, identity.boot),
        (before.server_id, before.epoch, before.boot + 1)
    );
    assert_eq!((before.outage_ms, identity.outage_ms), (None, Some(7000)));
    assert!(identity.head > before.head);
}

#[tokio::test]
async fn an_answer_before_the_commit_would_be_noticed() {
    let mut bench = bench::broken(Fault::AckBeforeCommit);
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    let lost = loop {
        bench.hand(ann, conv, mid(), "told too early");
        let told = bench.commits.recv().await.unwrap();
        let Some(Change::Entry { event, .. }) = told.changes.into_iter().next() else {
            panic!("no entry")
        };
        let copy = killed(bench.dir.as_ref().unwrap().path());
        let after = bench::open(bench::options(copy.path(), Roster::Friends));
        let page = after.store.history(ann, conv, 0, 0, 200).await.unwrap().unwrap();
        if page.rows.last().is_none_or(|row| row.seq < event.seq) {
            break true;
        }
    };
    assert!(lost);
}

#[tokio::test]
async fn a_full_disk_refuses_for_now_and_keeps_the_order() {
    let dir = tempfile::tempdir().unwrap();
    bench::open(bench::options(dir.path(), Roster::Friends))
        .store
        .close()
        .await;
    let pages = std::fs::metadata(dir.path().join(DATABASE_FILE)).unwrap().len() / 4096 + 40;
    let options = OpenStore {
        pages_max: Some(pages as u32),
        ..bench::options(dir.path(), Roster::Friends)
    };
    let mut bench = bench::open(options);
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let body = "x".repeat(8000);
    let mut stored = 0;
    let refused = loop {
        let once = mid();
        match bench.send(ann, conv, once, &body).await {
            Told::Entry(_) => stored += 1,
            Told::Nack(nack) => {
                assert_eq!((nack.code, nack.transient), (NackCode::StorageFull, true));
                break once;
            }
            Told::Sent(sent) => panic!("{sent:?}"),
        }
    };
    assert!(stored > 5, "{stored}");
    let small = mid();
    assert_eq!(
        bench.send(ann, conv, small, "small enough").await.code(),
        NackCode::StorageFull,
        "nothing overtakes"
    );
    let page = bench.store.history(bob, conv, 0, 0, 200).await.unwrap().unwrap();
    assert_eq!(page.rows.last().unwrap().seq, stored, "reads go on");
    let full = loop {
        let hash = breeze_protocol::BlobHash(mid().0.repeat(2).try_into().unwrap());
        if let Err(error) = bench.store.avatar_put(ann, hash, vec![0; 60_000]).await {
            break error;
        }
    };
    assert!(
        matches!(full, breeze_server::store::Refusal::Store(StoreError::Full)),
        "{full:?}"
    );
    bench.store.close().await;
    drop(bench);

    let mut bench = bench::open(bench::options(dir.path(), Roster::Friends));
    for (mid, body) in [(refused, body.as_str()), (small, "small enough")] {
        assert!(
            matches!(bench.send(ann, conv, mid, body).await, Told::Entry(_)),
            "accepted once there is room"
        );
    }
    let page = bench.store.history(bob, conv, 0, 0, 200).await.unwrap().unwrap();
    assert_eq!(page.rows.last().unwrap().seq, stored + 2);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    for bench in bench::both() {
        bench.store.close().await;
        bench.store.close().await;
        assert!(matches!(bench.store.alive(NOW).await, Err(StoreError::Down(_))));
    }
}

#[tokio::test]
async fn one_server_at_a_time() {
    let bench = bench::file(Roster::Friends);
    let path = bench.dir.as_ref().unwrap().path();
    assert!(
        DataDir::open(path)
            .unwrap_err()
            .to_string()
            .starts_with("another breeze-server uses")
    );
    bench.store.close().await;
    DataDir::open(path).unwrap();
}

fn refused(path: &Path) -> String {
    let Err(error) = SqliteStore::open(bench::options(path, Roster::Friends)) else {
        panic!("opened")
    };
    error.to_string()
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    let bench = bench::file(Roster::Friends);
    bench.store.close().await;
    let path = bench.dir.as_ref().unwrap().path();
    let conn = rusqlite::Connection::open(path.join(DATABASE_FILE)).unwrap();
    let newest = schema(&conn);
    conn.execute(
        "UPDATE refinery_schema_history SET version = 99 WHERE version = ?1",
        [newest],
    )
    .unwrap();
    drop(conn);
    let sentence = refused(path);
    let wanted = format!("newer breeze-server (schema 99, this one knows {newest})");
    assert!(sentence.contains(&wanted), "{sentence}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join(DATABASE_FILE),
        "not a database, and long enough to be seen as none",
    )
    .unwrap();
    let sentence = refused(dir.path());
    assert!(sentence.contains("is damaged or no database"), "{sentence}");
    assert!(sentence.contains("restore a backup"), "{sentence}");
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(DATABASE_FILE)).unwrap();
    let sentence = refused(dir.path());
    assert!(sentence.contains("cannot be used"), "{sentence}");
}

#[tokio::test]
async fn a_first_start_cut_short_is_taken_up_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    bench::open(bench::options(dir.path(), Roster::Friends))
        .store
        .close()
        .await;
    let path = dir.path().join(DATABASE_FILE);
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    let conn = rusqlite::Connection::open(&path).unwrap();
    let made: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    drop(conn);
    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(&made)
        .unwrap();
    let mut bench = bench::open(bench::options(dir.path(), Roster::Friends));
    bench.person("ann").await;
    bench.store.close().await;
    assert!(backup::list(dir.path()).is_empty(), "there was nothing to keep");
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

fn schema(conn: &rusqlite::Connection) -> i64 {
    let sql = "SELECT max(version) FROM refinery_schema_history";
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Opens the golden database of a schema and finds everything in it.
async fn golden(schema: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/v{schema}.db"));
    std::fs::copy(golden, dir.path().join(DATABASE_FILE)).unwrap();
    let mut bench = bench::open(bench::options(dir.path(), Roster::Friends));
    let rows = bench.store.accounts(AccountId(0), 100).await.unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row.username.as_str()).collect();
    assert_eq!(names, ["ann", "bob", "cid"]);
    let (ann, bob) = (rows[0].account, rows[1].account);
    // Mids of their own: those of the suite begin anew with each run, and the golden database holds some of them.
    let (open, send) = (Mid([0xee; 16]), Mid([0xef; 16]));
    let conv = bench.store.conv_open(ann, open, bob, NOW).await.unwrap();
    let page = bench.store.history(ann, conv, 0, 0, 200).await.unwrap().unwrap();
    let bodies: Vec<&str> = page.rows.iter().map(|row| row.body.as_str()).collect();
    assert_eq!(bodies, ["hello", "你好"]);
    let told = bench.send(bob, conv, send, "still here").await;
    assert!(matches!(told, Told::Entry(_)), "{told:?}");
    let items = bench.items(ann).await;
    let personal = items.iter().filter(|item| {
        matches!(item, ItemState::Prefs(it) if it.pinned)
            || matches!(item, ItemState::Draft(it) if it.text == "see you")
    });
    assert_eq!(personal.count(), if schema < 8 { 0 } else { 2 });
    let pinned = |item: &&ItemState| matches!(item, ItemState::Pins(it) if it.pins[0].seq == 1);
    assert_eq!(items.iter().filter(pinned).count(), usize::from(schema >= 10));
    let limited = |item: &&ItemState| matches!(item, ItemState::Conv(it) if it.keep_days == 30);
    assert_eq!(items.iter().filter(limited).count(), usize::from(schema >= 11));
    let wanted = match schema {
        0..8 => 7,
        8..10 => 11,
        _ => 12,
    };
    assert_eq!(items.len(), wanted);
    bench.store.close().await;
    dir
}

#[tokio::test]
async fn the_golden_database_of_schema_1_is_kept_as_it_was_and_then_upgraded() {
    let dir = golden(1).await;
    let kept = backup::list(dir.path());
    assert_eq!(kept.len(), 1, "{kept:?}");
    let report = verify::backup(&kept[0]);
    assert_eq!(report.findings, [""; 0]);
    let old = rusqlite::Connection::open(kept[0].join(DATABASE_FILE)).unwrap();
    assert_eq!(schema(&old), 1, "the backup is from before");
    let new = rusqlite::Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    assert!(schema(&new) > 2, "brought up to date");
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

#[tokio::test]
async fn without_a_backup_there_is_no_migration() {
    let dir = tempfile::tempdir().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1.db");
    std::fs::copy(&golden, dir.path().join(DATABASE_FILE)).unwrap();
    // A file where the folder of backups should be.
    std::fs::write(dir.path().join("backups"), "in the way").unwrap();
    let sentence = refused(dir.path());
    assert!(
        sentence.contains("no backup could be made before changing it"),
        "{sentence}"
    );
    let conn = rusqlite::Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    assert_eq!(schema(&conn), 1, "the data is as it was");
}

#[tokio::test]
async fn the_golden_database_of_schema_2_is_kept_as_it_was_and_then_upgraded() {
    let dir = golden(2).await;
    let kept = backup::list(dir.path());
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(verify::backup(&kept[0]).findings, [""; 0]);
    let conn = rusqlite::Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    let rows: i64 = conn
        .query_row("SELECT count(*) FROM audit", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 4, "three accounts and an invite");
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

#[tokio::test]
async fn the_golden_database_of_schema_8_keeps_what_is_personal() {
    let dir = golden(8).await;
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

#[tokio::test]
async fn the_golden_database_of_schema_10_keeps_what_is_pinned() {
    let dir = golden(10).await;
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

#[tokio::test]
async fn the_golden_database_of_schema_11_is_opened_as_it_is() {
    let dir = golden(11).await;
    assert!(backup::list(dir.path()).is_empty());
    assert_eq!(verify::data(dir.path()).findings, [""; 0]);
}

/// Writes the golden database of the present schema. Only ever run once per schema: `cargo test -- --ignored make_golden`.
#[tokio::test]
#[ignore = "makes the golden database of the present schema"]
async fn make_golden() {
    let mut bench = bench::file(Roster::Friends);
    let data = bench.dir.as_ref().unwrap().path().join(DATABASE_FILE);
    let newest = schema(&rusqlite::Connection::open(data).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/v{newest}.db"));
    assert!(!path.exists(), "golden databases are only ever added");
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let cid = bench.person("cid").await;
    bench.ask(cid, "ann").await;
    bench.say(ann, conv, "hello").await;
    bench.say(bob, conv, "你好").await;
    bench
        .mark(ann, conv, (2, 2), breeze_server::store::Audience::All)
        .await;
    let change = PrefsChange {
        pinned: Some(true),
        ..PrefsChange::default()
    };
    let pin = ItemSet {
        mid: mid(),
        conv,
        change,
    };
    bench.store.set_prefs(ann, pin).await.unwrap();
    let text = "see you".to_owned();
    bench.store.set_draft(ann, Draft { conv, text }).await.unwrap();
    let pin = MessagePin {
        mid: mid(),
        conv,
        seq: 1,
        pinned: true,
    };
    bench.store.pin_message(bob, pin, NOW).await.unwrap();
    let group = GroupChange::Create {
        title: "Tea House".into(),
        members: vec![bob],
    };
    let conv = change_group(&bench, ann, group).await.unwrap();
    let month = ConvKeep {
        mid: mid(),
        conv,
        days: 30,
    };
    bench.store.keep(ann, month).await.unwrap();
    let soon = NOW + 1000;
    bench
        .store
        .invite_create(Some(ann), mid(), [3; 32], 1, soon)
        .await
        .unwrap();
    bench.store.close().await;
    std::fs::copy(bench.dir.as_ref().unwrap().path().join(DATABASE_FILE), path).unwrap();
}
