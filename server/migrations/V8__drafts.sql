-- What people have begun to write, for their other devices. An item of kind 5.
CREATE TABLE drafts (
    conv    INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES users (id),
    text    TEXT    NOT NULL,
    PRIMARY KEY (conv, account)
) STRICT, WITHOUT ROWID;
