//! The search in what this computer holds: a thread of its own that only reads, so that neither the window nor the writer
//! waits. The index says where to look, the message itself decides; what is in no index yet is looked through.

use super::BUSY_WAIT;
use super::load::{MESSAGE_COLUMNS, int, number, read_message, shown};
use super::words::{account_term, conv_term, first_id};
use crate::model::chat::Message;
use crate::model::event::Event;
use crate::model::search::{Found, Hit, Look};
use breeze_protocol::message::attachment::sought;
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::terms::Wanted;
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Questions that may wait; a newer one of the same kind makes an older one needless anyway.
const WAITING_MAX: usize = 16;
/// Messages looked at for one page. Past it the page ends, and the next begins there.
const LOOKS_MAX: usize = 5000;
/// Numbers of entries that are in no index yet begin above those of the same millisecond that are.
const UNFOUND: u64 = 1 << 19;

/// The thread that searches. It ends when dropped, after the question it is at.
pub struct Searcher {
    looks: SyncSender<Look>,
}

impl Searcher {
    /// Starts it on the database at `path`, which is opened when first asked.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(path: PathBuf, told: Box<dyn Fn(Event) + Send>) -> std::io::Result<Self> {
        let (looks, asked) = sync_channel(WAITING_MAX);
        std::thread::Builder::new()
            .name("breeze-search".into())
            .spawn(move || work(&path, &asked, &*told))?;
        Ok(Self { looks })
    }

    /// Asks without waiting. One question too many is dropped; the person types on or asks again.
    pub fn hand(&self, look: Look) {
        if let Err(TrySendError::Full(look)) = self.looks.try_send(look) {
            tracing::warn!(no = look.no, "too many searches at once, one is dropped");
        }
    }
}

fn work(path: &Path, asked: &Receiver<Look>, told: &dyn Fn(Event)) {
    let mut connection = None;
    while let Ok(mut look) = asked.recv() {
        // What has been typed since is the question now.
        let mut others = Vec::new();
        while let Ok(newer) = asked.try_recv() {
            if newer.conv.is_some() != look.conv.is_some() {
                others.push(look);
            }
            look = newer;
        }
        for look in others.into_iter().chain([look]) {
            told(Event::Found(Box::new(answer(path, &mut connection, &look))));
        }
    }
}

fn answer(path: &Path, connection: &mut Option<Connection>, look: &Look) -> Found {
    let found = match connection {
        Some(db) => page(db, look),
        None => open(path).and_then(|db| page(connection.insert(db), look)),
    };
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "a search failed");
        *connection = None;
        Found {
            no: look.no,
            failed: true,
            ..Found::default()
        }
    })
}

/// A connection that only reads.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_WAIT)?;
    Ok(db)
}

/// One page of hits, newest first, as the database is at one moment.
pub(super) fn page(db: &Connection, look: &Look) -> rusqlite::Result<Found> {
    let mut found = Found {
        no: look.no,
        before: look.before,
        ..Found::default()
    };
    let Some(wanted) = Wanted::of(&look.query) else {
        return Ok(found);
    };
    let db = db.unchecked_transaction()?;
    let Some(acc) = shown(&db)? else {
        return Ok(found);
    };
    let before = if look.before == 0 {
        u64::MAX >> 1
    } else {
        look.before
    };
    let mut fresh = unfound(&db, acc, look.conv, &wanted, before)?
        .into_iter()
        .peekable();
    let mut entries =
        db.prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC")?;
    let mut entries = entries.query(params![question(&wanted, acc, look.conv), int(before)])?;
    let mut entry = entries.next()?.map(|row| number(row, 0)).transpose()?;
    let mut looks = 0;
    loop {
        let newest = fresh.peek().map(|(id, _)| *id);
        let Some(id) = entry.max(newest) else { break };
        if found.rows.len() == look.limit || looks == LOOKS_MAX {
            found.more = true;
            break;
        }
        looks += 1;
        if newest == Some(id) {
            if let Some((_, hit)) = fresh.next() {
                found.rows.extend(as_hit(&db, acc, hit, &wanted)?);
            }
        } else {
            if let Some(hit) = by_id(&db, acc, id)? {
                found.rows.extend(as_hit(&db, acc, hit, &wanted)?);
            }
            entry = entries.next()?.map(|row| number(row, 0)).transpose()?;
        }
        found.before = id;
    }
    Ok(found)
}

fn fits(hit: &Hit, wanted: &Wanted) -> bool {
    wanted.fits(&sought(&hit.message.body, &hit.message.attachments))
}

/// The message an entry stands for, with its text as it is now, if it fits: files, a text that was never edited, or the newest
/// edit of one by its author.
fn as_hit(db: &Connection, acc: i64, hit: Hit, wanted: &Wanted) -> rusqlite::Result<Option<Hit>> {
    if !fits(&hit, wanted) {
        return Ok(None);
    }
    let edited = |seq: u64, author: AccountId| newest_edit(db, acc, (hit.conv, seq), author);
    match (hit.message.kind, hit.message.target) {
        (EntryKind::File, _) => Ok(Some(hit)),
        (EntryKind::Text, _) if edited(hit.message.seq, hit.message.sender)?.is_none() => Ok(Some(hit)),
        (EntryKind::Edit, Some(target)) if edited(target, hit.message.sender)? == Some(hit.message.seq) => {
            let original = one(db, acc, hit.conv, target)?;
            let original = original.filter(|it| it.sender == hit.message.sender && !it.body.is_empty());
            Ok(original.map(|original| Hit {
                conv: hit.conv,
                message: Message {
                    body: hit.message.body,
                    ..original
                },
            }))
        }
        _ => Ok(None),
    }
}

/// By name of the index: for the largest seq SQLite would rather walk the whole conversation backwards.
fn newest_edit(
    db: &Connection,
    acc: i64,
    (conv, target): (ConvId, u64),
    author: AccountId,
) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT max(seq) FROM messages INDEXED BY messages_target \
               WHERE acc = ?1 AND conv = ?2 AND target = ?3 AND kind = ?4 \
               AND sender = ?5 AND body <> ''";
    let place = params![
        acc,
        int(conv.0),
        int(target),
        EntryKind::Edit.number(),
        int(author.0)
    ];
    let found: Option<i64> = db.prepare_cached(sql)?.query_row(place, |row| row.get(0))?;
    Ok(found.and_then(|seq| u64::try_from(seq).ok()))
}

fn one(db: &Connection, acc: i64, conv: ConvId, seq: u64) -> rusqlite::Result<Option<Message>> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM messages WHERE acc = ?1 AND conv = ?2 AND seq = ?3 AND kind = ?4"
    );
    let place = params![acc, int(conv.0), int(seq), EntryKind::Text.number()];
    db.prepare_cached(&sql)?.query_row(place, read_message).optional()
}

/// The question to the index. Terms hold no quotes.
fn question(wanted: &Wanted, acc: i64, conv: Option<ConvId>) -> String {
    let place = conv.map_or_else(|| account_term(acc), |conv| conv_term(acc, conv));
    let terms = wanted.terms();
    let terms = terms
        .iter()
        .map(|(term, open)| format!("\"{term}\"{}", if *open { "*" } else { "" }));
    terms
        .chain([format!("\"{place}\"")])
        .collect::<Vec<_>>()
        .join(" AND ")
}

fn by_id(db: &Connection, acc: i64, id: u64) -> rusqlite::Result<Option<Hit>> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS}, conv FROM places CROSS JOIN messages USING (acc, conv, seq) \
         WHERE places.id = ?1 AND places.acc = ?2"
    );
    db.prepare_cached(&sql)?
        .query_row(params![int(id), acc], read_hit)
        .optional()
}

fn read_hit(row: &rusqlite::Row<'_>) -> rusqlite::Result<Hit> {
    let message: Message = read_message(row)?;
    let conv: i64 = row.get("conv")?;
    let conv = ConvId(u64::try_from(conv).unwrap_or(0));
    Ok(Hit { conv, message })
}

/// Hits among what is in no index yet, newest first, with numbers as entries have them.
fn unfound(
    db: &Connection,
    acc: i64,
    conv: Option<ConvId>,
    wanted: &Wanted,
    before: u64,
) -> rusqlite::Result<Vec<(u64, Hit)>> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS}, conv FROM unfound CROSS JOIN messages USING (acc, conv, seq) \
         WHERE unfound.acc = ?1 AND (?2 IS NULL OR unfound.conv = ?2)"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![acc, conv.map(|conv| int(conv.0))])?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let hit = read_hit(row)?;
        if fits(&hit, wanted) {
            hits.push(hit);
        }
    }
    hits.sort_by_key(|hit| Reverse((hit.message.ts, hit.conv, hit.message.seq)));
    let mut same = (0, 0);
    let mut numbered = Vec::new();
    for hit in hits {
        let first = first_id(hit.message.ts);
        same = if same.0 == first {
            (first, same.1 + 1)
        } else {
            (first, 0)
        };
        let id = first + (2 * UNFOUND - 1).saturating_sub(same.1).max(UNFOUND);
        if id < before {
            numbered.push((id, hit));
        }
    }
    Ok(numbered)
}
