/**
 * READDIR and READDIRPLUS: as many entries as fit in what the kernel asked for. An entry's offset is the cookie of the
 * next one. Each entry that goes out with a node counts as a look-up, so attributes are asked for only once its name is
 * known to fit.
 */
import type { DirectoryEntry, DirectoryReader, NodeId } from '../../fs/index.js';
import { ENTRY_SIZE, putEntry } from './encode-attributes.js';
import type { ReplyArena } from './reply-arena.js';

const NAME_AT = 24;
const LONGEST_NAME_BYTES = 255;
/** DT_REG, DT_DIR, DT_LNK of readdir(3). */
const TYPE = { file: 8, folder: 4, symlink: 10 } as const;

export interface DirectoryRequest {
  readonly reader: DirectoryReader;
  readonly offset: number;
  /** Bytes that the kernel takes. */
  readonly size: number;
  readonly withAttributes: boolean;
}

/** The bytes written at `at`, and the nodes whose look-up count grows if the kernel accepts them. */
export function putDirectory(
  arena: ReplyArena,
  at: number,
  { reader, offset, size, withAttributes }: DirectoryRequest,
): { readonly length: number; readonly lookedUp: readonly NodeId[] } {
  const end = at + Math.min(size, arena.size - at);
  const lookedUp: NodeId[] = [];
  let position = at;
  for (let cookie = offset; ; cookie++) {
    const entry = reader.at(cookie);
    if (entry === undefined) break;
    const head = withAttributes ? ENTRY_SIZE : 0;
    const next = putName(arena, position + head, { entry, cookie, end });
    if (next === null) break;
    if (next === SKIPPED) continue;
    if (withAttributes) putLookUp(arena, position, { reader, cookie, name: entry.name, lookedUp });
    position = next;
  }
  return { length: position - at, lookedUp };
}

const SKIPPED = -1;

/** fuse_dirent. The position behind it; null when it does not fit; `SKIPPED` when the kernel could not take it. */
function putName(
  arena: ReplyArena,
  at: number,
  { entry, cookie, end }: { readonly entry: DirectoryEntry; readonly cookie: number; readonly end: number },
): number | null {
  const length = nameLength(entry.name);
  // The kernel fails the whole listing with EIO over such a name.
  if (length === 0 || length > LONGEST_NAME_BYTES) return SKIPPED;
  const next = at + ((NAME_AT + length + 7) & ~7);
  if (next > end) return null;
  arena.u64(at, entry.ino);
  arena.u64(at + 8, cookie + 1);
  arena.u32(at + 16, length);
  arena.u32(at + 20, TYPE[entry.kind]);
  arena.u32(at + ((NAME_AT + length) & ~3), 0);
  arena.u32(next - 4, 0);
  arena.text(at + NAME_AT, entry.name);
  return next;
}

function putLookUp(
  arena: ReplyArena,
  at: number,
  {
    reader,
    cookie,
    name,
    lookedUp,
  }: { reader: DirectoryReader; cookie: number; name: string; lookedUp: NodeId[] },
): void {
  const found = name === '.' || name === '..' ? undefined : reader.lookUp(cookie);
  if (found === undefined) {
    arena.zero(at, ENTRY_SIZE);
    return;
  }
  putEntry(arena, at, found);
  lookedUp.push(found.node);
}

function nameLength(name: string): number {
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) >= 0x80) return Buffer.byteLength(name);
  }
  return name.length;
}
