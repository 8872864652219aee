//! Groups: who may do what. Every change is one entry in the history, one item for every member, one commit.

use super::super::ConnId;
use super::super::group::GroupChange;
use super::chat;
use super::contacts::{are_friends, block_between};
use super::drafts;
use super::items::{self, Kind};
use super::keep;
use super::membership::{self, Member};
use super::pins;
use super::prefs;
use super::tx::{Done, Fail, MidKind, Tx, exists, put, take};
use crate::fault::Fault;
use crate::name;
use breeze_protocol::limit::{GROUP_ADD_MAX, GROUP_MEMBERS_MAX, TITLE_CHARS};
use breeze_protocol::message::chat::{EntryKind, Event};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::{MemberAct, MemberChange, Role};
use breeze_protocol::{AccountId, BlobHash, ConvId, Mid};
use rusqlite::{OptionalExtension, params};

/// Groups one account may own: more cannot be kept in view.
const GROUPS_OWNED_MAX: u64 = 1000;

/// Makes a change once per mid. The answer is the group.
pub(super) fn change(tx: &mut Tx<'_>, me: AccountId, mid: Mid, change: &GroupChange) -> Done<ConvId> {
    let answer = tx.once(me, mid, MidKind::Group, &format!("{change:?}"), |tx| {
        unused(tx, me, mid)?;
        let conv = match change {
            GroupChange::Create { title, members } => return create(tx, (me, mid), title, members),
            GroupChange::Invite(conv, _)
            | GroupChange::Remove(conv, _)
            | GroupChange::Leave(conv)
            | GroupChange::Rename(conv, ..)
            | GroupChange::Role(conv, ..) => *conv,
        };
        let member = membership::require(tx.conn, conv, me)?;
        if !membership::is_group(tx.conn, conv)? {
            return Err(Fail::Nack(NackCode::BadReference));
        }
        let act = Act { conv, mid, member };
        match change {
            GroupChange::Create { .. } => Ok(()),
            GroupChange::Invite(_, accounts) => invite(tx, act, accounts),
            GroupChange::Remove(_, account) => remove(tx, act, *account),
            GroupChange::Leave(_) => leave(tx, act),
            GroupChange::Rename(_, title, avatar) => rename(tx, act, title, *avatar),
            GroupChange::Role(_, account, role) => give_role(tx, act, *account, *role),
        }
        .map(|()| conv.0)
    })?;
    Ok(ConvId(answer))
}

/// Refuses a mid under which a message is stored: the entry that tells of a change is stored under the same mid.
pub(super) fn unused(tx: &Tx<'_>, me: AccountId, mid: Mid) -> Done {
    let used = "SELECT 1 FROM messages WHERE sender = ?1 AND mid = ?2";
    if exists(tx.conn, used, params![put(me.0), mid.0])? {
        return refuse(NackCode::MidReused);
    }
    Ok(())
}

/// Somebody in a conversation does something that its history tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act {
    pub(super) conv: ConvId,
    pub(super) mid: Mid,
    pub(super) member: Member,
}

impl Act {
    fn me(self) -> AccountId {
        self.member.account
    }
}

fn refuse<T>(code: NackCode) -> Done<T> {
    Err(Fail::Nack(code))
}

fn create(tx: &mut Tx<'_>, (me, mid): (AccountId, Mid), title: &str, wished: &[AccountId]) -> Done<u64> {
    check_title(title)?;
    let owned: u64 = tx
        .conn
        .prepare_cached("SELECT count(*) FROM members WHERE account = ?1 AND role = ?2")?
        .query_row(params![put(me.0), membership::put_role(Role::Owner)], |row| {
            take(row, 0)
        })?;
    if owned >= GROUPS_OWNED_MAX {
        return refuse(NackCode::Quota);
    }
    let friends = addable(tx, me, None, wished)?;
    let conv: u64 = tx
        .conn
        .prepare_cached("INSERT INTO conversations (title) VALUES (?1) RETURNING id")?
        .query_row([title], |row| take(row, 0))?;
    let conv = ConvId(conv);
    membership::add(tx, conv, me, Role::Owner, 1)?;
    for &friend in &friends {
        membership::add(tx, conv, friend, Role::Member, 1)?;
    }
    let member = membership::require(tx.conn, conv, me)?;
    let title = Some(title.to_owned());
    let change = MemberChange {
        title,
        ..MemberChange::new(MemberAct::Created, friends.clone())
    };
    membership::introduce(tx, conv, &friends)?;
    note(tx, Act { conv, mid, member }, &change)?;
    for newcomer in std::iter::once(me).chain(friends) {
        membership::begin_marks(tx, conv, newcomer, 1)?;
    }
    Ok(conv.0)
}

/// 1 to 64 characters that may stand in a line, as in a display name.
fn check_title(title: &str) -> Done {
    if title.chars().count() > *TITLE_CHARS.end() {
        return refuse(NackCode::TooLong);
    }
    if !name::display_name_ok(title) {
        return refuse(NackCode::BadReference);
    }
    Ok(())
}

/// Those of the wished who are to be added: friends, each once. Somebody who is no friend now is answered like somebody
/// who does not exist.
fn addable(tx: &Tx<'_>, me: AccountId, into: Option<ConvId>, wished: &[AccountId]) -> Done<Vec<AccountId>> {
    let mut wished = wished.to_vec();
    wished.sort_unstable();
    wished.dedup();
    if wished.len() > GROUP_ADD_MAX {
        return refuse(NackCode::Quota);
    }
    let disabled = "SELECT 1 FROM users WHERE id = ?1 AND disabled";
    let mut friends = Vec::new();
    for other in wished.into_iter().filter(|it| *it != me) {
        if let Some(conv) = into
            && membership::member(tx.conn, conv, other)?.is_some()
        {
            continue;
        }
        let friend = are_friends(tx.conn, me, other)? && !block_between(tx.conn, me, other)?;
        if !friend || exists(tx.conn, disabled, [put(other.0)])? {
            return refuse(NackCode::NotContact);
        }
        friends.push(other);
    }
    Ok(friends)
}

fn invite(tx: &mut Tx<'_>, act: Act, wished: &[AccountId]) -> Done {
    let friends = addable(tx, act.me(), Some(act.conv), wished)?;
    if friends.is_empty() {
        return Ok(());
    }
    if membership::count(tx.conn, act.conv)? + friends.len() > GROUP_MEMBERS_MAX {
        return refuse(NackCode::Quota);
    }
    let seq = head(tx, act.conv)?.0 + 1;
    for &friend in &friends {
        membership::add(tx, act.conv, friend, Role::Member, seq)?;
    }
    membership::introduce(tx, act.conv, &friends)?;
    note(tx, act, &MemberChange::new(MemberAct::Added, friends.clone()))?;
    for friend in friends {
        membership::begin_marks(tx, act.conv, friend, seq)?;
    }
    Ok(())
}

fn remove(tx: &mut Tx<'_>, act: Act, account: AccountId) -> Done {
    if act.member.role == Role::Member {
        return refuse(NackCode::NoRight);
    }
    if account == act.me() {
        return refuse(NackCode::BadReference);
    }
    let Some(other) = membership::member(tx.conn, act.conv, account)? else {
        return Ok(());
    };
    if act.member.role == Role::Admin && other.role != Role::Member {
        return refuse(NackCode::NoRight);
    }
    take_out(tx, act.conv, account)?;
    note(tx, act, &MemberChange::new(MemberAct::Removed, vec![account]))?;
    farewell(tx, act.conv, account)
}

fn leave(tx: &mut Tx<'_>, act: Act) -> Done {
    take_out(tx, act.conv, act.me())?;
    let mut change = MemberChange::new(MemberAct::Left, Vec::new());
    if act.member.role == Role::Owner {
        // The admin who has been there longest, or else the member; somebody who can sign in before somebody who cannot.
        let sql = "SELECT m.account FROM members m JOIN users u ON u.id = m.account WHERE m.conv = ?1
                   ORDER BY u.disabled, m.role DESC, m.joined_seq, m.account LIMIT 1";
        change.owner = tx
            .conn
            .prepare_cached(sql)?
            .query_row([put(act.conv.0)], |row| take(row, 0).map(AccountId))
            .optional()?;
        if let Some(heir) = change.owner {
            membership::set_role(tx, act.conv, heir, Role::Owner)?;
        }
    }
    note(tx, act, &change)?;
    if membership::count(tx.conn, act.conv)? == 0 {
        // Nobody can come back to it.
        keep::end(tx, act.conv, head(tx, act.conv)?.0)?;
    }
    farewell(tx, act.conv, act.me())
}

fn take_out(tx: &Tx<'_>, conv: ConvId, account: AccountId) -> Done {
    if tx.fault == Fault::LeaversHear {
        return Ok(());
    }
    tx.conn
        .prepare_cached("DELETE FROM members WHERE conv = ?1 AND account = ?2")?
        .execute(params![put(conv.0), put(account.0)])?;
    Ok(())
}

/// Nothing of the group is told from here on to whoever is no longer in it.
fn farewell(tx: &mut Tx<'_>, conv: ConvId, account: AccountId) -> Done {
    items::tell_gone(tx, account, Kind::Conv, conv.0)?;
    prefs::forget(tx, account, conv)?;
    drafts::forget(tx, account, conv)?;
    pins::forget(tx, account, conv)?;
    membership::part(tx, conv, account)
}

fn rename(tx: &mut Tx<'_>, act: Act, title: &str, avatar: Option<BlobHash>) -> Done {
    if act.member.role == Role::Member {
        return refuse(NackCode::NoRight);
    }
    check_title(title)?;
    let now: (String, Option<[u8; 32]>) = tx
        .conn
        .prepare_cached("SELECT title, avatar FROM conversations WHERE id = ?1")?
        .query_row([put(act.conv.0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let picture = avatar.map(|hash| hash.0);
    if now == (title.to_owned(), picture) {
        return Ok(());
    }
    let brought = "SELECT 1 FROM blob_owners WHERE account = ?1 AND hash = ?2";
    if let Some(hash) = picture.filter(|hash| now.1 != Some(*hash))
        && !exists(tx.conn, brought, params![put(act.me().0), hash])?
    {
        return refuse(NackCode::BadReference);
    }
    tx.conn
        .prepare_cached("UPDATE conversations SET title = ?2, avatar = ?3 WHERE id = ?1")?
        .execute(params![put(act.conv.0), title, picture])?;
    let mut change = MemberChange::new(MemberAct::Pictured, Vec::new());
    if now.0 != title {
        change.did = MemberAct::Renamed;
        change.title = Some(title.to_owned());
    }
    note(tx, act, &change)
}

fn give_role(tx: &mut Tx<'_>, act: Act, account: AccountId, role: Role) -> Done {
    if act.member.role != Role::Owner {
        return refuse(NackCode::NoRight);
    }
    let other = membership::member(tx.conn, act.conv, account)?;
    let Some(other) = other.filter(|_| account != act.me()) else {
        return refuse(NackCode::BadReference);
    };
    if other.role == role {
        return Ok(());
    }
    membership::set_role(tx, act.conv, account, role)?;
    if role == Role::Owner {
        membership::set_role(tx, act.conv, act.me(), Role::Admin)?;
    }
    let change = MemberChange {
        role: Some(role),
        ..MemberChange::new(MemberAct::Role, vec![account])
    };
    note(tx, act, &change)
}

/// Tells the members how the conversation is now, and puts into its history what was done.
pub(super) fn note(tx: &mut Tx<'_>, act: Act, change: &MemberChange) -> Done {
    membership::tell_group(tx, act.conv)?;
    let (head, n) = head(tx, act.conv)?;
    let event = Event {
        cursor: tx.next(),
        conv: act.conv,
        seq: head + 1,
        prev_seq: head,
        n,
        kind: EntryKind::Member,
        sender: act.me(),
        mid: act.mid,
        ts: tx.now_ms,
        body: change.to_body(),
        ..Event::default()
    };
    chat::insert(tx.conn, &event)?;
    membership::tell_entry(tx, ConnId::NOBODY, event)
}

fn head(tx: &Tx<'_>, conv: ConvId) -> Done<(u64, u64)> {
    let found = tx
        .conn
        .prepare_cached("SELECT head, n FROM conversations WHERE id = ?1")?
        .query_row([put(conv.0)], |row| Ok((take(row, 0)?, take(row, 1)?)))?;
    Ok(found)
}
