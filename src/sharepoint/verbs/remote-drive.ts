/** The verbs, as one `Drive`. */
import type {
  ContentStream,
  CopyOptions,
  Crowd,
  DriveCapabilities,
  DriveItem,
  DrivePath,
  FoundMovedOptions,
  ListingPage,
  MakeDirectoryOptions,
  ModifiedOptions,
  MoveOptions,
  Payload,
  Quota,
  ReadOptions,
  RemoveOptions,
  RequestOptions,
  TreeSource,
  UploadOptions,
  UploadSession,
  Version,
} from '../../drive/index.js';
import { DriveError } from '../../drive/index.js';
import type { NetworkState } from '../http/network-state.js';
import type { Transport } from '../http/transport.js';
import { revisionsBetween } from '../wire/etag.js';
import { copy } from './copy.js';
import { list } from './list.js';
import { makeDirectory } from './make-directory.js';
import { ModifiedBatcher } from './modified-batcher.js';
import { foundMoved, move } from './move.js';
import type { OpenDrive } from './open-drive.js';
import { quota } from './quota.js';
import { read } from './read.js';
import type { Remote } from './remote.js';
import { remove } from './remove.js';
import { RestTreeSource } from './rest-tree-source.js';
import { stat } from './stat.js';
import { upload } from './upload.js';
import { abandonChunks } from './upload-in-chunks.js';

export interface Surroundings {
  readonly network: NetworkState;
  readonly crowd: Crowd;
  readonly isPuttingOff: () => boolean;
  readonly transport: Transport;
  /** The same without the sign-in: for what brings a token of its own. */
  readonly unsigned: Transport;
  readonly webUrl: URL;
  readonly close: () => Promise<void>;
}

export class RemoteDrive implements OpenDrive {
  readonly tree: TreeSource | null;
  readonly #remote: Remote;
  readonly #surroundings: Surroundings;
  readonly #modified: ModifiedBatcher | null;

  constructor(remote: Remote, surroundings: Surroundings) {
    this.#remote = remote;
    this.#surroundings = surroundings;
    const { rest } = remote;
    this.#modified = rest === null ? null : new ModifiedBatcher(remote, rest);
    this.tree = rest === null ? null : new RestTreeSource(remote, rest);
  }

  get capabilities(): DriveCapabilities {
    const { dialect, locations } = this.#remote;
    return {
      ...dialect.capabilities,
      setsModified: this.#modified?.works ?? false,
      longestPath: dialect.longestPath,
      pathPrefixLength: locations.basePath.length,
    };
  }

  get network(): NetworkState {
    return this.#surroundings.network;
  }

  get crowd(): Crowd {
    return this.#surroundings.crowd;
  }

  get isPuttingOff(): boolean {
    return this.#surroundings.isPuttingOff();
  }

  get transport(): Transport {
    return this.#surroundings.transport;
  }

  get webUrl(): URL {
    return this.#surroundings.webUrl;
  }

  get libraryUrl(): URL {
    return this.#remote.locations.baseUrl;
  }

  pageOf(path: DrivePath): string {
    return this.#remote.locations.fileUrl(path).href;
  }

  close(): Promise<void> {
    return this.#surroundings.close();
  }

  stat(path: DrivePath, options: RequestOptions): Promise<DriveItem> {
    return stat(this.#remote, path, options);
  }

  list(path: DrivePath, options: RequestOptions): AsyncIterable<ListingPage> {
    return list(this.#remote, path, options);
  }

  read(path: DrivePath, options: ReadOptions): Promise<ContentStream> {
    return read(this.#remote, path, options);
  }

  async upload(path: DrivePath, payload: Payload, options: UploadOptions): Promise<DriveItem> {
    return this.#wrote(path, await upload(this.#remote, path, payload, options));
  }

  abandon(session: UploadSession, options: RequestOptions): Promise<void> {
    return abandonChunks(this.#remote, session, options);
  }

  async makeDirectory(path: DrivePath, options: MakeDirectoryOptions): Promise<DriveItem> {
    return this.#wrote(path, await makeDirectory(this.#remote, path, options));
  }

  async move(from: DrivePath, to: DrivePath, options: MoveOptions): Promise<DriveItem> {
    const item = await move(this.#remote, from, to, options);
    this.#remote.recent.removed(from);
    return this.#wrote(to, item);
  }

  async foundMoved(from: DrivePath, to: DrivePath, options: FoundMovedOptions): Promise<DriveItem | null> {
    const item = await foundMoved(this.#remote, { from, to }, options);
    return item === null ? null : this.#wrote(to, item);
  }

  async copy(from: DrivePath, to: DrivePath, options: CopyOptions): Promise<DriveItem> {
    return this.#wrote(to, await copy(this.#remote, from, to, options));
  }

  async remove(path: DrivePath, options: RemoveOptions): Promise<boolean> {
    const wasThere = await remove(this.#remote, path, options);
    this.#remote.recent.removed(path);
    return wasThere;
  }

  async setModified(path: DrivePath, modifiedMs: number, options: ModifiedOptions): Promise<DriveItem> {
    if (this.#modified === null)
      throw new DriveError('denied', `${path}: this server keeps no times of ours`);
    return this.#wrote(path, await this.#modified.set(path, modifiedMs, options));
  }

  quota(options: RequestOptions): Promise<Quota> {
    return quota(this.#remote, this.#surroundings.unsigned, options);
  }

  changesBetween(before: Version, after: Version): number | null {
    return revisionsBetween(before, after);
  }

  #wrote(path: DrivePath, item: DriveItem): DriveItem {
    return this.#remote.recent.wrote(path, item);
  }
}
