//! How the files of a message are kept beside it: as the wire writes them.

use breeze_protocol::BlobHash;
use breeze_protocol::message::attachment::Attachment;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// For the database; `None` when there are none.
pub(super) fn pack(files: &[Attachment]) -> Option<String> {
    if files.is_empty() {
        return None;
    }
    serde_json::to_string(files).ok()
}

/// Out of the database. What is not understood is none.
pub(super) fn unpack(text: Option<String>) -> Vec<Attachment> {
    let read = text.and_then(|text| serde_json::from_str(&text).ok());
    read.unwrap_or_default()
}

/// Every file that a message of any account on this computer names, sent, waiting or put aside.
pub(super) fn named(db: &Connection) -> rusqlite::Result<BTreeSet<BlobHash>> {
    let mut named = BTreeSet::new();
    for table in ["messages", "outbox", "displaced"] {
        let sql = format!("SELECT attachments FROM {table} WHERE attachments IS NOT NULL");
        let mut query = db.prepare(&sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            named.extend(unpack(row.get(0)?).into_iter().map(|file| file.hash));
        }
    }
    Ok(named)
}
