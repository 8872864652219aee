//! F16: a migration from every golden database, cut short at each page it writes, as a kill or a power cut leaves it: the next
//! start completes it, and nothing is lost.

use super::bench::{self, NOW};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{AccountId, ConvId};
use breeze_server::store::desk::Desk;
use breeze_server::store::sqlite::open::{DATABASE_FILE, OpenStore};
use breeze_server::store::{Store, verify};
use std::path::{Path, PathBuf};

/// What stands before the pages of a write-ahead log, and before each of them, bytes (SQLite's file format, section 4).
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

fn golden() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut all: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|it| it == "db"))
        .collect();
    all.sort();
    all
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join(format!("{DATABASE_FILE}-wal"))
}

/// The write-ahead log of a whole migration of this database, and how long one of its frames is. Empty: there is nothing to
/// migrate.
fn migrated(golden: &Path) -> (Vec<u8>, usize) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(golden, dir.path().join(DATABASE_FILE)).unwrap();
    let looks_in = OpenStore {
        start: false,
        ..bench::options(dir.path(), Roster::Friends)
    };
    let bench = bench::open(looks_in);
    // Before it is closed: the log is emptied then.
    let log = std::fs::read(log_of(dir.path())).unwrap();
    drop(bench);
    let page = log
        .get(8..12)
        .map_or(0, |bytes| u32::from_be_bytes(bytes.try_into().unwrap()));
    (log, FRAME_HEAD + page as usize)
}

/// Everything somebody has, in words.
async fn all(bench: &bench::Bench) -> Vec<String> {
    let mut found = Vec::new();
    for row in bench.store.accounts(AccountId(0), 100).await.unwrap() {
        found.push(format!("{} {}", row.account, row.username));
        let items = bench.items(row.account).await;
        found.extend(items.iter().map(|item| format!("{item:?}")));
        for conv in 1..5 {
            let page = bench
                .store
                .history(row.account, ConvId(conv), 0, 0, 200)
                .await
                .unwrap();
            found.push(format!("{page:?}"));
        }
    }
    found
}

#[tokio::test]
async fn f16_a_migration_cut_short_at_any_page_is_completed_by_the_next_start() {
    let mut cuts = 0;
    for golden in golden() {
        let (log, frame) = migrated(&golden);
        if log.is_empty() {
            continue;
        }
        let mut wanted: Option<Vec<String>> = None;
        // From the whole log down to none of it; between two frames, and in the middle of one.
        let frames = (log.len() - LOG_HEAD) / frame;
        let ends = (0..=frames)
            .rev()
            .flat_map(|n| [LOG_HEAD + n * frame, LOG_HEAD + n * frame + frame / 2]);
        for end in ends.filter(|end| *end <= log.len()).chain([0]) {
            let dir = tempfile::tempdir().unwrap();
            std::fs::copy(&golden, dir.path().join(DATABASE_FILE)).unwrap();
            std::fs::write(log_of(dir.path()), &log[..end]).unwrap();
            let bench = bench::open(OpenStore {
                now_ms: NOW + 1,
                ..bench::options(dir.path(), Roster::Friends)
            });
            let found = all(&bench).await;
            let wanted = wanted.get_or_insert_with(|| found.clone());
            assert_eq!(
                &found,
                wanted,
                "{} cut at byte {end} of {}",
                golden.display(),
                log.len()
            );
            bench.store.close().await;
            drop(bench);
            assert_eq!(
                verify::data(dir.path()).findings,
                [""; 0],
                "{} at {end}",
                golden.display()
            );
            cuts += 1;
        }
        assert!(wanted.is_some_and(|all| all.iter().any(|it| it.contains("hello"))));
    }
    println!("{cuts} cuts");
    assert!(
        cuts > 60,
        "only {cuts} places to cut at: the migrations wrote next to nothing"
    );
}
