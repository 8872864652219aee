-- One's own messages as they were before the server's data was replaced by older data: those it lost go back to the outbox
-- once it has said, conversation by conversation, from where.
CREATE TABLE displaced (
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    mid  BLOB NOT NULL,
    body TEXT NOT NULL,
    ts   INTEGER NOT NULL,
    PRIMARY KEY (acc, conv, seq)
) WITHOUT ROWID;
