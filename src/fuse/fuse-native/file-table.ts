/**
 * The open files of a `fuse-native` mount: small numbers for the file system's handles, and the bytes of those with a
 * descriptor, which are read and written here as the addon does on the other bridge.
 */
import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import { type FileSystemPort, FsError, type Handle, type NodeId, type OpenReply } from '../../fs/index.js';
import { CALLER, type PathWalker } from './path-walker.js';

const readBytes = promisify(read);
const writeBytes = promisify(write);

interface OpenFile {
  readonly node: NodeId;
  readonly handle: Handle;
  descriptor: number | null;
  /** What is using the descriptor. */
  readonly underWay: Set<Promise<unknown>>;
}

export class FileTable {
  readonly #walker: PathWalker;
  readonly #fileSystem: FileSystemPort;
  readonly #files = new Map<number, OpenFile>();
  #next = 1;

  constructor(walker: PathWalker, fileSystem: FileSystemPort) {
    this.#walker = walker;
    this.#fileSystem = fileSystem;
  }

  get count(): number {
    return this.#files.size;
  }

  add(node: NodeId, { handle, backing }: OpenReply): number {
    const descriptor = backing.kind === 'descriptor' ? backing.descriptor : null;
    const number = this.#next++;
    this.#files.set(number, { node, handle, descriptor, underWay: new Set() });
    return number;
  }

  get(number: number): OpenFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new FsError('EBADF');
    return file;
  }

  async read(number: number, bytes: Buffer, offset: number): Promise<number> {
    const file = this.get(number);
    const { descriptor, node, handle } = file;
    if (descriptor !== null) {
      const { bytesRead } = await track(file, readBytes(descriptor, bytes, 0, bytes.length, offset));
      return bytesRead;
    }
    const request = { operation: 'read', caller: CALLER, node, handle, offset, size: bytes.length } as const;
    const got = await this.#walker.ask<Uint8Array>(request);
    bytes.set(got);
    return got.length;
  }

  async write(number: number, bytes: Buffer, offset: number): Promise<number> {
    const file = this.get(number);
    const { descriptor, node, handle } = file;
    if (descriptor !== null) {
      const { bytesWritten } = await track(file, writeBytes(descriptor, bytes, 0, bytes.length, offset));
      this.#fileSystem.wrote(handle, offset, bytesWritten);
      return bytesWritten;
    }
    const request = { operation: 'write', caller: CALLER, node, handle, offset, data: bytes } as const;
    return this.#walker.ask<number>({ ...request, killPrivileges: false });
  }

  async rebind(handle: Handle, descriptor: number | null): Promise<void> {
    for (const file of this.#files.values()) {
      if (file.handle !== handle) continue;
      const before = [...file.underWay];
      file.descriptor = descriptor;
      await Promise.allSettled(before);
    }
  }

  async release(number: number): Promise<void> {
    const file = this.get(number);
    this.#files.delete(number);
    await Promise.allSettled(file.underWay);
    await this.#walker.ask({ operation: 'release', caller: CALLER, node: file.node, handle: file.handle });
    this.#fileSystem.forget(file.node, 1);
  }

  async releaseAll(): Promise<void> {
    await Promise.allSettled([...this.#files.keys()].map((number) => this.release(number)));
  }
}

async function track<Result>(file: OpenFile, work: Promise<Result>): Promise<Result> {
  file.underWay.add(work);
  try {
    return await work;
  } finally {
    file.underWay.delete(work);
  }
}
