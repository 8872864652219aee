-- The place of the message that an entry answers or changes. Only such entries are in the index: a plain text costs
-- nothing more than before.
ALTER TABLE messages ADD COLUMN target INTEGER;
CREATE INDEX messages_target ON messages (conv, target) WHERE target IS NOT NULL;
