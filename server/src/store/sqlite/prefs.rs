//! How people keep their conversations: pinned, put away, unread, muted. Told to their own devices only.

use super::super::Refusal;
use super::super::prefs::PrefsStore;
use super::SqliteStore;
use super::drafts;
use super::items::{self, Kind};
use super::membership;
use super::tx::{Done, Fail, MidKind, Tx, accounts, put, take};
use breeze_protocol::limit::INTEGER_MAX;
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::draft::Draft;
use breeze_protocol::message::prefs::{ItemSet, Prefs};
use breeze_protocol::{AccountId, ConvId};
use rusqlite::{Connection, OptionalExtension, params};

impl PrefsStore for SqliteStore {
    async fn set_prefs(&self, account: AccountId, wish: ItemSet) -> Result<(), Refusal> {
        self.write(move |tx| set(tx, account, wish)).await
    }

    async fn set_draft(&self, account: AccountId, draft: Draft) -> Result<(), Refusal> {
        self.write(move |tx| drafts::set(tx, account, &draft)).await
    }
}

/// How an account keeps a conversation; `None` when nothing was ever set.
pub(super) fn prefs(conn: &Connection, account: AccountId, conv: ConvId) -> rusqlite::Result<Option<Prefs>> {
    conn.prepare_cached(
        "SELECT pinned, archived, unread, muted_until FROM prefs WHERE conv = ?1 AND account = ?2",
    )?
    .query_row(params![put(conv.0), put(account.0)], |row| {
        Ok(Prefs {
            conv,
            pinned: row.get(0)?,
            archived: row.get(1)?,
            unread: row.get(2)?,
            muted_until: take(row, 3)?,
        })
    })
    .optional()
}

fn set(tx: &mut Tx<'_>, me: AccountId, wish: ItemSet) -> Done {
    if membership::member(tx.conn, wish.conv, me)?.is_none() {
        return Err(Fail::Nack(NackCode::NotMember));
    }
    let request = serde_json::to_string(&wish).expect("a wish is plain data with string keys");
    tx.once(me, wish.mid, MidKind::Prefs, &request, |tx| {
        let known = prefs(tx.conn, me, wish.conv)?;
        let before = known.unwrap_or(Prefs {
            conv: wish.conv,
            ..Prefs::default()
        });
        let mut now = before.with(wish.change);
        now.muted_until = now.muted_until.min(INTEGER_MAX);
        if known != Some(now) {
            keep(tx, me, now)?;
        }
        Ok(0)
    })
    .map(drop)
}

fn keep(tx: &mut Tx<'_>, account: AccountId, now: Prefs) -> Done {
    tx.conn
        .prepare_cached(
            "INSERT INTO prefs (conv, account, pinned, archived, unread, muted_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (conv, account) DO UPDATE SET pinned = excluded.pinned, archived = excluded.archived,
             unread = excluded.unread, muted_until = excluded.muted_until",
        )?
        .execute(params![
            put(now.conv.0),
            put(account.0),
            now.pinned,
            now.archived,
            now.unread,
            put(now.muted_until)
        ])?;
    items::tell(tx, vec![account], Kind::Prefs, now.conv.0)
}

/// A message has come: whoever has put the conversation away, and not muted it, has it before them again.
pub(super) fn take_out(tx: &mut Tx<'_>, conv: ConvId, now_ms: u64) -> Done {
    let sql = "SELECT account FROM prefs WHERE conv = ?1 AND archived AND muted_until <= ?2";
    for account in accounts(tx.conn, sql, params![put(conv.0), put(now_ms)])? {
        if let Some(prefs) = prefs(tx.conn, account, conv)? {
            let now = Prefs {
                archived: false,
                ..prefs
            };
            keep(tx, account, now)?;
        }
    }
    Ok(())
}

/// Whoever leaves keeps nothing of it.
pub(super) fn forget(tx: &mut Tx<'_>, account: AccountId, conv: ConvId) -> Done {
    tx.conn
        .prepare_cached("DELETE FROM prefs WHERE conv = ?1 AND account = ?2")?
        .execute(params![put(conv.0), put(account.0)])?;
    items::tell_gone(tx, account, Kind::Prefs, conv.0)
}
