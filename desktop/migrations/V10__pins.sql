-- Pinned messages of a conversation, as JSON of the wire.
CREATE TABLE pins (
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    kept TEXT NOT NULL,
    PRIMARY KEY (acc, conv)
) WITHOUT ROWID;
