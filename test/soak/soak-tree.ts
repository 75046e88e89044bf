/** What a folder holds, as text by path: to compare the mount, the mirror, and the two sides of an interrupted operation. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export type SoakTree = ReadonlyMap<string, string>;

export function treeOf(root: string, under = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(join(root, under)).sort()) {
    const path = under === '' ? name : `${under}/${name}`;
    const stat = lstatSync(join(root, path));
    const mode = (stat.mode & 0o777).toString(8);
    if (stat.isSymbolicLink()) found.set(path, `-> ${readlinkSync(join(root, path))}`);
    else if (stat.isDirectory()) {
      found.set(path, `folder ${mode}`);
      for (const [below, what] of treeOf(root, path)) found.set(below, what);
    } else {
      const bytes = readFileSync(join(root, path));
      if (bytes.length !== stat.size)
        throw new Error(`${path} is ${stat.size} bytes long, and ${bytes.length} are read`);
      found.set(path, `${mode} ${stat.size} ${createHash('sha256').update(bytes).digest('hex')}`);
    }
  }
  return found;
}

/** Paths at which two trees differ, with what either has there. */
export function differences(one: SoakTree, other: SoakTree): string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths]
    .filter((path) => one.get(path) !== other.get(path))
    .map((path) => `${path}: ${one.get(path) ?? 'nothing'} | ${other.get(path) ?? 'nothing'}`);
}
