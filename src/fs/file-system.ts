/**
 * The state that every operation receives, and the one place where requests become operations. What POSIX means is in
 * `operations/`, one file per operation; what the kernel's bytes look like is in `fuse/`.
 */
import type { Clock, Log, Metrics } from '../base/index.js';
import type { Asking, ContentCache, RemoteTree } from '../cache/index.js';
import { type Crowd, type Drive, NO_CROWD } from '../drive/index.js';
import type { Spool } from '../spool/index.js';
import { Arrivals } from './arrivals.js';
import { attributesOf } from './attributes.js';
import { ContentUpdates } from './content-update.js';
import { KEPT_ATTRIBUTES } from './extended-attributes.js';
import { FileHandle } from './file-handle.js';
import type { KnownFolders } from './folders-ahead.js';
import { errnoOf, FsError } from './fs-error.js';
import type { Inode } from './inode.js';
import { InodeTable } from './inode-table.js';
import { InteractiveAsking, type Patience } from './interactive-asking.js';
import { KernelListings } from './kernel-listings.js';
import type { KernelPort } from './kernel-port.js';
import { Lifetimes } from './lifetimes.js';
import { LookUpTrim } from './look-up-trim.js';
import { Namespace } from './namespace.js';
import { itemOf, type NamedView, type NodeView } from './node-view.js';
import type { OpenDirectory } from './open-directory.js';
import type { OpenFile } from './open-file.js';
import { OPERATIONS } from './operations/index.js';
import type { FileSystemOptions } from './options.js';
import { Pinning } from './pinning.js';
import { QuotaWatch } from './quota-watch.js';
import type {
  Attributes,
  AttributesReply,
  Entry,
  FileSystemPort,
  Handle,
  NodeId,
  OpenFlags,
  Reply,
  Request,
  RequestContext,
  Timestamp,
} from './request.js';
import { Rewritings } from './rewritings.js';
import { RoomAhead } from './room-ahead.js';
import { SameCall } from './same-call.js';
import { SmallFilesAhead } from './small-files-ahead.js';
import { timestampFromMs } from './timestamp.js';

export interface FileSystemParts {
  readonly drive: Drive;
  readonly tree: RemoteTree;
  readonly content: ContentCache;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly options: FileSystemOptions;
  /** An existing folder for the bytes of files without a name. */
  readonly scratchDirectory: string;
  /** Fires when the daemon stops. */
  readonly stopping: AbortSignal;
  /** Absent: nobody ever waits for a turn at the server. */
  readonly crowd?: Crowd;
  /** How many inodes the kernel may know; tests set it. */
  readonly mostInodes?: number;
}

export class FileSystem implements FileSystemPort {
  readonly keptAttributes = KEPT_ATTRIBUTES;
  readonly drive: Drive;
  readonly tree: RemoteTree;
  readonly content: ContentCache;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: FileSystemOptions;
  readonly stopping: AbortSignal;

  readonly inodes: InodeTable;
  readonly namespace: Namespace;
  readonly updates: ContentUpdates;
  readonly quota: QuotaWatch;
  readonly pinning: Pinning;
  readonly arrivals: Arrivals;
  readonly ahead: SmallFilesAhead;
  readonly kernelListings: KernelListings;
  readonly lifetimes: Lifetimes;
  readonly #trim: LookUpTrim;
  readonly room: RoomAhead;
  readonly rewritings: Rewritings;
  readonly sameCall: SameCall;
  readonly files = new Map<Handle, FileHandle>();
  readonly directories = new Map<Handle, OpenDirectory>();
  readonly #metrics: Metrics;
  readonly #patience: Patience;
  #kernel: KernelPort = noKernel;
  #lastHandle: Handle = 0;

  constructor(parts: FileSystemParts) {
    this.drive = parts.drive;
    this.tree = parts.tree;
    this.content = parts.content;
    this.spool = parts.spool;
    this.clock = parts.clock;
    this.log = parts.log;
    this.options = parts.options;
    this.stopping = parts.stopping;
    this.#metrics = parts.metrics;
    this.#patience = { clock: parts.clock, crowd: parts.crowd ?? NO_CROWD };
    this.inodes = new InodeTable(parts.tree.root);
    this.namespace = new Namespace(parts.tree, parts.spool);
    this.updates = new ContentUpdates(this, parts.scratchDirectory);
    this.quota = new QuotaWatch(parts);
    this.pinning = new Pinning(this);
    this.arrivals = new Arrivals(parts.spool);
    this.ahead = new SmallFilesAhead({ ...parts, folders: this.#knownFolders() });
    const version = () => ({ tree: this.tree.namesVersion, spool: this.spool.namesVersion });
    this.kernelListings = new KernelListings(version, () => this.clock.monotonic());
    this.lifetimes = new Lifetimes(parts, () => this.#kernel);
    const listing = (folder: Inode) => this.namespace.openKnown(folder);
    this.#trim = new LookUpTrim({ ...parts, inodes: this.inodes, kernel: () => this.#kernel, listing });
    this.room = new RoomAhead(parts);
    this.sameCall = new SameCall(parts.clock);
    this.rewritings = new Rewritings(this);
    this.spool.onBeforeSend(async (ino) => {
      await this.rewritings.settled(ino);
      await this.updates.quiesce(ino);
    });
  }

  /** Gives the file system its way to the kernel; before the first request. */
  attach(kernel: KernelPort): void {
    this.#kernel = kernel;
  }

  get kernel(): KernelPort {
    return this.#kernel;
  }

  handle(request: Request, context: RequestContext): Reply | Promise<Reply> {
    try {
      const run = OPERATIONS[request.operation] as Operate;
      const reply = run(this, request, context);
      return reply instanceof Promise ? reply.catch((error) => this.#failure(request, error)) : reply;
    } catch (error) {
      return this.#failure(request, error);
    }
  }

  forget(node: NodeId, count: number): void {
    this.inodes.forget(node, count);
  }

  wrote(handle: Handle, offset: number, length: number): void {
    const file = this.files.get(handle)?.file;
    if (file === undefined) return;
    this.updates.markDirty(file);
    file.grew(offset + length, this.now());
    this.room.wrote(length);
  }

  destroy(): void {
    for (const handle of [...this.files.values()]) this.closeHandle(handle);
    for (const directory of this.directories.values()) directory.close();
    this.directories.clear();
  }

  #knownFolders(): KnownFolders {
    return {
      parentOf: (folder) => this.namespace.placeOf(folder)?.in ?? null,
      namesIn: (folder) => this.namespace.known(folder),
    };
  }

  // --- what operations share ---

  now(): Timestamp {
    return timestampFromMs(this.clock.now());
  }

  nextHandle(): Handle {
    this.#lastHandle += 1;
    return this.#lastHandle;
  }

  /** How an interactive request asks the tree. */
  asking(
    context: RequestContext,
    maxAgeMs = this.options.attributeLifetimeMs,
    isGlance: boolean = false,
  ): Asking {
    const orKnown = maxAgeMs === this.options.attributeLifetimeMs;
    return new InteractiveAsking(context, { maxAgeMs, orKnown, isGlance }, this.#patience);
  }

  /** The same for stat(2), after which nothing is written or read. */
  glancing(context: RequestContext): Asking {
    return this.asking(context, this.options.attributeLifetimeMs, true);
  }

  /** What is known, however old; nobody is asked where everything is known. */
  get knownOnly(): Asking {
    return { signal: this.stopping, lane: 'interactive', maxAgeMs: Number.POSITIVE_INFINITY };
  }

  attributes(view: NodeView, inode: Inode | undefined): Attributes {
    return attributesOf(view, inode, {
      options: this.options,
      cachedBytes: (item) => this.content.bytesOf(item),
    });
  }

  attributesReply(inode: Inode): AttributesReply {
    const attributes = this.attributes(this.namespace.view(inode), inode);
    inode.toldSize = attributes.size;
    return { attributes, validMs: this.lifetimes.attributesMs };
  }

  /** The entry of a look-up in `folder`; the kernel's look-up count grows by one. */
  entry(view: NamedView, folder: Inode): Entry {
    const inode = this.inodes.obtain(view.ino, view.kind, itemOf(view));
    inode.lookups += 1;
    this.#trim.lookedUpIn(folder.ino);
    const attributes = this.attributes(view, inode);
    inode.toldSize = attributes.size;
    const { lifetimes } = this;
    const entryValidMs = lifetimes.entriesMs;
    const attributesValidMs = lifetimes.attributesMsOf(entryValidMs);
    return { node: inode.node, attributes, entryValidMs, attributesValidMs };
  }

  refuseIfReadOnly(): void {
    if (this.options.readOnly) throw new FsError('EROFS');
  }

  addHandle(file: OpenFile, flags: OpenFlags): FileHandle {
    const handle = new FileHandle(this.nextHandle(), file, flags);
    file.add(handle);
    this.files.set(handle.id, handle);
    return handle;
  }

  fileHandle(id: Handle): FileHandle {
    const handle = this.files.get(id);
    if (handle === undefined) throw new FsError('EBADF');
    return handle;
  }

  closeHandle(handle: FileHandle): void {
    const { file } = handle;
    this.files.delete(handle.id);
    file.handles.delete(handle);
    if (!file.hasWriter) this.updates.commit(file);
    if (file.handles.size > 0) return;
    const { inode } = file;
    if (inode.open === file) inode.open = null;
    else inode.outdatedOpens -= 1;
    file.close();
    this.inodes.dropIfUnheld(inode);
  }

  /** An operation's failure as the application sees it; what nobody foresaw is a bug, told with its stack. */
  #failure(request: Request, error: unknown): FsError {
    if (error instanceof FsError) return error;
    const errno = errnoOf(error);
    if (errno !== null) {
      this.log.debug({ operation: request.operation, errno, error }, 'an operation failed');
      return new FsError(errno, String(error), { cause: error });
    }
    this.#metrics.add('bugs');
    this.log.error(
      { operation: request.operation, error },
      'an operation failed for a reason nobody foresaw',
    );
    return new FsError('EIO', String(error), { cause: error });
  }
}

type Operate = (fs: FileSystem, request: Request, context: RequestContext) => Reply | Promise<Reply>;

/** Before a bridge is attached there is nothing to tell. */
const noKernel: KernelPort = {
  canInvalidate: false,
  invalidateNode: () => undefined,
  invalidateAttributes: () => undefined,
  invalidateAttributesNow: () => undefined,
  invalidateEntry: () => undefined,
  notifyDelete: () => undefined,
  storeData: () => undefined,
  rebind: () => Promise.resolve(),
  seek: () => 'unknown',
};
