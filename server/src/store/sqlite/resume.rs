//! Catching up: what lies above a cursor, in commit order, and the whole state for a device that knows nothing.

use super::super::{Missed, MissedPage};
use super::chat::{EVENT_COLUMNS, complete, read_event, wire_bytes};
use super::items::{self, Kind};
use super::membership::seen_from;
use super::sums;
use super::tx::{put, take, take_account};
use breeze_protocol::limit::{PAGE_BYTES_MAX, PAGE_ROWS_MAX, SNAPSHOT_ENTRIES};
use breeze_protocol::message::chat::Mark;
use breeze_protocol::message::item::{ConvMark, ItemState};
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What an item counts for in a page, bytes: the longest profile with its escapes.
const ITEM_BYTES: usize = 1200;
/// What each pinned message adds to one, bytes, rounded up.
const PIN_BYTES: usize = 80;
/// Rows of one source looked at for a page: one more than fit, to see that there are more.
const ROWS_LOOKED_AT: i64 = PAGE_ROWS_MAX as i64 + 1;
/// Own entries passed over in search of somebody else's: whoever wrote so many since has acknowledged what was before.
const OWN_ENTRIES_LOOKED_AT: i64 = 200;
/// Items in one page of a snapshot: stays below `PAGE_BYTES_MAX`.
const SNAPSHOT_ITEMS: u64 = 100;
/// Conversations in one page of a snapshot: two of 64 KiB make a page.
const SNAPSHOT_CONVS: u64 = 2;
/// Bytes of newest entries per conversation in a snapshot.
const SNAPSHOT_CONV_BYTES: usize = 64 * 1024;

const MARKS_MISSED: &str = "SELECT k.conv, k.account, iif(k.account = ?1, k.delivered, k.shown_delivered),
    iif(k.account = ?1, k.read, k.shown_read), iif(k.account = ?1, k.num, k.shown_num) AS told
    FROM members m JOIN marks k ON k.conv = m.conv WHERE m.account = ?1 AND told > ?2 AND told <= ?3
    AND (k.account = ?1 OR (k.shown_delivered >= m.from_seq AND NOT EXISTS (SELECT 1 FROM conversations c
    JOIN contacts b ON b.blocked AND ((b.owner = ?1 AND b.other = k.account) OR (b.owner = k.account AND b.other = ?1))
    WHERE c.id = k.conv AND c.title IS NOT NULL)))";

/// A place in one conversation, smallest commit number first.
type Place = Reverse<(u64, u64, u64)>;

/// How many changes lie above a cursor, at most `at_most`.
pub(super) fn count(conn: &Connection, me: AccountId, cursor: u64, at_most: u64) -> rusqlite::Result<u64> {
    let limit = put(at_most);
    let sql = "SELECT count(*) FROM (SELECT 1 FROM items WHERE account = ?1 AND num > ?2 LIMIT ?3)";
    let mut total: u64 = conn
        .prepare_cached(sql)?
        .query_row(params![put(me.0), put(cursor), limit], |row| take(row, 0))?;
    let sql = format!("SELECT count(*) FROM ({MARKS_MISSED})");
    total += conn
        .prepare_cached(&sql)?
        .query_row(params![put(me.0), put(cursor), i64::MAX], |row| take(row, 0))?;
    for at in convs_above(conn, me, cursor)? {
        if total >= at_most {
            break;
        }
        total += at.head + 1 - first_above(conn, ConvId(at.conv), (at.from, at.head), cursor)?;
    }
    Ok(total.min(at_most))
}

/// One page of what lies above a cursor, up to `upto`.
pub(super) fn missed(
    conn: &Connection,
    me: AccountId,
    cursor: u64,
    upto: u64,
) -> rusqlite::Result<MissedPage> {
    let (mut places, from) = places_above(conn, me, cursor)?;
    let mut small = items_above(conn, me, cursor, upto)?;
    small.extend(marks_above(conn, me, cursor, upto)?);
    small.sort_by_key(Missed::num);
    small.truncate(PAGE_ROWS_MAX + 1);
    let mut small = small.into_iter().peekable();
    let (mut rows, mut bytes) = (Vec::new(), 0);
    loop {
        let item_num = small.peek().map_or(u64::MAX, Missed::num);
        let entry_num = places.peek().map_or(u64::MAX, |Reverse((num, _, _))| *num);
        if item_num.min(entry_num) > upto {
            return Ok(MissedPage {
                rows,
                cursor: upto,
                more: false,
            });
        }
        let row = if item_num < entry_num {
            small.next()
        } else {
            next_entry(conn, &mut places, &from)?
        };
        let Some(row) = row else { continue };
        bytes += match &row {
            Missed::Entry(event) => wire_bytes(event),
            Missed::Item(_, ItemState::Draft(draft)) => ITEM_BYTES + 2 * draft.text.len(),
            Missed::Item(_, ItemState::Pins(pins)) => ITEM_BYTES + PIN_BYTES * pins.pins.len(),
            Missed::Item(..) => ITEM_BYTES,
        };
        if rows.len() == PAGE_ROWS_MAX || (bytes > PAGE_BYTES_MAX && !rows.is_empty()) {
            let cursor = rows.last().map_or(cursor, Missed::num);
            return Ok(MissedPage {
                rows,
                cursor,
                more: true,
            });
        }
        rows.push(row);
    }
}

/// A conversation as one of its members may see it.
#[derive(Debug, Clone, Copy)]
struct Talk {
    conv: u64,
    head: u64,
    /// First entry the member may see.
    from: u64,
}

/// First entry one may see, by conversation.
type Since = BTreeMap<u64, u64>;

/// Conversations with entries above a cursor.
fn convs_above(conn: &Connection, me: AccountId, cursor: u64) -> rusqlite::Result<Vec<Talk>> {
    conn.prepare_cached(
        "SELECT c.id, c.head, m.from_seq FROM members m JOIN conversations c ON c.id = m.conv
         WHERE m.account = ?1 AND c.head_num > ?2 AND c.head >= m.from_seq",
    )?
    .query_map(params![put(me.0), put(cursor)], |row| {
        Ok(Talk {
            conv: take(row, 0)?,
            head: take(row, 1)?,
            from: take(row, 2)?,
        })
    })?
    .collect()
}

/// Place of the first entry of a conversation above a cursor, between these places; there is one. Commit numbers rise with
/// seq, so half the entries are ruled out at each look.
pub(super) fn first_above(
    conn: &Connection,
    conv: ConvId,
    (mut low, mut high): (u64, u64),
    cursor: u64,
) -> rusqlite::Result<u64> {
    let mut statement = conn.prepare_cached("SELECT num FROM messages WHERE conv = ?1 AND seq = ?2")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let num = statement.query_row(params![put(conv.0), put(middle)], |row| take(row, 0))?;
        if num > cursor {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

fn places_above(
    conn: &Connection,
    me: AccountId,
    cursor: u64,
) -> rusqlite::Result<(BinaryHeap<Place>, Since)> {
    let (mut places, mut from) = (BinaryHeap::new(), Since::new());
    for at in convs_above(conn, me, cursor)? {
        let seq = first_above(conn, ConvId(at.conv), (at.from, at.head), cursor)?;
        places.extend(place(conn, at.conv, seq)?);
        from.insert(at.conv, at.from);
    }
    Ok((places, from))
}

fn place(conn: &Connection, conv: u64, seq: u64) -> rusqlite::Result<Option<Place>> {
    conn.prepare_cached("SELECT num FROM messages WHERE conv = ?1 AND seq = ?2")?
        .query_row(params![put(conv), put(seq)], |row| {
            Ok(Reverse((take(row, 0)?, conv, seq)))
        })
        .optional()
}

fn next_entry(
    conn: &Connection,
    places: &mut BinaryHeap<Place>,
    from: &Since,
) -> rusqlite::Result<Option<Missed>> {
    let Some(Reverse((_, conv, seq))) = places.pop() else {
        return Ok(None);
    };
    places.extend(place(conn, conv, seq + 1)?);
    let sql = format!("SELECT {EVENT_COLUMNS} FROM messages WHERE conv = ?1 AND seq = ?2");
    let read = conn
        .prepare_cached(&sql)?
        .query_row(params![put(conv), put(seq)], read_event);
    let Some(event) = sums::whole(read, (conv, seq))? else {
        return Ok(None);
    };
    let from = from.get(&conv).copied().unwrap_or(1);
    Ok(Some(Missed::Entry(seen_from(complete(conn, event)?, from))))
}

/// What a device with this cursor has and is not yet noted as having: conversation and seq of the newest such entry of
/// somebody else.
pub(super) fn undelivered(
    conn: &Connection,
    me: AccountId,
    cursor: u64,
) -> rusqlite::Result<Vec<(ConvId, u64)>> {
    let behind: Vec<(Talk, u64, u64)> = conn
        .prepare_cached(
            "SELECT c.id, c.head, m.from_seq, c.head_num, max(coalesce(k.delivered, 0), m.from_seq - 1) AS have
             FROM members m JOIN conversations c ON c.id = m.conv
             LEFT JOIN marks k ON k.conv = m.conv AND k.account = m.account WHERE m.account = ?1 AND c.head > have",
        )?
        .query_map([put(me.0)], |row| {
            let talk = Talk {
                conv: take(row, 0)?,
                head: take(row, 1)?,
                from: take(row, 2)?,
            };
            Ok((talk, take(row, 3)?, take(row, 4)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut newest = conn.prepare_cached(
        "SELECT seq FROM (SELECT seq, sender FROM messages WHERE conv = ?1 AND seq > ?2 AND seq <= ?3
         ORDER BY seq DESC LIMIT ?4) WHERE sender <> ?5 LIMIT 1",
    )?;
    let mut found = Vec::new();
    for (talk, head_num, have) in behind {
        let upto = if head_num <= cursor {
            talk.head
        } else {
            first_above(conn, ConvId(talk.conv), (talk.from, talk.head), cursor)? - 1
        };
        let place = params![
            put(talk.conv),
            put(have),
            put(upto),
            OWN_ENTRIES_LOOKED_AT,
            put(me.0)
        ];
        let seq = newest.query_row(place, |row| take(row, 0)).optional()?;
        found.extend(seq.map(|seq| (ConvId(talk.conv), seq)));
    }
    Ok(found)
}

fn items_above(conn: &Connection, me: AccountId, cursor: u64, upto: u64) -> rusqlite::Result<Vec<Missed>> {
    let found: Vec<ItemRow> = conn
        .prepare_cached(
            "SELECT kind, key, num, gone FROM items WHERE account = ?1 AND num > ?2 AND num <= ?3 ORDER BY num LIMIT ?4",
        )?
        .query_map(params![put(me.0), put(cursor), put(upto), ROWS_LOOKED_AT], read_item)?
        .collect::<Result<_, _>>()?;
    found
        .into_iter()
        .filter_map(|row| item_now(conn, me, row).transpose())
        .collect()
}

/// A row of `items`, its value not yet looked up.
struct ItemRow {
    kind: i64,
    key: u64,
    num: u64,
    gone: bool,
}

fn read_item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        kind: row.get(0)?,
        key: take(row, 1)?,
        num: take(row, 2)?,
        gone: row.get(3)?,
    })
}

fn item_now(conn: &Connection, me: AccountId, row: ItemRow) -> rusqlite::Result<Option<Missed>> {
    let Some(kind) = Kind::from_kept(row.kind) else {
        return Ok(None);
    };
    let state = if row.gone {
        kind.gone(row.key)
    } else {
        items::state(conn, me, kind, row.key)?
    };
    Ok(Some(Missed::Item(row.num, state)))
}

fn read_mark(row: &Row<'_>) -> rusqlite::Result<Missed> {
    let mark = Mark {
        account: take_account(row, 1)?,
        delivered: take(row, 2)?,
        read: take(row, 3)?,
    };
    let conv = ConvId(take(row, 0)?);
    Ok(Missed::Item(
        take(row, 4)?,
        ItemState::Mark(ConvMark { conv, mark }),
    ))
}

fn marks_above(conn: &Connection, me: AccountId, cursor: u64, upto: u64) -> rusqlite::Result<Vec<Missed>> {
    let sql = format!("{MARKS_MISSED} ORDER BY told LIMIT ?4");
    conn.prepare_cached(&sql)?
        .query_map(
            params![put(me.0), put(cursor), put(upto), ROWS_LOOKED_AT],
            read_mark,
        )?
        .collect()
}

/// One page of the whole state. The order of rows never depends on when they last changed, and rows are only ever added
/// (the item of a group that was left stays, as gone), so pages read one after the other may repeat a row and never pass
/// over one.
pub(super) fn snapshot(conn: &Connection, me: AccountId, page: u32) -> rusqlite::Result<MissedPage> {
    let head: u64 = conn
        .prepare_cached("SELECT value FROM meta WHERE key = 'counter'")?
        .query_row([], |row| take(row, 0))?;
    let of = |sql: &str| -> rusqlite::Result<u64> {
        conn.prepare_cached(sql)?
            .query_row([put(me.0)], |row| take(row, 0))
    };
    let items = of("SELECT count(*) FROM items WHERE account = ?1")?;
    let marks = of(
        "SELECT count(*) FROM items i JOIN marks k ON k.conv = i.key WHERE i.account = ?1 AND i.kind = 3",
    )?;
    let convs = of("SELECT count(*) FROM items WHERE account = ?1 AND kind = 3")?;
    let pages = [
        items.div_ceil(SNAPSHOT_ITEMS),
        marks.div_ceil(SNAPSHOT_ITEMS),
        convs.div_ceil(SNAPSHOT_CONVS),
    ];
    let page = u64::from(page);
    let rows = if page < pages[0] {
        live_items(conn, me, page * SNAPSHOT_ITEMS)?
    } else if page < pages[0] + pages[1] {
        live_marks(conn, me, (page - pages[0]) * SNAPSHOT_ITEMS)?
    } else {
        newest_entries(
            conn,
            me,
            (page - pages[0] - pages[1]).saturating_mul(SNAPSHOT_CONVS),
        )?
    };
    Ok(MissedPage {
        rows,
        cursor: head,
        more: page + 1 < pages.iter().sum(),
    })
}

fn live_items(conn: &Connection, me: AccountId, offset: u64) -> rusqlite::Result<Vec<Missed>> {
    let sql =
        "SELECT kind, key, num, gone FROM items WHERE account = ?1 ORDER BY kind, key LIMIT ?2 OFFSET ?3";
    let found: Vec<ItemRow> = conn
        .prepare_cached(sql)?
        .query_map(params![put(me.0), put(SNAPSHOT_ITEMS), put(offset)], read_item)?
        .collect::<Result<_, _>>()?;
    let live = found.into_iter().filter(|row| !row.gone);
    live.filter_map(|row| item_now(conn, me, row).transpose())
        .collect()
}

fn live_marks(conn: &Connection, me: AccountId, offset: u64) -> rusqlite::Result<Vec<Missed>> {
    let sql = "SELECT k.conv, k.account, iif(k.account = ?1, k.delivered, k.shown_delivered),
               iif(k.account = ?1, k.read, k.shown_read),
               CASE WHEN m.account IS NULL THEN 0 WHEN k.account = ?1 THEN k.num
               WHEN k.shown_delivered < m.from_seq THEN 0
               WHEN EXISTS (SELECT 1 FROM conversations c
               JOIN contacts b ON b.blocked AND ((b.owner = ?1 AND b.other = k.account)
               OR (b.owner = k.account AND b.other = ?1)) WHERE c.id = k.conv AND c.title IS NOT NULL) THEN 0
               ELSE k.shown_num END
               FROM items i JOIN marks k ON k.conv = i.key LEFT JOIN members m ON m.conv = i.key AND m.account = ?1
               WHERE i.account = ?1 AND i.kind = 3 ORDER BY k.conv, k.account LIMIT ?2 OFFSET ?3";
    let found: rusqlite::Result<Vec<Missed>> = conn
        .prepare_cached(sql)?
        .query_map(params![put(me.0), put(SNAPSHOT_ITEMS), put(offset)], read_mark)?
        .collect();
    // Number 0: nothing of that mark has ever been shown to this account, or may be.
    Ok(found?.into_iter().filter(|mark| mark.num() > 0).collect())
}

fn newest_entries(conn: &Connection, me: AccountId, offset: u64) -> rusqlite::Result<Vec<Missed>> {
    let convs: Vec<(u64, Option<u64>)> = conn
        .prepare_cached(
            "SELECT i.key, m.from_seq FROM items i LEFT JOIN members m ON m.conv = i.key AND m.account = ?1
             WHERE i.account = ?1 AND i.kind = 3 ORDER BY i.key DESC LIMIT ?2 OFFSET ?3",
        )?
        .query_map(params![put(me.0), put(SNAPSHOT_CONVS), put(offset)], |row| {
            Ok((
                take(row, 0)?,
                row.get::<_, Option<i64>>(1)?.map(i64::cast_unsigned),
            ))
        })?
        .collect::<Result<_, _>>()?;
    let sql = format!(
        "SELECT {EVENT_COLUMNS} FROM messages WHERE conv = ?1 AND seq >= ?3 ORDER BY seq DESC LIMIT ?2"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = Vec::new();
    let mine = convs.into_iter().filter_map(|(conv, from)| Some((conv, from?)));
    for (conv, from) in mine {
        let (mut newest, mut bytes) = (Vec::new(), 0);
        let mut found = statement.query(params![put(conv), SNAPSHOT_ENTRIES as i64, put(from)])?;
        while let Some(row) = found.next()? {
            let Some(event) = sums::whole(read_event(row), (conv, take(row, 2)?))? else {
                continue;
            };
            let event = seen_from(complete(conn, event)?, from);
            bytes += wire_bytes(&event);
            if bytes > SNAPSHOT_CONV_BYTES && !newest.is_empty() {
                break;
            }
            newest.push(Missed::Entry(event));
        }
        rows.extend(newest.into_iter().rev());
    }
    Ok(rows)
}
