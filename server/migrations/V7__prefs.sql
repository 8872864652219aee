-- How somebody keeps a conversation: pinned, put away, marked as unread, muted until then. An item of kind 4.
CREATE TABLE prefs (
    conv        INTEGER NOT NULL,
    account     INTEGER NOT NULL REFERENCES users (id),
    pinned      INTEGER NOT NULL,
    archived    INTEGER NOT NULL,
    unread      INTEGER NOT NULL,
    muted_until INTEGER NOT NULL,
    PRIMARY KEY (conv, account)
) STRICT, WITHOUT ROWID;
-- Every message asks for these.
CREATE INDEX prefs_archived ON prefs (conv) WHERE archived;
