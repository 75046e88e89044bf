import type { OpenFile } from './open-file.js';
import type { Backing, Handle, OpenFlags } from './request.js';

/** One open(2) of a file. */
export class FileHandle {
  readonly id: Handle;
  readonly file: OpenFile;
  readonly flags: OpenFlags;
  /** The descriptor that the bridge serves READ and WRITE of this handle from; null: they come to us. */
  boundTo: number | null = null;

  constructor(id: Handle, file: OpenFile, flags: OpenFlags) {
    this.id = id;
    this.file = file;
    this.flags = flags;
  }

  /** What the bridge is to bind it to just now. */
  get backing(): Backing {
    return this.boundTo === null ? { kind: 'served' } : { kind: 'descriptor', descriptor: this.boundTo };
  }

  get isWriter(): boolean {
    return this.flags.access !== 'read';
  }
}
