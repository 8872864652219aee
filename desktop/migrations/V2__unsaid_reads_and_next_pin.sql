-- Places read here that the server has not confirmed: they outlive the program, and only ever rise.
CREATE TABLE reads (
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (acc, conv)
) WITHOUT ROWID;

-- The key the server announced for later, told under the pin beside it; empty: none.
ALTER TABLE accounts ADD COLUMN next_pin TEXT NOT NULL DEFAULT '';
