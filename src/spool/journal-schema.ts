/** The journal's tables, one script per schema version; told column by column in docs/SPOOL.md. */
export const JOURNAL_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE owed (
    ino INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    item TEXT,
    parent INTEGER, name TEXT,
    removed INTEGER NOT NULL,
    origin_parent INTEGER, origin_name TEXT,
    removed_version TEXT,
    file TEXT, size INTEGER, base TEXT, generation INTEGER,
    modified_ms REAL,
    state TEXT NOT NULL, reason TEXT,
    tried TEXT, touched TEXT, session TEXT, sent TEXT
  ) STRICT;
  CREATE TABLE identities (
    ino INTEGER PRIMARY KEY,
    item TEXT NOT NULL UNIQUE,
    path TEXT
  ) STRICT;
  CREATE TABLE attributes (
    ino INTEGER PRIMARY KEY,
    mode INTEGER, uid INTEGER, gid INTEGER,
    modified_s INTEGER, modified_ns INTEGER,
    accessed_s INTEGER, accessed_ns INTEGER,
    changed_s INTEGER, changed_ns INTEGER,
    born_s INTEGER, born_ns INTEGER,
    symlink TEXT,
    written_size INTEGER, written_version TEXT,
    pinned INTEGER NOT NULL,
    xattrs BLOB
  ) STRICT;
  CREATE TABLE conflicts (
    copy INTEGER PRIMARY KEY,
    original INTEGER NOT NULL,
    at_ms REAL NOT NULL
  ) STRICT;
  CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE abandoned (
    id INTEGER PRIMARY KEY,
    session TEXT NOT NULL
  ) STRICT;
  `,
  'ALTER TABLE attributes ADD COLUMN written_at REAL',
];

/** Table names in the order in which a damaged journal is read: what is owed first. */
export const JOURNAL_TABLES = [
  'owed',
  'identities',
  'attributes',
  'conflicts',
  'counters',
  'abandoned',
] as const;
