//! Backups: whole or not there, found damaged when they are, made while others write, and thinned out by day.

use super::bench::{self, Bench, NOW, mid};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, BlobHash};
use breeze_server::store::backup::{self, Ask, BackupError};
use breeze_server::store::desk::Desk;
use breeze_server::store::sqlite::check;
use breeze_server::store::sqlite::open::DATABASE_FILE;
use breeze_server::store::{Store, verify};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn ask(data: &Path, to: &Path) -> Ask {
    Ask {
        data: data.to_owned(),
        config: None,
        to: to.to_owned(),
        now_ms: NOW,
    }
}

/// Two friends, a few messages, a picture, a key and a configuration.
async fn furnished() -> (Bench, PathBuf) {
    let mut bench = bench::file(Roster::Friends);
    let data = bench.dir.as_ref().unwrap().path().to_owned();
    let (ann, _, conv) = bench.friends("ann", "bob").await;
    for n in 0..20 {
        bench.say(ann, conv, &format!("message {n}")).await;
    }
    let picture = b"a picture, as far as the store is concerned".to_vec();
    let hash = BlobHash(Sha256::digest(&picture).into());
    bench.store.avatar_put(ann, hash, picture).await.unwrap();
    fs::write(data.join("key.pem"), "the key").unwrap();
    fs::write(data.join("cert.pem"), "the certificate").unwrap();
    fs::write(data.join("breeze-server.toml"), "name = \"Tea House\"\n").unwrap();
    (bench, data)
}

fn only_finding(report: &verify::Report, part: &str) {
    assert!(
        report.findings.iter().any(|finding| finding.contains(part)),
        "{part}: {:?}",
        report.findings
    );
}

#[tokio::test]
async fn a_backup_is_whole_and_every_damage_to_it_is_found() {
    let (bench, data) = furnished().await;
    let to = data.join("backups/one");
    let made = bench.store.backup(ask(&data, &to)).await.unwrap();
    assert_eq!(made.dir, to);
    let report = verify::backup(&to);
    assert_eq!(report.findings, [""; 0]);
    let counted = "2 accounts, 20 messages, 1 pictures";
    assert!(
        report.looked_at.iter().any(|line| line.contains(counted)),
        "{report:?}"
    );
    for name in [DATABASE_FILE, "key.pem", "cert.pem", "breeze-server.toml"] {
        let path = to.join(name);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(&path, damaged).unwrap();
        only_finding(&verify::backup(&to), &format!("{name} is not as it was written"));
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        only_finding(&verify::backup(&to), &format!("{name} is not as it was written"));
        fs::remove_file(&path).unwrap();
        only_finding(&verify::backup(&to), &format!("{name} cannot be read"));
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(verify::backup(&to).findings, [""; 0]);
    fs::remove_file(to.join("MANIFEST")).unwrap();
    only_finding(&verify::backup(&to), "is not a whole backup");
    assert!(backup::list(&data).is_empty());
}

#[tokio::test]
async fn a_backup_is_one_moment_of_a_store_that_goes_on_writing() {
    let (mut bench, data) = furnished().await;
    let rows = bench.store.accounts(AccountId::default(), 100).await.unwrap();
    let (ann, bob) = (rows[0].account, rows[1].account);
    let conv = bench.store.conv_open(ann, mid(), bob, NOW).await.unwrap();
    let store = bench.store.clone();
    let to = data.join("backups/busy");
    let asked = ask(&data, &to);
    let made = tokio::spawn(async move { store.backup(asked).await });
    let mut written = 20;
    while !made.is_finished() {
        bench.say(ann, conv, "meanwhile").await;
        written += 1;
    }
    made.await.unwrap().unwrap();
    assert!(written > 20, "nothing was written meanwhile");
    assert_eq!(verify::backup(&to).findings, [""; 0]);
    let again = bench.store.backup(ask(&data, &to)).await;
    assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");
    let (rows, breaks) = check::audit(&data.join(DATABASE_FILE)).unwrap();
    assert_eq!(rows.last().unwrap().what, "backup made");
    assert!(breaks.is_empty(), "{breaks:?}");
}

#[tokio::test]
async fn a_backup_cut_short_is_none_and_is_not_in_the_way() {
    let (bench, data) = furnished().await;
    let half = data.join("backups/two.incomplete");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join(DATABASE_FILE), "half a database").unwrap();
    assert!(backup::list(&data).is_empty());
    only_finding(&verify::backup(&half), "is not a whole backup");
    let to = data.join("backups/two");
    bench.store.backup(ask(&data, &to)).await.unwrap();
    assert!(!half.exists());
    assert_eq!(backup::list(&data), [to]);
}

#[tokio::test]
async fn damaged_data_is_not_kept_as_a_backup() {
    let (bench, data) = furnished().await;
    bench.store.close().await;
    let conn = rusqlite::Connection::open(data.join(DATABASE_FILE)).unwrap();
    conn.execute("DELETE FROM messages WHERE seq = 7", []).unwrap();
    conn.execute("UPDATE blobs SET bytes = x'00'", []).unwrap();
    drop(conn);
    let report = verify::data(&data);
    only_finding(&report, "Messages of conversation 1 are missing");
    only_finding(&report, "is not what was brought");
    let to = data.join("backups/bad");
    let refused = backup::make(&ask(&data, &to)).unwrap_err();
    assert!(matches!(refused, BackupError::Damaged(_)), "{refused}");
    let left = fs::read_dir(data.join("backups")).unwrap().count();
    assert_eq!(left, 0, "nothing is left behind");
}

#[tokio::test]
async fn an_audit_that_was_changed_is_found() {
    let (bench, data) = furnished().await;
    for name in ["ann", "bob"] {
        for shut in [true, false] {
            bench.store.set_disabled(name.into(), shut).await.unwrap();
        }
    }
    bench.store.close().await;
    let database = data.join(DATABASE_FILE);
    let (rows, breaks) = check::audit(&database).unwrap();
    let told: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.what.as_str(), row.subject.as_str()))
        .collect();
    let wanted = [
        ("account made", "ann"),
        ("account made", "bob"),
        ("account shut", "ann"),
        ("account opened", "ann"),
        ("account shut", "bob"),
        ("account opened", "bob"),
    ];
    assert_eq!(told, wanted);
    assert!(breaks.is_empty(), "{breaks:?}");
    for (harm, part) in [
        (
            "UPDATE audit SET subject = 'cid' WHERE id = 3",
            "Row 3 of the audit was changed",
        ),
        ("DELETE FROM audit WHERE id = 3", "has no row 3"),
        ("DELETE FROM audit WHERE id = 6", "rows were taken off it"),
        ("DELETE FROM audit", "rows were taken off it"),
    ] {
        let conn = rusqlite::Connection::open(&database).unwrap();
        conn.execute_batch("CREATE TABLE kept AS SELECT * FROM audit")
            .unwrap();
        conn.execute_batch(harm).unwrap();
        let (_, breaks) = check::audit(&database).unwrap();
        assert!(breaks.iter().any(|it| it.contains(part)), "{harm}: {breaks:?}");
        only_finding(&verify::data(&data), part);
        conn.execute_batch("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept")
            .unwrap();
        assert!(check::audit(&database).unwrap().1.is_empty());
    }
}

#[tokio::test]
async fn only_daily_backups_are_thinned_out() {
    let (bench, data) = furnished().await;
    let folder = backup::folder(&data);
    for name in ["by-hand", "daily-1", "daily-2", "daily-2027", "before-schema-2-x"] {
        bench.store.backup(ask(&data, &folder.join(name))).await.unwrap();
    }
    backup::thin(&data, NOW, 2).unwrap();
    assert_eq!(
        names(&data),
        ["before-schema-2-x", "by-hand", "daily-2", "daily-2027"]
    );
}

fn names(data: &Path) -> Vec<String> {
    let name = |it: &PathBuf| it.file_name().unwrap().to_string_lossy().into_owned();
    backup::list(data).iter().map(name).collect()
}

#[tokio::test]
async fn a_clock_that_was_ahead_makes_one_daily_backup_too_many_and_costs_none() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    let (bench, data) = furnished().await;
    let keep = 3;
    let made = async |now_ms: u64| {
        let due = backup::is_due(&data, now_ms, DAY);
        if due {
            let to = backup::folder(&data).join(backup::daily_name(now_ms));
            bench.store.backup(ask(&data, &to)).await.unwrap();
            backup::thin(&data, now_ms, keep).unwrap();
        }
        due
    };
    for day in 0..4 {
        assert!(made(NOW + day * DAY_MS).await);
        assert!(!made(NOW + day * DAY_MS + DAY_MS / 2).await);
    }
    let ahead_ms = NOW + 3650 * DAY_MS;
    assert!(made(ahead_ms).await);
    assert!(!made(ahead_ms + 60_000).await);
    let right_ms = NOW + 4 * DAY_MS;
    assert!(
        made(right_ms).await,
        "one from the future is no reason to make none"
    );
    assert!(!made(right_ms + 60_000).await, "nor one each minute");
    let kept = [3, 4].map(|day| backup::daily_name(NOW + day * DAY_MS));
    assert!(
        kept.iter().all(|name| names(&data).contains(name)),
        "{:?}",
        names(&data)
    );
    assert!(made(NOW + 5 * DAY_MS).await);
    let kept = [3, 4, 5].map(|day| backup::daily_name(NOW + day * DAY_MS));
    assert_eq!(names(&data), kept, "the one from the future was the oldest");
}
