//! Conversations: messages in their order, marks that only rise, history.

use super::super::{Audience, Change, SendJob};
use super::contacts::{are_friends, block_between};
use super::files;
use super::items::{self, Kind};
use super::membership;
use super::pins;
use super::prefs;
use super::sums;
use super::targets;
use super::tx::{Done, Fail, MidKind, Tx, exists, put, take, take_account, take_bytes};
use crate::fault::Fault;
use breeze_protocol::limit::{INTEGER_MAX, PAGE_BYTES_MAX, PAGE_ROWS_MAX};
use breeze_protocol::message::chat::{EntryKind, Event, HistoryPage, Mark, Nack, Send as SendMessage, Sent};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::{AccountId, ConvId, Mid, ServerMessage};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// When a refused message may be tried again, milliseconds: a disk that is full stays so for a while.
pub(super) const RETRY_MS: u64 = 1000;
/// What a row costs on the wire besides its body, bytes, rounded up.
const ROW_BYTES: usize = 320;
/// What a file of it costs besides its name and kind, bytes, rounded up.
const ATTACHMENT_BYTES: usize = 180;

/// The columns of an entry, for [`read_event`].
pub(super) const EVENT_COLUMNS: &str = "num, conv, seq, n, kind, sender, mid, ts, body, target, sum";

/// Reads an entry, if it still is what was written (`sums`). In a conversation of two every entry is everybody's, so the one before it is the next lower seq.
pub(super) fn read_event(row: &Row<'_>) -> rusqlite::Result<Event> {
    sums::check(row)?;
    let seq = take(row, 2)?;
    Ok(Event {
        cursor: take(row, 0)?,
        conv: ConvId(take(row, 1)?),
        seq,
        prev_seq: seq - 1,
        n: take(row, 3)?,
        kind: EntryKind::from_number(row.get(4)?),
        sender: take_account(row, 5)?,
        mid: Mid(take_bytes(row, 6)?),
        ts: take(row, 7)?,
        body: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
        target: row.get::<_, Option<i64>>(9)?.map(i64::cast_unsigned),
        attachments: Vec::new(),
    })
}

/// Adds to an entry what stands in other tables.
pub(super) fn complete(conn: &Connection, mut event: Event) -> rusqlite::Result<Event> {
    if event.kind == EntryKind::File {
        event.attachments = files::of_entry(conn, event.conv, event.seq)?;
    }
    Ok(event)
}

/// Bytes an entry takes on the wire, its JSON escapes counted.
pub(super) fn wire_bytes(event: &Event) -> usize {
    let escaped = event.body.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=0x1f => 6,
        _ => 1,
    });
    // Names hold no control characters, so each of their bytes takes two at most.
    let files = event.attachments.iter();
    let files = files.map(|file| ATTACHMENT_BYTES + 2 * (file.name.len() + file.media.len()));
    ROW_BYTES + escaped.sum::<usize>() + files.sum::<usize>()
}

/// The answer that refuses a message.
pub(super) fn nack(mid: Mid, code: NackCode) -> ServerMessage {
    let transient = code.is_transient();
    Nack {
        mid,
        code,
        transient,
        retry_ms: if transient { RETRY_MS } else { 0 },
    }
    .into()
}

/// Stores a message, or finds that it is stored or may not be. What its sender is told is among the changes.
pub(super) fn send(tx: &mut Tx<'_>, job: &SendJob) -> Done {
    let answer = match store(tx, job) {
        Ok(None) => return Ok(()),
        Ok(Some(sent)) => sent.into(),
        Err(Fail::Nack(code)) => nack(job.send.mid, code),
        Err(other) => return Err(other),
    };
    tx.changes.push(Change::Answer {
        conn: job.conn,
        answer: Box::new(answer),
    });
    Ok(())
}

fn store(tx: &mut Tx<'_>, job: &SendJob) -> Done<Option<Sent>> {
    let send = &job.send;
    if tx.fault != Fault::DedupeOff
        && let Some((first, erased)) = first_of(tx.conn, job)?
    {
        if !is_same(send, &first, erased.as_deref()) {
            return Err(Fail::Nack(NackCode::MidReused));
        }
        return Ok(Some(Sent {
            mid: send.mid,
            conv: first.conv,
            seq: first.seq,
            ts: first.ts,
            dup: true,
        }));
    }
    if let Some(code) = send.flaw() {
        return Err(Fail::Nack(code));
    }
    let (head, n, over) = may_send(tx.conn, send.conv, job.sender)?;
    targets::may_name(tx.conn, job.sender, send)?;
    let event = Event {
        cursor: tx.next(),
        conv: send.conv,
        seq: head + 1,
        // Whoever hears it sees nothing before it.
        prev_seq: if over == head { 0 } else { head },
        n: n + u64::from(send.kind.counts()),
        kind: send.kind,
        sender: job.sender,
        mid: send.mid,
        ts: job.now_ms,
        body: send.body.clone(),
        target: send.target,
        attachments: send.attachments.clone(),
    };
    insert(tx.conn, &event)?;
    files::attach(tx, &event)?;
    if let (EntryKind::Delete, Some(target)) = (send.kind, send.target) {
        targets::erase(tx.conn, send.conv, target)?;
        pins::erased(tx, send.conv, target)?;
    }
    let members = items::members(tx.conn, send.conv)?;
    tx.changes.push(Change::Entry {
        origin: job.conn,
        event,
        members,
    });
    if send.kind.counts() {
        prefs::take_out(tx, send.conv, job.now_ms)?;
    }
    Ok(None)
}

/// What came first under this mid. Whether a damaged entry is the same cannot be said.
fn first_of(conn: &Connection, job: &SendJob) -> Done<Option<(Event, Option<Vec<u8>>)>> {
    let read = by_mid(conn, job.sender, job.send.mid);
    sums::whole(read, (job.send.conv.0, 0))?.ok_or(Fail::Nack(NackCode::MidReused))
}

/// The entry of this mid, and the hash of its body when that is erased.
fn by_mid(
    conn: &Connection,
    sender: AccountId,
    mid: Mid,
) -> rusqlite::Result<Option<(Event, Option<Vec<u8>>)>> {
    let sql = format!("SELECT {EVENT_COLUMNS}, body_hash FROM messages WHERE sender = ?1 AND mid = ?2");
    conn.prepare_cached(&sql)?
        .query_row(params![put(sender.0), mid.0], |row| {
            Ok((complete(conn, read_event(row)?)?, row.get(11)?))
        })
        .optional()
}

/// Whether a mid comes with what it came with first; `erased` stands in for a body that is no longer here.
fn is_same(send: &SendMessage, first: &Event, erased: Option<&[u8]>) -> bool {
    let same_body = match erased {
        Some(hash) => hash == targets::body_hash(&send.body),
        None => first.body == send.body && first.attachments == send.attachments,
    };
    same_body && (first.conv, first.kind, first.target) == (send.conv, send.kind, send.target)
}

/// Head and count of a conversation, and up to where it is over, which this account may write to now: to a friend, to a group it is in, to itself.
pub(super) fn may_send(conn: &Connection, conv: ConvId, sender: AccountId) -> Done<(u64, u64, u64)> {
    let found = conn
        .prepare_cached(
            "SELECT c.head, c.n, c.cut_seq, c.title IS NOT NULL OR c.a = c.b OR (o.id IS NOT NULL AND NOT o.disabled
             AND EXISTS (SELECT 1 FROM contacts f WHERE f.owner = ?2 AND f.other = o.id AND f.friend AND NOT f.blocked)
             AND EXISTS (SELECT 1 FROM contacts f WHERE f.owner = o.id AND f.other = ?2 AND NOT f.blocked))
             FROM conversations c LEFT JOIN users o ON o.id = iif(c.a = ?2, c.b, c.a)
             WHERE c.id = ?1 AND EXISTS (SELECT 1 FROM members m WHERE m.conv = c.id AND m.account = ?2)",
        )?
        .query_row(params![put(conv.0), put(sender.0)], |row| {
            Ok((
                (take(row, 0)?, take(row, 1)?, take(row, 2)?),
                row.get::<_, bool>(3)?,
            ))
        })
        .optional()?;
    match found {
        Some((head, true)) => Ok(head),
        Some((_, false)) => Err(Fail::Nack(NackCode::NotContact)),
        None => Err(Fail::Nack(NackCode::NotMember)),
    }
}

fn sum_of(event: &Event) -> i64 {
    let number = |number: u64| ValueRef::Integer(put(number));
    sums::of([
        number(event.cursor),
        number(event.conv.0),
        number(event.seq),
        number(event.n),
        ValueRef::Integer(event.kind.number()),
        number(event.sender.0),
        ValueRef::Blob(&event.mid.0),
        number(event.ts),
        ValueRef::Text(event.body.as_bytes()),
        event.target.map_or(ValueRef::Null, number),
    ])
}

/// Keeps an entry as the newest of its conversation.
pub(super) fn insert(conn: &Connection, event: &Event) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO messages (num, conv, seq, n, kind, sender, mid, ts, body, target, sum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        put(event.cursor),
        put(event.conv.0),
        put(event.seq),
        put(event.n),
        event.kind.number(),
        put(event.sender.0),
        event.mid.0,
        put(event.ts),
        event.body,
        event.target.map(put),
        sum_of(event)
    ])?;
    conn.prepare_cached("UPDATE conversations SET head = ?2, n = ?3, head_num = ?4 WHERE id = ?1")?
        .execute(params![
            put(event.conv.0),
            put(event.seq),
            put(event.n),
            put(event.cursor)
        ])
        .map(drop)
}

/// Finds or makes the conversation of two friends, or the notes to oneself. Who may not open it learns nothing, not even
/// that it exists or was opened before: the check comes before the look at both, so that a former friend is answered
/// like nobody (R26).
pub(super) fn conv_open(tx: &mut Tx<'_>, me: AccountId, mid: Mid, other: AccountId) -> Done<ConvId> {
    let open = me == other || (are_friends(tx.conn, me, other)? && !block_between(tx.conn, me, other)?);
    let disabled = "SELECT 1 FROM users WHERE id = ?1 AND disabled";
    if !open || exists(tx.conn, disabled, [put(other.0)])? {
        return Err(Fail::Nack(NackCode::NotContact));
    }
    let answer = tx.once(me, mid, MidKind::ConvOpen, &other.to_string(), |tx| {
        open_direct(tx, me, other).map(|conv| conv.0)
    })?;
    Ok(ConvId(answer))
}

fn direct(conn: &Connection, one: AccountId, two: AccountId) -> rusqlite::Result<Option<ConvId>> {
    conn.prepare_cached("SELECT id FROM conversations WHERE a = ?1 AND b = ?2")?
        .query_row(params![put(one.0.min(two.0)), put(one.0.max(two.0))], |row| {
            take(row, 0).map(ConvId)
        })
        .optional()
}

/// Makes the conversation of two people, or of one with oneself, if there is none, and tells them.
pub(super) fn open_direct(tx: &mut Tx<'_>, one: AccountId, two: AccountId) -> Done<ConvId> {
    if let Some(conv) = direct(tx.conn, one, two)? {
        return Ok(conv);
    }
    let (a, b) = (one.min(two), one.max(two));
    let conv: u64 = tx
        .conn
        .prepare_cached("INSERT INTO conversations (a, b) VALUES (?1, ?2) RETURNING id")?
        .query_row(params![put(a.0), put(b.0)], |row| take(row, 0))?;
    let mut statement = tx
        .conn
        .prepare_cached("INSERT INTO members (conv, account) VALUES (?1, ?2)")?;
    let mut members = vec![a, b];
    members.dedup();
    for member in &members {
        statement.execute(params![put(conv), put(member.0)])?;
    }
    drop(statement);
    items::refresh_profile(tx, a, b)?;
    items::refresh_profile(tx, b, a)?;
    items::tell(tx, members, Kind::Conv, conv)?;
    Ok(ConvId(conv))
}

/// A mark as its account has it and as others see it.
struct KeptMark {
    own: (u64, u64),
    shown: (u64, u64),
}

/// Raises marks of one account.
pub(super) fn mark(tx: &mut Tx<'_>, me: AccountId, marks: &[(ConvId, Mark)], audience: Audience) -> Done {
    for (conv, wish) in marks {
        raise(tx, me, *conv, *wish, audience)?;
    }
    Ok(())
}

fn raise(tx: &mut Tx<'_>, me: AccountId, conv: ConvId, wish: Mark, audience: Audience) -> Done {
    if membership::member(tx.conn, conv, me)?.is_none() {
        return Ok(());
    }
    let head: u64 = tx
        .conn
        .prepare_cached("SELECT head FROM conversations WHERE id = ?1")?
        .query_row([put(conv.0)], |row| take(row, 0))?;
    let kept = kept_mark(tx.conn, conv, me)?.unwrap_or(KeptMark {
        own: (0, 0),
        shown: (0, 0),
    });
    let read = kept.own.1.max(wish.read.min(head));
    let delivered = kept.own.0.max(wish.delivered.min(head)).max(read);
    let viewers = match audience {
        Audience::All => membership::receipts_to(tx.conn, conv, me, delivered)?,
        Audience::OwnDevices => None,
    };
    show_mark(tx, conv, me, &kept, (delivered, read), viewers)
}

fn kept_mark(conn: &Connection, conv: ConvId, account: AccountId) -> rusqlite::Result<Option<KeptMark>> {
    conn.prepare_cached(
        "SELECT delivered, read, shown_delivered, shown_read FROM marks WHERE conv = ?1 AND account = ?2",
    )?
    .query_row(params![put(conv.0), put(account.0)], |row| {
        Ok(KeptMark {
            own: (take(row, 0)?, take(row, 1)?),
            shown: (take(row, 2)?, take(row, 3)?),
        })
    })
    .optional()
}

/// Keeps a mark and tells those who may see it and do not know it yet. `members` is given when others may see it.
fn show_mark(
    tx: &mut Tx<'_>,
    conv: ConvId,
    me: AccountId,
    kept: &KeptMark,
    now: (u64, u64),
    members: Option<Vec<AccountId>>,
) -> Done {
    let own_rose = now != kept.own;
    let shown_rose = members.is_some() && now != kept.shown;
    if !own_rose && !shown_rose {
        return Ok(());
    }
    let num = tx.next();
    let shown = if shown_rose { now } else { kept.shown };
    tx.conn
        .prepare_cached(
            "INSERT INTO marks (conv, account, delivered, read, num, shown_delivered, shown_read, shown_num)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?8, ?5, 0))
             ON CONFLICT (conv, account) DO UPDATE SET delivered = excluded.delivered, read = excluded.read,
             num = iif(?9, excluded.num, num), shown_delivered = excluded.shown_delivered,
             shown_read = excluded.shown_read, shown_num = iif(?8, ?5, shown_num)",
        )?
        .execute(params![
            put(conv.0),
            put(me.0),
            put(now.0),
            put(now.1),
            put(num),
            put(shown.0),
            put(shown.1),
            shown_rose,
            own_rose
        ])?;
    let mut to: Vec<AccountId> = if shown_rose {
        members.unwrap_or_default()
    } else {
        vec![me]
    };
    to.retain(|account| *account != me || own_rose);
    let mark = Mark {
        account: me,
        delivered: now.0,
        read: now.1,
    };
    tx.changes.push(Change::Mark { num, to, conv, mark });
    Ok(())
}

/// Shows marks that were kept back.
pub(super) fn publish_marks(tx: &mut Tx<'_>, me: AccountId) -> Done {
    let kept_back: Vec<u64> = tx
        .conn
        .prepare_cached(
            "SELECT k.conv FROM members m JOIN marks k ON k.conv = m.conv AND k.account = m.account
             WHERE m.account = ?1 AND (k.delivered > k.shown_delivered OR k.read > k.shown_read) ORDER BY k.conv",
        )?
        .query_map([put(me.0)], |row| take(row, 0))?
        .collect::<Result<_, _>>()?;
    for conv in kept_back.into_iter().map(ConvId) {
        let unchanged = Mark {
            account: me,
            delivered: 0,
            read: 0,
        };
        raise(tx, me, conv, unchanged, Audience::All)?;
    }
    Ok(())
}

/// A page of history; `None` when the account is no member.
pub(super) fn history(
    conn: &Connection,
    account: AccountId,
    conv: ConvId,
    (before, after): (u64, u64),
    limit: usize,
) -> rusqlite::Result<Option<HistoryPage>> {
    let Some(member) = membership::member(conn, conv, account)? else {
        return Ok(None);
    };
    let limit = limit.clamp(1, PAGE_ROWS_MAX);
    let forward = after > 0;
    let order = if forward { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT {EVENT_COLUMNS} FROM messages WHERE conv = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq {order}"
    );
    let upto = if before == 0 { i64::MAX } else { put(before) };
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query(params![put(conv.0), put(after.max(member.from - 1)), upto])?;
    let (mut rows, mut bytes, mut more) = (Vec::new(), 0, false);
    let mut damaged = Vec::new();
    while let Some(row) = found.next()? {
        let seq = take(row, 2)?;
        let Some(event) = sums::whole(read_event(row), (conv.0, seq))? else {
            damaged.extend((seq <= INTEGER_MAX).then_some((seq, seq)));
            continue;
        };
        let event = Event {
            cursor: 0,
            ..membership::seen_from(complete(conn, event)?, member.from)
        };
        bytes += wire_bytes(&event);
        if rows.len() == limit || (bytes > PAGE_BYTES_MAX && !rows.is_empty()) {
            more = true;
            break;
        }
        rows.push(event);
    }
    if !forward {
        rows.reverse();
    }
    let mut gone = not_theirs((before, after), member.from, forward || !more);
    gone.extend(damaged);
    Ok(Some(HistoryPage {
        conv,
        rows,
        more,
        gone: joined(gone),
    }))
}

/// Ranges that touch as one: a client holds each hole against one range.
fn joined(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    let mut all: Vec<(u64, u64)> = Vec::new();
    for (from, to) in ranges {
        match all.last_mut() {
            Some(last) if from <= last.1 + 1 => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    all
}

/// What a member asked for that lies before the joining, when the page reaches so far.
fn not_theirs((before, after): (u64, u64), from: u64, reached: bool) -> Vec<(u64, u64)> {
    let last = if before == 0 {
        from - 1
    } else {
        (from - 1).min(before.saturating_sub(1))
    };
    if reached && after < last {
        vec![(after + 1, last)]
    } else {
        Vec::new()
    }
}
