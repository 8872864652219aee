//! What fills the index of messages: entries as they come, and what is deleted or over out of it again.

use super::files;
use super::index::{conv_term, done};
use super::tx::{put, take};
use breeze_protocol::ConvId;
use breeze_protocol::message::attachment::sought;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::terms::terms;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError};

/// Entries taken over in one transaction: some tens of milliseconds.
const BATCH_ROWS: usize = 2000;
/// Bytes of texts held for it.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Deleted messages whose terms wait for the index to be merged; fewer are merged at the next start.
const ERASED_MAX: u64 = 500;

/// One entry on its way into the index.
struct Entry {
    num: u64,
    conv: u64,
    seq: u64,
    /// `None`: nothing of it can be found.
    body: Option<String>,
    /// Commit numbers of what it deletes.
    erases: Vec<u64>,
}

/// Fills it.
pub(super) struct Filler {
    main: Connection,
    index: Connection,
    /// The index's file.
    pub(super) path: PathBuf,
    /// Conversations that are not taken over to their heads.
    behind: Vec<(u64, u64)>,
    /// Commit number at which they were looked up.
    upto: u64,
}

impl Filler {
    /// Reads this database and fills this index, which is the file at `path`.
    pub(super) fn new(main: Connection, index: Connection, path: PathBuf) -> Self {
        Self {
            main,
            index,
            path,
            behind: Vec::new(),
            upto: 0,
        }
    }

    /// Takes everything over, as long as somebody can wake it.
    pub(super) fn round(&mut self, woken: &Receiver<()>) -> rusqlite::Result<()> {
        let mut more = true;
        while more && woken.try_recv() != Err(TryRecvError::Disconnected) {
            more = self.batch().inspect_err(|_| self.behind.clear())?;
        }
        while self.forget()? && woken.try_recv() != Err(TryRecvError::Disconnected) {}
        self.merge(ERASED_MAX)
    }

    /// Merges the index into one, when at least so many deleted messages have terms in it.
    pub(super) fn merge(&mut self, least: u64) -> rusqlite::Result<()> {
        let erased: u64 = self
            .index
            .query_row("SELECT erased FROM meta", [], |row| take(row, 0))?;
        if erased < least {
            return Ok(());
        }
        let tx = self
            .index
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
        tx.execute("UPDATE meta SET erased = 0", [])?;
        tx.commit()
    }

    /// Takes one batch over. Whether there may be more.
    fn batch(&mut self) -> rusqlite::Result<bool> {
        if self.behind.is_empty() && !self.look_up()? {
            return Ok(false);
        }
        let mut entries = Vec::new();
        let mut done = BTreeMap::new();
        let mut bytes = 0;
        let main = self.main.unchecked_transaction()?;
        while entries.len() < BATCH_ROWS
            && bytes < BATCH_BYTES
            && let Some(&(conv, head)) = self.behind.last()
        {
            let from = match done.get(&conv) {
                Some(seq) => *seq,
                None => super::index::done(&self.index, conv)?,
            };
            let found = read(&main, (conv, from, head), BATCH_ROWS - entries.len(), &mut bytes)?;
            let reached = found.last().map_or(head, |entry| entry.seq);
            entries.extend(found);
            done.insert(conv, reached);
            if reached >= head {
                self.behind.pop();
            }
        }
        main.finish()?;
        // In the order of commit numbers: the index wants them rising within one transaction.
        entries.sort_by_key(|entry| entry.num);
        let through = self.behind.is_empty().then_some(self.upto);
        write(&mut self.index, &entries, &done, through)?;
        Ok(true)
    }

    /// Takes some of what is erased because it was kept long enough out of the index. Whether there was anything.
    fn forget(&mut self) -> rusqlite::Result<bool> {
        let erased: Vec<(u64, u64)> = self
            .main
            .prepare_cached("SELECT id, erased_seq FROM conversations WHERE erased_seq > 0")?
            .query_map([], |row| Ok((take(row, 0)?, take(row, 1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut known = self
            .index
            .prepare_cached("SELECT over FROM done WHERE conv = ?1 AND over < min(seq, ?2)")?;
        let mut behind = None;
        for (conv, upto) in erased {
            let over = known
                .query_row(params![put(conv), put(upto)], |row| take(row, 0))
                .optional()?;
            if let Some(over) = over {
                behind = Some((conv, over, upto.min(over + BATCH_ROWS as u64)));
                break;
            }
        }
        drop(known);
        let Some((conv, over, upto)) = behind else {
            return Ok(false);
        };
        let upto = upto.min(done(&self.index, conv)?);
        let gone: Vec<u64> = self
            .main
            .prepare_cached("SELECT num FROM messages WHERE conv = ?1 AND seq > ?2 AND seq <= ?3")?
            .query_map(params![put(conv), put(over), put(upto)], |row| take(row, 0))?
            .collect::<rusqlite::Result<_>>()?;
        let tx = self
            .index
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        take_out(&tx, gone)?;
        tx.execute(
            "UPDATE done SET over = ?2 WHERE conv = ?1",
            params![put(conv), put(upto)],
        )?;
        tx.commit()?;
        Ok(true)
    }

    /// Looks for conversations with new entries. Whether there are any.
    fn look_up(&mut self) -> rusqlite::Result<bool> {
        let through: u64 = self
            .index
            .query_row("SELECT through FROM meta", [], |row| take(row, 0))?;
        let main = self.main.unchecked_transaction()?;
        self.upto = main.query_row("SELECT value FROM meta WHERE key = 'counter'", [], |row| {
            take(row, 0)
        })?;
        self.behind = main
            .prepare_cached("SELECT id, head FROM conversations WHERE head_num > ?1 ORDER BY head_num")?
            .query_map([put(through)], |row| Ok((take(row, 0)?, take(row, 1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        main.finish()?;
        Ok(!self.behind.is_empty())
    }
}

/// Entries of a conversation after a place, up to its head.
fn read(
    main: &Connection,
    (conv, from, head): (u64, u64, u64),
    rows: usize,
    bytes: &mut usize,
) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = main.prepare_cached(
        "SELECT num, seq, body, kind, target FROM messages WHERE conv = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq",
    )?;
    let mut found = statement.query(params![put(conv), put(from), put(head)])?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        let (num, seq, target) = (take(row, 0)?, take(row, 1)?, row.get::<_, Option<i64>>(4)?);
        let (mut body, mut erases) = (None, Vec::new());
        match (EntryKind::from_number(row.get(3)?), target) {
            (EntryKind::Text | EntryKind::Edit, _) => body = row.get::<_, Option<String>>(2)?,
            (EntryKind::File, _) => {
                let caption = row.get::<_, Option<String>>(2)?;
                let files = files::of_entry(main, ConvId(conv), seq)?;
                body = caption.map(|caption| sought(&caption, &files).into_owned());
            }
            (EntryKind::Delete, Some(target)) => erases = erased_by(main, conv, target)?,
            _ => {}
        }
        *bytes += body.as_ref().map_or(0, String::len);
        entries.push(Entry {
            num,
            conv,
            seq,
            body,
            erases,
        });
        if entries.len() == rows || *bytes >= BATCH_BYTES {
            break;
        }
    }
    Ok(entries)
}

/// Commit numbers of a deleted message and its edits.
fn erased_by(main: &Connection, conv: u64, target: i64) -> rusqlite::Result<Vec<u64>> {
    main.prepare_cached(
        "SELECT num FROM messages WHERE conv = ?1 AND seq = ?2
         UNION ALL SELECT num FROM messages WHERE conv = ?1 AND target = ?2 AND kind = ?3",
    )?
    .query_map(params![put(conv), target, EntryKind::Edit.number()], |row| {
        take(row, 0)
    })?
    .collect()
}

/// Takes entries out of the index, by commit number.
fn take_out(index: &Connection, nums: impl IntoIterator<Item = u64>) -> rusqlite::Result<()> {
    let mut no_words = index.prepare_cached("DELETE FROM words WHERE rowid = ?1")?;
    let mut no_place = index.prepare_cached("DELETE FROM places WHERE num = ?1")?;
    let mut erased = 0;
    for num in nums {
        if no_place.execute([put(num)])? > 0 {
            no_words.execute([put(num)])?;
            erased += 1;
        }
    }
    if erased > 0 {
        index
            .prepare_cached("UPDATE meta SET erased = erased + ?1")?
            .execute([erased])?;
    }
    Ok(())
}

fn write(
    index: &mut Connection,
    entries: &[Entry],
    done: &BTreeMap<u64, u64>,
    through: Option<u64>,
) -> rusqlite::Result<()> {
    let tx = index.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut words = tx.prepare_cached("INSERT INTO words (rowid, terms) VALUES (?1, ?2)")?;
        let mut places =
            tx.prepare_cached("INSERT OR REPLACE INTO places (num, conv, seq) VALUES (?1, ?2, ?3)")?;
        for entry in entries {
            let terms = entry.body.as_deref().map(terms).unwrap_or_default();
            if terms.is_empty() {
                continue;
            }
            words.execute(params![
                put(entry.num),
                format!("{} {terms}", conv_term(entry.conv))
            ])?;
            places.execute(params![put(entry.num), put(entry.conv), put(entry.seq)])?;
        }
        take_out(&tx, entries.iter().flat_map(|entry| entry.erases.iter().copied()))?;
        let mut reached = tx.prepare_cached(
            "INSERT INTO done (conv, seq) VALUES (?1, ?2) ON CONFLICT (conv) DO UPDATE SET seq = excluded.seq",
        )?;
        for (conv, seq) in done {
            reached.execute(params![put(*conv), put(*seq)])?;
        }
        if let Some(through) = through {
            tx.prepare_cached("UPDATE meta SET through = ?1")?
                .execute([put(through)])?;
        }
    }
    tx.commit()
}
