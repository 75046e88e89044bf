/**
 * What the kernel is to forget, coalesced and in order of first mention, sent by the addon's thread a window at a time.
 * When more is waiting than is worth keeping, names are given up: all of them are forgotten at once where the kernel
 * can, else the oldest are dropped and lifetimes bound what it believes.
 */
import type { ByteRange } from '../base/index.js';
import type { NodeId } from '../fs/index.js';
import type { NativeSession } from './addon.js';
import {
  deleteMessage,
  forgetNamesMessage,
  INC_EPOCH_MINOR,
  invalidateEntryMessage,
  invalidateNodeMessage,
  storeMessage,
} from './wire/index.js';

/** Notifications that the thread has before it; the others can still be coalesced. */
const WINDOW = 64;
const MOST_WAITING = 65_536;
/** What one message may put into the kernel's cache, and how many may wait. */
const LARGEST_STORE = 128 * 1024;
const MOST_STORES = 64;

type Waiting =
  | { readonly kind: 'node'; readonly node: NodeId; range: ByteRange | 'all' | null }
  | { readonly kind: 'entry'; readonly parent: NodeId; readonly name: string; child: NodeId | null }
  | { readonly kind: 'store'; readonly node: NodeId; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'names' };

export class Notifier {
  readonly #native: NativeSession;
  readonly #minor: number;
  readonly #waiting = new Map<string, Waiting>();
  #underWay = 0;
  #sent = 0;
  #dropped = 0;
  #stores = 0;
  #hasStopped: () => void = () => undefined;

  constructor(native: NativeSession, minor: number) {
    this.#native = native;
    this.#minor = minor;
  }

  get sent(): number {
    return this.#sent;
  }
  get waiting(): number {
    return this.#waiting.size + this.#underWay;
  }
  get dropped(): number {
    return this.#dropped;
  }

  /** `null`: attributes only. Ranges of the same node are joined, with what lies between. */
  node(node: NodeId, range: ByteRange | 'all' | null): void {
    const key = `${node}`;
    // It may go out before what was to be stored, which is then no longer true.
    if (range !== null) this.#unstore(node);
    const known = this.#waiting.get(key);
    if (known?.kind === 'node') known.range = join(known.range, range);
    else this.#add(key, { kind: 'node', node, range });
  }

  /** Attributes only, before anything that is answered from now on; a request about the node is under way. */
  attributesNow(node: NodeId): void {
    this.#native.notifyNow(invalidateNodeMessage(node, -1, 0));
  }

  /** Copies `data`. One store of a node waits at a time, behind what is to be forgotten of it. */
  store(node: NodeId, offset: number, data: Uint8Array): void {
    this.#unstore(node);
    if (this.#stores >= MOST_STORES) {
      this.#dropped += 1;
      return;
    }
    this.#stores += 1;
    const copy = Uint8Array.from(data.subarray(0, LARGEST_STORE));
    this.#add(`store ${node}`, { kind: 'store', node, offset, data: copy });
  }

  #unstore(node: NodeId): void {
    if (this.#waiting.delete(`store ${node}`)) this.#stores -= 1;
  }

  entry(parent: NodeId, name: string, child: NodeId | null): void {
    const key = `${parent}/${name}`;
    const known = this.#waiting.get(key);
    if (known?.kind === 'entry') known.child ??= child;
    else this.#add(key, { kind: 'entry', parent, name, child });
  }

  /** The thread has sent some. */
  progressed(): void {
    const done = this.#native.notified();
    this.#underWay -= done;
    this.#sent += done;
    if (this.#underWay === 0) this.#hasStopped();
    this.#send();
  }

  /** Nothing more is sent; resolves when the thread is done with what it has. */
  stop(): Promise<void> {
    this.#waiting.clear();
    this.#stores = 0;
    return this.#underWay === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#hasStopped = resolve;
        });
  }

  #add(key: string, waiting: Waiting): void {
    if (this.#waiting.size >= MOST_WAITING) this.#giveUpNames();
    this.#waiting.set(key, waiting);
    this.#send();
  }

  #giveUpNames(): void {
    const canForgetAll = this.#minor >= INC_EPOCH_MINOR;
    for (const [key, { kind }] of this.#waiting) {
      if (canForgetAll ? kind === 'entry' : this.#waiting.size >= MOST_WAITING / 2) this.#drop(key);
    }
    if (canForgetAll) this.#waiting.set('names', { kind: 'names' });
    if (this.#waiting.size >= MOST_WAITING) this.#drop(this.#waiting.keys().next().value ?? '');
  }

  #drop(key: string): void {
    if (this.#waiting.get(key)?.kind === 'store') this.#stores -= 1;
    this.#waiting.delete(key);
    this.#dropped += 1;
  }

  #send(): void {
    for (const [key, waiting] of this.#waiting) {
      if (this.#underWay >= WINDOW) return;
      this.#waiting.delete(key);
      if (waiting.kind === 'store') this.#stores -= 1;
      if (this.#native.notify(encode(waiting)) >= 0) this.#underWay += 1;
    }
  }
}

function encode(waiting: Waiting): Uint8Array {
  switch (waiting.kind) {
    case 'names':
      return forgetNamesMessage();
    case 'store':
      return storeMessage(waiting.node, waiting.offset, waiting.data);
    case 'node': {
      const { node, range } = waiting;
      if (range === null) return invalidateNodeMessage(node, -1, 0);
      return range === 'all'
        ? invalidateNodeMessage(node, 0, 0)
        : invalidateNodeMessage(node, range.offset, range.length);
    }
    case 'entry': {
      const { parent, name, child } = waiting;
      return child === null ? invalidateEntryMessage(parent, name) : deleteMessage(parent, child, name);
    }
  }
}

function join(one: ByteRange | 'all' | null, other: ByteRange | 'all' | null): ByteRange | 'all' | null {
  if (one === null || other === null) return one ?? other;
  if (one === 'all' || other === 'all') return 'all';
  const offset = Math.min(one.offset, other.offset);
  const end = Math.max(one.offset + one.length, other.offset + other.length);
  return { offset, length: end - offset };
}
