-- What operators and people did to accounts, devices and invites, and to the data itself. Each hash covers the one before
-- it, so that a row changed or taken out is seen.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    ts      INTEGER NOT NULL,
    what    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    hash    BLOB    NOT NULL
) STRICT;

-- Whether base_seq was ever set by a restore. From then on it only falls: a device that missed one restore must still
-- go back to the first.
ALTER TABLE conversations ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;

-- Whether the device has seen a newer server than this data: its messages are refused until the operator accepts the loss.
ALTER TABLE devices ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
