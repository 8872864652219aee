-- What an entry is, and the place of the message it answers or changes. Kinds: 0 text, 1 edit, 2 delete, 3 reaction,
-- -1 one this program does not know.
ALTER TABLE messages ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN target INTEGER;
UPDATE messages SET kind = -1 WHERE unsupported;
CREATE INDEX messages_target ON messages (acc, conv, target) WHERE target IS NOT NULL;

ALTER TABLE outbox ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN target INTEGER;

ALTER TABLE displaced ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE displaced ADD COLUMN target INTEGER;
