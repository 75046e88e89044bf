/**
 * A file system as simple as can be over a spool: what an application sees is the remembered tree with the overlay
 * laid over it, as in ARCHITECTURE.md. The model beside it is a plain map; after quiescence the server must equal it.
 */
import type { Ino, NodeKind } from '../../src/spool/index.js';
import { ROOT_INO } from '../../src/spool/index.js';
import type { SpoolBench } from './spool-bench.js';

export interface Seen {
  readonly ino: Ino;
  readonly item: string | null;
  readonly kind: NodeKind;
  readonly name: string;
}

/** What is in a folder, as an application would see it. */
export function listing({ spool, remote }: SpoolBench, folder: Ino, item: string | null): Seen[] {
  const seen: Seen[] = [];
  for (const child of item === null ? [] : remote.tree.childrenOf(item)) {
    const owed = spool.owedOfItem(child.id);
    if (owed !== undefined && (owed.removed || owed.place !== null)) continue;
    if (spool.placedAt(folder, child.name) !== undefined) continue;
    if (owed === undefined && spool.mayHaveArrivedAt(folder, child.name)) continue;
    const kind = owed?.kind ?? child.kind;
    seen.push({ ino: owed?.ino ?? spool.inoOf(child.id), item: child.id, kind, name: child.name });
  }
  for (const owed of spool.placedIn(folder)) {
    seen.push({ ino: owed.ino, item: owed.item, kind: owed.kind, name: owed.place!.name });
  }
  return seen.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Every path that an application would see. */
export function paths(bench: SpoolBench): Map<string, Seen & { parent: Ino }> {
  const all = new Map<string, Seen & { parent: Ino }>();
  const enter = (folder: Ino, item: string | null, prefix: string): void => {
    for (const seen of listing(bench, folder, item)) {
      const path = `${prefix}/${seen.name}`;
      if (all.has(path)) throw new Error(`${path} is there twice`);
      all.set(path, { ...seen, parent: folder });
      if (seen.kind === 'folder') enter(seen.ino, seen.item, path);
    }
  };
  enter(ROOT_INO, bench.remote.tree.root, '');
  return all;
}

export type Model = Map<string, string | null>;

export type Action =
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function isFolder(model: Model, path: string): boolean {
  return path === '' || model.get(path) === null;
}

function hasChildren(model: Model, path: string): boolean {
  return [...model.keys()].some((one) => one.startsWith(`${path}/`));
}

/** True when POSIX would let it happen. */
export function isAllowed(model: Model, action: Action): boolean {
  const { path } = action;
  if (!isFolder(model, parentOf(path))) return false;
  switch (action.kind) {
    case 'mkdir':
      return !model.has(path);
    case 'write':
      return !isFolder(model, path);
    case 'remove':
      return model.has(path) && !hasChildren(model, path);
    case 'rename': {
      const { to } = action;
      if (!model.has(path) || path === to || !isFolder(model, parentOf(to))) return false;
      if (to.startsWith(`${path}/`)) return false;
      if (!model.has(to)) return true;
      return isFolder(model, path) === isFolder(model, to) && !hasChildren(model, to);
    }
  }
}

export function applyToModel(model: Model, action: Action): void {
  switch (action.kind) {
    case 'mkdir':
      model.set(action.path, null);
      break;
    case 'write':
      model.set(action.path, action.content);
      break;
    case 'remove':
      model.delete(action.path);
      break;
    case 'rename':
      for (const [path, content] of [...model]) {
        if (path !== action.path && !path.startsWith(`${action.path}/`)) continue;
        model.delete(path);
        model.set(action.to + path.slice(action.path.length), content);
      }
  }
}

/** Does to the spool what the file system would. */
export async function applyToSpool(bench: SpoolBench, action: Action): Promise<void> {
  const { spool, remote } = bench;
  const seen = paths(bench);
  const parent = inoOf(seen, parentOf(action.path));
  bindFolder(bench, parent);
  const node = seen.get(action.path);
  switch (action.kind) {
    case 'mkdir':
      bench.folder(parent, nameOf(action.path));
      break;
    case 'write':
      if (node === undefined) await bench.file(parent, nameOf(action.path), action.content);
      else await bench.write(node.ino, action.content, node.item);
      break;
    case 'remove':
      spool.remove(node!.ino, node!.item, node!.kind);
      break;
    case 'rename': {
      const target = seen.get(action.to);
      const place = { parent: inoOf(seen, parentOf(action.to)), name: nameOf(action.to) };
      bindFolder(bench, place.parent);
      const version = target?.item ? (remote.tree.peek(target.item)?.version ?? null) : null;
      const { ino, item, kind } = node!;
      spool.rename(ino, item, kind, place, target === undefined ? null : { ...target, version });
    }
  }
}

function bindFolder({ spool, remote }: SpoolBench, ino: Ino): void {
  if (ino === ROOT_INO || spool.itemOf(ino) !== undefined) return;
  const item = [...remote.tree.ids()].find((id) => spool.inoOf(id) === ino);
  if (item !== undefined) spool.bind(ino, item);
}

function inoOf(seen: Map<string, Seen>, path: string): Ino {
  if (path === '') return ROOT_INO;
  const node = seen.get(path);
  if (node === undefined) throw new Error(`${path} is not seen`);
  return node.ino;
}
