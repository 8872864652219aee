-- Everything is keyed by (server, account) through accounts.id from the first day.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY,
    server       BLOB NOT NULL,
    account      INTEGER NOT NULL,
    device       INTEGER NOT NULL,
    username     TEXT NOT NULL,
    owner        INTEGER NOT NULL,
    host         TEXT NOT NULL,
    port         INTEGER NOT NULL,
    pin          TEXT NOT NULL,
    server_name  TEXT NOT NULL,
    token        TEXT,
    status       INTEGER NOT NULL DEFAULT 0,
    epoch        BLOB NOT NULL,
    boot         INTEGER NOT NULL,
    cursor       INTEGER NOT NULL,
    display_name TEXT NOT NULL DEFAULT '',
    avatar       BLOB,
    status_text  TEXT NOT NULL DEFAULT '',
    open_conv    INTEGER,
    shown        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (server, account)
);

CREATE TABLE people (
    acc          INTEGER NOT NULL,
    account      INTEGER NOT NULL,
    username     TEXT NOT NULL,
    display_name TEXT NOT NULL,
    avatar       BLOB,
    status_text  TEXT NOT NULL,
    relation     INTEGER NOT NULL,
    state        INTEGER NOT NULL DEFAULT 3,
    since        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (acc, account)
) WITHOUT ROWID;

CREATE TABLE requests (
    acc          INTEGER NOT NULL,
    account      INTEGER NOT NULL,
    direction    INTEGER NOT NULL,
    username     TEXT NOT NULL,
    display_name TEXT NOT NULL,
    ts           INTEGER NOT NULL,
    PRIMARY KEY (acc, account)
) WITHOUT ROWID;

CREATE TABLE convs (
    acc   INTEGER NOT NULL,
    conv  INTEGER NOT NULL,
    other INTEGER NOT NULL,
    head  INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (acc, conv)
) WITHOUT ROWID;

CREATE TABLE marks (
    acc       INTEGER NOT NULL,
    conv      INTEGER NOT NULL,
    account   INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    PRIMARY KEY (acc, conv, account)
) WITHOUT ROWID;

-- Clustered by place: a page is one run of leaves.
CREATE TABLE messages (
    acc         INTEGER NOT NULL,
    conv        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    prev_seq    INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    sender      INTEGER NOT NULL,
    mid         BLOB NOT NULL,
    ts          INTEGER NOT NULL,
    body        TEXT NOT NULL,
    unsupported INTEGER NOT NULL,
    PRIMARY KEY (acc, conv, seq)
) WITHOUT ROWID;

-- In the order of writing: pos.
CREATE TABLE outbox (
    pos     INTEGER PRIMARY KEY AUTOINCREMENT,
    acc     INTEGER NOT NULL,
    mid     BLOB NOT NULL UNIQUE,
    conv    INTEGER NOT NULL,
    body    TEXT NOT NULL,
    ts      INTEGER NOT NULL,
    refused TEXT
);

CREATE TABLE drafts (
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (acc, conv)
) WITHOUT ROWID;

CREATE TABLE blobs (
    hash  BLOB PRIMARY KEY,
    bytes BLOB NOT NULL,
    used  INTEGER NOT NULL
);
