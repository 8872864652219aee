-- How long a conversation keeps its messages, in days; 0: for good. Everything up to `cut_seq` is over: nobody sees it any more.
-- Up to `erased_seq` it is erased too, as a deleted message is. `cut_day` is the day on which it was looked at last.
ALTER TABLE conversations ADD COLUMN keep_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN cut_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN erased_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN cut_day INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversations_kept ON conversations (cut_day) WHERE keep_days > 0;
CREATE INDEX conversations_over ON conversations (id) WHERE erased_seq < cut_seq;
CREATE INDEX conversations_erased ON conversations (id) WHERE erased_seq > 0;

-- The highest commit number as each day began, by the store's own time: what was written up to it is older than the day.
CREATE TABLE days (
    day INTEGER PRIMARY KEY,
    num INTEGER NOT NULL
) STRICT;

-- `from_seq` rises when messages are over; who has been in a group longest is told by this.
ALTER TABLE members ADD COLUMN joined_seq INTEGER NOT NULL DEFAULT 1;
UPDATE members SET joined_seq = from_seq;
