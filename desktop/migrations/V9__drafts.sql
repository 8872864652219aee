-- What the server knows of a draft: what differs from it is to be said, or was written elsewhere.
ALTER TABLE drafts ADD COLUMN known TEXT NOT NULL DEFAULT '';
