import type { ItemId } from '../drive/index.js';
import type { Ino, NodeKind } from '../spool/index.js';
import type { NodeView } from './node-view.js';
import type { OpenFile } from './open-file.js';
import type { NodeId, Timestamp } from './request.js';

/** A node that the kernel knows or that is open: one authoritative object, shared by all of its descriptors. */
export class Inode {
  readonly node: NodeId;
  /** Of a folder another one may turn out to be the same. */
  ino: Ino;
  readonly kind: NodeKind;
  /** What the server has it as; null until it was sent. */
  item: ItemId | null;
  /** How many look-ups the kernel has to give back. */
  lookups = 0;
  /** The bytes as openers see them now; null when nobody has it open. */
  open: OpenFile | null = null;
  /** Of a replaced file that nobody has open: its bytes, for whoever looked it up before and opens it only now. */
  kept: OpenFile | null = null;
  /** Open files of versions that are no longer the newest; new openers then bypass the page cache. */
  outdatedOpens = 0;
  /** Which bytes the kernel's pages of this inode belong to; see `OpenFile.pagesKey`. */
  pagesKey: string | null = null;
  /** What the kernel was last told; it reads no further than that. */
  toldSize = 0;
  /** When waiting for its bytes last ended because the server said nothing. */
  lastSilenceMs = Number.NEGATIVE_INFINITY;
  /** The last open that had to do without the first bytes. */
  vainWait: { readonly beganMs: number; readonly endedMs: number } | null = null;
  /** Set when the last name went while somebody still holds it: what it was. */
  unlinked: NodeView | null = null;
  /** A folder: when a name in it last changed here. */
  namesChanged: Timestamp | null = null;

  constructor(node: NodeId, ino: Ino, kind: NodeKind, item: ItemId | null) {
    this.node = node;
    this.ino = ino;
    this.kind = kind;
    this.item = item;
  }

  get isHeld(): boolean {
    return this.lookups > 0 || this.open !== null || this.outdatedOpens > 0;
  }

  /** By more than its name: somebody has it open, or may still come to what it was. */
  get isInUse(): boolean {
    return this.open !== null || this.outdatedOpens > 0 || this.kept !== null || this.unlinked !== null;
  }
}
