/** Random operations on files, reproducible by a seed: done to a folder, whichever it is, in the same way each time. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export type SoakOperation =
  | { readonly kind: 'save'; readonly path: string; readonly size: number; readonly fill: number }
  | {
      readonly kind: 'patch';
      readonly path: string;
      readonly offset: number;
      readonly size: number;
      readonly fill: number;
    }
  | { readonly kind: 'append'; readonly path: string; readonly size: number; readonly fill: number }
  | { readonly kind: 'resize'; readonly path: string; readonly size: number }
  | { readonly kind: 'peek'; readonly path: string; readonly offset: number; readonly size: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink' | 'mkdir' | 'rmdir' | 'sync'; readonly path: string };

const NAMES = ['a', 'b', 'c', 'd.txt', 'e (1).bin', 'ünï.dat'];
const DEEPEST = 3;
const LARGEST = 300_000;
const KINDS = [
  ...([
    'save',
    'save',
    'save',
    'patch',
    'patch',
    'append',
    'append',
    'resize',
    'peek',
    'peek',
    'peek',
  ] as const),
  ...(['rename', 'rename', 'unlink', 'mkdir', 'mkdir', 'rmdir', 'chmod', 'symlink', 'sync'] as const),
];

export class SoakOperations {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): SoakOperation {
    const kind = KINDS[this.below(KINDS.length)]!;
    const path = this.#path();
    const [offset, size, fill] = [this.below(LARGEST), this.below(LARGEST), this.below(256)];
    switch (kind) {
      case 'save':
        return { kind, path, size: this.below(4) === 0 ? size : size % 20_000, fill };
      case 'patch':
        return { kind, path, offset: offset % 50_000, size: 1 + (size % 9_000), fill };
      case 'append':
        return { kind, path, size: 1 + (size % 5_000), fill };
      case 'resize':
        return { kind, path, size: size % 60_000 };
      case 'peek':
        return { kind, path, offset: offset % 60_000, size: 1 + (size % 70_000) };
      case 'rename':
      case 'symlink':
        return { kind, path, to: this.#path() };
      case 'chmod':
        return { kind, path, mode: [0o600, 0o640, 0o644, 0o755][this.below(4)]! };
      default:
        return { kind, path };
    }
  }

  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * end);
  }

  #path(): string {
    const depth = 1 + this.below(DEEPEST);
    return Array.from({ length: depth }, () => NAMES[this.below(NAMES.length)]!).join('/');
  }
}

/** What an application sees of it: its result as text. Throws the system's error. */
export function perform(root: string, operation: SoakOperation): string {
  const path = join(root, operation.path);
  switch (operation.kind) {
    case 'save':
      return withFile(path, 'w', (file) => write(file, operation.fill, operation.size, 0));
    case 'patch':
      return withFile(path, 'r+', (file) => write(file, operation.fill, operation.size, operation.offset));
    case 'append':
      return withFile(path, 'a', (file) => write(file, operation.fill, operation.size, null));
    case 'resize':
      return withFile(path, 'r+', (file) => ftruncateSync(file, operation.size));
    case 'sync':
      return withFile(path, 'r+', (file) => fsyncSync(file));
    case 'peek':
      return peek(path, operation.offset, operation.size);
    default:
      change(root, path, operation);
      return 'done';
  }
}

type NameChange = Extract<
  SoakOperation,
  { kind: 'rename' | 'chmod' | 'symlink' | 'unlink' | 'mkdir' | 'rmdir' | 'sync' }
>;

function change(root: string, path: string, operation: NameChange): void {
  switch (operation.kind) {
    case 'rename':
      renameSync(path, join(root, operation.to));
      break;
    case 'chmod':
      chmodSync(path, operation.mode);
      break;
    case 'symlink':
      symlinkSync(operation.to, path);
      break;
    case 'unlink':
      unlinkSync(path);
      break;
    case 'mkdir':
      mkdirSync(path, 0o755);
      break;
    case 'rmdir':
      rmdirSync(path);
      break;
  }
}

function withFile(path: string, flags: string, work: (file: number) => void): string {
  const file = openSync(path, flags, 0o644);
  try {
    work(file);
  } finally {
    closeSync(file);
  }
  return 'done';
}

function write(file: number, fill: number, size: number, offset: number | null): void {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (fill + at * 7 + (at >> 8)) & 255;
  let done = 0;
  while (done < size)
    done += writeSync(file, bytes, done, size - done, offset === null ? null : offset + done);
}

function peek(path: string, offset: number, size: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    let done = 0;
    for (let count = -1; count !== 0 && done < size; done += count)
      count = readSync(file, bytes, done, size - done, offset + done);
    return bytes.subarray(0, done).toString('latin1');
  } finally {
    closeSync(file);
  }
}
