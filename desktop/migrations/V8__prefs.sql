-- How one keeps a conversation, as JSON of the wire: what the server said, and what is wished and not confirmed; each empty
-- when there is none. A wish outlives a snapshot.
CREATE TABLE prefs (
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    kept TEXT NOT NULL DEFAULT '',
    wish TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (acc, conv)
) WITHOUT ROWID;
