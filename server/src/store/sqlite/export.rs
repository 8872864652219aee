//! One person's own data, row by row, as JSON.

use super::copy::look;
use super::files;
use super::tx::{put, take, take_bytes};
use crate::stamp;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{BlobHash, ConvId};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};
use std::path::Path;

/// What is asked of the database for one person, all of it as it was at one moment.
pub(in crate::store) struct Export {
    conn: Connection,
    account: u64,
}

/// A conversation the person is in.
pub(in crate::store) struct Talk {
    /// Its number.
    pub(in crate::store) conv: u64,
    /// First entry the person may see.
    from: u64,
    /// The others' usernames.
    pub(in crate::store) others: Vec<String>,
}

impl Export {
    /// Opens the database for the person of this username; `None` when there is nobody.
    pub(in crate::store) fn open(database: &Path, username: &str) -> rusqlite::Result<Option<Self>> {
        let conn = look(database)?;
        conn.execute_batch("BEGIN")?;
        let found = conn
            .query_row("SELECT id FROM users WHERE username = ?1", [username], |row| {
                take(row, 0)
            })
            .optional()?;
        Ok(found.map(|account| Self { conn, account }))
    }

    /// The account: profile, devices, friends, requests.
    pub(in crate::store) fn account(&self) -> rusqlite::Result<Value> {
        let sql = "SELECT username, iif(pending, pending_display_name, display_name),
                   iif(pending, pending_status_text, status_text), owner, created_ms, last_seen_ms
                   FROM users WHERE id = ?1";
        let mut account = self.conn.query_row(sql, [put(self.account)], |row| {
            Ok(json!({
                "username": row.get::<_, String>(0)?,
                "display_name": row.get::<_, String>(1)?,
                "status_text": row.get::<_, String>(2)?,
                "owner": row.get::<_, bool>(3)?,
                "created": stamp::words(take(row, 4)?),
                "last_seen": stamp::words(take(row, 5)?),
            }))
        })?;
        account["devices"] = self.list(
            "SELECT name, created_ms FROM devices WHERE account = ?1 ORDER BY id",
            "since",
        )?;
        let contacts = |which: &str| {
            format!(
                "SELECT u.username, c.{which}_since FROM contacts c JOIN users u ON u.id = c.other
                 WHERE c.owner = ?1 AND c.{which} ORDER BY u.username"
            )
        };
        account["friends"] = self.list(&contacts("friend"), "since")?;
        account["blocked"] = self.list(&contacts("blocked"), "since")?;
        account["requests_sent"] = self.list(
            "SELECT typed, ts FROM requests WHERE sender = ?1 AND out_live ORDER BY ts",
            "at",
        )?;
        Ok(account)
    }

    fn list(&self, sql: &str, when: &str) -> rusqlite::Result<Value> {
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([put(self.account)], |row| {
            Ok(json!({ "name": row.get::<_, String>(0)?, when: stamp::words(take(row, 1)?) }))
        })?;
        rows.collect::<rusqlite::Result<Vec<Value>>>().map(Value::from)
    }

    /// The pictures the person shows and has brought, with their hashes.
    pub(in crate::store) fn pictures(&self) -> rusqlite::Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let sql =
            "SELECT b.hash, b.bytes FROM blob_owners o JOIN blobs b ON b.hash = o.hash WHERE o.account = ?1";
        self.conn
            .prepare(sql)?
            .query_map([put(self.account)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// The files of messages the person may read, each once.
    pub(in crate::store) fn files(&self) -> rusqlite::Result<Vec<BlobHash>> {
        if !files::is_known(&self.conn)? {
            return Ok(Vec::new());
        }
        let sql = "SELECT DISTINCT a.hash FROM attachments a JOIN members m ON m.conv = a.conv AND m.from_seq <= a.seq
             WHERE m.account = ?1";
        self.conn
            .prepare(sql)?
            .query_map([put(self.account)], |row| take_bytes(row, 0).map(BlobHash))?
            .collect()
    }

    /// The conversations the person is in.
    pub(in crate::store) fn talks(&self) -> rusqlite::Result<Vec<Talk>> {
        let sql = "SELECT conv, from_seq FROM members WHERE account = ?1 ORDER BY conv";
        let mut statement = self.conn.prepare(sql)?;
        let convs: Vec<(u64, u64)> = statement
            .query_map([put(self.account)], |row| Ok((take(row, 0)?, take(row, 1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let sql = "SELECT u.username FROM members m JOIN users u ON u.id = m.account
                   WHERE m.conv = ?1 AND m.account <> ?2 ORDER BY u.username";
        let mut statement = self.conn.prepare(sql)?;
        convs
            .into_iter()
            .map(|(conv, from)| {
                let others = statement
                    .query_map([put(conv), put(self.account)], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                Ok(Talk { conv, from, others })
            })
            .collect()
    }

    /// Every message of a conversation, oldest first, one at a time.
    pub(in crate::store) fn messages<E: From<rusqlite::Error>>(
        &self,
        talk: &Talk,
        mut each: impl FnMut(Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT m.seq, m.ts, u.username, m.body, m.kind, m.target FROM messages m
                   LEFT JOIN users u ON u.id = m.sender WHERE m.conv = ?1 AND m.seq >= ?2 ORDER BY m.seq";
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query([put(talk.conv), put(talk.from)])?;
        while let Some(row) = rows.next()? {
            let mut entry = json!({
                "number": take(row, 0)?,
                "at": stamp::words(take(row, 1)?),
                "from": row.get::<_, Option<String>>(2)?,
                "text": row.get::<_, Option<String>>(3)?,
            });
            let kind = EntryKind::from_number(row.get(4)?);
            if !kind.counts() {
                entry["what"] = json!(kind);
            }
            if let Some(target) = row.get::<_, Option<i64>>(5)? {
                entry[if kind.counts() { "answers" } else { "of" }] = json!(target);
            }
            if kind == EntryKind::File {
                let files = files::of_entry(&self.conn, ConvId(talk.conv), take(row, 0)?)?;
                let told = files.iter().map(|file| {
                    json!({ "name": file.name, "size": file.size, "file": format!("files/{}", file.hash) })
                });
                entry["files"] = told.collect();
            }
            each(entry)?;
        }
        Ok(())
    }
}
