-- The files of a message, as JSON of the wire; NULL: none. Their bytes lie in the folder `files`, each under its hash.
ALTER TABLE messages ADD COLUMN attachments TEXT;
ALTER TABLE outbox ADD COLUMN attachments TEXT;
ALTER TABLE displaced ADD COLUMN attachments TEXT;

-- A message is found by the names of its files, too: an entry goes only by all it was made from.
ALTER TABLE stale ADD COLUMN attachments TEXT;
DROP TRIGGER message_gone;
CREATE TRIGGER message_gone BEFORE DELETE ON messages BEGIN
    INSERT OR IGNORE INTO stale (id, acc, conv, body, attachments)
        SELECT id, acc, conv, OLD.body, OLD.attachments FROM places
        WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    DELETE FROM places WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    DELETE FROM unfound WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
END;
DROP TRIGGER message_changed;
CREATE TRIGGER message_changed AFTER UPDATE OF body, attachments ON messages
WHEN OLD.body IS NOT NEW.body OR OLD.attachments IS NOT NEW.attachments BEGIN
    INSERT OR IGNORE INTO stale (id, acc, conv, body, attachments)
        SELECT id, acc, conv, OLD.body, OLD.attachments FROM places
        WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    DELETE FROM places WHERE acc = OLD.acc AND conv = OLD.conv AND seq = OLD.seq;
    INSERT OR IGNORE INTO unfound (acc, conv, seq) VALUES (NEW.acc, NEW.conv, NEW.seq);
END;
