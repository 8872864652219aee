-- The code by which somebody who forgot the password gets back in: one per account, and only its hash. It stays after its
-- end, so that a late or a second use is told from a wrong code.
CREATE TABLE recovery (
    account    INTEGER PRIMARY KEY REFERENCES users (id),
    hash       BLOB    NOT NULL,
    expires_ms INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    -- The wish that used it.
    used_mid   BLOB
) STRICT;
