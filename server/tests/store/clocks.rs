//! Wall clocks that were wrong: nothing is forgotten, aged or taken away by one.

use super::bench::{self, Bench, NOW, mid, profile};
use breeze_protocol::limit::UPLOAD_KEPT_MS;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, BlobHash, Mid, TransferId};
use breeze_server::fault::Fault;
use breeze_server::store::sqlite::open::{DATABASE_FILE, OpenStore};
use breeze_server::store::uploads::{FileStore, Wish};
use breeze_server::store::{Audience, Refusal, Store};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const YEARS_MS: u64 = 3653 * DAY_MS;

/// The next start, at this time of the wall clock.
pub(crate) async fn again(bench: Bench, at_ms: u64) -> Bench {
    again_broken(bench, at_ms, Fault::None).await
}

async fn again_broken(mut bench: Bench, at_ms: u64, fault: Fault) -> Bench {
    bench.store.close().await;
    let dir = bench.dir.take().unwrap();
    drop(bench);
    reopened(dir, at_ms, fault)
}

fn reopened(dir: tempfile::TempDir, now_ms: u64, fault: Fault) -> Bench {
    let options = OpenStore {
        now_ms,
        fault,
        ..bench::options(dir.path(), Roster::Friends)
    };
    Bench {
        dir: Some(dir),
        ..bench::open(options)
    }
}

/// Whether the store still knows what it was asked under this mid: another wish under it is refused then.
async fn remembers(bench: &Bench, account: AccountId, mid: Mid) -> bool {
    let other = bench
        .store
        .profile_set(mid, profile(account, "Other"), Audience::All);
    match other.await {
        Err(Refusal::Nack(NackCode::MidReused)) => true,
        Ok(()) => false,
        other => panic!("{other:?}"),
    }
}

/// Somebody who asked for something once.
async fn asked() -> (Bench, AccountId, Mid) {
    let mut bench = bench::file(Roster::Friends);
    let (ann, once) = (bench.person("ann").await, mid());
    bench
        .store
        .profile_set(once, profile(ann, "Ann"), Audience::All)
        .await
        .unwrap();
    (bench, ann, once)
}

#[tokio::test]
async fn a_start_with_a_clock_far_ahead_or_behind_forgets_no_answer() {
    let (mut bench, ann, once) = asked().await;
    for at_ms in [
        NOW + YEARS_MS,
        NOW + YEARS_MS + HOUR_MS,
        NOW - YEARS_MS,
        NOW,
        NOW + DAY_MS,
    ] {
        bench = again(bench, at_ms).await;
        assert!(remembers(&bench, ann, once).await, "a start at {at_ms}");
        // What is asked while the clock is wrong is as good as anything.
        let now = mid();
        bench
            .store
            .profile_set(now, profile(ann, "Ann again"), Audience::All)
            .await
            .unwrap();
        bench = again(bench, NOW).await;
        assert!(remembers(&bench, ann, now).await, "asked at {at_ms}");
    }
}

#[tokio::test]
async fn answers_forgotten_by_the_wall_clock_would_be_noticed() {
    let (bench, ann, once) = asked().await;
    let bench = again_broken(bench, NOW + YEARS_MS, Fault::WallForgets).await;
    assert!(!remembers(&bench, ann, once).await);
}

#[tokio::test]
async fn after_ninety_days_of_its_own_the_store_forgets_answers() {
    let (bench, ann, once) = asked().await;
    let bench = live_on(bench, 89 * DAY_MS).await;
    assert!(remembers(&bench, ann, once).await);
    let bench = live_on(bench, 2 * DAY_MS).await;
    assert!(!remembers(&bench, ann, once).await);
}

#[tokio::test]
async fn a_store_that_runs_on_for_ninety_days_forgets_answers_a_few_at_a_time() {
    let (bench, ann, once) = asked().await;
    let path = bench.dir.as_ref().unwrap().path().join(DATABASE_FILE);
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.execute(
        "WITH RECURSIVE more (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM more WHERE n < 1200)
         INSERT INTO mids SELECT m.account, randomblob(16), m.kind, m.request, m.answer, m.ts FROM mids m, more",
        [],
    )
    .unwrap();
    bench.days_pass(89, 0).await;
    assert!(remembers(&bench, ann, once).await);
    let recent = mid();
    let wish = profile(ann, "Ann again");
    bench
        .store
        .profile_set(recent, wish, Audience::All)
        .await
        .unwrap();
    bench.days_pass(2, 0).await;
    assert!(!remembers(&bench, ann, once).await);
    assert!(remembers(&bench, ann, recent).await);
    let left: i64 = conn
        .query_row("SELECT count(*) FROM mids", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2, "the recent one, and the one just asked");
}

/// Lets the store's own time pass, as a server that runs for so long would.
async fn live_on(mut bench: Bench, ms: u64) -> Bench {
    bench.store.close().await;
    let dir = bench.dir.take().unwrap();
    drop(bench);
    let conn = rusqlite::Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    let changed = conn
        .execute(
            "UPDATE meta SET value = value + ?1 WHERE key = 'lived_ms'",
            [ms.cast_signed()],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(conn);
    reopened(dir, NOW, Fault::None)
}

#[tokio::test]
async fn a_clock_far_ahead_takes_no_upload_away() {
    let mut bench = bench::file(Roster::Friends);
    let (account, transfer) = (bench.person("ann").await, TransferId([1; 16]));
    let wish = Wish {
        account,
        transfer,
        size: 10,
        hash: BlobHash([1; 32]),
    };
    bench.store.upload_begin(wish).await.unwrap().unwrap();
    for at_ms in [NOW + YEARS_MS, NOW - YEARS_MS] {
        bench = again(bench, at_ms).await;
        bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap();
        let known = bench.store.upload_known(account, transfer).await.unwrap();
        assert!(known.is_some(), "a start at {at_ms}");
    }
    bench = live_on(bench, DAY_MS).await;
    bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap();
    let known = bench.store.upload_known(account, transfer).await.unwrap();
    assert!(known.is_none(), "a day is over");
}

#[tokio::test]
async fn an_outage_the_clock_cannot_tell_is_as_long_as_can_be() {
    let mut bench = bench::file(Roster::Friends);
    for (at_ms, outage_ms) in [
        (NOW + 7000, 7000),
        (NOW + 6999, u64::MAX),
        (NOW + 6999 - HOUR_MS, u64::MAX),
        (NOW + YEARS_MS, YEARS_MS + HOUR_MS - 6999),
    ] {
        bench = again(bench, at_ms).await;
        assert_eq!(
            bench.store.identity().outage_ms,
            Some(outage_ms),
            "a start at {at_ms}"
        );
    }
}

#[tokio::test]
async fn last_seen_is_noted_again_once_a_clock_that_was_ahead_is_set_right() {
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        for seen_ms in [NOW, NOW + YEARS_MS, NOW + 60_000] {
            bench.store.last_seen(vec![(ann, seen_ms)]).await.unwrap();
            let rows = bench.store.boot_rows().await.unwrap();
            assert_eq!(rows[0].last_seen_ms, seen_ms);
        }
    }
}

#[tokio::test]
async fn an_invite_that_is_over_by_a_wrong_clock_is_good_again_by_the_right_one() {
    // The writer's clock is the system's: far ahead of this one's, at which the first invite is good.
    const THEN: u64 = 1_000_000;
    for mut bench in bench::both() {
        let ann = bench.person("ann").await;
        let store = bench.store.clone();
        let make = async |code: u8, expires_ms| {
            store
                .invite_create(Some(ann), mid(), [code; 32], 1, expires_ms)
                .await
                .unwrap()
        };
        make(1, THEN + HOUR_MS).await;
        make(2, NOW + YEARS_MS).await;
        assert!(store.invite_valid([1; 32], THEN).await.unwrap(), "still kept");
        assert!(
            !store.invite_valid([1; 32], THEN + HOUR_MS).await.unwrap(),
            "and over all the same"
        );
        // Of those that are over only so many are kept, and they count for nothing.
        for code in 3..=110 {
            make(code, THEN + HOUR_MS).await;
        }
        assert!(!store.invite_valid([1; 32], THEN).await.unwrap());
        assert!(store.invite_valid([110; 32], THEN).await.unwrap());
        assert!(store.invite_valid([2; 32], NOW).await.unwrap());
    }
}
