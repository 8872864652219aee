//! Recovery codes: made by the operator, counted down by wrong tries, used once.

use super::super::recovery::{RecoverWish, Recovered, Recovery};
use super::super::{Credentials, SecretHash, StoreError};
use super::tx::{Done, Tx, put, take};
use super::{SqliteStore, accounts, audit};
use breeze_protocol::AccountId;
use breeze_protocol::limit::RECOVERY_TRIES_MAX;
use rusqlite::{Connection, OptionalExtension, params};

impl Recovery for SqliteStore {
    async fn recovery_code(
        &self,
        account: AccountId,
        code: SecretHash,
        expires_ms: u64,
    ) -> Result<(), StoreError> {
        self.change(move |tx| Ok(keep(tx, account, code, expires_ms)?))
            .await
    }

    async fn recover(&self, wish: RecoverWish) -> Result<Recovered, StoreError> {
        self.change(move |tx| recover(tx, &wish)).await
    }
}

/// A code as it is kept.
struct Code {
    hash: SecretHash,
    expires_ms: u64,
    tries: u32,
    used_mid: Option<Vec<u8>>,
}

fn keep(tx: &Tx<'_>, account: AccountId, code: SecretHash, expires_ms: u64) -> rusqlite::Result<()> {
    tx.conn
        .prepare_cached(
            "INSERT INTO recovery (account, hash, expires_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, expires_ms = excluded.expires_ms,
             tries = 0, used_mid = NULL",
        )?
        .execute(params![put(account.0), code, put(expires_ms)])?;
    let name = accounts::username(tx.conn, account)?;
    audit::note(tx.conn, tx.now_ms, "recovery code made", &name)
}

/// A password that was set in another way: whoever finds the code later cannot use it.
pub(super) fn forget(conn: &Connection, account: AccountId) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM recovery WHERE account = ?1")?
        .execute([put(account.0)])
        .map(drop)
}

fn kept(conn: &Connection, account: AccountId) -> rusqlite::Result<Option<Code>> {
    conn.prepare_cached("SELECT hash, expires_ms, tries, used_mid FROM recovery WHERE account = ?1")?
        .query_row([put(account.0)], |row| {
            Ok(Code {
                hash: row.get(0)?,
                expires_ms: take(row, 1)?,
                tries: row.get(2)?,
                used_mid: row.get(3)?,
            })
        })
        .optional()
}

fn recover(tx: &mut Tx<'_>, wish: &RecoverWish) -> Done<Recovered> {
    let Some(known) = accounts::credentials(tx.conn, &wish.skeleton)? else {
        return Ok(Recovered::Wrong);
    };
    let Some(code) = kept(tx.conn, known.account)? else {
        return Ok(Recovered::Wrong);
    };
    let live = code.used_mid.is_none() && code.expires_ms > wish.now_ms;
    if code.hash != wish.code {
        if live && code.tries < RECOVERY_TRIES_MAX {
            miss(tx, &known, code.tries + 1)?;
        }
        return Ok(Recovered::Wrong);
    }
    if let Some(mid) = code.used_mid {
        return Ok(match (mid == wish.mid.0, known.disabled) {
            (true, false) => Recovered::Repeat(known),
            (true, true) => Recovered::Disabled,
            (false, _) => Recovered::Used,
        });
    }
    if code.tries >= RECOVERY_TRIES_MAX {
        return Ok(Recovered::Void);
    }
    if !live {
        return Ok(Recovered::Expired);
    }
    if known.disabled {
        return Ok(Recovered::Disabled);
    }
    let what = "password set by recovery code";
    let signed_out = accounts::change_password(tx, known.account, &wish.password_hash, None, what)?;
    tx.conn
        .prepare_cached("UPDATE recovery SET used_mid = ?2 WHERE account = ?1")?
        .execute(params![put(known.account.0), wish.mid.0])?;
    let (name, token) = &wish.device;
    let known = Credentials {
        password_hash: wish.password_hash.clone(),
        ..known
    };
    let device = accounts::add_device(tx, &known, name, *token, wish.now_ms)?;
    let device = device.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Recovered::Done(device, signed_out))
}

/// A wrong code came for somebody who has one.
fn miss(tx: &Tx<'_>, known: &Credentials, tries: u32) -> rusqlite::Result<()> {
    tx.conn
        .prepare_cached("UPDATE recovery SET tries = ?2 WHERE account = ?1")?
        .execute(params![put(known.account.0), tries])?;
    if tries == RECOVERY_TRIES_MAX {
        let what = "recovery code void after wrong tries";
        audit::note(tx.conn, tx.now_ms, what, &known.username)?;
    }
    Ok(())
}
