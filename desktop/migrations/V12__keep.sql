-- Days for which messages of a conversation are kept; 0: for good.
ALTER TABLE convs ADD COLUMN keep_days INTEGER NOT NULL DEFAULT 0;
