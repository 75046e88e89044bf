/** `ranges`: bounds as pairs of doubles; null: every byte is here. `durable`: synced, and not changed since. */
export const CONTENT_SCRIPT = `
CREATE TABLE contents (
  slot INTEGER PRIMARY KEY,
  item ANY NOT NULL,
  version TEXT NOT NULL,
  size INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  ranges BLOB,
  used INTEGER NOT NULL,
  durable REAL
) STRICT;
CREATE UNIQUE INDEX contents_by_version ON contents (item, version);
CREATE INDEX contents_by_use ON contents (used);
CREATE TABLE pins (item ANY PRIMARY KEY) STRICT, WITHOUT ROWID;
`;
