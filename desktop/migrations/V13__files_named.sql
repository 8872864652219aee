-- Which files messages name is asked at each start: it must not mean reading all of them.
CREATE INDEX messages_files ON messages (acc) WHERE attachments IS NOT NULL;
