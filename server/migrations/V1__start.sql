-- The first schema. Forward only: a later change is a new file, and this one never changes again.
-- Every table is STRICT. Numbers below 2^53, times in milliseconds since 1970 UTC.

-- server_id, epoch, boot, counter (highest commit number), alive_ms, ghost (last number given to an outgoing request).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    username             TEXT    NOT NULL UNIQUE,
    skeleton             TEXT    NOT NULL UNIQUE,
    password_hash        TEXT    NOT NULL,
    display_name         TEXT    NOT NULL,
    avatar               BLOB,
    status_text          TEXT    NOT NULL DEFAULT '',
    -- Kept back while the person is invisible: the profile as the person's own devices see it.
    pending              INTEGER NOT NULL DEFAULT 0,
    pending_display_name TEXT    NOT NULL DEFAULT '',
    pending_avatar       BLOB,
    pending_status_text  TEXT    NOT NULL DEFAULT '',
    last_seen_ms         INTEGER NOT NULL DEFAULT 0,
    disabled             INTEGER NOT NULL DEFAULT 0,
    owner                INTEGER NOT NULL DEFAULT 0,
    register_mid         BLOB    NOT NULL,
    created_ms           INTEGER NOT NULL
) STRICT;

-- Only the hash of a token is kept; signing a device out deletes its row. Numbers are never given twice.
CREATE TABLE devices (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES users (id),
    name       TEXT    NOT NULL,
    token      BLOB    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_account ON devices (account);

-- One row each way. `friend` is the same in both; `blocked` is the owner's own doing.
CREATE TABLE contacts (
    owner         INTEGER NOT NULL REFERENCES users (id),
    other         INTEGER NOT NULL REFERENCES users (id),
    friend        INTEGER NOT NULL DEFAULT 0,
    friend_since  INTEGER NOT NULL DEFAULT 0,
    blocked       INTEGER NOT NULL DEFAULT 0,
    blocked_since INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, other)
) STRICT, WITHOUT ROWID;

-- The sender sees a request under `number`, which names nobody, whether the username exists or not.
CREATE TABLE requests (
    number   INTEGER PRIMARY KEY,
    sender   INTEGER NOT NULL REFERENCES users (id),
    target   INTEGER REFERENCES users (id),
    username TEXT    NOT NULL,
    typed    TEXT    NOT NULL,
    -- What the target is shown: the sender's display name as it was when asking.
    shown    TEXT    NOT NULL,
    out_live INTEGER NOT NULL,
    in_live  INTEGER NOT NULL,
    ts       INTEGER NOT NULL,
    UNIQUE (sender, username)
) STRICT;
CREATE INDEX requests_target ON requests (target, sender);

-- A conversation of two has a < b. head_num is the commit number of the newest entry.
CREATE TABLE conversations (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    a        INTEGER REFERENCES users (id),
    b        INTEGER REFERENCES users (id),
    head     INTEGER NOT NULL DEFAULT 0,
    n        INTEGER NOT NULL DEFAULT 0,
    base_seq INTEGER NOT NULL DEFAULT 0,
    head_num INTEGER NOT NULL DEFAULT 0,
    UNIQUE (a, b)
) STRICT;

CREATE TABLE members (
    conv    INTEGER NOT NULL REFERENCES conversations (id),
    account INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (conv, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_account ON members (account, conv);

-- Clustered by place: num (the commit number) rises with seq inside a conversation, so it needs no index of its own.
-- body_hash stands in for the body once that is erased.
CREATE TABLE messages (
    conv      INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    num       INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    sender    INTEGER NOT NULL,
    mid       BLOB    NOT NULL,
    ts        INTEGER NOT NULL,
    body      TEXT,
    body_hash BLOB,
    PRIMARY KEY (conv, seq)
) STRICT, WITHOUT ROWID;
-- mids are UUIDv7, so each sender's part of this index grows at its end only.
CREATE UNIQUE INDEX messages_mid ON messages (sender, mid);

-- The account's own marks, and what others may see of them (kept back while invisible or blocked).
CREATE TABLE marks (
    conv            INTEGER NOT NULL,
    account         INTEGER NOT NULL,
    delivered       INTEGER NOT NULL,
    read            INTEGER NOT NULL,
    num             INTEGER NOT NULL,
    shown_delivered INTEGER NOT NULL,
    shown_read      INTEGER NOT NULL,
    shown_num       INTEGER NOT NULL,
    PRIMARY KEY (conv, account)
) STRICT, WITHOUT ROWID;

-- Which items an account sees: kind 0 profile, 1 contact, 2 request, 3 conversation. The value is read from the tables
-- above; `num` is the commit number of its last change. A removal keeps its row. `frozen` is a profile as it was when
-- one of the two blocked the other.
CREATE TABLE items (
    account INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    key     INTEGER NOT NULL,
    num     INTEGER NOT NULL,
    gone    INTEGER NOT NULL DEFAULT 0,
    frozen  TEXT,
    PRIMARY KEY (account, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_num ON items (account, num);
CREATE INDEX items_profile ON items (key) WHERE kind = 0;

-- First answers of requests other than `send`, by their mid.
CREATE TABLE mids (
    account INTEGER NOT NULL,
    mid     BLOB    NOT NULL,
    kind    INTEGER NOT NULL,
    request BLOB    NOT NULL,
    answer  INTEGER NOT NULL,
    ts      INTEGER NOT NULL,
    PRIMARY KEY (account, mid)
) STRICT, WITHOUT ROWID;

-- Only the hash of a code is kept. No maker: the start-up invite, which makes the owner.
CREATE TABLE invites (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    hash       BLOB    NOT NULL UNIQUE,
    maker      INTEGER REFERENCES users (id),
    mid        BLOB    NOT NULL,
    uses_left  INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invites_mid ON invites (maker, mid);

CREATE TABLE blobs (
    hash  BLOB PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

-- Who brought which picture, in order.
CREATE TABLE blob_owners (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES users (id),
    hash    BLOB    NOT NULL REFERENCES blobs (hash),
    UNIQUE (account, hash)
) STRICT;
CREATE INDEX blob_owners_hash ON blob_owners (hash);
