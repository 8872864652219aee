//! Opening the database: schema, identity, and the sentence for each thing that can be wrong with it.

use super::super::data_dir::{DataDir, write_anew};
use super::super::reserve::Reserve;
use super::super::uploads::FileLimits;
use super::super::{Identity, Reached, backup};
use super::contacts;
use super::lived::Lived;
use super::sums;
use super::tx::{Fail, Tx, exists, put, take};
use crate::fault::Fault;
use crate::{secret, stamp};
use breeze_protocol::message::hello::Roster;
use breeze_protocol::{Epoch, ServerId};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Name of the database in the data directory.
pub const DATABASE_FILE: &str = "breeze.db";
/// Page cache of the writer, KiB: the hot ends of its trees.
const CACHE_KIB: i64 = 4096;
/// First answers are kept this long by the store's own time: no app asks again after it.
pub(super) const MIDS_KEPT_MS: u64 = 90 * 24 * 60 * 60 * 1000;
/// An outage the clock cannot tell, because it stands before the last sign of life: as long as can be.
const OUTAGE_UNKNOWN_MS: u64 = u64::MAX;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Where the data is.
#[derive(Debug)]
pub enum Place {
    /// In a directory this process holds.
    Dir(DataDir),
    /// Nowhere: gone when closed. For tests.
    Memory,
}

/// How to open a store.
#[derive(Debug)]
pub struct OpenStore {
    /// Where.
    pub place: Place,
    /// Who is on whose list.
    pub roster: Roster,
    /// What is allowed of files.
    pub limits: FileLimits,
    /// The promise to break; `Fault::None` in the shipped program.
    pub fault: Fault,
    /// The server's wall clock, milliseconds.
    pub now_ms: u64,
    /// Whether a server starts (a new boot number), or a subcommand only looks in.
    pub start: bool,
    /// Most pages the database may have: a full disk, for tests.
    pub pages_max: Option<u32>,
    /// Whether whoever asks stands still until it is answered, so that no time passes meanwhile: for worlds with a
    /// pretend clock, which runs on as soon as nobody works.
    pub stands_still: bool,
    /// By how much the store's own time is ahead of what it has lived, milliseconds: a test adds to it, and time has passed.
    pub ahead_ms: Arc<AtomicU64>,
}

impl OpenStore {
    /// A server's own start.
    #[must_use]
    pub fn new(place: Place, roster: Roster, now_ms: u64) -> Self {
        Self {
            place,
            roster,
            limits: FileLimits::default(),
            fault: Fault::None,
            now_ms,
            start: true,
            pages_max: None,
            stands_still: false,
            ahead_ms: Arc::default(),
        }
    }
}

/// Why a store cannot be opened; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Made by a newer program.
    #[error(
        "{path} was written by a newer breeze-server (schema {found}, this one knows {known}): \
         start the newer version, or restore a backup made with this one"
    )]
    Newer {
        /// The database.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// Not a database, or damaged.
    #[error(
        "{path} is damaged or no database of breeze-server ({detail}): restore a backup, or move it away"
    )]
    Damaged {
        /// The database.
        path: String,
        /// What SQLite says.
        detail: String,
    },
    /// The data could not be kept as it was before a migration.
    #[error(
        "{path} was written by an older breeze-server, and no backup could be made before changing it ({detail}): \
         make room on the disk, then start again"
    )]
    Unsaved {
        /// The data directory.
        path: String,
        /// Why.
        detail: String,
    },
    /// Cannot be written.
    #[error("{path} cannot be used ({detail}): check its rights and the free space of the disk")]
    Unusable {
        /// The database.
        path: String,
        /// What SQLite says.
        detail: String,
    },
}

/// An open database, ready for the writer.
pub(super) struct Opened {
    pub(super) conn: Connection,
    pub(super) identity: Identity,
    /// By which things age.
    pub(super) lived: Lived,
    /// The database's file; `None` in memory.
    pub(super) path: Option<PathBuf>,
    /// What is let go when the disk is full; for a server that starts.
    pub(super) reserve: Option<Reserve>,
    /// Keeps the directory ours.
    pub(super) dir: Option<DataDir>,
}

/// Opens the database, brings its schema up to date and reads its identity.
pub(super) fn open(options: OpenStore) -> Result<Opened, OpenError> {
    let (path, dir) = match options.place {
        Place::Dir(dir) => (Some(dir.path().join(DATABASE_FILE)), Some(dir)),
        Place::Memory => (None, None),
    };
    let name = path
        .as_ref()
        .map_or_else(|| ":memory:".to_owned(), |path| path.display().to_string());
    let explain = |error: rusqlite::Error| explained(&name, &error);
    if let Some(database) = &path
        && options.fault != Fault::StartsUnsettled
    {
        renew_log(database).map_err(|error| OpenError::Unusable {
            path: name.clone(),
            detail: error.to_string(),
        })?;
    }
    let mut conn = connect(path.as_deref()).map_err(explain)?;
    if let (Some(dir), Some(found)) = (&dir, old_schema(&conn).map_err(explain)?) {
        keep_before_migrating(dir.path(), found, options.now_ms)?;
    }
    migrate(&mut conn, &name)?;
    sums::fill(&mut conn).map_err(explain)?;
    if let Some(pages) = options.pages_max {
        conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .map_err(explain)?;
    }
    if options.fault == Fault::SyncLater {
        conn.pragma_update(None, "synchronous", "NORMAL")
            .map_err(explain)?;
    }
    if options.fault == Fault::DedupeOff {
        let weaken = "DROP INDEX messages_mid; CREATE INDEX messages_mid ON messages (sender, mid)";
        conn.execute_batch(weaken).map_err(explain)?;
    }
    let start = Start {
        at_ms: options.now_ms,
        counts: options.start,
        roster: options.roster,
        fault: options.fault,
    };
    let (identity, lived) = identify(&mut conn, &start).map_err(explain)?;
    let reserve = dir
        .as_ref()
        .filter(|_| options.start)
        .map(|dir| Reserve::new(dir.path()));
    Ok(Opened {
        conn,
        identity,
        lived,
        path,
        reserve,
        dir,
    })
}

/// Opens a connection that may write.
pub(super) fn connect(path: Option<&Path>) -> rusqlite::Result<Connection> {
    let conn = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten in the file, not only forgotten.
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(conn)
}

/// Writes the log over itself and syncs it. After a failed sync it may be whole in the system's memory only: those pages
/// count as written, no later sync tries them again, and in a power cut everything behind them would be lost with them.
/// Bytes that are written anew are sure to be kept, and where they were on the disk already nothing changes.
fn renew_log(database: &Path) -> std::io::Result<()> {
    write_anew(&PathBuf::from(format!("{}-wal", database.display())))
}

/// The schema of a database that is older than this program; `None` for a new one and for one that is up to date. The
/// table of schemas comes before the first of them: a new one whose first start was cut short may have it empty.
fn old_schema(conn: &Connection) -> rusqlite::Result<Option<i64>> {
    if !exists(
        conn,
        "SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history'",
        [],
    )? {
        return Ok(None);
    }
    let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    let found: i64 = conn.query_row(sql, [], |row| row.get(0))?;
    Ok((0 < found && found < newest_schema()).then_some(found))
}

/// A migration cannot be taken back, so the data as it was is kept beside it.
fn keep_before_migrating(data: &Path, found: i64, now_ms: u64) -> Result<(), OpenError> {
    let to = backup::folder(data).join(format!(
        "before-schema-{}-{}",
        newest_schema(),
        stamp::name(now_ms)
    ));
    let ask = backup::Ask {
        data: data.to_owned(),
        config: None,
        to,
        now_ms,
    };
    match backup::make(&ask) {
        Ok(made) => {
            tracing::info!(
                from = found,
                "kept the data as it was before migrating: {}",
                made.dir.display()
            );
            Ok(())
        }
        Err(error) => Err(OpenError::Unsaved {
            path: data.display().to_string(),
            detail: error.to_string(),
        }),
    }
}

/// The schema this program writes.
fn newest_schema() -> i64 {
    let runner = embedded::migrations::runner();
    let versions = runner.get_migrations().iter().map(|it| i64::from(it.version()));
    versions.max().unwrap_or(0)
}

/// Brings the schema up to date.
pub(super) fn migrate(conn: &mut Connection, name: &str) -> Result<(), OpenError> {
    let runner = embedded::migrations::runner();
    let known = newest_schema();
    let explain = |error: rusqlite::Error| explained(name, &error);
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    if conn
        .prepare(sql)
        .and_then(|mut it| it.exists([]))
        .map_err(explain)?
    {
        let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
        let found: i64 = conn.query_row(sql, [], |row| row.get(0)).map_err(explain)?;
        if found > known {
            return Err(OpenError::Newer {
                path: name.to_owned(),
                found,
                known,
            });
        }
        if found == known {
            return Ok(());
        }
    }
    let detail = |error: refinery::Error| OpenError::Unusable {
        path: name.to_owned(),
        detail: error.to_string(),
    };
    runner.set_grouped(true).run(conn).map(drop).map_err(detail)
}

/// What an error of the database means to the operator.
pub(super) fn explained(path: &str, error: &rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode as Code;
    let (path, detail) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => OpenError::Damaged { path, detail },
        Some(_) => OpenError::Unusable { path, detail },
        None => OpenError::Damaged { path, detail },
    }
}

/// A start of the server, or of a subcommand that only looks in.
struct Start {
    /// The wall clock, milliseconds.
    at_ms: u64,
    /// Whether it is a server's.
    counts: bool,
    roster: Roster,
    fault: Fault,
}

/// Reads who this data is and how old, and notes this start before anybody can connect.
fn identify(conn: &mut Connection, start: &Start) -> rusqlite::Result<(Identity, Lived)> {
    let at_ms = start.at_ms;
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mint = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
    for key in ["server_id", "epoch"] {
        tx.execute(mint, params![key, secret::random_id()])?;
    }
    for key in ["boot", "counter"] {
        tx.execute(mint, params![key, 0])?;
    }
    let number = |key: &str| tx.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| take(row, 0));
    let id = |key: &str| {
        tx.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| {
            row.get::<_, [u8; 16]>(0)
        })
    };
    let boot = number("boot")? + u64::from(start.counts);
    let alive_ms = number("alive_ms").optional()?;
    let lived = Lived::at_start(number("lived_ms").optional()?, alive_ms, at_ms);
    let outage_ms = alive_ms.map(|alive| at_ms.checked_sub(alive).unwrap_or(OUTAGE_UNKNOWN_MS));
    let mut head = number("counter")?;
    let (server_id, epoch) = (ServerId(id("server_id")?), Epoch(id("epoch")?));
    if start.counts {
        tx.execute("UPDATE meta SET value = ?1 WHERE key = 'boot'", [put(boot)])?;
        note_alive(&tx, at_ms, lived.now_ms())?;
        let clock_ms = if start.fault == Fault::WallForgets {
            at_ms
        } else {
            lived.now_ms()
        };
        tx.execute(
            "DELETE FROM mids WHERE ts < ?1",
            [put(clock_ms.saturating_sub(MIDS_KEPT_MS))],
        )?;
        if start.roster == Roster::Everyone {
            head = befriend_all(&tx, head, start, lived.now_ms())?;
        }
    }
    tx.commit()?;
    let identity = Identity {
        server_id,
        epoch,
        boot,
        head,
        outage_ms,
    };
    Ok((identity, lived))
}

/// How far the data has come.
pub(super) fn reached(conn: &Connection) -> rusqlite::Result<Reached> {
    let sql =
        "SELECT (SELECT value FROM meta WHERE key = 'boot'), (SELECT value FROM meta WHERE key = 'counter')";
    conn.prepare_cached(sql)?.query_row([], |row| {
        Ok(Reached {
            boot: take(row, 0)?,
            head: take(row, 1)?,
        })
    })
}

/// Notes that the server is alive, and how far the store's own time has come.
pub(super) fn note_alive(conn: &Connection, at_ms: u64, lived_ms: u64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES ('alive_ms', ?1), ('lived_ms', ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([put(at_ms), put(lived_ms)])
    .map(drop)
}

fn befriend_all(conn: &Connection, head: u64, start: &Start, lived_ms: u64) -> rusqlite::Result<u64> {
    let changes = Vec::new();
    let mut tx = Tx {
        conn,
        head,
        changes,
        roster: start.roster,
        fault: Fault::None,
        limits: FileLimits::default(),
        now_ms: start.at_ms,
        lived_ms,
    };
    match contacts::everyone_befriends(&mut tx) {
        Ok(()) => {}
        Err(Fail::Sql(error)) => return Err(error),
        Err(Fail::Nack(_)) => unreachable!("befriending is never refused"),
    }
    conn.execute("UPDATE meta SET value = ?1 WHERE key = 'counter'", [put(tx.head)])?;
    Ok(tx.head)
}
