//! A checksum beside each entry: what a disk or a memory has changed since it was written is noticed when it is read, and
//! not sent. CRC-32 finds every change of up to 32 bits in a row, and all but one in four thousand million of the others.

use super::tx::{exists, put};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Row, params};

/// The columns a checksum covers, in its order.
pub(super) const COLUMNS: &str = "num, conv, seq, n, kind, sender, mid, ts, body, target";
const COUNT: usize = 10;
/// Entries summed in one transaction at the first start.
const FILL_ROWS: i64 = 5000;

/// An entry that is not what was written.
#[derive(Debug, thiserror::Error)]
#[error("an entry is not what was written: run `breeze-server verify`, and restore a backup")]
pub(super) struct Damaged;

/// The checksum of these values. A number and a text of the same bytes differ.
pub(super) fn of<'a>(values: impl IntoIterator<Item = ValueRef<'a>>) -> i64 {
    let mut sum = crc32fast::Hasher::new();
    for value in values {
        match value {
            ValueRef::Null => sum.update(&[0]),
            ValueRef::Integer(number) => {
                sum.update(&[1]);
                sum.update(&number.to_be_bytes());
            }
            ValueRef::Real(number) => {
                sum.update(&[2]);
                sum.update(&number.to_be_bytes());
            }
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                sum.update(&[3]);
                sum.update(&bytes.len().to_be_bytes());
                sum.update(bytes);
            }
        }
    }
    i64::from(sum.finalize())
}

/// The checksum of a row that begins with the columns.
fn of_row(row: &Row<'_>) -> rusqlite::Result<i64> {
    let values: [ValueRef<'_>; COUNT] = [
        row.get_ref(0)?,
        row.get_ref(1)?,
        row.get_ref(2)?,
        row.get_ref(3)?,
        row.get_ref(4)?,
        row.get_ref(5)?,
        row.get_ref(6)?,
        row.get_ref(7)?,
        row.get_ref(8)?,
        row.get_ref(9)?,
    ];
    Ok(of(values))
}

/// Holds a row that begins with these columns against the checksum that follows them.
pub(super) fn check(row: &Row<'_>) -> rusqlite::Result<()> {
    let kept = row.get_ref(COUNT)?;
    if kept == ValueRef::Integer(of_row(row)?) {
        return Ok(());
    }
    Err(damaged())
}

/// What reading such an entry ends with.
fn damaged() -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(COUNT, Type::Integer, Box::new(Damaged))
}

/// Whether this is it.
fn is_damaged(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, why) => why.is::<Damaged>(),
        _ => false,
    }
}

/// An entry that was read; `None` for one that is damaged: it is passed over like one that is gone, and the log says so.
pub(super) fn whole<T>(read: rusqlite::Result<T>, (conv, seq): (u64, u64)) -> rusqlite::Result<Option<T>> {
    match read {
        Ok(entry) => Ok(Some(entry)),
        Err(error) if is_damaged(&error) => {
            tracing::error!(conv, seq, "{Damaged}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Sums an entry anew after it was changed on purpose.
pub(super) fn renew(conn: &Connection, conv: u64, seq: u64) -> rusqlite::Result<()> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE conv = ?1 AND seq = ?2");
    let sum = conn
        .prepare_cached(&sql)?
        .query_row(params![put(conv), put(seq)], of_row)?;
    conn.prepare_cached("UPDATE messages SET sum = ?3 WHERE conv = ?1 AND seq = ?2")?
        .execute(params![put(conv), put(seq), sum])
        .map(drop)
}

/// Sums the entries of a database from before there were sums. What a crash cuts short, the next start goes on with.
pub(super) fn fill(conn: &mut Connection) -> rusqlite::Result<()> {
    if exists(conn, "SELECT 1 FROM meta WHERE key = 'sums'", [])? {
        return Ok(());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE (conv, seq) > (?1, ?2) AND sum IS NULL ORDER BY conv, seq LIMIT {FILL_ROWS}"
    );
    let mut last = (0_i64, 0_i64);
    loop {
        let tx = conn.transaction()?;
        let rows: Vec<(i64, i64, i64)> = tx
            .prepare_cached(&sql)?
            .query_map(params![last.0, last.1], |row| {
                Ok((row.get(1)?, row.get(2)?, of_row(row)?))
            })?
            .collect::<Result<_, _>>()?;
        for (conv, seq, sum) in &rows {
            tx.prepare_cached("UPDATE messages SET sum = ?3 WHERE conv = ?1 AND seq = ?2")?
                .execute(params![conv, seq, sum])?;
        }
        let Some((conv, seq, _)) = rows.last() else {
            tx.execute("INSERT INTO meta (key, value) VALUES ('sums', 1)", [])?;
            return tx.commit();
        };
        last = (*conv, *seq);
        tx.commit()?;
    }
}

/// Conversation and place of each entry that is not what was written, at most so many; none in a database that has no sums.
pub(super) fn wrong(conn: &Connection, most: usize) -> rusqlite::Result<Vec<(i64, i64)>> {
    let summed = exists(
        conn,
        "SELECT 1 FROM pragma_table_info('messages') WHERE name = 'sum'",
        [],
    )? && exists(conn, "SELECT 1 FROM meta WHERE key = 'sums'", [])?;
    let mut wrong = Vec::new();
    if !summed {
        return Ok(wrong);
    }
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS}, sum FROM messages"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if wrong.len() < most && check(row).is_err() {
            wrong.push((row.get(1)?, row.get(2)?));
        }
    }
    Ok(wrong)
}
