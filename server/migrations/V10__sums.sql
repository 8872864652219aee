-- A checksum of each entry (CRC-32 of all its columns), so that a wrong byte of a disk or of memory is noticed before it is
-- sent. Rows from before get theirs at the first start, see `sums`.
ALTER TABLE messages ADD COLUMN sum INTEGER;
