-- Files on their way up, and whole ones no message names yet: room reserved in the quota of their account.
CREATE TABLE uploads (
    account  INTEGER NOT NULL REFERENCES users (id),
    transfer BLOB    NOT NULL,
    hash     BLOB    NOT NULL,
    size     INTEGER NOT NULL,
    whole    INTEGER NOT NULL DEFAULT 0,
    used_ms  INTEGER NOT NULL,
    PRIMARY KEY (account, transfer)
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_hash ON uploads (hash);

-- The files of messages. The bytes lie under their hash in the folder `blobs`, once, however many name them; whoever sent
-- a message is charged for each of its files in full.
CREATE TABLE attachments (
    conv    INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    idx     INTEGER NOT NULL,
    account INTEGER NOT NULL,
    hash    BLOB    NOT NULL,
    size    INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    media   TEXT    NOT NULL,
    width   INTEGER,
    height  INTEGER,
    PRIMARY KEY (conv, seq, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_hash ON attachments (hash);
CREATE INDEX attachments_account ON attachments (account, size);

-- Whoever erases a message's text erases its files' names with it.
CREATE TRIGGER attachments_erased AFTER UPDATE OF body ON messages WHEN new.body IS NULL
BEGIN
    DELETE FROM attachments WHERE conv = new.conv AND seq = new.seq;
END;
