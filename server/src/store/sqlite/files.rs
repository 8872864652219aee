//! Files in the database: uploads and what they reserve, attachments and what they cost, and who may have which bytes.

use super::super::uploads::{Begun, Known, NoUpload, Wish};
use super::tx::{Done, Fail, Tx, exists, put, take, take_bytes};
use breeze_protocol::limit::TRANSFERS_MAX;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::chat::Event;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::{AccountId, BlobHash, ConvId, TransferId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Notes an upload, or finds the one noted before. Its bytes need not come when the account may have them already.
pub(super) fn begin(tx: &Tx<'_>, wish: &Wish) -> Done<Result<Begun, NoUpload>> {
    let Wish {
        account,
        transfer,
        size,
        hash,
    } = *wish;
    if let Some(known) = known(tx.conn, account, transfer)? {
        if (known.size, known.hash) != (size, hash) {
            return Ok(Err(NoUpload::Malformed));
        }
        tx.conn
            .prepare_cached("UPDATE uploads SET used_ms = ?3 WHERE account = ?1 AND transfer = ?2")?
            .execute(params![put(account.0), transfer.0, put(tx.lived_ms)])?;
        return Ok(Ok(Begun { whole: known.whole }));
    }
    let open: u64 = tx
        .conn
        .prepare_cached("SELECT count(*) FROM uploads WHERE account = ?1 AND NOT whole")?
        .query_row([put(account.0)], |row| take(row, 0))?;
    if open >= TRANSFERS_MAX as u64 {
        return Ok(Err(NoUpload::Busy));
    }
    if used(tx.conn, account)?.saturating_add(size) > tx.limits.quota_bytes {
        return Ok(Err(NoUpload::Quota));
    }
    let whole = may_read(tx.conn, account, hash, size)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO uploads (account, transfer, hash, size, whole, used_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![put(account.0), transfer.0, hash.0, put(size), whole, put(tx.lived_ms)])?;
    Ok(Ok(Begun { whole }))
}

/// What is noted of an upload.
pub(super) fn known(
    conn: &Connection,
    account: AccountId,
    transfer: TransferId,
) -> rusqlite::Result<Option<Known>> {
    conn.prepare_cached("SELECT hash, size, whole FROM uploads WHERE account = ?1 AND transfer = ?2")?
        .query_row(params![put(account.0), transfer.0], |row| {
            Ok(Known {
                hash: BlobHash(take_bytes(row, 0)?),
                size: take(row, 1)?,
                whole: row.get(2)?,
            })
        })
        .optional()
}

/// Its bytes are under their hash, on the disk. `false` when it was given up meanwhile.
pub(super) fn whole(tx: &Tx<'_>, account: AccountId, transfer: TransferId) -> rusqlite::Result<bool> {
    let done = tx
        .conn
        .prepare_cached("UPDATE uploads SET whole = 1, used_ms = ?3 WHERE account = ?1 AND transfer = ?2")?
        .execute(params![put(account.0), transfer.0, put(tx.lived_ms)])?;
    Ok(done > 0)
}

/// Gives an upload up, and the room it reserved.
pub(super) fn cancel(tx: &Tx<'_>, account: AccountId, transfer: TransferId) -> rusqlite::Result<()> {
    tx.conn
        .prepare_cached("DELETE FROM uploads WHERE account = ?1 AND transfer = ?2")?
        .execute(params![put(account.0), transfer.0])
        .map(drop)
}

/// Forgets uploads nobody has gone on with for so long.
pub(super) fn expire(tx: &Tx<'_>, kept_ms: u64) -> rusqlite::Result<usize> {
    tx.conn
        .prepare_cached("DELETE FROM uploads WHERE used_ms <= ?1")?
        .execute([put(tx.lived_ms.saturating_sub(kept_ms))])
}

/// Bytes an account is charged with, and has reserved.
fn used(conn: &Connection, account: AccountId) -> rusqlite::Result<u64> {
    conn.prepare_cached(
        "SELECT (SELECT coalesce(sum(size), 0) FROM attachments WHERE account = ?1)
              + (SELECT coalesce(sum(size), 0) FROM uploads WHERE account = ?1)",
    )?
    .query_row([put(account.0)], |row| take(row, 0))
}

/// Whether a message this account may read has these bytes.
fn may_read(conn: &Connection, account: AccountId, hash: BlobHash, size: u64) -> rusqlite::Result<bool> {
    exists(
        conn,
        "SELECT 1 FROM attachments a JOIN members m ON m.conv = a.conv AND m.account = ?1 AND m.from_seq <= a.seq
         WHERE a.hash = ?2 AND a.size = ?3",
        params![put(account.0), hash.0, put(size)],
    )
}

/// Gives a message its files and charges its sender, or refuses: what was not uploaded and may not be read does not exist
/// for this sender.
pub(super) fn attach(tx: &Tx<'_>, event: &Event) -> Done {
    let account = event.sender;
    for (index, file) in event.attachments.iter().enumerate() {
        let reserved = tx
            .conn
            .prepare_cached(
                "DELETE FROM uploads WHERE (account, transfer) IN (SELECT account, transfer FROM uploads
                 WHERE account = ?1 AND hash = ?2 AND size = ?3 AND whole LIMIT 1)",
            )?
            .execute(params![put(account.0), file.hash.0, put(file.size)])?;
        if reserved == 0 {
            if !may_read(tx.conn, account, file.hash, file.size)? {
                return Err(Fail::Nack(NackCode::BadReference));
            }
            if used(tx.conn, account)?.saturating_add(file.size) > tx.limits.quota_bytes {
                return Err(Fail::Nack(NackCode::Quota));
            }
        }
        tx.conn
            .prepare_cached(
                "INSERT INTO attachments (conv, seq, idx, account, hash, size, name, media, width, height)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                put(event.conv.0),
                put(event.seq),
                put(index as u64),
                put(account.0),
                file.hash.0,
                put(file.size),
                file.name,
                file.media,
                file.width,
                file.height
            ])?;
    }
    Ok(())
}

/// The files of an entry, in order.
pub(super) fn of_entry(conn: &Connection, conv: ConvId, seq: u64) -> rusqlite::Result<Vec<Attachment>> {
    conn.prepare_cached(
        "SELECT hash, size, name, media, width, height FROM attachments WHERE conv = ?1 AND seq = ?2 ORDER BY idx",
    )?
    .query_map(params![put(conv.0), put(seq)], read_attachment)?
    .collect()
}

fn read_attachment(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        hash: BlobHash(take_bytes(row, 0)?),
        size: take(row, 1)?,
        name: row.get(2)?,
        media: row.get(3)?,
        width: row.get(4)?,
        height: row.get(5)?,
    })
}

/// The size of a file at a place this account may see, if these are its bytes.
pub(super) fn size_at(
    conn: &Connection,
    account: AccountId,
    place: FilePlace,
    hash: BlobHash,
) -> rusqlite::Result<Option<u64>> {
    conn.prepare_cached(
        "SELECT a.size FROM attachments a JOIN members m ON m.conv = a.conv AND m.account = ?1 AND m.from_seq <= a.seq
         WHERE a.conv = ?2 AND a.seq = ?3 AND a.idx = ?4 AND a.hash = ?5",
    )?
    .query_row(
        params![
            put(account.0),
            put(place.conv.0),
            put(place.seq),
            i64::from(place.index),
            hash.0
        ],
        |row| take(row, 0),
    )
    .optional()
}

/// Whether a message or an upload names these bytes.
pub(super) fn is_named(conn: &Connection, hash: BlobHash) -> rusqlite::Result<bool> {
    exists(
        conn,
        "SELECT 1 FROM attachments WHERE hash = ?1 UNION ALL SELECT 1 FROM uploads WHERE hash = ?1",
        [hash.0],
    )
}

/// Whether a device may still be served: it is signed in, and its account is open.
pub(super) fn device_open(conn: &Connection, device: u64) -> rusqlite::Result<bool> {
    exists(
        conn,
        "SELECT 1 FROM devices d JOIN users u ON u.id = d.account WHERE d.id = ?1 AND NOT u.disabled",
        [put(device)],
    )
}

/// Whether the database knows of files: one of before them may be looked at too.
pub(super) fn is_known(conn: &Connection) -> rusqlite::Result<bool> {
    exists(conn, "SELECT 1 FROM sqlite_schema WHERE name = 'attachments'", [])
}

/// Every file messages name, once, with its size.
pub(in crate::store) fn named(conn: &Connection) -> rusqlite::Result<Vec<(BlobHash, u64)>> {
    if !is_known(conn)? {
        return Ok(Vec::new());
    }
    conn.prepare("SELECT DISTINCT hash, size FROM attachments ORDER BY hash")?
        .query_map([], |row| Ok((BlobHash(take_bytes(row, 0)?), take(row, 1)?)))?
        .collect()
}
