/** The true state of a drive, whatever lag or omission the read paths show. */
import { createHash } from 'node:crypto';
import type { Site } from '../sites.js';
import type { FileItem } from '../store/item.js';
import { descend, pathOf } from '../store/item.js';

export interface SnapshotEntry {
  /** Below the library, names joined by `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly version: number;
  /** UniqueId, lower case, without braces. */
  readonly id: string;
  readonly sha256?: string;
}

export async function snapshot(site: Site, hash: boolean): Promise<SnapshotEntry[]> {
  const entries: SnapshotEntry[] = [];
  for (const item of [...descend(site.store.root)].slice(1)) {
    entries.push({
      path: pathOf(item).join('/'),
      kind: item.kind,
      size: item.kind === 'file' ? item.content.size : 0,
      createdMs: item.createdMs,
      modifiedMs: item.modifiedMs,
      version: item.version,
      id: site.store.guidOf(item),
      ...(hash && item.kind === 'file' ? { sha256: await sha256(item) } : {}),
    });
  }
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function sha256(file: FileItem): Promise<string> {
  const hash = createHash('sha256');
  const { content } = file;
  for await (const bytes of content.read(0, content.size)) hash.update(bytes);
  return hash.digest('hex');
}
