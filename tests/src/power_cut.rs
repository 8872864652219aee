//! Power cuts without a plug to pull: what a traced server wrote and synced, call by call, gives every state its disk may
//! be in at any moment; each is opened, looked through, and held against what had been promised by then.

mod calls;
mod disk;
mod record;

use crate::load::Acked;
use crate::world::Chance;
use breeze_protocol::message::hello::Roster;
use breeze_server::store::data_dir::DataDir;
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::{OpenStore, Place};
use breeze_server::store::{Store, verify};
pub use disk::{Met, image};
use record::Change;
pub use record::Record;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Lines behind the emptying of a log in which the power is cut: until the next commit it is not confirmed.
const AFTER_EMPTYING: u64 = 40;

/// Where to cut: anywhere, in the middle of a checkpoint, or when a log has just been emptied.
pub struct Cuts {
    lines: usize,
    first: usize,
    checkpoints: Vec<usize>,
    emptyings: Vec<usize>,
}

impl Cuts {
    /// The moments of a record, most of them from a line on.
    #[must_use]
    pub fn of(record: &Record, first: usize) -> Self {
        let later = |lines: Vec<usize>| lines.into_iter().filter(|it| *it >= first).collect();
        Self {
            lines: record.lines(),
            first,
            checkpoints: later(record.behind(disk::DATABASE, |_| true)),
            emptyings: later(record.behind(disk::LOG, |it| matches!(it, Change::Length(_)))),
        }
    }

    /// The line before which the power goes.
    pub fn next(&self, chance: &mut Chance) -> usize {
        let pick = |lines: &[usize], chance: &mut Chance| {
            let count = lines.len() as u64;
            (count > 0).then(|| lines[index(chance.below(count))])
        };
        let line = match chance.below(8) {
            0 | 1 => pick(&self.checkpoints, chance),
            2 | 3 => pick(&self.emptyings, chance).map(|line| line + index(chance.below(AFTER_EMPTYING))),
            4 => Some(index(chance.below(self.lines as u64))),
            _ => None,
        };
        let later = self.first + index(chance.below((self.lines - self.first) as u64));
        line.unwrap_or(later).min(self.lines - 1)
    }
}

fn index(at: u64) -> usize {
    usize::try_from(at).expect("a record fits in memory")
}

/// The first line behind a moment.
#[must_use]
pub fn line_at(record: &Record, moment: SystemTime) -> usize {
    let lines = 0..record.lines();
    lines
        .clone()
        .find(|line| record.time(*line) > moment)
        .unwrap_or(lines.end)
}

/// What had been promised before the line was written, after which the power was gone.
#[must_use]
pub fn owed<'a>(acked: &'a [Acked], record: &Record, cut: usize) -> Vec<&'a Acked> {
    let end = record.time(cut);
    acked.iter().filter(|it| it.heard < end).collect()
}

/// Opens the data as a start does, looks through it, and finds what is owed; a sentence for each thing that is wrong.
pub async fn look(data: &Path, owed: &[&Acked]) -> Vec<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let dir = match DataDir::open(data) {
        Ok(dir) => dir,
        Err(error) => return vec![error.to_string()],
    };
    match SqliteStore::open(OpenStore::new(Place::Dir(dir), Roster::Friends, now_ms)) {
        Ok((store, _commits)) => store.close().await,
        Err(error) => return vec![error.to_string()],
    }
    let mut wrong = verify::data(data).findings;
    let counted = Connection::open(data.join(disk::DATABASE))
        .and_then(|conn| Ok((missing(&conn, owed)?, twice(&conn)?)));
    match counted {
        Ok((0, 0)) => {}
        Ok((lost, twice)) => wrong.push(format!(
            "{lost} of {} acknowledged messages are lost, {twice} are there twice",
            owed.len()
        )),
        Err(error) => wrong.push(error.to_string()),
    }
    wrong
}

/// How many messages are there twice.
fn twice(conn: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM messages GROUP BY sender, mid HAVING count(*) > 1)";
    conn.query_row(sql, [], |row| row.get(0))
}

/// How many owed messages are not where they were promised to be.
fn missing(conn: &Connection, owed: &[&Acked]) -> rusqlite::Result<usize> {
    let mut find = conn.prepare("SELECT 1 FROM messages WHERE conv = ?1 AND seq = ?2 AND mid = ?3")?;
    let mut lost = 0;
    for acked in owed {
        let it = &acked.sent;
        let key = (it.conv.0.cast_signed(), it.seq.cast_signed(), it.mid.0);
        let found = find.query_row(key, |row| row.get::<_, i64>(0)).optional()?;
        lost += usize::from(found.is_none());
    }
    Ok(lost)
}
