/**
 * The rows of the tree. `key` is our own number of an item. `parent` is another's key, or a bucket: what lies in a
 * bucket has left the tree and is swept away in slices. `fold` finds a name, exact or in another case.
 */
export const ROOT_KEY = 1;
export const ROOT_PARENT = -3;
/** What was removed by us, or whose removal was told already. */
export const SILENT_BUCKET = 0;
/** What somebody else removed: what lay below is told while it is swept. */
export const LOUD_BUCKET = -1;
/** What another item was seen in the place of: moved elsewhere, or removed; the end of the batch tells. */
export const DISPLACED_BUCKET = -2;

/**
 * `listed`: when all children were last seen; null: whenever the tree was whole; 0: never; below 0: then, in a listing that
 * another one is to confirm. `id` null: a stand-in.
 */
export const TREE_SCRIPT = `
CREATE TABLE items (
  key INTEGER PRIMARY KEY,
  id ANY,
  parent INTEGER NOT NULL,
  fold INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  created INTEGER NOT NULL,
  version TEXT NOT NULL,
  listed INTEGER,
  generation INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX items_by_id ON items (id);
CREATE INDEX items_by_name ON items (parent, fold);
CREATE INDEX stand_ins ON items (key) WHERE id IS NULL;
CREATE TABLE state (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
`;
