//! One's own profile and its picture: what others see, what is kept back while invisible, and who may fetch a picture.

use super::super::Audience;
use super::chat;
use super::items::{self, Kind};
use super::membership;
use super::tx::{Done, Fail, MidKind, Tx, exists, put};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::item::Profile;
use breeze_protocol::{AccountId, BlobHash, ConvId, Mid};
use rusqlite::{Connection, OptionalExtension, params};

/// Pictures kept for one account: the one it shows, and room to try others. At 64 KiB each, half a MiB.
const PICTURES_KEPT: i64 = 8;

/// Sets one's profile, once per mid.
pub(super) fn set(tx: &mut Tx<'_>, mid: Mid, profile: &Profile, audience: Audience) -> Done {
    let me = profile.account;
    let wish = format!(
        "{:?}",
        (&profile.display_name, profile.avatar, &profile.status_text)
    );
    tx.once(me, mid, MidKind::Profile, &wish, |tx| {
        let owned = "SELECT 1 FROM blob_owners WHERE account = ?1 AND hash = ?2";
        if let Some(hash) = profile.avatar
            && !exists(tx.conn, owned, params![put(me.0), hash.0])?
        {
            return Err(Fail::Nack(NackCode::BadReference));
        }
        write(tx, profile, audience)?;
        let mut to = vec![me];
        if audience == Audience::All {
            to.extend(items::profile_viewers(tx.conn, me)?);
        }
        items::tell(tx, to, Kind::Profile, me.0).map(|()| 0)
    })?;
    Ok(())
}

fn write(tx: &Tx<'_>, profile: &Profile, audience: Audience) -> Done {
    let sql = match audience {
        Audience::All => {
            "UPDATE users SET display_name = ?2, avatar = ?3, status_text = ?4, pending = 0, pending_display_name = '',
             pending_avatar = NULL, pending_status_text = '' WHERE id = ?1"
        }
        Audience::OwnDevices => {
            "UPDATE users SET pending = 1, pending_display_name = ?2, pending_avatar = ?3, pending_status_text = ?4
             WHERE id = ?1"
        }
    };
    let avatar = profile.avatar.map(|hash| hash.0);
    tx.conn.prepare_cached(sql)?.execute(params![
        put(profile.account.0),
        profile.display_name,
        avatar,
        profile.status_text
    ])?;
    Ok(())
}

/// Shows what was kept back while invisible: the profile and the marks.
pub(super) fn publish(tx: &mut Tx<'_>, me: AccountId) -> Done {
    let shown = tx
        .conn
        .prepare_cached(
            "UPDATE users SET display_name = pending_display_name, avatar = pending_avatar,
             status_text = pending_status_text, pending = 0, pending_display_name = '', pending_avatar = NULL,
             pending_status_text = '' WHERE id = ?1 AND pending",
        )?
        .execute([put(me.0)])?;
    if shown > 0 {
        let viewers = items::profile_viewers(tx.conn, me)?;
        items::tell(tx, viewers, Kind::Profile, me.0)?;
    }
    chat::publish_marks(tx, me)
}

/// Keeps a picture and notes who brought it; the oldest ones nobody shows any more make room.
pub(super) fn avatar_put(tx: &Tx<'_>, me: AccountId, hash: BlobHash, bytes: &[u8]) -> Done {
    tx.conn
        .prepare_cached("INSERT INTO blobs (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING")?
        .execute(params![hash.0, bytes])?;
    let known = "SELECT 1 FROM blob_owners WHERE account = ?1 AND hash = ?2";
    if exists(tx.conn, known, params![put(me.0), hash.0])? {
        return Ok(());
    }
    tx.conn
        .prepare_cached("INSERT INTO blob_owners (account, hash) VALUES (?1, ?2)")?
        .execute(params![put(me.0), hash.0])?;
    tx.conn
        .prepare_cached(
            "DELETE FROM blob_owners WHERE account = ?1
             AND id NOT IN (SELECT id FROM blob_owners WHERE account = ?1 ORDER BY id DESC LIMIT ?2)
             AND hash NOT IN (SELECT avatar FROM users WHERE id = ?1 AND avatar IS NOT NULL)
             AND hash NOT IN (SELECT pending_avatar FROM users WHERE id = ?1 AND pending_avatar IS NOT NULL)
             AND hash NOT IN (SELECT avatar FROM conversations WHERE avatar IS NOT NULL)",
        )?
        .execute(params![put(me.0), PICTURES_KEPT])?;
    tx.conn
        .prepare_cached("DELETE FROM blobs WHERE hash NOT IN (SELECT hash FROM blob_owners)")?
        .execute([])?;
    Ok(())
}

/// The bytes of a picture somebody shows to this viewer, or has brought itself.
pub(super) fn avatar_get(
    conn: &Connection,
    viewer: AccountId,
    owner: AccountId,
    hash: BlobHash,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let brought = "SELECT 1 FROM blob_owners WHERE account = ?1 AND hash = ?2";
    let sees = items::is_live(conn, viewer, Kind::Profile, owner.0)?
        || membership::share_group(conn, viewer, owner)?;
    let shown =
        sees && items::profile(conn, viewer, owner)?.is_some_and(|profile| profile.avatar == Some(hash));
    let may_see = shown || (viewer == owner && exists(conn, brought, params![put(owner.0), hash.0])?);
    if may_see { bytes(conn, hash) } else { Ok(None) }
}

/// The bytes of a group's picture, for its members.
pub(super) fn group_avatar_get(
    conn: &Connection,
    viewer: AccountId,
    conv: ConvId,
    hash: BlobHash,
) -> rusqlite::Result<Option<Vec<u8>>> {
    if membership::shows_picture(conn, viewer, conv, hash)? {
        bytes(conn, hash)
    } else {
        Ok(None)
    }
}

fn bytes(conn: &Connection, hash: BlobHash) -> rusqlite::Result<Option<Vec<u8>>> {
    conn.prepare_cached("SELECT bytes FROM blobs WHERE hash = ?1")?
        .query_row([hash.0], |row| row.get(0))
        .optional()
}
