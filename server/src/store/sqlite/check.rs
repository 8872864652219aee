//! Whether a database is whole: its pages, its references, its pictures, its conversations, its audit.

use super::super::audit::AuditRow;
use super::audit;
use super::copy::look;
use super::files;
use super::sums;
use super::tx::{exists, take};
use breeze_protocol::BlobHash;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Findings of one kind that are told; a damaged page alone can make thousands.
const FINDINGS_MAX: usize = 20;

/// What a look at every row came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// A sentence for each thing that is wrong.
    pub findings: Vec<String>,
    /// Accounts.
    pub accounts: u64,
    /// Messages.
    pub messages: u64,
    /// Pictures, each read and hashed.
    pub pictures: u64,
    /// Files that messages name, each once, and their sizes.
    pub files: Vec<(BlobHash, u64)>,
    /// Version of the schema.
    pub schema: u64,
    /// Rows of the audit, and the hash of its end.
    pub audit: (u64, String),
}

/// Looks at a database without changing it. What SQLite cannot read is a finding too.
#[must_use]
pub fn check(path: &Path) -> Checked {
    let mut checked = Checked::default();
    if let Err(error) = look(path).and_then(|conn| all(&conn, &mut checked)) {
        let finding = format!("{} cannot be read to its end ({error}).", path.display());
        checked.findings.push(finding);
    }
    checked
}

/// The audit, and what is wrong with it.
///
/// # Errors
/// What SQLite says.
pub fn audit(path: &Path) -> Result<(Vec<AuditRow>, Vec<String>), String> {
    let read = || {
        let conn = look(path)?;
        let conn = conn.unchecked_transaction()?;
        Ok((audit::rows(&conn)?, audit::breaks(&conn)?))
    };
    read().map_err(|error: rusqlite::Error| error.to_string())
}

/// How many devices have seen a newer server than this data.
///
/// # Errors
/// What SQLite says.
pub fn ahead(path: &Path) -> Result<u64, String> {
    let count = || {
        let conn = look(path)?;
        let known = "SELECT 1 FROM pragma_table_info('devices') WHERE name = 'ahead'";
        if !exists(&conn, known, [])? {
            return Ok(0);
        }
        number(&conn, "SELECT count(*) FROM devices WHERE ahead")
    };
    count().map_err(|error: rusqlite::Error| error.to_string())
}

fn all(conn: &Connection, into: &mut Checked) -> rusqlite::Result<()> {
    let conn = conn.unchecked_transaction()?;
    pages(&conn, into)?;
    if !into.findings.is_empty() {
        return Ok(());
    }
    into.schema = number(
        &conn,
        "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
    )?;
    into.accounts = number(&conn, "SELECT count(*) FROM users")?;
    into.messages = number(&conn, "SELECT count(*) FROM messages")?;
    for (conv, seq) in sums::wrong(&conn, FINDINGS_MAX)? {
        into.findings.push(format!(
            "Message {seq} of conversation {conv} is not what was written."
        ));
    }
    references(&conn, into)?;
    pictures(&conn, into)?;
    into.files = files::named(&conn)?;
    conversations(&conn, into)?;
    if exists(&conn, "SELECT 1 FROM sqlite_schema WHERE name = 'audit'", [])? {
        into.findings.extend(audit::breaks(&conn)?);
        let rows = audit::rows(&conn)?;
        let end = rows.last().map_or_else(String::new, |row| hex(&row.hash));
        into.audit = (rows.len() as u64, end);
    }
    Ok(())
}

fn pages(conn: &Connection, into: &mut Checked) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(&format!("PRAGMA integrity_check({FINDINGS_MAX})"))?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    for row in rows {
        let text = row?;
        if text != "ok" {
            into.findings.push(format!("The database is damaged: {text}."));
        }
    }
    Ok(())
}

fn references(conn: &Connection, into: &mut Checked) -> rusqlite::Result<()> {
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(2)?)))?;
    for row in rows.take(FINDINGS_MAX) {
        let (table, parent) = row?;
        into.findings.push(format!(
            "A row of {table} names something in {parent} that is not there."
        ));
    }
    Ok(())
}

fn pictures(conn: &Connection, into: &mut Checked) -> rusqlite::Result<()> {
    let mut statement = conn.prepare("SELECT hash, bytes FROM blobs")?;
    let mut rows = statement.query([])?;
    let mut wrong = 0;
    while let Some(row) = rows.next()? {
        into.pictures += 1;
        let hash: Vec<u8> = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        if Sha256::digest(bytes)[..] != hash[..] && wrong < FINDINGS_MAX {
            wrong += 1;
            into.findings
                .push(format!("The picture {} is not what was brought.", hex(&hash)));
        }
    }
    let sql = "SELECT username FROM users WHERE
               (avatar IS NOT NULL AND avatar NOT IN (SELECT hash FROM blobs))
               OR (pending_avatar IS NOT NULL AND pending_avatar NOT IN (SELECT hash FROM blobs))";
    let mut statement = conn.prepare(sql)?;
    for name in statement
        .query_map([], |row| row.get::<_, String>(0))?
        .take(FINDINGS_MAX)
    {
        into.findings
            .push(format!("The picture of {} is missing.", name?));
    }
    Ok(())
}

fn conversations(conn: &Connection, into: &mut Checked) -> rusqlite::Result<()> {
    let sql = "SELECT c.id FROM conversations c LEFT JOIN messages m ON m.conv = c.id
               GROUP BY c.id HAVING count(m.seq) <> c.head OR coalesce(max(m.seq), 0) <> c.head";
    let mut statement = conn.prepare(sql)?;
    for conv in statement.query_map([], |row| take(row, 0))?.take(FINDINGS_MAX) {
        into.findings
            .push(format!("Messages of conversation {} are missing.", conv?));
    }
    if exists(
        conn,
        "SELECT 1 FROM pragma_table_info('conversations') WHERE name = 'avatar'",
        [],
    )? {
        let sql = "SELECT id FROM conversations WHERE avatar IS NOT NULL AND avatar NOT IN (SELECT hash FROM blobs)";
        let mut statement = conn.prepare(sql)?;
        for conv in statement.query_map([], |row| take(row, 0))?.take(FINDINGS_MAX) {
            into.findings
                .push(format!("The picture of group {} is missing.", conv?));
        }
    }
    let counter = number(conn, "SELECT value FROM meta WHERE key = 'counter'")?;
    let highest = number(conn, "SELECT coalesce(max(head_num), 0) FROM conversations")?;
    if highest > counter {
        into.findings
            .push("A message has a number that was not given yet.".to_owned());
    }
    Ok(())
}

fn number(conn: &Connection, sql: &str) -> rusqlite::Result<u64> {
    conn.query_row(sql, [], |row| take(row, 0))
}

/// Bytes as text.
pub(in crate::store) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}
