//! Who is in a conversation, since when and as what; and the item that tells each member of it.

use super::super::group::TypingTo;
use super::super::{Change, ConnId};
use super::contacts::block_between;
use super::items::{self, Kind};
use super::tx::{Done, Fail, Tx, accounts, exists, put, take, take_account};
use breeze_protocol::limit::{MEMBERS_INLINE_MAX, PAGE_ROWS_MAX, RECEIPT_MEMBERS_MAX, TYPING_MEMBERS_MAX};
use breeze_protocol::message::chat::{Event, Mark};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::{Group, MemberRow, MembersPage, Role};
use breeze_protocol::message::item::{Conv, ItemState};
use breeze_protocol::{AccountId, BlobHash, ConvId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

/// One member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) account: AccountId,
    pub(super) role: Role,
    /// First entry the member may see.
    pub(super) from: u64,
}

/// A role as it is kept.
pub(super) fn put_role(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
        Role::Owner => 2,
    }
}

fn take_role(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    Ok(match row.get::<_, i64>(column)? {
        2 => Role::Owner,
        1 => Role::Admin,
        _ => Role::Member,
    })
}

fn take_member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        account: take_account(row, 0)?,
        role: take_role(row, 1)?,
        from: take(row, 2)?,
    })
}

/// Every member, by number.
pub(super) fn members(conn: &Connection, conv: ConvId) -> rusqlite::Result<Vec<Member>> {
    conn.prepare_cached("SELECT account, role, from_seq FROM members WHERE conv = ?1 ORDER BY account")?
        .query_map([put(conv.0)], take_member)?
        .collect()
}

/// One member; `None` when the account is none.
pub(super) fn member(
    conn: &Connection,
    conv: ConvId,
    account: AccountId,
) -> rusqlite::Result<Option<Member>> {
    conn.prepare_cached("SELECT account, role, from_seq FROM members WHERE conv = ?1 AND account = ?2")?
        .query_row(params![put(conv.0), put(account.0)], take_member)
        .optional()
}

/// How many there are.
pub(super) fn count(conn: &Connection, conv: ConvId) -> rusqlite::Result<usize> {
    let count: u64 = conn
        .prepare_cached("SELECT count(*) FROM members WHERE conv = ?1")?
        .query_row([put(conv.0)], |row| take(row, 0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Whether a conversation is a group.
pub(super) fn is_group(conn: &Connection, conv: ConvId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM conversations WHERE id = ?1 AND title IS NOT NULL";
    exists(conn, sql, [put(conv.0)])
}

/// Whether two people are in a group together.
pub(super) fn share_group(conn: &Connection, a: AccountId, b: AccountId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM members a JOIN members b ON b.conv = a.conv AND b.account = ?2
               JOIN conversations c ON c.id = a.conv WHERE a.account = ?1 AND c.title IS NOT NULL";
    exists(conn, sql, params![put(a.0), put(b.0)])
}

/// Puts somebody into a conversation, from this entry on.
pub(super) fn add(tx: &Tx<'_>, conv: ConvId, account: AccountId, role: Role, from: u64) -> Done {
    tx.conn
        .prepare_cached(
            "INSERT INTO members (conv, account, role, from_seq, joined_seq) VALUES (?1, ?2, ?3, ?4, ?4)",
        )?
        .execute(params![put(conv.0), put(account.0), put_role(role), put(from)])?;
    Ok(())
}

/// Gives a member another role.
pub(super) fn set_role(tx: &Tx<'_>, conv: ConvId, account: AccountId, role: Role) -> Done {
    tx.conn
        .prepare_cached("UPDATE members SET role = ?3 WHERE conv = ?1 AND account = ?2")?
        .execute(params![put(conv.0), put(account.0), put_role(role)])?;
    Ok(())
}

/// A conversation as one of its members sees it; gone for everybody else.
pub(super) fn conv(conn: &Connection, viewer: AccountId, conv: ConvId) -> rusqlite::Result<Option<Conv>> {
    let Some(member) = member(conn, conv, viewer)? else {
        return Ok(None);
    };
    Ok(whole(conn, conv)?.map(|whole| whole.seen_by(member)))
}

/// What all members of a conversation see alike.
struct Whole {
    conv: Conv,
    /// Whether all members are told.
    small: bool,
}

impl Whole {
    fn seen_by(&self, member: Member) -> Conv {
        let mut conv = self.conv.clone();
        match &mut conv.group {
            Some(group) => (group.role, group.from) = (member.role, member.from),
            None if member.from > 1 => conv.from = member.from,
            None => {}
        }
        if !self.small {
            conv.members = vec![member.account];
        }
        conv
    }
}

fn whole(conn: &Connection, id: ConvId) -> rusqlite::Result<Option<Whole>> {
    let count = count(conn, id)?;
    let small = count <= MEMBERS_INLINE_MAX;
    let found = conn
        .prepare_cached(
            "SELECT head, n, base_seq, title, avatar, keep_days FROM conversations WHERE id = ?1",
        )?
        .query_row([put(id.0)], |row| {
            let title: Option<String> = row.get(3)?;
            let avatar = row.get::<_, Option<[u8; 32]>>(4)?.map(BlobHash);
            let conv = Conv {
                conv: id,
                members: Vec::new(),
                head: take(row, 0)?,
                n: take(row, 1)?,
                base_seq: take(row, 2)?,
                group: None,
                keep_days: take(row, 5)?,
                from: 0,
            };
            Ok((conv, title, avatar))
        })
        .optional()?;
    let Some((mut conv, title, avatar)) = found else {
        return Ok(None);
    };
    if small {
        conv.members = items::members(conn, id)?;
    }
    if let Some(title) = title {
        let with = "SELECT account FROM members WHERE conv = ?1 AND role = ?2 ORDER BY account LIMIT ?3";
        let with = |role: Role| {
            let limit = MEMBERS_INLINE_MAX as i64;
            accounts(conn, with, params![put(id.0), put_role(role), limit])
        };
        conv.group = Some(Group {
            title,
            avatar,
            role: Role::Member,
            count: count as u64,
            owner: with(Role::Owner)?.first().copied().unwrap_or_default(),
            admins: if small { with(Role::Admin)? } else { Vec::new() },
            from: 1,
        });
    }
    Ok(Some(Whole { conv, small }))
}

/// Members who see the same of a group: role, beginning, and in a large group who they are.
type Alike = (i64, u64, Option<AccountId>);

/// Notes and tells that a conversation has changed. One commit number for all members, though each sees their own role and
/// beginning in it.
pub(super) fn tell_group(tx: &mut Tx<'_>, conv: ConvId) -> Done {
    let members = members(tx.conn, conv)?;
    let all: Vec<AccountId> = members.iter().map(|it| it.account).collect();
    let Some(whole) = whole(tx.conn, conv)?.filter(|_| !all.is_empty()) else {
        return Ok(());
    };
    let num = tx.next();
    items::set(tx, &all, Kind::Conv, conv.0, num, false)?;
    let mut alike: BTreeMap<Alike, (Member, Vec<AccountId>)> = BTreeMap::new();
    for member in members {
        // In a large group each one's own number stands for the members.
        let own = (!whole.small).then_some(member.account);
        let key = (put_role(member.role), member.from, own);
        alike
            .entry(key)
            .or_insert((member, Vec::new()))
            .1
            .push(member.account);
    }
    for (member, to) in alike.into_values() {
        let state = ItemState::Conv(whole.seen_by(member));
        tx.changes.push(Change::Item { num, to, state });
    }
    Ok(())
}

/// An entry as a member sees it: nothing was before the one that tells of the member's own joining.
pub(super) fn seen_from(event: Event, from: u64) -> Event {
    let prev_seq = if event.seq <= from { 0 } else { event.prev_seq };
    Event { prev_seq, ..event }
}

/// Tells an entry to everybody in the conversation, to newcomers as their first.
pub(super) fn tell_entry(tx: &mut Tx<'_>, origin: ConnId, event: Event) -> Done {
    let told: Vec<Member> = members(tx.conn, event.conv)?;
    let (new, old): (Vec<Member>, Vec<Member>) = told.into_iter().partition(|it| it.from >= event.seq);
    for (members, from) in [(old, 0), (new, event.seq)] {
        if !members.is_empty() {
            tx.changes.push(Change::Entry {
                origin,
                event: seen_from(event.clone(), from),
                members: members.into_iter().map(|it| it.account).collect(),
            });
        }
    }
    Ok(())
}

/// Notes that a newcomer has read the entry that tells of the joining, so that what was before is not counted as unread.
/// Nobody else is told: no device has it yet.
pub(super) fn begin_marks(tx: &mut Tx<'_>, conv: ConvId, account: AccountId, seq: u64) -> Done {
    let num = tx.next();
    tx.conn
        .prepare_cached(
            "INSERT INTO marks (conv, account, delivered, read, num, shown_delivered, shown_read, shown_num)
             VALUES (?1, ?2, ?3, ?3, ?4, 0, 0, 0)
             ON CONFLICT (conv, account) DO UPDATE SET delivered = excluded.delivered, read = excluded.read,
             num = excluded.num",
        )?
        .execute(params![put(conv.0), put(account.0), put(seq), put(num)])?;
    let mark = Mark {
        account,
        delivered: seq,
        read: seq,
    };
    let to = vec![account];
    tx.changes.push(Change::Mark { num, to, conv, mark });
    Ok(())
}

/// Who may know of a mark at `delivered`, the account itself among them; `None` when nobody else may. In a group it is
/// told to all but those of whom one blocks the other; a large group is told no marks at all. What lies before a member's
/// own joining says nothing to that member.
pub(super) fn receipts_to(
    conn: &Connection,
    conv: ConvId,
    me: AccountId,
    delivered: u64,
) -> rusqlite::Result<Option<Vec<AccountId>>> {
    if count(conn, conv)? > RECEIPT_MEMBERS_MAX {
        return Ok(None);
    }
    let group = is_group(conn, conv)?;
    let mut to = Vec::new();
    for member in members(conn, conv)? {
        if member.account != me && block_between(conn, me, member.account)? {
            if group {
                continue;
            }
            return Ok(None);
        }
        if member.account == me || member.from <= delivered {
            to.push(member.account);
        }
    }
    Ok(Some(to))
}

/// After a block between two has ended: the marks of each in their groups, which were withheld from the other.
pub(super) fn show_marks_again(tx: &mut Tx<'_>, a: AccountId, b: AccountId) -> Done {
    let sql = "SELECT a.conv FROM members a JOIN members b ON b.conv = a.conv AND b.account = ?2
               JOIN conversations c ON c.id = a.conv WHERE a.account = ?1 AND c.title IS NOT NULL ORDER BY a.conv";
    let shared: Vec<u64> = tx
        .conn
        .prepare_cached(sql)?
        .query_map(params![put(a.0), put(b.0)], |row| take(row, 0))?
        .collect::<Result<_, _>>()?;
    for conv in shared.into_iter().map(ConvId) {
        for (account, viewer) in [(a, b), (b, a)] {
            let num = tx.next();
            let shown = tx
                .conn
                .prepare_cached(
                    "UPDATE marks SET shown_num = ?3 WHERE conv = ?1 AND account = ?2 AND shown_num > 0
                     RETURNING shown_delivered, shown_read",
                )?
                .query_row(params![put(conv.0), put(account.0), put(num)], |row| {
                    Ok((take(row, 0)?, take(row, 1)?))
                })
                .optional()?;
            let from = member(tx.conn, conv, viewer)?.map_or(u64::MAX, |it| it.from);
            let Some((delivered, read)) = shown.filter(|(delivered, _)| *delivered >= from) else {
                continue;
            };
            let mark = Mark {
                account,
                delivered,
                read,
            };
            let to = vec![viewer];
            tx.changes.push(Change::Mark { num, to, conv, mark });
        }
    }
    Ok(())
}

/// Shows newcomers and members of a small group to each other. In a large one the pages of members name them.
pub(super) fn introduce(tx: &mut Tx<'_>, conv: ConvId, newcomers: &[AccountId]) -> Done {
    let all = items::members(tx.conn, conv)?;
    if all.len() > MEMBERS_INLINE_MAX {
        return Ok(());
    }
    for &newcomer in newcomers {
        for &other in all.iter().filter(|it| **it != newcomer) {
            items::refresh_profile(tx, newcomer, other)?;
            items::refresh_profile(tx, other, newcomer)?;
        }
    }
    Ok(())
}

/// Takes the profiles back that only this group had shown, after somebody has left it.
pub(super) fn part(tx: &mut Tx<'_>, conv: ConvId, gone: AccountId) -> Done {
    let sql = "SELECT m.account FROM members m WHERE m.conv = ?1 AND EXISTS (SELECT 1 FROM items i WHERE i.kind = 0
               AND i.gone = 0 AND ((i.account = m.account AND i.key = ?2) OR (i.account = ?2 AND i.key = m.account)))
               ORDER BY m.account";
    for other in accounts(tx.conn, sql, params![put(conv.0), put(gone.0)])? {
        items::refresh_profile(tx, gone, other)?;
        items::refresh_profile(tx, other, gone)?;
    }
    Ok(())
}

/// Who may be told that an account types.
pub(super) fn typing_to(conn: &Connection, from: AccountId, conv: ConvId) -> rusqlite::Result<TypingTo> {
    if member(conn, conv, from)?.is_none() || count(conn, conv)? > TYPING_MEMBERS_MAX {
        return Ok(TypingTo::default());
    }
    let mut members = items::members(conn, conv)?;
    let group = is_group(conn, conv)?;
    if group {
        let mut open = Vec::new();
        for member in members {
            if member == from || !block_between(conn, from, member)? {
                open.push(member);
            }
        }
        members = open;
    }
    Ok(TypingTo { members, group })
}

/// One page of the members, each as this viewer may see them; `None` when the viewer is none of them.
pub(super) fn page(
    conn: &Connection,
    viewer: AccountId,
    conv: ConvId,
    page: u32,
) -> rusqlite::Result<Option<MembersPage>> {
    if member(conn, conv, viewer)?.is_none() {
        return Ok(None);
    }
    let size = PAGE_ROWS_MAX as i64;
    let found: Vec<Member> = conn
        .prepare_cached(
            "SELECT account, role, from_seq FROM members WHERE conv = ?1 ORDER BY account LIMIT ?2 OFFSET ?3",
        )?
        .query_map(
            params![put(conv.0), size + 1, i64::from(page) * size],
            take_member,
        )?
        .collect::<Result<_, _>>()?;
    let more = found.len() > PAGE_ROWS_MAX;
    let mut rows = Vec::new();
    for member in found.into_iter().take(PAGE_ROWS_MAX) {
        let Some(profile) = items::profile(conn, viewer, member.account)? else {
            continue;
        };
        rows.push(MemberRow {
            account: member.account,
            role: member.role,
            username: profile.username,
            display_name: profile.display_name,
            avatar: profile.avatar,
        });
    }
    Ok(Some(MembersPage {
        conv,
        page,
        rows,
        more,
    }))
}

/// The picture of a group, when this is it and the viewer is in it.
pub(super) fn shows_picture(
    conn: &Connection,
    viewer: AccountId,
    conv: ConvId,
    hash: BlobHash,
) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM conversations c JOIN members m ON m.conv = c.id AND m.account = ?2
               WHERE c.id = ?1 AND c.avatar = ?3";
    exists(conn, sql, params![put(conv.0), put(viewer.0), hash.0])
}

/// A member who may go on; the same refusal for a conversation that does not exist and one of others.
pub(super) fn require(conn: &Connection, conv: ConvId, account: AccountId) -> Done<Member> {
    member(conn, conv, account)?.ok_or(Fail::Nack(NackCode::NotMember))
}
