-- A conversation with a title is a group; it has no a and b. With a = b it is somebody's notes to oneself.
ALTER TABLE conversations ADD COLUMN title TEXT;
ALTER TABLE conversations ADD COLUMN avatar BLOB;

-- What a member may do: 0 member, 1 admin, 2 owner. The first entry a member may see is the one that tells of the joining;
-- whoever leaves and comes back begins anew.
ALTER TABLE members ADD COLUMN role INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN from_seq INTEGER NOT NULL DEFAULT 1;
