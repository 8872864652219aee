-- Messages pinned to the top of a conversation. An item of kind 6 for every member who may see one of them.
CREATE TABLE pins (
    conv    INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES users (id),
    ts      INTEGER NOT NULL,
    PRIMARY KEY (conv, seq)
) STRICT, WITHOUT ROWID;
