-- The search. `words` holds the terms of messages, never their text; `places` says which message an entry is. Entries rise
-- with the time of their messages. What is new or gone is noted by triggers, whoever writes, and taken over a little later.
CREATE VIRTUAL TABLE words USING fts5(terms, content='', detail='none', columnsize=0, tokenize='ascii');
-- What is taken out leaves no letters behind.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

CREATE TABLE places (
    id   INTEGER PRIMARY KEY,
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL
);
CREATE UNIQUE INDEX places_of ON places (acc, conv, seq);

-- Messages that are not in `words` yet.
CREATE TABLE unfound (
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (acc, conv, seq)
) WITHOUT ROWID;

-- What is to be taken out of `words`: an entry goes only by the text it was made from.
CREATE TABLE stale (
    id   INTEGER PRIMARY KEY,
    acc  INTEGER NOT NULL,
    conv INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TRIGGER message_new AFTER INSERT ON messages BEGIN
    INSERT OR IGNORE INTO unfound (acc, conv, seq) VALUES (NEW.acc, NEW.conv, NEW.seq);
END;
CREATE TRIGGER message_gone BEFORE DELETE ON messages BEGIN
    INSERT OR IGNORE INTO stale (id, acc, conv, body)
        SELECT id, acc, conv, OLD.body FROM places WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    DELETE FROM places WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    DELETE FROM unfound WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
END;
CREATE TRIGGER message_changed AFTER UPDATE OF body ON messages WHEN OLD.body IS NOT NEW.body BEGIN
    INSERT OR IGNORE INTO stale (id, acc, conv, body)
        SELECT id, acc, conv, OLD.body FROM places WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    DELETE FROM places WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    INSERT OR IGNORE INTO unfound (acc, conv, seq) VALUES (NEW.acc, NEW.conv, NEW.seq);
END;

INSERT INTO unfound (acc, conv, seq) SELECT acc, conv, seq FROM messages;
