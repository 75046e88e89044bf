/** A node of the in-memory file system: attributes in memory, the bytes of a file in a nameless temporary file. */
import { closeSync, constants, fstatSync, ftruncateSync, mkdtempSync, openSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attributes, NodeId, Timestamp } from '../../src/fs/index.js';

/** Bytes. */
export const LONGEST_NAME = 255;

export const KIND_BITS = { file: 0o100000, folder: 0o040000, symlink: 0o120000 } as const;
export type MemoryKind = keyof typeof KIND_BITS;

/** Shared by all that can have none. */
const NO_CHILDREN = new Map<string, MemoryNode>();
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

export class MemoryNode {
  readonly id: NodeId;
  readonly kind: MemoryKind;
  readonly children: Map<string, MemoryNode>;
  #xattrs: Map<string, Uint8Array> | null = null;
  parent: MemoryNode;
  target = '';
  permissions: number;
  uid: number;
  gid: number;
  links: number;
  lookups = 0;
  opens = 0;
  descriptor = -1;
  accessed: Timestamp;
  modified: Timestamp;
  changed: Timestamp;
  readonly born: Timestamp;
  /** Of a file; a nameless one begins empty, so nobody needs to ask the descriptor. */
  size = 0;
  /** The kernel writes the file itself: only the descriptor knows its size. */
  isPassedThrough = false;

  constructor(init: {
    id: NodeId;
    kind: MemoryKind;
    parent: MemoryNode | null;
    permissions: number;
    uid: number;
    gid: number;
  }) {
    this.id = init.id;
    this.kind = init.kind;
    this.children = init.kind === 'folder' ? new Map() : NO_CHILDREN;
    this.parent = init.parent ?? this;
    this.permissions = init.permissions & 0o7777;
    this.uid = init.uid;
    this.gid = init.gid;
    this.links = init.kind === 'folder' ? 2 : 1;
    this.born = timestampNow();
    this.accessed = this.born;
    this.modified = this.born;
    this.changed = this.born;
  }

  /** To change them. */
  get xattrs(): Map<string, Uint8Array> {
    this.#xattrs ??= new Map();
    return this.#xattrs;
  }

  /** To read them: files that have none, nearly all, get no map for having been asked. */
  get knownXattrs(): ReadonlyMap<string, Uint8Array> {
    return this.#xattrs ?? NO_XATTRS;
  }

  touch(): void {
    this.modified = timestampNow();
    this.changed = this.modified;
  }

  get fileDescriptor(): number {
    if (this.descriptor < 0) this.descriptor = namelessFile();
    return this.descriptor;
  }

  get currentSize(): number {
    if (this.kind === 'symlink') return Buffer.byteLength(this.target);
    if (this.kind === 'folder' || this.descriptor < 0) return 0;
    if (this.isPassedThrough) return fstatSync(this.descriptor).size;
    return this.size;
  }

  /** As the kernel does: set-gid means something else on files that no group may execute. */
  killPrivileges(): void {
    this.permissions &= ~((this.permissions & 0o010) !== 0 ? 0o6000 : 0o4000);
  }

  truncate(size: number): void {
    ftruncateSync(this.fileDescriptor, size);
    this.size = size;
  }

  get attributes(): Attributes {
    const size = this.currentSize;
    const { uid, gid, accessed, modified, changed, born } = this;
    return {
      ino: this.id,
      size,
      blocks: Math.ceil(size / 512),
      mode: KIND_BITS[this.kind] | this.permissions,
      nlink: this.links,
      uid,
      gid,
      blockSize: 4096,
      accessed,
      modified,
      changed,
      born,
    };
  }

  close(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
  }
}

export function timestampNow(): Timestamp {
  const ms = Date.now();
  // Below a millisecond there is no wall clock: what is left of the other one tells two times apart.
  const nanoseconds = Math.floor((performance.now() * 1e6) % 1e6);
  return { seconds: Math.floor(ms / 1000), nanoseconds: ((ms % 1000) * 1e6 + nanoseconds) | 0 };
}

/** open(2): a file that never has a name. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

let folder: string | null = null;

/** On the fastest disk there is, so that tests and measurements see the bridge and not the disk. */
function namelessFile(): number {
  folder ??= mkdtempSync(join(process.env.ODBFS_TEST_BACKING ?? tmpdir(), 'odbfs-memory-'));
  return openSync(folder, O_TMPFILE | constants.O_RDWR, 0o600);
}

export function removeBackingFolder(): void {
  if (folder !== null) rmdirSync(folder);
  folder = null;
}
