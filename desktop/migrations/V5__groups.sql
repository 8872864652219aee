-- What makes a conversation a group, as the JSON of its item; absent between two people and with oneself.
ALTER TABLE convs ADD COLUMN detail TEXT;
