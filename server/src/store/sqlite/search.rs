//! Searching messages: the index says where to look, the message itself decides. So an index that is behind hides nothing
//! (what it does not hold yet is looked through), and one that is wrong shows nothing that is not there.

use super::super::StoreError;
use super::super::search::{Search, SearchAsk};
use super::SqliteStore;
use super::chat::{EVENT_COLUMNS, complete, read_event, wire_bytes};
use super::index::{self, conv_term};
use super::membership::seen_from;
use super::sums;
use super::tx::{put, take};
use breeze_protocol::limit::{PAGE_BYTES_MAX, SEARCH_ROWS_MAX};
use breeze_protocol::message::attachment::sought;
use breeze_protocol::message::chat::{EntryKind, Event};
use breeze_protocol::message::search::SearchPage;
use breeze_protocol::terms::Wanted;
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Rows, params};
use std::collections::{BTreeMap, BinaryHeap};

/// Messages read for one page. Past it the page ends, and the next begins there.
const LOOKS_MAX: usize = 5000;
/// Hits of the index in other people's conversations passed over for one page: a tenth of a second's worth.
const PASSED_MAX: usize = 200_000;
/// Conversations named in the question to the index; with more, their hits are picked out afterwards.
const CONVS_NAMED_MAX: usize = 64;

impl Search for SqliteStore {
    async fn search(&self, account: AccountId, ask: SearchAsk) -> Result<Option<SearchPage>, StoreError> {
        match &self.inner.index {
            Some(index) => {
                index
                    .look(move |main, index| page(main, index, account, &ask))
                    .await
            }
            None => self.read(move |conn| page(conn, None, account, &ask)).await,
        }
    }

    async fn indexed(&self) -> Result<Option<u64>, StoreError> {
        match &self.inner.index {
            Some(index) => index.look(|_, index| index.map(index::entries).transpose()).await,
            None => Ok(None),
        }
    }
}

/// One page of hits.
pub(super) fn page(
    main: &Connection,
    index: Option<&Connection>,
    account: AccountId,
    ask: &SearchAsk,
) -> rusqlite::Result<Option<SearchPage>> {
    let mine = convs(main, account, ask.conv)?;
    if ask.conv.is_some() && mine.is_empty() {
        return Ok(None);
    }
    let before = if ask.before == 0 {
        i64::MAX.cast_unsigned()
    } else {
        ask.before
    };
    let unseen = Unseen::new(main, index, &mine, before)?;
    let held: BTreeMap<u64, u64> = mine.iter().map(|it| (it.conv, it.from)).collect();
    let mut gathering = Gathering {
        main,
        held: &held,
        ask,
        page: SearchPage {
            rows: Vec::new(),
            more: false,
            before: ask.before,
        },
        bytes: 0,
        looks: 0,
        passed: 0,
    };
    match index {
        Some(index) if !mine.is_empty() => {
            let mut statement = index.prepare_cached(index::HITS)?;
            let rows = statement.query(params![question(&ask.wanted, &mine), put(before)])?;
            let places = index.prepare_cached(index::PLACE)?;
            gathering.gather(unseen, Some(Hits::new(rows, places)?))?;
        }
        _ => gathering.gather(unseen, None)?,
    }
    Ok(Some(gathering.page))
}

/// A conversation one may look into.
struct Mine {
    conv: u64,
    head: u64,
    /// The first entry one may see.
    from: u64,
}

/// The conversations an account may look into.
fn convs(main: &Connection, account: AccountId, only: Option<ConvId>) -> rusqlite::Result<Vec<Mine>> {
    main.prepare_cached(
        "SELECT c.id, c.head, m.from_seq FROM members m JOIN conversations c ON c.id = m.conv
         WHERE m.account = ?1 AND (?2 IS NULL OR c.id = ?2)",
    )?
    .query_map(params![put(account.0), only.map(|conv| put(conv.0))], |row| {
        Ok(Mine {
            conv: take(row, 0)?,
            head: take(row, 1)?,
            from: take(row, 2)?,
        })
    })?
    .collect()
}

/// The question to the index. Terms hold no quotes.
fn question(wanted: &Wanted, mine: &[Mine]) -> String {
    let terms = wanted.terms();
    let mut parts: Vec<String> = terms
        .iter()
        .map(|(term, open)| format!("\"{term}\"{}", if *open { "*" } else { "" }))
        .collect();
    if mine.len() <= CONVS_NAMED_MAX {
        let convs: Vec<String> = mine
            .iter()
            .map(|it| format!("\"{}\"", conv_term(it.conv)))
            .collect();
        parts.push(format!("({})", convs.join(" OR ")));
    }
    parts.join(" AND ")
}

/// A message by its commit number, conversation and place there; the newest compares as the largest.
type Place = (u64, u64, u64);

/// What the index holds, newest first.
struct Hits<'r, 'c> {
    rows: Rows<'r>,
    places: CachedStatement<'c>,
    next: Option<u64>,
}

impl<'r, 'c> Hits<'r, 'c> {
    fn new(rows: Rows<'r>, places: CachedStatement<'c>) -> rusqlite::Result<Self> {
        let mut hits = Self {
            rows,
            places,
            next: None,
        };
        hits.step()?;
        Ok(hits)
    }

    fn step(&mut self) -> rusqlite::Result<()> {
        self.next = self.rows.next()?.map(|row| take(row, 0)).transpose()?;
        Ok(())
    }

    fn pop(&mut self) -> rusqlite::Result<Option<Place>> {
        let Some(num) = self.next else { return Ok(None) };
        self.step()?;
        self.places
            .query_row([put(num)], |row| Ok((num, take(row, 0)?, take(row, 1)?)))
            .optional()
    }
}

/// What no index holds yet, newest first.
struct Unseen<'m> {
    main: &'m Connection,
    /// The next of each conversation.
    next: BinaryHeap<Place>,
    /// From where on the index holds a conversation.
    done: Vec<(u64, u64)>,
}

impl<'m> Unseen<'m> {
    fn new(
        main: &'m Connection,
        index: Option<&Connection>,
        mine: &[Mine],
        before: u64,
    ) -> rusqlite::Result<Self> {
        let mut unseen = Self {
            main,
            next: BinaryHeap::new(),
            done: Vec::new(),
        };
        for &Mine { conv, head, from } in mine {
            let indexed = index.map_or(Ok(0), |index| index::done(index, conv))?;
            let done = indexed.max(from.saturating_sub(1));
            if done >= head {
                continue;
            }
            unseen.done.push((conv, done));
            let newest = unseen.place(conv, head)?;
            if newest.is_some_and(|(num, _, _)| num >= before) {
                let seq = unseen.last_below(conv, (done, head), before)?;
                if seq > done {
                    unseen.push(conv, seq)?;
                }
            } else {
                unseen.next.extend(newest);
            }
        }
        Ok(unseen)
    }

    fn place(&self, conv: u64, seq: u64) -> rusqlite::Result<Option<Place>> {
        self.main
            .prepare_cached("SELECT num FROM messages WHERE conv = ?1 AND seq = ?2")?
            .query_row(params![put(conv), put(seq)], |row| Ok((take(row, 0)?, conv, seq)))
            .optional()
    }

    /// The last place above `low`, up to `high`, that was committed before a number; `low` when there is none. Commit
    /// numbers rise with seq, so half the entries are ruled out at each look.
    fn last_below(&self, conv: u64, (mut low, mut high): (u64, u64), before: u64) -> rusqlite::Result<u64> {
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.place(conv, middle)? {
                Some((num, _, _)) if num < before => low = middle,
                _ => high = middle - 1,
            }
        }
        Ok(low)
    }

    fn push(&mut self, conv: u64, seq: u64) -> rusqlite::Result<()> {
        let place = self.place(conv, seq)?;
        self.next.extend(place);
        Ok(())
    }

    fn pop(&mut self) -> rusqlite::Result<Option<Place>> {
        let Some(place) = self.next.pop() else {
            return Ok(None);
        };
        let (_, conv, seq) = place;
        let done = self
            .done
            .iter()
            .find(|(it, _)| *it == conv)
            .map_or(0, |(_, done)| *done);
        if seq > done + 1 {
            self.push(conv, seq - 1)?;
        }
        Ok(Some(place))
    }
}

/// A page in the making.
struct Gathering<'a> {
    main: &'a Connection,
    /// The first entry one may see, by conversation.
    held: &'a BTreeMap<u64, u64>,
    ask: &'a SearchAsk,
    page: SearchPage,
    bytes: usize,
    looks: usize,
    passed: usize,
}

impl Gathering<'_> {
    fn gather(&mut self, mut unseen: Unseen<'_>, mut hits: Option<Hits<'_, '_>>) -> rusqlite::Result<()> {
        let limit = self.ask.limit.clamp(1, SEARCH_ROWS_MAX);
        loop {
            let hit = hits.as_ref().and_then(|hits| hits.next);
            let fresh = unseen.next.peek().map(|(num, _, _)| *num);
            let Some(num) = hit.max(fresh) else {
                self.page.more = false;
                return Ok(());
            };
            self.page.more = true;
            if self.page.rows.len() == limit || self.looks >= LOOKS_MAX || self.passed >= PASSED_MAX {
                return Ok(());
            }
            let place = match &mut hits {
                Some(hits) if hit == Some(num) => hits.pop()?,
                _ => unseen.pop()?,
            };
            match place {
                Some((_, conv, seq)) if self.held.get(&conv).is_some_and(|from| seq >= *from) => {
                    if !self.look(conv, seq)? {
                        return Ok(());
                    }
                }
                _ => self.passed += 1,
            }
            self.page.before = num;
        }
    }

    /// Takes a message into the page if it fits; `false` when the page has no room for it.
    fn look(&mut self, conv: u64, seq: u64) -> rusqlite::Result<bool> {
        self.looks += 1;
        let Some(event) = message(self.main, conv, seq)? else {
            return Ok(true);
        };
        let from = self.held.get(&conv).copied().unwrap_or(u64::MAX);
        if event.seq < from {
            // An edit one may see, of a message one may not.
            return Ok(true);
        }
        let event = seen_from(event, from);
        if self.ask.wanted.fits(&sought(&event.body, &event.attachments)) {
            let bytes = wire_bytes(&event);
            if self.bytes + bytes > PAGE_BYTES_MAX && !self.page.rows.is_empty() {
                return Ok(false);
            }
            self.bytes += bytes;
            self.page.rows.push(event);
        }
        Ok(true)
    }
}

/// The message an entry stands for, with its text as it is now: files, a text that was never edited, or the newest edit of one.
/// Nothing of what is erased.
fn message(main: &Connection, conv: u64, seq: u64) -> rusqlite::Result<Option<Event>> {
    let Some(entry) = entry(main, conv, seq)? else {
        return Ok(None);
    };
    match (entry.kind, entry.target) {
        (EntryKind::File, _) => complete(main, entry).map(Some),
        (EntryKind::Text, _) if newest_edit(main, conv, seq)?.is_none() => Ok(Some(entry)),
        (EntryKind::Edit, Some(target)) if newest_edit(main, conv, target)? == Some(seq) => {
            let original = self::entry(main, conv, target)?;
            Ok(original.map(|original| Event {
                body: entry.body,
                ..original
            }))
        }
        _ => Ok(None),
    }
}

fn entry(main: &Connection, conv: u64, seq: u64) -> rusqlite::Result<Option<Event>> {
    let sql =
        format!("SELECT {EVENT_COLUMNS} FROM messages WHERE conv = ?1 AND seq = ?2 AND body IS NOT NULL");
    let read = main
        .prepare_cached(&sql)?
        .query_row(params![put(conv), put(seq)], read_event)
        .optional();
    let found = sums::whole(read, (conv, seq))?.flatten();
    Ok(found.map(|event| Event { cursor: 0, ..event }))
}

/// By name of the index: for the largest seq SQLite would rather walk the whole conversation backwards.
fn newest_edit(main: &Connection, conv: u64, target: u64) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT max(seq) FROM messages INDEXED BY messages_target
               WHERE conv = ?1 AND target = ?2 AND kind = ?3 AND body IS NOT NULL";
    let place = params![put(conv), put(target), EntryKind::Edit.number()];
    let found: Option<i64> = main.prepare_cached(sql)?.query_row(place, |row| row.get(0))?;
    Ok(found.map(i64::cast_unsigned))
}
