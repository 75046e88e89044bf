import { DriveError, type DriveItem, type DrivePath, type Version } from '../../src/drive/index.js';
import { type MemoryNode, MemoryServer } from './memory-server.js';

/** How bytes ceased to be in any file: replaced by newer ones, removed by themselves, or gone with what they were in the way of. */
export type Loss = 'overwritten' | 'removed' | 'with its folder' | 'moved over';

/** A server that remembers every content that is no longer in a file, and how it came to that. */
export class HistoryServer extends MemoryServer {
  readonly lost: { readonly how: Loss; readonly path: DrivePath; readonly text: string }[] = [];
  readonly #texts = new Map<Version, string>();
  #how: Loss = 'removed';

  /** What a version of a file was; empty for a folder. */
  textOf(version: Version): string {
    return this.#texts.get(version) ?? '';
  }

  override item(node: MemoryNode): DriveItem {
    const item = super.item(node);
    this.#texts.set(item.version, Buffer.from(node.content).toString('latin1'));
    return item;
  }

  override write(path: DrivePath, content: Uint8Array | string, modifiedMs?: number): MemoryNode {
    const before = this.find(path)?.content;
    const node = super.write(path, content, modifiedMs);
    if (before !== undefined) this.#keep('overwritten', path, before);
    return node;
  }

  /** What a folder's removal hits is gone with it: DELETE does not say what it is meant for. */
  override remove(path: DrivePath, meant: MemoryNode['kind'] = 'file'): void {
    const node = this.find(path);
    if (node === undefined) throw new DriveError('absent', `${path} is not there`);
    this.#keep(meant === 'file' ? this.#how : 'with its folder', path, node.content);
    this.#as(node.kind === 'file' ? this.#how : 'with its folder', () => super.remove(path));
  }

  override move(from: DrivePath, to: DrivePath): MemoryNode {
    return this.#as('moved over', () => super.move(from, to));
  }

  #keep(how: Loss, path: DrivePath, content: Uint8Array): void {
    if (content.length > 0) this.lost.push({ how, path, text: Buffer.from(content).toString('latin1') });
  }

  #as<Result>(how: Loss, act: () => Result): Result {
    const before = this.#how;
    this.#how = how;
    try {
      return act();
    } finally {
      this.#how = before;
    }
  }
}
