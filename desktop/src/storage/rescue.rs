//! A damaged database: put aside under a new name, never deleted; a new one takes its place with what can still be read of
//! what is nowhere else (accounts, settings, outbox, drafts). The rest comes back from the server.

use super::folder::Folder;
use crate::model::event::Rescued;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::path::{Path, PathBuf};

/// What is carried over, row by row, as far as it can be read.
const TABLES: [&str; 7] = [
    "accounts",
    "meta",
    "outbox",
    "drafts",
    "reads",
    "displaced",
    "prefs",
];
/// What stands beside a database and belongs to it.
const ENDS: [&str; 3] = ["", "-wal", "-shm"];

/// Whether an error says that the database is damaged.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// Notes that the database turned out to be damaged while it was open: the next start looks after it.
pub(super) fn note(connection: &Connection) {
    let Some(path) = connection.path().filter(|path| !path.is_empty()) else {
        return;
    };
    if let Err(error) = std::fs::write(noted(Path::new(path)), b"") {
        tracing::warn!(%error, "it could not be noted that the data is damaged");
    }
}

/// Whether that was noted.
pub(super) fn is_noted(folder: &Folder) -> bool {
    noted(&folder.database()).exists()
}

fn noted(database: &Path) -> PathBuf {
    beside(database, ".damaged")
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Puts the database aside. Where it is now.
///
/// # Errors
/// What the system says; nothing has been lost.
pub(super) fn put_aside(folder: &Folder) -> std::io::Result<PathBuf> {
    let database = folder.database();
    let name = |number: u32| folder.path().join(format!("damaged-{number}.db"));
    let free = (1..).map(name).find(|path| !path.exists());
    let aside = free.expect("there are more numbers than files");
    for end in ENDS {
        let from = beside(&database, end);
        if from.exists() {
            std::fs::rename(from, beside(&aside, end))?;
        }
    }
    if is_noted(folder) {
        std::fs::remove_file(noted(&database))?;
    }
    Ok(aside)
}

/// Carries over what can be read of the damaged database into a new one.
pub(super) fn carry_over(aside: &Path, new: &Connection) -> rusqlite::Result<Rescued> {
    let mut rescued = Rescued {
        aside: aside.display().to_string(),
        ..Rescued::default()
    };
    if let Ok(old) = Connection::open(aside) {
        for table in TABLES {
            let count = carry_table(&old, new, table);
            match table {
                "accounts" => rescued.account = count > 0,
                "outbox" => rescued.messages = count,
                "drafts" => rescued.drafts = count,
                _ => {}
            }
        }
    }
    // The server is asked for everything.
    new.execute("UPDATE accounts SET cursor = 0", [])?;
    new.execute("DELETE FROM meta WHERE key = 'terms'", [])?;
    Ok(rescued)
}

/// Carries rows over until one cannot be read. How many came.
fn carry_table(old: &Connection, new: &Connection, table: &str) -> u64 {
    let mut carried = 0;
    let mut carry = || -> rusqlite::Result<()> {
        let mut statement = old.prepare(&format!("SELECT * FROM {table}"))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let sql = format!(
            "INSERT OR IGNORE INTO {table} ({}) VALUES ({places})",
            columns.join(", ")
        );
        let mut insert = new.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values: rusqlite::Result<Vec<Value>> = (0..columns.len()).map(|at| row.get(at)).collect();
            carried += insert.execute(params_from_iter(values?))? as u64;
        }
        Ok(())
    };
    if let Err(error) = carry() {
        tracing::warn!(%error, table, "not everything could be read");
    }
    carried
}
