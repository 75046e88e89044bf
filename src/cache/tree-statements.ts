/**
 * The tree store's SQL, compiled once. A bare `LIMIT ?` has SQLite plan the statement anew for each number that is bound to
 * it, which takes as long as reading a folder of ten: `MOST` is the same number as far as anybody but the planner can tell.
 */
import type { Database, Statement } from '../base/index.js';
import { ROW_COLUMNS } from './tree-entry.js';

const MOST = '0 + ?';
const BY_NAME = `SELECT ${ROW_COLUMNS} FROM items WHERE parent = ? AND fold = ?`;

export function prepareStatements(database: Database) {
  const one = (sql: string): Statement => database.prepare(sql);
  return {
    count: one('SELECT count(*) FROM items WHERE id IS NOT NULL').pluck(),
    countStandIns: one('SELECT count(*) FROM items WHERE id IS NULL').pluck(),
    byId: one(`SELECT ${ROW_COLUMNS} FROM items WHERE id = ?`).raw(),
    byKey: one(`SELECT ${ROW_COLUMNS} FROM items WHERE key = ?`).raw(),
    byName: one(BY_NAME).raw(),
    children: one(
      `SELECT ${ROW_COLUMNS} FROM items WHERE parent = ? AND (fold, key) > (?, ?) ORDER BY fold, key LIMIT ${MOST}`,
    ).raw(),
    childrenWithMarks: one(
      `SELECT ${ROW_COLUMNS}, generation FROM items WHERE parent = ? AND (fold, key) > (?, ?) ORDER BY fold, key LIMIT ${MOST}`,
    ).raw(),
    countChildren: one(`SELECT count(*) FROM (SELECT 1 FROM items WHERE parent = ? LIMIT ${MOST})`).pluck(),
    insert: one(
      `INSERT INTO items (key, id, fold, name, kind, size, modified, created, version, parent, listed, generation)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: one(
      `UPDATE items SET id = ?, fold = ?, name = ?, kind = ?, size = ?, modified = ?, created = ?, version = ?,
       parent = ?, generation = ? WHERE key = ?`,
    ),
    mark: one('UPDATE items SET generation = ? WHERE key = ?'),
    setListed: one('UPDATE items SET listed = ? WHERE key = ?'),
    move: one('UPDATE items SET parent = ? WHERE key = ?'),
    remove: one('DELETE FROM items WHERE key = ?'),
    standIns: one(`SELECT ${ROW_COLUMNS} FROM items WHERE id IS NULL LIMIT ${MOST}`).raw(),
    unmarked: one(
      `SELECT ${ROW_COLUMNS} FROM items WHERE key > ? AND key <= ? AND generation < ? AND parent > 0`,
    ).raw(),
    lastKey: one('SELECT ifnull(max(key), 0) FROM items').pluck(),
  };
}
