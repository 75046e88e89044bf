/**
 * A `Drive` in memory that passes the same contract suite as the real one. Latency, faults and other clients are in
 * the test's hand: `drive.server` is what another client changes, `drive.beforeCall` may delay or fail any call.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteRange } from '../../src/base/index.js';
import {
  type ContentStream,
  type CopyOptions,
  type Drive,
  type DriveCapabilities,
  DriveError,
  type DriveItem,
  type DrivePath,
  type ListingPage,
  type MakeDirectoryOptions,
  type ModifiedOptions,
  type MoveOptions,
  type Payload,
  type Quota,
  type ReadOptions,
  type RemoveOptions,
  type RequestOptions,
  type TreeSource,
  type UploadOptions,
  type UploadSession,
  type Version,
} from '../../src/drive/index.js';
import { type MemoryNode, MemoryServer, type MemoryServerOptions, nameOf } from './memory-server.js';
import { MemoryTreeSource } from './memory-tree-source.js';

export type MemoryCallName =
  | 'stat'
  | 'list'
  | 'read'
  | 'upload'
  | 'abandon'
  | 'makeDirectory'
  | 'move'
  | 'copy'
  | 'remove'
  | 'setModified'
  | 'quota'
  | 'currentToken'
  | 'snapshot'
  | 'changes';

export interface MemoryCall {
  readonly name: MemoryCallName;
  readonly path: DrivePath;
  readonly signal: AbortSignal;
  /** The one that is to be replaced or removed, and no other. */
  readonly version?: Version;
}

export interface MemoryDriveOptions extends MemoryServerOptions {
  readonly capabilities?: Partial<DriveCapabilities>;
  readonly server?: MemoryServer;
  readonly withTree?: boolean;
  readonly listingPageSize?: number;
  readonly chunkBytes?: number;
}

const MINUTE_MS = 60_000;

const DEFAULT_CAPABILITIES: DriveCapabilities = {
  stableIds: true,
  keepsModifiedOnUpload: false,
  setsModified: true,
  caseInsensitive: true,
  longestPath: 400,
  pathPrefixLength: 0,
};

export class MemoryDrive implements Drive {
  readonly capabilities: DriveCapabilities;
  readonly server: MemoryServer;
  readonly tree: TreeSource | null;
  /** Every call in the order it began: what a real drive would have asked the server. */
  readonly calls: MemoryCall[] = [];
  /** Runs before a call takes effect: await something for latency, throw for a fault. */
  beforeCall: (call: MemoryCall) => Promise<void> | void = () => {};
  /** Runs after a call took effect and before its answer arrives: throw to lose the answer. */
  afterCall: (call: MemoryCall) => Promise<void> | void = () => {};
  /** Runs where the server has read a time to the minute only, before it is told it once more; null: it never does. */
  misread: ((item: DriveItem) => Promise<void>) | null = null;
  /** This many of the next listings leave out an entry (protocol notes 5.2.7). */
  omitFromListings = 0;
  readonly #options: MemoryDriveOptions;

  constructor(options: MemoryDriveOptions = {}) {
    this.#options = options;
    this.server = options.server ?? new MemoryServer(options);
    this.capabilities = {
      ...DEFAULT_CAPABILITIES,
      caseInsensitive: this.server.caseInsensitive,
      stableIds: options.stableIds ?? true,
      ...options.capabilities,
    };
    this.tree =
      options.withTree === false
        ? null
        : new MemoryTreeSource(this.server, (name, signal, answer) =>
            this.#call({ name, path: '/', signal }, answer),
          );
  }

  /** How many calls of that name were made so far. */
  count(name: MemoryCallName): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  stat(path: DrivePath, { signal }: RequestOptions): Promise<DriveItem> {
    return this.#call({ name: 'stat', path, signal }, () => this.server.item(this.#existing(path)));
  }

  async *list(path: DrivePath, { signal }: RequestOptions): AsyncIterable<ListingPage> {
    const { folder, items } = await this.#call({ name: 'list', path, signal }, () => {
      const node = this.#existing(path);
      if (node.kind !== 'folder') throw new DriveError('absent', `${path} is not a folder`);
      const children = this.server.children(path).map((child) => this.server.item(child));
      if (this.omitFromListings > 0 && children.pop() !== undefined) this.omitFromListings -= 1;
      return { folder: this.server.item(node), items: children };
    });
    const pageSize = this.#options.listingPageSize ?? 100;
    yield { folder, items: items.slice(0, pageSize) };
    for (let at = pageSize; at < items.length; at += pageSize) {
      yield { folder: null, items: items.slice(at, at + pageSize) };
    }
  }

  read(path: DrivePath, { signal, range, version }: ReadOptions): Promise<ContentStream> {
    return this.#call({ name: 'read', path, signal }, () => {
      const node = this.#existing(path);
      if (node.kind === 'folder') throw new DriveError('denied', `${path} is a folder`);
      const item = this.server.item(node);
      if (version !== undefined && version !== item.version) throw changed(path);
      const offset = Math.min(range?.offset ?? 0, node.content.length);
      const bytes = node.content.subarray(offset, range === undefined ? undefined : offset + range.length);
      const body = chunks(bytes, this.#options.chunkBytes ?? 64 * 1024, signal);
      return { version: item.version, totalSize: node.content.length, offset, body };
    });
  }

  async upload(path: DrivePath, payload: Payload, options: UploadOptions): Promise<DriveItem> {
    const content = await collect(payload, options);
    const replaced = typeof options.base === 'object' ? options.base : {};
    return this.#call({ name: 'upload', path, signal: options.signal, ...replaced }, () => {
      const present = this.server.find(path);
      if (options.base === 'absent' && present !== undefined) throw exists(path);
      if (typeof options.base === 'object' && this.#versionOf(present) !== options.base.version)
        throw changed(path);
      const modifiedMs = this.capabilities.keepsModifiedOnUpload ? options.modifiedMs : undefined;
      return this.server.item(this.server.write(path, content, modifiedMs));
    });
  }

  abandon({ id }: UploadSession, { signal }: RequestOptions): Promise<void> {
    return this.#call({ name: 'abandon', path: id, signal }, () => undefined);
  }

  makeDirectory(path: DrivePath, { signal }: MakeDirectoryOptions): Promise<DriveItem> {
    return this.#call({ name: 'makeDirectory', path, signal }, () =>
      this.server.item(this.server.makeFolder(path)),
    );
  }

  move(from: DrivePath, to: DrivePath, { signal, overwrite, version }: MoveOptions): Promise<DriveItem> {
    return this.#call({ name: 'move', path: from, signal }, () => {
      const source = this.#existing(from);
      if (version !== undefined && this.#versionOf(source) !== version) throw changed(from);
      const target = this.server.find(to);
      if (target !== undefined && target !== source && !overwrite) throw exists(to);
      return this.server.item(this.server.move(from, to));
    });
  }

  copy(from: DrivePath, to: DrivePath, { signal, version }: CopyOptions): Promise<DriveItem> {
    return this.#call({ name: 'copy', path: from, signal }, () => {
      const source = this.#existing(from);
      if (version !== undefined && this.#versionOf(source) !== version) throw changed(from);
      if (this.server.find(to) !== undefined) throw exists(to);
      return this.server.item(this.server.write(to, source.content.slice(), source.modifiedMs));
    });
  }

  /** Its items have ids. */
  async foundMoved(): Promise<null> {
    return null;
  }

  remove(path: DrivePath, { signal, kind, version, mayLeave }: RemoveOptions): Promise<boolean> {
    return this.#call({ name: 'remove', path, signal, ...(version !== undefined && { version }) }, () => {
      if (mayLeave?.() === false) throw changed(path);
      const node = this.server.find(path);
      if (node === undefined) return false;
      if (version !== undefined && this.#versionOf(node) !== version) throw changed(path);
      this.server.remove(path, kind);
      return true;
    });
  }

  setModified(
    path: DrivePath,
    modifiedMs: number,
    { signal, onVersion }: ModifiedOptions,
  ): Promise<DriveItem> {
    const told = (ms: number) =>
      this.#call({ name: 'setModified', path, signal }, () =>
        this.server.item(this.server.setModified(this.#existing(path).path, ms)),
      );
    const { misread } = this;
    if (misread === null) return told(modifiedMs);
    const once = async () => {
      const item = await told(Math.floor(modifiedMs / MINUTE_MS) * MINUTE_MS);
      onVersion?.(item.version);
      await misread(item);
      return told(modifiedMs);
    };
    return once();
  }

  quota({ signal }: RequestOptions): Promise<Quota> {
    return this.#call({ name: 'quota', path: '/', signal }, () => ({
      usedBytes: this.server.usedBytes,
      totalBytes: this.server.totalBytes,
    }));
  }

  /** Versions end in a count (`MemoryServer.item`). */
  changesBetween(before: Version, after: Version): number | null {
    const [from, to] = [before, after].map((version) => Number(/,(\d+)"$/.exec(version)?.[1] ?? Number.NaN));
    return Number.isNaN(from! + to!) ? null : to! - from!;
  }

  async #call<Answer>(call: MemoryCall, answer: () => Answer): Promise<Answer> {
    call.signal.throwIfAborted();
    this.calls.push(call);
    await this.beforeCall(call);
    call.signal.throwIfAborted();
    const result = answer();
    await this.afterCall(call);
    return result;
  }

  #versionOf(node: MemoryNode | undefined): string | null {
    return node === undefined ? null : this.server.item(node).version;
  }

  #existing(path: DrivePath): MemoryNode {
    const node = this.server.find(path);
    if (node === undefined) throw new DriveError('absent', `${nameOf(path) || '/'} is not there`);
    return node;
  }
}

async function collect(payload: Payload, { signal, onProgress }: UploadOptions): Promise<Uint8Array> {
  const range: ByteRange = { offset: 0, length: payload.size };
  const parts: Uint8Array[] = [];
  let sent = 0;
  for await (const part of payload.open(range)) {
    signal.throwIfAborted();
    parts.push(part.slice());
    sent += part.length;
    onProgress?.(sent);
  }
  if (sent !== payload.size) throw new Error(`the payload gave ${sent} bytes of ${payload.size}`);
  return Buffer.concat(parts);
}

async function* chunks(
  bytes: Uint8Array,
  chunkBytes: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    await nextTurn();
    signal.throwIfAborted();
    yield bytes.slice(at, at + chunkBytes);
  }
}

function changed(path: DrivePath): DriveError {
  return new DriveError('changed', `${path} is another version now`);
}

function exists(path: DrivePath): DriveError {
  return new DriveError('exists', `${path} exists already`);
}
